# SPDX-License-Identifier: LGPL-2.1-or-later
"""All figures of a process, as `mymem show --json` and the chain of `mymem explain --json` give them."""

import re

import groups
import kernel
from kernel import FAILURE, UNKNOWN, UNLIMITED, Failure, less

MEASURED = {  # in memory.stat: of version 2, and of version 1
    "Anonymous": ("anon", "rss"),
    "File": ("file", "cache"),
    "ActiveFile": ("active_file", "active_file"),
    "InactiveFile": ("inactive_file", "inactive_file"),
    "Shmem": ("shmem", "shmem"),
    "Kernel": ("kernel", None),
    "SlabReclaimable": ("slab_reclaimable", None),
    "ZSwapUsage": ("zswap", None),
}
EVENTS = {"Low": b"low", "High": b"high", "Max": b"max", "OOM": b"oom", "OOMKill": b"oom_kill"}


class Statistics:
    """memory.stat; of version 1 the totals, which older kernels do not have."""

    def __init__(self, group):
        text = kernel.read(group.file("memory.stat"))
        if text is None and not group.is_machine:
            raise Failure(kernel.GONE, group.directory)
        self.values = kernel.read_keyed(group.directory, text or b"")
        self.version = group.version

    def get(self, key, otherwise=UNKNOWN):
        if key is None:
            return UNKNOWN
        own = self.values.get(key.encode(), otherwise)
        return self.values.get(b"total_" + key.encode(), own) if self.version == 1 else own

    def inactive(self):
        return self.get("inactive_file", 0)

    def limit_above(self):
        value = self.values.get(b"hierarchical_memory_limit", UNLIMITED)
        return UNLIMITED if value >= 2**62 else value


def optional(group, names, otherwise):
    """A file that not every kernel has, by version."""
    name = names[group.version - 1]
    if name is None or group.is_machine:
        return otherwise
    return kernel.read_size(group.file(name), otherwise)


def usage_of(group, meminfo):
    return meminfo.used if group.is_machine else kernel.read_size(group.file(groups.USAGE[group.version]))


def high_of(group):
    return optional(group, (None, "memory.high"), UNLIMITED)


def swap_max_of(group):
    both = optional(group, ("memory.memsw.limit_in_bytes", "memory.swap.max"), UNLIMITED)
    if group.version == 2:
        return both
    limit = group.read_max()
    return UNLIMITED if both >= 2**62 or limit == UNLIMITED else less(both, limit)


def swap_usage_of(group, statistics, meminfo):
    if group.is_machine:
        known = UNKNOWN not in (meminfo.swap_total, meminfo.swap_free)
        return less(meminfo.swap_total, meminfo.swap_free) if known else UNKNOWN
    if group.version == 1:
        return statistics.get("swap") if statistics else UNKNOWN
    return optional(group, (None, "memory.swap.current"), UNKNOWN)


def smallest(pairs, start):
    """The smallest figure and who sets it: the innermost on a tie."""
    figure, by = start
    for value, path in reversed(pairs):
        if value != UNLIMITED and value <= figure:
            figure, by = value, path
    return figure, by


