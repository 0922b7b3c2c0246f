/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each source alone, and each fall from one to the next. */

#include <errno.h>
#include <fcntl.h>
#include <mymem.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "fake.h"
#include "private-bus.h"
#include "sandbox.h"
#include "sources.h"

/* What comes of it. */
typedef enum Outcome {
        NOBODY, /* the next source */
        ANSWER, /* that of the fake */
        FINAL,  /* the error is the answer */
} Outcome;

static const struct {
        FakeManner manner;
        Outcome outcome;
        int r; /* what the library fails with, if the next source knows nothing either and 0 if that is not
                  about the manner */
} manners[] = {
        { FAKE_ANSWERS, ANSWER, 0 },
        { FAKE_OTHER_VERSION, ANSWER, 0 },
        { FAKE_NO_REPORTED, ANSWER, 0 },
        { FAKE_NO_FILES, ANSWER, 0 },
        { FAKE_MANY_FILES, ANSWER, 0 },
        { FAKE_SILENT, NOBODY, 0 },
        { FAKE_TALKS, NOBODY, 0 },
        { FAKE_EMPTY, NOBODY, 0 },
        { FAKE_WRONG_TYPE, NOBODY, 0 },
        { FAKE_INCOMPLETE, NOBODY, 0 },
        { FAKE_NO_LIMIT, NOBODY, 0 },
        { FAKE_LIMITS, NOBODY, -EBUSY },
        { FAKE_NOT_SUPPORTED, NOBODY, -EOPNOTSUPP },
        { FAKE_UNKNOWN_CALLER, NOBODY, -ENXIO },
        { FAKE_NO_CONTROLLER, NOBODY, -ENODATA },
        { FAKE_DENIES, NOBODY, -EACCES },
        { FAKE_STRANGE_ERROR, NOBODY, 0 },
        { FAKE_NO_PROCESS, FINAL, -ESRCH },
        { FAKE_NO_UNIT, FINAL, -ENOENT },
        { FAKE_VANISHED, FINAL, -ENODEV },
        { FAKE_DEAF, NOBODY, 0 },
        { FAKE_MUTE, NOBODY, 0 },
        { FAKE_CLOSES, NOBODY, 0 },
        { FAKE_GARBAGE, NOBODY, 0 },
};

/* Gets it, and sees to it that this ends in time and leaves nothing open. */
static int get(struct mymem *ret) {
        gint64 start = g_get_monotonic_time();
        int r, before, after;

        before = dup(STDERR_FILENO);
        close(before);
        memset(ret, 0, sizeof(*ret));
        r = mymem_get(ret);
        g_assert_cmpint(g_get_monotonic_time() - start, <, SOURCES_LIMIT_USEC);
        after = dup(STDERR_FILENO);
        close(after);
        g_assert_cmpint(after, ==, before);
        return r;
}

static void check_fake(const struct mymem *memory, uint32_t source) {
        g_assert_cmpuint(memory->source, ==, source);
        g_assert_cmpuint(memory->limit, ==, FAKE_LIMIT);
        g_assert_cmpuint(memory->usage, ==, FAKE_USAGE);
        g_assert_cmpuint(memory->working_set, ==, FAKE_WORKING_SET);
        g_assert_cmpuint(memory->available, ==, FAKE_AVAILABLE);
        g_assert_cmpuint(memory->available_by, ==, MYMEM_BY_ANCESTOR);
        g_assert_cmpstr(memory->unit, ==, FAKE_UNIT);
        g_assert_cmpstr(memory->control_group, ==, FAKE_GROUP);
}

/* What there is without any service; the test may run where that is nothing. */
static int get_directly(struct mymem *ret) {
        int r;

        sources_set(NULL, NULL);
        r = get(ret);
        g_assert_true(r == 0 || r == -ENODATA);
        if (r == 0)
                g_assert_true(ret->source == MYMEM_SOURCE_CGROUP || ret->source == MYMEM_SOURCE_PROC);
        return r;
}

