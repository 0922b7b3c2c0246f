/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cleanup.h"
#include "mounts.h"
#include "path.h"

#define FIELDS_BEFORE_OPTIONAL 6 /* ID, parent, device, root, mount point, options */
#define FIELDS_AFTER_OPTIONAL 2  /* type, source; then the options of the file system */

/* One line, cut into fields; strings are of the line. */
typedef struct Line {
        char *root;
        char *point;
        char *type;
        char *options;
} Line;

/* Undoes the kernel's \ooo, in place. */
static int unescape(char *text) {
        char *to = text;

        for (const char *from = text; *from != '\0'; to++) {
                if (*from != '\\') {
                        *to = *from++;
                        continue;
                }

                for (size_t i = 1; i <= 3; i++)
                        if (from[i] < '0' || from[i] > (i == 1 ? '3' : '7'))
                                return -EBADMSG;
                *to = (char) ((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
                if (*to == '\0')
                        return -EBADMSG;
                from += 4;
        }

        *to = '\0';
        return 0;
}

static int split_line(char *text, Line *ret) {
        char *fields[FIELDS_BEFORE_OPTIONAL + FIELDS_AFTER_OPTIONAL], *field;
        bool in_optional = false;
        size_t n = 0;
        int r;

        while (n < sizeof(fields) / sizeof(*fields) && (field = strsep(&text, " "))) {
                if (in_optional) {
                        in_optional = strcmp(field, "-") != 0;
                        continue;
                }
                fields[n++] = field;
                in_optional = n == FIELDS_BEFORE_OPTIONAL;
        }
        if (n != sizeof(fields) / sizeof(*fields) || !text)
                return -EBADMSG;

        /* The file system's options are the rest of the line: some file systems write spaces into theirs. */
        *ret = (Line) { .root = fields[3], .point = fields[4], .type = fields[6], .options = text };

        r = unescape(ret->root);
        if (r < 0)
                return r;
        return unescape(ret->point);
}

static bool option_is_set(const char *options, const char *wanted) {
        size_t length = strlen(wanted);

        for (const char *p = options; p; p = strchr(p, ','), p = p ? p + 1 : NULL)
                if (strncmp(p, wanted, length) == 0 && (p[length] == ',' || p[length] == '\0'))
                        return true;

        return false;
}

static bool line_kind(const Line *line, MountKind *ret) {
        if (strcmp(line->type, "cgroup2") == 0)
                *ret = MOUNT_UNIFIED;
        else if (strcmp(line->type, "cgroup") != 0)
                return false;
        else if (option_is_set(line->options, "memory"))
                *ret = MOUNT_MEMORY;
        else if (option_is_set(line->options, "name=systemd"))
                *ret = MOUNT_SYSTEMD;
        else
                return false;

        return true;
}

static void mount_done(Mount *mount) {
        closep(&mount->fd);
        free(mount->root);
        free(mount->point);
}

/* Of several file systems mounted on one directory the last covers the others. */
static void mounts_cover(Mounts *mounts, const char *point) {
        size_t kept = 0;

        for (size_t i = 0; i < mounts->n; i++)
                if (strcmp(mounts->items[i].point, point) == 0)
                        mount_done(&mounts->items[i]);
                else
                        mounts->items[kept++] = mounts->items[i];

        mounts->n = kept;
}

static int mounts_add(Mounts *mounts, const Line *line, MountKind kind) {
        Mount *items;

        items = reallocarray(mounts->items, mounts->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        mounts->items = items;

        items[mounts->n] = (Mount) { kind, strdup(line->root), strdup(line->point), -1, false };
        mounts->n++;
        return items[mounts->n - 1].root && items[mounts->n - 1].point ? 0 : -ENOMEM;
}

int mounts_parse(const char *text, Mounts *ret) {
        _cleanup_(mounts_done) Mounts mounts = { 0 };
        _cleanup_free_ char *copy = NULL;
        char *rest, *end;

        assert(text);
        assert(ret);

        copy = rest = strdup(text);
        if (!copy)
                return -ENOMEM;

        for (; *rest != '\0'; rest = end + 1) {
                MountKind kind;
                Line line;
                int r;

                end = strchr(rest, '\n');
                if (!end)
                        return -EBADMSG;
                *end = '\0';

                r = split_line(rest, &line);
                if (r < 0)
                        return r;

                mounts_cover(&mounts, line.point);
                if (!line_kind(&line, &kind))
                        continue;
                r = mounts_add(&mounts, &line, kind);
                if (r < 0)
                        return r;
        }

        *ret = mounts;
        mounts = (Mounts) { 0 };
        return 0;
}

void mounts_done(Mounts *mounts) {
        assert(mounts);

        for (size_t i = 0; i < mounts->n; i++)
                mount_done(&mounts->items[i]);
        free(mounts->items);
        *mounts = (Mounts) { 0 };
}

static bool mount_is_better(const Mount *a, const Mount *b) {
        bool standard_a = path_after(a->point, "/sys/fs/cgroup"),
             standard_b = path_after(b->point, "/sys/fs/cgroup");

        if (standard_a != standard_b)
                return standard_a;

        return strlen(a->root) < strlen(b->root);
}

Mount *mounts_find(const Mounts *mounts, MountKind kind, const char *path) {
        Mount *best = NULL;

        assert(mounts);

        for (size_t i = 0; i < mounts->n; i++) {
                Mount *mount = &mounts->items[i];

                if (mount->kind != kind || mount->is_hidden || (path && !path_after(path, mount->root)))
                        continue;
                if (!best || mount_is_better(mount, best))
                        best = mount;
        }

        return best;
}
