# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Metrics of units: what the command says of them, and the timer that has them written.

metrics_file=/run/mymem-metrics/mymem.prom

# metric NAME UNIT, of what is on standard input: the value, or nothing where there is no such sample.
metric() {
        awk -v begin="mymem_memory_$1{unit=\"$2\"," 'index($0, begin) == 1 { print $NF }'
}

# Of each unit there are systemd's limit and the kernel's figures; of what has no limit there is none.
# beds: all
case_metrics() {
        local unit=$prefix-a.service other=$prefix-b.service slice=$prefix-c.slice got group

        slice "$slice" MemoryMax=64M
        actor "$unit" --slice="$slice" -p MemoryMax=96M
        actor "$other" --slice="$slice"
        group=$(group_of "$unit")
        got=$(mymem metrics) || fail "mymem metrics: $got"
        want "the limit of $unit" "$(metric limit_bytes "$unit" <<<"$got")" $((64 * mebibyte))
        want "the own limit of $unit" "$(metric max_bytes "$unit" <<<"$got")" $((96 * mebibyte))
        want "the limit of $other" "$(metric limit_bytes "$other" <<<"$got")" $((64 * mebibyte))
        want "the own limit of $other" "$(metric max_bytes "$other" <<<"$got")" ""
        want "the own limit of $slice" "$(metric max_bytes "$slice" <<<"$got")" $((64 * mebibyte))
        want "the OOM kills of $unit" "$(metric oom_kills_total "$unit" <<<"$got")" 0
        want_between "the usage of $unit" "$(metric usage_bytes "$unit" <<<"$got")" 1 $((96 * mebibyte))
        want_between "the peak of $unit" "$(metric peak_bytes "$unit" <<<"$got")" 0 "$(kernel "$group" peak)"
        [[ $got == *"{unit=\"$unit\",slice=\"$slice\",control_group=\"$group\"}"* ]] || fail "labels: $got"
        # Exactly one sample of each metric and unit.
        want "labels that are there twice" "$(printf '%s\n' "$got" | sed 's/} .*//' | sort | uniq -d)" ""
}

metrics_were_replaced() {
        [[ $(stat --format=%i "$metrics_file" 2>/dev/null) != "$1" ]]
}

metrics_failed() {
        [[ $(show mymem-metrics.service Result) == exit-code ]]
}

metrics_drop_in() {
        local place=/run/systemd/system/$1.d
        shift

        undo systemctl daemon-reload
        undo rm -rf "$place"
        { mkdir -p "$place" && printf '%s\n' "$@" >"$place/90-mymemt.conf"; } || fail "no drop-in"
        systemctl daemon-reload || fail "daemon-reload"
}

# The timer as it is installed: the file is there at once, for everybody to read, and is replaced again and
# again. When nothing can be found out, it stays, and the journal says why.
# beds: installed alone
case_metrics_timer() {
        local unit=$prefix-a.service got inode

        actor "$unit" -p MemoryMax=96M
        metrics_drop_in mymem-metrics.timer '[Timer]' OnUnitInactiveSec=1s
        undo rm -rf /run/mymem-metrics
        undo systemctl reset-failed mymem-metrics.service
        undo systemctl stop mymem-metrics.service
        undo systemctl stop mymem-metrics.timer
        systemctl start mymem-metrics.timer || fail "systemctl start mymem-metrics.timer"
        want_soon "the metrics are written" test -s "$metrics_file"
        want "its owner and mode" "$(stat --format='%U %a' "$metrics_file")" "mymem 644"
        got=$(setpriv --reuid=4001 --regid=4001 --clear-groups cat "$metrics_file") ||
                fail "others cannot read it"
        want "the own limit of $unit" "$(metric max_bytes "$unit" <<<"$got")" $((96 * mebibyte))
        inode=$(stat --format=%i "$metrics_file")
        want_soon "they are written again" metrics_were_replaced "$inode"

        metrics_drop_in mymem-metrics.service '[Service]' InaccessiblePaths=/sys/fs/cgroup
        want_soon "without control groups it fails" metrics_failed
        inode=$(stat --format=%i "$metrics_file")
        got=$(systemctl start mymem-metrics.service 2>&1) && fail "it does not fail: $got"
        metrics_were_replaced "$inode" && fail "the file was replaced by nothing"
        want "what is in the directory" "$(ls -A "${metrics_file%/*}")" mymem.prom
        journalctl --sync
        got=$(journalctl --no-pager --output=cat --unit=mymem-metrics.service)
        [[ $got == *"mymem: "* ]] || fail "the journal does not say why: $got"
        [[ $got != *"Finished "* ]] || fail "the journal has each time that it went well: $got"
}

# systemd itself would start it with the machine, if it was enabled.
# beds: installed alone
case_metrics_enabled() {
        undo systemctl disable mymem-metrics.timer
        want "before" "$(systemctl is-enabled mymem-metrics.timer)" disabled
        systemctl enable mymem-metrics.timer || fail "systemctl enable"
        want "after" "$(systemctl is-enabled mymem-metrics.timer)" enabled
        # The target itself is masked in a virtual machine, whose own timers would disturb the figures.
        [[ -L /etc/systemd/system/timers.target.wants/mymem-metrics.timer ]] ||
                fail "timers.target does not want it"
}
