# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh shares variables
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is done to a machine that is nobody's. This comes last: a journal whose clock has jumped cannot be
# asked any more what was said since when.

# Seconds that have passed, whatever the clock says.
uptime_seconds() {
        local uptime

        read -r uptime _ </proc/uptime
        echo "${uptime%.*}"
}

# The clock jumps by ten years, there and back, while others ask: nothing waits for it.
# beds: vm alone
case_clock() {
        local load began pid step

        systemctl stop systemd-timesyncd.service 2>/dev/null
        systemctl restart mymemd.service || fail "restart"
        answers || fail "it does not answer"
        pid=$(main_pid)
        start_load 1
        for step in "+10 years" "-10 years" "-10 years" "+10 years" "+1 hour" "-1 hour"; do
                date --set="$step" >/dev/null || fail "the clock cannot be set"
                for _ in 1 2 3; do
                        began=$(uptime_seconds)
                        answers || fail "GetMemory after $step"
                        call ListUnits >/dev/null || fail "ListUnits after $step"
                        "$tests/bin/ask" --socket GetMemory >/dev/null || fail "at the socket after $step"
                        want_between "seconds after $step" $(($(uptime_seconds) - began)) 0 $((5 * patience))
                done
        done
        stop_load
        want "the process" "$(main_pid)" "$pid"
}
