#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# usage: bed/janitor.sh DIRECTORY <PIPE
#
# Waits until nobody holds the other end of the pipe any more, then removes what a run leaves behind: the
# units of systemd that DIRECTORY/units names, the control groups that DIRECTORY/groups names, with all
# processes in them, the directories that DIRECTORY/directories names, and DIRECTORY. Ends with 1 if
# something stays.

set -u
directory=$1
trap '' INT TERM HUP

cat >/dev/null

deadline=$((SECONDS + 20))

kill_all() {
        local group=$1 file pid

        while IFS= read -r file; do
                while read -r pid; do
                        # 0 is a process that cannot be seen from here.
                        ((pid == 0)) || kill -KILL "$pid" 2>/dev/null
                done <"$file"
        done < <(find "$group" -name cgroup.procs 2>/dev/null)
}

# An ended process leaves its group a moment later.
remove_group() {
        local group=$1

        while [[ -d $group ]]; do
                kill_all "$group"
                find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null
                [[ -d $group ]] || break
                ((SECONDS < deadline)) || {
                        echo "mymem: the control group $group cannot be removed" >&2
                        return 1
                }
                sleep 0.05
        done
}

status=0
if [[ -e $directory/units ]]; then
        while IFS= read -r unit; do
                systemctl stop "$unit" || status=1
        done <"$directory/units"
fi
if [[ -e $directory/groups ]]; then
        while IFS= read -r group; do
                remove_group "$group" || status=1
        done <"$directory/groups"
fi
if [[ -e $directory/directories ]]; then
        while IFS= read -r other; do
                rm -rf --one-file-system "$other" || status=1
        done <"$directory/directories"
fi
rm -rf --one-file-system "$directory" || status=1
exit "$status"
