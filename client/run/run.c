/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "cleanup.h"
#include "display.h"
#include "exit-code.h"
#include "holder.h"
#include "outcome.h"
#include "report.h"
#include "run-options.h"
#include "setting.h"
#include "signals.h"
#include "terminal.h"
#include "watching.h"

/* The verb `run`: runs a command, and says how much memory it took. */

/* As env(1) and timeout(1) have them. */
enum {
        EXIT_CODE_RUN_FAILED = 125,
        EXIT_CODE_NOT_EXECUTABLE = 126,
        EXIT_CODE_NOT_FOUND = 127,
};

typedef struct Run {
        const RunOptions *options;
        Outputs outputs;
        int signal_fd;
        sigset_t mask; /* as it was before */
        Holder holder;
        Command command;
        Place place;
        Watching watching;
        Snapshot *before;
        char *no_figures; /* why there are none, or NULL */
} Run;

static int fail(const char *what, int r) {
        g_printerr("mymem: %s: %s\n", what, g_strerror(-r));
        return EXIT_CODE_RUN_FAILED;
}

static int prepare_processes(Run *run) {
        int r;

        run->signal_fd = signals_take(&run->mask);
        if (run->signal_fd < 0)
                return fail("Cannot take signals", run->signal_fd);
        r = holder_start(&run->holder);
        if (r >= 0)
                r = command_fork(run->options->arguments, &run->mask, &run->command);
        if (r < 0)
                return fail("Cannot fork", r);

        return EXIT_CODE_OK;
}

static int prepare_place(Run *run) {
        g_autofree char *line = outcome_command_line(run->options->arguments),
                        *description = g_strconcat("mymem run ", line, NULL), *message = NULL;
        PlaceRequest request = {
                .unit = run->options->unit,
                .description = description,
                .user = run->options->user,
                .settings = run->options->settings,
        };

        if (place_find(&request, run->holder.pid, run->command.pid, &run->place, &message) >= 0)
                return EXIT_CODE_OK;

        g_printerr("mymem: %s\n", message);
        return EXIT_CODE_RUN_FAILED;
}

/* Without figures the command is run all the same, and the report says why there are none. */
static void prepare_watching(Run *run) {
        run->watching = (Watching) {
                .options = run->options,
                .outputs = &run->outputs,
                .command = &run->command,
                .series = series_new(),
        };
        if (!run->place.control_group) {
                run->no_figures = g_strdup("It is not known in which control group this is.");
                return;
        }
        if (sampler_new(run->place.control_group, &run->watching.sampler, &run->no_figures) >= 0)
                (void) sampler_look(run->watching.sampler, &run->before);
}

/* Starts the command and watches it. */
static int execute(Run *run) {
        int r;

        run->watching.start_usec = machine_now_usec();
        r = command_start(&run->command);
        if (r < 0) {
                g_printerr("mymem: %s: %s\n", run->options->arguments[0], g_strerror(-r));
                return r == -ENOENT ? EXIT_CODE_NOT_FOUND : EXIT_CODE_NOT_EXECUTABLE;
        }

        outputs_begin(&run->outputs);
        watching_run(&run->watching, run->signal_fd);
        return EXIT_CODE_OK;
}

static char *shown_control_group(const Run *run) {
        char *shown =
                run->watching.sampler ? display_text(sampler_control_group(run->watching.sampler)) : NULL;
        char *copy = g_strdup(shown);

        free(shown);
        return copy;
}

static void tell(const Run *run) {
        const RunOptions *options = run->options;
        g_autofree char *control_group = shown_control_group(run), *text = NULL;
        Outcome outcome = {
                .arguments = options->arguments,
                .command = &run->command,
                .place = &run->place,
                .control_group = control_group,
                .no_figures = run->no_figures,
                .is_shared = run->place.kind == PLACE_SHARED || !run->watching.sampler ||
                        !g_str_equal(run->place.control_group, sampler_control_group(run->watching.sampler)),
                .series = run->watching.series,
                .before = run->before,
                .after = run->watching.last ? run->watching.last : run->before,
                .is_final = run->watching.is_final,
                .interval_usec = options->interval_usec,
                .duration_usec = run->watching.duration_usec,
        };

        if (run->outputs.plot && plot_write(&outcome, options->plot_format, run->outputs.plot) < 0)
                g_printerr("mymem: Cannot draw %s.\n", options->plot);
        text = options->json != JSON_OFF ?
                report_json(&outcome, options->json) :
                report_text(&outcome, options->bytes, terminal_line_width_of(fileno(run->outputs.report)));
        fputs(text, run->outputs.report);
}

static void clean_up(Run *run) {
        command_cancel(&run->command);
        holder_release(&run->holder);
        place_leave(&run->place);
        sampler_free(run->watching.sampler);
        series_free(run->watching.series);
        snapshot_free(run->watching.last);
        snapshot_free(run->before);
        free(run->no_figures);
        closep(&run->signal_fd);
}

static int run_command(const RunOptions *options) {
        Run run = { .options = options, .signal_fd = -1, .place = { .group = OWN_GROUP_NONE } };
        int exit_code;

        if (!outputs_open(options, &run.outputs))
                return EXIT_CODE_RUN_FAILED;

        exit_code = prepare_processes(&run);
        if (exit_code == EXIT_CODE_OK)
                exit_code = prepare_place(&run);
        if (exit_code == EXIT_CODE_OK) {
                prepare_watching(&run);
                exit_code = execute(&run);
        }
        if (exit_code == EXIT_CODE_OK) {
                tell(&run);
                exit_code = command_exit_code(&run.command);
        }
        clean_up(&run);
        if (!outputs_close(options, &run.outputs) && exit_code == EXIT_CODE_OK)
                exit_code = EXIT_CODE_RUN_FAILED;
        return exit_code;
}

int main(int argc, char **argv) {
        RunOptions options;
        int exit_code;

        setlocale(LC_ALL, "");
        if (argc > 0)
                argv[0] = (char *) "mymem"; /* whose option it is that getopt complains of */
        if (!run_options_parse(argc, argv, &options))
                return EXIT_CODE_USAGE;

        if (options.help) {
                fputs(run_options_help, stdout);
                exit_code = fflush(stdout) < 0 ? EXIT_CODE_FAILURE : EXIT_CODE_OK;
        } else
                exit_code = run_command(&options);
        run_options_done(&options);
        return exit_code;
}
