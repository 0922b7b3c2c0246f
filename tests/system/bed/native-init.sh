#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# usage: bed/native-init.sh DIRECTORY PAYLOAD RESULT VERSION DISK CONTROLLERS...
#
# The first process of the bed "native", in its namespaces: makes the root and becomes systemd. VERSION is
# the version of control groups that has the memory controller, DISK a directory on a disk or nothing,
# CONTROLLERS the hierarchies to be mounted ("-" is v2).

set -eu
directory=$1 payload=$2 result=$3 version=$4 disk=$5
shift 5
root=$directory/root

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$directory"
mkdir "$directory"/{upper,work,root}
mount -t overlay -o "lowerdir=/,upperdir=$directory/upper,workdir=$directory/work" overlay "$root"
cp -a --no-preserve=ownership "$payload/." "$root/"

mount -t proc proc "$root/proc"
# systemd raises limits that are the whole kernel's, and some of its services would like to.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
for place in run tmp dev; do
        mount -t tmpfs -o mode=755 tmpfs "$root/$place"
done
chmod 1777 "$root/tmp"
for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root"/dev/{pts,shm,mqueue,hugepages}
ln -s pts/ptmx "$root/dev/ptmx"
for link in fd=/proc/self/fd stdin=/proc/self/fd/0 stdout=/proc/self/fd/1 stderr=/proc/self/fd/2; do
        ln -s "${link#*=}" "$root/dev/${link%%=*}"
done
touch "$root/run/mymem-result"
mount --bind "$result" "$root/run/mymem-result"
if [[ -n $disk ]]; then
        mkdir -p "$root/mnt/disk"
        mount --bind "$disk" "$root/mnt/disk"
fi

if [[ $version == 2 ]]; then
        mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
        mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
        mkdir "$root"/sys/fs/cgroup/{unified,systemd}
        mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
        mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
        for controllers; do
                [[ $controllers != - && $controllers != name=systemd ]] || continue
                mkdir "$root/sys/fs/cgroup/$controllers"
                mount -t cgroup -o "$controllers" cgroup "$root/sys/fs/cgroup/$controllers"
        done
fi

# What the machine has enabled is not started, what would touch the kernel as a whole is masked. The bus is
# dbus-daemon, also where the machine uses another.
cd "$root/etc/systemd/system"
rm -rf ./*.wants ./*.requires dbus.service
: >"$root/etc/fstab"
for unit in \
        console-getty.service container-getty@.service dbus-broker.service dev-hugepages.mount \
        dev-mqueue.mount getty.target kmod-static-nodes.service ldconfig.service modprobe@.service \
        rpcbind.socket sys-fs-fuse-connections.mount sys-kernel-config.mount \
        sys-kernel-debug.mount sys-kernel-tracing.mount systemd-binfmt.service \
        systemd-firstboot.service systemd-hwdb-update.service systemd-modules-load.service \
        systemd-networkd.service systemd-pstore.service systemd-random-seed.service \
        systemd-remount-fs.service systemd-resolved.service systemd-sysctl.service \
        systemd-timesyncd.service systemd-tmpfiles-setup-dev.service systemd-udev-settle.service \
        systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
        systemd-udevd.service timers.target; do
        ln -sf /dev/null "$unit"
done
cat >mymem-native.target <<'END'
[Unit]
Description=The Bed of the Tests of mymem
Requires=basic.target dbus.socket systemd-logind.service mymem-tests.service
END

cd "$root"
mkdir -p .old-root
pivot_root . .old-root
umount -l /.old-root
rmdir /.old-root
exec env -i container=mymem PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        /lib/systemd/systemd --unit=mymem-native.target --show-status=no \
        "systemd.unified_cgroup_hierarchy=$((version - 1))"
