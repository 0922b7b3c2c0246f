# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Units of all kinds, by their names and trees.

# identified UNIT SLICE: a service is told who it is, and what GetUnit names is its object.
identified() {
        local unit=$1 slice=$2 group type id path text

        group=$(group_of "$unit")
        told "$unit" Id="$unit" SystemUnit="$unit" Slice="$slice" ControlGroup="$group" \
                Limit=$((96 * mebibyte))
        read -r type id path < <(
                inside "$unit" "busctl call org.mymem1 /org/mymem1 org.mymem1.Manager GetUnit")
        want "types" "$type" so
        printf -v text '%b' "${id//\"/}"
        want "GetUnit" "$text" "$unit"
        path=${path//\"/}
        text=$(busctl get-property org.mymem1 "$path" org.mymem1.Unit ControlGroup Max | from_busctl)
        want "ControlGroup and Max of $path" "$text" "$group"$'\n'$((96 * mebibyte))
}

# A service: who it is, where it lies, and its object.
# beds: all
case_service() {
        local unit=$prefix-a.service

        actor "$unit" -p MemoryMax=96M
        identified "$unit" system.slice
}

# A service in a slice of slices.
# beds: all
case_service_in_slices() {
        local unit=$prefix-a.service

        actor "$unit" --slice="$prefix-b-c.slice" -p MemoryMax=96M
        identified "$unit" "$prefix-b-c.slice"
}

# A service in no slice but the root's.
# beds: all
case_service_in_root_slice() {
        local unit=$prefix-a.service

        actor "$unit" --slice=-.slice -p MemoryMax=96M
        want "where it is" "$(group_of "$unit")" "/$unit"
        identified "$unit" -.slice
}

# A scope, whose process is not systemd's child.
# beds: all
case_scope() {
        local unit=$prefix-a.scope place=$scratch/scope

        actor_place "$unit" "$place"
        command systemd-run --quiet --scope --collect --unit="$unit" -p MemoryMax=96M \
                env ${own_bus:+DBUS_SYSTEM_BUS_ADDRESS="$own_bus" MYMEM_SOCKET=} \
                "$tests/actor" "$place" </dev/null \
                >/dev/null 2>&1 &
        actor_ready "$unit"
        identified "$unit" system.slice
}

# A slice by its name, and the root of all slices.
# beds: all
case_slice_by_name() {
        local unit=$prefix-a.service slice=$prefix-b.slice

        slice "$slice" MemoryMax=96M
        actor "$unit" --slice="$slice"
        told_outside "$slice" Id="$slice" Slice="$prefix.slice" ControlGroup="$(group_of "$slice")" \
                Max=$((96 * mebibyte)) LimitBy="$(group_of "$slice")"
        want "mymem show --direct" "$(mymem show --direct -P Id,Max "$slice")" \
                "$slice"$'\n'$((96 * mebibyte))
        told_outside -.slice LimitBy=/ Limit="$(machine_limit)" ControlGroup=/
}

# A template's instances have a slice of their own, if it is not said otherwise.
# beds: installed alone
case_template() {
        local unit="$prefix-t@one.service" other="$prefix-t@two.service" place=$scratch/template

        mkdir -p /run/systemd/system "$place" || fail "no directory"
        cat >"/run/systemd/system/$prefix-t@.service" <<-END
                [Service]
                MemoryMax=96M
                ExecStart=$tests/actor $place/%i
	END
        systemctl daemon-reload || fail "daemon-reload"
        chmod 755 "$place"
        actor_place "$unit" "$place/one"
        actor_place "$other" "$place/two"
        systemctl start "$unit" "$other" || fail "the template does not start"
        actor_ready "$unit"
        actor_ready "$other"
        identified "$unit" "$(show "$unit" Slice)"
        systemctl set-property --runtime "$other" MemoryMax=72M || fail "set-property"
        told "$other" Id="$other" Limit=$((72 * mebibyte))
        told "$unit" Id="$unit" Limit=$((96 * mebibyte))
        rm "/run/systemd/system/$prefix-t@.service"
}

# Names with ":" and "\x2d", as systemd-escape makes them.
# beds: all
case_escaped_name() {
        local unit

        unit="$prefix:$(systemd-escape --suffix=service "a-b/c d:ä")"
        [[ $unit == *'\x2d'*'\x20'*':'* ]] || fail "systemd-escape gave $unit"
        actor "$unit" -p MemoryMax=96M
        identified "$unit" system.slice
}

# A slice whose name is escaped.
# beds: all
case_escaped_slice() {
        local unit=$prefix-a.service slice="$prefix-b\\x2dc.slice"

        slice "$slice" MemoryMax=80M
        actor "$unit" --slice="$slice" -p MemoryMax=96M
        told "$unit" Slice="$slice" Limit=$((80 * mebibyte)) \
                LimitBy="/mymemt.slice/$prefix.slice/$prefix-b\\x2dc.slice"
        told_outside "$slice" Id="$slice" Max=$((80 * mebibyte))
}

# A name of 200 characters.
# beds: all
case_long_name() {
        local unit=$prefix-

        while ((${#unit} < 192)); do
                unit+=x
        done
        unit+=.service
        want "length" "${#unit}" 200
        actor "$unit" -p MemoryMax=96M
        identified "$unit" system.slice
}

# Names that systemd writes with a "_" before them in the control groups, because the kernel could have files
# of that name.
# beds: installed alone
case_underscore() {
        local unit=memory.service other=_$prefix-a.service

        undo systemctl stop "$unit"
        actor "$unit" -p MemoryMax=96M
        want "the group's name" "$(group_of "$unit")" "/system.slice/_$unit"
        identified "$unit" system.slice
        actor "$other" -p MemoryMax=96M
        want "the group's name" "$(group_of "$other")" "/system.slice/_$other"
        identified "$other" system.slice
}

# A process is found by its PID.
# beds: all
case_pid() {
        local unit=$prefix-a.service pid got

        actor "$unit" -p MemoryMax=96M
        pid=$(show "$unit" MainPID)
        told_outside "$pid" Id="$unit" Limit=$((96 * mebibyte)) ControlGroup="$(group_of "$unit")"
        got=$(busctl call org.mymem1 /org/mymem1 org.mymem1.Manager GetMemoryByPID u "$pid")
        [[ $got == "ttt $((96 * mebibyte)) "* ]] || fail "GetMemoryByPID: $got"
        got=$(busctl call org.mymem1 /org/mymem1 org.mymem1.Manager GetUnitByPID u "$pid")
        [[ $got == "so \"$unit\" "* ]] || fail "GetUnitByPID: $got"
}

# A process that is moved to another unit while it runs is told about that at once.
# beds: all
case_moved() {
        local unit=$prefix-a.service other=$prefix-b.service group

        actor "$unit" -p MemoryMax=96M -p Delegate=yes
        actor "$other" -p MemoryMax=72M -p Delegate=yes
        told_inside "$unit" Id="$unit" Limit=$((96 * mebibyte))
        group=$(group_of "$other")
        move "$(show "$unit" MainPID)" "$group"
        told_inside "$unit" Id="$other" Limit=$((72 * mebibyte)) ControlGroup="$group"
        # systemd would not let go of it otherwise.
        move "$(show "$unit" MainPID)" "$(group_of "$unit")"
}

# move PID GROUP: in the memory hierarchy and in the one that systemd manages.
move() {
        echo "$1" >"$memory_mount$2/cgroup.procs" || fail "$1 cannot be moved to $2"
        [[ $version == v2 ]] || echo "$1" >"$managed_mount$2/cgroup.procs" || fail "$1 cannot be moved to $2"
}

# make_group GROUP: in both hierarchies.
make_group() {
        mkdir "$memory_mount$1" || fail "$1 cannot be made"
        [[ $version == v2 ]] || mkdir "$managed_mount$1" || fail "$1 cannot be made"
}

# A unit that was stopped: there is no such unit, and no such process.
# beds: all
case_stopped() {
        local unit=$prefix-a.service pid got status

        actor "$unit" -p MemoryMax=96M
        pid=$(show "$unit" MainPID)
        told "$unit" Limit=$((96 * mebibyte))
        systemctl stop "$unit" || fail "$unit does not stop"
        mymem show "$unit" >/dev/null 2>&1
        status=$?
        want "exit status for a unit that is gone" "$status" 4
        mymem show "$pid" >/dev/null 2>&1
        status=$?
        want "exit status for a process that is gone" "$status" 3
        # A list may be 1 s old, but that a unit is not there is said after a look only.
        got=$(busctl call org.mymem1 /org/mymem1 org.mymem1.Manager GetMemoryByUnit s "$unit" 2>&1) &&
                fail "GetMemoryByUnit: $got"
        unset "actors[$unit]"
        rm -r "${scratch:?}"
        actor "$unit" -p MemoryMax=80M
        told "$unit" Limit=$((80 * mebibyte))
}

# Nothing is called like this.
# beds: all
case_no_such_unit() {
        local status

        mymem show "$prefix-nobody.service" >/dev/null 2>&1
        status=$?
        want "exit status" "$status" 4
        mymem show --direct "$prefix-nobody.service" >/dev/null 2>&1
        status=$?
        want "exit status, direct" "$status" 4
        mymem show "/system.slice/$prefix-nobody.service" >/dev/null 2>&1
        status=$?
        want "exit status of a control group" "$status" 4
}

# Delegate=yes and a group below the unit with a smaller limit: its processes are told about that group,
# while the unit's own figures are those of the unit.
# beds: all
case_delegated_limit() {
        local unit=$prefix-a.service group

        delegated "$unit" -p MemoryMax=96M
        group=$(group_of "$unit")
        kernel_set "$group/small" max $((48 * mebibyte)) || fail "the limit cannot be written"
        told_inside "$unit" Id="$unit" ControlGroup="$group/small" Max=$((48 * mebibyte)) \
                Limit=$((48 * mebibyte)) \
                LimitBy="$group/small"
        told_outside "$unit" Id="$unit" ControlGroup="$group" Max=$((96 * mebibyte)) \
                Limit=$((96 * mebibyte)) \
                LimitBy="$group"
        told_outside "$group/small" Id="$unit" ControlGroup="$group/small" Limit=$((48 * mebibyte))
}

# Delegate=yes, and the group below the unit sets no limit: the unit is what counts.
# beds: all
case_delegated_without_limit() {
        local unit=$prefix-a.service group chain

        delegated "$unit" -p MemoryMax=96M
        group=$(group_of "$unit")
        told "$unit" Id="$unit" ControlGroup="$group" Limit=$((96 * mebibyte)) LimitBy="$group"
        # The chain begins where the process is.
        chain=$(inside "$unit" "busctl call org.mymem1 /org/mymem1/self org.mymem1.Unit GetChain")
        [[ $chain == "a(sstttttt) "*" \"$group/small\" \"$unit\" "*" \"$group\" \"$unit\" "* ]] ||
                fail "GetChain: $chain"
}

# A unit with Delegate=yes that puts itself into a group "small" below it, as container managers do.
delegated() {
        local unit=$1 group

        actor "$@" -p Delegate=yes
        group=$(group_of "$unit")
        make_group "$group/small"
        move "$(show "$unit" MainPID)" "$group/small"
        [[ $version == v1 ]] || echo +memory >"$memory_mount$group/cgroup.subtree_control" ||
                fail "memory cannot be delegated"
}

# Somebody asks again and again on one connection, and is answered from files that are kept open. Limits that
# change, below, at and above the unit, moves, groups that come again under their name, and on v2 the
# controller that is taken away from a group and given back: the next answer is right.
# beds: installed
case_kept_readings() {
        local unit=$prefix-a.service group

        delegated "$unit" -p MemoryMax=96M
        group=$(group_of "$unit")
        kept_by --socket
        kept_by ''
}

# kept_by OPTION: the same by one way; needs $unit and $group.
kept_by() {
        local option=$1 place pid round

        place=$scratch/kept${option#--}
        mkfifo "$place-question" "$place-answer" || fail "no place"
        # The descriptors are for the whole case: neither side may see the other's end.
        exec 5<>"$place-question" 6<>"$place-answer"
        pid=$(inside "$unit" "$tests/bin/ask $option --stay GetMemory \
                <$place-question >$place-answer 2>&1 & echo \$!") || fail "$unit: $pid"
        for round in 1 2 3; do
                next_limit "as it is, $round" 96
        done
        kernel_set "$group/small" max $((48 * mebibyte))
        next_limit "set below the unit" 48
        kernel_set "$group" max $((40 * mebibyte))
        next_limit "set at the unit" 40
        kernel_set "$group" max $((96 * mebibyte))
        next_limit "set back" 48
        next_limit "and still" 48

        make_group "$group/other"
        kernel_set "$group/other" max $((32 * mebibyte))
        for round in 1 2 3; do
                move "$pid" "$group/other"
                next_limit "moved, $round" 32
                next_limit "moved and kept, $round" 32
                move "$pid" "$group/small"
                next_limit "moved back, $round" 48
                next_limit "moved back and kept, $round" 48

                # Another group under the name of the one that was kept.
                move "$pid" "$group/other"
                next_limit "in the other, $round" 32
                move "$pid" "$group/small"
                remove_group "$group/other"
                make_group "$group/other"
                kernel_set "$group/other" max $(((32 - round) * mebibyte))
                move "$pid" "$group/other"
                next_limit "in one that was made anew, $round" $((32 - round))
                kernel_set "$group/other" max $((32 * mebibyte))
        done

        if [[ $version == v2 ]]; then
                next_limit "with the controller" 32
                echo -memory >"$memory_mount$group/cgroup.subtree_control" || fail "memory stays delegated"
                next_limit "without the controller" 96
                next_limit "still without" 96
                echo +memory >"$memory_mount$group/cgroup.subtree_control" ||
                        fail "memory cannot be delegated"
                kernel_set "$group/other" max $((24 * mebibyte))
                next_limit "with the controller again" 24
                kernel_set "$group/small" max $((48 * mebibyte))
        fi

        move "$pid" "$group/small"
        kill "$pid"
        want_soon "$group/other is empty" is_removed "$group/other"
        kernel_set "$group/small" max $((96 * mebibyte))
        exec 5>&- 6>&-
}

is_removed() {
        rmdir "$memory_mount$1" 2>/dev/null || return
        [[ $version == v2 ]] || rmdir "$managed_mount$1"
}

remove_group() {
        want_soon "$1 is removed" is_removed "$1"
}

# next_limit WHAT MIB: what the next answer to kept_by says, and that its figures fit.
next_limit() {
        local limit usage working_set

        echo >&5
        read -r -t $((20 * patience)) limit usage working_set <&6 || fail "$1: no answer"
        want "$1" "$limit" $(($2 * mebibyte))
        want_between "$1: usage" "$usage" 0 "$limit"
        want_between "$1: working set" "$working_set" 0 "$usage"
}

# A container: a control group, PID and mount namespace of its own below a unit, and a root without /proc and
# /sys. It asks with nothing but the socket, and is told its own limit.
# beds: all
case_container() {
        local unit=$prefix-a.service group root=$scratch/root got pid

        container "$unit" "$root"
        group=$(group_of "$unit")
        got=$(in_container "$unit" "$root" GetMemory) || fail "GetMemory: $got"
        [[ $got == "$((48 * mebibyte)) "* ]] || fail "GetMemory: $got"
        got=$(in_container "$unit" "$root" GetAvailable) || fail "GetAvailable: $got"
        [[ $got == *" $group/small" ]] || fail "GetAvailable: $got"
        want_between "available" "${got% *}" $((24 * mebibyte)) $((48 * mebibyte))
        got=$(in_container "$unit" "$root" GetUnit) || fail "GetUnit: $got"
        [[ $got == "$unit /org/mymem1/unit/"*/small ]] || fail "GetUnit: $got"

        # Its numbers mean other processes here, but 0 is itself.
        got=$(in_container "$unit" "$root" "GetMemoryByPID 1") && fail "GetMemoryByPID 1: $got"
        want "GetMemoryByPID 1" "$got" org.mymem1.Error.NotSupported
        got=$(in_container "$unit" "$root" "GetMemoryByPID 0") || fail "GetMemoryByPID 0: $got"
        [[ $got == "$((48 * mebibyte)) "* ]] || fail "GetMemoryByPID 0: $got"
        pid=$(show "$unit" MainPID)
        told_outside "$pid" ControlGroup="$group/small" Limit=$((48 * mebibyte))
}

container() {
        local unit=$1 root=$2 group

        delegated "$unit" -p MemoryMax=96M
        group=$(group_of "$unit")
        kernel_set "$group/small" max $((48 * mebibyte)) || fail "the limit cannot be written"
        { mkdir -p "$root/run/dbus" && cp "$tests/bin/ask" "$root/"; } || fail "no root"
        touch "$root/run/dbus/system_bus_socket"
}

# in_container UNIT ROOT ARGUMENTS OF ask
in_container() {
        local socket=/run/dbus/system_bus_socket
        local script="mount --bind ${own_bus_socket:-$socket} $2$socket && exec chroot $2 /ask $3"

        inside "$1" "unshare --cgroup --pid --mount --fork sh -c '$script'"
}

# What a container calls its units says nothing about the machine's.
# beds: all
case_container_names() {
        local unit=$prefix-a.service group status got

        delegated "$unit" -p MemoryMax=96M
        group=$(group_of "$unit")
        make_group "$group/system.slice"
        [[ $version == v1 ]] || echo +memory >"$memory_mount$group/system.slice/cgroup.subtree_control" ||
                fail "memory cannot be delegated"
        make_group "$group/system.slice/$prefix-fake.service"
        mymem show "$prefix-fake.service" >/dev/null 2>&1
        status=$?
        want "exit status of a container's unit by name" "$status" 4
        told_outside "$group/system.slice/$prefix-fake.service" Id="$prefix-fake.service" \
                SystemUnit="$unit" \
                Limit=$((96 * mebibyte)) LimitBy="$group"
        # In the list it is one among others.
        want_soon "it is listed" is_listed "$prefix-fake.service"
        [[ $got == *"/org/mymem1/unit/system_2eslice/"*"/system_2eslice/"*",$((96 * mebibyte)),"* ]] ||
                fail "ListUnits: $got"
}

# listed UNIT: its entry in ListUnits, as JSON.
listed() {
        busctl --json=short call org.mymem1 /org/mymem1 org.mymem1.Manager ListUnits |
                sed 's/\],\[/]\n[/g; s/\[\[\[/[/' | grep -F "[\"$1\",\"/org/mymem1/unit/"
}

# A list may be 1 s old.
is_listed() {
        got=$(listed "$1")
}

# ListUnits has the units with their limits, and their objects.
# beds: all
case_list_units() {
        local unit=$prefix-a.service slice=$prefix.slice got

        slice "$slice" MemoryMax=64M
        actor "$unit" --slice="$slice" -p MemoryMax=96M
        want_soon "$unit is listed" is_listed "$unit"
        [[ $got == "[\"$unit\",\"/org/mymem1/unit/mymemt_2eslice/"*",$((64 * mebibyte)),"* ]] ||
                fail "ListUnits: $got"
        want_soon "$slice is listed" is_listed "$slice"
        [[ $got == "[\"$slice\",\"/org/mymem1/unit/mymemt_2eslice/"*",$((64 * mebibyte)),"* ]] ||
                fail "ListUnits: $got"
}

# It gives up when something vanishes while it draws.
draw_tree() {
        tree=$(busctl tree --list org.mymem1 2>&1) && grep -qxF "$1" <<<"$tree"
}

# busctl tree draws the tree of control groups, the objects have the two interfaces.
# beds: all
case_tree() {
        local unit=$prefix-a.service tree path=/org/mymem1/unit/system_2eslice/${prefix/-/_2d}_2da_2eservice

        actor "$unit" -p MemoryMax=96M
        until_true 20 draw_tree "$path" || fail "busctl tree does not have $path:"$'\n'"$tree"
        busctl introspect org.mymem1 "$path" | grep -q '^\.LimitBy *property *s *"/system.slice/' ||
                fail "introspect: $(busctl introspect org.mymem1 "$path")"
        busctl introspect org.mymem1 /org/mymem1 org.mymem1.Manager |
                grep -q '^\.GetMemory *method *- *ttt' ||
                fail "introspect: $(busctl introspect org.mymem1 /org/mymem1)"
}

# GetChain has each level with its own limit, up to the machine.
# beds: all
case_chain() {
        local unit=$prefix-a.service got

        slice "$prefix.slice" MemoryMax=256M
        actor "$unit" --slice="$prefix-b.slice" -p MemoryMax=96M
        got=$(inside "$unit" \
                "busctl --json=short call org.mymem1 /org/mymem1/self org.mymem1.Unit GetChain" |
                sed 's/\],\[/]\n[/g' | sed 's/^.*\[\[/[/' | awk -F , '{ print $1, $2, $3 }' | tr -d '["')
        want "GetChain: group, unit and max" "$(head -n 4 <<<"$got")" "$(
                cat <<-END
			/mymemt.slice/$prefix.slice/$prefix-b.slice/$unit $unit $((96 * mebibyte))
			/mymemt.slice/$prefix.slice/$prefix-b.slice $prefix-b.slice $unlimited
			/mymemt.slice/$prefix.slice $prefix.slice $((256 * mebibyte))
			/mymemt.slice mymemt.slice $unlimited
		END
        )"
        [[ $(tail -n +5 <<<"$got") == "/ "* ]] || fail "the end of GetChain: $got"
}

# GetStatistics has every line of memory.stat.
# beds: all
case_statistics() {
        local unit=$prefix-a.service got path

        actor "$unit" -p MemoryMax=96M
        path=$(busctl call org.mymem1 /org/mymem1 org.mymem1.Manager GetUnitByName s "$unit" |
                awk '{ print $3 }')
        got=$(busctl --json=short call org.mymem1 "${path//\"/}" org.mymem1.Unit GetStatistics |
                sed 's/^.*"data"://' | grep -o '"[a-z0-9_]*":[0-9]*' | tr -d '"' | cut -d : -f 1 |
                LC_ALL=C sort)
        want "the names of GetStatistics" "$got" \
                "$(cut -d ' ' -f 1 "$(memory_directory "$(group_of "$unit")")/memory.stat" | LC_ALL=C sort)"
}

# JSON says the same as the text: what is unlimited is null, what is not known is absent.
# beds: all
case_json() {
        local unit=$prefix-a.service got

        actor "$unit" -p MemoryMax=96M
        got=$(inside "$unit" "mymem show --json=short -P Id,Limit,HighLimit,OOMGroup")
        want "JSON" "$got" \
                "{\"Id\":\"$unit\",\"Limit\":$((96 * mebibyte)),\"HighLimit\":null,\"OOMGroup\":false}"
        # EventsLow is known on v2 alone.
        got=$(inside "$unit" "mymem show --json=short" | grep -c '"EventsLow":')
        want "EventsLow on $version" "$got" $(($([[ $version == v2 ]]; echo $?) == 0))
}

# On the socket, over the bus and directly, from inside and from outside: everything that does not change is
# the same, and Source says where it comes from.
# beds: all
case_source() {
        local unit=$prefix-a.service fixed bus own direct

        actor "$unit" --slice="$prefix-b.slice" -p MemoryMax=96M
        fixed='Id|SystemUnit|Slice|ControlGroup|.*Limit|.*LimitBy|Max|High|Min|Low|SwapMax|OOMGroup|Events.*'
        bus=$(inside "$unit" "MYMEM_SOCKET= mymem show")
        own=$(inside "$unit" "mymem show")
        direct=$(inside "$unit" "mymem show --direct")
        want "fixed properties, directly" "$(grep -E "^($fixed)=" <<<"$direct")" \
                "$(grep -E "^($fixed)=" <<<"$bus")"
        want "fixed properties, on the socket" "$(grep -E "^($fixed)=" <<<"$own")" \
                "$(grep -E "^($fixed)=" <<<"$bus")"
        want "Source" "$(grep ^Source= <<<"$bus")" Source=bus
        want "Source" "$(grep ^Source= <<<"$own")" "Source=$own_source"
        want "Source" "$(grep ^Source= <<<"$direct")" Source=cgroup
        want "the names, directly" "$(cut -d = -f 1 <<<"$direct")" "$(cut -d = -f 1 <<<"$bus")"
}
