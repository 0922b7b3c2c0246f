#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`mymem top` on a terminal, whose screen an emulator of one keeps: what a person sees after each key."""

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading

from terminal import COMMAND, PATIENCE_SEC, Terminal, pyte

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "contract"))
from tap import Tap  # noqa: E402

MEBIBYTE = 1 << 20


class Machine:
    """A captured machine of the v2 kind: groups with a limit, usage and inactive page cache."""

    def __init__(self):
        self.root = tempfile.mkdtemp()
        self.write("proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\n"
                   "SwapTotal: 0 kB\nSwapFree: 0 kB\n")
        self.write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
        self.write("sys/fs/cgroup/cgroup.procs", "")
        self.fill()

    def fill(self):
        self.group("app.slice", 1024, 600, 100)
        self.group("app.slice/web.service", 200, 190, 0)
        self.group("app.slice/worker.service", 400, 320, 0)
        self.group("app.slice/worker.service/payload", None, 1, 0)
        self.group("db.service", None, 700, 300)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def group(self, path, limit, usage, inactive):
        base = f"sys/fs/cgroup/{path}"
        self.write(f"{base}/memory.max", "max\n" if limit is None else f"{limit * MEBIBYTE}\n")
        self.write(f"{base}/memory.high", "max\n")
        self.write(f"{base}/memory.current", f"{usage * MEBIBYTE}\n")
        self.write(f"{base}/memory.stat", f"anon 0\ninactive_file {inactive * MEBIBYTE}\n")
        self.write(f"{base}/cgroup.procs", "")

    def remove(self):
        shutil.rmtree(self.root)


def order(lines):
    """The units on the screen, from above."""
    return [line.split()[0] for line in lines[3:-1] if line.strip()]


def ordered(terminal, *units):
    return terminal.saw(lambda lines: order(lines) == list(units), f"not in the order {units}")


def test_keys(tap, machine):
    terminal = Terminal("--sysroot", machine.root, "-d", "0.2")
    tap.check("the closest to their limit come first", ordered(
        terminal, "web.service", "worker.service", "app.slice", "db.service"))
    tap.check("the head counts units and memory", terminal.shows("4 units", "machine 8.0G", "available 4.0G"))
    tap.check("figures", terminal.shows("190.0M", "200.0M", "95.0%", "10.0M"))
    tap.check("the trend grows", terminal.saw(
        lambda lines: any("████" in line for line in lines), "no trend"))
    terminal.press("s")
    tap.check("s sorts by the next figure", terminal.shows("by name") + ordered(
        terminal, "app.slice", "db.service", "web.service", "worker.service"))
    terminal.press("r")
    tap.check("r reverses", terminal.shows("by name, reversed") + ordered(
        terminal, "worker.service", "web.service", "db.service", "app.slice"))
    terminal.press("r")
    terminal.press("t")
    tap.check("t makes a tree", terminal.shows("as a tree", "  web.service", "  worker.service") + ordered(
        terminal, "app.slice", "web.service", "worker.service", "db.service"))
    terminal.press("/")
    terminal.press("web")
    tap.check("/ filters, and keeps what lies above", terminal.shows("filter: web_") + ordered(
        terminal, "app.slice", "web.service"))
    terminal.press("\r")
    terminal.press("t")
    tap.check("Return ends the filter", ordered(terminal, "web.service"))
    terminal.press("\r")
    tap.check("Return explains", terminal.shows("web.service can take 10.0M more", "systemctl set-property",
                                                "Press any key"))
    terminal.press("x")
    tap.check("and any key leads back", terminal.shows("filter: web"))
    terminal.press("\x1b")
    tap.check("Escape drops the filter", ordered(
        terminal, "app.slice", "db.service", "web.service", "worker.service"))
    terminal.press("b")
    tap.check("b shows bytes", terminal.shows(str(190 * MEBIBYTE)))
    terminal.press("h")
    tap.check("h helps", terminal.shows("sort by the next", "reverse the order"))
    terminal.press(" ")
    tap.check("and any key leads back from there", terminal.shows("4 units"))
    tap.check("q quits", terminal.quit())


def test_selection(tap, machine):
    terminal = Terminal("--sysroot", machine.root, "-d", "0.2", "--sort=name")
    tap.check("it begins", ordered(terminal, "app.slice", "db.service", "web.service", "worker.service"))
    terminal.press("\x1b[B\x1b[B")
    terminal.press("r")
    tap.check("the selection stays with its unit", terminal.shows("reversed"))
    terminal.press("\r")
    tap.check("which is explained", terminal.shows("web.service can take"))
    terminal.press("x")
    terminal.press("G")
    terminal.press("\r")
    tap.check("G selects the last", terminal.shows("app.slice can take"))
    terminal.press("x")
    tap.check("q quits after that", terminal.quit())


