# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Callers that may little and see less. The service answers all the same, because it looks with its own eyes.

# answered UNIT [BY]: what a caller in a sandbox is told by the service, with busctl, mymem on its socket and
# over the bus, and the program that needs the bus's socket alone. BY is what the group that limits it is
# called on the service's socket.
answered() {
        local unit=$1 by=${2-} got limit=$((96 * mebibyte)) group

        group=$(group_of "$unit")

        got=$(inside "$unit" "busctl call org.mymem1 /org/mymem1 org.mymem1.Manager GetMemory")
        [[ $got == "ttt $limit "* ]] || fail "GetMemory in $unit: $got"
        got=$(inside "$unit" "mymem show -P Id,Limit,LimitBy,Source")
        want "mymem show in $unit" "${got//$'\n'/ }" "$unit $limit ${by:-$group} $own_source"
        got=$(inside "$unit" "MYMEM_SOCKET= mymem show -P Id,Limit,LimitBy,Source")
        want "mymem show over the bus in $unit" "${got//$'\n'/ }" "$unit $limit $group bus"
        # It knows the system's bus alone.
        [[ -z $own_bus ]] || return 0
        got=$(inside "$unit" "$tests/bin/ask GetAvailable")
        [[ $got =~ ^[0-9]+\ /system.slice/ ]] || fail "GetAvailable in $unit: $got"
}

# Users of several numbers, none of them privileged.
# beds: installed
case_unprivileged() {
        local user unit uid

        for user in mymem-tests-a mymem-tests-b nobody daemon; do
                unit=$prefix-$user.service uid=$(id -u "$user")
                actor "$unit" -p MemoryMax=96M -p User="$user" -p ProtectProc=default
                want "who the caller is" "$(inside "$unit" 'id -u')" "$uid"
                answered "$unit"
        done
}

# A user that exists as long as the service runs. dbus-daemon does not know such users and refuses them; then
# there is the service's socket, and without that mymem reads for itself.
# beds: all
case_dynamic_user() {
        local unit=$prefix-a.service got bus=cgroup

        actor "$unit" -p MemoryMax=96M -p DynamicUser=yes -p ReadWritePaths="$scratch"
        inside "$unit" 'busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus GetId' \
                >/dev/null &&
                bus=bus
        got=$(inside "$unit" "MYMEM_SOCKET= mymem show -P Id,Limit,LimitBy,Source")
        want "mymem show without the socket in $unit" "${got//$'\n'/ }" \
                "$unit $((96 * mebibyte)) $(group_of "$unit") $bus"
        if [[ -z $own_bus ]]; then
                got=$(inside "$unit" "mymem show -P Id,Limit,LimitBy,Source")
                want "mymem show in $unit" "${got//$'\n'/ }" \
                        "$unit $((96 * mebibyte)) $(group_of "$unit") socket"
        fi
        note "DynamicUser=: answered by $bus"
}

# The first thread of the caller has ended, while another lives and asks: that is where the process is. A
# process that is dead altogether has no figures, least of all the machine's.
# beds: installed
case_leaderless() {
        local unit=$prefix-a.service got option pid

        actor "$unit" -p MemoryMax=96M
        for option in "" --socket; do
                got=$(inside "$unit" "$tests/bin/ask --leaderless $option GetMemory")
                [[ $got == "$((96 * mebibyte)) "* ]] || fail "GetMemory $option of a live thread: $got"
                got=$(inside "$unit" "$tests/bin/ask --leaderless $option GetUnit")
                [[ $got == "$unit /"* ]] || fail "GetUnit $option of a live thread: $got"
        done

        # Nobody waits for the child of a shell that has become something else.
        inside "$unit" "(exec 0</dev/null; bash -c 'sleep 0 & echo \$! >$scratch/zombie; exec sleep 60' &)"
        until_true 10 zombie_is_there || fail "there is no zombie"
        pid=$(<"$scratch/zombie")
        got=$("$tests/bin/ask" GetMemoryByPID "$pid")
        want "GetMemoryByPID of a zombie" "$got" org.mymem1.Error.NoSuchProcess
}

zombie_is_there() {
        [[ -s $scratch/zombie ]] && grep -q '^State:.Z' "/proc/$(<"$scratch/zombie")/status"
}

