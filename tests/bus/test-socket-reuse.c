/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The number of a peer is another process's by the time it is used: a thousand times at each point between
 * its connection and the reading of its figures. */

#include <glib.h>

#include "child.h"
#include "namespace.h"
#include "old-kernel.h"
#include "reuse.h"
#include "socket.h"

static void run(Socket *stage, void (*round)(Reuse *reuse, void *userdata)) {
        Reuse reuse;

        if (reuse_begin(&reuse, stage->address))
                reuse_run(&reuse, round, stage);
}

static void test_known(Socket *stage, const void *data) {
        (void) data;
        run(stage, reuse_known);
}

/* The service finds both at once: the end of the peer, and a call that came before it. */
static void queued(Reuse *reuse, void *userdata) {
        Socket *stage = userdata;

        reuse_connect(reuse);
        reuse_ask(reuse);
        reuse_check_own(reuse);
        child_stop(stage->service->pid);
        reuse_ask(reuse);
        reuse_number(reuse);
        child_continue(stage->service->pid);
        reuse_check_nobody(reuse);
}

static void test_queued(Socket *stage, const void *data) {
        (void) data;
        run(stage, queued);
}

/* It was so already when the service came to look at who had connected. */
static void early(Reuse *reuse, void *userdata) {
        Socket *stage = userdata;

        child_stop(stage->service->pid);
        reuse_connect(reuse);
        reuse_number(reuse);
        child_continue(stage->service->pid);
        reuse_ask(reuse);
        reuse_check_nobody(reuse);
}

static void test_early(Socket *stage, const void *data) {
        (void) data;
        if (old_kernel_knows_peers())
                run(stage, early);
        else
                g_test_skip("the kernel tells only the number of who connected");
}

static void test_racing(Socket *stage, const void *data) {
        (void) data;
        run(stage, reuse_racing);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        old_kernel_pretend();

        socket_add("/socket-reuse/known", test_known);
        socket_add("/socket-reuse/queued", test_queued);
        if (!old_kernel_is_pretended())
                socket_add("/socket-reuse/early", test_early);
        socket_add("/socket-reuse/racing", test_racing);

        return namespace_main(g_test_run);
}
