#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How much memory do I have? With nothing but Python and busctl, asked of mymemd."""

import json
import subprocess
import sys

UNKNOWN = 2**64 - 1

SOCKET = "/run/mymem/bus"


def get_memory(socket=SOCKET):
    """All properties of the caller's unit, as of one moment, by name; see org.mymem1(5).

    busctl is a child of this program, so it is in the same unit. The socket needs no message bus; without
    --address= it is the system bus that is asked.
    """
    call = ["call", "org.mymem1", "/org/mymem1/self", "org.freedesktop.DBus.Properties", "GetAll", "s", "org.mymem1.Unit"]
    for place in ([f"--address=unix:path={socket}"], ["--system"]):
        reply = subprocess.run(
            ["busctl", "--json=short", "--timeout=1", *place, *call], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        if reply.returncode == 0:
            return {name: value["data"] for name, value in json.loads(reply.stdout)["data"][0].items()}
    raise OSError("mymemd does not answer")


def main():
    memory = get_memory(*sys.argv[1:2])
    print("unit:", memory["Id"] or "none")
    print("limit:", memory["Limit"] >> 20, "MiB, set by", memory["LimitBy"])
    if memory["Available"] != UNKNOWN:
        print("available:", memory["Available"] >> 20, "MiB")


if __name__ == "__main__":
    main()
