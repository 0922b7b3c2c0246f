/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fake.h"

#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "child.h"
#include "names.h"

const char *const fake_names[_FAKE_COUNT] = {
        [FAKE_ANSWERS] = "answers",
        [FAKE_OTHER_VERSION] = "other version",
        [FAKE_NO_REPORTED] = "no reported group",
        [FAKE_NO_FILES] = "no files",
        [FAKE_MANY_FILES] = "many files",
        [FAKE_SILENT] = "silent",
        [FAKE_TALKS] = "talks",
        [FAKE_EMPTY] = "empty",
        [FAKE_WRONG_TYPE] = "wrong type",
        [FAKE_INCOMPLETE] = "incomplete",
        [FAKE_NO_LIMIT] = "no limit",
        [FAKE_LIMITS] = "LimitsExceeded",
        [FAKE_NOT_SUPPORTED] = "NotSupported",
        [FAKE_UNKNOWN_CALLER] = "UnknownCaller",
        [FAKE_NO_CONTROLLER] = "NoMemoryController",
        [FAKE_DENIES] = "AccessDenied",
        [FAKE_STRANGE_ERROR] = "a strange error",
        [FAKE_NO_PROCESS] = "NoSuchProcess",
        [FAKE_NO_UNIT] = "NoSuchUnit",
        [FAKE_VANISHED] = "UnitVanished",
        [FAKE_DEAF] = "deaf",
        [FAKE_MUTE] = "mute",
        [FAKE_CLOSES] = "closes",
        [FAKE_GARBAGE] = "garbage",
};

static const char *error_of(FakeManner manner) {
        switch (manner) {
        case FAKE_LIMITS:
                return MYMEM_ERROR_LIMITS_EXCEEDED;
        case FAKE_NOT_SUPPORTED:
                return MYMEM_ERROR_NOT_SUPPORTED;
        case FAKE_UNKNOWN_CALLER:
                return MYMEM_ERROR_UNKNOWN_CALLER;
        case FAKE_NO_CONTROLLER:
                return MYMEM_ERROR_NO_MEMORY_CONTROLLER;
        case FAKE_DENIES:
                return SD_BUS_ERROR_ACCESS_DENIED;
        case FAKE_STRANGE_ERROR:
                return "org.example.Strange";
        case FAKE_NO_PROCESS:
                return MYMEM_ERROR_NO_SUCH_PROCESS;
        case FAKE_NO_UNIT:
                return MYMEM_ERROR_NO_SUCH_UNIT;
        case FAKE_VANISHED:
                return MYMEM_ERROR_UNIT_VANISHED;
        default:
                return NULL;
        }
}

static void append_text(sd_bus_message *reply, const char *name, const char *value) {
        g_assert_cmpint(sd_bus_message_append(reply, "{sv}", name, "s", value), >=, 0);
}

static void append_size(sd_bus_message *reply, const char *name, uint64_t value) {
        g_assert_cmpint(sd_bus_message_append(reply, "{sv}", name, "t", value), >=, 0);
}

