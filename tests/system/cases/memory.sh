# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh shares variables
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is used, cached, given back, eaten by others, and not to be had.

# The kernel counts in batches on each processor, so a sum may be a little off.
slack=$((4 * mebibyte))

# eat UNIT MEBIBYTES: the unit takes anonymous memory; $eaten is the process that has it.
eat() {
        eaten=$(inside "$1" "$tests/bin/eat $(($2 * mebibyte))") || fail "$1 cannot eat $2 MiB: $eaten"
}

# read_figures UNIT NAME...: figures from outside, in $figures.
read_figures() {
        local unit=$1
        shift

        mapfile -t figures < <(mymem show -P "$(names_of "$@")" -- "$unit")
        ((${#figures[@]} == $#)) || fail "mymem show $unit: ${figures[*]}"
}

figure_is() {
        want_between "$1 of $2" "$(figure "$1" "$2")" "$3" "$4"
}

# Whether a figure is in this range, for want_soon.
figure_between() {
        local value

        value=$(figure "$1" "$2") got_instead="$value, not in $3..$4"
        [[ $value =~ ^[0-9]+$ ]] && ((value >= $3 && value <= $4))
}

# Anonymous memory is usage and working set; given back, it is gone.
# beds: all
case_anonymous() {
        local unit=$prefix-a.service group before figures eaten

        actor "$unit" -p MemoryMax=256M
        group=$(group_of "$unit")
        read_figures "$unit" Usage WorkingSet Anonymous
        before=("${figures[@]}")
        eat "$unit" 64
        bracketed Usage "kernel $group usage" "figure Usage $unit"
        bracketed WorkingSet "kernel_working_set $group" "figure WorkingSet $unit"
        bracketed Anonymous "kernel $group anon" "figure Anonymous $unit"
        for i in 0 1 2; do
                read_figures "$unit" Usage WorkingSet Anonymous
                want_between "the rise of figure $i" $((figures[i] - before[i])) $((64 * mebibyte - slack)) \
                        $((64 * mebibyte + slack))
        done
        figure_is Available "$unit" $((256 * mebibyte - figures[1] - slack)) \
                $((256 * mebibyte - figures[1] + slack))
        kill "$eaten"
        want_soon "Usage falls" figure_between Usage "$unit" 0 $((before[0] + slack))
        want_soon "WorkingSet falls" figure_between WorkingSet "$unit" 0 $((before[1] + slack))
        figure_is Peak "$unit" $((64 * mebibyte)) $((before[0] + 64 * mebibyte + slack))
        bracketed Peak "kernel $group peak" "figure Peak $unit"
}

make_file() {
        undo rm -f "$1"
        head -c $(($2 * mebibyte)) /dev/zero >"$1" && sync "$1" && forget_file "$1" && return
        fail "$1 cannot be written"
}

# The cache of this file alone, whoever uses it.
forget_file() {
        dd if="$1" iflag=nocache count=0 status=none
}

# The machine's cache is only dropped where the machine is the tests' own.
drop_caches() {
        if [[ " $traits " == *" vm "* ]]; then
                sync && echo 1 >/proc/sys/vm/drop_caches
        else
                forget_file "$1"
        fi
}

# A file that is read raises usage, but not the working set: its cache is given up first. Dropped, it is
# gone.
# beds: disk alone
case_page_cache() {
        local unit=$prefix-a.service group before figures file

        file=$disk/$prefix
        make_file "$file" 100
        actor "$unit" -p MemoryMax=256M
        group=$(group_of "$unit")
        read_figures "$unit" Usage WorkingSet File
        before=("${figures[@]}")
        inside "$unit" "cat $file >/dev/null" || fail "$file cannot be read"
        want_soon "Usage rises" figure_between Usage "$unit" $((before[0] + 100 * mebibyte - slack)) \
                $((before[0] + 100 * mebibyte + slack))
        want_soon "WorkingSet does not rise" figure_between WorkingSet "$unit" 0 $((before[1] + 2 * slack))
        want_soon "File rises" figure_between File "$unit" $((before[2] + 100 * mebibyte - slack)) \
                $((before[2] + 100 * mebibyte + slack))
        bracketed Usage "kernel $group usage" "figure Usage $unit"
        bracketed WorkingSet "kernel_working_set $group" "figure WorkingSet $unit"
        bracketed InactiveFile "kernel $group inactive" "figure InactiveFile $unit"
        figure_is Available "$unit" $((256 * mebibyte - before[1] - 3 * slack)) $((256 * mebibyte))
        note_systemd "$unit" "it deducts page cache that is dropped when memory is needed"
        drop_caches "$file"
        want_soon "Usage falls" figure_between Usage "$unit" 0 $((before[0] + 2 * slack))
}

# A file that is used again and again is active: the working set has it. A kernel with generations, as Debian
# 13's, takes what is read for inactive, however often, until it is short of memory; and what is mapped for
# active.
# beds: disk
case_active_cache() {
        local unit=$prefix-a.service group before file generations=0 eaten=''

        file=$disk/$prefix
        make_file "$file" 32
        actor "$unit" -p MemoryMax=256M
        group=$(group_of "$unit")
        before=$(figure WorkingSet "$unit")
        [[ ! -e /sys/kernel/mm/lru_gen/enabled ]] || generations=$(</sys/kernel/mm/lru_gen/enabled)
        if ((generations & 1)); then
                eaten=$(inside "$unit" "$tests/bin/eat --map $file") || fail "$file cannot be mapped: $eaten"
        else
                inside "$unit" "cat $file $file $file >/dev/null" || fail "$file cannot be read"
        fi
        want_soon "WorkingSet rises" figure_between WorkingSet "$unit" \
                $((before + 32 * mebibyte - 2 * slack)) \
                $((before + 32 * mebibyte + slack))
        bracketed WorkingSet "kernel_working_set $group" "figure WorkingSet $unit"
        bracketed ActiveFile "kernel $group active" "figure ActiveFile $unit"
}

# A file in a tmpfs is page cache that cannot be given up: usage, working set, Shmem.
# beds: all
case_shmem() {
        local unit=$prefix-a.service group before figures file=$scratch/shmem

        actor "$unit" -p MemoryMax=256M
        group=$(group_of "$unit")
        read_figures "$unit" Usage WorkingSet Shmem
        before=("${figures[@]}")
        inside "$unit" "head -c $((32 * mebibyte)) /dev/zero >$file" || fail "$file cannot be written"
        for i in 0 1 2; do
                read_figures "$unit" Usage WorkingSet Shmem
                want_between "the rise of figure $i" $((figures[i] - before[i])) $((32 * mebibyte - slack)) \
                        $((32 * mebibyte + slack))
        done
        bracketed Shmem "kernel $group shmem" "figure Shmem $unit"
        bracketed WorkingSet "kernel_working_set $group" "figure WorkingSet $unit"
        rm "$file"
        want_soon "Shmem falls" figure_between Shmem "$unit" 0 $((before[2] + slack))
}

# Every figure of a quiet unit that the kernel has a file for.
# beds: all
case_figures() {
        local unit=$prefix-a.service group pair eaten

        actor "$unit" -p MemoryMax=96M
        eat "$unit" 16
        group=$(group_of "$unit")
        for pair in Usage:usage Anonymous:anon File:file ActiveFile:active InactiveFile:inactive \
                Shmem:shmem Max:max High:high EventsMax:hits EventsOOMKill:oom_kill SwapUsage:swap; do
                [[ $pair != SwapUsage:* || -e $memory_mount$group/memory.swap.current || $version == v1 ]] ||
                        continue
                bracketed "${pair%:*}" "kernel $group ${pair#*:}" "figure ${pair%:*} $unit"
        done
        bracketed WorkingSet "kernel_working_set $group" "figure WorkingSet $unit"
        [[ ! -e $memory_mount$group/memory.peak ]] || bracketed Peak "kernel $group peak" "figure Peak $unit"
}

# A sibling in the same slice eats memory: what is available to us shrinks, and the slice is named.
# beds: all
case_sibling_eats() {
        local unit=$prefix-a.service other=$prefix-b.service slice=$prefix.slice
        local group figures before eaten usage

        slice "$slice" MemoryMax=160M
        actor "$unit" --slice="$slice" -p MemoryMax=128M
        actor "$other" --slice="$slice"
        group=$(group_of "$slice")
        told "$unit" AvailableBy="$(group_of "$unit")" Limit=$((128 * mebibyte))
        read_figures "$unit" Available Usage
        before=("${figures[@]}")
        eat "$other" 96
        # The statistics of a group above may be 2 s old.
        want_soon "AvailableBy is the slice" eval "[[ \$(figure AvailableBy $unit) == $group ]]"
        told "$unit" AvailableBy="$group" Limit=$((128 * mebibyte)) LimitBy="$(group_of "$unit")"
        usage=$((160 * mebibyte - $(kernel_working_set "$group")))
        want_soon "Available is what the slice has left" figure_between Available "$unit" \
                $((usage - slack)) \
                $((usage + slack))
        figure_is Usage "$unit" $((before[1] - slack)) $((before[1] + slack))
        kill "$eaten"
        want_soon "Available comes back" figure_between Available "$unit" $((before[0] - slack)) \
                $((128 * mebibyte))
        told "$unit" AvailableBy="$(group_of "$unit")"
}

# The slice fills with page cache: that is given up first, so as much as before is available to us.
# beds: disk
case_slice_fills_with_cache() {
        local unit=$prefix-a.service other=$prefix-b.service slice=$prefix.slice group before file

        file=$disk/$prefix
        make_file "$file" 100
        slice "$slice" MemoryMax=160M
        actor "$unit" --slice="$slice" -p MemoryMax=128M
        actor "$other" --slice="$slice"
        group=$(group_of "$slice")
        before=$(figure Available "$unit")
        inside "$other" "cat $file >/dev/null" || fail "$file cannot be read"
        want_between "the slice's usage" "$(kernel "$group" usage)" $((100 * mebibyte)) $((160 * mebibyte))
        # Its statistics may be 2 s old for a moment.
        want_soon "Available does not shrink" figure_between Available "$unit" $((before - 2 * slack)) \
                $((128 * mebibyte))
        told "$unit" AvailableBy="$(group_of "$unit")"
}

# A file larger than the limit: the kernel reclaims at the limit, and counts that.
# beds: disk
case_events_max() {
        local unit=$prefix-a.service group file

        file=$disk/$prefix
        make_file "$file" 80
        actor "$unit" -p MemoryMax=32M
        group=$(group_of "$unit")
        want "EventsMax at first" "$(figure EventsMax "$unit")" "$(kernel "$group" hits)"
        inside "$unit" "cat $file >/dev/null" || fail "$file cannot be read"
        figure_is EventsMax "$unit" 1 1000000
        bracketed EventsMax "kernel $group hits" "figure EventsMax $unit"
        figure_is Usage "$unit" 1 $((32 * mebibyte))
        want "EventsOOMKill" "$(figure EventsOOMKill "$unit")" 0
}

# A process of the unit is killed for want of memory: that is counted, and the unit goes on.
# beds: all
case_oom_kill() {
        local unit=$prefix-a.service group got

        actor "$unit" -p MemoryMax=48M -p MemorySwapMax=0 -p OOMPolicy=continue
        group=$(group_of "$unit")
        want "EventsOOMKill at first" "$(figure EventsOOMKill "$unit")" 0
        # On v1 swap is not limited by MemorySwapMax=.
        [[ $version == v2 || ! -e $memory_mount$group/memory.swappiness ]] ||
                echo 0 >"$memory_mount$group/memory.swappiness"
        got=$(inside "$unit" "echo 900 >/proc/self/oom_score_adj; $tests/bin/eat $((96 * mebibyte))") &&
                fail "96 MiB were to be had below a limit of 48 MiB: $got"
        figure_is EventsOOMKill "$unit" 1 8
        bracketed EventsOOMKill "kernel $group oom_kill" "figure EventsOOMKill $unit"
        [[ $version == v1 ]] || figure_is EventsOOM "$unit" 1 1000
        told "$unit" Limit=$((48 * mebibyte))
}

# OOMPolicy=kill has the kernel kill the whole unit.
# beds: v2
case_oom_group() {
        local unit=$prefix-a.service other=$prefix-b.service

        actor "$unit" -p MemoryMax=48M -p OOMPolicy=kill
        actor "$other" -p MemoryMax=48M -p OOMPolicy=continue
        told "$unit" OOMGroup=yes
        told "$other" OOMGroup=no
}

# Reclaim at MemoryHigh= is seen as pressure, and counted.
# beds: v2 disk
case_pressure() {
        local unit=$prefix-a.service group got total file

        file=$disk/$prefix
        make_file "$file" 64
        actor "$unit" -p MemoryHigh=16M
        group=$(group_of "$unit")
        [[ -e $memory_mount$group/memory.pressure ]] || fail "the kernel has no memory.pressure"
        for _ in {1..20}; do
                inside "$unit" "cat $file >/dev/null"
                total=$(sed -n 's/^some.*total=//p' "$memory_mount$group/memory.pressure")
                ((total == 0)) || break
        done
        got=$(figure PressureSome "$unit")
        [[ $got =~ ^avg10=[0-9.]+\ avg60=[0-9.]+\ avg300=[0-9.]+\ total=[0-9]+$ ]] ||
                fail "PressureSome: $got"
        want_between "total of PressureSome" "${got##*=}" 1 $((1 << 40))
        bracketed PressureSome "sed -n 's/^some //p' $memory_mount$group/memory.pressure" \
                "figure PressureSome $unit"
        figure_is EventsHigh "$unit" 1 100000000
}

# More is used than MemoryHigh= allows: nothing is available, and never less than that.
# beds: v2 alone
case_above_high() {
        local unit=$prefix-a.service group eaten

        actor "$unit" -p MemoryMax=256M -p MemorySwapMax=0
        group=$(group_of "$unit")
        eat "$unit" 64
        kernel_set "$group" high $((16 * mebibyte)) || fail "memory.high cannot be written"
        # From outside, because the kernel slows down everything that happens inside.
        told_outside "$unit" Available=0 AvailableBy="$group" HighLimit=$((16 * mebibyte))
}

# Anonymous memory that goes to swap is swap's, and no longer usage.
# beds: vm swap alone
case_swap_used() {
        local unit=$prefix-a.service group eaten

        actor "$unit" -p MemoryMax=48M
        group=$(group_of "$unit")
        eat "$unit" 96
        figure_is SwapUsage "$unit" $((40 * mebibyte)) $((96 * mebibyte))
        bracketed SwapUsage "kernel $group swap" "figure SwapUsage $unit"
        figure_is Usage "$unit" 1 $((48 * mebibyte))
        told "$unit" SwapLimit="$(meminfo SwapTotal)" SwapLimitBy=/
}

swap_on() {
        grep -q "^$1 " /proc/swaps || swapon "$1"
}

# Swap is switched off: there is none to be had. Switched on again, there is.
# beds: vm swap alone
case_swap_off() {
        local unit=$prefix-a.service total device

        actor "$unit" -p MemoryMax=96M
        total=$(meminfo SwapTotal)
        device=$(awk 'NR == 2 { print $1 }' /proc/swaps)
        told "$unit" SwapLimit="$total" SwapLimitBy=/
        swapoff "$device" || fail "swapoff"
        undo swap_on "$device"
        told "$unit" SwapLimit=0 SwapLimitBy=/ SwapUsage=0
        swapon "$device" || fail "swapon"
        told "$unit" SwapLimit="$total" SwapLimitBy=/
}
