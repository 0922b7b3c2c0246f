# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The service's own socket: D-Bus without a bus, for one's own figures.

socket=/run/mymem/bus

# What mymemd.socket makes: a socket for everybody.
# beds: installed
case_socket_file() {
        want "type and mode of $socket" "$(stat --format='%F %a' "$socket")" "socket 666"
        want "mymemd.socket" "$(show mymemd.socket ActiveState)" active
}

# busctl works on it, as an unprivileged user too: call, tree, introspect, get-property.
# beds: installed
case_socket_busctl() {
        local unit=$prefix-a.service at="busctl --address=unix:path=$socket" got

        actor "$unit" -p MemoryMax=96M -p User=mymem-tests-a
        got=$(inside "$unit" "$at call org.mymem1 /org/mymem1 org.mymem1.Manager GetMemory") ||
                fail "call: $got"
        [[ $got == "ttt $((96 * mebibyte)) "* ]] || fail "GetMemory: $got"
        got=$(inside "$unit" "$at get-property org.mymem1 \
                /org/mymem1/self org.mymem1.Unit Id Limit LimitBy") ||
                fail "get-property: $got"
        got=$(from_busctl <<<"$got")
        want "get-property" "${got//$'\n'/ }" "$unit $((96 * mebibyte)) $(group_of "$unit")"
        got=$(inside "$unit" "$at --list tree org.mymem1") || fail "tree: $got"
        want "tree" "${got//$'\n'/ }" "/ /org /org/mymem1 /org/mymem1/self"
        got=$(inside "$unit" "$at introspect org.mymem1 /org/mymem1") || fail "introspect: $got"
        [[ $got == *.GetMemory*.OpenMemory* && $got != *.ListUnits* ]] || fail "introspect: $got"
        got=$(inside "$unit" "$at introspect org.mymem1 /org/mymem1/self") || fail "introspect self: $got"
        [[ $got == *"$((96 * mebibyte))"* ]] || fail "introspect self: $got"
}

# It tells of oneself only, root included.
# beds: installed
case_socket_own_only() {
        local call got

        for call in ListUnits "GetMemoryByPID 1" "GetMemoryByPID 0" "GetUnitByPID 1"; do
                # shellcheck disable=SC2086 # a method and its argument
                got=$("$tests/bin/ask" --socket $call) && fail "$call is answered: $got"
                want "$call" "$got" org.freedesktop.DBus.Error.AccessDenied
        done
        got=$(busctl --address="unix:path=$socket" \
                get-property org.mymem1 /org/mymem1/unit org.mymem1.Unit Limit 2>&1) &&
                fail "the root of the tree is shown: $got"
        [[ $got == *[Aa]"ccess denied"* || $got == *"own unit only"* ]] || fail "the root of the tree: $got"
}

# A root directory with nothing in it but the socket: no bus, no /proc, no /sys, no library.
# beds: installed
case_socket_root_directory() {
        local unit=$prefix-a.service root=$scratch/root got user method

        { mkdir -p "$root/run/mymem" && cp "$tests/bin/ask" "$root/"; } || fail "no root"
        for user in root mymem-tests-a nobody; do
                for method in GetMemory GetAvailable GetUnit; do
                        command systemd-run --quiet --collect --wait --unit="$unit" -p User="$user" \
                                -p RootDirectory="$root" -p MountAPIVFS=no -p MemoryMax=96M \
                                -p BindReadOnlyPaths="$socket" \
                                -p StandardOutput=file:"$scratch/$user-$method" \
                                -- /ask --socket "$method" ||
                                fail "$method as $user: $(cat "$scratch/$user-$method")"
                done
                [[ $(<"$scratch/$user-GetMemory") == "$((96 * mebibyte)) "* ]] ||
                        fail "GetMemory as $user: $(<"$scratch/$user-GetMemory")"
                [[ $(<"$scratch/$user-GetAvailable") =~ ^[0-9]+\ /system.slice/ ]] ||
                        fail "GetAvailable as $user: $(<"$scratch/$user-GetAvailable")"
                [[ $(<"$scratch/$user-GetUnit") == "$unit /org/mymem1/unit/system_2eslice/"* ]] ||
                        fail "GetUnit as $user: $(<"$scratch/$user-GetUnit")"
        done
}

# A user that exists as long as the service runs: the kernel knows who it is, whatever the bus thinks.
# beds: installed
case_socket_dynamic_user() {
        local unit=$prefix-a.service got

        actor "$unit" -p MemoryMax=96M -p DynamicUser=yes -p ReadWritePaths="$scratch"
        got=$(inside "$unit" "$tests/bin/ask --socket GetMemory") || fail "GetMemory: $got"
        [[ $got == "$((96 * mebibyte)) "* ]] || fail "GetMemory: $got"
}

