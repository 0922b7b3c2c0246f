/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "cleanup.h"
#include "label.h"
#include "names.h"
#include "path.h"

int label_from_control_group(const char *control_group, char **ret) {
        g_autoptr(GString) path = g_string_new(MYMEM_UNIT_PATH);
        const char *component;
        size_t length;

        assert(control_group);
        assert(ret);

        while ((component = path_next(&control_group, &length))) {
                g_autofree char *name = g_strndup(component, length);
                _cleanup_free_ char *encoded = NULL;
                int r;

                r = sd_bus_path_encode("/", name, &encoded);
                if (r < 0)
                        return r;
                g_string_append(path, encoded);
        }

        *ret = g_string_free(g_steal_pointer(&path), FALSE);
        return 0;
}

/* Appends the component that one label means. Returns 1, or 0 if it means none. */
static int append_component(GString *path, const char *label, size_t length) {
        g_autofree char *encoded = g_strdup_printf("/%.*s", (int) length, label);
        _cleanup_free_ char *name = NULL, *again = NULL;
        int r;

        r = sd_bus_path_decode(encoded, "/", &name);
        if (r <= 0)
                return r;
        if (name[0] == '\0' || strchr(name, '/') || path_is_dots(name, strlen(name)))
                return 0;

        r = sd_bus_path_encode("/", name, &again);
        if (r < 0)
                return r;
        if (strcmp(again, encoded) != 0)
                return 0;

        g_string_append_c(path, '/');
        g_string_append(path, name);
        return 1;
}

int label_to_control_group(const char *object_path, char **ret) {
        g_autoptr(GString) path = g_string_new(NULL);
        const char *rest, *label;
        size_t length;
        int r;

        assert(object_path);
        assert(ret);

        rest = path_after(object_path, MYMEM_UNIT_PATH);
        if (!rest)
                return 0;

        while ((label = path_next(&rest, &length))) {
                r = append_component(path, label, length);
                if (r <= 0)
                        return r;
        }
        if (path->len == 0)
                g_string_append_c(path, '/');

        *ret = g_string_free(g_steal_pointer(&path), FALSE);
        return 1;
}
