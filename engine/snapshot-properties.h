/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The properties of the interface org.mymem1.Unit and where a snapshot holds them: the one list of which the
 * service makes its vtable and the command its output.
 *
 *   TEXT      char *, never NULL in a snapshot that was taken
 *   LIMIT     uint64_t, SIZE_UNLIMITED if there is none
 *   MEASURE   uint64_t, SIZE_UNKNOWN if the kernel does not say
 *   FLAG      int, 0 or 1
 *   PRESSURE  PressureLine, total SIZE_UNKNOWN if the kernel does not say */
#define SNAPSHOT_PROPERTIES(P)                          \
        P("Id", TEXT, id)                               \
        P("SystemUnit", TEXT, system_unit)              \
        P("Slice", TEXT, slice)                         \
        P("ControlGroup", TEXT, control_group)          \
        P("Limit", LIMIT, limit)                        \
        P("LimitBy", TEXT, limit_by)                    \
        P("HighLimit", LIMIT, high_limit)               \
        P("HighLimitBy", TEXT, high_limit_by)           \
        P("SwapLimit", MEASURE, swap_limit)             \
        P("SwapLimitBy", TEXT, swap_limit_by)           \
        P("Available", MEASURE, available)              \
        P("AvailableBy", TEXT, available_by)            \
        P("Usage", MEASURE, usage)                      \
        P("WorkingSet", MEASURE, working_set)           \
        P("Peak", MEASURE, peak)                        \
        P("SwapUsage", MEASURE, swap_usage)             \
        P("SwapPeak", MEASURE, swap_peak)               \
        P("ZSwapUsage", MEASURE, zswap_usage)           \
        P("Anonymous", MEASURE, anonymous)              \
        P("File", MEASURE, file)                        \
        P("ActiveFile", MEASURE, active_file)           \
        P("InactiveFile", MEASURE, inactive_file)       \
        P("Shmem", MEASURE, shmem)                      \
        P("Kernel", MEASURE, kernel)                    \
        P("SlabReclaimable", MEASURE, slab_reclaimable) \
        P("PressureSome", PRESSURE, pressure.some)      \
        P("PressureFull", PRESSURE, pressure.full)      \
        P("EventsLow", MEASURE, events.low)             \
        P("EventsHigh", MEASURE, events.high)           \
        P("EventsMax", MEASURE, events.max)             \
        P("EventsOOM", MEASURE, events.oom)             \
        P("EventsOOMKill", MEASURE, events.oom_kill)    \
        P("Max", LIMIT, max)                            \
        P("High", LIMIT, high)                          \
        P("Min", LIMIT, min)                            \
        P("Low", LIMIT, low)                            \
        P("SwapMax", LIMIT, swap_max)                   \
        P("OOMGroup", FLAG, oom_group)
