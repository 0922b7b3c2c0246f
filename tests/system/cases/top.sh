# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh shares variables
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Units, live: mymem top.

# top_lists NUMBER PATTERN...
top_lists() {
        local number=$1
        shift

        (($(mymem top -b -n1 --no-legend "$@" | wc -l) == number))
}

# One table, in the order that was asked for, with the limits that systemd was told; and as a tree each unit
# below its slice.
# beds: all
case_top_batch() {
        local slice=$prefix.slice one=$prefix-one.service two=$prefix-two.service got wanted

        slice "$slice" MemoryMax=256M
        actor "$one" --slice="$slice" --property=MemoryMax=64M
        actor "$two" --slice="$slice" --property=MemoryMax=96M
        # What the service has listed is good for a second.
        want_soon "all three are listed" top_lists 3 "$slice" "$prefix-*"
        got=$(mymem top -b -n1 --bytes --no-legend --sort=limit "$slice" "$prefix-*") ||
                fail "mymem top: $got"
        want "by limit" "$(awk '{ print $1, $4 }' <<<"$got")" "$slice $((256 * mebibyte))
$two $((96 * mebibyte))
$one $((64 * mebibyte))"
        got=$(mymem top -b -n1 --no-legend --tree --sort=name "$slice" "$prefix-*") || fail "mymem top: $got"
        got=$(sed 's/service .*/service/; s/slice .*/slice/' <<<"$got")
        want "the tree" "$got" "$slice
  $one
  $two"
        got=$(mymem top -b -n2 -d 0.1 --no-legend "$one" | grep -c "$one")
        want "tables" "$got" 2
}

# On a terminal: it shows a unit, explains it, says when the service does not answer, and
# gives the terminal back.
# beds: installed alone
case_top_live() {
        local unit=$prefix-live.service log=$scratch/log keys=$scratch/keys to_top pid status

        : >"$log"
        type script >/dev/null 2>&1 || fail "there is no script(1), which is a part of Debian's base"
        actor "$unit" --property=MemoryMax=64M
        mkfifo "$keys"
        # Its standard input stays open until it ends: without it there would be no keyboard.
        exec {to_top}<>"$keys"
        # Of two pictures only what differs is drawn: what is looked for has to be new in one.
        TERM=vt100 LINES=24 COLUMNS=80 script -q -e -f -c \
                "stty rows 24 columns 80; mymem top -d 0.2 $unit; echo ended \$?; stty -a" "$log" \
                <"$keys" >/dev/null &
        pid=$!
        want_soon "the unit is on the screen" grep -q "$unit  *[0-9]" "$log"
        printf '\r' >&"$to_top"
        want_soon "it is explained" grep -q "systemctl set-property $unit" "$log"
        printf ' ' >&"$to_top"
        ! grep -q "service does not answer" "$log" || fail "it says that the service does not answer"
        # Masked first: it would be started again by who asks.
        undo systemctl start mymemd.socket mymemd.service
        undo systemctl unmask --runtime --quiet mymemd.service
        systemctl mask --runtime --quiet mymemd.service || fail "the service cannot be masked"
        systemctl stop mymemd.service mymemd.socket || fail "the service does not stop"
        want_soon "it says that the service does not answer" grep -q "service does not answer" "$log"
        printf q >&"$to_top"
        wait "$pid"
        status=$?
        exec {to_top}>&-
        want "exit status of script" "$status" 0
        grep -q "ended 0" "$log" || fail "it did not end well"
        [[ $(<"$log") == *" icanon "*" echo "* ]] || fail "the terminal is not as it was"
}
