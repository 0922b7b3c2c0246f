/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MYMEM_H
#define MYMEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How much memory a process or a unit has: not the machine, but what its systemd unit, all slices above it,
 * and the process's own resource limits leave to it.
 *
 *         struct mymem memory;
 *         int r;
 *
 *         r = mymem_get(&memory);
 *         if (r < 0)
 *                 return r;
 *         cache_size = memory.available / 2;
 *
 * The figures come from the service mymemd(8): from its socket, or over the system bus. Where nobody
 * answers, the library reads /proc and the control groups itself. What the figures are is defined in
 * org.mymem1(5).
 *
 * Every function returns 0 or, where nothing else is said, a negative errno, and sets its output on success
 * only. None prints, aborts, waits for more than about a second, or touches signals, the event loop or the
 * bus connections of the program; none leaves a file descriptor open but mymem_open(). All may be called
 * from several threads at once. In a program with more rights than its user has (set-user-ID), the
 * environment is ignored.
 *
 * What a function fails with stands below. */

/* clang-format off: this is a table.
 *
 * What a function fails with, and the error of the service that it stands for:
 *
 *   -EINVAL      an argument is NULL, 'size' is less than in the first version or more than 64 KiB, or the
 *                descriptor is none of a process
 *   -EBADF       the pidfd is negative
 *   -ESRCH       the process does not exist, has ended, or is a zombie (NoSuchProcess)
 *   -ENOENT      there is no such unit (NoSuchUnit)
 *   -ENODEV      the control group vanished while it was read (UnitVanished)
 *   -ENODATA     it is not known: no memory controller accounts for it (NoMemoryController); or nobody
 *                answers, and a limit may exist that cannot be seen from here
 *   -EOPNOTSUPP  the service cannot know (NotSupported), and reading directly failed, too
 *   -EBUSY       the service has too much to do (LimitsExceeded), and reading directly failed, too
 *   -EACCES      it is not permitted to ask, or to read
 *   -ENXIO       the service cannot tell who asks (UnknownCaller), and reading directly failed, too
 *   -E2BIG       the control group lies more than 128 levels deep, or the process has more than 32 dead
 *                threads before one that lives
 *   -EBADMSG, -ERANGE, -EFBIG
 *                a file of the kernel's has not the shape that the kernel documents
 *   -ENOMEM, -EMFILE, -ENFILE, and others
 *                what the kernel gave when it was asked for memory, a descriptor or a file
 *
 * Of these the service's word is final with -ESRCH, -ENOENT and -ENODEV. After all others the next source is
 * tried. */
/* clang-format on */

#define MYMEM_UNLIMITED UINT64_MAX /* of a limit: there is none */
#define MYMEM_UNKNOWN UINT64_MAX   /* of any other figure: it is not known */

/* Where the figures are from. */
enum mymem_source {
        MYMEM_SOURCE_SOCKET = 1, /* the service, asked on its socket */
        MYMEM_SOURCE_BUS = 2,    /* the service, asked over the system bus */
        MYMEM_SOURCE_CGROUP = 3, /* the files of the control groups, read by the library */
        MYMEM_SOURCE_PROC = 4 /* /proc/meminfo, read by the library: no control group limits the process */
};

/* What 'available' is bound by: where more memory would have to come from. */
enum mymem_by {
        MYMEM_BY_UNKNOWN = 0,
        MYMEM_BY_UNIT = 1,      /* a limit of the unit's control group, or of one below it */
        MYMEM_BY_ANCESTOR = 2,  /* a limit of a slice or another group above, filled by all in it */
        MYMEM_BY_MACHINE = 3,   /* the machine, or a limit above all that can be seen */
        MYMEM_BY_RLIMIT_AS = 4, /* the process's own limits, see setrlimit(2) */
        MYMEM_BY_RLIMIT_DATA = 5
};

/* All figures are in bytes. More may be added at the end, each a uint64_t that is MYMEM_UNKNOWN if a library
 * is used that does not know it yet. */
