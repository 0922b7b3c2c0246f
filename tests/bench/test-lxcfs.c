/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <mymem.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "child.h"
#include "client.h"
#include "place.h"
#include "row.h"
#include "socket.h"
#include "stage.h"

/* The other way for a process to learn its limit: a /proc/meminfo of its own, which lxcfs makes up for each
 * read. $MYMEM_LXCFS is where its package is unpacked. */

#define CALLS row_times(3000, 300)

static const char *obstacle(void) {
        const char *directory = g_getenv("MYMEM_LXCFS");

        if (!directory)
                return "MYMEM_LXCFS does not say where lxcfs is";
        if (access("/dev/fuse", R_OK | W_OK) < 0)
                return "there is no FUSE";
        return NULL;
}

/* Nothing of it is seen outside. */
static void enter_namespace(void) {
        g_assert_cmpint(unshare(CLONE_NEWNS), ==, 0);
        g_assert_cmpint(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), ==, 0);
        g_assert_cmpint(mount("mymem-bench", "/run", "tmpfs", 0, NULL), ==, 0);
        g_assert_cmpint(g_mkdir("/run/lxcfs-mount", 0755), ==, 0);
}

static pid_t lxcfs_start(void) {
        const char *directory = g_getenv("MYMEM_LXCFS");
        g_autofree char *program = g_build_filename(directory, "lxcfs", NULL);
        pid_t pid;

        pid = child_fork();
        if (pid > 0)
                return pid;
        (void) setenv("LD_LIBRARY_PATH", directory, true);
        (void) dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        (void) execl(program, "lxcfs", "-f", "--pidfile=/run/lxcfs.pid", "/run/lxcfs-mount", NULL);
        _exit(EXIT_FAILURE);
}

static int lxcfs_open_meminfo(pid_t pid) {
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        int fd;

        while ((fd = open("/run/lxcfs-mount/proc/meminfo", O_RDONLY | O_CLOEXEC)) < 0) {
                g_assert_cmpint(waitpid(pid, NULL, WNOHANG), ==, 0);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                (void) poll(NULL, 0, 5);
        }
        return fd;
}

static void read_meminfo(void *data) {
        char text[16384];

        g_assert_cmpint(pread(*(const int *) data, text, sizeof(text), 0), >, 0);
}

static void sample_handle(void *data) {
        struct mymem memory;

        g_assert_cmpint(mymem_sample(data, &memory), >=, 0);
}

/* It says the limit that we say. */
static void check_limit(int fd, uint64_t limit) {
        char text[16384] = "";

        g_assert_cmpint(pread(fd, text, sizeof(text) - 1, 0), >, 0);
        g_assert_true(g_str_has_prefix(text, "MemTotal:"));
        g_assert_cmpuint(g_ascii_strtoull(text + strlen("MemTotal:"), NULL, 10) * 1024, ==, limit);
}

static void compare(void *data) {
        const Socket *stage = data;
        enum {
                LXCFS,
                SAMPLE,
                CALL,
                N
        };
        struct mymem_handle *handle;
        struct mymem memory;
        Samples samples[N];
        sd_bus *peer;
        pid_t pid;
        int fd;

        enter_namespace();
        pid = lxcfs_start();
        fd = lxcfs_open_meminfo(pid);
        peer = client_open(stage->address);
        g_assert_cmpint(mymem_open(&handle), >=, 0);
        g_assert_cmpint(mymem_sample(handle, &memory), >=, 0);
        check_limit(fd, memory.limit);

        const Variant variants[] = {
                [LXCFS] = { .work = read_meminfo, .data = &fd },
                [SAMPLE] = { .work = sample_handle, .data = handle },
                [CALL] = { .work = call_get_memory, .data = peer },
        };
        samples_take(variants, samples, N, CALLS);
        row_ratio(&(Row) { "sample of a handle, how much faster", "meminfo of lxcfs", .at_least = 3 },
                  samples[SAMPLE].p50,
                  samples[LXCFS].p50);
        row_ratio(&(Row) { "GetMemory over the socket, how much faster", "meminfo of lxcfs", .at_least = 1 },
                  samples[CALL].p50,
                  samples[LXCFS].p50);

        mymem_close(handle);
        sd_bus_flush_close_unref(peer);
        close(fd);
        g_assert_cmpint(kill(pid, SIGTERM), ==, 0);
        (void) child_wait(pid, CHILD_PATIENCE_SEC);
        (void) umount2("/run/lxcfs-mount", MNT_DETACH);
}

static void test_lxcfs(Socket *stage, const void *data) {
        g_autofree char *path = g_build_filename(stage->directory.path, "bus", NULL);
        Place place;

        (void) data;
        if (obstacle()) {
                g_test_skip(obstacle());
                return;
        }
        if (!place_enter(&place, 3))
                return;
        g_assert_true(g_setenv("MYMEM_SOCKET", path, true));
        child_run(compare, stage);
        place_leave(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        socket_add("/lxcfs/ratio", test_lxcfs);
        return stage_run();
}