class Answer:
    def __init__(self, root, pid):
        mounts = groups.mounts(root)
        found = groups.membership(root, pid)
        path = found.get("memory", found.get("unified"))
        if path is None:
            raise Failure(kernel.NO_CONTROLLER, "no controller")
        self.chain = groups.open_chain(root, mounts, 1 if "memory" in found else 2, path)
        self.maxima = [group.read_max() for group in self.chain]
        self.above = self.find_limit_above()
        self.meminfo = kernel.Meminfo(root)
        self.unit = groups.Unit(found.get("systemd", found.get("unified", b"/")))

        limits = list(zip(self.maxima, (group.path for group in self.chain)))
        self.limit = smallest(limits, (min(self.meminfo.total, self.above), b"/"))
        self.reported = self.choose_reported()
        self.group = self.chain[self.reported]
        self.statistics = Statistics(self.group)
        self.usage = usage_of(self.group, self.meminfo)
        if self.group.is_machine:
            self.working_set = self.usage
        else:
            self.working_set = less(self.usage, self.statistics.inactive())
        self.levels = [self.level(i) for i in range(len(self.chain))]
        self.rlimits = Rlimits(root, pid)

    def find_limit_above(self):
        """In a container on version 1 a limit above what is mounted shows in memory.stat alone."""
        if self.chain[-1].is_machine or self.chain[-1].version == 2:
            return UNLIMITED
        above = Statistics(self.chain[0]).limit_above()
        return above if all(limit > above for limit in self.maxima) else UNLIMITED

    def choose_reported(self):
        """The unit's group; or, further in, the one that sets the smallest limit."""
        unit = 0
        own = self.chain[0].path
        if self.unit.path and groups.is_below(own, self.unit.path) is not None:
            unit = next((i for i, g in enumerate(self.chain) if len(g.path) <= len(self.unit.path)), 0)
        for i in range(unit):
            if (self.maxima[i], self.chain[i].path) == self.limit:
                return i
        return unit

    def level(self, i):
        """What one group of the chain has. The levels are never mixed."""
        group = self.chain[i]
        if group.is_machine:
            used, available = self.meminfo.used, self.meminfo.available
            statistics = None
            return {
                "Max": UNLIMITED,
                "High": UNLIMITED,
                "Usage": used,
                "WorkingSet": used,
                "Available": available,
                "SwapUsage": swap_usage_of(group, statistics, self.meminfo),
                "by": b"/",
            }
        high = high_of(group)
        bound, by = min(self.maxima[i], high), group.path
        if i + 1 == len(self.chain) and self.above < bound:
            bound, by = self.above, b"/"
        usage, working_set = self.usage, self.working_set
        if i != self.reported:
            usage, working_set = usage_of(group, self.meminfo), UNKNOWN
            if i < self.reported or bound != UNLIMITED:
                working_set = less(usage, Statistics(group).inactive())
        return {
            "Max": self.maxima[i],
            "High": high,
            "Usage": usage,
            "WorkingSet": working_set,
            "Available": UNKNOWN if bound == UNLIMITED else less(bound, working_set),
            "SwapUsage": swap_usage_of(group, self.statistics if i == self.reported else None, self.meminfo),
            "by": by,
        }

    def available(self):
        pairs = [(level["Available"], level["by"]) for level in self.levels]
        found = smallest(pairs, (self.meminfo.available, b"/"))
        return self.rlimits.bind(found)

    def chain_shown(self):
        """As `explain` has it."""
        result = []
        for group, level in zip(self.chain, self.levels):
            row = {"ControlGroup": group.path, "Unit": groups.Unit(group.path).id}
            row.update(Max=level["Max"], High=level["High"])
            row.update({k: level[k] for k in ("Usage", "WorkingSet", "Available", "SwapUsage")})
            result.append(finish(row))
        return result

    def measured(self):
        """What has a file of its own, or a line in memory.stat."""
        group, version = self.group, self.group.version
        result = {name: self.statistics.get(keys[2 - version]) for name, keys in MEASURED.items()}
        result["Peak"] = optional(group, ("memory.max_usage_in_bytes", "memory.peak"), UNKNOWN)
        result["SwapPeak"] = optional(group, (None, "memory.swap.peak"), UNKNOWN)
        result["ZSwapUsage"] = optional(group, (None, "memory.zswap.current"), result["ZSwapUsage"])
        result["Kernel"] = optional(group, ("memory.kmem.usage_in_bytes", None), result["Kernel"])
        if version == 2:
            result.update(kernel.read_pressure(group.file("memory.pressure")))
        events = {}
        if not group.is_machine:
            name = group.file("memory.events" if version == 2 else "memory.oom_control")
            events = kernel.read_keyed(name, kernel.read(name) or b"")
        for name, key in EVENTS.items():
            known = version == 2 or name == "OOMKill"
            result["Events" + name] = events.get(key, UNKNOWN) if known else UNKNOWN
        if version == 1:
            result["EventsMax"] = optional(group, ("memory.failcnt", None), UNKNOWN)
        return result

    def shown(self):
        """As `show` has it."""
        paths = [group.path for group in self.chain]
        high = smallest(list(zip((level["High"] for level in self.levels), paths)), (UNLIMITED, b""))
        start = (self.meminfo.swap_total, b"/" if self.meminfo.swap_total != UNKNOWN else b"")
        swap = smallest(list(zip(map(swap_max_of, self.chain), paths)), start)
        result = {
            "Id": self.unit.id,
            "SystemUnit": self.unit.system_unit,
            "Slice": self.unit.slice,
            "ControlGroup": self.group.path,
            "Usage": self.usage,
            "WorkingSet": self.working_set,
            "SwapUsage": self.levels[self.reported]["SwapUsage"],
            "Max": self.maxima[self.reported],
            "High": high_of(self.group),
            "Min": optional(self.group, (None, "memory.min"), 0),
            "Low": optional(self.group, (None, "memory.low"), 0),
            "SwapMax": swap_max_of(self.group),
            "OOMGroup": optional(self.group, (None, "memory.oom.group"), 0) != 0,
            "Source": b"proc" if self.group.is_machine else b"cgroup",
        }
        pairs = {"Limit": self.limit, "HighLimit": high, "SwapLimit": swap, "Available": self.available()}
        for name, (value, by) in pairs.items():
            result[name], result[name + "By"] = value, by
        result.update(self.measured())
        result.update(self.rlimits.shown())
        return finish(result)


LIMITS = ("Limit", "HighLimit", "Max", "High", "Min", "Low", "SwapMax", "LimitAS", "LimitDATA")


def finish(answer):
    """As JSON has it: unlimited is null, unknown is absent, a name is text."""
    result = {}
    for name, value in answer.items():
        if isinstance(value, bytes):
            result[name] = kernel.shown(value)
        elif isinstance(value, dict) or value is True or value is False:
            result[name] = value
        elif value != UNLIMITED:
            result[name] = value
        elif name in LIMITS:
            result[name] = None
    return result


class Rlimits:
    """The limits of the process itself: they bind it, too."""

    def __init__(self, root, pid):
        self.limits = {}
        self.used = {}
        directory = f"{root}/proc/{pid}/"
        limits, status = kernel.read(directory + "limits"), kernel.read(directory + "status")
        if limits is None or status is None:
            return
        for name, limit, used in (("AS", b"address space", b"VmSize:"), ("DATA", b"data size", b"VmData:")):
            match = re.search(rb"^Max " + limit + rb" +(unlimited|[0-9]+) ", limits, re.MULTILINE)
            if not match:
                raise Failure(FAILURE, directory + "limits")
            self.limits[name] = UNLIMITED if match[1] == b"unlimited" else kernel.number(match[1], directory)
            self.used[name] = kernel.read_kibibytes(status, used, 0, directory + "status")

    def bind(self, available):
        for name, limit in self.limits.items():
            left = less(limit, self.used[name])
            if limit != UNLIMITED and left < available[0]:
                available = (left, b"RLIMIT_" + name.encode())
        return available

    def shown(self):
        return {"Limit" + name: limit for name, limit in self.limits.items()}
