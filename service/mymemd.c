/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "bus-link.h"
#include "cleanup.h"
#include "descriptors.h"
#include "failure.h"
#include "handouts.h"
#include "listener.h"
#include "names.h"
#include "service.h"
#include "socket-file.h"

/* The daemon: options, the bus and the socket, readiness. It alone logs. */

#define INHERITED_NAME "socket" /* FileDescriptorName= in mymemd.socket */

#define MAPPED_MIN (128 * 1024) /* bytes that are given back as soon as they are freed */

#define LOOP_FAILURES_MAX 100
#define LOOP_PAUSE_NSEC (10 * 1000 * 1000)
#define NUDGES_USEC UINT64_C(60000000)

static char *arg_address = NULL;
static char *arg_listen = NULL;
static gboolean arg_version = FALSE;

static void log_line(const char *priority, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The journal turns the prefix into a priority; a person would wonder about it. */
static void log_line(const char *priority, const char *format, ...) {
        g_autofree char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = g_strdup_vprintf(format, arguments);
        va_end(arguments);

        fprintf(stderr, "%smymemd: %s\n", isatty(STDERR_FILENO) ? "" : priority, text);
}

static int log_error(int r, const char *what) {
        log_line(SD_ERR, "%s: %s", what, g_strerror(-r));
        return r;
}

static gboolean parse_arguments(char **argv) {
        static const GOptionEntry entries[] = {
                { "address",
                  0,
                  0,
                  G_OPTION_ARG_STRING,
                  &arg_address,
                  "Serve on this bus, not on the system bus; none: on no bus",
                  "ADDRESS" },
                { "listen",
                  0,
                  0,
                  G_OPTION_ARG_FILENAME,
                  &arg_listen,
                  "Make a socket here and serve on it, too",
                  "PATH" },
                { "version", 0, 0, G_OPTION_ARG_NONE, &arg_version, "Show the version", NULL },
                G_OPTION_ENTRY_NULL,
        };
        g_autoptr(GOptionContext) context = g_option_context_new(NULL);
        g_auto(GStrv) arguments = g_strdupv(argv);
        g_autoptr(GError) error = NULL;

        g_option_context_set_summary(context,
                                     "Tell processes how much memory their systemd unit has, over D-Bus.");
        g_option_context_set_description(context, "See mymemd(8) and org.mymem1(5).");
        g_option_context_add_main_entries(context, entries, NULL);

        if (!g_option_context_parse_strv(context, &arguments, &error)) {
                log_line(SD_ERR, "%s", error->message);
                return FALSE;
        }
        if (arguments[1]) {
                log_line(SD_ERR, "Unexpected argument '%s'", arguments[1]);
                return FALSE;
        }

        return TRUE;
}

static int make_event(sd_event **ret) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        int r;

        r = sd_event_default(&event);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGTERM | SD_EVENT_SIGNAL_PROCMASK, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGINT | SD_EVENT_SIGNAL_PROCMASK, NULL, NULL);
        if (r >= 0)
                r = sd_event_set_watchdog(event, true);
        if (r < 0)
                return r;

        *ret = take_ptr(&event);
        return 0;
}

static int log_failure(const Service *service, int r) {
        _cleanup_free_ char *text = failure_describe(service ? service->machine : NULL, r);

        log_line(SD_ERR, "%s", text ? text : g_strerror(-r));
        return r;
}

static int tell_ready(void) {
        int r;

        r = sd_notify(false, "READY=1\nSTATUS=Answering.");
        return r < 0 ? log_error(r, "Cannot tell that we are ready") : 0;
}

/* What the loop serves, and whether it would go on without a bus. */
typedef struct Daemon {
        Service *service;
        bool has_socket;
        bool was_ready;
        bool is_waiting; /* for the bus */
} Daemon;

/* The bus is ours, and so is its name. */
static void on_bus_won(Daemon *daemon) {
        int r;

        if (daemon->is_waiting)
                log_line(SD_NOTICE, "The bus is there");
        daemon->is_waiting = false;

        r = tell_ready();
        if (r < 0 && !daemon->was_ready)
                (void) sd_event_exit(daemon->service->event, r);
        daemon->was_ready = true;
}

