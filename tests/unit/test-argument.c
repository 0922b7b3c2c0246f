/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "argument.h"
#include "check.h"

static void test_parse(void) {
        static const struct {
                const char *argument; /* NULL: nothing was said */
                TargetKind kind;
                uint32_t pid;
                const char *name;
                bool is_impossible;
        } cases[] = {
                { NULL, TARGET_SELF, 0, NULL },
                { "1", TARGET_PROCESS, 1, NULL },
                { "0", TARGET_PROCESS, 0, NULL },
                { "007", TARGET_PROCESS, 7, NULL },
                { "4194304", TARGET_PROCESS, 4194304, NULL },
                { "4294967295", TARGET_PROCESS, UINT32_MAX, NULL },
                /* What no PID can be is read as one that no process has, never as the PID of its lower half.
                 */
                { "4294967296", TARGET_PROCESS, UINT32_MAX, NULL, true },
                { "4294967297", TARGET_PROCESS, UINT32_MAX, NULL, true },
                { "18446744073709551615", TARGET_PROCESS, UINT32_MAX, NULL, true },
                { "18446744073709551616", TARGET_PROCESS, UINT32_MAX, NULL, true },
                { "18446744073709551617", TARGET_PROCESS, UINT32_MAX, NULL, true },
                { "99999999999999999999999999999999", TARGET_PROCESS, UINT32_MAX, NULL, true },
                { "/", TARGET_CONTROL_GROUP, 0, "/" },
                { "/system.slice/web.service", TARGET_CONTROL_GROUP, 0, "/system.slice/web.service" },
                { "/1", TARGET_CONTROL_GROUP, 0, "/1" },
                { "/..", TARGET_CONTROL_GROUP, 0, "/.." },
                { "web.service", TARGET_UNIT, 0, "web.service" },
                { "user-1000.slice", TARGET_UNIT, 0, "user-1000.slice" },
                { "web", TARGET_UNIT, 0, "web.service" },
                { "user@1000", TARGET_UNIT, 0, "user@1000.service" },
                { "web.conf", TARGET_UNIT, 0, "web.conf.service" },
                { "1a", TARGET_UNIT, 0, "1a.service" },
                { "-1", TARGET_UNIT, 0, "-1.service" },
                { "+1", TARGET_UNIT, 0, "+1.service" },
                { "1.0", TARGET_UNIT, 0, "1.0.service" },
                { " 1", TARGET_UNIT, 0, " 1.service" },
                { "1 ", TARGET_UNIT, 0, "1 .service" },
                { "0x10", TARGET_UNIT, 0, "0x10.service" },
                { "a/b", TARGET_UNIT, 0, "a/b.service" },
                { "", TARGET_UNIT, 0, ".service" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *text = cases[i].argument;
                Argument argument = argument_parse(text, FALSE);
                TargetKind user = cases[i].kind == TARGET_UNIT ? TARGET_USER_UNIT : cases[i].kind;

                check_number(text, argument.target.kind, cases[i].kind);
                check_text(text, argument.target.name, cases[i].name);
                if (cases[i].kind == TARGET_PROCESS)
                        check_size(text, argument.target.pid, cases[i].pid);
                check_true(text, argument.is_impossible == cases[i].is_impossible);
                argument_done(&argument);
                check_text(text, argument.target.name, NULL);
                argument_done(&argument);

                argument = argument_parse(text, TRUE);
                check_number(text, argument.target.kind, user);
                check_text(text, argument.target.name, cases[i].name);
                argument_done(&argument);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/argument/parse", test_parse);
        return g_test_run();
}
