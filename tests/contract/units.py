#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The unit files: systemd takes them, they agree with the bus, and the sandbox stays as tight as it was.

The arguments are mymemd.service and mymem-metrics.service as they were made from their templates."""

import os
import pathlib
import re
import subprocess
import sys

import bus
from tap import Tap

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
UNITS = SOURCE / 'units'

# systemd-analyze's exposure level times ten: 0.5 is reached, and 0.1 is left for systemd's next idea.
EXPOSURE_MAX = 6


def run(*command):
    result = subprocess.run(command, text=True, timeout=bus.TIMEOUT_SEC, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return result.returncode, result.stdout


def problems(*command, silent=False):
    code, output = run(*command)
    return [output or f'exit code {code}'] if code != 0 or (silent and output) else []


def setting(path, key):
    return re.findall(rf'^{key}=(.*)$', pathlib.Path(path).read_text(encoding='utf-8'), re.MULTILINE)


def check_service(tap, made, program, where):
    """systemd looks for the program, which is not installed yet: 'program' is in its place."""
    text = made.read_text(encoding='utf-8')
    command = setting(made, 'ExecStart')[0].split()[0]
    unit = where / made.name
    unit.write_text(text.replace(f'ExecStart={command}', f'ExecStart={program}'), encoding='utf-8')

    tap.check(f'no placeholder is left in {made.name}', re.findall(r'@\w+@', text))
    tap.check(f'the program of {made.name} has an absolute path', [] if command.startswith('/') else [command])
    tap.check(f'systemd takes {made.name}',
              problems('systemd-analyze', 'verify', '--man=no', unit, silent=True))
    tap.check(f'the exposure of {made.name} is at most {EXPOSURE_MAX / 10}',
              problems('systemd-analyze', 'security', '--no-pager', '--offline=yes',
                       f'--threshold={EXPOSURE_MAX}', unit))


def main():
    tap = Tap()
    made, metrics = (pathlib.Path(argument) for argument in sys.argv[1:3])

    with bus.directory() as where:
        check_service(tap, made, os.environ['MYMEM_SERVICE'], pathlib.Path(where))
        check_service(tap, metrics, os.environ['MYMEM_COMMAND'], pathlib.Path(where))
        timer = pathlib.Path(where) / 'mymem-metrics.timer'
        timer.write_bytes((UNITS / timer.name).read_bytes())
        tap.check('systemd takes the timer',
                  problems('systemd-analyze', 'verify', '--man=no', timer, silent=True))

        examples = sorted((UNITS / 'examples').iterdir())
        tap.check('there are examples', [] if examples else ['none'])
        tap.check('systemd takes the examples',
                  problems('systemd-analyze', 'verify', '--man=no', *examples, silent=True))

        root = pathlib.Path(where) / 'root'
        (root / 'etc').mkdir(parents=True)
        found = problems('systemd-sysusers', f'--root={root}', UNITS / 'mymem.conf')
        passwd = root / 'etc' / 'passwd'
        users = []
        if passwd.exists():
            users = re.findall(r'^(\w+):', passwd.read_text(encoding='utf-8'), re.MULTILINE)
        tap.check('systemd-sysusers makes the user', found)

    policy = (SOURCE / 'dbus' / 'org.mymem1.conf').read_text(encoding='utf-8')
    activation = SOURCE / 'dbus' / 'org.mymem1.service'
    wanted = setting(made, 'User')
    tap.check('the metrics are written by the same user',
              [] if setting(metrics, 'User') == wanted else setting(metrics, 'User'))
    tap.check('the user is the same everywhere',
              [] if wanted == users == re.findall(r'<policy user="([^"]*)"', policy)
              else [f'unit {wanted}, sysusers {users}, policy {re.findall("user=.*", policy)}'])
    tap.check('unit and activation agree',
              [] if setting(made, 'BusName') == setting(activation, 'Name') and
              setting(activation, 'SystemdService') == [made.name]
              else [activation.read_text(encoding='utf-8')])

    tap.done()


if __name__ == '__main__':
    main()