/* Of all that we say the bus takes nothing: somebody does not read what they had from us. */
static void on_bus_deaf(Daemon *daemon, const char *what) {
        uid_t uid;

        log_line(SD_WARNING, "%s, joining it anew", what);
        if (handouts_blame(daemon->service->handouts, &uid))
                log_line(SD_WARNING,
                         "User %u, who took most over it, gets no more descriptors and lists there",
                         (unsigned) uid);
}

/* Without it there is nobody to serve. But a connection may end, and the bus be there. Returns whether it is
 * no failure. */
static bool on_only_bus_lost(Daemon *daemon, int r, const char *what) {
        if (!daemon->is_waiting && r == -ECONNRESET) {
                log_line(SD_NOTICE, "%s, trying for it once more", what);
                daemon->is_waiting = true;
                return true;
        }
        if (!daemon->is_waiting || !daemon->was_ready || bus_link_is_final(r))
                return false;

        log_line(SD_NOTICE, "%s, exiting", what);
        (void) sd_event_exit(daemon->service->event, 0);
        return true;
}

static void on_bus(int r, const char *what, void *userdata) {
        Daemon *daemon = userdata;

        if (r >= 0) {
                on_bus_won(daemon);
                return;
        }
        if (r == -ECOMM) {
                on_bus_deaf(daemon, what);
                return;
        }
        if (!daemon->has_socket && on_only_bus_lost(daemon, r, what))
                return;
        /* Who owns the name may be ourselves, from before, whom the bus has not seen go. */
        if (!daemon->has_socket || (bus_link_is_final(r) && r != -EEXIST)) {
                (void) sd_event_exit(daemon->service->event, log_error(r, what));
                return;
        }

        if (!daemon->is_waiting) {
                log_line(SD_WARNING, "%s, serving the socket alone meanwhile: %s", what, g_strerror(-r));
                (void) sd_notify(false, "READY=1\nSTATUS=Answering at the socket, waiting for the bus.");
        }
        daemon->was_ready = daemon->is_waiting = true;
}

/* The socket that whoever started us has made already. Returns its descriptor, or -1 if there is none. */
static int find_inherited(void) {
        g_auto(GStrv) names = NULL;
        int n, found = -1;

        n = sd_listen_fds_with_names(true, &names);
        for (int i = 0; i < n; i++) {
                int fd = SD_LISTEN_FDS_START + i;

                if (found < 0 && g_str_equal(names[i], INHERITED_NAME) &&
                    sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0)
                        found = fd;
                else {
                        log_line(SD_WARNING,
                                 "The descriptor '%s' is no listening socket called '" INHERITED_NAME
                                 "', closing it",
                                 names[i]);
                        close(fd);
                }
        }

        return found;
}

/* One that we inherited goes before --listen=. '*ret_file' is also set if it fails after the file was made.
 */
static int serve_socket(Service *service, Listener **ret, SocketFile *ret_file) {
        int fd, r;

        fd = find_inherited();
        if (fd < 0 && !arg_listen)
                return 0;
        if (fd < 0)
                fd = socket_file_bind(arg_listen, ret_file);

        r = fd < 0 ? fd : listener_new(service, fd, ret);
        if (r < 0) {
                g_autofree char *what =
                        g_strdup_printf("Cannot listen on %s", arg_listen ? arg_listen : "the socket");

                return log_error(r, what);
        }
        return 0;
}

static int start_service(sd_event *event, Service **ret) {
        _cleanup_(service_freep) Service *service = NULL;
        int fd, r;

        fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return log_error(-errno, "Cannot open /");
        r = service_new(event, fd, &service);
        if (r >= 0)
                r = service_try(service);
        if (r < 0)
                return log_failure(service, r);
        if (!service->sees_processes)
                log_line(SD_WARNING,
                         "/proc hides other users' processes (hidepid=): no caller can be served");

        *ret = take_ptr(&service);
        return 0;
}

