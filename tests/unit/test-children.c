/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "children.h"
#include "cleanup.h"

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* In the order of the alphabet, with '|' behind each; NULL where they cannot be read. */
static char *list_children(Machine *machine, const ControlGroup *group) {
        _cleanup_(children_free) char **names = NULL;
        GString *text = g_string_new(NULL);

        g_assert_cmpint(children_read(machine, group, &names), ==, 0);
        qsort(names, g_strv_length(names), sizeof(*names), compare_names);
        for (char **name = names; *name; name++)
                g_string_append_printf(text, "%s|", *name);
        return g_string_free(text, FALSE);
}

static void test_read(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@group a\nmemory.current:1\ncgroup.procs:1\n"
                                                            "@group a/b.service\nmemory.current:1\n"
                                                            "@group a/c d\nmemory.current:1\n"
                                                            "@group a/c d/below\nmemory.current:1\n"
                                                            "@group-escaped a/\\xff\nmemory.current:1\n"
                                                            "@group a/.hidden\nmemory.current:1\n"
                                                            "@group a/legacy\nmemory.usage_in_bytes:1\n"
                                                            "@group a/unaccounted\ncgroup.procs:1\n"
                                                            "@dir a/memory.current2\n"
                                                            "@dir empty\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup group = capture_group(capture, "a", 2, "/a");
        _cleanup_(control_group_done) ControlGroup empty = capture_group(capture, "empty", 2, "/empty");
        unsigned n;

        g_assert_cmpint(symlinkat("b.service", capture->fd, "a/link.service"), ==, 0);
        n = check_count_descriptors();

        g_autofree char *children = list_children(machine, &group);
        g_assert_cmpstr(children, ==, ".hidden|b.service|c d|\xff|");
        g_autofree char *none = list_children(machine, &empty);
        g_assert_cmpstr(none, ==, "");
        group.version = 1;
        g_autofree char *legacy = list_children(machine, &group);
        g_assert_cmpstr(legacy, ==, "legacy|");
        g_assert_cmpuint(check_count_descriptors(), ==, n);

        /* One that went away has none, if it can still be asked. */
        capture_remove(capture, "empty");
        char **names = NULL;
        int r = children_read(machine, &empty, &names);
        g_assert_true(r == -ENODEV || (r == 0 && !names[0]));
        g_assert_cmpuint(check_count_descriptors(), ==, n);
        children_free(&names);
        g_assert_null(names);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/children/read", test_read);
        return g_test_run();
}
