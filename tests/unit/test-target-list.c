/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "exit-code.h"
#include "target-list.h"
#include "web.h"

/* Each word is "KIND:NAME" or "KIND:PID". */
static char *describe(const TargetList *list) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (guint i = 0; i < list->arguments->len; i++) {
                const Argument *argument = g_ptr_array_index(list->arguments, i);

                if (i > 0)
                        g_string_append_c(text, ' ');
                if (argument->target.kind == TARGET_PROCESS)
                        g_string_append_printf(text, "process:%u", argument->target.pid);
                else
                        g_string_append_printf(text,
                                               "%s:%s",
                                               argument->target.kind == TARGET_SELF              ? "self" :
                                                       argument->target.kind == TARGET_UNIT      ? "unit" :
                                                       argument->target.kind == TARGET_USER_UNIT ? "user" :
                                                                                                   "group",
                                               argument->target.name ? argument->target.name : "");
        }
        return g_strdup(text->str);
}

static void test_make(void) {
        static const struct {
                const char *words[4];
                const char *targets;
                gboolean is_many;
                int exit_code;
        } cases[] = {
                { { "web" }, "unit:web.service", FALSE, 0 },
                { { "42" }, "process:42", FALSE, 0 },
                { { "/a*" }, "group:/a*", FALSE, 0 },
                { { "42", "web", "/a" }, "process:42 unit:web.service group:/a", TRUE, 0 },
                { { "web", "web" }, "unit:web.service unit:web.service", TRUE, 0 },
                { { "w*" }, "unit:web.service", TRUE, 0 },
                { { "*.slice", "1" }, "unit:free.slice unit:sys.slice process:1", TRUE, 0 },
                { { "x*" }, "", TRUE, EXIT_CODE_NO_SUCH_UNIT },
                { { "x*", "web" }, "unit:web.service", TRUE, EXIT_CODE_NO_SUCH_UNIT },
                { { "nothing" }, "unit:nothing.service", FALSE, 0 }, /* who asks will be told */
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Options options = { .sysroot = capture->directory };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *targets = NULL;
                TargetList list;

                check_number(cases[i].targets,
                             target_list_make(&options, (char **) cases[i].words, &list),
                             EXIT_CODE_OK);
                targets = describe(&list);
                check_text(cases[i].words[0], targets, cases[i].targets);
                check_number(cases[i].words[0], list.is_many, cases[i].is_many);
                check_number(cases[i].words[0], list.exit_code, cases[i].exit_code);
                target_list_done(&list);
        }
}

/* Nothing is oneself, but not elsewhere. */
static void test_self(void) {
        Options here = { 0 }, captured = { .sysroot = "/" }, host = { .host = "a" },
                machine = { .machine = "a" };
        char *nothing[] = { NULL };
        g_autofree char *targets = NULL;
        TargetList list;

        check_number("here", target_list_make(&here, NULL, &list), EXIT_CODE_OK);
        targets = describe(&list);
        check_text("here", targets, "self:");
        check_true("here", !list.is_many);
        target_list_done(&list);

        check_number("captured", target_list_make(&captured, nothing, &list), EXIT_CODE_USAGE);
        check_number("host", target_list_make(&host, nothing, &list), EXIT_CODE_USAGE);
        check_number("machine", target_list_make(&machine, NULL, &list), EXIT_CODE_USAGE);
}

static void test_make_one(void) {
        static const struct {
                const char *words[3];
                int exit_code;
        } cases[] = {
                { { "web" }, EXIT_CODE_OK },
                { { "w*" }, EXIT_CODE_OK },
                { { "1" }, EXIT_CODE_OK },
                { { "web", "1" }, EXIT_CODE_USAGE },
                { { "*" }, EXIT_CODE_USAGE },
                { { "x*" }, EXIT_CODE_NO_SUCH_UNIT },
                { { "4294967296" }, EXIT_CODE_GONE },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Options options = { .sysroot = capture->directory };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const Argument *argument = NULL;
                TargetList list = { 0 };

                check_number(cases[i].words[0],
                             target_list_make_one(&options, (char **) cases[i].words, &list, &argument),
                             cases[i].exit_code);
                check_true(cases[i].words[0], (argument != NULL) == (cases[i].exit_code == EXIT_CODE_OK));
                target_list_done(&list);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/target-list/make", test_make);
        g_test_add_func("/target-list/self", test_self);
        g_test_add_func("/target-list/make-one", test_make_one);
        return g_test_run();
}
