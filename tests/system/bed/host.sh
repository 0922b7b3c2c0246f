# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The bed "host": the systemd that runs this machine, for a contributor's laptop. Nothing is installed and
# nothing is changed: the service runs as a transient unit, on a bus that is a transient unit, and so do the
# cases. Cases that need more are left out.
#
# For sourcing by run.

bed_why() {
        [[ -d /run/systemd/system && $(</proc/1/comm) == systemd ]] || {
                echo "The bed host needs systemd as the first process of this machine."
                return 1
        }
        ((EUID == 0)) || {
                echo "The bed host needs root."
                return 1
        }
        type -P dbus-daemon >/dev/null || {
                echo "The bed host needs dbus-daemon."
                return 1
        }
}

bed_boot() {
        local payload=$1 result=$2 seconds=$3 name=mymemt-host-$$ socket=$directory/bus disk='' place status
        local tests=$1/usr/lib/mymem-tests

        # Other users have to find the programs and the bus.
        chmod 755 "$directory"
        for place in "${TMPDIR:-/tmp}" /var/tmp; do
                case $(stat --file-system --format=%T "$place" 2>/dev/null) in
                '' | tmpfs | ramfs | overlayfs) ;;
                *)
                        disk=$(mktemp -d "$place/mymem-system-disk.XXXXXX") || return
                        chmod 755 "$disk"
                        printf '%s\n' "$disk" >>"$directory/directories"
                        break
                        ;;
                esac
        done
        cat >"$directory/bus.conf" <<-END
                <busconfig>
                  <listen>unix:path=$socket</listen>
                  <policy context="default">
                    <allow user="*"/>
                    <allow own="*"/>
                    <allow send_destination="*"/>
                    <allow receive_sender="*"/>
                  </policy>
                </busconfig>
	END

        # The janitor stops them.
        printf '%s\n' "*mymemt-*" mymemt.slice >>"$directory/units"
        systemd-run --quiet --collect --unit="$name-bus" --slice=mymemt.slice --service-type=notify \
                -p RuntimeMaxSec="$seconds" -- \
                dbus-daemon --config-file="$directory/bus.conf" --nofork --nopidfile --systemd-activation ||
                return
        systemd-run --quiet --collect --unit="$name-mymemd" --slice=mymemt.slice --service-type=notify \
                -p RuntimeMaxSec="$seconds" -p User=nobody -- \
                "$payload/usr/libexec/mymem/mymemd" --address="unix:path=$socket" || {
                journalctl --no-pager --output=cat --lines=20 --unit="$name-mymemd" | sed 's/^/# /'
                return 1
        }
        systemd-run --quiet --wait --collect --unit="$name-guest" --slice=mymemt.slice \
                -p RuntimeMaxSec="$seconds" -p StandardOutput=append:"$result" -p StandardError=inherit \
                --setenv=MYMEM_BED=host --setenv=MYMEM_OWN_BUS=unix:path="$socket" \
                --setenv=MYMEM_DISK="$disk" --setenv=MYMEM_PATH="$payload/usr/bin" -- "$tests/guest"
        status=$?
        # That cases failed is in the result.
        ((status != 1)) || status=0
        return "$status"
}
