#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""docs/SECURITY.md and the tree: each bound on the page is the code's, and each test on it is there.

The argument is where it was built."""

import json
import pathlib
import re
import sys

from tap import Tap

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = SOURCE / 'docs' / 'SECURITY.md'

BOUND = re.compile(r'^\| ([0-9.]+)(?: (\w+))? \|.*\| `(\w+)` in (\S+) \|$', re.MULTILINE)
UNITS = {None: 1, 'KiB': 1 << 10, 'MiB': 1 << 20, 'ms': 1000, 's': 1000000}
SUITES = 'unit', 'bus', 'libmymem', 'contract', 'command', 'live', 'fuzz', 'flood', 'faults', 'random'


def value_in_unit(text, name):
    found = re.findall(rf'^{name}=(\d+)(M?)$', text, re.MULTILINE)
    return int(found[0][0]) * (1 << 20 if found[0][1] else 1) if len(found) == 1 else None


def value_in_code(text, name):
    """A definition that is a number, or a product of some."""
    found = re.findall(rf'^#define {name} +(.*?)(?: */\*.*)?$', text, re.MULTILINE)
    if len(found) != 1:
        return None
    product = 1
    for number in re.findall(r'\d+', re.sub(r'UINT64_C|size_t', '', found[0])):
        product *= int(number)
    return product


def bounds(page):
    for number, unit, name, path in BOUND.findall(page):
        text = (SOURCE / path).read_text(encoding='utf-8')
        got = (value_in_unit if path.endswith('.in') else value_in_code)(text, name)
        if got != float(number) * UNITS[unit or None]:
            yield f'{name} is {got} in {path}, and {number} {unit} on the page'


def tests(page, build):
    path = pathlib.Path(build) / 'meson-info' / 'intro-tests.json'
    listed = json.loads(path.read_text(encoding='utf-8'))
    there = [f'{test["suite"][0].split(":")[-1]}/{test["name"]}' for test in listed]
    for name in re.findall(rf'`((?:{"|".join(SUITES)})/[\w*-]+)`', page):
        # "bus/open" stands for "bus/open (dbus-daemon)"; "unit/*" for all of them.
        if not any(re.match(re.escape(name).replace(r'\*', '.*') + r'( \(.*\))?$', test) for test in there):
            yield f'{name} is no test'


def cases(page):
    text = ''.join(path.read_text(encoding='utf-8') for path in (SOURCE / 'tests/system/cases').iterdir())
    for name in re.findall(r'`(\w+)`', page.split('In the beds: ')[1].split('.')[0]):
        if f'\ncase_{name}() ' not in text:
            yield f'{name} is no case'


def main():
    page = PAGE.read_text(encoding='utf-8')
    tap = Tap()
    tap.check('there are bounds', [] if len(BOUND.findall(page)) > 15 else [BOUND.findall(page)])
    tap.check('they are the code\'s', list(bounds(page)))
    tap.check('the tests are there', list(tests(page, sys.argv[1])))
    tap.check('the cases are there', list(cases(page)))
    tap.check('it is one page', [] if len(page.splitlines()) <= 120 else [f'{len(page.splitlines())} lines'])
    tap.done()


if __name__ == '__main__':
    main()
