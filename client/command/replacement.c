/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "replacement.h"

/* Names that are not taken are found at once, unless somebody takes them all. */
#define REPLACEMENT_TRIES 100

/* Creates a file in the same directory. Collectors read all that ends as the real one does: this does not.
 */
static int create_beside(const char *path, char **ret_temporary) {
        for (unsigned i = 0; i < REPLACEMENT_TRIES; i++) {
                g_autofree char *temporary = g_strdup_printf("%s.%08x", path, g_random_int());
                int fd;

                fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
                if (fd >= 0)
                        *ret_temporary = g_steal_pointer(&temporary);
                if (fd >= 0 || errno != EEXIST)
                        return fd < 0 ? -errno : fd;
        }

        return -EEXIST;
}

int replacement_open(const char *path, Replacement *ret) {
        _cleanup_(replacement_done) Replacement replacement = { 0 };
        _cleanup_close_ int fd = -1;
        struct stat status;

        if (*path == '\0')
                return -ENOENT;
        if (lstat(path, &status) >= 0 && !S_ISREG(status.st_mode))
                return -EEXIST;

        fd = create_beside(path, &replacement.temporary);
        if (fd < 0)
                return fd;

        replacement.stream = fdopen(fd, "we");
        if (!replacement.stream)
                return -errno;
        (void) take_fd(&fd);

        replacement.path = g_strdup(path);
        *ret = replacement;
        replacement = (Replacement) { 0 };
        return 0;
}

int replacement_commit(Replacement *replacement) {
        /* What an earlier write failed with is not in errno any more. */
        gboolean is_damaged = ferror(replacement->stream);

        if (fclose(g_steal_pointer(&replacement->stream)) != 0)
                return -errno;
        if (is_damaged)
                return -EIO;
        if (rename(replacement->temporary, replacement->path) < 0)
                return -errno;

        g_clear_pointer(&replacement->temporary, g_free);
        return 0;
}

void replacement_done(Replacement *replacement) {
        g_clear_pointer(&replacement->stream, fclose);
        if (replacement->temporary)
                (void) unlink(replacement->temporary);
        g_free(replacement->temporary);
        g_free(replacement->path);
        *replacement = (Replacement) { 0 };
}
