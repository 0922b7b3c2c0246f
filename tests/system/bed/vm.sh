# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For sourcing: the beds that are virtual machines. Needs neither root nor KVM.
#
# bed_prepare BED                               makes what it boots from, unless it is there
# bed_boot PAYLOAD_DIR RESULT_FILE TIMEOUT BED  boots it once
#
# bed_boot lays the files in PAYLOAD_DIR over a small Debian, with root as their owner and the modes they
# have, and starts mymem-tests.service, one of them. What that prints is in RESULT_FILE while it is printed.
# When it has ended, the machine powers off. bed_boot prints comments in TAP's form, and succeeds if the
# machine has ended by itself within TIMEOUT seconds and RESULT_FILE has a plan. The machine's disks are in a
# directory below ${TMPDIR:-/tmp}, sparse. MYMEM_ACCEL=kvm makes it faster, where that works.

bed_vm_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Sets $suite and $hierarchy, the options of the kernel that choose how control groups are mounted.
bed_vm_find() {
        case $1 in
        debian12-v2)
                suite=bookworm hierarchy=systemd.unified_cgroup_hierarchy=1
                ;;
        debian12-v1)
                # Hybrid: the controllers are v1, systemd keeps its own books in a v2 hierarchy without any,
                # and in name=systemd.
                suite=bookworm
                hierarchy="systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=0"
                ;;
        debian12-legacy)
                # The same without any v2 hierarchy.
                suite=bookworm
                hierarchy="systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1"
                ;;
        debian13-v2)
                suite=trixie hierarchy=
                ;;
        *)
                printf 'There is no virtual machine called %s.\n' "$1" >&2
                return 2
                ;;
        esac
}

bed_prepare() {
        local suite hierarchy

        bed_vm_find "$1" && "$bed_vm_directory/image" "$suite" >/dev/null
}

# The last lines of the console, as comments.
bed_vm_show_console() {
        printf '# the last lines of the console:\n'
        tail -n 60 "$directory/console" | tr -d '\r' | sed 's/\x1b\[[0-9;:?]*[A-Za-z]//g; s/^/#   /'
}

# What the machine gets beside the payload: its disks, and where the results go. That is a serial port of its
# own, to which the kernel writes nothing; the console is another one.
bed_vm_write_units() {
        local units=$directory/bed/etc/systemd/system

        mkdir -p "$units/mymem-tests.service.d" || return
        cat >"$units/mymem-bed.service" <<-END
		[Unit]
		Description=Disks and Serial Port of the Test Bed
		FailureAction=poweroff-force

		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=mount -t ext4 -L mymem-disk /mnt/disk
		ExecStart=swapon -L mymem-swap
		ExecStart=stty -F /dev/ttyS1 115200 raw -echo
	END
        cat >"$units/mymem-tests.service.d/50-bed.conf" <<-END
		[Unit]
		Requires=mymem-bed.service
		After=mymem-bed.service systemd-logind.service systemd-user-sessions.service
		SuccessAction=poweroff-force
		FailureAction=poweroff-force

		[Service]
		Environment=MYMEM_BED=$bed
		StandardInput=null
		StandardOutput=file:/dev/ttyS1
		StandardError=file:/dev/ttyS1
	END
}

# They are found by label, because newer kernels give their names in any order.
bed_vm_write_disks() {
        truncate -s 1G "$directory/disk" && truncate -s 512M "$directory/swap" || return
        {
                mkfs.ext4 -q -F -L mymem-disk -E lazy_itable_init=0,lazy_journal_init=0 "$directory/disk" &&
                        chmod 600 "$directory/swap" && mkswap -L mymem-swap "$directory/swap"
        } >"$directory/log" 2>&1 || {
                sed 's/^/# /' "$directory/log"
                return 1
        }
}

# A directory as an archive for the kernel. Its top is left out: that may have any mode.
bed_vm_pack() (
        cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
                cpio --quiet --null --create --format=newc --owner=+0:+0
)

