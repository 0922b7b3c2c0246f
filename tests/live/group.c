/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "group.h"
#include "process.h"

#define PREFIX "mymem-live-"
#define REMOVE_TIMEOUT_USEC (10 * G_USEC_PER_SEC)

/* The deepest group that both paths lie in. */
static char *common_group(const char *a, const char *b) {
        g_auto(GStrv) ours = g_strsplit(a, "/", -1);
        g_auto(GStrv) theirs = g_strsplit(b, "/", -1);
        GString *path = g_string_new(NULL);

        for (size_t i = 1; ours[i] && theirs[i] && *ours[i] && g_str_equal(ours[i], theirs[i]); i++)
                g_string_append_printf(path, "/%s", ours[i]);
        if (path->len == 0)
                g_string_append_c(path, '/');
        return g_string_free(path, FALSE);
}

static bool file_has_word(const char *directory, const char *file, const char *word) {
        g_autofree char *name = g_build_filename(directory, file, NULL);
        g_autofree char *text = NULL;
        g_auto(GStrv) words = NULL;

        if (!g_file_get_contents(name, &text, NULL, NULL))
                return false;
        words = g_strsplit(g_strstrip(text), " ", -1);
        return g_strv_contains((const char *const *) words, word);
}

/* On v2 a group with processes, but for the root, cannot hand the controller down: ours lie beside
 * it then. */
static void step_aside(Place *place) {
        g_autofree char *directory = hierarchy_directory(&place->memory, place->base);

        if (!place->unified || g_str_equal(place->base, "/") ||
            file_has_word(directory, "cgroup.subtree_control", "memory"))
                return;
        *strrchr(place->base, '/') = '\0';
        if (*place->base == '\0') {
                g_free(place->base);
                place->base = g_strdup("/");
        }
}

void place_find(Place *ret) {
        g_autofree char *ours = NULL;
        g_autofree char *managed = NULL;

        *ret = (Place) { .unified = !hierarchy_is_listed("memory") };
        hierarchy_find(ret->unified ? "" : "memory", &ret->memory);
        if (!ret->unified)
                hierarchy_find(hierarchy_is_listed("name=systemd") ? "name=systemd" : "", &ret->units);

        ours = hierarchy_path_of(&ret->memory, getpid());
        managed = ret->unified ? g_strdup(ours) : hierarchy_path_of(&ret->units, getpid());
        if (!ret->memory.mount || (!ret->unified && !ret->units.mount) || !ours || !managed) {
                ret->why = "no writable memory control group: no such hierarchy is mounted";
                return;
        }
        ret->base = common_group(ours, managed);
        step_aside(ret);
}

void place_clear(Place *place) {
        hierarchy_clear(&place->memory);
        hierarchy_clear(&place->units);
        g_clear_pointer(&place->base, g_free);
}

/* The directory that belongs to a group in one hierarchy. */
static char *directory_in(const Hierarchy *hierarchy, const char *parent, const char *name) {
        g_autofree char *above = hierarchy_directory(hierarchy, parent);

        return above ? g_build_filename(above, name, NULL) : NULL;
}

static void end_processes_in(const char *directory) {
        g_autofree char *name = g_build_filename(directory, "cgroup.procs", NULL);
        g_autofree char *text = NULL;
        g_auto(GStrv) pids = NULL;

        if (!g_file_get_contents(name, &text, NULL, NULL))
                return;
        pids = g_strsplit(text, "\n", -1);
        for (size_t i = 0; pids[i]; i++) {
                guint64 pid;

                if (g_ascii_string_to_unsigned(pids[i], 10, 2, INT32_MAX, &pid, NULL) &&
                    (pid_t) pid != getpid())
                        process_kill((pid_t) pid);
        }
}

/* A process that has ended may still count for a moment: the kernel says EBUSY as long as it does. */
static int remove_directory(const char *directory) {
        gint64 deadline = g_get_monotonic_time() + REMOVE_TIMEOUT_USEC;

        while (rmdir(directory) < 0) {
                if (errno != EBUSY || g_get_monotonic_time() >= deadline)
                        return -errno;
                (void) sched_yield();
        }
        return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): control groups are a tree, here a few levels deep */
static void sweep_directory(const char *directory) {
        GDir *entries = g_dir_open(directory, 0, NULL);
        const char *name;
        int r;

        if (!entries)
                return;
        while ((name = g_dir_read_name(entries))) {
                g_autofree char *below = g_build_filename(directory, name, NULL);

                if (g_file_test(below, G_FILE_TEST_IS_DIR))
                        sweep_directory(below);
        }
        g_dir_close(entries);

        end_processes_in(directory);
        r = remove_directory(directory);
        if (r < 0 && r != -ENOENT)
                g_printerr("Cannot remove %s: %s\n", directory, strerror(-r));
}

void place_sweep(const Place *place, const char *path) {
        const Hierarchy *hierarchies[] = { &place->memory, &place->units };

        for (size_t i = 0; i < G_N_ELEMENTS(hierarchies); i++) {
                g_autofree char *directory = NULL;

                if (!hierarchies[i]->mount)
                        continue;
                directory = hierarchy_directory(hierarchies[i], path);
                if (directory)
                        sweep_directory(directory);
        }
}

/* True for the slice of a run whose process is gone. */
static bool is_left_over(const char *name) {
        char *end;
        gint64 pid;

        if (!g_str_has_prefix(name, PREFIX))
                return false;
        pid = g_ascii_strtoll(name + strlen(PREFIX), &end, 10);
        return pid > 1 && pid <= INT32_MAX && g_str_equal(end, ".slice") && kill((pid_t) pid, 0) < 0 &&
                errno == ESRCH;
}

