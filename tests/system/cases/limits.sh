# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Limits: whose they are, which one binds.

# MemoryMax= of a service.
# beds: all
case_memory_max() {
        local unit=$prefix-a.service group

        actor "$unit" -p MemoryMax=96M
        group=$(group_of "$unit")
        want "the kernel's limit" "$(kernel "$group" max)" $((96 * mebibyte))
        told "$unit" Max=$((96 * mebibyte)) Limit=$((96 * mebibyte)) LimitBy="$group" HighLimit=infinity \
                HighLimitBy=
}

# The three figures of GetMemory and the two of GetAvailable are those of the unit, not of the machine.
# beds: all
case_get_memory() {
        local unit=$prefix-a.service group type limit usage working_set available by

        actor "$unit" -p MemoryMax=96M
        group=$(group_of "$unit")
        read -r type limit usage working_set < <(
                inside "$unit" "busctl call org.mymem1 /org/mymem1 org.mymem1.Manager GetMemory")
        want "types" "$type" ttt
        want "limit" "$limit" $((96 * mebibyte))
        want_between "usage" "$usage" 1 $((32 * mebibyte))
        want_between "working set" "$working_set" 1 "$usage"
        read -r type available by < <(
                inside "$unit" "busctl call org.mymem1 /org/mymem1 org.mymem1.Manager GetAvailable")
        want "types" "$type" ts
        want_between "available" "$available" $((64 * mebibyte)) $((96 * mebibyte))
        want "by" "$by" "\"$group\""
}

# A limit that is a part of the machine's memory.
# beds: all
case_memory_max_percent() {
        local unit=$prefix-a.service group limit

        actor "$unit" -p MemoryMax=10%
        group=$(group_of "$unit")
        limit=$(kernel "$group" max)
        want_between "the kernel's limit" "$limit" $(($(meminfo MemTotal) / 11)) $(($(meminfo MemTotal) / 9))
        told "$unit" Max="$limit" Limit="$limit" LimitBy="$group"
}

# MemoryHigh= of a service throttles, and bounds what is available.
# beds: v2
case_memory_high() {
        local unit=$prefix-a.service group

        actor "$unit" -p MemoryHigh=80M -p MemoryMax=96M
        group=$(group_of "$unit")
        want "the kernel's limit" "$(kernel "$group" high)" $((80 * mebibyte))
        told "$unit" Max=$((96 * mebibyte)) High=$((80 * mebibyte)) Limit=$((96 * mebibyte)) \
                LimitBy="$group" \
                HighLimit=$((80 * mebibyte)) HighLimitBy="$group" AvailableBy="$group"
        want_between "available" "$(figure Available "$unit")" $((48 * mebibyte)) $((80 * mebibyte))
}

# MemoryHigh= of a slice above binds, too.
# beds: v2
case_memory_high_of_slice() {
        local unit=$prefix-a.service slice=$prefix.slice

        slice "$slice" MemoryHigh=64M
        actor "$unit" --slice="$slice" -p MemoryHigh=80M
        told "$unit" High=$((80 * mebibyte)) HighLimit=$((64 * mebibyte)) \
                HighLimitBy="$(group_of "$slice")" \
                AvailableBy="$(group_of "$slice")"
}

# MemoryHigh= has no place on v1, where nothing throttles.
# beds: v1
case_memory_high_on_v1() {
        local unit=$prefix-a.service

        actor "$unit" -p MemoryHigh=80M
        told "$unit" High=infinity HighLimit=infinity HighLimitBy=
}

# MemoryMin= and MemoryLow=.
# beds: v2
case_memory_min_and_low() {
        local unit=$prefix-a.service group

        actor "$unit" -p MemoryMin=8M -p MemoryLow=16M
        group=$(group_of "$unit")
        want "memory.min" "$(kernel "$group" min)" $((8 * mebibyte))
        told "$unit" Min=$((8 * mebibyte)) Low=$((16 * mebibyte))
}

# MemorySwapMax= of a service and of the slice above.
# beds: v2
case_memory_swap_max() {
        local unit=$prefix-a.service slice=$prefix.slice total wanted=$((24 * mebibyte)) by

        slice "$slice" MemorySwapMax=24M
        actor "$unit" --slice="$slice" -p MemorySwapMax=64M
        by=$(group_of "$slice") total=$(meminfo SwapTotal)
        # Without swap, none can be used, whatever is allowed.
        ((total >= wanted)) || wanted=$total by=/
        told "$unit" SwapMax=$((64 * mebibyte)) SwapLimit="$wanted" SwapLimitBy="$by"
}

# A slice in the middle of three is the tightest.
# beds: all
case_nested_slices() {
        local unit=$prefix-a.service middle

        slice "$prefix.slice" MemoryMax=256M
        slice "$prefix-b.slice" MemoryMax=64M
        slice "$prefix-b-c.slice" MemoryMax=112M
        actor "$unit" --slice="$prefix-b-c.slice" -p MemoryMax=128M
        middle=$(group_of "$prefix-b.slice")
        want "where the slice is" "$middle" "/mymemt.slice/$prefix.slice/$prefix-b.slice"
        told "$unit" Max=$((128 * mebibyte)) Limit=$((64 * mebibyte)) LimitBy="$middle" \
                Slice="$prefix-b-c.slice"
}

# The unit is tighter than all slices above.
# beds: all
case_unit_tighter_than_slices() {
        local unit=$prefix-a.service

        slice "$prefix.slice" MemoryMax=256M
        slice "$prefix-b.slice" MemoryMax=128M
        actor "$unit" --slice="$prefix-b.slice" -p MemoryMax=48M
        told "$unit" Max=$((48 * mebibyte)) Limit=$((48 * mebibyte)) LimitBy="$(group_of "$unit")"
}

