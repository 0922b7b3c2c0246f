# SPDX-License-Identifier: LGPL-2.1-or-later
"""Captured machines at random: control groups of both versions with a process in them, and now and then
something that is broken, missing or strange."""

import os
import shutil

GIBIBYTE = 1 << 30
V1_UNLIMITED = 9223372036854771712
NAMES = [b"system.slice", b"web.service", b"part.slice", b"a-b.slice", b"user.slice", b"user-1000.slice"]
NAMES += [b"user@1000.service", b"app.slice", b"run-r1f.scope", b"db@1.service", b"_web.service", b"payload"]
NAMES += [b"worker", b"a b", b"x:y", b"\\x2d.service", b"@x.service", b"x@.service", b".slice"]
NAMES += [b"init.scope"]
NAMES += [b"web.service (deleted)", b"\xff\xfe", b"caf\xc3\xa9.service", b"\x1b[2J", b"tab\there", b"a,b"]
NAMES += [b"..."]
NAMES += [b"n" * 255, b"docker-0123.scope", b"capsule@x.service", b"dev-sda.swap", b"-.mount"]
NAMES += [b"x.service.d"]
NAMES += [b"\xef\xbf\xbf", b"\xed\xa0\x80", b"\xc2\x85", b"0::", b'"quoted"', b"_", b"__x.service"]
V2_STATISTICS = "anon file kernel kernel_stack slab_reclaimable slab shmem zswap file_mapped".split()
V2_STATISTICS += "active_file inactive_file inactive_anon active_anon unevictable workingset_refault".split()
V1_STATISTICS = "cache rss rss_huge shmem mapped_file swap inactive_anon active_anon inactive_file".split()
V1_STATISTICS += ["active_file", "unevictable"]
JUNK = [b"", b"-1\n", b"1", b"x\n", b" 1\n", b"1 \n", b"0x10\n", b"1\n1\n", b"1\0\n"]
JUNK += [b"18446744073709551616\n"]
LINES_JUNK = [b"x", b"x\n", b" 1\n", b"file\n", b"file 1", b"file  1\n", b"file x\n", b"file 1 \n", b"\n"]
LINES_JUNK += [b"a 1\n\n"]


