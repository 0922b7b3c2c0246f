/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <glib.h>
#include <sys/socket.h>

#include "failure-reply.h"
#include "failure.h"
#include "peer-process.h"

#ifndef SO_PEERPIDFD /* Linux 6.5 */
#define SO_PEERPIDFD 77
#endif

int peer_process_hold(Service *service, int fd, Moment *accepted, int *pidfd) {
        socklen_t size = sizeof(*pidfd);

        assert(service);
        assert(fd >= 0);
        assert(accepted);
        assert(pidfd);

        /* On a kernel that knows it, it fails for a process that has ended. */
        if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, pidfd, &size) >= 0)
                return 0;
        if (errno != ENOPROTOOPT)
                return failure_is_passing(-errno) ? -errno : -ESRCH;

        if (accepted->ticks == 0)
                moment_begin(service->machine, accepted);
        return 0;
}

int peer_process_find(Service *service, int fd, Moment *accepted, int *pidfd, Caller *caller) {
        struct ucred credentials;
        socklen_t size = sizeof(credentials);
        int r;

        assert(caller);

        r = *pidfd < 0 ? peer_process_hold(service, fd, accepted, pidfd) : 0;
        if (r < 0)
                return r;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return -errno;

        r = caller_identify(caller,
                            service->event,
                            service->machine,
                            *pidfd,
                            (uint32_t) MAX(credentials.pid, 0),
                            accepted);
        if (r < 0 || *pidfd >= 0)
                return r;

        /* A number may be somebody else's by now; but not another user's. */
        r = process_has_owner(service->machine, &caller->process, credentials.uid, credentials.gid);
        if (r < 0)
                return r;
        return r > 0 ? 0 : -ERROR_UNKNOWN_CALLER;
}