static void append_properties(sd_bus_message *reply, FakeManner manner) {
        static const char *const texts[] = {
                "SystemUnit", "Slice", "LimitBy", "HighLimitBy", "SwapLimitBy"
        };
        static const char *const sizes[] = {
                "HighLimit",     "SwapLimit", "Peak",       "SwapUsage", "SwapPeak",     "ZSwapUsage",
                "Anonymous",     "File",      "ActiveFile", "Shmem",     "InactiveFile", "Kernel",
                "EventsOOM",     "EventsLow", "EventsHigh", "EventsMax", "Max",          "SlabReclaimable",
                "EventsOOMKill", "High",      "Min",        "Low",       "SwapMax",
        };

        append_text(reply, "Id", FAKE_UNIT);
        append_text(reply, "ControlGroup", FAKE_GROUP);
        append_size(reply, "Limit", manner == FAKE_NO_LIMIT ? UINT64_MAX : FAKE_LIMIT);
        if (manner == FAKE_WRONG_TYPE)
                append_text(reply, "Usage", "much");
        else
                append_size(reply, "Usage", FAKE_USAGE);
        append_size(reply, "WorkingSet", FAKE_WORKING_SET);
        if (manner != FAKE_INCOMPLETE)
                append_size(reply, "Available", FAKE_AVAILABLE);
        append_text(reply, "AvailableBy", FAKE_BY);
        if (manner == FAKE_OTHER_VERSION) {
                append_text(reply, "Peak", "high");
                g_assert_cmpint(
                        sd_bus_message_append(reply, "{sv}", "New", "a{s(tt)}", 1, "a", 1, 2), >=, 0);
                return;
        }

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
                append_text(reply, texts[i], "");
        for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
                append_size(reply, sizes[i], UINT64_MAX);
        g_assert_cmpint(sd_bus_message_append(reply, "{sv}", "OOMGroup", "b", 0), >=, 0);
        for (size_t i = 0; i < 2; i++)
                g_assert_cmpint(sd_bus_message_append(reply,
                                                      "{sv}",
                                                      i == 0 ? "PressureSome" : "PressureFull",
                                                      "(dddt)",
                                                      0.0,
                                                      0.0,
                                                      0.0,
                                                      UINT64_MAX),
                                >=,
                                0);
}

static int make_file(const char *text) {
        int fd = memfd_create("fake", MFD_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t) strlen(text));
        return fd;
}

/* What OpenMemory would hand out, if it were of groups. */
static void append_files(sd_bus_message *reply, FakeManner manner) {
        const char *path = manner == FAKE_NO_REPORTED ? FAKE_BY : FAKE_GROUP;
        int usage_fd = make_file(manner == FAKE_NO_FILES ? "" : "1\n"),
            statistics_fd = make_file("anon 1\n");
        unsigned n = manner == FAKE_MANY_FILES ? 9 : 1;

        g_assert_cmpint(sd_bus_message_append(reply, "s", FAKE_GROUP), >=, 0);
        g_assert_cmpint(sd_bus_message_open_container(reply, 'a', "(stthh)"), >=, 0);
        for (unsigned i = 0; i < n; i++)
                g_assert_cmpint(
                        sd_bus_message_append(
                                reply, "(stthh)", path, UINT64_C(1), UINT64_C(1), usage_fd, statistics_fd),
                        >=,
                        0);
        g_assert_cmpint(sd_bus_message_close_container(reply), >=, 0);
        close(usage_fd);
        close(statistics_fd);
}

static int reply_to(sd_bus_message *message, FakeManner manner) {
        sd_bus_message *reply = NULL;
        const char *error = error_of(manner);

        if (error)
                return sd_bus_reply_method_errorf(message, error, "This is only a test.");

        g_assert_cmpint(sd_bus_message_new_method_return(message, &reply), >=, 0);
        if (manner == FAKE_EMPTY)
                ;
        else if (manner >= FAKE_NO_REPORTED && manner <= FAKE_MANY_FILES &&
                 g_str_equal(sd_bus_message_get_member(message), "OpenMemory"))
                append_files(reply, manner);
        else if (!g_str_equal(sd_bus_message_get_member(message), "GetAll"))
                g_assert_cmpint(
                        sd_bus_message_append(reply, "so", FAKE_UNIT, MYMEM_UNIT_PATH "/fake"), >=, 0);
        else {
                g_assert_cmpint(sd_bus_message_open_container(reply, 'a', "{sv}"), >=, 0);
                append_properties(reply, manner);
                g_assert_cmpint(sd_bus_message_close_container(reply), >=, 0);
        }
        (void) sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return 1;
}