/* Gets it where one source is a fake, and nobody else answers. */
static void check_alone(size_t i, uint32_t source) {
        struct mymem memory, direct;
        int r, wanted;

        r = get(&memory);
        if (manners[i].outcome == ANSWER) {
                g_assert_cmpint(r, ==, 0);
                check_fake(&memory, source);
                return;
        }
        if (manners[i].outcome == FINAL) {
                g_assert_cmpint(r, ==, manners[i].r);
                return;
        }

        wanted = get_directly(&direct);
        g_assert_cmpint(r, ==, wanted < 0 && manners[i].r < 0 ? manners[i].r : wanted);
        if (r == 0) {
                g_assert_cmpuint(memory.source, ==, direct.source);
                g_assert_cmpuint(memory.limit, ==, direct.limit);
                g_assert_cmpstr(memory.control_group, ==, direct.control_group);
        }
}

static void test_nobody(void) {
        g_autofree char *nowhere = g_strnfill(200, 'x');
        struct mymem direct, memory;
        int wanted = get_directly(&direct);
        const char *const sockets[] = { "/nonexistent/bus", "/etc/passwd", "/", nowhere };

        for (size_t i = 0; i < G_N_ELEMENTS(sockets); i++) {
                sources_set(sockets[i], "unix:path=/nonexistent/bus");
                g_assert_cmpint(get(&memory), ==, wanted);
                g_assert_cmpuint(memory.source, ==, wanted < 0 ? 0 : direct.source);
                sources_set(sockets[i], "nonsense");
                g_assert_cmpint(get(&memory), ==, wanted);
        }
}

static void test_socket(void) {
        for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
                Fake *fake = fake_listen(manners[i].manner);

                g_test_message("%s", fake_names[manners[i].manner]);
                sources_set(fake->path, NULL);
                check_alone(i, MYMEM_SOURCE_SOCKET);
                fake_stop(fake);
        }
}

static void test_bus(void) {
        PrivateBus *bus = private_bus_start();

        for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
                Fake *fake;

                if (manners[i].manner >= _FAKE_ON_BUS)
                        continue;
                g_test_message("%s", fake_names[manners[i].manner]);
                fake = fake_own(bus->address, manners[i].manner);
                sources_set(NULL, bus->address);
                check_alone(i, MYMEM_SOURCE_BUS);
                fake_stop(fake);
        }
        private_bus_stop(bus);
}

/* A bus itself may have any manners, too. */
static void test_strange_bus(void) {
        for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
                Fake *fake;

                if (manners[i].manner < _FAKE_ON_BUS)
                        continue;
                g_test_message("%s", fake_names[manners[i].manner]);
                fake = fake_listen(manners[i].manner);
                sources_set(NULL, fake->directory.address);
                check_alone(i, MYMEM_SOURCE_BUS);
                fake_stop(fake);
        }
}

static void test_socket_then_bus(void) {
        PrivateBus *bus = private_bus_start();
        Fake *on_bus = fake_own(bus->address, FAKE_ANSWERS);

        for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
                Fake *fake = fake_listen(manners[i].manner);
                struct mymem memory;

                g_test_message("%s", fake_names[manners[i].manner]);
                sources_set(fake->path, bus->address);
                if (manners[i].outcome == FINAL)
                        g_assert_cmpint(get(&memory), ==, manners[i].r);
                else {
                        g_assert_cmpint(get(&memory), ==, 0);
                        check_fake(&memory,
                                   manners[i].outcome == ANSWER ? MYMEM_SOURCE_SOCKET : MYMEM_SOURCE_BUS);
                }
                fake_stop(fake);
        }
        fake_stop(on_bus);
        private_bus_stop(bus);
}

/* The socket is about oneself; for all others the bus is asked, and nobody else. */
static void test_others(void) {
        PrivateBus *bus = private_bus_start();
        Fake *on_bus = fake_own(bus->address, FAKE_ANSWERS), *socket = fake_listen(FAKE_ANSWERS);
        struct mymem memory;
        int pidfd = child_pidfd(getppid());

        sources_set(socket->path, bus->address);
        g_assert_cmpint(mymem_get_pid(getppid(), &memory), ==, 0);
        check_fake(&memory, MYMEM_SOURCE_BUS);
        g_assert_cmpuint(memory.rlimit_as, ==, MYMEM_UNKNOWN);
        g_assert_cmpint(mymem_get_pidfd(pidfd, &memory), ==, 0);
        check_fake(&memory, MYMEM_SOURCE_BUS);
        g_assert_cmpint(mymem_get_unit(FAKE_UNIT, &memory), ==, 0);
        check_fake(&memory, MYMEM_SOURCE_BUS);
        g_assert_cmpint(mymem_get_pid(0, &memory), ==, 0);
        check_fake(&memory, MYMEM_SOURCE_SOCKET);
        g_assert_cmpint(mymem_get_pid(getpid(), &memory), ==, 0);
        check_fake(&memory, MYMEM_SOURCE_SOCKET);

        close(pidfd);
        fake_stop(socket);
        fake_stop(on_bus);
        private_bus_stop(bus);
}

