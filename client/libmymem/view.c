/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "bound.h"
#include "cleanup.h"
#include "display.h"
#include "failure.h"
#include "file.h"
#include "layout.h"
#include "size.h"
#include "statistics.h"
#include "view.h"

/* What the machine has left does not halve in this time. */
#define PLENTY_USEC UINT64_C(50000)

/* Where there is none, what is known of the machine when the view is made has to do. */
static int open_meminfo(void) {
        int fd;

        fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static bool has_group(const OpenedGroups *opened, const char *path) {
        for (size_t i = 0; i < opened->n; i++)
                if (strcmp(opened->groups[i].path, path) == 0)
                        return true;

        return false;
}

/* Who sets the limits of a group. */
static enum mymem_by find_bound(const View *view, size_t i) {
        const OpenedGroups *opened = &view->opened;
        const char *path = opened->groups[i].path, *reported = opened->groups[opened->reported].path;

        if (i + 1 == opened->n && view->is_bound_above)
                return MYMEM_BY_MACHINE;
        if (i <= opened->reported || strcmp(path, "/") != 0)
                return i <= opened->reported ? MYMEM_BY_UNIT : bound_from_names(path, view->unit, reported);

        /* "/" is the root of what is seen; but where all is seen from the unit, it is the unit's own. */
        for (size_t n = 0; n < opened->n; n++)
                if (strncmp(opened->groups[n].path, "/..", 3) == 0)
                        return MYMEM_BY_UNIT;
        return MYMEM_BY_MACHINE;
}

/* Names do not change: it is not for each sample to look at them. */
static void note_bounds(View *view) {
        for (size_t i = 0; i < view->opened.n; i++)
                view->bounds[i] = find_bound(view, i);
}

int view_from_handout(Handout *handout, View *ret) {
        _cleanup_(view_done) View view = VIEW_NONE;
        const Snapshot *snapshot = handout->snapshot;

        assert(handout);
        assert(ret);

        view.source = handout->source;
        view.meminfo_fd = open_meminfo();
        if (failure_is_passing(view.meminfo_fd))
                return view.meminfo_fd;
        view.unit = strdup(snapshot->id);
        if (!view.unit)
                return -ENOMEM;
        view.opened = handout->opened;
        handout->opened = (OpenedGroups) { 0 };

        /* What binds and is none of the groups is the machine. */
        view.machine_limit = snapshot->limit;
        view.machine_available =
                has_group(&view.opened, snapshot->available_by) ? SIZE_UNLIMITED : snapshot->available;
        note_bounds(&view);
        *ret = view;
        view = VIEW_NONE;
        return 0;
}

/* The service shows its paths; so do we. */
static int show_paths(OpenedGroups *opened) {
        for (size_t i = 0; i < opened->n; i++) {
                char *shown = display_text(opened->groups[i].path);

                if (!shown)
                        return -ENOMEM;
                free(opened->groups[i].path);
                opened->groups[i].path = shown;
        }

        return 0;
}

int view_from_subject(Machine *machine, const Subject *subject, View *ret) {
        _cleanup_(view_done) View view = VIEW_NONE;
        size_t top;
        int r;

        assert(machine);
        assert(subject);
        assert(ret);

        view.source = MYMEM_SOURCE_CGROUP;
        r = opened_take(machine, subject, &view.opened);
        if (r >= 0)
                r = show_paths(&view.opened);
        if (r < 0)
                return r;

        top = subject->chain.n - 1;
        view.is_bound_above = subject->above < subject->max[top];
        view.machine_limit = subject->physical;
        view.machine_available = SIZE_UNLIMITED;
        view.unit = strdup(subject->unit.id);
        if (!view.unit)
                return -ENOMEM;
        view.meminfo_fd = open_meminfo();
        if (failure_is_passing(view.meminfo_fd))
                return view.meminfo_fd;
        note_bounds(&view);

        *ret = view;
        view = VIEW_NONE;
        return 0;
}

void view_update(View *view, View *newer) {
        assert(view);
        assert(newer);

        if (!opened_are_same(&view->opened, &newer->opened)) {
                view_done(view);
                *view = *newer;
                *newer = VIEW_NONE;
                return;
        }

        for (size_t i = 0; i < view->opened.n; i++) {
                view->opened.groups[i].max = newer->opened.groups[i].max;
                view->opened.groups[i].high = newer->opened.groups[i].high;
        }
        free(view->unit);
        view->unit = take_ptr(&newer->unit);
        view->is_bound_above = newer->is_bound_above;
        note_bounds(view);
        if (view->meminfo_fd < 0) {
                view->machine_limit = newer->machine_limit;
                view->machine_available = newer->machine_available;
        }
}

static int read_usage(const OpenedGroup *group, uint64_t *ret) {
        char text[64];
        ssize_t n;

        n = file_reread(group->usage_fd, text, sizeof(text), NULL);
        return n < 0 ? (int) n : size_parse(text, ret);
}

/* Reads the usage and memory.stat, back to back. What is v2's is not told from what is v1's: with v1's names
 * come those that begin with "total_", and only with these. */
static int read_working_set(const OpenedGroup *group, uint64_t now, size_t *n_lines, WorkingSet *ret) {
        char text[FILE_SMALL_SIZE];
        WorkingSet read = { .read_at_usec = now };
        Statistics statistics;
        ssize_t n;
        int r;

        r = read_usage(group, &read.usage);
        if (r < 0)
                return r;
        n = file_reread(group->statistics_fd, text, sizeof(text), n_lines);
        r = n < 0 ? (int) n : statistics_parse_brief(text, 1, &statistics);
        if (r < 0)
                return r;

        read.working_set = size_less(read.usage, statistics.inactive_cache);
        *ret = read;
        return 0;
}

/* An ancestor's memory.stat is not read each time. */
static int read_ancestor(
        const OpenedGroup *group, uint64_t now, size_t *n_lines, WorkingSet *remembered, uint64_t *ret) {
        uint64_t usage;
        int r;

        if (!working_set_is_recent(remembered, now)) {
                r = read_working_set(group, now, n_lines, remembered);
                if (r < 0)
                        return r;
                *ret = remembered->working_set;
                return 0;
        }

        r = read_usage(group, &usage);
        if (r < 0)
                return r;
        *ret = working_set_now(remembered, usage);
        return 0;
}

/* Reads one of the groups. */
static int read_group(View *view, size_t i, uint64_t now, struct mymem *memory) {
        const OpenedGroup *group = &view->opened.groups[i];
        uint64_t bound = size_min(group->max, group->high), working_set;
        WorkingSet read;
        int r;

        if (i > view->opened.reported)
                r = read_ancestor(group, now, &view->n_lines[i], &view->remembered[i], &working_set);
        else {
                r = read_working_set(group, now, &view->n_lines[i], &read);
                working_set = read.working_set;
        }
        if (r < 0)
                return r;

        if (i == view->opened.reported) {
                memory->usage = read.usage;
                memory->working_set = read.working_set;
        }
        memory->limit = size_min(memory->limit, group->max);
        if (bound != SIZE_UNLIMITED && size_less(bound, working_set) < memory->available) {
                memory->available = size_less(bound, working_set);
                memory->available_by = view->bounds[i];
        }
        return 0;
}

/* Whether the machine had so much left a moment ago that it cannot bind now: nobody takes that fast. */
static bool machine_has_plenty(const View *view, uint64_t now, uint64_t available) {
        return now - view->meminfo_read_at_usec < PLENTY_USEC && available < view->machine_available / 2;
}

/* Reads the machine's figures, where they may matter to who has 'available' otherwise. */
static int read_machine(View *view, uint64_t now, uint64_t available) {
        char text[FILE_SMALL_SIZE];
        Meminfo meminfo;
        ssize_t n;
        int r;

        if (view->meminfo_fd < 0 || machine_has_plenty(view, now, available))
                return 0;

        n = file_reread(view->meminfo_fd, text, sizeof(text), &view->n_meminfo_lines);
        r = n < 0 ? (int) n : meminfo_parse(text, &meminfo);
        if (r < 0)
                return r;

        view->machine_limit = meminfo.total;
        view->machine_available = meminfo.available;
        view->meminfo_read_at_usec = now;
        return 0;
}

int view_read(View *view, struct mymem *ret) {
        struct mymem memory = { .limit = SIZE_UNLIMITED,
                                .available = SIZE_UNLIMITED,
                                .source = view->source };
        uint64_t now = machine_now_usec();
        int r;

        assert(view);
        assert(ret);

        for (size_t i = 0; i < view->opened.n; i++) {
                r = read_group(view, i, now, &memory);
                if (r < 0)
                        return r;
        }

        r = read_machine(view, now, memory.available);
        if (r < 0)
                return r;
        memory.limit = size_min(memory.limit, view->machine_limit);
        if (view->machine_available < memory.available) {
                memory.available = view->machine_available;
                memory.available_by = MYMEM_BY_MACHINE;
        }

        layout_set_text(memory.unit, sizeof(memory.unit), view->unit);
        layout_set_text(memory.control_group,
                        sizeof(memory.control_group),
                        view->opened.groups[view->opened.reported].path);
        *ret = memory;
        return 0;
}

void view_done(View *view) {
        assert(view);

        opened_done(&view->opened);
        free(view->unit);
        closep(&view->meminfo_fd);
        *view = VIEW_NONE;
}
