/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "display.h"
#include "path.h"
#include "size.h"
#include "veil.h"

bool veil_hangs(const Caller *caller) {
        return caller && caller->is_veiled;
}

static const char *unit_path(const Subject *subject) {
        return subject->chain.groups[subject->unit_group].path;
}

bool veil_may_see(const Caller *caller, const Subject *subject, const char *path) {
        assert(subject);
        assert(path);

        return !veil_hangs(caller) || path_after(path, unit_path(subject));
}

/* The path as it is seen from the unit; "" stays "". */
static char *from_unit(const Subject *subject, const char *path) {
        return path[0] == '\0' ? strdup("") : path_relative(path, unit_path(subject));
}

int veil_show_path(const Caller *caller, const Subject *subject, const char *path, char **ret) {
        _cleanup_free_ char *relative = NULL;
        char *shown;

        assert(subject);
        assert(path);
        assert(ret);

        if (veil_hangs(caller)) {
                relative = from_unit(subject, path);
                if (!relative)
                        return -ENOMEM;
                path = relative;
        }

        shown = display_text(path);
        if (!shown)
                return -ENOMEM;
        *ret = shown;
        return 0;
}

/* Replaces a path that is fit to be shown already; so is what it is compared with. */
static int replace_path(const char *base, char **path) {
        char *relative;

        if (**path == '\0')
                return 0;

        relative = path_relative(*path, base);
        if (!relative)
                return -ENOMEM;
        free(*path);
        *path = relative;
        return 0;
}

static int hide_level(const char *base, SnapshotLevel *level, bool is_above) {
        if (is_above) {
                level->unit[0] = '\0';
                level->level.usage = level->level.working_set = level->level.available = SIZE_UNKNOWN;
                level->swap_usage = SIZE_UNKNOWN;
        }

        return replace_path(base, &level->control_group);
}

int veil_snapshot(const Caller *caller, const Subject *subject, Snapshot *snapshot) {
        _cleanup_free_ char *base = NULL;
        int r = 0;

        assert(subject);
        assert(snapshot);

        if (!veil_hangs(caller))
                return 0;

        base = display_text(unit_path(subject));
        if (!base)
                return -ENOMEM;

        char **const paths[] = { &snapshot->control_group,
                                 &snapshot->limit_by,
                                 &snapshot->high_limit_by,
                                 &snapshot->swap_limit_by,
                                 &snapshot->available_by };

        for (size_t i = 0; r >= 0 && i < sizeof(paths) / sizeof(*paths); i++)
                r = replace_path(base, paths[i]);
        for (size_t i = 0; r >= 0 && i < snapshot->n_levels; i++)
                r = hide_level(base, &snapshot->levels[i], i > subject->unit_group);

        /* The slice, and what the unit lies in, are the host's. */
        snapshot->slice[0] = '\0';
        if (strcmp(snapshot->system_unit, snapshot->id) != 0)
                snapshot->system_unit[0] = '\0';
        return r;
}

void veil_failure(const Caller *caller, Machine *machine) {
        assert(machine);

        if (veil_hangs(caller))
                machine->blamed[0] = '\0';
}
