# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sessions and user managers.

# log_in USER: a session as a login makes one, with an actor in it that is called "session". $session is its
# scope.
log_in() {
        local user=$1 place=$scratch/session unit=$prefix-login.service

        actor_place session "$place"
        chown "$user" "$place" "$place"/*
        command systemd-run --quiet --collect --unit="$unit" --service-type=simple -p User="$user" \
                -p PAMName=mymem-tests -p StandardInput=null --setenv=PATH="$PATH" -p TimeoutStopSec=5s \
                -- "$tests/actor" "$place" ||
                fail "$user cannot log in"
        read -r -t $((30 * patience)) status <>"$place/status"
        [[ $status == 0 ]] || fail "the session is not ready"
        session=$(inside session 'cat /proc/self/cgroup' |
                sed -n 's/^.*[:,]*\/user\.slice\/.*\/\(session-[^/]*\.scope\).*$/\1/p' | head -n 1)
        [[ -n $session ]] || fail "there is no session: $(inside session 'cat /proc/self/cgroup')"
}

log_out() {
        systemctl stop "$session" "user@$1.service" 2>/dev/null
}

# A login's session is a scope below the user's slice.
# beds: login installed alone
case_session() {
        local session=''

        log_in mymem-tests-a
        systemctl set-property --runtime "$session" MemoryMax=160M || fail "set-property"
        told_inside session Id="$session" SystemUnit="$session" Slice=user-4001.slice \
                Limit=$((160 * mebibyte)) \
                LimitBy="/user.slice/user-4001.slice/$session"
        systemctl set-property --runtime user-4001.slice MemoryMax=128M || fail "set-property"
        told_inside session Limit=$((128 * mebibyte)) LimitBy=/user.slice/user-4001.slice
        systemctl set-property --runtime user-4001.slice MemoryMax=infinity
        log_out 4001
}

# user_unit UNIT: an actor as a unit of the user manager of a session.
user_unit() {
        local unit=$1 place=$scratch/user
        shift

        actor_place "$unit" "$place"
        chown mymem-tests-a "$place" "$place"/*
        until_true 20 eval '[[ -S /run/user/4001/systemd/private ]]' || fail "there is no user manager: $(
                systemctl status user@4001.service 2>&1)"
        inside session "XDG_RUNTIME_DIR=/run/user/4001 systemd-run --user --quiet --collect --unit=$unit \
                --service-type=exec -p TimeoutStopSec=5s $* -- $tests/actor $place" ||
                fail "$unit does not start"
        read -r -t $((30 * patience)) status <>"$place/status"
        [[ $status == 0 ]] || fail "$unit is not ready"
}

# A unit of a user's manager has figures of its own.
# beds: v2 login installed alone
case_user_unit() {
        local session='' unit=$prefix-u.service group status

        log_in mymem-tests-a
        user_unit "$unit" -p MemoryMax=96M
        group=$(inside "$unit" 'cut -d : -f 3- /proc/self/cgroup')
        [[ $group == /user.slice/user-4001.slice/user@4001.service/*/"$unit" ]] ||
                fail "the unit is in $group"
        told_inside "$unit" Id="$unit" SystemUnit=user@4001.service Slice=app.slice ControlGroup="$group" \
                Max=$((96 * mebibyte)) Limit=$((96 * mebibyte)) LimitBy="$group"
        # The system manager's limits bind it as well.
        systemctl set-property --runtime user@4001.service MemoryMax=80M || fail "set-property"
        told_inside "$unit" Max=$((96 * mebibyte)) Limit=$((80 * mebibyte)) \
                LimitBy=/user.slice/user-4001.slice/user@4001.service
        # The name means nothing to the system.
        mymem show "$unit" >/dev/null 2>&1
        status=$?
        want "exit status for a user's unit by name" "$status" 4
        told_outside "$group" Id="$unit" Max=$((96 * mebibyte))
        log_out 4001
}

# On v1 a unit of a user's manager has no memory group: it has its name, and the figures of the manager's
# unit.
# beds: v1 login installed alone
case_user_unit_on_v1() {
        local session='' unit=$prefix-u.service group=/user.slice/user-4001.slice/user@4001.service

        log_in mymem-tests-a
        user_unit "$unit" -p MemoryMax=96M
        systemctl set-property --runtime user@4001.service MemoryMax=128M || fail "set-property"
        told_inside "$unit" Id="$unit" SystemUnit=user@4001.service ControlGroup="$group" \
                Max=$((128 * mebibyte)) \
                Limit=$((128 * mebibyte)) LimitBy="$group"
        log_out 4001
}

# A user's manager itself is a unit of the system.
# beds: login installed alone
case_user_manager() {
        local session=''

        log_in mymem-tests-a
        until_true 20 systemctl --quiet is-active user@4001.service || fail "there is no user manager"
        systemctl set-property --runtime user@4001.service MemoryMax=144M || fail "set-property"
        told_outside user@4001.service Id=user@4001.service Slice=user-4001.slice Limit=$((144 * mebibyte)) \
                ControlGroup=/user.slice/user-4001.slice/user@4001.service
        log_out 4001
}

# A capsule is a user manager without a user of its own. Its units run as a dynamic user, whom the bus may
# refuse.
# beds: v2 login installed alone systemd>=256
case_capsule() {
        local unit=$prefix-c.service place=$scratch/capsule \
                drop_in=/run/systemd/system/capsule@mymemt.service.d group got

        undo systemctl daemon-reload
        undo rm -rf "$drop_in"
        undo systemctl stop capsule@mymemt.service
        { mkdir -p "$drop_in" &&
                printf '[Service]\nReadWritePaths=/run/mymem-tests\n' >"$drop_in/90-mymemt.conf" &&
                systemctl daemon-reload; } || fail "no drop-in"
        systemctl start capsule@mymemt.service || fail "the capsule does not start"
        actor_place "$unit" "$place"
        chmod 777 "$place"
        command systemd-run --quiet --capsule=mymemt --collect --unit="$unit" --service-type=exec \
                -p MemoryMax=96M \
                --setenv=PATH="$PATH" -- "$tests/actor" "$place" || fail "$unit does not start"
        actor_ready "$unit"
        group=$(inside "$unit" 'cut -d : -f 3- /proc/self/cgroup')
        [[ $group == /capsule.slice/capsule@mymemt.service/*/"$unit" ]] || fail "the unit is in $group"
        got=$(inside "$unit" 'mymem show -P Id,SystemUnit,ControlGroup,Limit,LimitBy')
        want "mymem show in $unit" "${got//$'\n'/ }" \
                "$unit capsule@mymemt.service $group $((96 * mebibyte)) $group"
        told_outside "$group" Id="$unit" SystemUnit=capsule@mymemt.service Max=$((96 * mebibyte)) \
                Limit=$((96 * mebibyte)) LimitBy="$group"
        undo systemctl set-property --runtime capsule.slice MemoryMax=infinity
        systemctl set-property --runtime capsule.slice MemoryMax=80M || fail "set-property"
        told_outside "$group" Max=$((96 * mebibyte)) Limit=$((80 * mebibyte)) LimitBy=/capsule.slice
}
