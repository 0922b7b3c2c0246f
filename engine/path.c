/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"

const char *path_next(const char **cursor, size_t *ret_length) {
        const char *component;

        assert(cursor);
        assert(*cursor);
        assert(ret_length);

        component = *cursor + strspn(*cursor, "/");
        if (*component == '\0')
                return NULL;

        *ret_length = strcspn(component, "/");
        *cursor = component + *ret_length;
        return component;
}

bool path_is_dots(const char *component, size_t length) {
        assert(component);

        return (length == 1 && component[0] == '.') ||
                (length == 2 && component[0] == '.' && component[1] == '.');
}

bool path_is_normal(const char *path) {
        assert(path);

        if (path[0] != '/')
                return false;
        if (path[1] == '\0')
                return true;

        while (*path != '\0') {
                size_t length;

                path++;
                length = strcspn(path, "/");
                if (length == 0 || path_is_dots(path, length))
                        return false;
                path += length;
        }

        return true;
}

const char *path_after(const char *path, const char *prefix) {
        size_t length;

        assert(path);
        assert(prefix);

        if (strcmp(prefix, "/") == 0)
                return strcmp(path, "/") == 0 ? path + 1 : path;

        length = strlen(prefix);
        if (strncmp(path, prefix, length) != 0 || (path[length] != '/' && path[length] != '\0'))
                return NULL;

        return path + length;
}

/* How many components lead from the end of what both have in common to the end of 'base'; moves '*path' to
 * that point. */
static size_t count_up(const char **path, const char *base) {
        const char *own, *component;
        size_t n = 0, own_length = 0, length;

        while ((component = path_next(&base, &length))) {
                const char *cursor = *path;

                own = n == 0 ? path_next(&cursor, &own_length) : NULL;
                if (own && own_length == length && memcmp(own, component, length) == 0)
                        *path = cursor;
                else
                        n++;
        }

        return n;
}

char *path_relative(const char *path, const char *base) {
        static const char up[] = "/..";
        char *relative, *end;
        size_t n;

        assert(path);
        assert(base);

        n = count_up(&path, base);
        if (path_next(&(const char *) { path }, &(size_t) { 0 }) == NULL)
                path = n == 0 ? "/" : "";

        relative = malloc(n * strlen(up) + strlen(path) + 1);
        if (!relative)
                return NULL;
        end = relative;
        for (size_t i = 0; i < n; i++)
                end = stpcpy(end, up);
        (void) stpcpy(end, path);
        return relative;
}
