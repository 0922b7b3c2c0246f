/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>

#include "cleanup.h"
#include "display.h"
#include "size.h"
#include "snapshot.h"

static int show(const char *raw, char **ret) {
        *ret = display_text(raw);
        return *ret ? 0 : -ENOMEM;
}

static int show_effective(Effective effective, uint64_t *ret, char **ret_by) {
        *ret = effective.value;
        return show(effective.by, ret_by);
}

static int take_names(const Subject *subject, Snapshot *snapshot) {
        int r;

        r = show(subject->unit.id, &snapshot->id);
        if (r >= 0)
                r = show(subject->unit.system_unit, &snapshot->system_unit);
        if (r >= 0)
                r = show(subject->unit.slice, &snapshot->slice);
        if (r >= 0)
                r = show(subject_group(subject)->path, &snapshot->control_group);

        return r;
}

static int take_own(Machine *machine, const Subject *subject, Snapshot *snapshot) {
        const ControlGroup *group = subject_group(subject);
        uint64_t oom_group;
        int r;

        snapshot->max = subject->max[subject->reported];
        r = control_group_read(machine, group, CONTROL_GROUP_HIGH, &snapshot->high);
        if (r >= 0)
                r = control_group_read(machine, group, CONTROL_GROUP_MIN, &snapshot->min);
        if (r >= 0)
                r = control_group_read(machine, group, CONTROL_GROUP_LOW, &snapshot->low);
        if (r >= 0)
                r = control_group_read(machine, group, CONTROL_GROUP_OOM_GROUP, &oom_group);
        if (r >= 0)
                r = control_group_read_swap_max(machine, group, &snapshot->swap_max);
        if (r < 0)
                return r;

        snapshot->oom_group = oom_group != 0;
        return 0;
}

static void take_reported(const Reported *reported, Snapshot *snapshot) {
        const Statistics *statistics = &reported->statistics;

        snapshot->usage = reported->usage;
        snapshot->working_set = reported->working_set;
        snapshot->anonymous = statistics->anonymous;
        snapshot->file = statistics->file;
        snapshot->active_file = statistics->active_file;
        snapshot->inactive_file = statistics->inactive_file;
        snapshot->shmem = statistics->shmem;
        snapshot->kernel = statistics->kernel;
        snapshot->slab_reclaimable = statistics->slab_reclaimable;
        snapshot->zswap_usage = statistics->zswap;
        snapshot->swap_usage = statistics->swap;
}

/* What has a file of its own and is not in every kernel. */
static int take_measures(Machine *machine, const ControlGroup *group, Snapshot *snapshot) {
        uint64_t value;
        int r;

        r = control_group_read(machine, group, CONTROL_GROUP_PEAK, &snapshot->peak);
        if (r >= 0)
                r = control_group_read(machine, group, CONTROL_GROUP_SWAP_PEAK, &snapshot->swap_peak);
        if (r >= 0)
                r = control_group_read_pressure(machine, group, &snapshot->pressure);
        if (r >= 0)
                r = control_group_read_events(machine, group, &snapshot->events);
        if (r < 0)
                return r;

        r = control_group_read(machine, group, CONTROL_GROUP_ZSWAP_USAGE, &value);
        if (r < 0)
                return r;
        if (value != SIZE_UNKNOWN)
                snapshot->zswap_usage = value;

        r = control_group_read(machine, group, CONTROL_GROUP_KERNEL, &value);
        if (r < 0)
                return r;
        if (value != SIZE_UNKNOWN)
                snapshot->kernel = value;

        return 0;
}

static int read_swap_usage(
        Machine *machine, const Subject *subject, size_t i, const Reported *reported, uint64_t *ret) {
        const ControlGroup *group = &subject->chain.groups[i];
        Meminfo meminfo;
        int r;

        if (group->is_machine) {
                r = machine_read_meminfo(machine, &meminfo);
                if (r < 0)
                        return r;
                *ret = meminfo.swap_total == SIZE_UNKNOWN || meminfo.swap_free == SIZE_UNKNOWN ?
                        SIZE_UNKNOWN :
                        size_less(meminfo.swap_total, meminfo.swap_free);
                return 0;
        }

        if (group->version == 1) {
                *ret = i == subject->reported ? reported->statistics.swap : SIZE_UNKNOWN;
                return 0;
        }

        return control_group_read(machine, group, CONTROL_GROUP_SWAP_USAGE, ret);
}

static int take_level(
        Machine *machine, const Subject *subject, size_t i, const Reported *reported, SnapshotLevel *ret) {
        _cleanup_(unit_names_done) UnitNames names = { 0 };
        const ControlGroup *group = &subject->chain.groups[i];
        int r;

        r = level_read(machine, subject, i, reported, &ret->level);
        if (r >= 0)
                r = read_swap_usage(machine, subject, i, reported, &ret->swap_usage);
        if (r >= 0)
                r = unit_names_from_path(group->path, &names);
        if (r >= 0)
                r = show(group->path, &ret->control_group);
        if (r >= 0)
                r = show(names.id, &ret->unit);

        return r;
}

