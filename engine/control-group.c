/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "control-group.h"
#include "file.h"
#include "keyed.h"
#include "size.h"

#define REMEMBERED_WAYS 4                          /* places that a group can have */
#define STATISTICS_SIZE_MAX ((size_t) 1024 * 1024) /* a few KiB in life, and more with each kernel */

/* What the files are called, by version; NULL where it has no such thing. */
typedef struct FileNames {
        const char *legacy;
        const char *unified;
} FileNames;

static const FileNames usage_names = { "memory.usage_in_bytes", "memory.current" };
static const FileNames max_names = { "memory.limit_in_bytes", "memory.max" };
static const FileNames swap_max_names = { "memory.memsw.limit_in_bytes", "memory.swap.max" };

static const struct {
        FileNames names;
        uint64_t otherwise; /* what stands where there is no file */
} optional_files[] = {
        [CONTROL_GROUP_HIGH] = { { NULL, "memory.high" }, SIZE_UNLIMITED },
        [CONTROL_GROUP_MIN] = { { NULL, "memory.min" }, 0 },
        [CONTROL_GROUP_LOW] = { { NULL, "memory.low" }, 0 },
        [CONTROL_GROUP_OOM_GROUP] = { { NULL, "memory.oom.group" }, 0 },
        [CONTROL_GROUP_PEAK] = { { "memory.max_usage_in_bytes", "memory.peak" }, SIZE_UNKNOWN },
        [CONTROL_GROUP_SWAP_USAGE] = { { NULL, "memory.swap.current" }, SIZE_UNKNOWN },
        [CONTROL_GROUP_SWAP_PEAK] = { { NULL, "memory.swap.peak" }, SIZE_UNKNOWN },
        [CONTROL_GROUP_ZSWAP_USAGE] = { { NULL, "memory.zswap.current" }, SIZE_UNKNOWN },
        [CONTROL_GROUP_KERNEL] = { { "memory.kmem.usage_in_bytes", NULL }, SIZE_UNKNOWN },
};

static const char *name_by_version(FileNames names, int version) {
        return version == 1 ? names.legacy : names.unified;
}

const char *control_group_usage_file(int version) {
        return name_by_version(usage_names, version);
}

const char *control_group_max_file(int version) {
        return name_by_version(max_names, version);
}

void control_group_done(ControlGroup *group) {
        assert(group);

        free(group->path);
        closep(&group->fd);
        *group = (ControlGroup) { .fd = -1 };
}

static int blame_file(Machine *machine, int r, const ControlGroup *group, const char *file) {
        return machine_blame(machine, r, "%s of %s", file, group->path);
}

/* The kernel's ways to say that the directory was removed, while it was read or before. */
static int vanished(int r) {
        return r == -ENOENT ? -ENODEV : r;
}

int control_group_has_memory(Machine *machine, const ControlGroup *group) {
        const char *file;

        assert(machine);
        assert(group);

        if (group->is_machine)
                return 1;

        file = control_group_usage_file(group->version);
        if (faccessat(group->fd, file, F_OK, 0) >= 0)
                return 1;
        if (errno != ENOENT)
                return blame_file(machine, -errno, group, file);

        /* In a hierarchy of v1 all groups have its controllers' files, and in any every group has this one,
         * as long as it exists. A captured one need not. */
        if (!machine->is_live || (group->version == 2 && faccessat(group->fd, "cgroup.procs", F_OK, 0) >= 0))
                return 0;
        return blame_file(machine, group->version == 1 ? -ENODEV : vanished(-errno), group, file);
}

/* Reads a file that every group with memory files has. */
static int read_size(Machine *machine, const ControlGroup *group, const char *file, uint64_t *ret) {
        char text[64];
        ssize_t n;
        int r;

        n = file_read(group->fd, file, text, sizeof(text));
        r = n < 0 ? vanished((int) n) : size_parse(text, ret);
        return r < 0 ? blame_file(machine, r, group, file) : 0;
}

