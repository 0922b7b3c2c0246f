/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "bound.h"
#include "path.h"
#include "size.h"
#include "unit-name.h"

/* How much of the path leads to the unit's group; all of it where no component is the unit's, as on v1,
 * where a user's unit has no memory group of its own. */
static size_t unit_length(const char *control_group, const char *unit) {
        const char *cursor = control_group, *component;
        size_t length, found = strlen(control_group);

        while ((component = path_next(&cursor, &length)))
                if (unit_name_from_component(&component, &length) && strlen(unit) == length &&
                    memcmp(component, unit, length) == 0)
                        found = (size_t) (cursor - control_group);

        return found;
}

enum mymem_by bound_from_names(const char *by, const char *unit, const char *control_group) {
        assert(by);
        assert(unit);
        assert(control_group);

        if (strcmp(by, "") == 0)
                return MYMEM_BY_UNKNOWN;
        if (strcmp(by, "/") == 0)
                return MYMEM_BY_MACHINE;

        /* "/..": above the root of our cgroup namespace. */
        if (!path_is_normal(by))
                return MYMEM_BY_ANCESTOR;
        if (strlen(by) < unit_length(control_group, unit) && path_after(control_group, by))
                return MYMEM_BY_ANCESTOR;
        return MYMEM_BY_UNIT;
}

/* Who lives in a container is shown paths as they are seen from its unit. */
static bool is_seen_from_unit(const Snapshot *snapshot) {
        const char *const shown[] = {
                snapshot->limit_by, snapshot->high_limit_by, snapshot->swap_limit_by, snapshot->available_by
        };

        for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
                if (strcmp(shown[i], "/..") == 0 || strncmp(shown[i], "/../", 4) == 0)
                        return true;

        return false;
}

/* The unit's own group may be "/", to the service for a container or to us in a namespace. In doubt it is
 * what binds if its own limit leaves just that. */
static bool is_own_root(const Snapshot *snapshot) {
        uint64_t bound = size_min(snapshot->max, snapshot->high);

        if (strcmp(snapshot->available_by, "/") != 0)
                return false;
        if (is_seen_from_unit(snapshot))
                return true;

        return strcmp(snapshot->control_group, "/") == 0 && bound != SIZE_UNLIMITED &&
                snapshot->working_set != SIZE_UNKNOWN &&
                size_less(bound, snapshot->working_set) == snapshot->available;
}

enum mymem_by bound_from_snapshot(const Snapshot *snapshot) {
        assert(snapshot);

        if (is_own_root(snapshot))
                return MYMEM_BY_UNIT;

        return bound_from_names(snapshot->available_by, snapshot->id, snapshot->control_group);
}
