# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What takes how long, where there is a systemd to compare with.

# A call of GetMemory is several times faster than systemd's own route to less than that: the unit of a
# process, and then its properties, one call each.
# beds: installed alone
case_systemd_route() {
        local output line

        slice "$prefix.slice" MemoryMax=256M
        output=$(systemd-run --quiet --wait --pipe --collect --unit="$prefix-route" \
                --slice="$prefix-in.slice" --setenv=MYMEM_TEST_BROKER="$bed" \
                --setenv=MYMEM_BENCH_TABLE="$scratch/table" "$tests/bin/route") ||
                fail "$output"
        while IFS= read -r line; do
                note "$line"
        done <"$scratch/table"
}
