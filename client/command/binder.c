/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "binder.h"
#include "path.h"
#include "size.h"
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

/* "user@1000.service" */
static gboolean is_user_manager(const char *component, size_t length, guint64 *ret_uid) {
        static const char prefix[] = "user@", suffix[] = ".service";
        const char *cursor = component + strlen(prefix);

        return length > strlen(prefix) && strncmp(component, prefix, strlen(prefix)) == 0 &&
                size_scan(&cursor, ret_uid) >= 0 &&
                (size_t) (component + length - cursor) == strlen(suffix) &&
                strncmp(cursor, suffix, strlen(suffix)) == 0;
}

BinderManager binder_manager(const char *control_group, guint64 *ret_uid) {
        BinderManager manager = BINDER_SYSTEM;
        const char *component, *next;
        size_t length, next_length;
        guint64 uid = 0;

        component = path_next(&control_group, &length);
        while (component && (next = path_next(&control_group, &next_length))) {
                if (!unit_name_from_component(&component, &length))
                        return BINDER_OTHER;
                if (manager == BINDER_SYSTEM && is_user_manager(component, length, &uid))
                        manager = BINDER_USER;
                else if (!unit_name_is_slice(component, length))
                        return BINDER_OTHER;
                component = next;
                length = next_length;
        }

        if (manager == BINDER_USER && ret_uid)
                *ret_uid = uid;
        return manager;
}
