/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>

#include "cleanup.h"
#include "figures.h"
#include "size.h"

int reported_read(Machine *machine, const Subject *subject, Reported *ret) {
        _cleanup_(reported_done) Reported reported = { 0 };
        const ControlGroup *group;
        int r;

        assert(machine);
        assert(subject);
        assert(ret);

        group = subject_group(subject);
        r = control_group_read_usage(machine, group, &reported.usage);
        if (r >= 0)
                r = control_group_read_statistics(machine, group, &reported.statistics, &reported.text);
        if (r < 0)
                return r;

        /* Of the machine, usage is what is not available already. */
        reported.working_set = group->is_machine ?
                reported.usage :
                size_less(reported.usage, reported.statistics.inactive_cache);

        *ret = reported;
        reported.text = NULL;
        return 0;
}

void reported_done(Reported *reported) {
        assert(reported);

        free(reported->text);
        *reported = (Reported) { 0 };
}

static int read_machine_level(Machine *machine, Level *ret) {
        Meminfo meminfo;
        int r;

        r = machine_read_meminfo(machine, &meminfo);
        if (r < 0)
                return r;

        *ret = (Level) {
                .max = SIZE_UNLIMITED,
                .high = SIZE_UNLIMITED,
                .usage = size_less(meminfo.total, meminfo.available),
                .working_set = size_less(meminfo.total, meminfo.available),
                .available = meminfo.available,
                .by = "/",
        };
        return 0;
}

/* Below the reported group there is nothing but the process's own small groups: they are read as they are
 * now. */
static int read_working_set(
        Machine *machine, const ControlGroup *group, bool is_ancestor, uint64_t usage, uint64_t *ret) {
        Statistics statistics;
        int r;

        if (is_ancestor)
                return control_group_read_working_set(machine, group, usage, ret);

        r = control_group_read_statistics(machine, group, &statistics, NULL);
        if (r < 0)
                return r;

        *ret = size_less(usage, statistics.inactive_cache);
        return 0;
}

int level_read(Machine *machine, const Subject *subject, size_t i, const Reported *reported, Level *ret) {
        const ControlGroup *group;
        bool is_top;
        uint64_t bound;
        Level level;
        int r;

        assert(machine);
        assert(subject);
        assert(i < subject->chain.n);
        assert(reported);
        assert(ret);

        group = &subject->chain.groups[i];
        if (group->is_machine)
                return read_machine_level(machine, ret);

        level = (Level) { .max = subject->max[i],
                          .working_set = SIZE_UNKNOWN,
                          .available = SIZE_UNKNOWN,
                          .by = group->path };
        r = control_group_read(machine, group, CONTROL_GROUP_HIGH, &level.high);
        if (r < 0)
                return r;
        bound = size_min(level.max, level.high);

        /* A limit above what can be seen binds the top of it as if it were its own. */
        is_top = i + 1 == subject->chain.n;
        if (is_top && subject->above < bound) {
                bound = subject->above;
                level.by = "/";
        }

        if (i == subject->reported) {
                level.usage = reported->usage;
                level.working_set = reported->working_set;
        } else {
                r = control_group_read_usage(machine, group, &level.usage);
                if (r >= 0 && (i < subject->reported || bound != SIZE_UNLIMITED))
                        r = read_working_set(
                                machine, group, i > subject->reported, level.usage, &level.working_set);
                if (r < 0)
                        return r;
        }

        if (bound != SIZE_UNLIMITED)
                level.available = size_less(bound, level.working_set);

        *ret = level;
        return 0;
}

int figures_read(Machine *machine, const Subject *subject, Figures *ret) {
        _cleanup_(reported_done) Reported reported = { 0 };
        int r;

        assert(machine);
        assert(subject);
        assert(ret);

        machine_begin(machine);
        if (subject_group(subject)->is_machine)
                r = control_group_read_usage(machine, subject_group(subject), &reported.usage);
        else
                r = reported_read(machine, subject, &reported);
        if (r < 0)
                return r;

        *ret = (Figures) {
                .limit = subject_limit(subject).value,
                .usage = reported.usage,
                .working_set = subject_group(subject)->is_machine ? reported.usage : reported.working_set,
        };
        return 0;
}

int available_from_levels(Machine *machine, const Subject *subject, const Level *levels, Effective *ret) {
        Effective available = { UINT64_MAX, "" };
        Meminfo meminfo;
        int r;

        assert(machine);
        assert(subject);
        assert(levels);
        assert(ret);

        for (size_t i = 0; i < subject->chain.n; i++)
                if (levels[i].available < available.value)
                        available = (Effective) { levels[i].available, levels[i].by };

        if (!chain_top(&subject->chain)->is_machine) {
                r = machine_read_meminfo(machine, &meminfo);
                if (r < 0)
                        return r;
                if (meminfo.available < available.value)
                        available = (Effective) { meminfo.available, "/" };
        }

        *ret = available;
        return 0;
}

int available_read(Machine *machine, const Subject *subject, Effective *ret) {
        _cleanup_(reported_done) Reported reported = { 0 };
        _cleanup_free_ Level *levels = NULL;
        int r;

        assert(machine);
        assert(subject);
        assert(ret);

        levels = calloc(subject->chain.n, sizeof(*levels));
        if (!levels)
                return -ENOMEM;

        machine_begin(machine);
        r = reported_read(machine, subject, &reported);
        for (size_t i = 0; r >= 0 && i < subject->chain.n; i++)
                r = level_read(machine, subject, i, &reported, &levels[i]);
        if (r < 0)
                return r;

        r = available_from_levels(machine, subject, levels, ret);
        return r < 0 ? r : subject_check(machine, subject);
}
