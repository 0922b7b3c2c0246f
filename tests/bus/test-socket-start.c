/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the socket comes to be, who had made it, and what becomes of it; and that it need not wait for the
 * bus. */

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "directory.h"
#include "names.h"
#include "service.h"
#include "stranger.h"

#define PATIENCE_SEC 60

/* A place for sockets. */
typedef struct Place {
        Directory directory; /* the bus's, whose socket is its "bus" */
        char *path;          /* where ours is to be */
        char *address;
        char *listen_option, *address_option;
} Place;

static void place_make(Place *place) {
        directory_make(&place->directory);
        place->path = g_build_filename(place->directory.path, "socket", NULL);
        place->address = g_strconcat("unix:path=", place->path, NULL);
        place->listen_option = g_strconcat("--listen=", place->path, NULL);
        place->address_option = g_strconcat("--address=", place->directory.address, NULL);
}

static void place_remove(Place *place) {
        directory_remove(&place->directory);
        g_free(place->path);
        g_free(place->address);
        g_free(place->listen_option);
        g_free(place->address_option);
}

static void check_served(const char *address) {
        sd_bus *client = client_open(address);
        Figures figures;

        g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
        sd_bus_flush_close_unref(client);
}

static bool is_socket(const char *path) {
        struct stat status;

        return lstat(path, &status) >= 0 && S_ISSOCK(status.st_mode);
}

/* Runs the program to its end, which is a failure, and returns what it complains of. */
static char *run_failing(const char *address_option, const char *listen_option) {
        char *complaint = NULL;

        g_assert_cmpint(
                command_run(
                        COMMAND(g_getenv("MYMEM_SERVICE"), address_option, listen_option), NULL, &complaint),
                ==,
                EXIT_FAILURE);
        g_test_message("%s", complaint);
        return complaint;
}

/* There is somebody at the bus's end who says nothing, as systemd does before the bus is started. */
static void test_silent_bus(void) {
        Service *service;
        sd_bus *client;
        Place place;
        int bus_fd;

        place_make(&place);
        bus_fd = directory_listen(&place.directory, 0);
        service = service_spawn_with(
                SERVICE_OPTIONS(place.address_option, place.listen_option), NULL, NULL, 0);
        /* There is a file some time before anybody listens. */
        while (!(client = client_try(place.address)))
                g_assert_cmpint(kill(service->pid, 0), ==, 0);
        sd_bus_close_unref(client);
        check_served(place.address);
        check_served(place.address);
        g_assert_false(service_notified(service, "READY=1", 1));
        check_served(place.address);

        /* It ends well, too, although nobody has answered it. */
        service_stop(service);
        g_assert_false(is_socket(place.path));
        close(bus_fd);
        place_remove(&place);
}

static void test_nobody(void) {
        g_autofree char *complaint = run_failing("--address=none", NULL);

        g_assert_nonnull(strstr(complaint, "nobody to serve"));
}

static void test_bad_paths(void) {
        g_autofree char *filler = g_strnfill(120, 'x');
        g_autofree char *lengthy = g_strconcat("/tmp/", filler, NULL);
        const char *const paths[] = { lengthy, "/nonexistent/socket", "/", "", "/dev/null/socket" };

        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                g_autofree char *option = g_strconcat("--listen=", paths[i], NULL), *complaint = NULL;

                complaint = run_failing("--address=none", option);
                g_assert_nonnull(strstr(complaint, paths[i]));
        }
}

/* What is no socket is not ours to remove. */
static void test_in_place_of_file(void) {
        g_autofree char *complaint = NULL, *content = NULL;
        Place place;

        place_make(&place);
        g_assert_true(g_file_set_contents(place.path, "precious", -1, NULL));
        complaint = run_failing("--address=none", place.listen_option);
        g_assert_nonnull(strstr(complaint, place.path));
        g_assert_true(g_file_get_contents(place.path, &content, NULL, NULL));
        g_assert_cmpstr(content, ==, "precious");
        place_remove(&place);
}

/* A socket that a service before has left, because it was killed. */
static void test_in_place_of_socket(void) {
        Place place;

        place_make(&place);
        for (unsigned i = 0; i < 3; i++) {
                Service *service = service_spawn_with(
                        SERVICE_OPTIONS("--address=none", place.listen_option), NULL, NULL, 0);
                struct stat status;

                g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
                g_assert_cmpint(stat(place.path, &status), ==, 0);
                g_assert_cmpuint(status.st_mode & 07777, ==, 0666);
                check_served(place.address);
                if (i < 2) {
                        g_assert_cmpint(kill(service->pid, SIGKILL), ==, 0);
                        g_assert_cmpint(service_wait(service), ==, -1);
                        g_assert_true(is_socket(place.path));
                } else
                        service_stop(service);
        }
        g_assert_false(is_socket(place.path));
        place_remove(&place);
}

