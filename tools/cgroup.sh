# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For sourcing: where the memory hierarchy is, and control groups of one's own in it. Written without the
# engine, because what the engine says is compared with what is made here.

# The mount point and the root of the mounted hierarchy of the given type with the given option, the one at
# /sys/fs/cgroup rather than any other, in $mount_point and $mount_root.
cgroup_mount() {
        local type=$1 option=$2 root point line field options

        mount_point='' mount_root=''
        while read -r _ _ _ root point line; do
                field=${line#* - }
                [[ ${field%% *} == "$type" ]] || continue
                options=${field##* }
                [[ -z $option || ,$options, == *,"$option",* ]] || continue
                if [[ -z $mount_point || $point == /sys/fs/cgroup* ]]; then
                        printf -v mount_point '%b' "$point"
                        printf -v mount_root '%b' "$root"
                fi
                [[ $point != /sys/fs/cgroup* ]] || break
        done </proc/self/mountinfo
        [[ -n $mount_point ]]
}

# The directory of the control group with the given path in the hierarchy that cgroup_mount found.
cgroup_directory() {
        local path=$1

        if [[ $mount_root != / ]]; then
                [[ $path == "$mount_root" || $path == "$mount_root"/* ]] || return
                path=${path#"$mount_root"}
        fi
        path=${path%/}
        printf '%s\n' "$mount_point$path"
}

# Finds this process. Sets $cgroup_version (1 or 2: which one memory is in), $cgroup_path and $cgroup_own
# (its memory group: the path and the directory). Fails, with the reason in $cgroup_why, if there is no such
# directory.
cgroup_find() {
        local controllers path unified='' memory=''

        cgroup_version=2 cgroup_path='' cgroup_own='' cgroup_controllers='' cgroup_named='' cgroup_why=''
        while IFS=: read -r _ controllers path; do
                case ,$controllers, in
                *,memory,*)
                        cgroup_version=1 memory=$path cgroup_controllers=$controllers
                        ;;
                *,name=systemd,*)
                        cgroup_named=yes
                        ;;
                ,,)
                        unified=$path
                        ;;
                esac
        done </proc/self/cgroup

        cgroup_why="the memory hierarchy is not mounted"
        if [[ $cgroup_version == 1 ]]; then
                cgroup_path=$memory
                cgroup_mount cgroup memory || return
        else
                cgroup_path=$unified
                cgroup_mount cgroup2 '' || return
        fi

        cgroup_why="this process's control group is outside what is mounted"
        cgroup_own=$(cgroup_directory "$cgroup_path") || return
        [[ -d $cgroup_own ]] || return
        cgroup_why=''
}

# Where control groups are not mounted at all (a chroot with a /proc): goes on as "$@" in a mount namespace
# of its own, in which cgroup_mount_all can mount them without anybody else seeing it. Fails if it has to be
# seen: the mount that "/" lies in may pass on what is mounted there, and cannot be told not to unless "/" is
# a mount point itself.
cgroup_unshare() {
        local propagation=private id fd

        [[ $EUID == 0 && -z $(find /sys/fs/cgroup -mindepth 1 -maxdepth 1 2>/dev/null) ]] || return
        if ! unshare --mount --propagation private true 2>/dev/null; then
                propagation=unchanged
                exec {fd}</ || return
                id=$(awk '$1 == "mnt_id:" { print $2 }' "/proc/self/fdinfo/$fd" 2>/dev/null)
                exec {fd}<&-
                awk -v id="$id" '$1 == id && !/ shared:[0-9]+ .*- / { found = 1 } END { exit !found }' \
                        /proc/1/mountinfo 2>/dev/null || return
        fi
        unshare --mount --propagation "$propagation" true 2>/dev/null || return
        exec unshare --mount --propagation "$propagation" "$@"
}

cgroup_mount_all() {
        cgroup_find && return
        [[ -d /sys/fs/cgroup ]] || { mount -t tmpfs none /sys && mkdir -p /sys/fs/cgroup; } || return
        if [[ $cgroup_version == 2 ]]; then
                mount -t cgroup2 none /sys/fs/cgroup
                return
        fi
        mount -t tmpfs none /sys/fs/cgroup &&
                mkdir /sys/fs/cgroup/memory /sys/fs/cgroup/systemd &&
                mount -t cgroup -o "$cgroup_controllers" none /sys/fs/cgroup/memory || return
        if [[ -n $cgroup_named ]]; then
                mount -t cgroup -o none,name=systemd none /sys/fs/cgroup/systemd
        else
                mount -t cgroup2 none /sys/fs/cgroup/systemd
        fi
}

# Makes the control group $2 in the slice $1, with a limit of $3 bytes on the slice, below the nearest group
# that can have such children: one's own or one further up. Sets $cgroup_slice and $cgroup_group (their
# paths) and $cgroup_slice_directory. Fails with the reason in $cgroup_why, and then leaves nothing behind.
cgroup_make() {
        cgroup_made=() cgroup_enter=()
        if cgroup_make_all "$@"; then
                cgroup_why=''
                return
        fi
        cgroup_enter=()
        cgroup_remove
        return 1
}

cgroup_make_all() {
        local slice=$1 group=$2 limit=$3 parent

        cgroup_find || return
        parent=$cgroup_own cgroup_slice=$cgroup_path
        if [[ $cgroup_version == 2 ]]; then
                cgroup_why="no group above this process passes the memory controller on"
                until grep -qsw memory "$parent/cgroup.subtree_control"; do
                        [[ $parent != "$mount_point" ]] || return
                        parent=${parent%/*} cgroup_slice=${cgroup_slice%/*}
                done
        fi
        cgroup_slice=${cgroup_slice%/}/$slice
        cgroup_group=$cgroup_slice/$group
        cgroup_slice_directory=$parent/$slice

        # What an interrupted run left behind is empty and goes; what is in use stays, and mkdir fails.
        rmdir "$cgroup_slice_directory/$group" "$cgroup_slice_directory" 2>/dev/null
        cgroup_mkdir "$cgroup_slice_directory" || return
        cgroup_why="no limit can be set in $cgroup_slice_directory"
        if [[ $cgroup_version == 2 ]]; then
                cgroup_write "$limit" "$cgroup_slice_directory/memory.max" || return
                cgroup_write +memory "$cgroup_slice_directory/cgroup.subtree_control" || return
        else
                cgroup_write "$limit" "$cgroup_slice_directory/memory.limit_in_bytes" || return
        fi
        cgroup_mkdir "$cgroup_slice_directory/$group" || return
        cgroup_enter=("$cgroup_slice_directory/$group/cgroup.procs")
        [[ $cgroup_version == 2 ]] || cgroup_make_managed || return

        # Whether processes may be moved there shows only when one tries.
        cgroup_why="this process may not be moved to $cgroup_group"
        (cgroup_move)
}

# Units take their names from the hierarchy that systemd manages. Where that is not the memory hierarchy, it
# gets the same path.
cgroup_make_managed() {
        local mount_point mount_root directory target

        cgroup_why="the hierarchy that systemd manages is not mounted"
        if [[ -n $cgroup_named ]]; then
                cgroup_mount cgroup name=systemd || return
        else
                cgroup_mount cgroup2 '' || return
        fi
        target=$(cgroup_directory "$cgroup_group") || return
        cgroup_enter+=("$target/cgroup.procs")

        directory=$mount_point
        target=${target#"$mount_point"/}/
        while [[ -n $target ]]; do
                directory+=/${target%%/*} target=${target#*/}
                [[ -d $directory ]] || cgroup_mkdir "$directory" || return
        done
}

cgroup_mkdir() {
        cgroup_why="no control group can be made in ${1%/*}"
        mkdir "$1" 2>/dev/null || return
        cgroup_made+=("$1")
}

cgroup_write() {
        { printf '%s' "$1" >"$2"; } 2>/dev/null
}

# Moves the (sub)shell that calls it into the group that cgroup_make made; leaves it where it is if none was.
cgroup_move() {
        local file

        for file in "${cgroup_enter[@]}"; do
                cgroup_write "$BASHPID" "$file" || return
        done
}

# Removes what cgroup_make made, the innermost first. The processes in it must have ended.
cgroup_remove() {
        local i

        for ((i = ${#cgroup_made[@]} - 1; i >= 0; i--)); do
                rmdir "${cgroup_made[i]}" || printf 'cannot remove %s\n' "${cgroup_made[i]}" >&2
        done
        cgroup_made=()
}
