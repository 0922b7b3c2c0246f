/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#include "cleanup.h"
#include "file.h"
#include "machine.h"
#include "path.h"

#define MOUNTINFO_SIZE_MAX ((size_t) 16 * 1024 * 1024)
#define PHYSICAL_MEMORY_USEC UINT64_C(1000000)

uint64_t machine_now_usec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

void machine_begin(Machine *machine) {
        assert(machine);

        machine->meminfo_is_current = false;
        machine->blamed[0] = '\0';
}

void machine_note(Machine *machine, const char *format, ...) {
        va_list arguments;

        assert(machine);
        assert(format);

        va_start(arguments, format);
        /* Version 14 does not see va_start() in a file that it has looked at before: this one is compiled
         * twice. NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
        (void) vsnprintf(machine->blamed, sizeof(machine->blamed), format, arguments);
        va_end(arguments);
}

/* A file of the machine's that is not there: no unit or group that is looked for. */
static int missing(int r) {
        return r == -ENOENT ? -ENOMEDIUM : r;
}

int machine_open_self(const Machine *machine) {
        char target[32];
        ssize_t n;

        assert(machine);

        n = readlinkat(machine->proc_fd, "self", target, sizeof(target) - 1);
        if (n < 0)
                return errno == EINVAL ? file_open_directory(machine->proc_fd, "self") : -errno;

        target[n] = '\0';
        if (target[strspn(target, "0123456789")] != '\0')
                return -ELOOP;
        return file_open_directory(machine->proc_fd, target);
}

int machine_keep_fdinfo(Machine *machine) {
        _cleanup_close_ int self_fd = -1;

        assert(machine);
        assert(machine->fdinfo_fd < 0);

        self_fd = machine_open_self(machine);
        machine->fdinfo_fd = self_fd < 0 ? self_fd : file_open_directory(self_fd, "fdinfo");
        return machine->fdinfo_fd < 0 ?
                machine_blame(machine, missing(machine->fdinfo_fd), "proc/self/fdinfo") :
                0;
}

int machine_refresh(Machine *machine) {
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int self_fd = -1;
        Mounts mounts;
        int r;

        assert(machine);

        self_fd = machine_open_self(machine);
        if (self_fd < 0)
                return machine_blame(machine, missing(self_fd), "proc/self");

        r = file_read_all(self_fd, "mountinfo", MOUNTINFO_SIZE_MAX, &text);
        if (r >= 0)
                r = mounts_parse(text, &mounts);
        if (r < 0)
                return machine_blame(machine, missing(r), "proc/self/mountinfo");

        mounts_done(&machine->mounts);
        machine->mounts = mounts;
        return 0;
}

int machine_new(int root_fd, Machine **ret) {
        _cleanup_close_ int owned_fd = root_fd;
        Machine *machine;
        struct statfs statistics;

        assert(root_fd >= 0);
        assert(ret);

        machine = calloc(1, sizeof(*machine));
        if (!machine)
                return -ENOMEM;
        *ret = machine;

        machine->last_number_fd = machine->fdinfo_fd = -1;
        machine->root_fd = take_fd(&owned_fd);
        machine->proc_fd = file_open_directory(machine->root_fd, "proc");
        if (machine->proc_fd < 0)
                return machine_blame(machine, missing(machine->proc_fd), "proc");

        machine->is_live =
                fstatfs(machine->proc_fd, &statistics) >= 0 && statistics.f_type == PROC_SUPER_MAGIC;
        return machine_refresh(machine);
}

int machine_new_here(Machine **ret) {
        int root_fd;

        assert(ret);

        root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return root_fd < 0 ? -errno : machine_new(root_fd, ret);
}

Machine *machine_free(Machine *machine) {
        if (!machine)
                return NULL;

        mounts_done(&machine->mounts);
        closep(&machine->last_number_fd);
        closep(&machine->fdinfo_fd);
        closep(&machine->proc_fd);
        closep(&machine->root_fd);
        free(machine);
        return NULL;
}

int machine_read_meminfo(Machine *machine, Meminfo *ret) {
        char text[FILE_SMALL_SIZE];
        ssize_t n;
        int r;

        assert(machine);
        assert(ret);

        if (!machine->meminfo_is_current) {
                n = file_read(machine->proc_fd, "meminfo", text, sizeof(text));
                r = n < 0 ? (int) n : meminfo_parse(text, &machine->meminfo);
                if (r < 0)
                        return machine_blame(machine, missing(r), "proc/meminfo");

                machine->meminfo_is_current = true;
                machine->meminfo_read_at_usec = machine_now_usec();
        }

        *ret = machine->meminfo;
        return 0;
}

int machine_physical_memory(Machine *machine, uint64_t *ret) {
        Meminfo meminfo;
        int r;

        assert(machine);
        assert(ret);

        if (machine->meminfo_read_at_usec == 0 ||
            machine_now_usec() - machine->meminfo_read_at_usec > PHYSICAL_MEMORY_USEC) {
                r = machine_read_meminfo(machine, &meminfo);
                if (r < 0)
                        return r;
        }

        *ret = machine->meminfo.total;
        return 0;
}

/* Opens the directory that a hierarchy is mounted on. Something else may be mounted over it, or over a
 * directory above: then it is -ENODATA. */
static int open_mount(const Machine *machine, const Mount *mount) {
        _cleanup_close_ int fd = -1;
        struct statfs statistics;

        fd = file_open_directory(machine->root_fd, mount->point);
        if (fd < 0)
                return fd == -ENOENT ? -ENODATA : fd;

        if (machine->is_live) {
                if (fstatfs(fd, &statistics) < 0)
                        return -errno;
                if (statistics.f_type != CGROUP_SUPER_MAGIC && statistics.f_type != CGROUP2_SUPER_MAGIC)
                        return -ENODATA;
        }

        return take_fd(&fd);
}

int machine_find_mount(Machine *machine, MountKind kind, const char *path, Mount **ret) {
        Mount *mount;

        assert(machine);
        assert(ret);

        while ((mount = mounts_find(&machine->mounts, kind, path))) {
                if (mount->fd < 0)
                        mount->fd = open_mount(machine, mount);
                if (mount->fd >= 0) {
                        *ret = mount;
                        return 0;
                }
                if (mount->fd != -ENODATA)
                        return machine_blame(machine, mount->fd, "%s", mount->point);

                /* Another mount of the hierarchy may be seen. */
                mount->fd = -1;
                mount->is_hidden = true;
        }

        return machine_blame(machine, -ENODATA, "%s", path ? path : "proc/self/mountinfo");
}

int machine_find_memory_mount(Machine *machine, const char *path, Mount **ret) {
        assert(machine);

        return machine_find_mount(
                machine,
                mounts_find(&machine->mounts, MOUNT_MEMORY, NULL) ? MOUNT_MEMORY : MOUNT_UNIFIED,
                path,
                ret);
}

int machine_find_systemd_mount(Machine *machine, Mount **ret) {
        assert(machine);

        return machine_find_mount(
                machine,
                mounts_find(&machine->mounts, MOUNT_SYSTEMD, NULL) ? MOUNT_SYSTEMD : MOUNT_UNIFIED,
                NULL,
                ret);
}

MachineMode machine_mode(const Machine *machine) {
        const Mount *unified;

        assert(machine);

        unified = mounts_find(&machine->mounts, MOUNT_UNIFIED, NULL);
        if (!unified)
                return MACHINE_LEGACY;
        if (mounts_find(&machine->mounts, MOUNT_MEMORY, NULL) ||
            strcmp(unified->point, "/sys/fs/cgroup") != 0)
                return MACHINE_HYBRID;

        return MACHINE_UNIFIED;
}

const char *machine_mode_to_string(MachineMode mode) {
        static const char *const names[] = {
                [MACHINE_UNIFIED] = "unified",
                [MACHINE_HYBRID] = "hybrid",
                [MACHINE_LEGACY] = "legacy",
        };

        return names[mode];
}
