# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where a process is: from /proc/PID/cgroup and mountinfo to its chain of control groups, and its unit."""

import os
import re

import kernel
from kernel import FAILURE, GONE, NO_CONTROLLER, Failure

DEPTH_MAX = 128
TYPES = b"service scope slice socket mount swap target timer path device automount".split()
USAGE = {1: "memory.usage_in_bytes", 2: "memory.current"}


def join(directory, component):
    return directory + "/" + os.fsdecode(component)


def parse_membership(text, what):
    """The paths on the lines that matter: of the memory controller, of systemd, and of version 2."""
    found = {}
    if text and not text.endswith(b"\n"):
        raise Failure(FAILURE, what)
    for line in text.split(b"\n")[:-1]:
        match = re.fullmatch(rb"([0-9]+):([^:]*):(/.*)", line, re.DOTALL)
        if not match:
            raise Failure(FAILURE, what)
        controllers = match[2].split(b",")
        if kernel.number(match[1], what) == 0 and not match[2]:
            names = ["unified"]
        else:
            names = [n for n, c in (("systemd", b"name=systemd"), ("memory", b"memory")) if c in controllers]
        for name in names:
            if name in found:
                raise Failure(FAILURE, what)
            found[name] = match[3]
    return found


def is_dead(directory):
    """From the state and the flags of a thread; what was captured without them was alive."""
    text = kernel.read(directory + "/stat")
    if text is None:
        return False
    fields = text[text.rindex(b")") + 2 :].split()
    return fields[0] in (b"Z", b"X", b"x") or bool(int(fields[6]) & 4)


def membership(root, pid):
    """Of the first thread that lives."""
    process = root + "/proc/" + str(pid)
    directories = [process]
    if os.path.isdir(process + "/task"):
        directories += sorted(entry.path for entry in os.scandir(process + "/task"))
    for directory in directories:
        text = kernel.read(directory + "/cgroup")
        if text is None:
            continue
        found = parse_membership(text, directory)
        if not is_dead(directory):
            return found
    raise Failure(GONE, process)


def is_below(path, prefix):
    """What follows the prefix, by whole components, or None."""
    if prefix == b"/":
        return path
    if path == prefix or path.startswith(prefix + b"/"):
        return path[len(prefix) :]
    return None


def unescape(text, what):
    def byte(match):
        if not match[1] or match[1] == b"000":
            raise Failure(FAILURE, what)
        return bytes([int(match[1], 8)])

    return re.sub(rb"\\([0-3][0-7]{2})?", byte, text)


def mounts(root):
    """What is mounted: (kind, root, point), without what something else is mounted over."""
    what = root + "/proc/self/mountinfo"
    text = kernel.read(what)
    if text is None or (text and not text.endswith(b"\n")):
        raise Failure(FAILURE, what)
    found = []
    for line in text.split(b"\n")[:-1]:
        fields = line.split(b" ")
        try:
            end = fields.index(b"-", 6)
            kind, options = fields[end + 1], b" ".join(fields[end + 3 :])
            if len(fields) < end + 4:
                raise Failure(FAILURE, what)
        except (IndexError, ValueError) as error:
            raise Failure(FAILURE, what) from error
        top, point = unescape(fields[3], what), unescape(fields[4], what)
        found = [mount for mount in found if mount[2] != point]
        options = options.split(b",")
        if kind == b"cgroup2":
            found.append((2, top, point))
        elif kind == b"cgroup" and b"memory" in options:
            found.append((1, top, point))
    return found


def find_mount(root, mounted, version, path):
    """The one through which the path is seen: where it is always mounted, if it is, and from furthest up."""
    seen = [m for m in mounted if m[0] == version and is_below(path, m[1]) is not None]
    seen.sort(key=lambda m: (is_below(m[2], b"/sys/fs/cgroup") is None, len(m[1])))
    for _, top, point in seen:
        directory = root + os.fsdecode(point)
        if os.path.isdir(directory):
            return top, directory
    raise Failure(NO_CONTROLLER, "no mount")


class Group:
    def __init__(self, path, directory, version):
        self.path = path
        self.directory = directory
        self.version = version
        self.is_machine = False

    def file(self, name):
        return self.directory + "/" + name

    def has(self, name):
        return kernel.exists(self.file(name))

    def has_memory(self):
        return self.is_machine or self.has(USAGE[self.version])

    def read_max(self):
        """The hard limit."""
        if self.is_machine:
            return kernel.UNLIMITED
        if self.version == 2:
            return kernel.read_size(self.file("memory.max"))
        value = kernel.read_size(self.file("memory.limit_in_bytes"))
        return kernel.UNLIMITED if value >= 2**62 else value

    def find_out(self, is_root):
        """Whether it is the machine: the true root has files of its own, or lacks what all others have."""
        if not is_root:
            return
        if self.version == 2:
            of_groups = ("memory.current", "cgroup.events", "cgroup.type")
            self.is_machine = not any(self.has(name) for name in of_groups)
        elif self.has("release_agent") or self.has("cgroup.sane_behavior"):
            self.is_machine = True
        elif not self.has("cgroup.procs"):
            limited = self.has("memory.limit_in_bytes") and self.read_max() != kernel.UNLIMITED
            self.is_machine = not limited


def open_chain(root, mounted, version, path):
    """The groups from the process's own up to the top of what is mounted, innermost first."""
    top, directory = find_mount(root, mounted, version, path)
    components = [c for c in is_below(path, top).split(b"/") if c]
    if len(components) > DEPTH_MAX:
        raise Failure(FAILURE, "too deep")
    chain = [Group(top, directory, version)]
    chain[0].find_out(top == b"/")
    path = top.rstrip(b"/")
    for component in components:
        if component in (b".", b".."):
            raise Failure(NO_CONTROLLER, "outside of what is seen")
        directory = join(directory, component)
        if len(component) > kernel.NAME_MAX or not os.path.isdir(directory) or os.path.islink(directory):
            raise Failure(GONE, directory)
        path += b"/" + component
        chain.insert(0, Group(path, directory, version))

    # A leaf without memory files: the nearest ancestor with them, but never the root.
    accounted = chain
    while accounted and not accounted[0].has_memory():
        accounted = accounted[1:]
    if not accounted or (accounted[0].is_machine and len(chain) > 1 and len(accounted) < len(chain)):
        raise Failure(NO_CONTROLLER, "not accounted")
    return accounted


def is_unit(name):
    """Whether systemd would give that name to a unit."""
    match = re.fullmatch(rb"([a-zA-Z0-9:_.\\@-]+)\.([a-z]+)", name)
    if not match or len(name) > 255 or match[2] not in TYPES:
        return False
    before, at, after = match[1].partition(b"@")
    return not at or (before != b"" and after != b"")


class Unit:
    """The names that a path has for systemd; 'path' leads to the unit."""

    def __init__(self, path):
        self.id = self.system_unit = self.slice = b""
        self.path = None
        above = b""
        position = 0
        for component in path.split(b"/"):
            position += len(component) + 1
            name = component[1:] if component.startswith(b"_") else component
            if not is_unit(name):
                continue
            self.id, self.slice, self.path = name, above or b"-.slice", path[: position - 1]
            if name.endswith(b".slice"):
                above = name
            elif not self.system_unit:
                self.system_unit = name
