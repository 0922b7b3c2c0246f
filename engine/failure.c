/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "display.h"
#include "failure.h"

static const char *sentence(int r) {
        switch (r) {
        case -ESRCH:
                return "There is no such process, or it has ended.";
        case -ENOENT:
                return "There is no such unit or control group.";
        case -ENODEV:
                return "The control group has vanished.";
        case -EOPNOTSUPP:
                return "This has no files that can be handed out.";
        case -ENODATA:
                return "No memory controller accounts for it.";
        case -E2BIG:
                return "This lies too deep in the tree of control groups, or has too many dead threads.";
        case -EBADMSG:
                return "This is not what the kernel documents.";
        case -ENOMEDIUM:
                return "This does not exist.";
        case -ERANGE:
                return "This holds a number beyond 64 bits.";
        case -EREMOTE:
                return "It lives in a PID namespace that cannot be seen from here.";
        case -EINVAL:
                return "This refers to no process.";
        case -EFBIG:
                return "This is larger than any kernel makes it.";
        default:
                return NULL;
        }
}

char *failure_describe(const Machine *machine, int r) {
        _cleanup_free_ char *about = NULL;
        const char *what = sentence(r);
        char *text;

        assert(r < 0);

        about = display_text(machine && machine->blamed[0] != '\0' ? machine->blamed : "mymem");
        if (!about)
                return NULL;
        if (!what)
                what = strerrordesc_np(-r);
        if (asprintf(&text, "%s: %s", about, what ? what : "Unknown error") < 0)
                return NULL;

        return text;
}

bool failure_is_passing(int r) {
        return r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -EIO || r == -EINTR || r == -EAGAIN ||
                r == -ENOBUFS;
}
