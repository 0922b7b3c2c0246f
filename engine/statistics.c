/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <stddef.h>

#include "keyed.h"
#include "size.h"
#include "statistics.h"

#define N_FIELDS(fields) (sizeof(fields) / sizeof(*(fields)))

static const KeyedField unified_fields[] = {
        { "anon", offsetof(Statistics, anonymous) },
        { "file", offsetof(Statistics, file) },
        { "active_file", offsetof(Statistics, active_file) },
        { "inactive_file", offsetof(Statistics, inactive_file) },
        { "inactive_file", offsetof(Statistics, inactive_cache) },
        { "shmem", offsetof(Statistics, shmem) },
        { "kernel", offsetof(Statistics, kernel) },
        { "slab_reclaimable", offsetof(Statistics, slab_reclaimable) },
        { "zswap", offsetof(Statistics, zswap) },
};

static const KeyedField legacy_total_fields[] = {
        { "total_rss", offsetof(Statistics, anonymous) },
        { "total_cache", offsetof(Statistics, file) },
        { "total_active_file", offsetof(Statistics, active_file) },
        { "total_inactive_file", offsetof(Statistics, inactive_file) },
        { "total_inactive_file", offsetof(Statistics, inactive_cache) },
        { "total_shmem", offsetof(Statistics, shmem) },
        { "total_swap", offsetof(Statistics, swap) },
        { "hierarchical_memory_limit", offsetof(Statistics, hierarchical_limit) },
};

static const KeyedField legacy_own_fields[] = {
        { "rss", offsetof(Statistics, anonymous) },
        { "cache", offsetof(Statistics, file) },
        { "active_file", offsetof(Statistics, active_file) },
        { "inactive_file", offsetof(Statistics, inactive_file) },
        { "inactive_file", offsetof(Statistics, inactive_cache) },
        { "shmem", offsetof(Statistics, shmem) },
        { "swap", offsetof(Statistics, swap) },
};

int statistics_parse(const char *text, int version, Statistics *ret) {
        Statistics statistics = {
                .anonymous = SIZE_UNKNOWN,
                .file = SIZE_UNKNOWN,
                .active_file = SIZE_UNKNOWN,
                .inactive_file = SIZE_UNKNOWN,
                .shmem = SIZE_UNKNOWN,
                .kernel = SIZE_UNKNOWN,
                .slab_reclaimable = SIZE_UNKNOWN,
                .zswap = SIZE_UNKNOWN,
                .swap = SIZE_UNKNOWN,
                .hierarchical_limit = SIZE_UNLIMITED,
        };
        int r;

        assert(text);
        assert(ret);

        if (version == 1) {
                r = keyed_parse(text, legacy_own_fields, N_FIELDS(legacy_own_fields), &statistics);
                if (r >= 0)
                        r = keyed_parse(
                                text, legacy_total_fields, N_FIELDS(legacy_total_fields), &statistics);
        } else
                r = keyed_parse(text, unified_fields, N_FIELDS(unified_fields), &statistics);
        if (r < 0)
                return r;

        if (statistics.hierarchical_limit >= SIZE_V1_UNLIMITED)
                statistics.hierarchical_limit = SIZE_UNLIMITED;
        *ret = statistics;
        return 0;
}
