/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "cleanup.h"
#include "membership.h"
#include "size.h"

static bool list_has(const char *list, size_t length, const char *wanted) {
        const char *end = list + length;

        while (list < end) {
                size_t n = 0;

                while (list + n < end && list[n] != ',')
                        n++;
                if (n == strlen(wanted) && memcmp(list, wanted, n) == 0)
                        return true;
                list += n + 1;
        }

        return false;
}

static int keep_path(char **where, const char *path, size_t length) {
        if (*where)
                return -EBADMSG;

        *where = strndup(path, length);
        return *where ? 0 : -ENOMEM;
}

static int parse_line(const char *line, const char *end, Membership *membership) {
        const char *controllers, *path;
        uint64_t id;
        size_t length;
        int r;

        r = size_scan(&line, &id);
        if (r < 0 || *line != ':')
                return -EBADMSG;

        controllers = line + 1;
        path = memchr(controllers, ':', (size_t) (end - controllers));
        if (!path || path[1] != '/')
                return -EBADMSG;
        length = (size_t) (path - controllers);
        path++;

        if (id == 0 && length == 0)
                return keep_path(&membership->unified, path, (size_t) (end - path));
        if (list_has(controllers, length, "name=systemd"))
                r = keep_path(&membership->systemd, path, (size_t) (end - path));
        if (r >= 0 && list_has(controllers, length, "memory"))
                r = keep_path(&membership->memory, path, (size_t) (end - path));

        return r;
}

int membership_parse(const char *text, Membership *ret) {
        _cleanup_(membership_done) Membership membership = { 0 };

        assert(text);
        assert(ret);

        while (*text != '\0') {
                const char *end = strchr(text, '\n');
                int r;

                if (!end)
                        return -EBADMSG;

                r = parse_line(text, end, &membership);
                if (r < 0)
                        return r;
                text = end + 1;
        }

        *ret = membership;
        membership = (Membership) { 0 };
        return 0;
}

void membership_done(Membership *membership) {
        assert(membership);

        free(membership->memory);
        free(membership->unified);
        free(membership->systemd);
        *membership = (Membership) { 0 };
}

const char *membership_memory_path(const Membership *membership) {
        assert(membership);

        return membership->memory ? membership->memory : membership->unified;
}

const char *membership_systemd_path(const Membership *membership) {
        assert(membership);

        return membership->systemd ? membership->systemd : membership->unified;
}