/* Reads a file that only some groups or kernels have. */
static int read_optional_size(
        Machine *machine, const ControlGroup *group, const char *file, uint64_t otherwise, uint64_t *ret) {
        char text[64];
        ssize_t n;
        int r;

        if (!file || group->is_machine) {
                *ret = otherwise;
                return 0;
        }

        n = file_read(group->fd, file, text, sizeof(text));
        if (n == -ENOENT || n == -EOPNOTSUPP) {
                *ret = otherwise;
                return 0;
        }
        r = n < 0 ? (int) n : size_parse(text, ret);
        return r < 0 ? blame_file(machine, r, group, file) : 0;
}

uint64_t control_group_as_limit(const ControlGroup *group, uint64_t value) {
        assert(group);

        return group->version == 1 && value >= SIZE_V1_UNLIMITED ? SIZE_UNLIMITED : value;
}

int control_group_read_max(Machine *machine, const ControlGroup *group, uint64_t *ret) {
        uint64_t value;
        int r;

        assert(machine);
        assert(group);
        assert(ret);

        if (group->is_machine) {
                *ret = SIZE_UNLIMITED;
                return 0;
        }

        r = read_size(machine, group, control_group_max_file(group->version), &value);
        if (r < 0)
                return r;

        *ret = control_group_as_limit(group, value);
        return 0;
}

int control_group_read(Machine *machine, const ControlGroup *group, ControlGroupFile file, uint64_t *ret) {
        assert(machine);
        assert(group);
        assert(ret);

        return read_optional_size(machine,
                                  group,
                                  name_by_version(optional_files[file].names, group->version),
                                  optional_files[file].otherwise,
                                  ret);
}

int control_group_read_swap_max(Machine *machine, const ControlGroup *group, uint64_t *ret) {
        uint64_t both, max;
        int r;

        assert(machine);
        assert(group);
        assert(ret);

        r = read_optional_size(
                machine, group, name_by_version(swap_max_names, group->version), SIZE_UNLIMITED, &both);
        if (r < 0)
                return r;
        both = control_group_as_limit(group, both);
        if (group->version != 1 || both == SIZE_UNLIMITED) {
                *ret = both;
                return 0;
        }

        r = control_group_read_max(machine, group, &max);
        if (r < 0)
                return r;

        *ret = max == SIZE_UNLIMITED ? SIZE_UNLIMITED : size_less(both, max);
        return 0;
}

int control_group_read_usage(Machine *machine, const ControlGroup *group, uint64_t *ret) {
        Meminfo meminfo;
        int r;

        assert(machine);
        assert(group);
        assert(ret);

        if (!group->is_machine)
                return read_size(machine, group, control_group_usage_file(group->version), ret);

        r = machine_read_meminfo(machine, &meminfo);
        if (r < 0)
                return r;

        *ret = size_less(meminfo.total, meminfo.available);
        return 0;
}

int control_group_read_pressure(Machine *machine, const ControlGroup *group, Pressure *ret) {
        char text[512];
        ssize_t n;
        int r;

        assert(machine);
        assert(group);
        assert(ret);

        pressure_unknown(ret);
        if (group->version == 1)
                return 0;

        n = file_read(group->fd, "memory.pressure", text, sizeof(text));
        if (n == -ENOENT || n == -EOPNOTSUPP)
                return 0;
        r = n < 0 ? (int) n : pressure_parse(text, ret);
        return r < 0 ? blame_file(machine, r, group, "memory.pressure") : 0;
}

static int read_keyed(Machine *machine,
                      const ControlGroup *group,
                      const char *file,
                      const KeyedField *fields,
                      size_t n_fields,
                      Events *ret) {
        char text[FILE_SMALL_SIZE];
        ssize_t n;
        int r;

        n = file_read(group->fd, file, text, sizeof(text));
        if (n == -ENOENT || n == -EOPNOTSUPP)
                return 0;
        r = n < 0 ? (int) n : keyed_parse(text, fields, n_fields, ret);
        return r < 0 ? blame_file(machine, r, group, file) : 0;
}

