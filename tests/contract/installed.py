#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What is installed, as it is installed: programs that are hard to turn against anybody, files that only
their owner may change, and the sandbox of the service with nothing left out.

The arguments: where it was built, "fortified" or "no", the service, the command, the library, and where
units and the policy of the bus go."""

import os
import pathlib
import re
import stat
import subprocess
import sys
import xml.etree.ElementTree

import bus
from elf import Elf
from tap import Tap

# What keeps the service from being of use to who takes it over. units.py has systemd's opinion of the whole.
SANDBOX = {
    'CapabilityBoundingSet': [''],
    'DevicePolicy': ['closed'],
    'LockPersonality': ['yes'],
    'MemoryDenyWriteExecute': ['yes'],
    'NoNewPrivileges': ['yes'],
    'PrivateDevices': ['yes'],
    'PrivateNetwork': ['yes'],
    'PrivateTmp': ['yes'],
    'ProtectControlGroups': ['yes'],
    'ProtectHome': ['yes'],
    'ProtectKernelModules': ['yes'],
    'ProtectKernelTunables': ['yes'],
    'ProtectSystem': ['strict'],
    'RestrictAddressFamilies': ['AF_UNIX'],
    'RestrictNamespaces': ['yes'],
    'RestrictSUIDSGID': ['yes'],
    'SystemCallArchitectures': ['native'],
    'SystemCallFilter': ['@system-service', '~@privileged @resources'],
    'UMask': ['0077'],
    'User': ['mymem'],
}
# What bounds what it costs.
BOUNDS = ['LimitNOFILE', 'MemoryMax', 'TasksMax', 'WatchdogSec']


def settings(text, key):
    return re.findall(rf'^{key}=(.*)$', text, re.MULTILINE)


def hardening(path, is_program, is_fortified):
    elf = Elf(path)
    if elf.type != 'DYN' or (is_program and 'PIE' not in elf.flags):
        yield f'it is not position independent: {elf.type}'
    if 'GNU_RELRO' not in elf.segments or not {'BIND_NOW', 'NOW'} & elf.flags:
        yield 'what is relocated stays writable'
    if elf.segments.get('GNU_STACK') != ['RW']:
        yield f'its stack: {elf.segments.get("GNU_STACK")}'
    if any({'W', 'E'} <= set(flags) for flags in elf.segments['LOAD']):
        yield f'something can be written and executed: {elf.segments["LOAD"]}'
    if elf.tags & {'TEXTREL', 'RPATH', 'RUNPATH'}:
        yield f'it has {elf.tags & {"TEXTREL", "RPATH", "RUNPATH"}}'
    if '__stack_chk_fail' not in elf.imports:
        yield 'its stack is not guarded'
    if is_fortified and not {name for name in elf.imports if name.endswith('_chk')}:
        yield 'it is not fortified'


def modes(root):
    """Programs may be run, all may be read, and nothing else."""
    for path in root.rglob('*'):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and stat.S_IMODE(mode) not in (0o755, 0o644):
            yield f'/{path.relative_to(root)}: {stat.S_IMODE(mode):o}'


def sandbox(unit):
    text = unit.read_text(encoding='utf-8')
    for key, wanted in SANDBOX.items():
        if settings(text, key) != wanted:
            yield f'{key}={settings(text, key)} instead of {wanted}'
    for key in BOUNDS:
        if not settings(text, key) or settings(text, key) == ['infinity']:
            yield f'{key}={settings(text, key)}'


def policy(path):
    """One user may own the name, and everybody may speak with it."""
    rules = [(element.attrib, rule.tag, rule.attrib)
             for element in xml.etree.ElementTree.parse(path).getroot() for rule in element]
    wanted = [({'user': 'mymem'}, 'allow', {'own': 'org.mymem1'}),
              ({'context': 'default'}, 'allow', {'send_destination': 'org.mymem1'}),
              ({'context': 'default'}, 'allow', {'receive_sender': 'org.mymem1'})]
    return [] if rules == wanted else [rules]


def main():
    build, fortified, service, command, library, units, policies = sys.argv[1:]
    tap = Tap()
    os.umask(0o022)

    with bus.directory() as where:
        root = pathlib.Path(where) / 'root'
        result = subprocess.run(['meson', 'install', '-C', build, '--no-rebuild', '--destdir', root],
                                text=True, timeout=100, check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        tap.check('meson install', [result.stdout] if result.returncode != 0 else [])

        for path, is_program in (service, True), (command, True), (library, False):
            there = (root / path.lstrip('/')).resolve()
            tap.check(f'{path} is hardened', list(hardening(there, is_program, fortified == 'fortified')))
        tap.check('the modes of all files', list(modes(root)))
        tap.check('the sandbox of the service', list(sandbox(root / units.lstrip('/') / 'mymemd.service')))
        there = root / policies.lstrip('/')
        tap.check("the bus's policy", policy(there / 'org.mymem1.conf'))
        tap.check('no policy that is an example takes effect',
                  [path for path in there.iterdir() if path.name != 'org.mymem1.conf'])

    tap.done()


if __name__ == '__main__':
    main()
