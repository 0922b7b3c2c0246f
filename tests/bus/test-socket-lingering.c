/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Descriptors that take long to close, at the socket: nobody waits for them but who sent them. */

#include <errno.h>
#include <glib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "lingering.h"
#include "names.h"
#include "parcel.h"
#include "socket.h"
#include "stranger.h"

#define MESSAGES 20        /* with FDS_MAX descriptors each */
#define FDS_MAX 16         /* of one message */
#define UNCLOSED_MAX 64    /* descriptors; beyond, who brings more has to wait */
#define NEEDED_FOR_PEER 12 /* of ours, with what is kept open of its figures */
#define ROUNDS 20
#define GUESTS_OF_USER_MAX 16

static const WireCall call = { .serial = 7,
                               .path = MYMEM_MANAGER_PATH,
                               .interface = MYMEM_MANAGER_INTERFACE,
                               .member = "GetMemory",
                               .n_fds = FDS_MAX };

/* Sends so many calls behind what is in 'first'. The service is stopped meanwhile: all of it arrives at
 * once, and nobody else has the descriptors then. */
static void send_lingering(
        const Socket *stage, Lingering *lingering, int fd, const GString *first, unsigned n) {
        g_autoptr(GString) bytes = wire_write(&call);

        child_stop(stage->service->pid);
        if (first)
                g_assert_true(stranger_send(fd, first->str, first->len));
        for (unsigned i = 0; i < n; i++) {
                int fds[FDS_MAX];

                for (size_t j = 0; j < FDS_MAX; j++)
                        fds[j] = lingering_open(lingering);
                g_assert_true(stranger_send_fds(fd, bytes->str, bytes->len, fds, FDS_MAX));
                for (size_t j = 0; j < FDS_MAX; j++)
                        close(fds[j]);
        }
        child_continue(stage->service->pid);
}

/* Whoever brings no descriptors is served, and so is who comes now. */
static void check_served(const Socket *stage) {
        for (unsigned i = 0; i < ROUNDS; i++) {
                int fd = stranger_open(stage->address);

                g_assert_true(stranger_ping(fd, 8));
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
                close(fd);
        }
}

static void check_bound(const Socket *stage, unsigned before) {
        g_assert_cmpuint(service_descriptors(stage->service),
                         <=,
                         before + UNCLOSED_MAX + FDS_MAX + 2 * NEEDED_FOR_PEER);
}

/* However many are sent, only so many are taken before they are closed. */
static void test_many(Socket *stage, const void *data) {
        Lingering lingering;
        unsigned before;
        int fd;

        (void) data;
        lingering_begin(&lingering);
        before = socket_descriptors(stage);
        fd = stranger_open(stage->address);
        send_lingering(stage, &lingering, fd, NULL, MESSAGES);
        check_served(stage);
        g_test_message("%u descriptors, before %u", service_descriptors(stage->service), before);
        g_assert_cmpuint(service_descriptors(stage->service), >, before + UNCLOSED_MAX / 2);
        check_bound(stage, before);

        /* It waits, and is answered in the end. */
        lingering_end(&lingering);
        for (unsigned i = 0; i < MESSAGES; i++) {
                g_autoptr(GByteArray) reply = stranger_read(fd);

                g_assert_nonnull(reply);
        }
        close(fd);
        socket_settle(stage, before);
}

/* What is left of a connection that the service closes, because of what came first. */
static void test_behind(Socket *stage, const void *data) {
        g_autoptr(GString) large = wire_promise('l', 1024 * 1024, 0);
        Lingering lingering;
        unsigned before;
        int fd;

        (void) data;
        lingering_begin(&lingering);
        before = socket_descriptors(stage);
        fd = stranger_open(stage->address);
        send_lingering(stage, &lingering, fd, large, MESSAGES);
        check_served(stage);
        check_bound(stage, before);

        lingering_end(&lingering);
        g_assert_true(stranger_is_closed(fd, STRANGER_PATIENCE_SEC));
        close(fd);
        socket_settle(stage, before);
}

/* Nor does it matter that it is the other side that goes. */
static void test_gone(Socket *stage, const void *data) {
        Lingering lingering;
        unsigned before;

        (void) data;
        lingering_begin(&lingering);
        before = socket_descriptors(stage);
        for (unsigned i = 0; i < 2; i++) {
                int fd = stranger_open(stage->address);

                send_lingering(stage, &lingering, fd, NULL, MESSAGES / 2);
                close(fd);
        }
        check_served(stage);
        lingering_end(&lingering);
        socket_settle(stage, before);
}

/* What was sent over a connection that is not let in, because its user has too many, goes with it. */
static void test_refused(Socket *stage, const void *data) {
        int fds[GUESTS_OF_USER_MAX - 1], fd, lingering_fd;
        Lingering lingering;
        unsigned before;

        (void) data;
        lingering_begin(&lingering);
        before = socket_descriptors(stage);
        for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
                fds[i] = stranger_open(stage->address);

        child_stop(stage->service->pid);
        fd = stranger_connect(stage->address);
        lingering_fd = lingering_open(&lingering);
        g_assert_true(stranger_send_fds(fd, "", 1, &lingering_fd, 1));
        close(lingering_fd);
        child_continue(stage->service->pid);
        for (unsigned i = 0; i < ROUNDS; i++)
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);

        lingering_end(&lingering);
        close(fd);
        for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
                close(fds[i]);
        socket_settle(stage, before);
}

/* Out of band, too, descriptors come. */
static void test_out_of_band(Socket *stage, const void *data) {
        Lingering lingering;
        unsigned before;

        (void) data;
        lingering_begin(&lingering);
        before = socket_descriptors(stage);
        for (unsigned i = 0; i < 2; i++) {
                int fd = stranger_open(stage->address), lingering_fd = lingering_open(&lingering);

                /* Kernels without it say so. */
                if (parcel_send(fd, "", 1, &lingering_fd, 1, MSG_OOB) < 0)
                        g_assert_cmpint(errno, ==, EOPNOTSUPP);
                close(lingering_fd);
                check_served(stage);
                close(fd);
        }
        check_served(stage);
        lingering_end(&lingering);
        socket_settle(stage, before);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add("/socket-lingering/many", test_many);
        socket_add("/socket-lingering/behind", test_behind);
        socket_add("/socket-lingering/gone", test_gone);
        socket_add("/socket-lingering/refused", test_refused);
        socket_add("/socket-lingering/out-of-band", test_out_of_band);

        return g_test_run();
}
