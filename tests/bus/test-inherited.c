/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection that one process opens and another uses: identity is the opener's while it lives, and
 * nobody's after. */

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "slice.h"
#include "stage.h"

#define OPENER_LIMIT (64 * MIB)
#define HEIR_LIMIT (96 * MIB)

/* What the heir got for one call. */
typedef struct Report {
        uint64_t limit;
        char error[128];
} Report;

typedef struct Inheritance {
        const char *address;
        char *opener_group;
        char *heir_group;
        Slice *slice;
        pid_t opener;
        int command_fd;
        int report_fd;
} Inheritance;

/* Makes one call for each byte it hears, until nobody speaks any more. */
static void run_heir(const Inheritance *inheritance, int fd, int command_fd, int report_fd) {
        const int own[] = { fd, command_fd, report_fd };
        sd_bus *bus;

        child_keep(own, G_N_ELEMENTS(own));
        group_enter(inheritance->heir_group);
        bus = client_adopt(fd);
        while (child_hear(command_fd)) {
                const char *error;
                Figures figures = { 0 };
                Report report = { 0 };

                error = client_figures(bus, &figures, "GetMemory", NULL);
                report.limit = figures.limit;
                (void) g_strlcpy(report.error, error ? error : "", sizeof(report.error));
                g_assert_cmpint(write(report_fd, &report, sizeof(report)), ==, sizeof(report));
        }
        _exit(EXIT_SUCCESS);
}

static void run_opener(const Inheritance *inheritance, int command_fd, int report_fd) {
        pid_t heir;
        int fd;

        group_enter(inheritance->opener_group);
        fd = client_connect(inheritance->address);
        /* The heir outlives us; it ends when the test closes its pipe. */
        heir = fork();
        g_assert_cmpint(heir, >=, 0);
        if (heir == 0)
                run_heir(inheritance, fd, command_fd, report_fd);

        close(fd);
        child_tell(report_fd);
        for (;;)
                (void) pause();
}

static bool inheritance_start(Inheritance *inheritance, Stage *stage) {
        int command[2], report[2];
        char byte;

        inheritance->slice = slice_new();
        if (!inheritance->slice)
                return false;
        inheritance->address = stage->bus->address;
        inheritance->opener_group = slice_group(inheritance->slice, "%-opener.service");
        inheritance->heir_group = slice_group(inheritance->slice, "%-heir.service");
        group_write(inheritance->opener_group, "memory.limit_in_bytes", OPENER_LIMIT);
        group_write(inheritance->heir_group, "memory.limit_in_bytes", HEIR_LIMIT);

        g_assert_cmpint(pipe2(command, O_CLOEXEC), ==, 0);
        g_assert_cmpint(pipe2(report, O_CLOEXEC), ==, 0);
        inheritance->opener = child_fork();
        if (inheritance->opener == 0) {
                close(command[1]);
                close(report[0]);
                run_opener(inheritance, command[0], report[1]);
        }
        close(command[0]);
        close(report[1]);
        inheritance->command_fd = command[1];
        inheritance->report_fd = report[0];

        g_assert_cmpint(read(inheritance->report_fd, &byte, 1), ==, 1);
        return true;
}

static void inheritance_end(Inheritance *inheritance) {
        /* The heir closes its end of the other pipe by ending. */
        close(inheritance->command_fd);
        g_assert_false(child_hear(inheritance->report_fd));
        close(inheritance->report_fd);

        slice_free(inheritance->slice);
        g_free(inheritance->opener_group);
        g_free(inheritance->heir_group);
}

static Report make_call(const Inheritance *inheritance) {
        Report report;

        child_tell(inheritance->command_fd);
        g_assert_cmpint(read(inheritance->report_fd, &report, sizeof(report)), ==, sizeof(report));
        return report;
}

static void check_opener(const Inheritance *inheritance) {
        Report report = make_call(inheritance);

        g_assert_cmpstr(report.error, ==, "");
        g_assert_cmpuint(report.limit, ==, OPENER_LIMIT);
}

static void check_nobody(const Inheritance *inheritance) {
        Report report = make_call(inheritance);

        if (!g_str_equal(report.error, MYMEM_ERROR_NO_SUCH_PROCESS))
                g_assert_cmpstr(report.error, ==, MYMEM_ERROR_UNKNOWN_CALLER);
}

/* Calls until the service has all at hand that it keeps. */
static void warm_up(const Inheritance *inheritance) {
        for (unsigned i = 0; i < 3; i++)
                check_opener(inheritance);
}

/* The service knows the caller already when it ends. */
static void test_warm(Stage *stage, const void *data) {
        Inheritance inheritance;

        (void) data;
        if (!inheritance_start(&inheritance, stage))
                return;
        warm_up(&inheritance);
        child_kill(inheritance.opener);
        check_nobody(&inheritance);
        check_nobody(&inheritance);
        inheritance_end(&inheritance);
}

/* The caller has ended before the service first hears of it. */
static void test_cold(Stage *stage, const void *data) {
        Inheritance inheritance;

        (void) data;
        if (!inheritance_start(&inheritance, stage))
                return;
        child_kill(inheritance.opener);
        check_nobody(&inheritance);
        check_nobody(&inheritance);
        inheritance_end(&inheritance);
}

/* The caller has ended, and nobody has taken note: on v1 its line shows the root then. */
static void test_zombie(Stage *stage, const void *data) {
        Inheritance warm, cold;
        siginfo_t info;
        bool started;

        (void) data;
        if (!inheritance_start(&warm, stage))
                return;
        started = inheritance_start(&cold, stage);
        g_assert_true(started);
        warm_up(&warm);

        g_assert_cmpint(kill(warm.opener, SIGKILL), ==, 0);
        g_assert_cmpint(kill(cold.opener, SIGKILL), ==, 0);
        g_assert_cmpint(waitid(P_PID, (id_t) warm.opener, &info, WEXITED | WNOWAIT), ==, 0);
        g_assert_cmpint(waitid(P_PID, (id_t) cold.opener, &info, WEXITED | WNOWAIT), ==, 0);
        check_nobody(&warm);
        check_nobody(&cold);

        g_assert_cmpint(waitpid(warm.opener, NULL, 0), ==, warm.opener);
        g_assert_cmpint(waitpid(cold.opener, NULL, 0), ==, cold.opener);
        inheritance_end(&warm);
        inheritance_end(&cold);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/inherited/warm", test_warm);
        stage_add("/inherited/cold", test_cold);
        stage_add("/inherited/zombie", test_zombie);

        return stage_run();
}