void place_tidy(const Place *place) {
        const Hierarchy *hierarchies[] = { &place->memory, &place->units };

        for (size_t i = 0; i < G_N_ELEMENTS(hierarchies); i++) {
                g_autofree char *directory = NULL;
                const char *name;
                GDir *entries;

                if (!hierarchies[i]->mount)
                        continue;
                directory = hierarchy_directory(hierarchies[i], place->base);
                entries = directory ? g_dir_open(directory, 0, NULL) : NULL;
                while (entries && (name = g_dir_read_name(entries))) {
                        g_autofree char *path = g_build_filename(place->base, name, NULL);

                        if (is_left_over(name))
                                place_sweep(place, path);
                }
                g_clear_pointer(&entries, g_dir_close);
        }
}

/* Writes without creating: a missing file of the kernel's is an error, not a new file. */
static int write_file(const char *directory, const char *file, const char *value) {
        g_autofree char *name = g_build_filename(directory, file, NULL);
        int fd = open(name, O_WRONLY | O_CLOEXEC);
        ssize_t n;
        int r;

        if (fd < 0)
                return -errno;
        n = write(fd, value, strlen(value));
        r = n < 0 ? -errno : 0;
        (void) close(fd);
        return r;
}

/* Makes the directories, and hands the controller down to them where that needs to be said. */
static int make_directories(const Place *place, const char *parent, const char *name) {
        g_autofree char *above = hierarchy_directory(&place->memory, parent);
        g_autofree char *charged = g_build_filename(above, name, NULL);

        if (place->unified) {
                if (!file_has_word(above, "cgroup.subtree_control", "memory")) {
                        int r = write_file(above, "cgroup.subtree_control", "+memory");

                        if (r < 0)
                                return r;
                }
        } else {
                g_autofree char *named = directory_in(&place->units, parent, name);

                if (!named || (mkdir(named, 0755) < 0 && errno != EEXIST))
                        return -errno;
        }
        if (mkdir(charged, 0755) < 0)
                return -errno;
        /* Kernels before 5.11 let a v1 group stand alone unless told otherwise; systemd tells them. */
        if (!place->unified && !file_has_word(charged, "memory.use_hierarchy", "1"))
                (void) write_file(charged, "memory.use_hierarchy", "1");
        return 0;
}

Group *group_new(const Place *place, const char *parent, const char *name) {
        int r = make_directories(place, parent, name);
        Group *group;

        if (r < 0) {
                errno = -r;
                return NULL;
        }
        group = g_new0(Group, 1);
        group->place = place;
        group->path = g_build_filename(parent, name, NULL);
        group->directory = hierarchy_directory(&place->memory, group->path);
        return group;
}

void group_free(Group *group) {
        g_free(group->path);
        g_free(group->directory);
        g_free(group);
}

void group_make(const Group *group) {
        g_autofree char *parent = g_path_get_dirname(group->path);
        g_autofree char *name = g_path_get_basename(group->path);
        int r = make_directories(group->place, parent, name);

        if (r < 0)
                g_error("Cannot make %s: %s", group->path, strerror(-r));
}

void group_remove(const Group *group) {
        int r = remove_directory(group->directory);

        if (r < 0)
                g_error("Cannot remove %s: %s", group->directory, strerror(-r));
        if (group->place->units.mount) {
                g_autofree char *named = hierarchy_directory(&group->place->units, group->path);

                r = remove_directory(named);
                if (r < 0)
                        g_error("Cannot remove %s: %s", named, strerror(-r));
        }
}

static void enter(const char *directory, pid_t pid) {
        g_autofree char *text = g_strdup_printf("%d", (int) pid);
        int r = write_file(directory, "cgroup.procs", text);

        if (r < 0)
                g_error("Cannot move %s to %s: %s", text, directory, strerror(-r));
}

void group_enter_units(const Group *group, pid_t pid) {
        g_autofree char *named = hierarchy_directory(&group->place->units, group->path);

        enter(named, pid);
}

void group_enter(const Group *group, pid_t pid) {
        enter(group->directory, pid);
        if (group->place->units.mount)
                group_enter_units(group, pid);
}

void group_write(const Group *group, const char *file, const char *value) {
        int r = write_file(group->directory, file, value);

        if (r < 0)
                g_error("Cannot write %s to %s/%s: %s", value, group->directory, file, strerror(-r));
}

void group_set_limit(const Group *group, uint64_t bytes) {
        g_autofree char *text = g_strdup_printf("%" PRIu64, bytes);
        bool unified = group->place->unified;

        if (bytes == UINT64_MAX)
                group_write(group, unified ? "memory.max" : "memory.limit_in_bytes", unified ? "max" : "-1");
        else
                group_write(group, unified ? "memory.max" : "memory.limit_in_bytes", text);
}

void group_forbid_swap(const Group *group, uint64_t limit) {
        g_autofree char *text = g_strdup_printf("%" PRIu64, limit);
        g_autofree char *memsw = g_build_filename(group->directory, "memory.memsw.limit_in_bytes", NULL);

        if (group->place->unified)
                group_write(group, "memory.swap.max", "0");
        else if (g_file_test(memsw, G_FILE_TEST_EXISTS)) /* absent where swap is not accounted */
                group_write(group, "memory.memsw.limit_in_bytes", text);
}

void group_reset_peak(const char *directory, bool unified) {
        if (!unified)
                (void) write_file(directory, "memory.max_usage_in_bytes", "0");
}
