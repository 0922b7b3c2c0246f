/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Descriptors that come with calls that take none: they are not held while the call waits until it is known
 * who calls. */

#include <glib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "names.h"
#include "stage.h"
#include "stranger.h"

#define FDS_MAX 16 /* of one message: a bus lets no more through */
#define N_CALLS 12
#define ROOM 60 /* descriptors before they are scarce: enough for one message at a time, not for all */
#define FIRST_SERIAL 7

/* Sends calls of somebody who is not known yet, all of which are there when the first is read. */
static void send_calls(const Stage *stage, int fd, const int *fds) {
        WireCall call = { .n_fds = FDS_MAX,
                          .destination = MYMEM_BUS_NAME,
                          .path = MYMEM_MANAGER_PATH,
                          .interface = MYMEM_MANAGER_INTERFACE,
                          .member = "GetMemory" };
        const WireCall driver = { .serial = FIRST_SERIAL + N_CALLS,
                                  .destination = "org.freedesktop.DBus",
                                  .path = "/org/freedesktop/DBus",
                                  .interface = "org.freedesktop.DBus",
                                  .member = "GetId" };
        bool is_error;

        child_stop(stage->service->pid);
        for (unsigned i = 0; i < N_CALLS; i++) {
                call.serial = FIRST_SERIAL + i;
                g_autoptr(GString) bytes = wire_write(&call);
                g_assert_true(stranger_send_fds(fd, bytes->str, bytes->len, fds, FDS_MAX));
        }
        g_assert_true(stranger_call(fd, &driver));
        g_byte_array_unref(stranger_answer(fd, driver.serial, &is_error));
        child_continue(stage->service->pid);
}

static void test_unwanted(Stage *stage, const void *data) {
        int fd = stranger_open_bus(stage->bus->address), fds[FDS_MAX];
        unsigned before;
        Figures figures;

        (void) data;
        fds[0] = (int) syscall(SYS_pidfd_open, getpid(), 0);
        if (fds[0] < 0) {
                g_test_skip("there are no descriptors of processes");
                close(fd);
                return;
        }
        for (size_t i = 1; i < FDS_MAX; i++)
                fds[i] = dup(fds[0]);

        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
        before = service_descriptors(stage->service);
        service_limit_descriptors(stage->service, (before + ROOM) / 3 * 4);
        send_calls(stage, fd, fds);
        for (unsigned i = 0; i < N_CALLS; i++) {
                bool is_error;

                g_byte_array_unref(stranger_answer(fd, FIRST_SERIAL + i, &is_error));
                g_assert_false(is_error);
        }
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);

        for (size_t i = 0; i < FDS_MAX; i++)
                close(fds[i]);
        close(fd);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/baggage/unwanted", test_unwanted);

        return stage_run();
}
