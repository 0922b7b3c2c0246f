# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh shares variables
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Commands that are run in scopes of their own: mymem run.

# run_json ARGUMENT...: runs it with a report; sets $run_status, and $run_report to where the report is.
run_json() {
        run_report=$scratch/report
        mkdir -p "$scratch"
        rm -f "$run_report"
        command mymem run --json=short --output="$run_report" "$@" </dev/null
        run_status=$?
        [[ -s $run_report ]] || fail "there is no report of $*"
}

# reported NAME: a number or a text of the report.
reported() {
        sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p' "$run_report"
}

# A command is in a scope of the system manager's with the limit that was asked for, as systemd has it; what
# it took is reported, its exit status is passed on, and the scope is gone after it.
# beds: installed
case_run_scope() {
        local unit=$prefix-r.scope run_status='' run_report='' group=/system.slice/$prefix-r.scope

        # shellcheck disable=SC2016
        run_json --unit="${unit%.scope}" -p MemoryMax=128M -p TasksMax=64 --interval=10ms -- bash -c \
                'systemctl show -P MemoryMax,TasksMax,Description '"$unit"' >'"$scratch"'/settings
                cut -d : -f 2- /proc/self/cgroup >'"$scratch"'/groups
                head -c 32M /dev/zero | tail -c 32M >/dev/null; exit 7'
        want "exit status" "$run_status" 7
        grep -q "memory:$group\$\|^:$group\$" "$scratch/groups" || fail "it was in $(cat "$scratch/groups")"
        want "Place" "$(reported Place)" scope
        want "Unit" "$(reported Unit)" "$unit"
        want "ControlGroup" "$(reported ControlGroup)" "$group"
        want "ExitCode" "$(reported ExitCode)" 7
        want "Limit" "$(reported Limit)" $((128 * mebibyte))
        want "LimitBy" "$(reported LimitBy)" "$group"
        want "EventsOOMKill" "$(reported EventsOOMKill)" 0
        want_between "Peak" "$(reported Peak)" $((32 * mebibyte)) $((128 * mebibyte))
        # Older kernels have no record of it on v2.
        [[ $version == v2 && $(uname -r) == 5.* ]] || want "PeakSource" "$(reported PeakSource)" kernel
        [[ -e $(memory_directory "$group") ]] && fail "$group is still there"
        want "what systemd knows of it" "$(show "$unit" LoadState)" not-found
}

# A command that is killed for want of memory: by the signal that ended it, and by the kernel's count, which
# is read after its end.
# beds: installed
case_run_oom() {
        local unit=$prefix-oom.scope run_status='' run_report=''

        # The guest is spared when memory runs out, and what is run would be, too: nobody is left to kill. On
        # v1 swap is not limited by MemorySwapMax=.
        head -c 64M /dev/zero | {
                mkdir -p "$scratch"
                echo 0 >/proc/self/oom_score_adj
                # shellcheck disable=SC2016
                command mymem run --unit="$unit" --json=short --output="$scratch/oom" \
                        -p MemoryMax=24M -p MemorySwapMax=0 -- bash -c '
                        [[ ! -e $1/memory.swappiness ]] || echo 0 >"$1/memory.swappiness"
                        exec tail -c 64M' bash "$(memory_directory "/system.slice/$unit")" >/dev/null
                echo $? >"$scratch/status"
        }
        run_report=$scratch/oom run_status=$(<"$scratch/status")
        want "exit status" "$run_status" 137
        want "Signal" "$(reported Signal)" 9
        want "EventsOOMKill" "$(reported EventsOOMKill)" 1
        want "Limit" "$(reported Limit)" $((24 * mebibyte))
        want "Place" "$(reported Place)" scope
        want_between "Peak" "$(reported Peak)" $((23 * mebibyte)) $((24 * mebibyte))
}

