/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cleanup.h"
#include "display.h"
#include "metered.h"
#include "size.h"
#include "unit-name.h"

Metered *metered_from_snapshot(const Snapshot *snapshot) {
        Metered *metered = g_new(Metered, 1);

        *metered = (Metered) {
                .unit = g_strdup(snapshot->id),
                .slice = g_strdup(snapshot->slice),
                .control_group = g_strdup(snapshot->control_group),
                .usage = snapshot->usage,
                .working_set = snapshot->working_set,
                .limit = snapshot->limit,
                .max = snapshot->max,
                .high = snapshot->high_limit,
                .available = snapshot->available,
                .peak = snapshot->peak,
                .swap = snapshot->swap_usage,
                .waiting_usec = snapshot->pressure.some.total,
                .stalled_usec = snapshot->pressure.full.total,
                .events = snapshot->events,
        };
        return metered;
}

static char *show(const char *raw) {
        _cleanup_free_ char *shown = display_text(raw);

        return g_strdup(shown ? shown : "");
}

Metered *metered_from_walk(Machine *machine, const WalkGroup *group) {
        _cleanup_(unit_names_done) UnitNames names = { 0 };
        guint64 peak, swap = group->statistics->swap;
        Pressure pressure;
        Events events;
        Metered *metered;
        int r;

        r = control_group_read(machine, group->group, CONTROL_GROUP_PEAK, &peak);
        if (r >= 0 && group->group->version != 1)
                r = control_group_read(machine, group->group, CONTROL_GROUP_SWAP_USAGE, &swap);
        if (r >= 0)
                r = control_group_read_pressure(machine, group->group, &pressure);
        if (r >= 0)
                r = control_group_read_events(machine, group->group, &events);
        if (r >= 0)
                r = unit_names_from_path(group->path, &names);
        if (r < 0)
                return NULL;

        metered = g_new(Metered, 1);
        *metered = (Metered) {
                .unit = show(names.id),
                .slice = show(names.slice),
                .control_group = show(group->path),
                .usage = group->usage,
                .working_set = group->working_set,
                .limit = group->limit,
                .max = group->max,
                .high = group->high_limit,
                .available = group->available,
                .peak = peak,
                .swap = swap,
                .waiting_usec = pressure.some.total,
                .stalled_usec = pressure.full.total,
                .events = events,
        };
        return metered;
}

void metered_free(void *pointer) {
        Metered *metered = pointer;

        g_free(metered->unit);
        g_free(metered->slice);
        g_free(metered->control_group);
        g_free(metered);
}

int metered_compare(const void *a, const void *b) {
        const Metered *first = *(const Metered *const *) a, *second = *(const Metered *const *) b;
        int r = strcmp(first->control_group, second->control_group);

        return r != 0 ? r : strcmp(first->unit, second->unit);
}