/* Says things until nobody wants to hear them any more. */
static void talk(sd_bus *bus, const char *destination) {
        int r = 0;

        while (r >= 0 && sd_bus_is_open(bus) > 0) {
                sd_bus_message *signal = NULL;

                g_assert_cmpint(
                        sd_bus_message_new_signal(bus, &signal, "/", "org.example.Talk", "Talk"), >=, 0);
                g_assert_cmpint(sd_bus_message_append(signal, "s", "and so on"), >=, 0);
                if (destination)
                        g_assert_cmpint(sd_bus_message_set_destination(signal, destination), >=, 0);
                r = sd_bus_send(bus, signal, NULL);
                if (r >= 0)
                        r = sd_bus_flush(bus);
                sd_bus_message_unref(signal);
        }
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        FakeManner manner = *(const FakeManner *) userdata;

        (void) error;

        if (!sd_bus_message_is_method_call(message, NULL, NULL))
                return 0;
        if (manner == FAKE_TALKS)
                talk(sd_bus_message_get_bus(message), sd_bus_message_get_sender(message));
        if (manner == FAKE_TALKS || manner == FAKE_SILENT)
                return 1;

        return reply_to(message, manner);
}

static void serve(sd_bus *bus) {
        int r = 0;

        while (r >= 0) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
}

static void greet(int fd, FakeManner manner) {
        static const char garbage[] = "HTTP/1.1 400 Bad Request\r\n\r\n\r\n";
        sd_id128_t id = SD_ID128_NULL;
        sd_bus *bus = NULL;
        char byte;

        if (manner == FAKE_CLOSES) {
                close(fd);
                return;
        }
        if (manner == FAKE_MUTE)
                return;
        if (manner == FAKE_GARBAGE) {
                (void) send(fd, garbage, strlen(garbage), MSG_NOSIGNAL);
                while (recv(fd, &byte, 1, 0) > 0) /* until the other side has closed */
                        ;
                close(fd);
                return;
        }

        id.bytes[0] = 1;
        g_assert_cmpint(sd_bus_new(&bus), >=, 0);
        g_assert_cmpint(sd_bus_set_fd(bus, fd, fd), >=, 0);
        g_assert_cmpint(sd_bus_set_server(bus, true, id), >=, 0);
        g_assert_cmpint(sd_bus_set_anonymous(bus, true), >=, 0);
        g_assert_cmpint(sd_bus_add_filter(bus, NULL, on_message, &manner), >=, 0);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        serve(bus);
        sd_bus_close_unref(bus);
}

Fake *fake_listen(FakeManner manner) {
        Fake *fake = g_new0(Fake, 1);
        int listen_fd;

        directory_make(&fake->directory);
        fake->path = g_build_filename(fake->directory.path, "bus", NULL);
        listen_fd = directory_listen(&fake->directory, 0);
        fake->pid = child_fork();
        while (fake->pid == 0) {
                int fd = -1;

                if (manner == FAKE_DEAF)
                        (void) pause();
                else
                        fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
                if (fd >= 0)
                        greet(fd, manner);
        }

        close(listen_fd);
        return fake;
}

Fake *fake_own(const char *address, FakeManner manner) {
        Fake *fake = g_new0(Fake, 1);
        sd_bus *bus = NULL;
        int ready[2];

        g_assert_cmpint(pipe2(ready, O_CLOEXEC), ==, 0);
        fake->pid = child_fork();
        if (fake->pid == 0) {
                g_assert_cmpint(sd_bus_new(&bus), >=, 0);
                g_assert_cmpint(sd_bus_set_bus_client(bus, true), >=, 0);
                g_assert_cmpint(sd_bus_set_address(bus, address), >=, 0);
                g_assert_cmpint(sd_bus_add_filter(bus, NULL, on_message, &manner), >=, 0);
                g_assert_cmpint(sd_bus_start(bus), >=, 0);
                /* The bus may not have noticed yet that the one before is gone. */
                g_assert_cmpint(
                        sd_bus_request_name(bus,
                                            MYMEM_BUS_NAME,
                                            SD_BUS_NAME_ALLOW_REPLACEMENT | SD_BUS_NAME_REPLACE_EXISTING),
                        >=,
                        0);
                child_tell(ready[1]);
                serve(bus);
                _exit(EXIT_FAILURE);
        }

        close(ready[1]);
        g_assert_true(child_hear(ready[0]));
        close(ready[0]);
        return fake;
}

void fake_stop(Fake *fake) {
        child_kill(fake->pid);
        if (fake->path)
                directory_remove(&fake->directory);
        g_free(fake->path);
        g_free(fake);
}
