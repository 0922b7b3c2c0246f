/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "failure.h"

/* A sentence, which names the thing. */
static void test_describe(void) {
        static const struct {
                int r;
                const char *about;
                const char *text;
        } cases[] = {
                { -ESRCH, "proc/42", "proc/42: There is no such process, or it has ended." },
                { -ENOENT, "/a.service", "/a.service: There is no such unit or control group." },
                { -ENODEV, "/a.service", "/a.service: The control group has vanished." },
                { -EOPNOTSUPP, "/", "/: This has no files that can be handed out." },
                { -ENOMEDIUM, "/a.service", "/a.service: This does not exist." },
                { -ENODATA, "/a.service", "/a.service: No memory controller accounts for it." },
                { -EBADMSG, "memory.max of /a", "memory.max of /a: This is not what the kernel documents." },
                { -ERANGE, "memory.max of /a", "memory.max of /a: This holds a number beyond 64 bits." },
                { -EFBIG,
                  "memory.stat of /a",
                  "memory.stat of /a: This is larger than any kernel makes it." },
                { -E2BIG,
                  "/a/a",
                  "/a/a: This lies too deep in the tree of control groups, or has too many dead threads." },
                { -EINVAL,
                  "the process of the descriptor",
                  "the process of the descriptor: This refers to no process." },
                /* What the kernel gave, in the words of the C library. */
                { -EACCES, "memory.max of /a", "memory.max of /a: Permission denied" },
                { -EIO, "memory.max of /a", "memory.max of /a: Input/output error" },
                { -ENOMEM, "x", "x: Cannot allocate memory" },
                /* Names may hold any byte. */
                { -ENODEV, "/\xff\x1b[2J\n", "/\\xff\\x1b[2J\\x0a: The control group has vanished." },
                { -ENODEV, "/%s%n", "/%s%n: The control group has vanished." },
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%d of %s", cases[i].r, cases[i].about);
                _cleanup_free_ char *text = NULL;

                machine_blame(machine, cases[i].r, "%s", cases[i].about);
                text = failure_describe(machine, cases[i].r);
                check_text(about, text, cases[i].text);
        }
}

/* Before there is a machine, or a failure that says what it is about. */
static void test_nothing_blamed(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        _cleanup_free_ char *without = failure_describe(NULL, -ENOMEM);
        _cleanup_free_ char *with = failure_describe(capture_machine(capture), -ENODEV);

        g_assert_cmpstr(without, ==, "mymem: Cannot allocate memory");
        g_assert_cmpstr(with, ==, "mymem: The control group has vanished.");
}

/* A number that the C library has no word for. */
static void test_unheard_of(void) {
        _cleanup_free_ char *text = failure_describe(NULL, -100000);

        check_true(text, text && !strstr(text, "(null)"));
}

/* What says that something ran out is no word about what was asked for; all else is. */
static void test_passing(void) {
        static const struct {
                int r;
                bool is_passing;
        } cases[] = {
                { -ENOMEM, true },  { -EMFILE, true },   { -ENFILE, true },      { -EIO, true },
                { -EINTR, true },   { -EAGAIN, true },   { -ENOBUFS, true },     { 0, false },
                { -ENOENT, false }, { -ESRCH, false },   { -EACCES, false },     { -EPERM, false },
                { -ENODEV, false }, { -ENODATA, false }, { -EOPNOTSUPP, false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_test_message("%d", cases[i].r);
                g_assert_cmpint(failure_is_passing(cases[i].r), ==, cases[i].is_passing);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/failure/describe", test_describe);
        g_test_add_func("/failure/nothing-blamed", test_nothing_blamed);
        g_test_add_func("/failure/unheard-of", test_unheard_of);
        g_test_add_func("/failure/passing", test_passing);
        return g_test_run();
}
