# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The bed "native": this machine's systemd, started a second time on this kernel, in namespaces and control
# groups of its own. Its root is this machine's, with a tmpfs over it that takes what is written. Nothing
# that belongs to the kernel as a whole is changed: no sysctl, no swap, no time, no module.
#
# For sourcing by run. bed/native-init.sh is what runs inside.

bed_why() {
        ((EUID == 0)) || {
                echo "The bed native needs root."
                return 1
        }
        [[ -x /lib/systemd/systemd ]] || {
                echo "The bed native needs systemd to be installed."
                return 1
        }
        [[ -x /usr/bin/dbus-daemon && -e /lib/systemd/system/dbus.service ]] || {
                echo "The bed native needs dbus-daemon to be installed."
                return 1
        }
        native_find_hierarchies || {
                echo "The bed native needs a memory controller that it can make groups in."
                return 1
        }
}

# The hierarchies that systemd is given, as "OPTIONS DIRECTORY" lines: its own groups are made in DIRECTORY,
# which is this process's own group there. The options of v2 are "-".
native_find_hierarchies() {
        local controllers path directory memory=''

        native_hierarchies=() native_version=2
        while IFS=: read -r _ controllers path; do
                case ,$controllers, in
                *,memory,*) native_version=1 memory=yes ;;
                *,pids,* | *,devices,* | *,name=systemd,* | ,,) ;;
                *) continue ;;
                esac
                directory=$(native_directory "${controllers:--}" "$path") || continue
                native_hierarchies+=("${controllers:--} $directory")
        done </proc/self/cgroup
        [[ $native_version == 1 ]] || memory=$(native_find_unified)
        [[ -n $memory ]] && ((${#native_hierarchies[@]} > 0))
}

# Where the group with the given path is in the hierarchy with the given controllers.
native_directory() {
        local controllers=$1 path=$2 type=cgroup root point line options

        [[ $controllers != - ]] || type=cgroup2
        while read -r _ _ _ root point line; do
                line=${line#*- }
                [[ ${line%% *} == "$type" && $point == /sys/fs/cgroup* ]] || continue
                options=,${line##* },
                [[ $type == cgroup2 || $options == *",$controllers,"* ]] || continue
                [[ $root == / ]] || {
                        [[ $path == "$root" || $path == "$root"/* ]] || continue
                        path=${path#"$root"}
                }
                path=$point${path%/}
                [[ -d $path ]] && printf '%s\n' "$path"
                return
        done </proc/self/mountinfo
        return 1
}

# With v2 alone, groups can be made below the nearest group above that passes the memory controller on.
native_find_unified() {
        local directory=${native_hierarchies[0]#* }

        until grep -qsw memory "$directory/cgroup.subtree_control"; do
                [[ $directory == /sys/fs/cgroup/* ]] || return
                directory=${directory%/*}
        done
        printf '%s\n' "$directory"
}

# A directory on a disk, for page cache that is one.
native_disk() {
        local place

        for place in "${TMPDIR:-/tmp}" /var/tmp /tmp "$top"; do
                case $(stat --file-system --format=%T "$place" 2>/dev/null) in
                '' | tmpfs | ramfs | overlayfs) continue ;;
                esac
                (($(stat --file-system --format='%a * %S' "$place") >= 512 << 20)) || continue
                mktemp -d "$place/mymem-system-disk.XXXXXX"
                return
        done
}

bed_boot() {
        local payload=$1 result=$2 seconds=$3 name=mymem-system-$$
        local line group unified root_directory disk status
        local -a enter=()

        native_find_hierarchies || return
        unified=''
        [[ $native_version == 1 ]] || unified=$(native_find_unified)
        for line in "${native_hierarchies[@]}"; do
                group=${unified:-${line#* }}/$name
                # Written down before it is made, so that it is removed whatever happens.
                printf '%s\n' "$group" >>"$directory/groups"
                mkdir "$group" || return
                enter+=("$group/cgroup.procs")
        done
        disk=$(native_disk)
        [[ -z $disk ]] || {
                printf '%s\n' "$disk" >>"$directory/directories"
                chmod 755 "$disk"
        }

        mkdir -p "$payload/etc/systemd/system/mymem-tests.service.d"
        cat >"$payload/etc/systemd/system/mymem-tests.service.d/50-bed.conf" <<-'END'
                [Service]
                StandardOutput=append:/run/mymem-result
                StandardError=inherit
	END
        root_directory=$directory/bed
        mkdir "$root_directory"
        (
                eval "exec $alive>&-"
                for group in "${enter[@]}"; do
                        echo "$BASHPID" >"$group" || exit
                done
                exec timeout --kill-after=5 "$seconds" \
                        unshare --pid --mount --cgroup --uts --ipc --net --fork --kill-child \
                        "$BASH" "$here/bed/native-init.sh" "$root_directory" "$payload" "$result" \
                        "$native_version" "$disk" \
                        "${native_hierarchies[@]%% *}"
        ) </dev/null >"$directory/console" 2>&1 &
        wait $!
        status=$?
        [[ -s $result ]] || tail -n 60 "$directory/console" | sed 's/^/# /'
        # Powering off ends the first process of the namespace by a signal.
        case $status in
        0 | 129 | 130 | 137) ;;
        124) echo "# native: not done after $seconds s" ;;
        *) echo "# native: ended with $status" ;;
        esac
        [[ $status == 0 || $status == 129 || $status == 130 || $status == 137 ]]
}
