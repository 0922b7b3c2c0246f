/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "whereabouts.h"

int whereabouts_take(int fd, Whereabouts *ret) {
        _cleanup_close_ int owned_fd = fd;
        char text[FILE_SMALL_SIZE];
        Whereabouts whereabouts;
        ssize_t n;

        assert(fd >= 0);
        assert(ret);

        whereabouts.n_lines = 0;
        n = file_reread(fd, text, sizeof(text), &whereabouts.n_lines);
        if (n < 0)
                return (int) n;
        whereabouts.text = strdup(text);
        if (!whereabouts.text)
                return -ENOMEM;
        whereabouts.fd = take_fd(&owned_fd);

        *ret = whereabouts;
        return 0;
}

bool whereabouts_hold(const Whereabouts *whereabouts) {
        char text[FILE_SMALL_SIZE];
        size_t n_lines;

        assert(whereabouts);

        n_lines = whereabouts->n_lines;
        return whereabouts->fd >= 0 && file_reread(whereabouts->fd, text, sizeof(text), &n_lines) >= 0 &&
                strcmp(text, whereabouts->text) == 0;
}

void whereabouts_done(Whereabouts *whereabouts) {
        assert(whereabouts);

        closep(&whereabouts->fd);
        free(whereabouts->text);
        *whereabouts = WHEREABOUTS_NONE;
}