bed_vm_run() {
        local seconds=$1 status drive=format=raw,if=none,cache=unsafe
        # The console is read when it did not boot. The clock is the host's, and there is nobody from whom a
        # cache or a freed page could leak anything. A plain processor is the fastest to emulate: newer ones
        # have instructions that kernel and C library then prefer, like "rep movsb", and that take longer
        # here.
        # shellcheck disable=SC2054 # the commas are for the emulator
        local -a options=(
                -accel "${MYMEM_ACCEL-tcg,thread=multi}" -cpu qemu64 -smp 2 -m 2G
                -nodefaults -no-user-config -display none -no-reboot
                -kernel "$cache/$suite/vmlinuz" -initrd "$directory/initrd"
                -append "console=ttyS0 panic=-1 loglevel=5 systemd.log_target=kmsg
                        systemd.journald.forward_to_console=1 systemd.wants=mymem-tests.service
                        no_timer_check tsc=reliable clocksource=tsc audit=0 mitigations=off
                        init_on_alloc=0 rcupdate.rcu_expedited=1 $hierarchy"
                -chardev "file,id=console,path=$directory/console" -serial chardev:console
                -chardev "file,id=result,path=$result" -serial chardev:result
                -device nvme,serial=1,id=nvme
                -drive "file=$directory/disk,id=disk,$drive" -device nvme-ns,drive=disk,nsid=1
                -drive "file=$directory/swap,id=swap,$drive" -device nvme-ns,drive=swap,nsid=2
        )

        : >"$directory/console"
        : >"$result" || return
        timeout --kill-after=10 "$seconds" "$cache/qemu/qemu" "${options[@]}" \
                </dev/null >"$directory/log" 2>&1 &
        machine=$!
        wait "$machine"
        status=$?
        machine=
        sed 's/^/# /' "$directory/log"
        return "$status"
}

bed_vm_panicked() {
        grep -aq 'Kernel panic - not syncing' "$directory/console" && ! grep -aqE '^(not )?ok ' "$result"
}

bed_vm_clean_up() {
        [[ -z $machine ]] || { kill "$machine" && wait "$machine"; } 2>/dev/null
        [[ -z $directory ]] || rm -rf "$directory"
}

bed_boot() (
        payload=$1 result=$2 seconds=$3 bed=$4
        directory='' machine='' start=$SECONDS
        PATH=$PATH:/usr/sbin:/sbin

        trap bed_vm_clean_up EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP

        bed_vm_find "$bed" || exit
        cache=$("$bed_vm_directory/image" "$suite") || exit
        directory=$(mktemp -d) || exit
        : >"$result" || exit
        result=$(realpath "$result") || exit

        bed_vm_write_units && bed_vm_write_disks || exit
        {
                cat "$cache/$suite/root.cpio" && bed_vm_pack "$payload" && bed_vm_pack "$directory/bed"
        } >"$directory/initrd" || exit

        bed_vm_run "$seconds"
        status=$?
        if bed_vm_panicked; then
                printf '# %s: the kernel panicked before the first case (panic 1); booting again\n' "$bed"
                bed_vm_show_console
                bed_vm_run "$seconds"
                status=$?
                ! bed_vm_panicked ||
                        printf '# %s: the kernel panicked before the first case (panic 2)\n' "$bed"
        fi
        printf '# %s: %d s\n' "$bed" "$((SECONDS - start))"

        if ((status == 124 || status == 137)); then
                printf '# %s: did not end within %d s\n' "$bed" "$seconds"
        elif ((status != 0)); then
                printf '# %s: the emulator failed with exit code %d\n' "$bed" "$status"
        elif ! grep -aqE '^1\.\.[0-9]+' "$result"; then
                printf '# %s: no plan came out of the machine\n' "$bed"
        else
                exit 0
        fi
        bed_vm_show_console
        exit 1
)