/* Waits a moment, unless we are told to end: the loop would hear of it only once it works again. */
static bool is_ended_meanwhile(void) {
        const struct timespec pause = { .tv_nsec = LOOP_PAUSE_NSEC };
        sigset_t signals;

        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        return sigtimedwait(&signals, NULL, &pause) > 0;
}

/* sd-event takes its timers for set if that failed, until one of them changes. So one does: soon, and then,
 * for the watchdog's, ever later. */
static int on_nudge(sd_event_source *source, uint64_t usec, void *userdata) {
        uint64_t *pause_usec = userdata;

        (void) usec;

        if (*pause_usec > NUDGES_USEC)
                return 0;
        *pause_usec *= 2;
        (void) sd_event_source_set_time_relative(source, *pause_usec);
        (void) sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return 0;
}

/* Turns the loop until it is told to end. What of it fails, for want of memory or of descriptors, need not
 * fail for ever: nothing is lost then. If it does, the watchdog is not fed either. */
static int turn_loop(sd_event *event, BusLink *link) {
        _cleanup_(sd_event_source_unrefp) sd_event_source *nudge = NULL;
        uint64_t pause_usec = UINT64_MAX;
        unsigned n_failed = 0;
        int r;

        r = sd_event_add_time_relative(event, &nudge, CLOCK_MONOTONIC, 0, 1, on_nudge, &pause_usec);
        if (r < 0)
                return log_error(r, "Cannot make a timer");

        while (sd_event_get_state(event) != SD_EVENT_FINISHED) {
                r = sd_event_prepare(event);
                if (r == 0)
                        r = sd_event_wait(event, link && bus_link_check(link) ? 0 : UINT64_MAX);
                if (r > 0)
                        r = sd_event_dispatch(event);
                if (r >= 0) {
                        n_failed = 0;
                        continue;
                }
                if (++n_failed == LOOP_FAILURES_MAX)
                        (void) log_error(r, "The event loop fails, trying on");
                if (is_ended_meanwhile())
                        return 0;
                pause_usec = 1;
                (void) on_nudge(nudge, 0, &pause_usec);
        }

        return sd_event_get_exit_code(event, &r) < 0 ? 0 : r;
}

/* Serves until the end. */
static int serve(Service *service, sd_event *event, bool has_socket) {
        Daemon daemon = { .service = service, .has_socket = has_socket };
        _cleanup_(bus_link_freep) BusLink *link = NULL;
        int r;

        if (!arg_address || !g_str_equal(arg_address, "none")) {
                r = bus_link_new(service, arg_address, on_bus, &daemon, &link);
                if (r < 0)
                        return log_error(r, "Cannot begin to connect to the bus");
        } else if (!has_socket) {
                log_line(SD_ERR, "Without a bus and without a socket there is nobody to serve");
                return -EINVAL;
        } else {
                r = tell_ready();
                if (r < 0)
                        return r;
        }

        r = turn_loop(event, link);
        (void) sd_notify(false, "STOPPING=1");
        return r;
}

static int run(void) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(service_freep) Service *service = NULL;
        _cleanup_(listener_freep) Listener *listener = NULL;
        SocketFile file = { 0 };
        int r;

        /* By itself malloc() would learn from large messages, and keep the memory of the next ones. */
        (void) mallopt(M_MMAP_THRESHOLD, MAPPED_MIN);

        r = descriptors_raise_limit();
        if (r < 0)
                log_line(SD_WARNING, "Cannot raise the limit of descriptors, ignoring: %s", g_strerror(-r));

        r = make_event(&event);
        if (r < 0)
                return log_error(r, "Cannot make an event loop");

        r = start_service(event, &service);
        if (r >= 0)
                r = serve_socket(service, &listener, &file);
        if (r >= 0)
                r = serve(service, event, listener != NULL);

        socket_file_remove(&file);
        return r;
}

int main(int argc, char **argv) {
        int r;

        (void) argc;

        setlocale(LC_ALL, "");
        if (!parse_arguments(argv))
                return EXIT_FAILURE;
        if (arg_version) {
                puts("mymemd " MYMEM_VERSION);
                return fflush(stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }

        r = run();
        g_free(arg_address);
        g_free(arg_listen);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
