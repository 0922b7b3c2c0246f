/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What OpenMemory hands out, on the bus and at the socket: files that nobody can write, whatever rights they
 * have, and the figures in them. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "scene.h"
#include "socket.h"
#include "stage.h"

#define GROUPS_MAX 8

/* One group of the answer. */
typedef struct Opened {
        const char *path; /* interned */
        uint64_t max, high;
        int usage_fd, statistics_fd; /* ours */
} Opened;

typedef struct Answer {
        const char *reported;
        Opened groups[GROUPS_MAX + 1];
        size_t n;
} Answer;

static const char *answer_get(sd_bus *client, Answer *ret) {
        sd_bus_message *reply = NULL;
        const char *error, *text;
        Answer answer = { 0 };

        error = client_call(client, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "OpenMemory", NULL);
        if (error)
                return error;

        g_assert_cmpint(sd_bus_message_read(reply, "s", &text), >, 0);
        answer.reported = g_intern_string(text);
        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(stthh)"), >, 0);
        for (;;) {
                Opened *opened = &answer.groups[answer.n];
                int usage_fd, statistics_fd, r;

                r = sd_bus_message_read(
                        reply, "(stthh)", &text, &opened->max, &opened->high, &usage_fd, &statistics_fd);
                g_assert_cmpint(r, >=, 0);
                if (r == 0)
                        break;
                opened->path = g_intern_string(text);
                opened->usage_fd = fcntl(usage_fd, F_DUPFD_CLOEXEC, 3);
                opened->statistics_fd = fcntl(statistics_fd, F_DUPFD_CLOEXEC, 3);
                g_assert_cmpuint(++answer.n, <=, GROUPS_MAX);
        }
        sd_bus_message_unref(reply);
        *ret = answer;
        return NULL;
}

static void answer_done(Answer *answer) {
        for (size_t i = 0; i < answer->n; i++) {
                close(answer->groups[i].usage_fd);
                close(answer->groups[i].statistics_fd);
        }
}

/* The file it is, and no other: one that the kernel lets nobody write, and that is opened for reading. */
static void check_file(int fd, const char *group, const char *name) {
        static const int ways[] = { O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC, O_WRONLY | O_APPEND };
        g_autofree char *directory = group_memory_directory(group), *again = NULL;
        g_autofree char *path = g_build_filename(directory, name, NULL);
        struct stat status, wanted;

        g_test_message("%s", path);
        g_assert_cmpint(fstat(fd, &status), ==, 0);
        g_assert_cmpint(stat(path, &wanted), ==, 0);
        g_assert_cmpuint(status.st_dev, ==, wanted.st_dev);
        g_assert_cmpuint(status.st_ino, ==, wanted.st_ino);
        g_assert_true(S_ISREG(status.st_mode));
        g_assert_cmpuint(status.st_mode & 07777, ==, 0444);
        g_assert_cmpint(fcntl(fd, F_GETFL) & O_ACCMODE, ==, O_RDONLY);
        g_assert_cmpint(write(fd, "0", 1), <, 0);
        g_assert_cmpint(errno, ==, EBADF);

        again = g_strdup_printf("/proc/self/fd/%d", fd);
        for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
                int opened = open(again, ways[i] | O_CLOEXEC);

                /* Where cgroupfs is mounted for reading, as it is for the service of a real system, nobody
                 * may open it. Where it is not, root may, whatever the mode says; then there is nothing in
                 * the kernel that would take what is written. */
                if (opened < 0) {
                        g_assert_true(errno == EACCES || errno == EROFS);
                        continue;
                }
                g_assert_cmpint(write(opened, "1048576", 7), <, 0);
                g_assert_cmpint(errno, ==, EINVAL);
                close(opened);
        }
        /* A file is a way to no other. */
        g_assert_cmpint(openat(fd, "..", O_PATH), <, 0);
        g_assert_cmpint(errno, ==, ENOTDIR);
        g_assert_cmpint(fchdir(fd), <, 0);
}

static uint64_t read_number(int fd) {
        char text[64] = { 0 };

        g_assert_cmpint(pread(fd, text, sizeof(text) - 1, 0), >, 0);
        g_assert_true(g_ascii_isdigit(text[0]));
        return g_ascii_strtoull(text, NULL, 10);
}

static uint64_t read_key(int fd, const char *key) {
        char text[16384] = { 0 };
        const char *found;

        g_assert_cmpint(pread(fd, text, sizeof(text) - 1, 0), >, 0);
        found = strstr(text, key);
        g_assert_nonnull(found);
        return g_ascii_strtoull(found + strlen(key) + 1, NULL, 10);
}

static void check_group(const Opened *opened, const char *path, uint64_t max) {
        g_assert_cmpstr(opened->path, ==, path);
        g_assert_cmpuint(opened->max, ==, max);
        g_assert_cmpuint(opened->high, ==, UINT64_MAX); /* v1 has none */
        check_file(opened->usage_fd, path, "memory.usage_in_bytes");
        check_file(opened->statistics_fd, path, "memory.stat");

        /* They show what the kernel says now, not what it said then. */
        figure_check(read_number(opened->usage_fd),
                     group_number(path, "memory.usage_in_bytes"),
                     group_number(path, "memory.usage_in_bytes"));
        figure_check(read_key(opened->statistics_fd, "\ntotal_rss"),
                     group_keyed(path, "memory.stat", "total_rss"),
                     group_keyed(path, "memory.stat", "total_rss"));
}

/* The unit that is asked about, and the slice, which is limited, too. */
static void check_scene(sd_bus *client, const Scene *scene) {
        Answer answer;

        g_assert_cmpstr(answer_get(client, &answer), ==, NULL);
        g_assert_cmpstr(answer.reported, ==, scene->group);
        g_assert_cmpuint(answer.n, ==, 2);
        check_group(&answer.groups[0], scene->group, SCENE_UNIT_LIMIT);
        check_group(&answer.groups[1], scene->slice->path, SCENE_SLICE_LIMIT);
        answer_done(&answer);
}

