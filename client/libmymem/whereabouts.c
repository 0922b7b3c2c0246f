/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "whereabouts.h"

void whereabouts_take(Whereabouts *ret) {
        Whereabouts whereabouts = { .pid = getpid() };
        char text[FILE_SMALL_SIZE];

        assert(ret);

        whereabouts.fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
        if (whereabouts.fd >= 0 && file_reread(whereabouts.fd, text, sizeof(text)) >= 0)
                whereabouts.text = strdup(text);
        if (!whereabouts.text) {
                closep(&whereabouts.fd);
                whereabouts.fd = -1;
        }

        *ret = whereabouts;
}

bool whereabouts_hold(const Whereabouts *whereabouts) {
        char text[FILE_SMALL_SIZE];

        assert(whereabouts);

        if (whereabouts->pid != getpid())
                return false;
        if (whereabouts->fd < 0)
                return true;

        return file_reread(whereabouts->fd, text, sizeof(text)) >= 0 && strcmp(text, whereabouts->text) == 0;
}

void whereabouts_done(Whereabouts *whereabouts) {
        assert(whereabouts);

        closep(&whereabouts->fd);
        free(whereabouts->text);
        *whereabouts = (Whereabouts) { .fd = -1 };
}