def test_sizes(tap, machine):
    for rows, columns in (24, 80), (10, 40), (5, 20), (4, 20), (80, 300):
        terminal = Terminal("--sysroot", machine.root, rows=rows, columns=columns)
        tap.check(f"{columns} columns of {rows} lines", terminal.shows("web.service") +
                  [line for line in terminal.lines()[-1:] if "…" in line])
        terminal.resize(30, 120)
        tap.check(f"{columns} columns become 120", terminal.shows("TREND", "q quit", "worker.service"))
        terminal.resize(rows, columns)
        tap.check(f"120 columns become {columns}", terminal.shows("web.service") + terminal.quit())


def test_changes(tap, machine):
    terminal = Terminal("--sysroot", machine.root, "-d", "0.2", "--sort=name")
    tap.check("four at first", terminal.shows("4 units"))
    terminal.press("G")
    shutil.rmtree(os.path.join(machine.root, "sys/fs/cgroup/app.slice/worker.service"))
    tap.check("one goes, the selected one", terminal.shows("3 units") + ordered(
        terminal, "app.slice", "db.service", "web.service"))
    terminal.press("\r")
    tap.check("what is selected then is there", terminal.shows("web.service can take"))
    terminal.press("x")
    shutil.rmtree(os.path.join(machine.root, "sys/fs/cgroup/app.slice"))
    shutil.rmtree(os.path.join(machine.root, "sys/fs/cgroup/db.service"))
    tap.check("all go", terminal.shows("0 units"))
    terminal.press("\rjkGg")
    tap.check("there is nothing to explain", terminal.shows("0 units"))
    machine.fill()
    tap.check("they come again", terminal.shows("4 units", "190.0M"))
    shutil.move(os.path.join(machine.root, "proc/meminfo"), os.path.join(machine.root, "proc/away"))
    tap.check("what fails is said, and the last figures stay", terminal.shows("meminfo", "190.0M"))
    shutil.move(os.path.join(machine.root, "proc/away"), os.path.join(machine.root, "proc/meminfo"))
    tap.check("until it works again", terminal.saw(
        lambda lines: "meminfo" not in "\n".join(lines), "still no meminfo") + terminal.quit())


def press_always(terminal, is_over):
    while not is_over.is_set():
        if select.select([], [terminal.fd], [], 0.1)[1]:
            terminal.press("jk" * 100)


def test_busy(tap, machine):
    """Keys without a pause keep it neither from looking nor from ending."""
    machine.group("db.service", None, 700, 300)
    terminal = Terminal("--sysroot", machine.root, "-d", "0.2")
    problems = terminal.shows("700.0M")
    is_over = threading.Event()
    thread = threading.Thread(target=press_always, args=(terminal, is_over))
    thread.start()
    machine.group("db.service", None, 800, 300)
    problems += terminal.shows("800.0M")
    is_over.set()
    while thread.is_alive():
        terminal.pump(0.1)
    os.kill(terminal.pid, signal.SIGTERM)
    code = terminal.wait()
    tap.check("a storm of keys does not stop it", problems +
              ([] if code == -signal.SIGTERM else [f"ends with {code}"]))
    machine.fill()


def test_bytes(tap, machine):
    limit, usage = 65536 * MEBIBYTE, 20480 * MEBIBYTE
    machine.group("db.service", 65536, 20480, 0)
    machine.write("proc/meminfo", "MemTotal: 134217728 kB\nMemAvailable: 4194304 kB\n"
                  "SwapTotal: 0 kB\nSwapFree: 0 kB\n")
    for columns in 80, 100, 200:
        terminal = Terminal("--sysroot", machine.root, "--bytes", "db*", columns=columns)
        problems = terminal.shows("db.service")
        figures = {word for line in terminal.lines() if "db.service" in line for word in line.split()[1:]}
        if not {str(limit), str(usage)} & figures:
            problems.append("neither usage nor limit is there")
        problems += [f"{word} is cut" for word in figures if word.isdigit() and int(word) not in
                     (limit, usage, 4096 * MEBIBYTE)] + [line for line in terminal.lines() if "…" in line]
        tap.check(f"figures in bytes are whole, {columns} columns", problems + terminal.quit())


def test_ascii(tap, machine):
    terminal = Terminal("--sysroot", machine.root, "-d", "0.2", locale="C")
    tap.check("a trend in ASCII", terminal.shows("###"))
    tap.check("nothing else", [line for line in terminal.lines() if not line.isascii()] + terminal.quit())


def test_signals(tap, machine):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1,
                   signal.SIGUSR2, signal.SIGALRM, signal.SIGPIPE, signal.SIGXCPU, signal.SIGVTALRM):
        terminal = Terminal("--sysroot", machine.root)
        problems = terminal.shows("web.service")
        before = termios.tcgetattr(terminal.fd)[3]
        os.kill(terminal.pid, number)
        while terminal.pump(0.2):
            if termios.tcgetattr(terminal.fd)[3] & termios.ECHO:
                break
        after = termios.tcgetattr(terminal.fd)[3] if number != signal.SIGHUP else termios.ECHO | termios.ICANON
        code = terminal.wait()
        if before & termios.ECHO or not after & termios.ECHO or not after & termios.ICANON:
            problems.append("the terminal is not as it was")
        if code != -number:
            problems.append(f"ends with {code}")
        tap.check(f"{number.name} ends it, and the terminal is as it was", problems)