static void test_limited(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;
        check_scene(bus, &scene);
        check_scene(stage->client, &scene);
        scene_leave(&scene);
        sd_bus_flush_close_unref(bus);
}

/* The unit has no limit, but a group below it has, which is the one reported then; the process is in yet
 * another one below that. */
static void check_delegated(sd_bus *client, const Scene *scene, const char *worker) {
        Answer answer;

        g_assert_cmpstr(answer_get(client, &answer), ==, NULL);
        g_assert_cmpstr(answer.reported, ==, worker);
        g_assert_cmpuint(answer.n, ==, 2);
        check_group(&answer.groups[0], worker, 48 * MIB);
        check_group(&answer.groups[1], scene->slice->path, SCENE_SLICE_LIMIT);
        answer_done(&answer);
}

static void test_delegated(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        g_autofree char *worker = NULL, *inner = NULL;
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, 0))
                return;
        worker = g_strconcat(scene.group, "/worker", NULL);
        inner = g_strconcat(worker, "/inner", NULL);
        group_make(worker);
        group_make(inner);
        group_write(worker, "memory.limit_in_bytes", 48 * MIB);
        group_enter(inner);
        check_delegated(bus, &scene, worker);
        check_delegated(stage->client, &scene, worker);
        scene_leave(&scene);
        sd_bus_flush_close_unref(bus);
}

/* The files outlive who handed them out, and end with their group. */
static void test_lasting(Socket *stage, const void *data) {
        g_autofree char *group = NULL;
        Answer answer;
        Slice *slice;
        char byte;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        group = slice_group(slice, "%-web.service");
        group_enter(group);
        g_assert_cmpstr(answer_get(stage->client, &answer), ==, NULL);
        g_assert_cmpuint(answer.n, ==, 1);
        check_group(&answer.groups[0], group, UINT64_MAX);

        slice_leave(slice);
        group_remove(group);
        g_assert_cmpint(pread(answer.groups[0].usage_fd, &byte, 1, 0), <, 0);
        g_assert_cmpint(errno, ==, ENODEV);
        g_assert_cmpint(pread(answer.groups[0].statistics_fd, &byte, 1, 0), <, 0);
        g_assert_cmpint(errno, ==, ENODEV);
        answer_done(&answer);
        slice_free(slice);
}

/* As many groups as there may be, and one more. */
static void test_many(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        g_autoptr(GString) below = g_string_new("%-web.service");
        g_autofree char *unit = NULL;
        Answer answer;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        group_write(slice->path, "memory.limit_in_bytes", 1024 * MIB);
        unit = slice_group(slice, below->str);
        for (uint64_t i = 1; i <= GROUPS_MAX; i++) {
                g_autofree char *group = NULL;

                g_string_append(below, "/x");
                group = slice_group(slice, below->str);
                group_write(group, "memory.limit_in_bytes", (1024 - i) * MIB);
                group_enter(group);
                if (i < GROUPS_MAX) {
                        g_assert_cmpstr(answer_get(bus, &answer), ==, NULL);
                        g_assert_cmpuint(answer.n, ==, i + 1);
                        answer_done(&answer);
                        g_assert_cmpstr(answer_get(stage->client, &answer), ==, NULL);
                        g_assert_cmpuint(answer.n, ==, i + 1);
                        for (size_t j = 0; j < answer.n; j++)
                                check_group(&answer.groups[j],
                                            answer.groups[j].path,
                                            (1024 - (answer.n - 1 - j)) * MIB);
                        answer_done(&answer);
                }
        }
        g_assert_cmpstr(answer_get(bus, &answer), ==, MYMEM_ERROR_NOT_SUPPORTED);
        g_assert_cmpstr(answer_get(stage->client, &answer), ==, MYMEM_ERROR_NOT_SUPPORTED);
        slice_free(slice);
        sd_bus_flush_close_unref(bus);
}

static void ask(sd_bus *bus, sd_bus *client, unsigned n) {
        Answer answer;

        for (unsigned i = 0; i < n; i++) {
                g_assert_cmpstr(answer_get(bus, &answer), ==, NULL);
                answer_done(&answer);
                g_assert_cmpstr(answer_get(client, &answer), ==, NULL);
                answer_done(&answer);
        }
}

/* Asked ever so often, the service keeps none of them. */
static void test_often(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        unsigned descriptors;
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;
        ask(bus, stage->client, 10);
        descriptors = socket_descriptors(stage);
        ask(bus, stage->client, 500);
        socket_settle(stage, descriptors);
        scene_leave(&scene);
        sd_bus_flush_close_unref(bus);
}

/* Who is not in any group but the machine's gets no file of the machine's. */
static void test_machine(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        g_autofree char *home = NULL;
        Answer answer;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        group_enter("/");
        home = group_memory_path(getpid());
        g_assert_cmpstr(home, ==, "/");
        g_assert_cmpstr(answer_get(bus, &answer), ==, MYMEM_ERROR_NOT_SUPPORTED);
        g_assert_cmpstr(answer_get(stage->client, &answer), ==, MYMEM_ERROR_NOT_SUPPORTED);
        slice_free(slice);
        sd_bus_flush_close_unref(bus);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add_with_bus("/open/limited", test_limited);
        socket_add_with_bus("/open/delegated", test_delegated);
        socket_add_with_bus("/open/lasting", test_lasting);
        socket_add_with_bus("/open/many", test_many);
        socket_add_with_bus("/open/often", test_often);
        socket_add_with_bus("/open/machine", test_machine);

        return stage_run();
}
