/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "check.h"
#include "size.h"
#include "statistics.h"

#define U SIZE_UNKNOWN

static void check_statistics(const char *about, const Statistics *got, const Statistics *wanted) {
        check_size(about, got->anonymous, wanted->anonymous);
        check_size(about, got->file, wanted->file);
        check_size(about, got->active_file, wanted->active_file);
        check_size(about, got->inactive_file, wanted->inactive_file);
        check_size(about, got->inactive_cache, wanted->inactive_cache);
        check_size(about, got->shmem, wanted->shmem);
        check_size(about, got->kernel, wanted->kernel);
        check_size(about, got->slab_reclaimable, wanted->slab_reclaimable);
        check_size(about, got->zswap, wanted->zswap);
        check_size(about, got->swap, wanted->swap);
        check_size(about, got->hierarchical_limit, wanted->hierarchical_limit);
}

/* A brief reading says of it what a working set takes. */
static void check_brief(const char *text, int version, const Statistics *whole) {
        const Statistics wanted = {
                U, U, U, whole->inactive_file,      whole->inactive_cache, U, U,
                U, U, U, whole->hierarchical_limit,
        };
        Statistics brief;

        memset(&brief, 0x55, sizeof(brief));
        if (check_number(text, statistics_parse_brief(text, version, &brief), 0))
                check_statistics(text, &brief, &wanted);
}

/* In the order of the structure: anonymous, file, active file, inactive file, inactive cache, shmem, kernel,
 * reclaimable slab, zswap, swap, hierarchical limit. */
static void test_parse(void) {
        static const struct {
                const char *text;
                int version;
                Statistics statistics;
        } cases[] = {
                { "", 2, { U, U, U, U, 0, U, U, U, U, U, U } },
                { "", 1, { U, U, U, U, 0, U, U, U, U, U, U } },
                { "anon 1\nfile 2\nkernel 3\nshmem 4\nzswap 5\nzswapped 6\nfile_mapped 7\nanon_thp 8\n"
                  "inactive_anon 9\nactive_anon 10\ninactive_file 11\nactive_file 12\nslab_reclaimable 13\n"
                  "slab_unreclaimable 14\nslab 15\nkernel_stack 16\nsock 17\n",
                  2,
                  { 1, 2, 12, 11, 11, 4, 3, 13, 5, U, U } },
                /* Linux 5.10 has fewer. */
                { "anon 1\nfile 2\ninactive_file 3\nactive_file 4\nshmem 5\nslab_reclaimable 6\n",
                  2,
                  { 1, 2, 4, 3, 3, 5, U, 6, U, U, U } },
                { "anon 1\nfile 2\n", 2, { 1, 2, U, U, 0, U, U, U, U, U, U } },
                { "inactive_file -1\n", 2, { U, U, U, 0, 0, U, U, U, U, U, U } },
                /* v1's words mean nothing on v2, and the other way round. */
                { "cache 1\nrss 2\ntotal_cache 3\ntotal_rss 4\ntotal_inactive_file 5\nswap 6\n"
                  "hierarchical_memory_limit 7\n",
                  2,
                  { U, U, U, U, 0, U, U, U, U, U, U } },
                { "anon 1\nfile 2\nkernel 3\nslab_reclaimable 4\nzswap 5\n",
                  1,
                  { U, U, U, U, 0, U, U, U, U, U, U } },
                { "cache 1\nrss 2\nshmem 3\nswap 4\ninactive_file 5\nactive_file 6\n"
                  "hierarchical_memory_limit 7\nhierarchical_memsw_limit 8\ntotal_cache 11\ntotal_rss 12\n"
                  "total_rss_huge 99\ntotal_shmem 13\ntotal_swap 14\ntotal_inactive_file 15\n"
                  "total_active_file 16\n",
                  1,
                  { 12, 11, 16, 15, 15, 13, U, U, U, 14, 7 } },
                /* The totals count also if they stand first. */
                { "total_cache 11\ntotal_rss 12\ntotal_shmem 13\ntotal_swap 14\ntotal_inactive_file 15\n"
                  "total_active_file 16\ncache 1\nrss 2\nshmem 3\nswap 4\ninactive_file 5\nactive_file 6\n",
                  1,
                  { 12, 11, 16, 15, 15, 13, U, U, U, 14, U } },
                /* An ancient kernel has no totals, and one may have only some. */
                { "cache 1\nrss 2\nshmem 3\nswap 4\ninactive_file 5\nactive_file 6\n",
                  1,
                  { 2, 1, 6, 5, 5, 3, U, U, U, 4, U } },
                { "cache 1\nrss 2\ninactive_file 5\ntotal_rss 12\n",
                  1,
                  { 12, 1, U, 5, 5, U, U, U, U, U, U } },
                { "inactive_file 5\ntotal_inactive_file -3\n", 1, { U, U, U, 0, 0, U, U, U, U, U, U } },
                /* Unlimited on v1 is a number that depends on the page size. */
                { "hierarchical_memory_limit 9223372036854771712\n",
                  1,
                  { U, U, U, U, 0, U, U, U, U, U, U } },
                { "hierarchical_memory_limit 9223372036854710272\n",
                  1,
                  { U, U, U, U, 0, U, U, U, U, U, U } },
                { "hierarchical_memory_limit 4611686018427387904\n",
                  1,
                  { U, U, U, U, 0, U, U, U, U, U, U } },
                { "hierarchical_memory_limit 4611686018427387903\n",
                  1,
                  { U, U, U, U, 0, U, U, U, U, U, UINT64_C(4611686018427387903) } },
                { "hierarchical_memory_limit 0\n", 1, { U, U, U, U, 0, U, U, U, U, U, 0 } },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Statistics statistics;

                memset(&statistics, 0x55, sizeof(statistics));
                if (check_number(cases[i].text,
                                 statistics_parse(cases[i].text, cases[i].version, &statistics),
                                 0))
                        check_statistics(cases[i].text, &statistics, &cases[i].statistics);
                check_brief(cases[i].text, cases[i].version, &cases[i].statistics);
        }
}

static void test_malformed(void) {
        static const struct {
                const char *text;
                int r;
        } cases[] = {
                { "anon", -EBADMSG },
                { "anon 1", -EBADMSG },
                { "anon 1\nnobody_knows x\n", -EBADMSG },
                { "nobody_knows\nanon 1\n", -EBADMSG },
                { "anon 1\n\n", -EBADMSG },
                { "anon  1\n", -EBADMSG },
                { "anon 1 kB\n", -EBADMSG },
                { "anon 1x\n", -EBADMSG },
                { "anon max\n", -EBADMSG },
                { "anon 18446744073709551616\n", -ERANGE },
                { "anon 1\nnobody_knows 18446744073709551616\n", -ERANGE },
        };
        static const Statistics untouched = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (int version = 1; version <= 2; version++) {
                        Statistics statistics = untouched;

                        check_number(cases[i].text,
                                     statistics_parse(cases[i].text, version, &statistics),
                                     cases[i].r);
                        check_number(cases[i].text,
                                     statistics_parse_brief(cases[i].text, version, &statistics),
                                     cases[i].r);
                        check_statistics(cases[i].text, &statistics, &untouched);
                }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/statistics/parse", test_parse);
        g_test_add_func("/statistics/malformed", test_malformed);
        return g_test_run();
}
