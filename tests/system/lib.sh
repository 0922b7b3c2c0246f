# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For sourcing, by run and by the guest: what the cases have in common. Nothing of the project is used to
# find out what is right: that comes from systemd and from the kernel's files.
#
# A case is a function case_NAME. The comment above it says what it shows, and its last line, "# beds: ...",
# what a bed has to have for it:
#
#   all            nothing
#   v1, v2         the memory controller is on that version of control groups
#   installed      the project is installed, and the bed may be turned upside down: not on the host
#   vm             a virtual machine: what is changed in its kernel hurts nobody
#   disk           /mnt/disk lies on a real file system
#   swap           swap is on
#   login          there is pam_systemd
#   systemd>=N     that version at least
#   alone          everywhere; but no other case may run at the same time, because this one stops the
#                  service, or changes what others see
#
# A case runs in a process of its own. It ends with "fail", or it passed. Its units are called $prefix..., so
# they are stopped after it.

prefix=mymemt-${MYMEM_CASE-0}
scratch=/run/mymem-tests/${MYMEM_CASE-0}
unlimited=18446744073709551615
mebibyte=$((1 << 20))

declare -A case_about=() case_beds=() actors=()
case_names=() undo_commands=() traits='' bed_systemd=0

# ---- what there is

find_cases() {
        local line about='' needs='' name

        while IFS= read -r line; do
                case $line in
                '# beds: '*)
                        needs=${line#'# beds: '}
                        ;;
                '# '*)
                        about+="${about:+ }${line#\# }"
                        ;;
                case_*'() {')
                        name=${line#case_} name=${name%'() {'}
                        case_names+=("$name") case_about[$name]=$about case_beds[$name]=$needs
                        [[ -n $about && -n $needs ]] || {
                                echo "case_$name does not say what it shows, or where it runs" >&2
                                exit 1
                        }
                        about='' needs=''
                        ;;
                *)
                        about='' needs=''
                        ;;
                esac
        done < <(cat "$@")
}

# Whether a case makes sense here; if not, prints why.
case_fits() {
        local need

        [[ -n ${case_beds[$1]-} ]] || {
                echo "there is no such case"
                return 1
        }
        for need in ${case_beds[$1]}; do
                case $need in
                all | alone) ;;
                'systemd>='*)
                        ((bed_systemd >= ${need#*=})) || {
                                echo "needs $need"
                                return 1
                        }
                        ;;
                *)
                        [[ " $traits " == *" $need "* ]] || {
                                echo "needs $need"
                                return 1
                        }
                        ;;
                esac
        done
}

# ---- the bed, from inside