def test_narrow(tap, machine):
    terminal = Terminal("--sysroot", machine.root, rows=20, columns=40)
    tap.check("the keys that are named are so in full",
              terminal.saw(lambda lines: lines[-1] == "h help  q quit  Enter explain  s sort", "no keys"))
    terminal.press("h")
    problems = terminal.shows("sort by the next, previous", "9/10 of it")
    terminal.press(" ")
    tap.check("help fits 40 columns", problems + terminal.quit())


def test_dumb(tap, machine):
    for name in "dumb", "":
        terminal = Terminal("--sysroot", machine.root, kind=name)
        code = terminal.wait()
        tap.check(f"a terminal {name!r} that cannot do it", terminal.shows("there is --batch") +
                  ([] if code == 1 else [f"ends with {code}"]))


def test_end(tap, machine):
    terminal = Terminal("--sysroot", machine.root, "-n", "3", "-d", "0.1")
    code = terminal.wait()
    tap.check("-n ends it", [] if code == 0 else [f"ends with {code}"])


def start(machine, terminal, stdin):
    """The command with stdout on a terminal that does not send SIGHUP, as it controls nothing."""
    return subprocess.Popen([COMMAND, "top", "--sysroot", machine.root], stdin=stdin, stdout=terminal,
                            start_new_session=True, env=dict(os.environ, TERM="linux", LC_ALL="C.UTF-8"))


def ended(process):
    try:
        return [] if process.wait(PATIENCE_SEC) == 0 else [f"ends with {process.returncode}"]
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return ["it does not end"]


def test_no_terminal(tap, machine):
    master, slave = pty.openpty()
    process = start(machine, slave, subprocess.DEVNULL)
    tap.check("without a keyboard there is one table", ended(process))
    process = start(machine, slave, slave)
    os.close(slave)
    seen = b""
    while b"q quit" not in seen and select.select([master], [], [], PATIENCE_SEC)[0]:
        seen += os.read(master, 65536)
    os.close(master)
    tap.check("a terminal that is gone ends it", ended(process) + ([] if b"q quit" in seen else [seen]))


def run(*arguments):
    return subprocess.run([COMMAND, "top", *arguments], capture_output=True, text=True, check=False,
                          timeout=PATIENCE_SEC, env=dict(os.environ, LC_ALL="C.UTF-8"))


def test_batch(tap, machine):
    result = run("--sysroot", machine.root)
    lines = result.stdout.splitlines()
    tap.check("without a terminal there is one table", [] if result.returncode == 0 and len(lines) == 7 and
              lines[1].startswith("web.service") else [result])
    result = run("--sysroot", machine.root, "-b", "-n", "3", "-d", "0.1", "--no-legend", "--sort=name", "w*")
    tap.check("-b -n 3 makes three", [] if result.returncode == 0 and [line[:10] for line in
              result.stdout.splitlines() if line] == ["web.servic", "worker.ser"] * 3 else [result])
    result = run("--sysroot", machine.root, "--tree", "--no-legend", "--type=service,slice")
    tap.check("a tree", [] if "\n  web.service" in result.stdout else [result])


def test_usage(tap, machine):
    for arguments, message in (
            (["--sort=size"], "--sort= takes"), (["-d", "x"], "--delay= takes"), (["-n", "0"], "--iterations="),
            (["--type=web.service"], "--type= takes"), (["--no-such"], "--no-such"),
            (["-H", "x", "--direct"], "another")):
        result = run(*arguments)
        tap.check(" ".join(arguments), [] if result.returncode == 2 and message in result.stderr else [result])
    result = run("--help")
    lines = result.stdout.splitlines()
    tap.check("--help fits a terminal", [] if result.returncode == 0 and len(lines) <= 24 and
              max(map(len, lines)) <= 80 else [result])
    result = run("--sysroot", os.path.join(machine.root, "nowhere"))
    tap.check("a machine that is not there", [] if result.returncode == 1 and "nowhere" in result.stderr else
              [result])


def main():
    tap = Tap()
    machine = Machine()
    try:
        for test in (test_keys, test_selection, test_sizes, test_changes, test_ascii, test_signals, test_narrow, test_dumb, test_end,
                     test_no_terminal, test_batch, test_usage, test_busy, test_bytes):
            test(tap, machine)
    finally:
        machine.remove()
    tap.done()


if not pyte:
    print("1..0 # SKIP python3-pyte is not installed")
    sys.exit(0)
main()
