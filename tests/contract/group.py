# SPDX-License-Identifier: LGPL-2.1-or-later

"""Control groups of our own, deep in the memory hierarchy of this machine."""

import contextlib
import os
import re


def memory_mount():
    """The mount of the memory hierarchy: its root in the hierarchy, its mount point and whether it is v2."""
    with open('/proc/self/mountinfo', encoding='utf-8') as file:
        mounts = [line.rstrip('\n').partition(' - ') for line in file]
    for wanted in 'cgroup', 'cgroup2':
        for before, _, after in mounts:
            kind, _, options = after.split(' ', 2)
            if kind == wanted and (kind == 'cgroup2' or 'memory' in options.split(' ')[-1].split(',')):
                root, point = before.split(' ')[3:5]
                return root, point, kind == 'cgroup2'
    raise OSError('no memory hierarchy is mounted')


def object_path(control_group):
    """The object of a control group, encoded as sd_bus_path_encode(3) describes it."""
    path = '/org/mymem1/unit'
    for component in filter(None, control_group.split('/')):
        path += '/'
        for i, byte in enumerate(component.encode()):
            plain = re.match(rb'[A-Za-z0-9]' if i > 0 else rb'[A-Za-z]', bytes([byte]))
            path += chr(byte) if plain else f'_{byte:02x}'
    return path


@contextlib.contextmanager
def deep_groups():
    """Makes a slice, a service in it and a group in the service that is no unit; gives the control groups of
    the service and of its group. OSError if they cannot be made."""
    root, point, unified = memory_mount()
    names = [f'mymemcontract{os.getpid()}.slice', 'deep.service', 'payload']
    made = []
    try:
        for depth in range(len(names)):
            path = os.path.join(point, *names[:depth + 1])
            os.mkdir(path)
            made.append(path)
            if unified and depth + 1 < len(names):
                with open(os.path.join(path, 'cgroup.subtree_control'), 'w', encoding='utf-8') as file:
                    file.write('+memory')
        yield ['/'.join([root.rstrip('/'), *names[:depth]]) for depth in (2, 3)]
    finally:
        for path in reversed(made):
            os.rmdir(path)