static int take_levels(Machine *machine,
                       const Subject *subject,
                       const Reported *reported,
                       Snapshot *snapshot) {
        int r;

        snapshot->levels = calloc(subject->chain.n, sizeof(*snapshot->levels));
        if (!snapshot->levels)
                return -ENOMEM;

        for (; snapshot->n_levels < subject->chain.n; snapshot->n_levels++) {
                r = take_level(machine,
                               subject,
                               snapshot->n_levels,
                               reported,
                               &snapshot->levels[snapshot->n_levels]);
                if (r < 0) {
                        snapshot->n_levels++; /* it may own a string already */
                        return r;
                }
        }

        snapshot->swap_usage = snapshot->levels[subject->reported].swap_usage;
        return 0;
}

static int find_swap_limit(Machine *machine,
                           const Subject *subject,
                           const Snapshot *snapshot,
                           Effective *ret) {
        Effective swap_limit = { SIZE_UNLIMITED, "" };
        Meminfo meminfo;
        int r;

        for (size_t i = 0; i < subject->chain.n; i++) {
                const ControlGroup *group = &subject->chain.groups[i];
                uint64_t swap_max = snapshot->swap_max;

                if (i != subject->reported) {
                        r = control_group_read_swap_max(machine, group, &swap_max);
                        if (r < 0)
                                return r;
                }
                if (swap_max < swap_limit.value)
                        swap_limit = (Effective) { swap_max, group->path };
        }

        r = machine_read_meminfo(machine, &meminfo);
        if (r < 0)
                return r;
        if (meminfo.swap_total < swap_limit.value)
                swap_limit = (Effective) { meminfo.swap_total, "/" };

        *ret = swap_limit;
        return 0;
}

static int take_effective(Machine *machine, const Subject *subject, Snapshot *snapshot) {
        Effective high_limit = { SIZE_UNLIMITED, "" }, swap_limit, available;
        _cleanup_free_ Level *levels = NULL;
        int r;

        levels = calloc(subject->chain.n, sizeof(*levels));
        if (!levels)
                return -ENOMEM;

        for (size_t i = 0; i < subject->chain.n; i++) {
                levels[i] = snapshot->levels[i].level;
                if (levels[i].high < high_limit.value)
                        high_limit = (Effective) { levels[i].high, subject->chain.groups[i].path };
        }

        r = find_swap_limit(machine, subject, snapshot, &swap_limit);
        if (r >= 0)
                r = available_from_levels(machine, subject, levels, &available);
        if (r >= 0)
                r = show_effective(subject_limit(subject), &snapshot->limit, &snapshot->limit_by);
        if (r >= 0)
                r = show_effective(high_limit, &snapshot->high_limit, &snapshot->high_limit_by);
        if (r >= 0)
                r = show_effective(swap_limit, &snapshot->swap_limit, &snapshot->swap_limit_by);
        if (r >= 0)
                r = show_effective(available, &snapshot->available, &snapshot->available_by);

        return r;
}

int snapshot_take(Machine *machine, const Subject *subject, Snapshot **ret) {
        _cleanup_(snapshot_freep) Snapshot *snapshot = NULL;
        _cleanup_(reported_done) Reported reported = { 0 };
        int r;

        assert(machine);
        assert(subject);
        assert(ret);

        snapshot = calloc(1, sizeof(*snapshot));
        if (!snapshot)
                return -ENOMEM;

        machine_begin(machine);
        r = take_names(subject, snapshot);
        if (r >= 0)
                r = reported_read(machine, subject, &reported);
        if (r < 0)
                return r;
        take_reported(&reported, snapshot);
        snapshot->statistics = take_ptr(&reported.text);

        r = take_own(machine, subject, snapshot);
        if (r >= 0)
                r = take_measures(machine, subject_group(subject), snapshot);
        if (r >= 0)
                r = take_levels(machine, subject, &reported, snapshot);
        if (r >= 0)
                r = take_effective(machine, subject, snapshot);
        if (r >= 0)
                r = subject_check(machine, subject);
        if (r < 0)
                return r;

        *ret = take_ptr(&snapshot);
        return 0;
}

Snapshot *snapshot_free(Snapshot *snapshot) {
        if (!snapshot)
                return NULL;

        for (size_t i = 0; i < snapshot->n_levels; i++) {
                free(snapshot->levels[i].control_group);
                free(snapshot->levels[i].unit);
        }
        free(snapshot->levels);
        free(snapshot->id);
        free(snapshot->system_unit);
        free(snapshot->slice);
        free(snapshot->control_group);
        free(snapshot->limit_by);
        free(snapshot->high_limit_by);
        free(snapshot->swap_limit_by);
        free(snapshot->available_by);
        free(snapshot->statistics);
        free(snapshot);
        return NULL;
}