# A user namespace of its own, in which the caller is somebody else.
# beds: all
case_private_users() {
        local unit=$prefix-a.service other=$prefix-b.service

        actor "$unit" -p MemoryMax=96M -p PrivateUsers=yes
        [[ $(inside "$unit" 'readlink /proc/self/ns/user') != "$(readlink /proc/self/ns/user)" ]] ||
                fail "there is no user namespace"
        answered "$unit"
        [[ -z $own_bus ]] || return 0
        actor "$other" -p MemoryMax=96M -p PrivateUsers=yes -p User=nobody
        answered "$other"
}

# The caller cannot write control groups.
# beds: all
case_protect_control_groups() {
        local unit=$prefix-a.service

        actor "$unit" -p MemoryMax=96M -p ProtectControlGroups=yes
        answered "$unit"
        told_inside "$unit" Limit=$((96 * mebibyte)) Id="$unit"
}

# Since systemd 257, a service can have a control group namespace of its own. Its systemd-run does not know
# that yet.
# beds: v2 installed alone systemd>=257
case_private_control_groups() {
        local unit=$prefix-a.service place=$scratch/0

        actor_place "$unit" "$place"
        undo find /run/systemd/system -name "$unit" -delete
        mkdir -p /run/systemd/system
        printf '%s\n' '[Service]' Type=exec MemoryMax=96M ProtectControlGroups=strict \
                "ExecStart=$tests/actor $place" \
                >"/run/systemd/system/$unit"
        { systemctl daemon-reload && systemctl start "$unit"; } || fail "$unit does not start"
        actor_ready "$unit"
        want "what the caller sees" "$(inside "$unit" 'cat /proc/self/cgroup')" "0::/"
        answered "$unit"
}

# Since systemd 257, a service can have a PID namespace of its own.
# beds: installed systemd>=257
case_private_pids() {
        local unit=$prefix-a.service got

        actor "$unit" -p MemoryMax=96M -p PrivatePIDs=yes
        # Who lives in a PID namespace is shown nothing of the host there.
        answered "$unit" /
        got=$(inside "$unit" "$tests/bin/ask GetMemoryByPID 1")
        want "GetMemoryByPID 1" "$got" org.mymem1.Error.NotSupported
}

# The caller does not see the processes of others, the service included.
# beds: installed
case_protect_proc() {
        local unit=$prefix-a.service other=$prefix-b.service

        actor "$unit" -p MemoryMax=96M -p ProtectProc=invisible -p User=mymem-tests-a
        [[ -z $(inside "$unit" 'ls -d /proc/1 2>/dev/null') ]] || fail "the caller sees process 1"
        answered "$unit"
        actor "$other" -p MemoryMax=96M -p ProtectProc=noaccess -p ProcSubset=pid -p User=mymem-tests-a
        answered "$other"
}

# Everything at once, and /proc and /sys taken away.
# beds: installed
case_strict_sandbox() {
        local unit=$prefix-a.service

        actor "$unit" -p MemoryMax=96M -p User=mymem-tests-a -p PrivateUsers=yes -p ProtectProc=invisible \
                -p ProtectControlGroups=yes -p InaccessiblePaths="/sys /boot" -p PrivateNetwork=yes \
                -p PrivateIPC=yes -p ProtectSystem=strict -p ReadWritePaths="$scratch" \
                -p ProtectHome=yes -p PrivateDevices=yes \
                -p NoNewPrivileges=yes -p CapabilityBoundingSet= -p RestrictAddressFamilies=AF_UNIX \
                -p RestrictNamespaces=yes -p MemoryDenyWriteExecute=yes -p LockPersonality=yes \
                -p SystemCallFilter=@system-service -p PrivateMounts=yes -p ProtectClock=yes \
                -p ProtectHostname=yes
        [[ -z $(inside "$unit" 'ls /sys/fs/cgroup 2>/dev/null') ]] || fail "the caller sees control groups"
        answered "$unit"
}

# A root directory with nothing in it but the socket of the bus: no /proc, no /sys, no library.
# beds: installed
case_root_directory() {
        local unit=$prefix-a.service root=$scratch/root got group user

        { mkdir -p "$root/run/dbus" && cp "$tests/bin/ask" "$root/"; } || fail "no root"
        for user in root mymem-tests-a; do
                command systemd-run --quiet --collect --wait --unit="$unit" -p User="$user" \
                        -p RootDirectory="$root" \
                        -p MountAPIVFS=no -p MemoryMax=96M -p BindReadOnlyPaths=/run/dbus/system_bus_socket \
                        -p StandardOutput=file:"$scratch/told-$user" -- /ask GetMemory ||
                        fail "$unit fails: $(journalctl --no-pager -o cat -n 20)"
                got=$(<"$scratch/told-$user")
                [[ $got == "$((96 * mebibyte)) "* ]] || fail "GetMemory as $user: $got"
        done
        command systemd-run --quiet --collect --wait --unit="$unit" -p User="$user" \
                -p RootDirectory="$root" \
                -p MountAPIVFS=no -p MemoryMax=96M -p BindReadOnlyPaths=/run/dbus/system_bus_socket \
                -p StandardOutput=file:"$scratch/unit" -- /ask GetUnit || fail "$unit fails"
        got=$(<"$scratch/unit") group=/org/mymem1/unit/system_2eslice/
        [[ $got == "$unit $group"* ]] || fail "GetUnit: $got"
}

