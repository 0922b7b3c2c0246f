# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The service as it is installed: how it starts, ends, comes back, and what it may.

main_pid() {
        show mymemd.service MainPID
}

call() {
        busctl call org.mymem1 /org/mymem1 org.mymem1.Manager "$@"
}

# By the small program, because it is asked again and again.
answers() {
        "$tests/bin/ask" GetMemory >/dev/null
}

# Whether the service runs as another process than $1.
runs_again() {
        local pid state

        { read -r pid && read -r state; } < <(
                systemctl show --property=MainPID,ActiveState --value mymemd.service)
        [[ $pid =~ ^[0-9]+$ ]] && ((pid != 0 && pid != $1)) && [[ $state == active ]] && new_pid=$pid
}

# drop_in FILE SETTING...: mymemd.service is restarted with these settings, and without them after the case.
drop_in() {
        local file=$1
        shift

        undo systemctl restart mymemd.service
        undo systemctl daemon-reload
        undo rm -rf "${file%/*}"
        { mkdir -p "${file%/*}" && printf '%s\n' '[Service]' "$@" >"$file"; } || fail "no drop-in"
        { systemctl daemon-reload && systemctl restart mymemd.service; } || fail "restart with a drop-in"
}

# Nobody has started it: the first call does.
# beds: installed alone
case_activation() {
        local got

        systemctl stop mymemd.service || fail "it does not stop"
        want "after systemctl stop" "$(show mymemd.service ActiveState)" inactive
        got=$(call GetMemory) || fail "the first call: $got"
        [[ $got == "ttt "* ]] || fail "the first call: $got"
        want "after the first call" "$(show mymemd.service ActiveState)" active
        # An unprivileged user's call starts it, too.
        systemctl stop mymemd.service || fail "it does not stop"
        got=$(runuser -u mymem-tests-a -- "$tests/bin/ask" GetMemory) ||
                fail "the first call of a user: $got"
        want "after the first call" "$(show mymemd.service ActiveState)" active
}

comes_from_bus() {
        [[ $(mymem show -P Source system.slice) == bus ]]
}

# mymem show starts the service like any other call, though it does not wait for it for long.
# beds: installed alone
case_activation_by_command() {
        systemctl stop mymemd.service || fail "it does not stop"
        mymem show -P Source mymemd.service >/dev/null 2>&1
        want_soon "the answer comes from the service" comes_from_bus
        want "after mymem show" "$(show mymemd.service ActiveState)" active
}

# systemctl restart: ready when systemctl is done, and nothing is lost.
# beds: installed alone
case_restart() {
        local pid got

        answers || fail "it does not answer"
        for _ in 1 2 3; do
                pid=$(main_pid)
                systemctl restart mymemd.service || fail "restart"
                runs_again "$pid" || fail "it is still process $pid"
                want "StatusErrno" "$(show mymemd.service Result)" success
                got=$(call GetMemory) || fail "after restart: $got"
        done
}

# systemd forgets how a unit ended that nobody refers to.
remember() {
        actor "$prefix-remember.service" -p After=mymemd.service
}

ended_cleanly() {
        want "Result" "$(show mymemd.service Result)" success
        # 1 is CLD_EXITED.
        want "ExecMainCode and ExecMainStatus" "$(show mymemd.service ExecMainCode) $(
                show mymemd.service ExecMainStatus)" "1 0"
}

# It ends cleanly when it is told to.
# beds: installed alone
case_stop() {
        answers || fail "it does not answer"
        remember
        systemctl stop mymemd.service || fail "stop"
        want "ActiveState" "$(show mymemd.service ActiveState)" inactive
        ended_cleanly
        systemctl start mymemd.service || fail "start"
        answers || fail "it does not answer after systemctl start"
}

restarts() {
        busctl get-property org.freedesktop.systemd1 \
                /org/freedesktop/systemd1/unit/mymemd_2eservice org.freedesktop.systemd1.Service NRestarts
}

descriptors() {
        find "/proc/$1/fd" -mindepth 1 | wc -l
}

has_descriptors() {
        (($(descriptors "$1") <= $2))
}

# start_load N: as many units that ask all the time, on the bus and at the socket, called $load...
start_load() {
        local i ask=$tests/bin/ask

        load=$prefix-load
        for ((i = 1; i <= $1; i++)); do
                command systemd-run --quiet --collect --unit="$load$i.service" -p CPUSchedulingPolicy=idle \
                        -p StandardOutput=null -p StandardError=null -- /bin/sh -c \
                        "while :; do $ask GetMemory; $ask --socket GetMemory; $ask GetAvailable; done" ||
                        fail "no load"
        done
}

