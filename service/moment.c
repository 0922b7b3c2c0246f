/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
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

/* Returns 0 where the kernel does not say, which takes CONFIG_CHECKPOINT_RESTORE. */
static uint64_t read_last_number(Machine *machine) {
        _cleanup_close_ int fd = -1;
        uint64_t number;
        char text[32];

        fd = file_open_directory(machine->proc_fd, "sys/kernel");
        if (fd < 0 || file_read(fd, "ns_last_pid", text, sizeof(text)) < 0 ||
            size_parse(text, &number) < 0 || number > INT32_MAX)
                return 0;

        return number;
}

void moment_begin(Machine *machine, Moment *ret) {
        Moment moment = MOMENT_NONE;

        assert(machine);
        assert(ret);

        moment.ticks = now_ticks();
        moment.last_number = read_last_number(machine);
        if (moment.last_number > 0) {
                int r;

                r = process_open(machine, (uint32_t) moment.last_number, &moment.last);
                if (r < 0 && r != -ESRCH)
                        moment.last_number = 0;
        }

        *ret = moment;
}

void moment_done(Moment *moment) {
        assert(moment);

        process_done(&moment->last);
}

/* Whether a number was given out after the moment. From the last one they go up, and from the largest to the
 * smallest. */
static bool was_given_since(Machine *machine, const Moment *moment, uint32_t pid) {
        uint64_t last = moment->last_number, now = read_last_number(machine);

        return now >= last ? last < pid && pid <= now : last < pid || pid <= now;
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
        if (start_ticks != moment->ticks || moment->last_number == 0)
                return start_ticks <= moment->ticks;

        /* If the one that had the number then is there still, nobody else can have got it. */
        if (pid == moment->last_number)
                return moment->last.fd >= 0 &&
                        process_read_start_time(machine, &moment->last, &start_ticks) >= 0;

        return !was_given_since(machine, moment, pid);
}
