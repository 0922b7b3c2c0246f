/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "cleanup.h"
#include "descriptors.h"
#include "failure.h"
#include "handouts.h"
#include "listener.h"
#include "names.h"
#include "service.h"

/* The daemon: options, the bus and the socket, readiness. It alone logs. */

#define INHERITED_NAME "socket" /* FileDescriptorName= in mymemd.socket */

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

static int on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        sd_event *event = userdata;

        (void) message;
        (void) error;

        log_line(SD_NOTICE, "The bus has gone away, exiting");
        return sd_event_exit(event, 0);
}

static int connect_bus(sd_event *event, sd_bus **ret) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (!arg_address)
                r = sd_bus_open_system(&bus);
        else {
                r = sd_bus_new(&bus);
                if (r >= 0)
                        r = sd_bus_set_address(bus, arg_address);
                if (r >= 0)
                        r = sd_bus_set_bus_client(bus, true);
                if (r >= 0)
                        r = sd_bus_start(bus);
        }
        if (r >= 0)
                r = sd_bus_match_signal(bus,
                                        NULL,
                                        "org.freedesktop.DBus.Local",
                                        "/org/freedesktop/DBus/Local",
                                        "org.freedesktop.DBus.Local",
                                        "Disconnected",
                                        on_disconnected,
                                        event);
        if (r < 0)
                return r;

        *ret = take_ptr(&bus);
        return 0;
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

static void tell_ready(void) {
        (void) sd_notify(false, "READY=1\nSTATUS=Answering.");
}

/* The driver has answered: ready is who owns the name. */
static int on_name(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        sd_event *event = userdata;
        uint32_t answer;
        int r;

        (void) error;

        r = -sd_bus_message_get_errno(reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "u", &answer);
        if (r < 0)
                (void) log_error(r, "Cannot acquire the name " MYMEM_BUS_NAME " on the bus");
        else if (answer != 1) {
                log_line(SD_ERR, "Somebody else owns the name " MYMEM_BUS_NAME " on the bus already");
                r = -EEXIST;
        }
        if (r < 0)
                return sd_event_exit(event, r);

        tell_ready();
        return 0;
}

static int on_unheard(void *userdata);

/* The name is not waited for: early at boot there may be a socket of the bus, and nobody behind it yet,
 * while our own socket is asked already. We may have it from ourselves: a bus that does not hear us does not
 * see either that we have gone. Who else may have it the bus's policy says. */
static int serve_bus(Service *service, uint64_t flags) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        r = connect_bus(service->event, &bus);
        if (r < 0) {
                g_autofree char *what = g_strdup_printf("Cannot connect to %s",
                                                        arg_address ? arg_address : "the system bus");

                return log_error(r, what);
        }

        r = service_attach(service, bus);
        if (r >= 0)
                r = service_watch_bus(service, on_unheard, service);
        /* At the loop's exit it would be flushed, which waits for a bus that does not read. */
        if (r >= 0)
                r = sd_bus_set_close_on_exit(bus, false);
        if (r >= 0)
                r = sd_bus_attach_event(bus, service->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return log_error(r, "Cannot set up the bus objects");

        r = sd_bus_request_name_async(
                bus, NULL, MYMEM_BUS_NAME, SD_BUS_NAME_ALLOW_REPLACEMENT | flags, on_name, service->event);
        return r < 0 ? log_error(r, "Cannot ask for the name " MYMEM_BUS_NAME " on the bus") : 0;
}

/* Of all that we say the bus takes nothing. */
static int on_unheard(void *userdata) {
        Service *service = userdata;
        uid_t uid;

        log_line(SD_WARNING, "The bus takes nothing from us any more, joining it anew");
        if (handouts_blame(service->handouts, &uid))
                log_line(SD_WARNING,
                         "User %u, who took most descriptors over it, gets no more of them there",
                         (unsigned) uid);

        service_detach(service);
        return serve_bus(service, SD_BUS_NAME_REPLACE_EXISTING) < 0 ? sd_event_exit(service->event, -EIO) :
                                                                      0;
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

/* One that we inherited goes before --listen=. Returns 1 if the socket was made here, else 0. */
static int serve_socket(Service *service, Listener **ret) {
        bool is_made = false;
        int fd, r;

        fd = find_inherited();
        if (fd < 0 && !arg_listen)
                return 0;
        if (fd < 0) {
                fd = listener_bind(arg_listen);
                is_made = true;
        }

        r = fd < 0 ? fd : listener_new(service, fd, ret);
        if (r < 0) {
                g_autofree char *what =
                        g_strdup_printf("Cannot listen on %s", arg_listen ? arg_listen : "the socket");

                return log_error(r, what);
        }
        return is_made;
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

/* Serves until the end. */
static int serve(Service *service, bool on_bus) {
        int r;

        if (on_bus) {
                r = serve_bus(service, 0);
                if (r < 0)
                        return r;
        } else
                tell_ready();

        r = sd_event_loop(service->event);
        (void) sd_notify(false, "STOPPING=1");
        return r;
}

static int run(void) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(service_freep) Service *service = NULL;
        _cleanup_(listener_freep) Listener *listener = NULL;
        bool on_bus = !arg_address || !g_str_equal(arg_address, "none");
        bool made_socket;
        int r;

        r = descriptors_raise_limit();
        if (r < 0)
                log_line(SD_WARNING, "Cannot raise the limit of descriptors, ignoring: %s", g_strerror(-r));

        r = make_event(&event);
        if (r < 0)
                return log_error(r, "Cannot make an event loop");

        r = start_service(event, &service);
        if (r >= 0)
                r = serve_socket(service, &listener);
        if (r < 0)
                return r;
        made_socket = r > 0;
        if (!on_bus && !listener) {
                log_line(SD_ERR, "Without a bus and without a socket there is nobody to serve");
                return -EINVAL;
        }

        r = serve(service, on_bus);
        if (made_socket)
                (void) unlink(arg_listen);
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