stop_load() {
        systemctl stop "$load*.service"
}

# Killed thirty times while others ask: it is back each time, and systemd has counted all of them.
# beds: installed alone
case_killed_under_load() {
        local pid new_pid='' before after i load

        systemctl restart mymemd.service || fail "restart"
        before=$(restarts) || fail "NRestarts"
        start_load 2
        new_pid=$(main_pid)
        for ((i = 1; i <= 30; i++)); do
                pid=$new_pid
                kill -KILL "$pid" || fail "kill number $i"
                # The call waits until the service is back, unless it went to the one that was killed.
                until_true 10 answers ||
                        fail "it does not answer after kill number $i: $(call GetMemory 2>&1)"
                until_true 10 runs_again "$pid" || fail "it is not back after kill number $i: $(
                        show mymemd.service ActiveState), $(show mymemd.service Result)"
        done
        after=$(restarts) || fail "NRestarts"
        want "NRestarts" "${after#* }" $((${before#* } + 30))
        stop_load
        want_between "its memory after that" "$(figure_of_service usage)" 1 $((32 * mebibyte))
}

figure_of_service() {
        kernel "$(group_of mymemd.service)" "$1"
}

# It hangs: the watchdog of systemd ends it, and it comes back.
# beds: installed alone
case_watchdog() {
        local pid drop_in=/run/systemd/system/mymemd.service.d/90-mymemt.conf

        drop_in "$drop_in" WatchdogSec=1s TimeoutAbortSec=1s
        want "WatchdogUSec" "$(show mymemd.service WatchdogUSec)" 1s
        pid=$(main_pid)
        kill -STOP "$pid"
        until_true 20 runs_again "$pid" || fail "it is not back"
        until_true 10 answers || fail "it does not answer"
        # And it is not ended while it works.
        pid=$(main_pid)
        until_true 3 eval "((SECONDS > $((SECONDS + 1))))" || fail "the time does not pass"
        want "the process after that" "$(main_pid)" "$pid"
}

# The bus goes again and again, twenty times outside of virtual machines, while others ask: the service
# stays, answers at its socket all the time, and is on the bus again when that is back; and nothing is left
# of the buses before.
# beds: installed alone
case_bus_stops() {
        local pid bus before i load rounds=20

        [[ $traits != *" vm"* ]] || rounds=2
        systemctl restart mymemd.service || fail "restart"
        answers || fail "it does not answer"
        pid=$(main_pid) before=$(descriptors "$(main_pid)")
        start_load 2
        for ((i = 1; i <= rounds; i++)); do
                bus=$(show dbus.service MainPID)
                ((bus != 0)) || fail "there is no dbus.service"
                # Killed, because systemctl would want to stop what needs it; and not only five times in ten
                # seconds.
                kill -KILL "$bus" || fail "the bus cannot be ended"
                "$tests/bin/ask" --socket GetMemory >/dev/null || fail "no answer at the socket, $i"
                systemctl reset-failed dbus.service dbus.socket
                until_true 20 answers || fail "no answer on bus number $i: $(call GetMemory 2>&1)"
                until_true 20 eval "[[ $(show dbus.service MainPID) != $bus ]]" || fail "the bus is the same"
        done
        stop_load
        want "the process" "$(main_pid)" "$pid"
        until_true 20 has_descriptors "$pid" $((before + 4)) ||
                fail "$(descriptors "$pid") descriptors, $before before"
        want_between "its memory after that" "$(figure_of_service usage)" 1 $((32 * mebibyte))
}

# What it answers is right, or an error; by the bus.
answers_right_or_not() {
        local got

        got=$(call GetMemoryByUnit s "$1" 2>/dev/null) || return 0
        [[ $got == "ttt $((96 * mebibyte)) "* ]] || fail "it says $got"
}

# Its own memory becomes less and less while many ask: what it says is right, or an error; it ends only if
# the kernel kills it; and with its memory back it serves as ever.
# beds: installed alone
case_squeezed() {
        local unit=$prefix-a.service load size since before killed i rounds=20

        [[ $traits != *" vm"* ]] || rounds=2
        actor "$unit" -p MemoryMax=96M
        systemctl restart mymemd.service || fail "restart"
        answers || fail "it does not answer"
        since=$(date +%s) before=$(restarts) || fail "NRestarts"
        undo systemctl set-property --runtime mymemd.service MemoryMax=64M
        start_load 2
        for size in 8M 4M 2M 1M 512K; do
                systemctl set-property --runtime mymemd.service MemoryMax=$size
                for ((i = 0; i < rounds; i++)); do
                        answers_right_or_not "$unit"
                done
        done
        systemctl set-property --runtime mymemd.service MemoryMax=64M || fail "MemoryMax="
        stop_load
        until_true 20 answers || fail "it does not answer: $(call GetMemory 2>&1)"
        told_outside "$unit" Limit=$((96 * mebibyte))
        journalctl --sync
        killed=$(journalctl --no-pager --since="@$since" |
                grep -cE 'mymemd.service: Main process exited, code=(killed, status=9/KILL|dumped)')
        i=$(restarts)
        note "it was killed $killed times"
        want "NRestarts" "$((${i#* } - ${before#* }))" "$killed"
}

# The sandbox, as seen from outside: no capabilities, its own user, no new privileges, system calls filtered,
# nothing that it could write to, no network.
# beds: installed alone
case_sandbox() {
        local pid status name got

        answers || fail "it does not answer"
        pid=$(main_pid)
        status=$(<"/proc/$pid/status")
        for name in CapEff CapPrm CapInh CapBnd CapAmb; do
                want "$name" "$(awk -v name="$name:" '$1 == name { print $2 }' <<<"$status")" \
                        0000000000000000
        done
        want "Uid" "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' <<<"$status")" \
                "$(id -u mymem) $(id -u mymem) $(id -u mymem) $(id -u mymem)"
        want "Gid" "$(awk '/^Gid:/ { print $2, $3, $4, $5 }' <<<"$status")" \
                "$(id -g mymem) $(id -g mymem) $(id -g mymem) $(id -g mymem)"
        want "Groups" "$(awk '/^Groups:/ { $1 = ""; print }' <<<"$status" | tr -d ' ')" "$(id -g mymem)"
        want "NoNewPrivs" "$(awk '/^NoNewPrivs:/ { print $2 }' <<<"$status")" 1
        want "Seccomp" "$(awk '/^Seccomp:/ { print $2 }' <<<"$status")" 2
        want "Threads" "$(awk '/^Threads:/ { print $2 }' <<<"$status")" 2
        # Where not even this shell may do so, systemd may not, and goes on without.
        ! (echo -900 >/proc/self/oom_score_adj) 2>/dev/null ||
                want "oom_score_adj" "$(<"/proc/$pid/oom_score_adj")" -900
        got=$(awk '$1 != "lo:" && NR > 2 { print $1 }' "/proc/$pid/net/dev")
        want "network interfaces" "$got" ""

        # Of all files and directories, beside what belongs to the process itself in /proc, it may write none
        # but those that everybody may, which are private to it or empty.
        got=$(nsenter --target "$pid" --mount --setuid "$(id -u mymem)" --setgid "$(id -g mymem)" -- \
                find / -path /proc -prune -o \( -type d -o -type f \) -writable -print 2>/dev/null |
                grep -vxE '/tmp|/var/tmp|/dev/shm|/dev/mqueue|/run/lock' |
                grep -vxF /sys/fs/cgroup/system.slice/mymemd.service/memory.pressure | head -n 5)
        want "what it may write" "$got" ""
        got=$(nsenter --target "$pid" --mount --setuid "$(id -u mymem)" --setgid "$(id -g mymem)" -- \
                find /proc/sys /proc/fs /proc/irq /proc/bus -writable -type f 2>/dev/null | head -n 5)
        want "what it may write below /proc" "$got" ""
        # It has its sockets open, and /dev/null, and nothing else that could be written.
        got=$(for file in "/proc/$pid/fd/"*; do
                [[ $(readlink "$file") == *:\[* || $(readlink "$file") == /dev/null ]] || (
                        flags=$(awk '/^flags:/ { print $2 }' "/proc/$pid/fdinfo/${file##*/}")
                        ((0$flags & 3)) && readlink "$file"
                )
        done)
        want "what it has open for writing" "$got" ""
}

# systemd's own judgement of the unit.
# beds: installed
case_security() {
        local got

        got=$(systemd-analyze security --no-pager --threshold=6 mymemd.service) || fail "$got"
        note "systemd-analyze security: ${got##*→ }"
}

# The unit, as systemd reads it, has no mistakes.
# beds: installed
case_verify() {
        local got

        got=$(systemd-analyze verify --man=no mymemd.service 2>&1 | grep -i mymem)
        want "systemd-analyze verify" "$got" ""
        want "LoadError" "$(show mymemd.service LoadState)" loaded
        want "the user's shell" "$(getent passwd mymem | cut -d : -f 7)" /usr/sbin/nologin
}

# A drop-in of the administrator: a smaller limit of memory. The service keeps it, and tells of it.
# beds: installed alone
case_drop_in() {
        local drop_in=/etc/systemd/system/mymemd.service.d/90-mymemt.conf

        drop_in "$drop_in" MemoryMax=24M Slice=mymemt.slice Nice=5
        told_outside mymemd.service Limit=$((24 * mebibyte)) LimitBy=/mymemt.slice/mymemd.service \
                Slice=mymemt.slice
}

# refuses_processes SINCE UNIT: the service says, once, that it does not see processes, and still answers by
# name.
refuses_processes() {
        local got

        got=$("$tests/bin/ask" GetMemory) && fail "GetMemory: $got"
        want "GetMemory" "$got" org.mymem1.Error.NotSupported
        got=$(call GetMemoryByUnit s "$2") || fail "by name: $got"
        [[ $got == "ttt $((96 * mebibyte)) "* ]] || fail "by name: $got"
        journalctl --sync
        got=$(journalctl --no-pager --since="@$1" --unit=mymemd.service --output=cat |
                grep -c '^mymemd: .*hidepid')
        want "how often it says so" "$got" 1
}

# /proc is mounted with hidepid=. The service has a /proc of its own, because ProtectControlGroups= and
# ProtectKernelTunables= give it one, and is not bothered. Without these it does not see others, says so, and
# does not answer for them; with the group of that mount it does again.
# beds: installed alone
case_hidepid() {
        local unit=$prefix-a.service since gid directory=/run/systemd/system/mymemd.service.d

        actor "$unit" -p MemoryMax=96M
        gid=$(id -g mymem-tests-b)
        undo systemctl restart mymemd.service
        undo mount -o remount,hidepid=0,gid=0 /proc
        mount -o remount,hidepid=2,gid="$gid" /proc || fail "/proc cannot be mounted again"
        runuser -u mymem-tests-a -- test ! -e /proc/1 || fail "hidepid= hides nothing"
        systemctl restart mymemd.service || fail "it does not start"
        told_inside "$unit" Limit=$((96 * mebibyte)) Id="$unit"

        since=$(date +%s.%N)
        drop_in "$directory/90-mymemt.conf" ProtectControlGroups=no ProtectKernelTunables=no
        refuses_processes "$since" "$unit"
        drop_in "$directory/91-mymemt.conf" SupplementaryGroups="$gid"
        told_inside "$unit" Limit=$((96 * mebibyte)) Id="$unit"
}

# One of the settings that the unit says must not be added: the service says that it does not see processes.
# beds: installed alone
case_protect_proc_of_service() {
        local unit=$prefix-a.service since

        actor "$unit" -p MemoryMax=96M
        since=$(date +%s.%N)
        drop_in /run/systemd/system/mymemd.service.d/90-mymemt.conf ProtectProc=invisible
        refuses_processes "$since" "$unit"
}

# The examples print what their comments say.
# beds: installed alone
case_examples() {
        local directory=/usr/share/doc/mymem/examples unit name wanted got line pattern n

        cp "$directory"/mymem-example*.{service,slice} /etc/systemd/system/ || fail "no examples"
        undo systemctl daemon-reload
        undo find /etc/systemd/system -name 'mymem-example*' -delete
        systemctl daemon-reload || fail "daemon-reload"
        for unit in "$directory"/mymem-example*.service; do
                unit=${unit##*/} name=${unit%.service}
                systemctl start "$unit" || fail "$unit fails: $(journalctl --no-pager --unit="$unit")"
                journalctl --sync
                mapfile -t got < <(journalctl --no-pager --output=cat -t "$name")
                # In the comment these are the lines that are set in, after the one with "journalctl", up to
                # an empty one after them.
                mapfile -t wanted < <(awk '
                        /^#   journalctl/ { told = 1; next }
                        told && /^#   / { print substr($0, 5); some = 1; next }
                        told && some { exit }' "$directory/$unit")
                ((${#wanted[@]} == 3)) || fail "the comment of $unit has ${#wanted[@]} lines"
                n=0
                for line in "${wanted[@]}"; do
                        # "other figures": usage and working set are not the same twice, and room depends on
                        # them.
                        pattern=$line
                        [[ $line != usage* ]] || pattern='usage +([0-9]), working set +([0-9])'
                        # shellcheck disable=SC2053 # a pattern it is
                        [[ ${got[n]-} == $pattern ]] ||
                                fail "$unit says \"${got[n]-}\", its comment \"$line\""
                        ((++n))
                done
                want "lines of $unit" "${#got[@]}" "$n"
        done
        systemctl stop mymem-example.slice
}
