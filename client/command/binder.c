/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "binder.h"
#include "unit-name.h"

gboolean binder_is_unit(const char *by, char **ret) {
        const char *component = strrchr(by, '/');
        size_t length;

        if (by[0] != '/' || !component)
                return FALSE;
        component++;
        length = strlen(component);
        if (!unit_name_from_component(&component, &length))
                return FALSE;

        *ret = g_strndup(component, length);
        return TRUE;
}

char *binder_name(const char *by) {
        char *name;

        if (g_str_equal(by, "/"))
                return g_strdup("the machine");
        if (binder_is_unit(by, &name))
                return name;

        return g_strdup(by);
}

const SnapshotLevel *binder_find(const Snapshot *snapshot, const char *by) {
        for (size_t i = 0; i < snapshot->n_levels; i++)
                if (g_str_equal(snapshot->levels[i].control_group, by))
                        return &snapshot->levels[i];

        return NULL;
}
