# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Many trees at random, and a second opinion of a few lines that shares nothing with the engine.

# The second opinion: for each group on standard input a line "GROUP LIMIT BY HIGH BY AVAILABLE BY", from the
# kernel's files. Numbers here are below 2^53, so awk can compare them.
second_opinion() {
        awk -v mount="$memory_mount" -v version="$version" -v limit="$(machine_limit)" \
                -v available="$(meminfo MemAvailable)" '
                function number(file,   text) {
                        text = "infinity"
                        getline text <file
                        close(file)
                        return text == "max" || length(text) > 18 ? "infinity" : text
                }
                function load(group,   directory, words, line) {
                        if (group in usage) return
                        directory = mount group "/memory."
                        max[group] = number(directory (version == "v2" ? "max" : "limit_in_bytes"))
                        high[group] = version == "v2" ? number(directory "high") : "infinity"
                        usage[group] = number(directory (version == "v2" ? "current" : "usage_in_bytes"))
                        while ((getline line <(directory "stat")) > 0) {
                                split(line, words, " ")
                                if (words[1] == (version == "v2" ? "inactive_file" : "total_inactive_file"))
                                        inactive[group] = words[2]
                        }
                        close(directory "stat")
                }
                {
                        n = 0
                        for (group = $1; group != ""; sub("/[^/]*$", "", group)) chain[++n] = group
                        l = limit; a = available; h = "infinity"; l_by = a_by = "/"; h_by = "-"
                        # From the outermost inwards, so that of equals the innermost is named.
                        for (i = n; i >= 1; i--) {
                                group = chain[i]
                                load(group)
                                bound = "infinity"
                                if (max[group] != "infinity") {
                                        bound = max[group]
                                        if (bound + 0 <= l + 0) { l = bound; l_by = group }
                                }
                                if (high[group] != "infinity") {
                                        if (bound == "infinity" || high[group] + 0 < bound + 0)
                                                bound = high[group]
                                        if (h == "infinity" || high[group] + 0 <= h + 0) {
                                                h = high[group]
                                                h_by = group
                                        }
                                }
                                if (bound == "infinity") continue
                                used = usage[group] - inactive[group]
                                left = used > 0 ? bound - used : bound
                                if (left < 0) left = 0
                                if (left <= a + 0) { a = left; a_by = group }
                        }
                        printf "%s %.0f %s %s %s %.0f %s\n", $1, l, l_by, h, h_by, a, a_by
                }'
}

# What mymem says about the same groups, in the same form.
first_opinion() {
        mymem show -P ControlGroup,Limit,LimitBy,HighLimit,HighLimitBy,Available,AvailableBy -- "$@" |
                awk '{ printf "%s%s", $0 == "" ? "-" : $0, NR % 7 == 0 ? "\n" : " " }'
}