find_bed() {
        local line

        bed=${MYMEM_BED-}
        [[ -n $bed ]] || read -r bed <"$tests/bed"
        read -r _ bed_systemd _ < <(command systemctl --version)
        bed_systemd=${bed_systemd%%[!0-9]*}

        patience=2 traits='' own_bus=${MYMEM_OWN_BUS-} own_bus_socket=''
        if grep -q '^[0-9]*:\([^:]*,\)*memory[,:]' /proc/self/cgroup; then
                version=v1 memory_mount=/sys/fs/cgroup/memory managed_mount=/sys/fs/cgroup/systemd
        else
                version=v2 memory_mount=/sys/fs/cgroup managed_mount=/sys/fs/cgroup
        fi
        traits=$version
        own_source=socket
        case $bed in
        host)
                traits+=" own-bus" own_bus_socket=${own_bus#unix:path=} own_source=bus
                ;;
        native)
                traits+=" installed"
                ;;
        *)
                traits+=" installed vm" patience=4
                ;;
        esac
        disk=${MYMEM_DISK:-/mnt/disk}
        [[ ! -d $disk ]] || case $(stat --file-system --format=%T "$disk") in
        tmpfs | ramfs | overlayfs) ;;
        *)
                (($(stat --file-system --format='%a * %S' "$disk") < 400 * mebibyte)) || traits+=" disk"
                ;;
        esac
        line=$(tail -n +2 /proc/swaps)
        [[ -z $line ]] || traits+=" swap"
        [[ -z $(find /usr/lib/*/security /usr/lib/security -name pam_systemd.so 2>/dev/null) ||
                $bed == host ]] ||
                traits+=" login"
}

# What the installation of a package would do.
prepare_bed() {
        [[ " $traits " == *" installed "* ]] || return 0
        systemd-sysusers || return
        busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig || return
        # With its socket. Cases about its start stop it first; what others ask must not wait for that.
        systemctl start mymemd.service || return
}

# What the service, and systemd about it, said since a time.
journal_since() {
        journalctl --sync 2>/dev/null
        journalctl --no-pager --output=short-precise --since="@$1" 2>&1 | grep mymemd | tail -n 40
}

# Stops what the case with this number left running.
clean_up_case() {
        systemctl stop "*mymemt-$1[-.:@]*" 2>/dev/null
        rm -rf "/run/mymem-tests/$1"
}

clean_up_bed() {
        [[ $bed == host ]] || return 0
        systemctl stop mymemt.slice 2>/dev/null
        rm -rf /run/systemd/system.control/*mymemt*
        systemctl daemon-reload
}

# On the host the service is on a bus of the tests' own, and on no socket.
busctl() {
        if [[ -n $own_bus ]]; then
                DBUS_SYSTEM_BUS_ADDRESS=$own_bus command busctl --timeout=20 "$@"
        else
                command busctl --timeout=20 "$@"
        fi
}

mymem() {
        if [[ -n $own_bus ]]; then
                MYMEM_SOCKET='' DBUS_SYSTEM_BUS_ADDRESS=$own_bus command mymem "$@"
        else
                command mymem "$@"
        fi
}

# ---- what is wanted

fail() {
        printf '%s\n' "$*"
        exit 1
}

# undo COMMAND...: is done when the case ends, however it does; what was said last is done first.
undo() {
        undo_commands=("${*@Q}" "${undo_commands[@]}")
}

undo_all() {
        local status=$? command

        for command in "${undo_commands[@]}"; do
                eval "$command" || status=1
        done
        exit "$status"
}

note() {
        printf 'note: %s\n' "$*"
}

# want WHAT GOT WANTED
want() {
        [[ $2 == "$3" ]] || fail "$1: got \"$2\", wanted \"$3\""
}

# want_between WHAT GOT LEAST MOST
want_between() {
        [[ $2 =~ ^[0-9]+$ ]] || fail "$1: got \"$2\", wanted a number"
        (($2 >= $3 && $2 <= $4)) || fail "$1: got $2, wanted $3..$4"
}

# until_true SECONDS COMMAND...: whether it comes true in that time.
until_true() {
        local deadline=$((SECONDS + $1 * patience))
        shift

        until "$@"; do
                ((SECONDS < deadline)) || return 1
                sleep 0.05
        done
}

# want_soon WHAT COMMAND...: the command may leave what it got in $got_instead.
want_soon() {
        local what=$1 got_instead=''
        shift
        until_true 10 "$@" ||
                fail "$what: not so after $((10 * patience)) s${got_instead:+, but $got_instead}"
}

# ---- what systemd says

show() {
        systemctl show --property="$2" --value -- "$1"
}

group_of() {
        local group

        group=$(show "$1" ControlGroup)
        [[ -n $group ]] || fail "$1 has no control group"
        printf '%s\n' "$group"
}

# ---- what the kernel says

# The directory of a group of the memory controller.
memory_directory() {
        printf '%s%s\n' "$memory_mount" "${1%/}"
}

keyed() {
        awk -v key="$2" '$1 == key { print $2; found = 1 } END { if (!found) print "unknown" }' "$1" \
                2>/dev/null
}

meminfo() {
        echo $(($(keyed /proc/meminfo "$1:") * 1024))
}

# kernel GROUP FIGURE
kernel() {
        local directory=$memory_mount${1%/} figure=$2 value

        if [[ $version == v2 ]]; then
                case $figure in
                usage) value=$(<"$directory/memory.current") ;;
                max | high | min | low | peak) value=$(<"$directory/memory.$figure") ;;
                swap) value=$(<"$directory/memory.swap.current") ;;
                swap_max) value=$(<"$directory/memory.swap.max") ;;
                inactive) value=$(keyed "$directory/memory.stat" inactive_file) ;;
                active) value=$(keyed "$directory/memory.stat" active_file) ;;
                anon | file | shmem) value=$(keyed "$directory/memory.stat" "$figure") ;;
                oom_kill) value=$(keyed "$directory/memory.events" oom_kill) ;;
                hits) value=$(keyed "$directory/memory.events" max) ;;
                esac
        else
                case $figure in
                usage) value=$(<"$directory/memory.usage_in_bytes") ;;
                max) value=$(<"$directory/memory.limit_in_bytes") ;;
                high) value=max ;;
                peak) value=$(<"$directory/memory.max_usage_in_bytes") ;;
                swap) value=$(keyed "$directory/memory.stat" total_swap) ;;
                inactive) value=$(keyed "$directory/memory.stat" total_inactive_file) ;;
                active) value=$(keyed "$directory/memory.stat" total_active_file) ;;
                anon) value=$(keyed "$directory/memory.stat" total_rss) ;;
                file) value=$(keyed "$directory/memory.stat" total_cache) ;;
                shmem) value=$(keyed "$directory/memory.stat" total_shmem) ;;
                oom_kill) value=$(keyed "$directory/memory.oom_control" oom_kill) ;;
                hits) value=$(<"$directory/memory.failcnt") ;;
                esac
                [[ $figure != max || ${#value} -lt 19 ]] || value=max
        fi
        [[ $value != max ]] || value=infinity
        printf '%s\n' "$value"
}

kernel_set() {
        local file=memory.$2

        [[ $version == v2 || $2 != max ]] || file=memory.limit_in_bytes
        echo "$3" >"$memory_mount$1/$file"
}

# Working set: the same subtraction by hand.
kernel_working_set() {
        local usage inactive

        usage=$(kernel "$1" usage) inactive=$(kernel "$1" inactive)
        echo $((usage > inactive ? usage - inactive : 0))
}

# The smallest limit that binds everything here: RAM, or a limit on or above what is mounted.
machine_limit() {
        local limit outer=$unlimited

        limit=$(meminfo MemTotal)
        if [[ $version == v1 ]]; then
                outer=$(keyed "$memory_mount/memory.stat" hierarchical_memory_limit)
        elif [[ -e $memory_mount/memory.max ]]; then
                outer=$(kernel / max)
        fi
        [[ $outer != infinity && $outer != unknown && ${#outer} -lt 19 ]] && ((outer < limit)) &&
                limit=$outer
        printf '%s\n' "$limit"
}

# ---- units

# slice NAME.slice PROPERTY=VALUE...: a slice with these properties, running.
slice() {
        local name=$1
        shift

        (($# == 0)) || systemctl set-property --runtime "$name" "$@" ||
                fail "$name: the properties cannot be set"
        systemctl start "$name" || fail "$name does not start"
}

# actor UNIT [OPTION OF systemd-run]...: a service that does what "inside UNIT" tells it.
actor() {
        local unit=$1 place=$scratch/${#actors[@]}
        shift

        actor_place "$unit" "$place"
        command systemd-run --quiet --collect --unit="$unit" --service-type=exec \
                --property=TimeoutStopSec=5s \
                --setenv=PATH="$PATH" \
                ${own_bus:+--setenv=DBUS_SYSTEM_BUS_ADDRESS="$own_bus" --setenv=MYMEM_SOCKET=} "$@" \
                -- "$tests/actor" "$place" || fail "$unit does not start"
        actor_ready "$unit"
}

# Where an actor and "inside" meet; the actor itself is started by the caller.
actor_place() {
        local unit=$1 place=$2

        { mkdir -p "$place" && mkfifo -m 666 "$place/question" "$place/status" && : >"$place/answer" &&
                chmod 755 "$place" && chmod 666 "$place/answer"; } || fail "no place for $unit"
        actors[$unit]=$place
}

actor_ready() {
        local status=''

        read -r -t $((20 * patience)) status <>"${actors[$1]}/status"
        [[ $status == 0 ]] || fail "$1 is not ready: $(show "$1" ActiveState), $(show "$1" Result)"
}

# inside UNIT COMMAND: what a shell in the unit says to this line. The status is the command's.
inside() {
        local place=${actors[$1]} status=''

        printf '%s\n' "$2" >"$place/question"
        read -r -t $((30 * patience)) status <>"$place/status" || fail "$1 does not answer to: $2"
        cat "$place/answer"
        return "$status"
}

# ---- what mymem says

# A reply of busctl, one value a line, as mymem prints it: without types and quotes, unlimited as infinity.
# Works for numbers, booleans and texts.
from_busctl() {
        local line

        while IFS= read -r line; do
                line=${line#* }
                [[ $line != '"'*'"' ]] || {
                        line=${line#'"'} line=${line%'"'}
                        printf -v line '%b' "$line"
                }
                case $line in
                "$unlimited") line=infinity ;;
                true) line=yes ;;
                false) line=no ;;
                esac
                printf '%s\n' "$line"
        done
}

# The properties on the left, separated by commas; the values on the right, one a line.
names_of() {
        local names
        printf -v names '%s,' "${@%%=*}"
        printf '%s\n' "${names%,}"
}

values_of() {
        printf '%s\n' "${@#*=}"
}

# told_inside UNIT NAME=VALUE...: what mymem and busctl say inside the unit, over the bus and directly.
told_inside() {
        local unit=$1 names wanted got
        shift

        names=$(names_of "$@") wanted=$(values_of "$@")
        got=$(inside "$unit" "mymem show -P $names") || fail "mymem show in $unit: $got"
        want "mymem show -P $names in $unit" "$got" "$wanted"
        got=$(inside "$unit" "mymem show --direct -P $names") || fail "mymem show --direct in $unit: $got"
        want "mymem show --direct -P $names in $unit" "$got" "$wanted"
        got=$(inside "$unit" \
                "busctl get-property org.mymem1 /org/mymem1/self org.mymem1.Unit ${names//,/ }") ||
                fail "busctl get-property in $unit: $got"
        got=$(from_busctl <<<"$got")
        want "busctl get-property $names in $unit" "$got" "$wanted"
}

# told_outside TARGET NAME=VALUE...: what mymem says from outside.
told_outside() {
        local target=$1 names wanted got
        shift

        names=$(names_of "$@") wanted=$(values_of "$@")
        got=$(mymem show -P "$names" -- "$target") || fail "mymem show $target: $got"
        want "mymem show -P $names $target" "$got" "$wanted"
}

told() {
        told_inside "$@"
        told_outside "$@"
}

# figure NAME TARGET: one property from outside, by the service.
figure() {
        mymem show -P "$1" -- "$2"
}

# note_systemd UNIT WHY: systemd's own figures about it, where they say something else, and why.
note_systemd() {
        local pair theirs ours

        for pair in MemoryAvailable:Available EffectiveMemoryMax:Limit; do
                theirs=$(show "$1" "${pair%:*}") ours=$(figure "${pair#*:}" "$1")
                # Older ones do not have all of them.
                [[ $theirs =~ ^[0-9]+$ ]] || continue
                ((theirs - ours > 8 * mebibyte || ours - theirs > 8 * mebibyte)) || continue
                note "systemd's ${pair%:*} is $theirs, mymem's ${pair#*:} $ours: $2"
        done
}

# bracketed WHAT "COMMAND OF THE KERNEL" "COMMAND OF MYMEM": that what mymem says lies between two readings
# of the kernel's files, as soon as nobody changes them meanwhile.
bracketed() {
        local what=$1 before answer after deadline=$((SECONDS + 10 * patience))

        while :; do
                before=$(eval "$2")
                answer=$(eval "$3")
                after=$(eval "$2")
                if [[ $before == "$after" ]]; then
                        [[ $answer != "$before" ]] || return 0
                elif [[ $before$answer$after =~ ^[0-9]+$ ]]; then
                        ((answer < (before < after ? before : after) ||
                                answer > (before < after ? after : before))) || return 0
                fi
                ((SECONDS < deadline)) ||
                        fail "$what: mymem says $answer, the kernel $before and then $after"
                sleep 0.02
        done
}