# A container that has nothing but the socket: its limit is right, and nothing of the host is shown to it.
# beds: installed
case_socket_container() {
        local unit=$prefix-a.service root=$scratch/root slice=$prefix-b.slice got group
        local enter="unshare --cgroup --pid --mount --fork sh -c"
        local script="mount --bind $socket $root$socket && exec chroot $root /ask --socket"

        slice "$slice" MemoryMax=64M
        delegated "$unit" --slice="$slice" -p MemoryMax=96M
        group=$(group_of "$unit")
        { mkdir -p "$root/run/mymem" && cp "$tests/bin/ask" "$root/" && touch "$root$socket"; } ||
                fail "no root"

        # The slice above sets the limit.
        for got in GetMemory GetAvailable GetUnit; do
                inside "$unit" "$enter '$script $got'" >"$scratch/$got" || fail "$got: $(<"$scratch/$got")"
        done
        [[ $(<"$scratch/GetMemory") == "$((64 * mebibyte)) "* ]] ||
                fail "GetMemory: $(<"$scratch/GetMemory")"
        [[ $(<"$scratch/GetAvailable") == *" /.." ]] || fail "GetAvailable: $(<"$scratch/GetAvailable")"
        want "GetUnit" "$(<"$scratch/GetUnit")" "$unit /org/mymem1/self"

        # Then a group below the unit.
        kernel_set "$group/small" max $((48 * mebibyte)) || fail "the limit cannot be written"
        got=$(inside "$unit" "$enter '$script GetMemory'") || fail "GetMemory: $got"
        [[ $got == "$((48 * mebibyte)) "* ]] || fail "GetMemory: $got"
        got=$(inside "$unit" "$enter '$script GetAvailable'") || fail "GetAvailable: $got"
        [[ $got == *" /small" ]] || fail "GetAvailable: $got"
}

answers_on_socket() {
        "$tests/bin/ask" --socket GetMemory >/dev/null
}

# The first connection starts the service.
# beds: installed alone
case_socket_activation() {
        local got

        systemctl stop mymemd.service || fail "it does not stop"
        want "mymemd.socket without the service" "$(show mymemd.socket ActiveState)" active
        got=$(runuser -u mymem-tests-a -- "$tests/bin/ask" --socket GetMemory) ||
                fail "the first call of a user: $got"
        want "after the first call" "$(show mymemd.service ActiveState)" active
        # The service started by its name has the socket as well.
        systemctl restart mymemd.service || fail "restart"
        answers_on_socket || fail "it does not answer after restart"
}

# Before the bus is up: here it accepts connections and says nothing, as a bus does that is about to start.
# The socket is served all the same, and the service is ready as soon as the bus has given it the name.
# beds: installed alone
case_socket_before_the_bus() {
        local bus got

        bus=$(show dbus.service MainPID)
        ((bus > 1)) || fail "there is no dbus.service"
        undo kill -CONT "$bus"
        systemctl stop mymemd.service || fail "it does not stop"
        kill -STOP "$bus" || fail "the bus cannot be stopped"
        got=$("$tests/bin/ask" --socket GetMemory) || fail "GetMemory: $got"
        want "without the bus" "$(show mymemd.service ActiveState)" activating
        kill -CONT "$bus" || fail "the bus cannot be continued"
        want_soon "mymemd.service is active" systemctl --quiet is-active mymemd.service
        got=$("$tests/bin/ask" GetMemory) || fail "GetMemory over the bus: $got"
}

source_is_socket() {
        [[ $(inside "$1" "mymem show -P Source") == socket ]]
}

# A program with libmymem asks in several threads, and samples a handle, while the service is killed a
# hundred times: no call fails, and none gives another limit. Then the answers are the service's again.
# beds: installed alone
case_library_under_kills() {
        local unit=$prefix-look.service asker=$prefix-a.service pid new_pid='' i since

        drop_in /run/systemd/system/mymemd.service.d/90-mymemt.conf RestartSec=0
        actor "$asker" -p MemoryMax=96M
        command systemd-run --quiet --unit="$unit" -p MemoryMax=64M -p CPUSchedulingPolicy=idle \
                -p StandardOutput=file:"$scratch/looked" -p RemainAfterExit=yes \
                -- "$tests/bin/look" $((64 * mebibyte)) "$scratch/enough" || fail "$unit does not start"
        undo systemctl stop "$unit"
        new_pid=$(main_pid)
        for ((i = 1; i <= 100; i++)); do
                pid=$new_pid
                kill -KILL "$pid" || fail "kill number $i"
                until_true 10 answers_again "$pid" || fail "it is not back after kill number $i"
        done
        since=$SECONDS
        want_soon "the source is the socket" source_is_socket "$asker"
        want_between "seconds until the source is the socket again" $((SECONDS - since)) 0 $((5 * patience))
        touch "$scratch/enough"
        want_soon "$unit ends" has_ended "$unit"
        note "$(tail -n 1 "$scratch/looked")"
        want "failures" "$(sed -n '$s/.*calls, //p' "$scratch/looked")" "0 failures"
}

# Whether a process other than $1 answers; without a tool of systemd's, which takes longer than the restart.
answers_again() {
        answers_on_socket && read -r new_pid <"$managed_mount/system.slice/mymemd.service/cgroup.procs" &&
                [[ $new_pid != "$1" ]]
}

has_ended() {
        [[ $(show "$1" SubState) != running ]]
}
