/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "keyed.h"
#include "size.h"
#include "statistics.h"

#define N_FIELDS(fields) (sizeof(fields) / sizeof(*(fields)))

/* What a working set takes comes first. */
#define N_UNIFIED_BRIEF 2
static const KeyedField unified_fields[] = {
        KEYED_FIELD("inactive_file", Statistics, inactive_file),
        KEYED_FIELD("inactive_file", Statistics, inactive_cache),
        KEYED_FIELD("anon", Statistics, anonymous),
        KEYED_FIELD("file", Statistics, file),
        KEYED_FIELD("active_file", Statistics, active_file),
        KEYED_FIELD("shmem", Statistics, shmem),
        KEYED_FIELD("kernel", Statistics, kernel),
        KEYED_FIELD("slab_reclaimable", Statistics, slab_reclaimable),
        KEYED_FIELD("zswap", Statistics, zswap),
};

/* On v1 a key counts the group alone, and one that begins with "total_" all below it, too. */
typedef struct Legacy {
        Statistics own, total;
} Legacy;

#define LEGACY_FIELDS(key, member) \
        KEYED_FIELD(key, Legacy, own.member), KEYED_FIELD("total_" key, Legacy, total.member)

#define N_LEGACY_BRIEF 5
static const KeyedField legacy_fields[] = {
        LEGACY_FIELDS("inactive_file", inactive_file),
        LEGACY_FIELDS("inactive_file", inactive_cache),
        KEYED_FIELD("hierarchical_memory_limit", Legacy, own.hierarchical_limit),
        LEGACY_FIELDS("rss", anonymous),
        LEGACY_FIELDS("cache", file),
        LEGACY_FIELDS("active_file", active_file),
        LEGACY_FIELDS("shmem", shmem),
        LEGACY_FIELDS("swap", swap),
};

static uint64_t total_or_own(uint64_t total, uint64_t own) {
        return total == SIZE_UNKNOWN ? own : total;
}

/* An ancient kernel has no totals. */
static int parse_legacy(const char *text, size_t n_fields, Statistics *statistics) {
        Legacy legacy = { .own = *statistics, .total = *statistics };
        int r;

        r = keyed_parse(text, legacy_fields, n_fields, &legacy);
        if (r < 0)
                return r;

        *statistics = legacy.own;
        statistics->anonymous = total_or_own(legacy.total.anonymous, legacy.own.anonymous);
        statistics->file = total_or_own(legacy.total.file, legacy.own.file);
        statistics->active_file = total_or_own(legacy.total.active_file, legacy.own.active_file);
        statistics->inactive_file = total_or_own(legacy.total.inactive_file, legacy.own.inactive_file);
        /* The largest number is no unknown here, because what is unknown is 0. */
        if (legacy.total.inactive_file != SIZE_UNKNOWN || legacy.total.inactive_cache > 0)
                statistics->inactive_cache = legacy.total.inactive_cache;
        statistics->shmem = total_or_own(legacy.total.shmem, legacy.own.shmem);
        statistics->swap = total_or_own(legacy.total.swap, legacy.own.swap);
        if (statistics->hierarchical_limit >= SIZE_V1_UNLIMITED)
                statistics->hierarchical_limit = SIZE_UNLIMITED;
        return 0;
}

static int parse(const char *text, int version, bool is_brief, Statistics *ret) {
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

        if (version == 1)
                r = parse_legacy(text, is_brief ? N_LEGACY_BRIEF : N_FIELDS(legacy_fields), &statistics);
        else
                r = keyed_parse(text,
                                unified_fields,
                                is_brief ? N_UNIFIED_BRIEF : N_FIELDS(unified_fields),
                                &statistics);
        if (r < 0)
                return r;

        *ret = statistics;
        return 0;
}

int statistics_parse(const char *text, int version, Statistics *ret) {
        return parse(text, version, false, ret);
}

int statistics_parse_brief(const char *text, int version, Statistics *ret) {
        return parse(text, version, true, ret);
}