struct mymem {
        /* The smallest hard limit of the unit and all above it, never more than the machine's memory: always
         * a number of bytes, never MYMEM_UNLIMITED. 0 is a limit, too. */
        uint64_t limit;

        /* What the control group is charged with now, page cache included, and the same less the page cache
         * that the kernel drops first. MYMEM_UNKNOWN where no memory controller counts it. 'limit' less
         * 'usage' is not what is left: the limit may be a slice's, which others fill too, and some of the
         * usage is given back when memory gets short. */
        uint64_t usage;
        uint64_t working_set;

        /* How much more can be taken before the kernel throttles or kills: what is left of each limit, and
         * in the machine. If the figures are the calling process's, also what is left of its RLIMIT_AS and
         * RLIMIT_DATA. */
        uint64_t available;

        /* The calling process's own soft limits, or MYMEM_UNLIMITED. MYMEM_UNKNOWN, which is the same
         * number, for others. */
        uint64_t rlimit_as;
        uint64_t rlimit_data;

        uint32_t source;       /* enum mymem_source */
        uint32_t available_by; /* enum mymem_by */

        /* The systemd unit, "" if there is none. */
        char unit[256];

        /* The control group that usage and working set are of, as a path from the root of the hierarchy: the
         * unit's; or one below it, if that is where the smallest limit is set. "" if there is none or its
         * path is longer. Control characters and what is not UTF-8 stand as \xNN. */
        char control_group[4096];
};

/* The calling process, and its unit. */
int mymem_get(struct mymem *ret, size_t size);

/* A process by its number; 0 is the calling one. Numbers are used again: to be sure, use a pidfd. */
int mymem_get_pid(pid_t pid, struct mymem *ret, size_t size);

/* The process of a descriptor from pidfd_open(2). The descriptor stays the caller's. */
int mymem_get_pidfd(int pidfd, struct mymem *ret, size_t size);

/* A unit of the system manager by its full name, "nginx.service". Units of user managers and of containers
 * bear names that their owners chose, and are not found. */
int mymem_get_unit(const char *name, struct mymem *ret, size_t size);

/* The calling process and its unit again and again, in a loop that adapts to what there is: opens the files
 * that the figures are made of once. The limits are looked at again after a second at the latest. The
 * process may be moved, may fork and go on in the child, and its control group may be removed and made anew:
 * that is found out. The service may go: then the files serve on. A sample costs a few microseconds, and
 * asks nobody; but where not all control groups can be seen from here, the service is asked once a second
 * for the limits. Where there are no such files, as for a process in the root group, a sample is what
 * mymem_get() does.
 *
 * One handle is for one thread at a time; several handles can be used in several threads. */
struct mymem_handle;

/* Opens a handle; it holds a few file descriptors. Fails where mymem_get() fails, and with the same. */
int mymem_open(struct mymem_handle **ret);

/* The figures as they are now. It fails with what mymem_get() fails with; the next one may succeed. */
int mymem_sample(struct mymem_handle *handle, struct mymem *ret, size_t size);

/* Closes a handle, if there is one, and returns NULL. */
struct mymem_handle *mymem_close(struct mymem_handle *handle);

/* The caller's size of the structure goes with each call, so that it can grow; nobody has to write it. */
#define mymem_get(ret) mymem_get((ret), sizeof(struct mymem))
#define mymem_get_pid(pid, ret) mymem_get_pid((pid), (ret), sizeof(struct mymem))
#define mymem_get_pidfd(pidfd, ret) mymem_get_pidfd((pidfd), (ret), sizeof(struct mymem))
#define mymem_get_unit(name, ret) mymem_get_unit((name), (ret), sizeof(struct mymem))
#define mymem_sample(handle, ret) mymem_sample((handle), (ret), sizeof(struct mymem))

#ifdef __cplusplus
}
#endif

#endif
