#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The unit files: systemd takes them, they agree with the bus, and the sandbox stays as tight as it was.

The argument is mymemd.service as it was made from its template."""

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


def main():
    tap = Tap()
    made = pathlib.Path(sys.argv[1])

    with bus.directory() as where:
        # The program is not installed yet, and systemd looks for it.
        unit = pathlib.Path(where) / 'mymemd.service'
        text = made.read_text(encoding='utf-8')
        program = setting(made, 'ExecStart')[0]
        unit.write_text(text.replace(f'ExecStart={program}', f'ExecStart={os.environ["MYMEM_SERVICE"]}'),
                        encoding='utf-8')

        tap.check('no placeholder is left in mymemd.service', re.findall(r'@\w+@', text))
        tap.check('the program has an absolute path', [] if program.startswith('/') else [program])
        tap.check('systemd takes mymemd.service',
                  problems('systemd-analyze', 'verify', '--man=no', unit, silent=True))
        tap.check(f'its exposure is at most {EXPOSURE_MAX / 10}',
                  problems('systemd-analyze', 'security', '--no-pager', '--offline=yes',
                           f'--threshold={EXPOSURE_MAX}', unit))

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