class Tree:
    """One machine below a directory, in which process 42 is what is asked about."""

    PID = 42

    def __init__(self, root, random):
        self.root = root
        self.random = random
        self.made = set()
        self.total = random.choice([0, 1, 1 << 20, 8 * GIBIBYTE, 64 * GIBIBYTE, 1 << 60]) >> 10
        self.version = random.choice([1, 2, 2])
        # What else is there: systemd's own hierarchy of version 1, or version 2 beside version 1.
        self.has_systemd = random.random() < (0.7 if self.version == 1 else 0.15)
        self.has_unified = self.version == 2 or random.random() < 0.5
        self.make()

    def chance(self, probability):
        return self.random.random() < probability

    def write(self, path, content):
        path = os.path.join(self.root, os.fsdecode(path))
        directory = os.path.dirname(path)
        if directory not in self.made:
            os.makedirs(directory, exist_ok=True)
            self.made.add(directory)
        with open(path, "wb", buffering=0) as file:
            file.write(content.encode() if isinstance(content, str) else content)

    def size(self):
        """What a group may hold: nothing, a few equal sizes, anything, or more than any machine."""
        kind = self.random.random()
        if kind < 0.1:
            return 0
        if kind < 0.6:
            return self.random.randrange(1, 6) << 28
        if kind < 0.95:
            return self.random.randrange(4 * GIBIBYTE)
        return self.random.choice([1, 2**62 - 1, 2**62, 2**63, 2**64 - 2])

    def limit(self, share=0.5):
        return "max\n" if self.chance(1 - share) else "%d\n" % self.limit_size()

    def limit_size(self):
        return self.total << 10 if self.chance(0.05) else self.size()

    def pressure(self):
        def line(kind):
            averages = (f"avg{n}={self.random.randrange(10000) / 100:.2f}" for n in (10, 60, 300))
            return f"{kind} {' '.join(averages)} total={self.random.randrange(1 << 40)}\n"

        return line("some") + line("full")

    def keyed(self, keys, share):
        """Lines in any order, not all of them, and now and then a mistake of the kernel's."""
        keys = [key for key in keys if self.chance(share)]
        self.random.shuffle(keys)
        return "".join(f"{key} {'-' if self.chance(0.01) else ''}{self.size()}\n" for key in keys)

    def optional(self, directory, name, content, share=0.7):
        if self.chance(share):
            self.write(directory + b"/" + name, content)

    def group_v2(self, directory):
        write = self.write
        write(directory + b"/memory.current", "%d\n" % self.size())
        write(directory + b"/memory.max", self.limit())
        write(directory + b"/memory.stat", self.keyed(V2_STATISTICS, 0.9))
        self.optional(directory, b"memory.high", self.limit(0.3), 0.95)
        for name in (b"memory.min", b"memory.low"):
            self.optional(directory, name, self.limit(0.8))
        for name in (b"memory.peak", b"memory.swap.current", b"memory.swap.peak"):
            self.optional(directory, name, "%d\n" % self.size())
        self.optional(directory, b"memory.swap.max", self.limit())
        self.optional(directory, b"memory.zswap.current", "%d\n" % self.size(), 0.3)
        self.optional(directory, b"memory.oom.group", self.random.choice(["0\n", "1\n"]))
        self.optional(directory, b"memory.pressure", self.pressure(), 0.5)
        events = self.keyed("low high max oom oom_kill oom_group_kill".split(), 0.9)
        self.optional(directory, b"memory.events", events)
        self.optional(directory, b"cgroup.procs", "")

    def group_v1(self, directory):
        limit = V1_UNLIMITED if self.chance(0.5) else self.limit_size()
        memsw = self.random.choice([V1_UNLIMITED, limit, limit + self.size(), self.size()])
        keys = V1_STATISTICS + ["total_" + key for key in V1_STATISTICS if self.chance(0.9)]
        lines = self.keyed(keys, 0.9)
        if self.chance(0.8):
            above = self.random.choice([V1_UNLIMITED, limit, self.size()])
            lines += "hierarchical_memory_limit %d\n" % above
        self.write(directory + b"/memory.usage_in_bytes", "%d\n" % self.size())
        self.write(directory + b"/memory.limit_in_bytes", "%d\n" % limit)
        self.write(directory + b"/memory.stat", lines)
        self.optional(directory, b"memory.soft_limit_in_bytes", "%d\n" % self.size())
        self.optional(directory, b"memory.memsw.limit_in_bytes", "%d\n" % min(memsw, 2**64 - 2))
        self.optional(directory, b"memory.max_usage_in_bytes", "%d\n" % self.size())
        self.optional(directory, b"memory.kmem.usage_in_bytes", "%d\n" % self.size())
        self.optional(directory, b"memory.failcnt", "%d\n" % self.size())
        self.optional(directory, b"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n")
        self.optional(directory, b"cgroup.procs", "", 0.9)

    def make_group(self, directory):
        (self.group_v1 if self.version == 1 else self.group_v2)(directory)

    def path(self):
        depth = self.random.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 9])
        if self.chance(0.002):
            return [self.random.choice(NAMES[:10]) for _ in range(self.random.randrange(120, 140))]
        return [self.random.choice(NAMES) for _ in range(depth)]

    def make(self):
        components = self.path()
        # What is mounted may begin further down: a container.
        below = 0 if self.chance(0.75) else self.random.randrange(len(components) + 1)
        point = self.mount(components[:below], components)
        self.chain = [point]
        for component in components[below:]:
            self.chain.append(self.chain[-1] + b"/" + component)
        # The inner end may have no memory files; neither has the root, where it is one.
        accounted = len(self.chain) if self.chance(0.85) else self.random.randrange(len(self.chain) + 1)
        for number, directory in enumerate(self.chain):
            if number < accounted and not (number == 0 and below == 0 and self.chance(0.9)):
                self.make_group(directory)
            elif number == 0 and below == 0:
                self.root_group(directory)
            else:
                self.write(directory + b"/cgroup.procs", "")
            if self.chance(0.2):
                self.make_group(directory + b"/beside.service")
        self.write("proc/meminfo", self.meminfo())
        self.process(b"/" + b"/".join(components))
        if self.chance(0.15):
            self.damage()

    def root_group(self, directory):
        """The true root has few files of its own."""
        self.optional(directory, b"cgroup.procs", "", 0.8)
        if self.version == 1:
            self.group_v1(directory)
            self.optional(directory, b"release_agent", "\n", 0.9)
            return
        self.optional(directory, b"memory.stat", self.keyed(V2_STATISTICS, 0.9))
        self.optional(directory, b"memory.pressure", self.pressure(), 0.3)

    def mount(self, top, whole):
        """Writes mountinfo, in which other things are mounted too. Returns where the groups are."""
        def escaped(path):
            return b"".join(b"\\%03o" % c if c in b" \t\n\\" else bytes([c]) for c in path)

        def line(root, point, kind, options):
            count = self.random.choice([0, 1, 1, 2, 3])
            optional = b" ".join(self.random.sample([b"shared:5", b"master:1", b"unbindable"], count))
            fields = [b"31", b"24", b"0:27", escaped(root), escaped(point), b"rw,nosuid"]
            source = self.random.choice([b"cgroup", b"none"])
            fields += [optional] * bool(count) + [b"-", kind, source, options]
            return b" ".join(fields) + b"\n"

        root = b"/" + b"/".join(top)
        point = b"/sys/fs/cgroup" + (b"/memory" if self.version == 1 else b"")
        if self.version == 2 and (self.has_systemd or self.chance(0.1)):
            point = b"/sys/fs/cgroup/unified"
        if self.chance(0.1):
            point = self.random.choice([b"/mnt/a b", b"/mnt/back\\slash", b"/cgroup", b"/sys/fs/cgroups"])
        options = self.random.choice([b"rw,memory", b"rw,cpu,memory", b"memory"])
        own = line(root, point, *((b"cgroup", options) if self.version == 1 else (b"cgroup2", b"rw")))
        lines = [line(b"/", b"/", b"ext4", b"rw"), line(b"/", b"/proc", b"proc", b"rw"), own]
        if self.has_systemd:
            lines.append(line(b"/", b"/sys/fs/cgroup/systemd", b"cgroup", b"rw,xattr,name=systemd"))
        if self.version == 1 and self.has_unified:
            lines.append(line(b"/", b"/sys/fs/cgroup/unified", b"cgroup2", b"rw"))
        if self.chance(0.3):
            lines.append(line(b"/", b"/sys/fs/cgroup/cpu", b"cgroup", b"rw,cpu,xmemory,memoryx"))
        # The same hierarchy again, from further down.
        if self.chance(0.1):
            below = b"/" + b"/".join(map(escaped, whole)) + b" /sys/fs/cgroup/again"
            lines.append(own.replace(escaped(root) + b" " + escaped(point), below))
            self.write(b"sys/fs/cgroup/again/cgroup.procs", "")
        self.random.shuffle(lines)
        # Mounted before on the same point, and covered; after it, and elsewhere.
        if self.chance(0.1):
            lines.insert(0, line(b"/", point, b"cgroup2", b"rw"))
        if self.chance(0.05):
            lines.append(line(b"/other", b"/mnt/other", b"cgroup2", b"rw"))
        if self.chance(0.03):
            lines.append(own.replace(escaped(point), b"/nowhere"))
        if self.chance(0.02):
            lines.append(line(b"/", point, b"tmpfs", b"rw"))
        self.write("proc/self/mountinfo", b"".join(lines))
        return point[1:]

    def meminfo(self):
        available = self.random.randrange(self.total + 1)
        available = self.random.choice([0, self.total // 2, self.total, available])
        lines = [f"MemTotal:       {self.total} kB\n", f"MemFree: {available // 2} kB\n"]
        lines += [f"MemAvailable:   {available} kB\n", "Buffers:  12 kB\n", "SwapCached:  1 kB\n"]
        if self.chance(0.8):
            lines.append(f"SwapTotal:  {self.size() >> 10} kB\n")
        if self.chance(0.8):
            lines.append(f"SwapFree:  {self.size() >> 10} kB\n")
        self.random.shuffle(lines)
        return "".join(lines)

    def process(self, path):
        """Where the process is: on the lines of all hierarchies, in any order."""
        unit = path
        if self.has_systemd and self.chance(0.3):
            unit = path.rstrip(b"/") + b"/" + self.random.choice(NAMES)
        if self.has_systemd and self.chance(0.1):
            unit = b"/" + b"/".join(self.path())
        if self.chance(0.01):
            path = self.random.choice([b"/..", b"/../x", path.rstrip(b"/") + b"/gone", path + b"x"])
        lines = [b"5:cpu,cpuacct:/\n", b"4:pids:/x\n"] if self.version == 1 else []
        if self.version == 1:
            lines.append(b"7:%s:%s\n" % (self.random.choice([b"memory", b"cpuset,memory"]), path))
        if self.has_systemd:
            lines.append(b"1:name=systemd:%s\n" % unit)
        if self.has_unified:
            lines.append(b"0::%s\n" % (path if self.version == 2 else unit))
        self.random.shuffle(lines)
        process = f"proc/{self.PID}/"
        self.write(process + "cgroup", b"".join(lines))
        if self.chance(0.2):
            flags, state = self.random.choice([0, 4, 0x400000]), self.random.choice("RSDZX")
            stat = f"{self.PID} (a) b) {state} 1 1 1 0 -1 {flags} " + "0 " * 12 + "99 0 0\n"
            self.write(process + "stat", stat)
            if self.chance(0.5):
                self.write(process + "task/43/cgroup", b"".join(lines))
        if self.chance(0.3):
            self.rlimits(process)

    def rlimits(self, process):
        limits = [self.random.choice(["unlimited", str(self.size())]) for _ in range(2)]
        text = "Limit                     Soft Limit           Hard Limit           Units\n"
        text += f"Max data size             {limits[0]:20} unlimited            bytes\n"
        text += f"Max address space         {limits[1]:20} unlimited            bytes\n"
        self.write(process + "limits", text)
        status = f"Name:\tx\nVmSize:\t{self.size() >> 10} kB\nVmData:\t{self.size() >> 10} kB\n"
        status = status if self.chance(0.9) else "Name:\tx\n"
        self.optional(os.fsencode(process[:-1]), b"status", status, 0.9)

    def damage(self):
        """One thing is not as the kernel has it, or not there."""
        files = []
        for directory, _, names in os.walk(os.path.join(self.root)):
            files += [os.path.join(directory, name) for name in names]
        path = self.random.choice(sorted(files))
        name = os.path.basename(path)
        if self.chance(0.4):
            if self.chance(0.3) and "/proc" not in path:
                path = os.path.dirname(path)
                shutil.rmtree(path)
            else:
                os.unlink(path)
        elif name in ("memory.stat", "memory.events", "memory.oom_control"):
            self.replace(path, self.random.choice(LINES_JUNK))
        elif name.startswith("memory.") or name in ("cgroup", "mountinfo", "meminfo"):
            self.replace(path, self.random.choice(JUNK))

    def replace(self, path, content):
        with open(path, "rb+", buffering=0) as file:
            if self.chance(0.5):
                content = file.read() + content
            file.seek(0)
            file.truncate()
            file.write(content)