int control_group_read_events(Machine *machine, const ControlGroup *group, Events *ret) {
        static const KeyedField unified[] = {
                KEYED_FIELD("low", Events, low),           KEYED_FIELD("high", Events, high),
                KEYED_FIELD("max", Events, max),           KEYED_FIELD("oom", Events, oom),
                KEYED_FIELD("oom_kill", Events, oom_kill),
        };
        static const KeyedField legacy[] = { KEYED_FIELD("oom_kill", Events, oom_kill) };
        Events events = { SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN };
        int r;

        assert(machine);
        assert(group);
        assert(ret);

        if (group->is_machine)
                r = 0;
        else if (group->version == 1) {
                r = read_optional_size(machine, group, "memory.failcnt", SIZE_UNKNOWN, &events.max);
                if (r >= 0)
                        r = read_keyed(machine, group, "memory.oom_control", legacy, 1, &events);
        } else
                r = read_keyed(machine,
                               group,
                               "memory.events",
                               unified,
                               sizeof(unified) / sizeof(*unified),
                               &events);
        if (r < 0)
                return r;

        *ret = events;
        return 0;
}

/* Reads memory.stat, into the buffer or, what does not fit, into memory for the caller to free. */
static int read_statistics_text(Machine *machine,
                                const ControlGroup *group,
                                char buffer[FILE_SMALL_SIZE],
                                char **ret_long) {
        ssize_t n;

        n = file_read_lines(group->fd, "memory.stat", buffer, FILE_SMALL_SIZE, &machine->n_statistics_lines);
        if (n == -EFBIG)
                return vanished(file_read_all(group->fd, "memory.stat", STATISTICS_SIZE_MAX, ret_long));
        if (n == -ENOENT && group->is_machine) {
                buffer[0] = '\0'; /* of v2, it exists since Linux 5.8 only */
                return 0;
        }
        return n < 0 ? vanished((int) n) : 0;
}

int control_group_read_statistics(Machine *machine,
                                  const ControlGroup *group,
                                  Statistics *ret,
                                  char **ret_text) {
        _cleanup_free_ char *text = NULL;
        char buffer[FILE_SMALL_SIZE];
        Statistics statistics;
        int r;

        assert(machine);
        assert(group);
        assert(ret);

        r = read_statistics_text(machine, group, buffer, &text);
        if (r >= 0)
                r = statistics_parse(text ? text : buffer, group->version, &statistics);
        if (r >= 0 && ret_text && !text) {
                text = strdup(buffer);
                r = text ? 0 : -ENOMEM;
        }
        if (r < 0)
                return blame_file(machine, r, group, "memory.stat");

        *ret = statistics;
        if (ret_text)
                *ret_text = take_ptr(&text);
        return 0;
}

/* The place where the group is remembered, or that it may have: its own, or the oldest of those it could
 * have. */
static RememberedGroup *find_remembered(Machine *machine, const struct stat *identity) {
        RememberedGroup
                *places = &machine->remembered[identity->st_ino % (MACHINE_N_REMEMBERED / REMEMBERED_WAYS) *
                                               REMEMBERED_WAYS],
                *oldest = places;

        for (RememberedGroup *place = places; place < places + REMEMBERED_WAYS; place++) {
                if (place->inode == identity->st_ino && place->device == identity->st_dev)
                        return place;
                if (place->working_set.read_at_usec < oldest->working_set.read_at_usec)
                        oldest = place;
        }

        return oldest;
}

int control_group_read_working_set(Machine *machine,
                                   const ControlGroup *group,
                                   uint64_t usage,
                                   uint64_t *ret) {
        RememberedGroup *remembered;
        Statistics statistics;
        struct stat identity;
        uint64_t now;
        int r;

        assert(machine);
        assert(group);
        assert(ret);

        if (group->is_machine) {
                *ret = usage;
                return 0;
        }

        if (fstat(group->fd, &identity) < 0)
                return blame_file(machine, -errno, group, "the directory");

        now = machine_now_usec();
        remembered = find_remembered(machine, &identity);
        if (remembered->inode != identity.st_ino || remembered->device != identity.st_dev ||
            !working_set_is_recent(&remembered->working_set, now)) {
                r = control_group_read_statistics(machine, group, &statistics, NULL);
                if (r < 0)
                        return r;
                *remembered = (RememberedGroup) {
                        .device = identity.st_dev,
                        .inode = identity.st_ino,
                        .working_set = { usage, size_less(usage, statistics.inactive_cache), now },
                };
        }

        *ret = working_set_now(&remembered->working_set, usage);
        return 0;
}
