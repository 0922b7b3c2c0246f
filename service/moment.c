/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "moment.h"
#include "size.h"

static uint64_t now_ticks(void) {
        const uint64_t per_second = (uint64_t) sysconf(_SC_CLK_TCK);
        struct timespec now;

        (void) clock_gettime(CLOCK_BOOTTIME, &now);
        return (uint64_t) now.tv_sec * per_second + (uint64_t) now.tv_nsec * per_second / 1000000000;
}

static int open_last_number(Machine *machine) {
        _cleanup_close_ int directory_fd = -1;
        int fd;

        if (machine->last_number_fd >= 0)
                return 0;

        directory_fd = file_open_directory(machine->proc_fd, "sys/kernel");
        if (directory_fd < 0)
                return directory_fd;
        fd = openat(directory_fd, "ns_last_pid", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        machine->last_number_fd = fd;
        return 0;
}

/* It is 0 where the kernel does not say, which takes CONFIG_CHECKPOINT_RESTORE. */
static int read_last_number(Machine *machine, uint64_t *ret) {
        char text[32];
        ssize_t n;

        *ret = 0;
        n = open_last_number(machine);
        if (n >= 0)
                n = file_reread(machine->last_number_fd, text, sizeof(text), NULL);
        if (n < 0)
                return n == -ENOENT ? 0 : (int) n;

        return size_parse(text, ret) < 0 || *ret > INT32_MAX ? -EIO : 0;
}

void moment_begin(Machine *machine, Moment *ret) {
        Moment moment = MOMENT_NONE;

        assert(machine);
        assert(ret);

        moment.ticks = now_ticks();
        moment.r = read_last_number(machine, &moment.last_number);
        if (moment.r >= 0 && moment.last_number > 0) {
                moment.r = process_open(machine, (uint32_t) moment.last_number, &moment.last);
                if (moment.r == -ESRCH)
                        moment.r = 0;
        }

        *ret = moment;
}

void moment_done(Moment *moment) {
        assert(moment);

        process_done(&moment->last);
}

/* Whether a number was given out after the moment: 1, 0, or an error. From the last one they go up, and from
 * the largest to the smallest. */
static int was_given_since(Machine *machine, const Moment *moment, uint32_t pid) {
        uint64_t last = moment->last_number, now;
        int r;

        r = read_last_number(machine, &now);
        if (r < 0)
                return r;

        return now >= last ? last < pid && pid <= now : last < pid || pid <= now;
}

/* Whether the one that had the last number is there still: 1, 0, or an error. */
static int is_there_still(Machine *machine, const Moment *moment) {
        uint64_t start_ticks;
        int r;

        if (moment->last.fd < 0)
                return 0;

        r = process_read_start_time(machine, &moment->last, &start_ticks);
        return r == -ESRCH ? 0 : r < 0 ? r : 1;
}

int moment_had_process(Machine *machine, const Moment *moment, const Process *process, uint32_t pid) {
        uint64_t start_ticks;
        int r;

        assert(machine);
        assert(moment);
        assert(process);

        r = process_read_start_time(machine, process, &start_ticks);
        if (r < 0)
                return r;
        if (start_ticks != moment->ticks)
                return start_ticks < moment->ticks;
        if (moment->r < 0)
                return moment->r;
        if (moment->last_number == 0)
                return 1;

        /* If the one that had the number then is there still, nobody else can have got it. */
        if (pid == moment->last_number)
                return is_there_still(machine, moment);

        r = was_given_since(machine, moment, pid);
        return r < 0 ? r : r == 0;
}
