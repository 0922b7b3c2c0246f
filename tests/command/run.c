/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/wait.h>

#include "run.h"

static const char *const plain[] = {
        "COLUMNS",
        "LINES",
        "NO_COLOR",
        "SYSTEMD_COLORS",
        "LANG",
        "LC_ALL=C.UTF-8",
        "TERM=xterm",
        "MYMEM_SOCKET=",
        "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent/bus",
        NULL,
};

static char **set_all(char **environment, const char *const *variables) {
        for (; variables && *variables; variables++) {
                g_auto(GStrv) parts = g_strsplit(*variables, "=", 2);

                environment = parts[1] ? g_environ_setenv(environment, parts[0], parts[1], TRUE) :
                                         g_environ_unsetenv(environment, parts[0]);
        }
        return environment;
}

char **run_environment(const char *const *variables) {
        return set_all(set_all(g_get_environ(), plain), variables);
}

/* Runs the words, in a time that is bounded: else it ends with SIGKILL. */
static Run *run_program(const char *const *variables, const char *const *words) {
        static const char *const bound[] = { "timeout", "--signal=KILL", "60", NULL };
        g_auto(GStrv) environment = run_environment(variables);
        g_autofree char *before = variables ? g_strjoinv(" ", (char **) variables) : g_strdup("");
        g_autofree char *after = g_strjoinv(" ", (char **) words + 1);
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        g_auto(GStrv) all = NULL;
        g_autoptr(GError) error = NULL;
        Run *run = g_new0(Run, 1);
        int status;

        run->line = g_strdup_printf("%s mymem %s", before, after);
        g_strv_builder_addv(builder, (const char **) bound);
        g_strv_builder_addv(builder, (const char **) words);
        all = g_strv_builder_end(builder);
        (void) g_spawn_sync(NULL,
                            all,
                            environment,
                            G_SPAWN_SEARCH_PATH,
                            NULL,
                            NULL,
                            &run->out,
                            &run->err,
                            &status,
                            &error);
        g_assert_no_error(error);
        run->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return run;
}

Run *run_mymem(const char *const *variables, const char *const *arguments) {
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        g_auto(GStrv) all = NULL;

        g_assert_nonnull(g_getenv("MYMEM_COMMAND"));
        g_strv_builder_add(builder, g_getenv("MYMEM_COMMAND"));
        g_strv_builder_addv(builder, (const char **) arguments);
        all = g_strv_builder_end(builder);

        return run_program(variables, (const char *const *) all);
}

Run *run_bash(const char *const *variables, const char *script) {
        g_autofree char *full = g_strconcat("M=$MYMEM_COMMAND; ", script, NULL);

        return run_program(variables, WORDS("bash", "-c", full));
}

void run_free(Run *run) {
        if (!run)
                return;

        g_free(run->line);
        g_free(run->out);
        g_free(run->err);
        g_free(run);
}

static gboolean fail(const Run *run, const char *what, const char *wanted) {
        g_test_message("%s: %s: wanted\n%s\nbut it ended with %d and said\n%s%s",
                       run->line,
                       what,
                       wanted,
                       run->exit_code,
                       run->out,
                       run->err);
        g_test_fail();
        return FALSE;
}

gboolean run_check_exit(const Run *run, int exit_code) {
        g_autofree char *wanted = g_strdup_printf("%d", exit_code);

        return run->exit_code == exit_code || fail(run, "exit code", wanted);
}

gboolean run_check_out(const Run *run, const char *wanted) {
        return g_str_equal(run->out, wanted) || fail(run, "output", wanted);
}

gboolean run_check_complaint(const Run *run, int exit_code, const char *word) {
        const char *newline = strchr(run->err, '\n');

        if (!run_check_exit(run, exit_code))
                return FALSE;
        if (!g_str_has_prefix(run->err, "mymem: ") || !newline || newline[1] != '\0')
                return fail(run, "stderr", "one line of mymem's");
        if (!strstr(run->err, word))
                return fail(run, "stderr", word);
        return run_check_out(run, "");
}

gboolean run_check_well(const Run *run) {
        return run_check_exit(run, 0) && (*run->err == '\0' || fail(run, "stderr", "nothing"));
}
