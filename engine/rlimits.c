/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#include "cleanup.h"
#include "failure.h"
#include "file.h"
#include "line.h"
#include "rlimits.h"
#include "size.h"

static int parse_limit(const char *text, const char *key, uint64_t *ret) {
        static const char unlimited[] = "unlimited ";
        const char *p = line_find(text, key);
        int r;

        if (!p)
                return -EBADMSG;
        if (strncmp(p, unlimited, strlen(unlimited)) == 0) {
                *ret = SIZE_UNLIMITED;
                return 0;
        }

        r = size_scan(&p, ret);
        if (r < 0)
                return r;
        return *p == ' ' ? 0 : -EBADMSG;
}

int rlimits_parse_limits(const char *text, Rlimits *ret) {
        uint64_t address_space, data;
        int r;

        assert(text);
        assert(ret);

        r = parse_limit(text, "Max address space ", &address_space);
        if (r >= 0)
                r = parse_limit(text, "Max data size ", &data);
        if (r < 0)
                return r;

        ret->address_space = address_space;
        ret->data = data;
        return 0;
}

static int parse_used(const char *text, const char *key, uint64_t *ret) {
        const char *value = line_find(text, key);

        if (value)
                return line_parse_kibibytes(value, ret);

        *ret = 0;
        return 0;
}

int rlimits_parse_status(const char *text, Rlimits *ret) {
        uint64_t address_space_used, data_used;
        int r;

        assert(text);
        assert(ret);

        r = parse_used(text, "VmSize:", &address_space_used);
        if (r >= 0)
                r = parse_used(text, "VmData:", &data_used);
        if (r < 0)
                return r;

        ret->address_space_used = address_space_used;
        ret->data_used = data_used;
        return 0;
}

static int read_one(Machine *machine,
                    const Process *process,
                    const char *name,
                    int (*parse)(const char *, Rlimits *),
                    Rlimits *ret) {
        char text[FILE_SMALL_SIZE];
        ssize_t n;
        int r;

        n = file_read(process->fd, name, text, sizeof(text));
        if (n == -ENOENT)
                return machine_blame(
                        machine, machine->is_live ? -ESRCH : -ENODATA, "proc/%s/%s", process->name, name);
        r = n < 0 ? (int) n : parse(text, ret);
        return r < 0 ? machine_blame(machine, r, "proc/%s/%s", process->name, name) : 0;
}

int rlimits_read(Machine *machine, const Process *process, Rlimits *ret) {
        Rlimits rlimits = { SIZE_UNLIMITED, SIZE_UNLIMITED, 0, 0 };
        int r;

        assert(machine);
        assert(process);
        assert(ret);

        r = read_one(machine, process, "limits", rlimits_parse_limits, &rlimits);
        if (r >= 0)
                r = read_one(machine, process, "status", rlimits_parse_status, &rlimits);
        if (r < 0)
                return r;

        *ret = rlimits;
        return 0;
}

static int read_soft(int resource, uint64_t *ret) {
        struct rlimit limit;

        if (getrlimit(resource, &limit) < 0)
                return -errno;

        *ret = limit.rlim_cur == RLIM_INFINITY ? SIZE_UNLIMITED : limit.rlim_cur;
        return 0;
}

/* Without /proc it is not known. */
static int read_own_use(Rlimits *rlimits) {
        _cleanup_close_ int self_fd = -1;
        char text[FILE_SMALL_SIZE];
        ssize_t n;

        self_fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        n = self_fd < 0 ? -errno : file_read(self_fd, "status", text, sizeof(text));
        if (n >= 0)
                return rlimits_parse_status(text, rlimits);

        return failure_is_passing((int) n) ? (int) n : 0;
}

int rlimits_read_own(Rlimits *ret) {
        Rlimits rlimits = { .address_space_used = SIZE_UNKNOWN, .data_used = SIZE_UNKNOWN };
        int r;

        assert(ret);

        r = read_soft(RLIMIT_AS, &rlimits.address_space);
        if (r >= 0)
                r = read_soft(RLIMIT_DATA, &rlimits.data);
        if (r >= 0 && (rlimits.address_space != SIZE_UNLIMITED || rlimits.data != SIZE_UNLIMITED))
                r = read_own_use(&rlimits);
        if (r < 0)
                return r;

        *ret = rlimits;
        return 0;
}

static bool bind_one(uint64_t limit, uint64_t used, uint64_t *available) {
        if (limit == SIZE_UNLIMITED || used == SIZE_UNKNOWN || size_less(limit, used) >= *available)
                return false;

        *available = size_less(limit, used);
        return true;
}

RlimitsBound rlimits_bind(const Rlimits *rlimits, uint64_t *available) {
        RlimitsBound bound = RLIMITS_BIND_NOTHING;

        assert(rlimits);
        assert(available);

        if (bind_one(rlimits->address_space, rlimits->address_space_used, available))
                bound = RLIMITS_BIND_ADDRESS_SPACE;
        if (bind_one(rlimits->data, rlimits->data_used, available))
                bound = RLIMITS_BIND_DATA;
        return bound;
}
