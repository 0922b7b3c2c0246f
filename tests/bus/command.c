/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "command.h"

#include <glib.h>
#include <sys/wait.h>

int command_run(const char *const *arguments, char **ret_output, char **ret_complaint) {
        static const char *const bound[] = { "timeout", "--kill-after=5", "20" };
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) all = NULL;
        int status;

        for (size_t i = 0; i < G_N_ELEMENTS(bound); i++)
                g_strv_builder_add(builder, bound[i]);
        g_strv_builder_addv(builder, (const char **) arguments);
        all = g_strv_builder_end(builder);

        (void) g_spawn_sync(NULL,
                            all,
                            NULL,
                            G_SPAWN_SEARCH_PATH | (ret_output ? 0 : G_SPAWN_STDOUT_TO_DEV_NULL) |
                                    (ret_complaint ? 0 : G_SPAWN_STDERR_TO_DEV_NULL),
                            NULL,
                            NULL,
                            ret_output,
                            ret_complaint,
                            &status,
                            &error);
        g_assert_no_error(error);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

char *command_output(const char *const *arguments) {
        g_autofree char *complaint = NULL;
        char *output = NULL;
        int status;

        status = command_run(arguments, &output, &complaint);
        g_assert_cmpstr(complaint, ==, "");
        g_assert_cmpint(status, ==, 0);
        return output;
}
