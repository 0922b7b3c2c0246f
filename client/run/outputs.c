/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "outputs.h"
#include "size.h"
#include "time-text.h"

/* What is there stays until the command runs: fopen() would empty it now. */
static gboolean open_one(const char *name, FILE **ret) {
        int fd;

        if (!name)
                return TRUE;

        fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
        *ret = fd < 0 ? NULL : fdopen(fd, "w");
        if (!*ret)
                g_printerr("mymem: Cannot write %s: %s\n", name, g_strerror(errno));
        if (!*ret && fd >= 0)
                close(fd);
        return *ret != NULL;
}

/* Devices and pipes have nothing to be cut. */
static void empty(FILE *file) {
        if (file && file != stderr && ftruncate(fileno(file), 0) < 0)
                return;
}

static gboolean close_one(const char *name, FILE *file) {
        int error;

        if (!file || file == stderr)
                return TRUE;

        /* What an earlier write failed with is not in errno any more. */
        error = ferror(file) ? EIO : 0;
        if (fclose(file) != 0)
                error = errno;
        if (error != 0)
                g_printerr("mymem: Cannot write %s: %s\n", name, g_strerror(error));
        return error == 0;
}

gboolean outputs_open(const RunOptions *options, Outputs *ret) {
        Outputs outputs = { .report = stderr };

        if (!open_one(options->output, &outputs.report) || !open_one(options->csv, &outputs.csv) ||
            !open_one(options->plot, &outputs.plot)) {
                (void) outputs_close(options, &outputs);
                return FALSE;
        }

        *ret = outputs;
        return TRUE;
}

void outputs_begin(const Outputs *outputs) {
        empty(outputs->report);
        empty(outputs->csv);
        empty(outputs->plot);
        if (outputs->csv)
                fputs("seconds,usage,working_set,limit,high_limit,oom_kills\n", outputs->csv);
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
