/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "hierarchy.h"

static bool list_has(const char *list, const char *word) {
        g_auto(GStrv) words = g_strsplit(list, ",", -1);

        return *word == '\0' ? *list == '\0' : g_strv_contains((const char *const *) words, word);
}

/* The third field of the line that carries the controller; it may itself hold colons. */
static char *path_in(const char *text, const char *controller) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (size_t i = 0; lines[i]; i++) {
                g_auto(GStrv) fields = g_strsplit(lines[i], ":", 3);

                if (g_strv_length(fields) == 3 && list_has(fields[1], controller))
                        return g_strdup(fields[2]);
        }
        return NULL;
}

char *hierarchy_path_of(const Hierarchy *hierarchy, pid_t pid) {
        g_autofree char *name = g_strdup_printf("/proc/%d/cgroup", (int) pid);
        g_autofree char *text = NULL;

        if (!g_file_get_contents(name, &text, NULL, NULL))
                return NULL;
        return path_in(text, hierarchy->controller);
}

bool hierarchy_is_listed(const char *controller) {
        g_autofree char *text = NULL;
        g_autofree char *path = NULL;

        if (!g_file_get_contents("/proc/self/cgroup", &text, NULL, NULL))
                return false;
        path = path_in(text, controller);
        return path != NULL;
}

static bool line_is_of(char **fields, size_t separator, const char *controller) {
        if (*controller == '\0')
                return g_str_equal(fields[separator + 1], "cgroup2");
        return g_str_equal(fields[separator + 1], "cgroup") && list_has(fields[separator + 3], controller);
}

void hierarchy_find(const char *controller, Hierarchy *ret) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        *ret = (Hierarchy) { .controller = controller };
        if (!g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
                return;

        lines = g_strsplit(text, "\n", -1);
        for (size_t i = 0; lines[i]; i++) {
                g_auto(GStrv) fields = g_strsplit(lines[i], " ", -1);
                size_t n = g_strv_length(fields);
                size_t separator = 6;

                while (separator < n && !g_str_equal(fields[separator], "-"))
                        separator++;
                if (separator + 3 >= n || !line_is_of(fields, separator, controller))
                        continue;
                /* Of several mounts the one at the usual place counts. */
                if (ret->mount && !g_str_has_prefix(fields[4], "/sys/fs/cgroup"))
                        continue;
                hierarchy_clear(ret);
                ret->mount = g_strcompress(fields[4]);
                ret->root = g_strcompress(fields[3]);
        }
}

void hierarchy_clear(Hierarchy *hierarchy) {
        g_clear_pointer(&hierarchy->mount, g_free);
        g_clear_pointer(&hierarchy->root, g_free);
}

char *hierarchy_directory(const Hierarchy *hierarchy, const char *path) {
        const char *rest = path;

        if (!g_str_equal(hierarchy->root, "/")) {
                if (!g_str_has_prefix(path, hierarchy->root))
                        return NULL;
                rest = path + strlen(hierarchy->root);
                if (*rest != '/' && *rest != '\0')
                        return NULL;
        }
        return g_strconcat(hierarchy->mount, g_str_equal(rest, "/") ? "" : rest, NULL);
}
