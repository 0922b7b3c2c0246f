/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"

Capture *capture_new(const char *blocks) {
        g_autofree char *text = g_strconcat(
                "# Origin: a test\n# Worked: in the test\n", blocks, "@expect 0\nexit=0\n", NULL);
        Capture *capture = g_new0(Capture, 1);
        g_autoptr(GError) error = NULL;

        capture->tree = tree_parse(text);
        g_assert_cmpstr(capture->tree->complaint, ==, NULL);
        capture->directory = g_dir_make_tmp("mymem-unit-XXXXXX", &error);
        g_assert_no_error(error);
        g_assert_cmpint(tree_unpack(capture->tree, capture->directory), ==, 0);

        capture->fd = open(capture->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        g_assert_cmpint(capture->fd, >=, 0);
        return capture;
}

void capture_free(Capture *capture) {
        if (!capture)
                return;

        machine_free(capture->machine);
        (void) close(capture->fd);
        g_assert_cmpint(tree_remove(capture->directory), ==, 0);
        g_free(capture->directory);
        tree_free(capture->tree);
        g_free(capture);
}

Machine *capture_machine(Capture *capture) {
        if (!capture->machine)
                g_assert_cmpint(machine_new(capture_open(capture, "."), &capture->machine), ==, 0);
        return capture->machine;
}

int capture_open(const Capture *capture, const char *path) {
        int fd = openat(capture->fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                g_error("%s: %s", path, g_strerror(errno));
        return fd;
}

ControlGroup capture_group(const Capture *capture, const char *path, int version, const char *name) {
        return (ControlGroup) { .path = strdup(name),
                                .fd = capture_open(capture, path),
                                .version = version };
}

void capture_write(const Capture *capture, const char *path, const char *content) {
        g_autofree char *full = g_build_filename(capture->directory, path, NULL);
        g_autofree char *parent = g_path_get_dirname(full);
        g_autoptr(GError) error = NULL;

        (void) unlink(full);
        if (!content)
                return;

        g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
        g_file_set_contents(full, content, -1, &error);
        g_assert_no_error(error);
}

void capture_remove(const Capture *capture, const char *path) {
        g_autofree char *full = g_build_filename(capture->directory, path, NULL);

        g_assert_cmpint(tree_remove(full), ==, 0);
}
