# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the kernel writes, read strictly: a number is digits or "max" and a newline, anything else an error.

Together with groups.py and figures.py this is mymem's answer worked out a second time, by the words of its
documentation. It shares nothing with the engine, so that a mistake has to be made twice to go unseen.
"""

import os
import re

UNLIMITED = 2**64 - 1  # in a limit; in a measure it is not known
UNKNOWN = UNLIMITED
NAME_MAX = 255

FAILURE, GONE, NO_CONTROLLER = 1, 3, 5  # exit codes of the command


class Failure(Exception):
    """There is no answer; the exit code says why."""

    def __init__(self, code, what):
        super().__init__(what)
        self.code = code


def less(value, by):
    return max(0, value - by)


def number(text, what):
    """Digits, and nothing else."""
    if not re.fullmatch(rb"[0-9]+", text):
        raise Failure(FAILURE, what)
    value = int(text)
    if value > UNLIMITED:
        raise Failure(FAILURE, what)
    return value


def read(path):
    """The bytes of a file; None if there is none."""
    try:
        with open(path, "rb") as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Failure(FAILURE, path) from error
    if b"\0" in text:
        raise Failure(FAILURE, path)
    return text


def exists(path):
    return os.path.lexists(path)


def read_size(path, otherwise=None):
    """A file that holds one number. One that every group has tells by its absence that the group is gone."""
    text = read(path)
    if text is None:
        if otherwise is None:
            raise Failure(GONE, path)
        return otherwise
    if text == b"max\n":
        return UNLIMITED
    if not text.endswith(b"\n"):
        raise Failure(FAILURE, path)
    return number(text[:-1], path)


def read_keyed(path, text):
    """KEY NUMBER in each line; a negative number is a mistake of the kernel's, and counts as 0."""
    values = {}
    if text and not text.endswith(b"\n"):
        raise Failure(FAILURE, path)
    for line in text.split(b"\n")[:-1]:
        match = re.fullmatch(rb"([^ ]+) (-?)([0-9]+)", line)
        if not match:
            raise Failure(FAILURE, path)
        value = number(match[3], path)
        values[match[1]] = 0 if match[2] else value
    return values


def read_kibibytes(text, key, otherwise, what):
    """The number of a line like "MemTotal:  1234 kB"."""
    match = re.search(rb"^" + re.escape(key) + rb"[ \t]*(.*(\n|\Z))", text, re.MULTILINE)
    if not match:
        if otherwise is None:
            raise Failure(FAILURE, what)
        return otherwise
    value = re.match(rb"([0-9]+) kB\n", match[1])
    if not value:
        raise Failure(FAILURE, what)
    return number(b"%d" % (int(value[1]) * 1024), what)


class Meminfo:
    def __init__(self, root):
        path = root + "/proc/meminfo"
        text = read(path)
        if text is None:
            raise Failure(FAILURE, path)
        self.total = read_kibibytes(text, b"MemTotal:", None, path)
        self.available = read_kibibytes(text, b"MemAvailable:", None, path)
        self.swap_total = read_kibibytes(text, b"SwapTotal:", UNKNOWN, path)
        self.swap_free = read_kibibytes(text, b"SwapFree:", UNKNOWN, path)
        self.used = less(self.total, self.available)


def read_pressure(path):
    """The two lines of memory.pressure, or nothing."""
    text = read(path)
    if text is None:
        return {}
    averages = b"".join(rb" avg%d=([0-9]+\.[0-9]{2})" % seconds for seconds in (10, 60, 300))
    line = rb"%s" + averages + rb" total=([0-9]+)\n"
    match = re.fullmatch(line % b"some" + line % b"full", text)
    if not match:
        raise Failure(FAILURE, path)
    result = {}
    for name, first in (("PressureSome", 1), ("PressureFull", 5)):
        averages = [float(match[first + i]) for i in range(3)]
        result[name] = dict(zip(("avg10", "avg60", "avg300"), averages))
        result[name]["total"] = number(match[first + 3], path)
    return result


def shown(raw):
    """Bytes as text: what is no text, or moves a terminal, is written as \\xNN."""
    result = ""
    while raw:
        for length in range(1, 5):
            try:
                character = raw[:length].decode("utf-8")
                break
            except UnicodeDecodeError:
                character = None
        point = ord(character) if character else 0
        if point < 0x20 or 0x7F <= point < 0xA0 or 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE:
            result += "\\x%02x" % raw[0]
            raw = raw[1:]
        else:
            result += character
            raw = raw[length:]
    return result
