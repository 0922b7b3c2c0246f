/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "slice.h"

#include <fcntl.h>
#include <ftw.h>
#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "group.h"

#define REMOVAL_SEC 5

static int remove_directory(const char *path, const struct stat *status, int type, struct FTW *walk) {
        (void) status;
        (void) walk;

        /* The files of a control group go with it. */
        if (type == FTW_DP)
                (void) rmdir(path);
        return 0;
}

/* A process that was killed leaves its group a moment after it is gone. */
static bool remove_tree(const char *directory) {
        gint64 deadline = g_get_monotonic_time() + REMOVAL_SEC * G_USEC_PER_SEC;

        for (;;) {
                (void) nftw(directory, remove_directory, 16, FTW_DEPTH | FTW_PHYS);
                if (access(directory, F_OK) < 0)
                        return true;
                if (g_get_monotonic_time() > deadline)
                        return false;
                (void) poll(NULL, 0, 10);
        }
}

static bool clean(const void *data) {
        const Slice *slice = data;
        g_autofree char *memory = group_memory_directory(slice->path);
        g_autofree char *systemd = group_systemd_directory(slice->path);
        bool memory_gone, systemd_gone;

        memory_gone = remove_tree(memory);
        systemd_gone = remove_tree(systemd);
        return memory_gone && systemd_gone;
}

Slice *slice_new(void) {
        static unsigned count = 0;
        Slice *slice;

        if (group_skip())
                return NULL;

        slice = g_new0(Slice, 1);
        /* Not the number of the process, which is not the only one in all PID namespaces. */
        slice->name = g_strdup_printf("mymembus%08xx%u", g_random_int(), count++);
        slice->path = g_strdup_printf("/%s.slice", slice->name);
        slice->memory_home = group_memory_path(getpid());
        slice->systemd_home = group_systemd_path(getpid());
        janitor_hire(&slice->janitor, clean, slice);
        group_make(slice->path);
        return slice;
}

void slice_leave(const Slice *slice) {
        group_enter_memory(slice->memory_home);
        group_enter_systemd(slice->systemd_home);
}

void slice_free(Slice *slice) {
        slice_leave(slice);
        janitor_dismiss(&slice->janitor);
        g_free(slice->name);
        g_free(slice->path);
        g_free(slice->memory_home);
        g_free(slice->systemd_home);
        g_free(slice);
}

char *slice_name(const Slice *slice, const char *text) {
        g_auto(GStrv) parts = g_strsplit(text, "%", -1);

        return g_strjoinv(slice->name, parts);
}

char *slice_group(const Slice *slice, const char *below) {
        g_autofree char *name = slice_name(slice, below);
        char *path = g_strconcat(slice->path, "/", name, NULL);

        group_make(path);
        return path;
}

/* A file of that size, written out: its pages are clean, and nothing moves them any more. */
static int make_file(size_t size) {
        g_autofree char *zeros = g_malloc0(size + 1);
        int fd;

        fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, zeros, size), ==, (ssize_t) size);
        g_assert_cmpint(fsync(fd), ==, 0);
        return fd;
}

static void run_tenant(const char *group, size_t anonymous, size_t cache, int ready_fd) {
        g_autofree char *memory = NULL;
        int fd;

        group_enter(group);
        memory = g_malloc(anonymous + 1);
        /* What the compiler may not leave out, as it does with a memset() of what nobody reads. */
        explicit_bzero(memory, anonymous + 1);
        fd = make_file(cache);
        child_tell(ready_fd);

        /* The file is there as long as it is open. */
        while (fcntl(fd, F_GETFD) >= 0)
                (void) pause();
}

pid_t slice_tenant(const char *group, size_t anonymous, size_t cache) {
        int pair[2];
        pid_t pid;

        g_assert_cmpint(pipe2(pair, O_CLOEXEC), ==, 0);
        pid = child_fork();
        if (pid == 0)
                run_tenant(group, anonymous, cache, pair[1]);

        close(pair[1]);
        g_assert_true(child_hear(pair[0]));
        close(pair[0]);
        return pid;
}