# Who the bus policy lets be org.mymem1: not even root.
# beds: installed
case_nobody_else_owns_the_name() {
        local got

        got=$("$tests/bin/ask" --own) && fail "root owns org.mymem1: $got"
        want "root wants org.mymem1" "$got" org.freedesktop.DBus.Error.AccessDenied
        got=$(runuser -u mymem-tests-a -- "$tests/bin/ask" --own) && fail "a user owns org.mymem1: $got"
        want "a user wants org.mymem1" "$got" org.freedesktop.DBus.Error.AccessDenied
}

reload_bus() {
        command busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig ||
                fail "the bus does not reload"
}

# The calls that are about others, as busctl takes them.
inspections=(
        "call org.mymem1 /org/mymem1 org.mymem1.Manager GetMemoryByUnit s mymemd.service"
        "call org.mymem1 /org/mymem1 org.mymem1.Manager GetMemoryByPID u 1"
        "call org.mymem1 /org/mymem1 org.mymem1.Manager GetUnitByName s mymemd.service"
        "call org.mymem1 /org/mymem1 org.mymem1.Manager GetUnitByPID u 1"
        "call org.mymem1 /org/mymem1 org.mymem1.Manager GetUnitByControlGroup s /"
        "call org.mymem1 /org/mymem1 org.mymem1.Manager ListUnits"
        "call org.mymem1 /org/mymem1/unit org.mymem1.Unit GetChain"
        "call org.mymem1 /org/mymem1/unit org.mymem1.Unit GetStatistics"
        "get-property org.mymem1 /org/mymem1/unit org.mymem1.Unit Usage"
        "get-property org.mymem1 /org/mymem1 org.mymem1.Manager Version"
        "call org.mymem1 /org/mymem1/unit org.freedesktop.DBus.Introspectable Introspect"
)

# Every call about others is refused to what runs in UNIT, with busctl and these options.
inspects_nothing() {
        local unit=$1 options=$2 call got

        for call in "${inspections[@]}"; do
                got=$(inside "$unit" "busctl $options $call 2>&1") && fail "$call is allowed: $got"
                [[ $got == *[Aa]"ccess denied"* || $got == *"Sender is not authorized"* ||
                        $got == *"rejected"* || $got == *"own unit only"* ]] || fail "$call: $got"
        done
}

# The example policy: everybody sees their own unit only, root sees all. The socket is as it was: it tells
# nobody of others, with the policy or without, and of oneself with both.
# beds: installed alone
case_own_only_policy() {
        local unit=$prefix-a.service other=$prefix-b.service
        local policy=/etc/dbus-1/system.d/org.mymem1-own-only.conf
        local socket_option=--address=unix:path=/run/mymem/bus got call

        actor "$unit" -p MemoryMax=96M -p User=mymem-tests-a
        actor "$other" -p MemoryMax=96M -p User=nobody
        for call in "${inspections[@]}"; do
                got=$(inside "$unit" "busctl $call 2>&1") || fail "without the policy: $call: $got"
        done
        inspects_nothing "$unit" "$socket_option"
        mkdir -p "${policy%/*}"
        undo reload_bus
        undo rm -f "$policy"
        cp /usr/share/doc/mymem/examples/org.mymem1-own-only.conf "$policy" ||
                fail "the policy cannot be copied"
        reload_bus
        for unit in "$unit" "$other"; do
                answered "$unit"
                told_inside "$unit" Limit=$((96 * mebibyte)) Id="$unit"
                got=$(inside "$unit" "busctl introspect org.mymem1 /org/mymem1/self") ||
                        fail "introspect: $got"
                inspects_nothing "$unit" ""
                inspects_nothing "$unit" "$socket_option"
        done
        for call in "${inspections[@]}"; do
                # shellcheck disable=SC2086 # words
                got=$(busctl $call 2>&1) || fail "root: $call: $got"
        done
}
