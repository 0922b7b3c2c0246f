/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "size.h"
#include "target-list.h"
#include "verbs.h"

/* The verb `meminfo`: the unit's figures in the form of /proc/meminfo, for programs that read nothing else.
 */

/* What is not known is left out: those who read this take it for 0. */
static void print_line(const char *name, uint64_t bytes) {
        if (bytes == SIZE_UNKNOWN)
                return;

        printf("%s:%*" PRIu64 " kB\n", name, (int) (23 - strlen(name)), bytes / 1024);
}

static uint64_t sum(uint64_t a, uint64_t b) {
        return a == SIZE_UNKNOWN || b == SIZE_UNKNOWN ? SIZE_UNKNOWN : a + b;
}

static uint64_t difference(uint64_t a, uint64_t b) {
        return a == SIZE_UNKNOWN || b == SIZE_UNKNOWN ? SIZE_UNKNOWN : size_less(a, b);
}

/* What nobody uses: what the limit leaves beside the usage, and no more than can be had. */
static uint64_t free_memory(const Snapshot *snapshot) {
        return snapshot->usage == SIZE_UNKNOWN ?
                snapshot->available :
                size_min(size_less(snapshot->limit, snapshot->usage), snapshot->available);
}

static void tell(const Options *options, const Inquiry *inquiry, void *userdata) {
        const Snapshot *snapshot = inquiry->answer.snapshot;

        (void) options;
        (void) userdata;

        print_line("MemTotal", snapshot->limit);
        print_line("MemFree", free_memory(snapshot));
        print_line("MemAvailable", size_min(snapshot->available, snapshot->limit));
        print_line("Buffers", 0); /* as a part of the page cache they are in the next one */
        print_line("Cached", snapshot->file);
        print_line("SwapCached", 0);
        print_line("Active", sum(snapshot->active_file, snapshot->anonymous));
        print_line("Inactive", snapshot->inactive_file);
        print_line("Active(anon)", snapshot->anonymous);
        print_line("Inactive(anon)", 0);
        print_line("Active(file)", snapshot->active_file);
        print_line("Inactive(file)", snapshot->inactive_file);
        /* Without the other it would read as if all of it were used. */
        print_line("SwapTotal", snapshot->swap_usage == SIZE_UNKNOWN ? SIZE_UNKNOWN : snapshot->swap_limit);
        print_line("SwapFree", difference(snapshot->swap_limit, snapshot->swap_usage));
        print_line("AnonPages", snapshot->anonymous);
        print_line("Shmem", snapshot->shmem);
        print_line("KReclaimable", snapshot->slab_reclaimable);
        print_line("SReclaimable", snapshot->slab_reclaimable);
}

int meminfo(const Options *options, char **words) {
        return target_tell_one(options, words, ASK_ALL, tell, NULL);
}
