/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "client.h"
#include "names.h"
#include "old-kernel.h"
#include "place.h"
#include "row.h"
#include "run.h"
#include "socket.h"
#include "stage.h"
#include "stranger.h"
#include "trace.h"

/* What an answer takes, in numbers that are the same on each machine. */

#define CALLS row_times(10000, 1000)
#define FIRST_CALLS 50 /* all at once */
#define SILENT 10

static unsigned count_lines(const char *text) {
        unsigned n = 0;

        for (; *text; text++)
                n += *text == '\n';
        return n;
}

/* What is kept is looked for anew every two seconds; this is what all other calls take. */
static void count_system_calls(const Service *service,
                               const char *address,
                               const char *what,
                               unsigned at_most) {
        sd_bus *bus = client_open(address);
        g_autofree char *seen = NULL;
        Trace *trace;

        for (unsigned i = 0; i < 3; i++)
                call_get_memory(bus);
        trace = trace_start(service->pid, "trace=all");
        if (trace) {
                for (unsigned i = 0; i < CALLS; i++)
                        call_get_memory(bus);
                seen = trace_stop(trace);
                row_count(what, (count_lines(seen) + CALLS / 2) / CALLS, at_most);
        }
        sd_bus_flush_close_unref(bus);
}

static void test_system_calls(Socket *stage, const void *data) {
        (void) data;
        for (unsigned depth = 2; depth <= 4; depth++) {
                g_autofree char *on_bus =
                        g_strdup_printf("system calls of a warm GetMemory, depth %u", depth);
                g_autofree char *on_socket =
                        g_strdup_printf("system calls of one over the socket, depth %u", depth);
                Place place;

                if (!place_enter(&place, depth))
                        return;
                count_system_calls(stage->service, stage->bus->address, on_bus, 12 + depth - 2);
                count_system_calls(stage->service, stage->address, on_socket, 12 + depth - 2);
                place_leave(&place);
        }
}

/* Those of somebody's first call, and no other: who connects is not noticed before. */
static void test_first(Stage *stage, const void *data) {
        sd_bus *buses[FIRST_CALLS];
        g_autofree char *seen = NULL;
        Trace *trace;
        Place place;

        (void) data;
        if (!place_enter(&place, 3))
                return;
        for (unsigned i = 0; i < FIRST_CALLS; i++) {
                buses[i] = client_open(stage->bus->address);
                (void) client_name(buses[i]);
        }
        call_get_memory(stage->client);
        trace = trace_start(stage->service->pid, "trace=all");
        if (trace) {
                for (unsigned i = 0; i < FIRST_CALLS; i++)
                        call_get_memory(buses[i]);
                seen = trace_stop(trace);
                row_count("system calls of a first GetMemory, depth 3",
                          (count_lines(seen) + FIRST_CALLS / 2) / FIRST_CALLS,
                          64);
        }
        for (unsigned i = 0; i < FIRST_CALLS; i++)
                sd_bus_flush_close_unref(buses[i]);
        place_leave(&place);
}

/* What it takes to know who connected to the socket, which nobody asks before who connected may say
 * something. */
static void test_connections(Socket *stage, const void *data) {
        g_autofree char *seen = NULL, *seen_of_one = NULL;
        int fds[SILENT + 1];
        Trace *trace;

        (void) data;
        if (!old_kernel_knows_peers()) {
                g_test_skip("the kernel does not know SO_PEERPIDFD");
                return;
        }
        trace = trace_start(stage->service->pid, "trace=openat,openat2");
        if (!trace)
                return;
        for (unsigned i = 0; i < FIRST_CALLS; i++) {
                fds[0] = stranger_open(stage->address);
                g_assert_true(stranger_ping(fds[0], 1));
                close(fds[0]);
        }
        seen = trace_stop(trace);
        row_count("files opened for a connection to the socket", count_lines(seen) / FIRST_CALLS, 6);

        trace = trace_start(stage->service->pid, "trace=openat,openat2");
        for (unsigned i = 0; i < SILENT; i++)
                fds[i] = stranger_connect(stage->address);
        /* Who is let in after the others. */
        fds[SILENT] = stranger_open(stage->address);
        g_assert_true(stranger_ping(fds[SILENT], 1));
        seen_of_one = trace_stop(trace);
        row_count("files opened for one, and ten that say nothing", count_lines(seen_of_one), 6);
        for (unsigned i = 0; i <= SILENT; i++)
                close(fds[i]);
}

/* Calls to the driver that somebody sees who sees everything. */
typedef struct Monitor {
        sd_bus *bus;
        const char *service; /* its name */
} Monitor;

static void monitor_start(Monitor *monitor, const Stage *stage) {
        monitor->service = client_owner(stage->client);
        g_assert_cmpint(sd_bus_new(&monitor->bus), >=, 0);
        g_assert_cmpint(sd_bus_set_address(monitor->bus, stage->bus->address), >=, 0);
        g_assert_cmpint(sd_bus_set_monitor(monitor->bus, true), >=, 0);
        g_assert_cmpint(sd_bus_set_bus_client(monitor->bus, true), >=, 0);
        g_assert_cmpint(sd_bus_start(monitor->bus), >=, 0);
        g_assert_cmpint(sd_bus_call_method(monitor->bus,
                                           "org.freedesktop.DBus",
                                           "/org/freedesktop/DBus",
                                           "org.freedesktop.DBus.Monitoring",
                                           "BecomeMonitor",
                                           NULL,
                                           NULL,
                                           "asu",
                                           0,
                                           0),
                        >=,
                        0);
}

