/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "process.h"
#include "subject.h"

/* A process that is moved while it is looked where it is: each time that has been read, the next of these
 * moves is made. The linker puts what follows in the place of the engine's function. */

#define GROUP "sys/fs/cgroup/"
#define ENTERED "proc/42/cgroup"
#define ALWAYS 1000

typedef struct Moves {
        Capture *capture;
        const char *const *groups; /* where it is moved to, in turn */
        unsigned n;                /* how often */
        const char *replaced;      /* a file of the group that is left: another group has its name then */
        const char *changed;       /* a file of the group where it stays */
        unsigned n_readings;
} Moves;

static Moves moves;

/* Who has the file open finds that. */
static void enter(const Capture *capture, const char *line) {
        _cleanup_close_ int fd = openat(capture->fd, ENTERED, O_WRONLY | O_TRUNC | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, line, strlen(line)), ==, (ssize_t) strlen(line));
}

int __real_process_find(Machine *machine,
                        const Process *process,
                        Membership *ret,
                        Whereabouts *ret_whereabouts);
int __wrap_process_find(Machine *machine,
                        const Process *process,
                        Membership *ret,
                        Whereabouts *ret_whereabouts);

int __wrap_process_find(Machine *machine,
                        const Process *process,
                        Membership *ret,
                        Whereabouts *ret_whereabouts) {
        int r = __real_process_find(machine, process, ret, ret_whereabouts);

        if (moves.n_readings < moves.n) {
                g_autofree char *line = g_strdup_printf("0::%s\n", moves.groups[moves.n_readings % 2]);

                enter(moves.capture, line);
                if (moves.replaced)
                        capture_write(moves.capture, moves.replaced, "max\n");
        }
        moves.n_readings++;
        return r;
}

/* When it has been seen that the process is still there, the group gets another limit. */
int __real_whereabouts_hold(const Whereabouts *whereabouts);
int __wrap_whereabouts_hold(const Whereabouts *whereabouts);

int __wrap_whereabouts_hold(const Whereabouts *whereabouts) {
        int holds = __real_whereabouts_hold(whereabouts);

        if (moves.changed)
                capture_write(moves.capture, moves.changed, "3145728\n");
        return holds;
}

static void check_moved(const char *about, const Moves *wanted_moves, int wanted_r, uint64_t wanted_limit) {
        static const char blocks[] = CAPTURE_V2 "@group " GROUP "a.service\n"
                                                "memory.max:1048576\n"
                                                "memory.current:4096\n"
                                                "@group " GROUP "b.service\n"
                                                "memory.max:2097152\n"
                                                "memory.current:4096\n"
                                                "@file " ENTERED "\n"
                                                "0::/a.service\n";
        g_autoptr(Capture) capture = capture_new(blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(subject_done) Subject subject = { 0 };
        unsigned n;

        g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
        moves = *wanted_moves;
        moves.capture = capture;
        n = check_count_descriptors();

        check_number(about, subject_open_process(machine, &process, &subject), wanted_r);
        if (wanted_r >= 0) {
                check_size(about, subject_limit(&subject).value, wanted_limit);
                check_text(about,
                           subject_group(&subject)->path,
                           wanted_moves->n % 2 ? "/b.service" : "/a.service");
        } else {
                check_true(about, !subject.chain.groups);
                check_text(about, machine->blamed, "/b.service");
        }
        subject_done(&subject);
        check_true(about, check_count_descriptors() <= n + 1); /* the mount stays open */
}

static void test_moved(void) {
        static const char *const groups[] = { "/b.service", "/a.service" };

        check_moved("not moved", &(Moves) { .n = 0 }, 0, CAPTURE_MIB);
        check_moved("moved", &(Moves) { .groups = groups, .n = 1 }, 0, 2 * CAPTURE_MIB);
        /* The group that has the name now has no limit, and is not the one that the process was in. */
        check_moved("moved, and another has the name",
                    &(Moves) { .groups = groups, .n = 1, .replaced = GROUP "a.service/memory.max" },
                    0,
                    2 * CAPTURE_MIB);
        /* It is the group's limit since the process has been seen in it that counts. */
        check_moved("stays", &(Moves) { .changed = GROUP "a.service/memory.max" }, 0, 3 * CAPTURE_MIB);
        check_moved("moved all the time", &(Moves) { .groups = groups, .n = ALWAYS }, -ENODEV, 0);
        g_assert_cmpuint(moves.n_readings, <, ALWAYS);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/moved/moved", test_moved);
        return g_test_run();
}
