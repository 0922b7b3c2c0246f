#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`mymem top` while the service is killed and comes back."""

import os
import sys

from terminal import Terminal, pyte

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "contract"))
import bus  # noqa: E402
from tap import Tap  # noqa: E402

SAYS = "the service does not answer"


def figures(lines):
    """That there are units, with figures; whoever starts this is in one, or systemd itself is."""
    return "UNIT" in lines[2] and any(line.strip() for line in lines[3:-1])


def answers(terminal):
    return terminal.saw(lambda lines: figures(lines) and SAYS not in "\n".join(lines),
                        "units from the service were wanted")


def reads(terminal):
    return terminal.saw(lambda lines: figures(lines) and SAYS in "\n".join(lines),
                        "units that were read here were wanted")


def main():
    tap = Tap()
    with bus.directory() as where, bus.bus(where, bus.OPEN_POLICY) as address:
        os.mkdir(os.path.join(where, "first"))
        os.mkdir(os.path.join(where, "second"))
        with bus.service(os.path.join(where, "first"), address) as service:
            terminal = Terminal("-v", "-d", "0.2", bus=address)
            tap.check("it asks the service", answers(terminal))
            service.kill()
            tap.check("when that is killed it says so, and reads itself", reads(terminal))
            tap.check("-v prints nothing into the picture", terminal.lacks("mymem:"))
        with bus.service(os.path.join(where, "second"), address):
            tap.check("when it is back it is asked again", answers(terminal))
            tap.check("and it ends", terminal.quit())
        terminal = Terminal("--direct", "-d", "0.2", bus=address)
        tap.check("who does not want it asked is told nothing", answers(terminal) + terminal.quit())
    tap.done()


if not pyte:
    print("1..0 # SKIP python3-pyte is not installed")
    sys.exit(0)
main()