/* What somebody has put in the place of our socket meanwhile is theirs. */
static void test_replaced(void) {
        Service *service, *other;
        Place place;

        place_make(&place);
        service = service_spawn_with(SERVICE_OPTIONS("--address=none", place.listen_option), NULL, NULL, 0);
        g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
        other = service_spawn_with(SERVICE_OPTIONS("--address=none", place.listen_option), NULL, NULL, 0);
        g_assert_true(service_notified(other, "READY=1", PATIENCE_SEC));

        service_stop(service);
        g_assert_true(is_socket(place.path));
        check_served(place.address);
        service_stop(other);
        g_assert_false(is_socket(place.path));
        place_remove(&place);
}

/* A start that fails leaves nothing behind. */
static void test_failed(void) {
        g_autofree char *complaint = NULL;
        Place place;

        place_make(&place);
        complaint = run_failing("--address=unix:", place.listen_option);
        g_assert_nonnull(strstr(complaint, "unix:"));
        g_assert_false(is_socket(place.path));
        place_remove(&place);
}

/* As systemd hands it over: it stays when the service goes, and who connects meanwhile is served by the
 * next.
 */
static void test_inherited(void) {
        Handover handover = { .name = "socket" };
        Service *service;
        Place place;
        int fd;

        place_make(&place);
        handover.fd = directory_listen(&place.directory, 0);
        service = service_spawn_with(
                SERVICE_OPTIONS("--address=none", place.listen_option), NULL, &handover, 1);
        g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
        check_served(place.directory.address);
        /* It goes before the option. */
        g_assert_false(is_socket(place.path));
        /* Somebody else may take what both are told of; that must not hold the service up. */
        g_assert_cmpint(fcntl(handover.fd, F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);
        service_stop(service);

        fd = stranger_connect(place.directory.address);
        g_assert_true(stranger_send(fd, STRANGER_AUTHENTICATION, STRANGER_AUTHENTICATION_SIZE));
        service = service_spawn_with(SERVICE_OPTIONS("--address=none"), NULL, &handover, 1);
        g_autoptr(GString) heard = g_string_new(NULL);
        g_assert_true(stranger_hear(fd, heard, "AGREE_UNIX_FD\r\n"));
        g_assert_true(stranger_ping(fd, 7));
        close(fd);
        service_stop(service);
        close(handover.fd);
        place_remove(&place);
}

/* What is handed over and is not what we want is closed, and said to be; what is, is found among it. */
static void test_wrong_inherited(void) {
        int datagram = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0),
            unbound = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
            internet = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
            null = open("/dev/null", O_RDWR | O_CLOEXEC);
        Handover handovers[] = { { datagram, "socket" }, { unbound, "socket" }, { internet, "socket" },
                                 { null, "socket" },     { -1, "other" },       { -1, "socket" },
                                 { null, "stored" } };
        gint64 deadline;
        unsigned descriptors;
        Service *service;
        Place place;

        place_make(&place);
        handovers[4].fd = handovers[5].fd = directory_listen(&place.directory, 0);
        service = service_spawn_with(SERVICE_OPTIONS("--address=none"), NULL, &handovers[5], 1);
        g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
        check_served(place.directory.address); /* some are opened then */
        descriptors = service_descriptors(service);
        service_stop(service);

        service = service_spawn_with(
                SERVICE_OPTIONS("--address=none"), NULL, handovers, G_N_ELEMENTS(handovers));
        g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
        check_served(place.directory.address);
        /* It may have some for a moment. */
        deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;
        while (service_descriptors(service) > descriptors)
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        service_stop(service);

        close(handovers[5].fd);
        close(datagram);
        close(unbound);
        close(internet);
        close(null);
        place_remove(&place);
}

/* Alone they are as good as nothing. */
static void test_only_wrong_inherited(void) {
        Handover handover = { .name = "other" };
        Service *service;
        Place place;

        place_make(&place);
        handover.fd = directory_listen(&place.directory, 0);
        service = service_spawn_with(SERVICE_OPTIONS("--address=none"), NULL, &handover, 1);
        g_assert_cmpint(service_wait(service), ==, EXIT_FAILURE);

        service = service_spawn_with(
                SERVICE_OPTIONS("--address=none", place.listen_option), NULL, &handover, 1);
        g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
        check_served(place.address);
        service_stop(service);
        close(handover.fd);
        place_remove(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/socket-start/silent-bus", test_silent_bus);
        g_test_add_func("/socket-start/nobody", test_nobody);
        g_test_add_func("/socket-start/bad-paths", test_bad_paths);
        g_test_add_func("/socket-start/in-place-of-file", test_in_place_of_file);
        g_test_add_func("/socket-start/in-place-of-socket", test_in_place_of_socket);
        g_test_add_func("/socket-start/replaced", test_replaced);
        g_test_add_func("/socket-start/failed", test_failed);
        g_test_add_func("/socket-start/inherited", test_inherited);
        g_test_add_func("/socket-start/wrong-inherited", test_wrong_inherited);
        g_test_add_func("/socket-start/only-wrong-inherited", test_only_wrong_inherited);

        return g_test_run();
}
