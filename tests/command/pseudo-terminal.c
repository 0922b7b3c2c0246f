/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "pseudo-terminal.h"
#include "run.h"

static PseudoTerminal *start(unsigned columns, const char *const *variables, char **words) {
        struct winsize size = { .ws_row = 24, .ws_col = (unsigned short) columns };
        PseudoTerminal *terminal = g_new0(PseudoTerminal, 1);
        g_auto(GStrv) environment = run_environment(variables);
        pid_t parent = getpid();

        terminal->text = g_string_new(NULL);
        terminal->pid = forkpty(&terminal->fd, NULL, NULL, &size);
        g_assert_cmpint(terminal->pid, >=, 0);
        if (terminal->pid == 0) {
                child_bind(parent);
                (void) execvpe(words[0], words, environment);
                _exit(EXIT_FAILURE);
        }

        return terminal;
}

PseudoTerminal *pseudo_terminal_start(unsigned columns,
                                      const char *const *variables,
                                      const char *const *arguments) {
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        g_auto(GStrv) words = NULL;

        g_strv_builder_add(builder, g_getenv("MYMEM_COMMAND"));
        g_strv_builder_addv(builder, (const char **) arguments);
        words = g_strv_builder_end(builder);
        return start(columns, variables, words);
}

PseudoTerminal *pseudo_terminal_start_bash(unsigned columns,
                                           const char *const *variables,
                                           const char *script) {
        g_autofree char *full = g_strconcat("set -m; M=$MYMEM_COMMAND; ", script, NULL);

        return start(columns, variables, (char *[]) { (char *) "bash", (char *) "-c", full, NULL });
}

void pseudo_terminal_type(PseudoTerminal *terminal, const char *text) {
        g_assert_cmpint(write(terminal->fd, text, strlen(text)), ==, (ssize_t) strlen(text));
}

/* Reads what there is; FALSE at the end, or if nothing comes. */
static gboolean read_some(PseudoTerminal *terminal) {
        struct pollfd entry = { .fd = terminal->fd, .events = POLLIN };
        char buffer[4096];
        ssize_t n;

        if (poll(&entry, 1, CHILD_PATIENCE_SEC * 1000) != 1)
                return FALSE;
        /* When nobody has it open any more, there is an error to be read. */
        n = read(terminal->fd, buffer, sizeof(buffer));
        if (n <= 0)
                return FALSE;

        /* The terminal makes "\r\n" of "\n". */
        for (ssize_t i = 0; i < n; i++)
                if (buffer[i] != '\r')
                        g_string_append_c(terminal->text, buffer[i]);
        return TRUE;
}

gboolean pseudo_terminal_saw(PseudoTerminal *terminal, const char *part, guint n) {
        for (;;) {
                const char *found = terminal->text->str;
                guint seen = 0;

                while ((found = strstr(found, part))) {
                        found += strlen(part);
                        seen++;
                }
                if (seen >= n)
                        return TRUE;
                if (!read_some(terminal))
                        return FALSE;
        }
}

int pseudo_terminal_wait(PseudoTerminal *terminal) {
        int status;

        while (read_some(terminal))
                ;
        status = child_wait(terminal->pid, CHILD_PATIENCE_SEC);
        terminal->pid = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void pseudo_terminal_free(PseudoTerminal *terminal) {
        if (!terminal)
                return;

        if (terminal->pid > 0)
                child_kill(terminal->pid);
        close(terminal->fd);
        g_string_free(terminal->text, TRUE);
        g_free(terminal);
}
