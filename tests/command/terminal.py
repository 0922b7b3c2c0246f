# SPDX-License-Identifier: LGPL-2.1-or-later
"""A terminal with `mymem top` on it, whose screen an emulator of one keeps."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

try:
    import pyte
except ImportError:
    pyte = None

PATIENCE_SEC = 30
COMMAND = os.environ["MYMEM_COMMAND"]


class Terminal:
    """`mymem top` on a terminal of its own. "linux" is a terminal that the emulator knows all of; the bus is
    one that nobody listens on, unless there is another."""

    def __init__(self, *arguments, rows=24, columns=100, locale="C.UTF-8", bus="unix:path=/nowhere",
                 kind="linux"):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            environment = dict(os.environ, TERM=kind, LC_ALL=locale, MYMEM_SOCKET="", NO_COLOR="")
            environment["DBUS_SYSTEM_BUS_ADDRESS"] = bus
            os.execve(COMMAND, [COMMAND, "top", *arguments], environment)
        self.modes = None

    def pump(self, seconds):
        """Takes what the command writes, for as long as that; False if it has ended."""
        readable, _, _ = select.select([self.fd], [], [], seconds)
        if not readable:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.stream.feed(data)
        return bool(data)

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines())

    def saw(self, condition, what):
        """Waits until the screen is so; what is wrong, or nothing."""
        deadline = time.monotonic() + PATIENCE_SEC
        while time.monotonic() < deadline:
            if condition(self.lines()):
                return []
            if not self.pump(0.2):
                break
        return [] if condition(self.lines()) else [f"{what}, but:", self.text()]

    def shows(self, *parts):
        return self.saw(lambda lines: all(part in "\n".join(lines) for part in parts), f"no {parts}")

    def lacks(self, part):
        return [f"{part!r} is there:", self.text()] if part in self.text() else []

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait(self):
        """The exit code, or the negative signal; what it has used of a processor is in self.used."""
        deadline = time.monotonic() + PATIENCE_SEC
        while self.pump(0.1) and time.monotonic() < deadline:
            pass
        while time.monotonic() < deadline:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.used = usage.ru_utime + usage.ru_stime
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return "nothing"

    def quit(self):
        self.press("q")
        code = self.wait()
        return [] if code == 0 else [f"ends with {code}"]