# A command that writes 1 GB with a limit of 128 MB: its page cache is given back, nobody is killed, and what
# is reported is the kernel's.
# beds: installed disk
case_run_writes() {
        local file=$disk/$prefix-written run_status='' run_report=''

        undo rm -f "$file"
        # As often over the same file as makes 1 GB: the disk may be small.
        # shellcheck disable=SC2016
        run_json --unit="$prefix-w" -p MemoryMax=128M --interval=20ms -- bash -c \
                'for i in 1 2 3 4; do dd if=/dev/zero of="$1" bs=1M count=256 status=none || exit; done' \
                bash "$file"
        want "exit status" "$run_status" 0
        want "size of what was written" "$(stat --format=%s "$file")" $((256 * mebibyte))
        want "EventsOOMKill" "$(reported EventsOOMKill)" 0
        want "Limit" "$(reported Limit)" $((128 * mebibyte))
        want_between "Peak" "$(reported Peak)" $((112 * mebibyte)) $((128 * mebibyte))
        [[ $(reported EventsMax) -gt 0 ]] || fail "it was never at its limit: $(<"$run_report")"
}

# Signals go to the command, and stopping the scope ends it; what was known is reported.
# beds: installed
case_run_signals() {
        local unit=$prefix-s.scope status pid run_report=$scratch/report

        mkdir -p "$scratch"
        # shellcheck disable=SC2016
        command mymem run --json=short -o "$run_report" -u "$unit" -- \
                bash -c 'trap "exit 9" TERM; touch "$1"; while :; do sleep 0.1; done' bash \
                "$scratch/ready" &
        pid=$!
        want_soon "$unit is active" systemctl --quiet is-active "$unit"
        want_soon "the command is ready" test -e "$scratch/ready"
        kill -TERM "$pid"
        wait "$pid"
        status=$?
        want "exit status" "$status" 9

        command mymem run --json=short -o "$run_report" -u "$unit" -- sleep 60 &
        pid=$!
        want_soon "$unit is active" systemctl --quiet is-active "$unit"
        systemctl stop "$unit" || fail "stop"
        wait "$pid"
        status=$?
        want "exit status after stop" "$status" 143
        want "Signal" "$(reported Signal)" 15
        want "PeakSource" "$(reported PeakSource)" kernel
}

# What systemd says no to is not run somewhere else.
# beds: installed
case_run_refused() {
        local got status

        mkdir -p "$scratch"
        got=$(command mymem run -p Slice=nonsense -- touch "$scratch/ran" 2>&1)
        status=$?
        want "exit status" "$status" 125
        [[ $got == "mymem: Cannot make "*.scope:* ]] || fail "it says $got"
        [[ ! -e $scratch/ran ]] || fail "it was run all the same"
}

# A user's command is in a scope of the user's manager.
# beds: v2 login installed alone
case_run_user() {
        local session='' run_report=$scratch/session/report status

        log_in mymem-tests-a
        until_true 20 eval '[[ -S /run/user/4001/systemd/private ]]' || fail "there is no user manager"
        inside session "XDG_RUNTIME_DIR=/run/user/4001 mymem run --json=short -o $run_report \
                -p MemoryMax=96M -- sh -c 'head -c 32M /dev/zero | tail -c 32M >/dev/null; exit 5'"
        status=$?
        want "exit status" "$status" 5
        want "Place" "$(reported Place)" scope
        want "Limit" "$(reported Limit)" $((96 * mebibyte))
        [[ $(reported LimitBy) == /user.slice/user-4001.slice/user@4001.service/*.scope ]] ||
                fail "LimitBy is $(reported LimitBy)"
        want_between "Peak" "$(reported Peak)" $((32 * mebibyte)) $((96 * mebibyte))
        log_out 4001
}

# On v1 a user has neither: that is said, and it is run all the same, unless a limit was asked for.
# beds: v1 login installed alone
case_run_user_on_v1() {
        local session='' run_report=$scratch/session/report status got

        log_in mymem-tests-a
        inside session "mymem run --json=short -o $run_report -- \
                sh -c 'head -c 32M /dev/zero | tail -c 32M >/dev/null; exit 5'"
        status=$?
        want "exit status" "$status" 5
        want "Place" "$(reported Place)" shared
        want "PeakSource" "$(reported PeakSource)" rss
        want_between "Peak" "$(reported Peak)" $((32 * mebibyte)) $((64 * mebibyte))
        got=$(inside session "mymem run -p MemoryMax=96M -- echo ran 2>&1")
        status=$?
        want "exit status with a limit" "$status" 125
        [[ $got == *"cgroup v1"* ]] || fail "it says $got"
        log_out 4001
}