/* Counts what the service asked of the driver until its reply to a Ping that comes now. */
static unsigned monitor_count(Monitor *monitor, sd_bus *bus) {
        const char *pinger = client_name(bus);
        unsigned n = 0;
        uint64_t cookie = 0;

        call_ping(bus);
        for (bool is_done = false; !is_done;) {
                sd_bus_message *message;
                const char *sender;
                uint64_t of = 0;
                int r;

                r = sd_bus_process(monitor->bus, &message);
                g_assert_cmpint(r, >=, 0);
                if (!message) {
                        if (r == 0)
                                g_assert_cmpint(sd_bus_wait(monitor->bus, CLIENT_TIMEOUT_USEC), >, 0);
                        continue;
                }
                sender = sd_bus_message_get_sender(message);
                if (g_strcmp0(sender, pinger) == 0 &&
                    sd_bus_message_is_method_call(message, "org.freedesktop.DBus.Peer", "Ping"))
                        g_assert_cmpint(sd_bus_message_get_cookie(message, &cookie), >=, 0);
                if (g_strcmp0(sender, monitor->service) == 0) {
                        n += g_strcmp0(sd_bus_message_get_destination(message), "org.freedesktop.DBus") == 0;
                        is_done = cookie > 0 &&
                                g_strcmp0(sd_bus_message_get_destination(message), pinger) == 0 &&
                                sd_bus_message_get_reply_cookie(message, &of) >= 0 && of == cookie;
                }
                sd_bus_message_unref(message);
        }
        return n;
}

static void test_driver(Stage *stage, const void *data) {
        Monitor monitor = { 0 };
        Place place;
        sd_bus *bus;

        (void) data;
        if (!place_enter(&place, 3))
                return;
        monitor_start(&monitor, stage);
        bus = client_open(stage->bus->address);
        (void) monitor_count(&monitor, bus);

        call_get_memory(bus);
        row_count("questions to the driver, first GetMemory", monitor_count(&monitor, bus), 1);
        for (unsigned i = 0; i < 100; i++)
                call_get_memory(bus);
        row_count("questions to the driver, 100 more", monitor_count(&monitor, bus), 0);

        sd_bus_flush_close_unref(bus);
        sd_bus_flush_close_unref(monitor.bus);
        place_leave(&place);
}

/* An ancestor's may cost milliseconds. */
static void test_ancestors(Stage *stage, const void *data) {
        g_autofree char *seen = NULL, *own = NULL;
        unsigned n = 0, n_own = 0;
        Trace *trace;
        Place place;

        (void) data;
        if (!place_enter(&place, 3))
                return;
        own = g_strconcat(strrchr(place.group, '/'), ">, \"memory.stat\"", NULL);
        trace = trace_start(stage->service->pid, "trace=openat,openat2");
        if (trace) {
                for (unsigned i = 0; i < 10; i++) {
                        sd_bus *bus = client_open(stage->bus->address);

                        for (unsigned j = 0; j < 5; j++)
                                call_get_memory(bus);
                        sd_bus_flush_close_unref(bus);
                }
                seen = trace_stop(trace);
                g_auto(GStrv) lines = g_strsplit(seen, "\n", -1);
                for (size_t i = 0; lines[i]; i++) {
                        n += strstr(lines[i], "memory.stat") != NULL;
                        n_own += strstr(lines[i], own) != NULL;
                }
                g_assert_cmpuint(n_own, >=, 10);
                row_count("memory.stat of ancestors that GetMemory opens", n - n_own, 0);
        }
        place_leave(&place);
}

/* The command asks for no more than it was asked for. */
static void test_command(Stage *stage, const void *data) {
        g_autofree char *bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage->bus->address, NULL);
        g_autofree char *seen = NULL;
        Trace *trace;
        unsigned n = 0;
        Place place;

        (void) data;
        if (!place_enter(&place, 3))
                return;
        trace = trace_start(stage->service->pid, "trace=openat,openat2");
        if (trace) {
                g_autoptr(Run) run = run_mymem(WORDS(bus, "MYMEM_SOCKET="),
                                               WORDS("show", "-PLimit,Usage,WorkingSet,Source"));

                run_check_well(run);
                seen = trace_stop(trace);
                g_assert_nonnull(strstr(run->out, "\nbus\n"));
                g_assert_nonnull(strstr(seen, "\"memory.stat\""));
                g_auto(GStrv) lines = g_strsplit(seen, "\n", -1);
                for (size_t i = 0; lines[i]; i++)
                        n += strstr(lines[i], "\"memory.max_usage_in_bytes\"") ||
                                strstr(lines[i], "\"memory.oom_control\"");
                row_count("other files read for `mymem show -P Limit,Usage,WorkingSet`", n, 0);
        }
        place_leave(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        socket_add_with_bus("/counts/system-calls", test_system_calls);
        stage_add("/counts/first", test_first);
        socket_add_with_bus("/counts/connections", test_connections);
        stage_add("/counts/driver", test_driver);
        stage_add("/counts/ancestors", test_ancestors);
        stage_add("/counts/command", test_command);
        return stage_run();
}
