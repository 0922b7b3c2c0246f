/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "outputs.h"
#include "size.h"
#include "time-text.h"

static gboolean open_one(const char *name, FILE **ret) {
        if (!name)
                return TRUE;

        *ret = fopen(name, "we");
        if (!*ret)
                g_printerr("mymem: Cannot write %s: %s\n", name, g_strerror(errno));
        return *ret != NULL;
}

static gboolean close_one(const char *name, FILE *file) {
        gboolean is_well;

        if (!file || file == stderr)
                return TRUE;

        is_well = !ferror(file);
        if (fclose(file) == 0 && is_well)
                return TRUE;

        g_printerr("mymem: Cannot write %s: %s\n", name, g_strerror(errno));
        return FALSE;
}

gboolean outputs_open(const RunOptions *options, Outputs *ret) {
        Outputs outputs = { .report = stderr };

        if (!open_one(options->output, &outputs.report) || !open_one(options->csv, &outputs.csv) ||
            !open_one(options->plot, &outputs.plot)) {
                (void) outputs_close(options, &outputs);
                return FALSE;
        }

        if (outputs.csv)
                fputs("seconds,usage,working_set,limit,high_limit,oom_kills\n", outputs.csv);
        *ret = outputs;
        return TRUE;
}

/* What is unlimited or not known is no number. */
static void add_number(FILE *file, guint64 value) {
        if (value == SIZE_UNKNOWN)
                fputc(',', file);
        else
                fprintf(file, ",%" G_GUINT64_FORMAT, value);
}

void outputs_add_sample(const Outputs *outputs, const Sample *sample) {
        g_autofree char *seconds = NULL;

        if (!outputs->csv)
                return;

        seconds = time_text_seconds(sample->at_usec);
        fputs(seconds, outputs->csv);
        add_number(outputs->csv, sample->usage);
        add_number(outputs->csv, sample->working_set);
        add_number(outputs->csv, sample->limit);
        add_number(outputs->csv, sample->high_limit);
        add_number(outputs->csv, sample->oom_kills);
        fputc('\n', outputs->csv);
}

gboolean outputs_close(const RunOptions *options, Outputs *outputs) {
        gboolean report = close_one(options->output, outputs->report);
        gboolean csv = close_one(options->csv, outputs->csv);
        gboolean plot = close_one(options->plot, outputs->plot);

        return report && csv && plot;
}
