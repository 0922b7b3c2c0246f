#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads JSON from stdin and writes a line "PATH=VALUE" for each scalar: a string in quotes, anything else as
JSON has it. A member that is there twice is an error, as is what RFC 8259 does not know. An empty container
is its own value."""

import json
import sys


def refuse(name):
    raise ValueError(f"{name} is no JSON")


def unite(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"a member is there twice: {names}")
    return dict(pairs)


def flatten(value, path):
    if isinstance(value, (dict, list)) and value:
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            flatten(member, f"{path}/{name}")
    else:
        print(f"{path}={json.dumps(value, ensure_ascii=False)}")


flatten(json.load(sys.stdin, parse_constant=refuse, object_pairs_hook=unite), "")