# What is not the same, by groups. What is available may be off by what changes from page to page; that of
# the whole machine by more.
differences() {
        awk -v near=$((8 * mebibyte)) -v machine=$((64 * mebibyte)) '
                NR == FNR { said[$1] = $0; next }
                {
                        split(said[$1], first, " ")
                        gap = first[6] - $6
                        if (gap < 0) gap = -gap
                        if (first[2] != $2 || first[3] != $3 || first[4] != $4 || first[5] != $5 ||
                            first[7] != $7 || gap > ($7 == "/" ? machine : near))
                                print "mymem:  " said[$1] "\nkernel: " $0
                }' <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

random_limit() {
        # 32 MiB to 1 GiB, in pages, and now and then none.
        ((RANDOM % 4 != 0)) && limit=$(((8192 + (RANDOM * 32768 + RANDOM) % 253952) * 4096))
}

random_limits() {
        ! random_limit || echo "MemoryMax=$limit"
        ! random_limit || echo "MemoryHigh=$limit"
}

# What systemd says where it is something else, once for each reason: its figures are the unit's own view.
compare_with_systemd() {
        systemctl show --property=ControlGroup,MemoryAvailable,EffectiveMemoryMax "$@" |
                awk -v version="$version" -v near=$((8 * mebibyte)) '
                        function example(group, theirs, ours, by) {
                                return group ": systemd " theirs ", mymem " ours " by " by
                        }
                        NR == FNR {
                                limit[$1] = $2; limit_by[$1] = $3; left[$1] = $6; left_by[$1] = $7
                                next
                        }
                        /^ControlGroup=/ { group = substr($0, 14) }
                        /^MemoryAvailable=[0-9]/ { available[group] = substr($0, 17) }
                        /^EffectiveMemoryMax=[0-9]/ { effective[group] = substr($0, 20) }
                        END {
                                for (group in limit) {
                                        ++all
                                        gap = group in available ? available[group] - left[group] : 0
                                        if (gap > near || gap < -near) {
                                                ++off
                                                told = example(group, available[group], left[group],
                                                               left_by[group])
                                        }
                                        if (group in effective && effective[group] != limit[group]) {
                                                ++off_limit
                                                told_limit = example(group, effective[group],
                                                                     limit[group], limit_by[group])
                                        }
                                }
                                printf "note: MemoryAvailable is something else for %d of %d\n", off, all
                                if (off) printf "note:   %s\n", told
                                if (off && version == "v1")
                                        print "note:   (systemd counts MemoryHigh=; v1 has no such limit)"
                                if (off && version == "v2")
                                        print "note:   (systemd deducts all usage, mymem the working set)"
                                if (length(effective))
                                        printf "note: EffectiveMemoryMax is something else for %d of %d\n",
                                               off_limit, all
                                if (off_limit) printf "note:   %s\n", told_limit
                        }' <(printf '%s\n' "$opinion") -
}

# Fifty units in trees of slices with limits at random: what mymem says about each is what the kernel's files
# add up to. systemd's own figures are looked at as well.
# beds: installed alone
case_agreement() {
        local seed=${MYMEM_SEED:-$(date +%s)} directory=/run/systemd/system tree depth name unit limit
        local units=() groups=() opinion='' second='' off=''

        note "MYMEM_SEED=$seed"
        RANDOM=$seed
        undo find "$directory" -name "$prefix*" -delete
        mkdir -p "$directory"
        for ((tree = 0; tree < 50; tree++)); do
                name=$prefix
                depth=$((RANDOM % 5))
                while ((depth-- > 0)); do
                        # Some slices are shared by several trees.
                        name+=-$((RANDOM % 3))
                        [[ -e $directory/$name.slice ]] || {
                                echo "[Slice]"
                                random_limits
                        } >"$directory/$name.slice"
                done
                # Every other one is a service; a slice costs no process.
                if ((tree % 2)); then
                        unit=$name-t$tree.slice
                        printf '[Slice]\n' >"$directory/$unit"
                else
                        unit=$prefix-$tree.service
                        printf '[Service]\nExecStart=sleep infinity\nSlice=%s.slice\n' "$name" \
                                >"$directory/$unit"
                fi
                random_limits >>"$directory/$unit"
                units+=("$unit")
        done
        systemctl daemon-reload || fail "daemon-reload"
        systemctl start "${units[@]}" || fail "the units do not start"
        mapfile -t groups < <(systemctl show --property=ControlGroup --value "${units[@]}" | grep .)
        want "the number of units" "${#groups[@]}" 50

        # The statistics of groups above may be 2 s old.
        until_true 10 agree || fail "seed $seed:"$'\n'"$off"
        compare_with_systemd "${units[@]}"
}

agree() {
        opinion=$(first_opinion "${units[@]}")
        second=$(printf '%s\n' "${groups[@]}" | second_opinion)
        [[ $(wc -l <<<"$opinion") == 50 ]] || fail "mymem has no opinion of some units:"$'\n'"$opinion"
        off=$(differences "$opinion" "$second")
        [[ -z $off ]]
}
