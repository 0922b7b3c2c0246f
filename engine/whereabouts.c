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
        char text[FILE_SMALL_SIZE], *kept;
        ssize_t n;

        assert(fd >= 0);
        assert(ret);

        n = file_reread(fd, text, sizeof(text), NULL);
        if (n < 0)
                return (int) n;
        kept = strdup(text);
        if (!kept)
                return -ENOMEM;

        *ret = whereabouts_from(take_fd(&owned_fd), kept);
        return 0;
}

Whereabouts whereabouts_from(int fd, char *text) {
        Whereabouts whereabouts = { .fd = fd };

        assert(fd >= 0);
        assert(text);

        whereabouts.text = text;
        for (const char *p = text; (p = strchr(p, '\n')); p++)
                whereabouts.n_lines++;
        return whereabouts;
}

int whereabouts_hold(const Whereabouts *whereabouts) {
        _cleanup_free_ char *text = NULL;
        size_t size, n_lines;
        ssize_t n;

        assert(whereabouts);

        if (whereabouts->fd < 0)
                return 0;

        size = strlen(whereabouts->text) + 2;
        n_lines = whereabouts->n_lines;
        text = malloc(size);
        if (!text)
                return -ENOMEM;

        n = file_reread(whereabouts->fd, text, size, &n_lines);
        if (n < 0)
                return n == -EFBIG ? 0 : (int) n; /* what is longer is not the same */
        return strcmp(text, whereabouts->text) == 0;
}

void whereabouts_done(Whereabouts *whereabouts) {
        assert(whereabouts);

        closep(&whereabouts->fd);
        free(whereabouts->text);
        *whereabouts = WHEREABOUTS_NONE;
}
