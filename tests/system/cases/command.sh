# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The verbs of the command, from inside a unit and from outside.

# Without a command it is status: the unit, its group, and what binds.
# beds: all
case_command_status() {
        local unit=$prefix-a.service slice=$prefix-b.slice got group

        slice "$slice" MemoryMax=64M
        actor "$unit" --slice="$slice" -p MemoryMax=96M
        group=$(group_of "$unit")
        for got in "$(inside "$unit" mymem)" "$(inside "$unit" 'mymem status')" "$(mymem status "$unit")" \
                "$(mymem status "$group")"; do
                [[ $got == *"$unit"* && $got == *"Control group: $group"* ]] || fail "status: $got"
                [[ $got == *"Limit: 64.0M, set by $slice"* ]] || fail "status: $got"
                [[ $got == *"Available: "*", bound by $slice"* ]] || fail "status: $got"
        done
}

# What explain says would change the limit changes it.
# beds: all
case_command_explain() {
        local unit=$prefix-a.service slice=$prefix-b.slice got change

        slice "$slice" MemoryMax=64M
        actor "$unit" --slice="$slice" -p MemoryMax=96M
        got=$(inside "$unit" "mymem explain") || fail "explain: $got"
        [[ $got == *"it lies in $slice,"*"MemoryMax= is 64.0M"* ]] || fail "explain: $got"
        change=$(sed -n 's/^To change that: //p' <<<"$got")
        want "the change" "$change" "systemctl set-property $slice MemoryMax=128M"
        # As it says, but not for longer than this case.
        eval "${change/set-property/set-property --runtime}" || fail "$change"
        told "$unit" Limit=$((96 * mebibyte)) LimitBy="$(group_of "$unit")"
        got=$(mymem explain --json=short "$unit") || fail "explain --json: $got"
        [[ $got == *'"Change":"systemctl set-property '"$unit"' MemoryMax=192M"'* ]] || fail "explain: $got"
}

# A list of all units, by names, patterns and types.
# beds: all
case_command_list() {
        local unit=$prefix-a.service other=$prefix-b.service got

        actor "$unit" -p MemoryMax=96M
        actor "$other" -p MemoryMax=80M
        for got in "$(mymem list --direct --no-legend --bytes "$prefix-?.service")" \
                "$(inside "$unit" "mymem list --no-legend --bytes '$prefix-?.service'")"; do
                want "the units" "$(awk '{ print $1 }' <<<"$got" | xargs)" "$unit $other"
                want "their limits" "$(awk '{ print $4 }' <<<"$got" | xargs)" \
                        "$((96 * mebibyte)) $((80 * mebibyte))"
        done
        got=$(mymem list --direct --no-legend --type=slice "$prefix*")
        [[ $got != *"$unit"* ]] || fail "list --type=slice: $got"
        got=$(mymem show -P Id "$prefix-*.service") || fail "show of a pattern: $got"
        want "show of a pattern" "${got//$'\n'/ }" "$unit $other"
}

# The real free, with the unit's figures over /proc/meminfo in a mount namespace of its own.
# beds: all
case_command_meminfo() {
        local unit=$prefix-a.service got total available
        local file=$scratch/meminfo script

        script="mymem meminfo >$file && mount --bind $file /proc/meminfo && free -b"
        actor "$unit" -p MemoryMax=96M
        got=$(inside "$unit" "unshare --mount --propagation private sh -c '$script'") || fail "free: $got"
        read -r _ total _ _ _ _ available < <(grep '^Mem:' <<<"$got")
        want "the total that free shows" "$total" $((96 * mebibyte))
        want_between "what free shows as available" "$available" $((32 * mebibyte)) $((96 * mebibyte))
}

# How many workers fit into what the unit may take.
# beds: all
case_command_fit() {
        local unit=$prefix-a.service

        actor "$unit" -p MemoryMax=96M
        want_between "mymem fit 16M" "$(inside "$unit" 'mymem fit 16M')" 3 5
        want "mymem fit 16M --max=2" "$(inside "$unit" 'mymem fit 16M --max=2')" 2
        want "mymem fit 100M" "$(inside "$unit" 'mymem fit 100M')" 0
        want "mymem fit 1M --reserve=100%" "$(inside "$unit" 'mymem fit 1M --reserve=100%')" 0
}

# wait returns when the limit changes, or when the unit has taken too much; and in time if nothing happens.
# beds: all
case_command_wait() {
        local unit=$prefix-a.service status

        actor "$unit" -p MemoryMax=96M
        mymem wait --usage-above=80M --timeout=1 "$unit"
        status=$?
        want "exit status after the time-out" "$status" 124
        (
                sleep 1
                command systemctl set-property --runtime "$unit" MemoryMax=80M
        ) &
        mymem wait --limit-change --timeout=$((20 * patience)) "$unit" || fail "wait --limit-change: $?"
        told_outside "$unit" Limit=$((80 * mebibyte))
        mymem wait --available-below=96M --timeout=$((20 * patience)) "$unit" || fail "wait: $?"
        mymem wait --usage-above=1G --timeout=$((20 * patience)) "$unit" &
        systemctl stop "$unit"
        wait $!
        status=$?
        want "exit status for a unit that is stopped" "$status" 3
}

# The units of one's own user manager, by name.
# beds: login installed alone
case_command_user() {
        # shellcheck disable=SC2034 # log_in and log_out use it
        local session='' unit=$prefix-u.service got status

        log_in mymem-tests-a
        user_unit "$unit"
        got=$(inside session "mymem show --user -P Id,ControlGroup,Source $unit") || fail "show --user: $got"
        [[ $got == "$unit"$'\n'/user.slice/user-4001.slice/user@4001.service*$'\n'cgroup ]] ||
                fail "show --user: $got"
        got=$(inside session "mymem show --user -P Id '$prefix-*'") || fail "a pattern: $got"
        want "a pattern" "$got" "$unit"
        inside session "mymem show --user mymemd.service" >/dev/null
        status=$?
        want "exit status for a unit of the system's" "$status" 4
        log_out 4001
}
