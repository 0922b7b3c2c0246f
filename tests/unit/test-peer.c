/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is at the other end of a connection is found out when it is made; what only failed for want of
 * descriptors is tried again. No limit will do with the service as it is: it lets nobody in long before. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "end.h"
#include "names.h"
#include "peer.h"

#define PATIENCE_SEC 60

/* How many descriptors this process may have; returns what it was. */
static rlim_t set_limit(rlim_t n) {
        struct rlimit limit;
        rlim_t before;

        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
        before = limit.rlim_cur;
        limit.rlim_cur = n;
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
        return before;
}

/* Makes a peer when there are just enough descriptors for it, but none by which to hold its process, and
 * leaves it at that. '*ret_client' is its other end. */
static Peer *make_peer(Service *service, sd_bus **ret_client) {
        Peer *peer = NULL;

        for (unsigned n_free = 0; !peer; n_free++) {
                rlim_t before;
                int pair[2];

                g_assert_cmpint(
                        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
                before = set_limit((rlim_t) pair[1] + 1 + n_free);
                if (peer_new(service, pair[0], &peer) < 0) {
                        set_limit(before);
                        close(pair[1]);
                } else
                        *ret_client = end_new(pair[1], false);
        }
        return peer;
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        const sd_bus_error *said = sd_bus_message_get_error(reply);
        const char **ret_said = userdata;

        (void) error;

        *ret_said = g_intern_string(said ? said->message : "the figures");
        return 0;
}

/* Asks, and serves the peer until that is answered. Returns what is said. */
static const char *ask(Peer *peer, sd_bus *client) {
        gint64 deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;
        const char *said = NULL;
        int r;

        r = sd_bus_call_method_async(client,
                                     NULL,
                                     NULL,
                                     MYMEM_MANAGER_PATH,
                                     MYMEM_MANAGER_INTERFACE,
                                     "GetMemory",
                                     on_answer,
                                     &said,
                                     NULL);
        g_assert_cmpint(r, >=, 0);
        while (!said) {
                end_turn(client);
                g_assert_cmpint(peer_serve(peer), >=, 0);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }
        return said;
}

static void test_identified_later(void) {
        Service *service = NULL;
        sd_bus *client = NULL;
        sd_event *event = NULL;
        rlim_t limit;
        Peer *peer;

        if (check_in_valgrind()) {
                g_test_skip("valgrind keeps this limit to itself, and the kernel knows nothing of it");
                return;
        }
        g_assert_cmpint(sd_event_new(&event), >=, 0);
        g_assert_cmpint(service_new(event, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), &service), >=, 0);
        (void) service_try(service);
        service->sees_processes = true;

        limit = set_limit(1024);
        peer = make_peer(service, &client);
        g_assert_cmpint(sd_bus_start(client), >=, 0);
        g_assert_nonnull(strstr(ask(peer, client), g_strerror(EMFILE)));
        set_limit(limit);
        g_assert_null(strstr(ask(peer, client), g_strerror(EMFILE)));

        sd_bus_close_unref(client);
        peer_free(peer);
        service_free(service);
        sd_event_unref(event);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/peer/identified-later", test_identified_later);

        return g_test_run();
}
