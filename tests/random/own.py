# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real control groups of one's own, with processes in them."""

import contextlib
import mmap
import os
import re
import select
import signal

import groups
import kernel

PAGE = mmap.PAGESIZE


class CannotMake(Exception):
    """No control group can be made here."""


class Own:
    """In a `with`: a slice at the top of the memory hierarchy, and of systemd's if that is another."""

    def __init__(self):
        found = groups.membership("", os.getpid())
        self.version = 1 if "memory" in found else 2
        path = found.get("memory", found.get("unified"))
        if path is None:
            raise CannotMake("There is no memory controller.")
        _, self.memory = groups.find_mount("", groups.mounts(""), self.version, path)
        self.tops = [self.memory]
        with open("/proc/self/mounts", encoding="utf-8") as lines:
            for line in lines:
                if re.search(r" cgroup \S*name=systemd", line):
                    self.tops.append(line.split()[1])
        self.made = []
        self.children = []
        self.slice = f"/mymem-random-{os.getpid()}.slice"
        signal.signal(signal.SIGTERM, lambda *_: os._exit(1) if self.end() else None)
        try:
            self.make(self.slice)
        except OSError as error:
            self.end()
            raise CannotMake(str(error)) from error

    def make(self, path):
        """Makes a group, whose parent exists."""
        for top in self.tops:
            if self.version == 2:
                self.write(os.path.dirname(top + path) + "/cgroup.subtree_control", "+memory")
            os.mkdir(top + path)
            self.made.append(top + path)

    @staticmethod
    def write(file, text):
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(text)

    def limit(self, path, size):
        """Sets the hard limit; None for none."""
        if self.version == 1:
            self.write(self.memory + path + "/memory.limit_in_bytes", str(-1 if size is None else size))
        else:
            self.write(self.memory + path + "/memory.max", "max" if size is None else str(size))

    def enter(self, path):
        """Moves the calling process."""
        for top in self.tops:
            self.write(top + path + "/cgroup.procs", "0")

    def reset_peak(self, path):
        """Forgets the highest usage, where the kernel can: version 1."""
        if self.version == 1:
            self.write(self.memory + path + "/memory.max_usage_in_bytes", "0")

    def peak(self, path):
        name = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        return kernel.read_size(self.memory + path + "/" + name, kernel.UNKNOWN)

    def start(self, work):
        """Does the work in a child, which is ended at last."""
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            try:
                work()
            finally:
                os._exit(0)
        self.children.append(pid)
        return pid

    def dismiss(self, pid):
        self.children.remove(pid)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def end(self):
        for pid in list(self.children):
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                self.dismiss(pid)
        for path in reversed(self.made):
            remove(path)
        self.made = []
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def remove(path):
    """Ends who is in it, and removes it as soon as they are gone."""
    for _ in range(1000):
        for pid in (kernel.read(path + "/cgroup.procs") or b"").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        try:
            os.rmdir(path)
            return
        except FileNotFoundError:
            return
        except OSError:
            select.select([], [], [], 0.01)
    os.rmdir(path)


def hold(size):
    """Memory whose pages are all there."""
    memory = mmap.mmap(-1, max(size, PAGE))
    for offset in range(0, size, PAGE):
        memory[offset] = 1
    return memory


def cache(path, size):
    """Writes a file and reads it; its pages are in the page cache then."""
    with open(path, "wb") as file:
        file.write(b"x" * size)
    with open(path, "rb") as file:
        return len(file.read())