# Only the outermost slice sets a limit.
# beds: all
case_limit_of_outermost_slice() {
        local unit=$prefix-a.service

        slice "$prefix.slice" MemoryMax=80M
        actor "$unit" --slice="$prefix-b-c-d.slice"
        told "$unit" Max=infinity Limit=$((80 * mebibyte)) LimitBy="$(group_of "$prefix.slice")"
}

# Of equal limits the innermost is named: that is where one would change it.
# beds: all
case_tie() {
        local unit=$prefix-a.service

        slice "$prefix.slice" MemoryMax=64M
        slice "$prefix-b.slice" MemoryMax=64M
        actor "$unit" --slice="$prefix-b.slice"
        told "$unit" Limit=$((64 * mebibyte)) LimitBy="$(group_of "$prefix-b.slice")"
}

# Nobody sets a limit: it is the machine's.
# beds: all
case_no_limit() {
        local unit=$prefix-a.service

        actor "$unit"
        want "the kernel's limit" "$(kernel "$(group_of "$unit")" max)" infinity
        told "$unit" Max=infinity Limit="$(machine_limit)" LimitBy=/
}

# A limit above what the machine has binds nobody.
# beds: all
case_limit_above_machine() {
        local unit=$prefix-a.service

        actor "$unit" -p MemoryMax=64T
        told "$unit" Max=$((64 << 40)) Limit="$(machine_limit)" LimitBy=/
}

# systemctl set-property on the running unit, smaller, larger and none.
# beds: all
case_set_property() {
        local unit=$prefix-a.service group

        actor "$unit" -p MemoryMax=96M
        group=$(group_of "$unit")
        systemctl set-property --runtime "$unit" MemoryMax=72M || fail "set-property"
        told "$unit" Max=$((72 * mebibyte)) Limit=$((72 * mebibyte)) LimitBy="$group"
        systemctl set-property --runtime "$unit" MemoryMax=144M || fail "set-property"
        told "$unit" Max=$((144 * mebibyte)) Limit=$((144 * mebibyte)) LimitBy="$group"
        systemctl set-property --runtime "$unit" MemoryMax=infinity || fail "set-property"
        told "$unit" Max=infinity Limit="$(machine_limit)" LimitBy=/
}

# systemctl set-property on a slice above the running unit.
# beds: all
case_set_property_of_slice() {
        local unit=$prefix-a.service slice=$prefix.slice

        actor "$unit" --slice="$slice" -p MemoryMax=96M
        told "$unit" Limit=$((96 * mebibyte)) LimitBy="$(group_of "$unit")"
        systemctl set-property --runtime "$slice" MemoryMax=72M || fail "set-property"
        told "$unit" Max=$((96 * mebibyte)) Limit=$((72 * mebibyte)) LimitBy="$(group_of "$slice")"
}

# Written to the kernel's file by hand: systemd does not see that, mymem does. (It writes its own again when
# others around the unit start.)
# beds: all alone
case_kernel_file() {
        local unit=$prefix-a.service slice=$prefix.slice

        slice "$slice" MemoryMax=128M
        actor "$unit" --slice="$slice" -p MemoryMax=96M
        kernel_set "$(group_of "$unit")" max $((80 * mebibyte)) || fail "the limit cannot be written"
        want "systemd's MemoryMax" "$(show "$unit" MemoryMax)" $((96 * mebibyte))
        told "$unit" Max=$((80 * mebibyte)) Limit=$((80 * mebibyte)) LimitBy="$(group_of "$unit")"
        kernel_set "$(group_of "$slice")" max $((64 * mebibyte)) || fail "the limit cannot be written"
        want "systemd's MemoryMax" "$(show "$slice" MemoryMax)" $((128 * mebibyte))
        told "$unit" Limit=$((64 * mebibyte)) LimitBy="$(group_of "$slice")"
        note_systemd "$unit" "it does not see what is written to the kernel's files"
}

# A process's own limits bound what is available to it, but are not its unit's.
# beds: all
case_rlimits() {
        local unit=$prefix-a.service pid got

        actor "$unit" -p MemoryMax=512M -p LimitAS=64M -p LimitDATA=96M
        pid=$(show "$unit" MainPID)
        mapfile -t got < <(mymem show -P Limit,LimitAS,LimitDATA,AvailableBy "$pid")
        want "Limit LimitAS LimitDATA AvailableBy" "${got[*]}" \
                "$((512 * mebibyte)) $((64 * mebibyte)) $((96 * mebibyte)) RLIMIT_AS"
        told_outside "$unit" Limit=$((512 * mebibyte)) AvailableBy="$(group_of "$unit")"
}

# The administrator limits the slice of all services: every service is told, mymemd itself included.
# beds: installed alone
case_system_slice() {
        local unit=$prefix-a.service total half

        total=$(machine_limit)
        ((half = total / 2 & ~4095))
        actor "$unit"
        undo systemctl set-property --runtime system.slice MemoryMax=infinity
        systemctl set-property --runtime system.slice MemoryMax="$half" || fail "set-property"
        told "$unit" Limit="$half" LimitBy=/system.slice
        told_outside mymemd.service Limit=$((64 * mebibyte)) LimitBy=/system.slice/mymemd.service
        systemctl set-property --runtime system.slice MemoryMax=infinity || fail "set-property"
        told "$unit" Limit="$total" LimitBy=/
}