/* Runs in a sandbox where nothing can be read. */
static void run_blind(void *data) {
        const bool *has_proc = data;

        sandbox_enter(*has_proc);
        for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
                Fake *fake = fake_listen(manners[i].manner);
                struct mymem memory;

                g_test_message("%s", fake_names[manners[i].manner]);
                sources_set(fake->path, NULL);
                if (manners[i].outcome == ANSWER) {
                        g_assert_cmpint(get(&memory), ==, 0);
                        check_fake(&memory, MYMEM_SOURCE_SOCKET);
                } else
                        g_assert_cmpint(get(&memory), ==, manners[i].r < 0 ? manners[i].r : -ENODATA);
                fake_stop(fake);
        }
}

/* Where nothing can be read, the machine's figures are no answer, and the service's reason is the error. */
static void test_blind(void) {
        bool has_proc[] = { true, false };

        if (sandbox_is_possible())
                for (size_t i = 0; i < G_N_ELEMENTS(has_proc); i++)
                        child_run(run_blind, &has_proc[i]);
}

static void test_arguments(void) {
        struct mymem memory, before;
        int not_pidfd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        memset(&before, 5, sizeof(before));
        memory = before;
        sources_set(NULL, NULL);
        g_assert_cmpint(mymem_get(NULL), ==, -EINVAL);
        g_assert_cmpint((mymem_get) (&memory, sizeof(memory) - 1), ==, -EINVAL);
        g_assert_cmpint((mymem_get) (&memory, 0), ==, -EINVAL);
        g_assert_cmpint(mymem_get_pid(1, NULL), ==, -EINVAL);
        g_assert_cmpint(mymem_get_pid(-1, NULL), ==, -EINVAL);
        g_assert_cmpint(mymem_get_pid(-1, &memory), ==, -ESRCH);
        g_assert_cmpint(mymem_get_pid(INT32_MAX, &memory), ==, -ESRCH);
        g_assert_cmpint(mymem_get_pidfd(0, NULL), ==, -EINVAL);
        g_assert_cmpint(mymem_get_pidfd(-1, &memory), ==, -EBADF);
        g_assert_cmpint(mymem_get_pidfd(not_pidfd, &memory), ==, -EINVAL);
        g_assert_cmpint(mymem_get_pidfd(INT32_MAX, &memory), ==, -EINVAL);
        g_assert_cmpint(mymem_get_unit(NULL, &memory), ==, -EINVAL);
        g_assert_cmpint(mymem_get_unit("a.service", NULL), ==, -EINVAL);
        g_assert_cmpmem(&memory, sizeof(memory), &before, sizeof(before));
        close(not_pidfd);
}

/* A name that is no unit's, however it looks. */
static void test_no_unit(void) {
        static const char *const names[] = { "",     "nosuch.service", "../x",  "/",
                                             "\xff", "a@.service",     "nosuch" };
        PrivateBus *bus = private_bus_start();
        Fake *fake = fake_own(bus->address, FAKE_NO_UNIT);
        struct mymem memory, direct;

        if (get_directly(&direct) == 0 && direct.source == MYMEM_SOURCE_CGROUP)
                for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                        sources_set(NULL, NULL);
                        g_assert_cmpint(mymem_get_unit(names[i], &memory), ==, -ENOENT);
                        sources_set(NULL, bus->address);
                        g_assert_cmpint(mymem_get_unit(names[i], &memory), ==, -ENOENT);
                }
        fake_stop(fake);
        private_bus_stop(bus);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/sources/nobody", test_nobody);
        g_test_add_func("/sources/socket", test_socket);
        g_test_add_func("/sources/bus", test_bus);
        g_test_add_func("/sources/strange-bus", test_strange_bus);
        g_test_add_func("/sources/socket-then-bus", test_socket_then_bus);
        g_test_add_func("/sources/others", test_others);
        g_test_add_func("/sources/blind", test_blind);
        g_test_add_func("/sources/arguments", test_arguments);
        g_test_add_func("/sources/no-unit", test_no_unit);

        return g_test_run();
}
