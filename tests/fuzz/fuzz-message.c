/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../bus/parcel.h"
#include "bus-feed.h"
#include "cleanup.h"
#include "closer.h"
#include "fuzz.h"
#include "names.h"
#include "records.h"
#include "service.h"

#define TURNS_MAX 200 /* of the event loop; walks over all groups of the machine need not end */
#define PROBE_SERIAL UINT32_C(0x40000000)

#define AUTHENTICATED "DATA\r\nOK 0102030405060708090a0b0c0d0e0f10\r\nAGREE_UNIX_FD\r\n"

/* Messages from a bus into the service as it is, vtables and all. We are the bus: we pass on what clients
 * say, and answer as its driver. The first byte of an input is how we do that, the rest are messages. */

typedef enum Manner {
        MANNER_TELLS,   /* who calls is this process */
        MANNER_LIES,    /* it is one that does not exist */
        MANNER_REFUSES, /* nobody has that name */
        MANNER_RAVES,   /* and answers with whatever the input holds */
        MANNER_SILENT,
        MANNER_RAW, /* as the first, but the input is a stream of bytes */
        MANNER_CUT, /* as the first, but the input says how good messages are cut into pieces */
        _MANNER_COUNT,
} Manner;

typedef struct Bus {
        sd_event *event;
        Service *service;
        BusFeed *feed;
        int fd;
        GByteArray *received;
        Manner manner;
        const uint8_t *ravings;
        size_t ravings_size;
        uint32_t serial;
        GString *later; /* what is to be sent behind what is cut */
        bool is_cutting;
        bool is_closed;
        bool is_probed; /* the probe was answered as it should be */
} Bus;

static void bus_open(Bus *bus) {
        int pair[2];

        FUZZ_CHECK(sd_event_new(&bus->event) >= 0);
        FUZZ_CHECK(service_new(bus->event, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), &bus->service) >= 0);
        bus->service->sees_processes = true;

        FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) >= 0);
        bus->fd = pair[0];
        FUZZ_CHECK(bus_feed_new(bus->service, pair[1], &bus->feed) >= 0);
        FUZZ_CHECK(service_attach(bus->service, bus_feed_bus(bus->feed)) >= 0);
        FUZZ_CHECK(bus_feed_start(bus->feed) >= 0);
        bus->received = g_byte_array_new();
        bus->later = g_string_new(NULL);
}

static void bus_close(Bus *bus) {
        service_detach(bus->service);
        bus_feed_free(bus->feed);
        service_free(bus->service);
        sd_event_unref(bus->event);
        closep(&bus->fd);
        g_byte_array_unref(bus->received);
        g_string_free(bus->later, TRUE);
}

/* What is cut is not to be interrupted. */
static void bus_send(Bus *bus, const GString *bytes) {
        if (bus->is_cutting) {
                g_string_append_len(bus->later, bytes->str, (gssize) bytes->len);
                return;
        }

        /* What finds no room was not sent: nobody reads more than that of one input. */
        if (send(bus->fd, bytes->str, bytes->len, MSG_NOSIGNAL) != (ssize_t) bytes->len)
                bus->is_closed = true;
}

/* {"ProcessID": <pid>} */
static GString *credentials_of(uint32_t pid) {
        static const char head[] = "\0\0\0\0\0\0\0\0\x09\0\0\0ProcessID\0\1u\0\0\0\0";
        GString *body = g_string_new_len(head, sizeof(head) - 1);

        g_string_append_len(body, (const char *) &pid, sizeof(pid));
        body->str[0] = (char) (body->len - 8);
        return body;
}

static void answer_lookup(Bus *bus, uint32_t serial) {
        g_autoptr(GString) body = NULL, message = NULL;
        WireCall reply = { .type = WIRE_RETURN,
                           .flags = WIRE_NO_REPLY,
                           .serial = bus->serial++,
                           .reply_serial = serial,
                           .sender = "org.freedesktop.DBus",
                           .signature = "a{sv}" };

        if (bus->manner == MANNER_SILENT)
                return;
        body = credentials_of(bus->manner == MANNER_LIES ? INT32_MAX : (uint32_t) getpid());
        if (bus->manner == MANNER_REFUSES) {
                reply.type = WIRE_ERROR;
                reply.error = SD_BUS_ERROR_NAME_HAS_NO_OWNER;
                reply.text = "There is nobody.";
        } else if (bus->manner == MANNER_RAVES) {
                reply.body = bus->ravings;
                reply.body_size = bus->ravings_size;
        } else {
                reply.body = body->str;
                reply.body_size = body->len;
        }
        message = wire_write(&reply);
        bus_send(bus, message);
}

static void answer_hello(Bus *bus, uint32_t serial) {
        g_autoptr(GString) message = wire_write(&(WireCall) { .type = WIRE_RETURN,
                                                              .flags = WIRE_NO_REPLY,
                                                              .serial = bus->serial++,
                                                              .reply_serial = serial,
                                                              .sender = "org.freedesktop.DBus",
                                                              .text = ":1.1" });

        bus_send(bus, message);
}

static void hear(Bus *bus, const GByteArray *message) {
        uint32_t hello = wire_called(message, "Hello"),
                 lookup = wire_called(message, "GetConnectionCredentials");
        bool is_error = false;

        if (hello != 0)
                answer_hello(bus, hello);
        if (lookup != 0)
                answer_lookup(bus, lookup);
        if (wire_reply_serial(message, &is_error) == PROBE_SERIAL) {
                FUZZ_CHECK(!is_error && !bus->is_probed);
                bus->is_probed = true;
        }
}

/* Reads what the service says. */
static bool bus_hear(Bus *bus) {
        uint8_t data[4096];
        ssize_t n = recv(bus->fd, data, sizeof(data), 0);
        size_t size;

        if (n <= 0) {
                bus->is_closed = bus->is_closed || n == 0 || errno == ECONNRESET;
                return false;
        }
        g_byte_array_append(bus->received, data, (guint) n);
        /* The lines of the authentication end where the first message begins. */
        while (bus->received->len > 0 && bus->received->data[0] != 'l') {
                const uint8_t *end = memchr(bus->received->data, '\n', bus->received->len);

                if (!end)
                        return true;
                g_byte_array_remove_range(bus->received, 0, (guint) (end + 1 - bus->received->data));
        }
        while (bus->received->len >= WIRE_HEADER_SIZE &&
               bus->received->len >= (size = wire_size(bus->received->data))) {
                hear(bus, bus->received);
                g_byte_array_remove_range(bus->received, 0, (guint) size);
        }
        return true;
}

/* Until neither side has more to say. */
static void bus_run(Bus *bus) {
        for (unsigned i = 0; i < TURNS_MAX; i++) {
                bool is_heard = false;
                int r = sd_event_run(bus->event, 0);

                FUZZ_CHECK(r >= 0);
                /* All of it: a list of units may be longer than what would be read in so many turns. */
                while (bus_hear(bus))
                        is_heard = true;
                if (!is_heard && r == 0)
                        return;
        }
}

/* After all that, the service answers. */
static void bus_probe(Bus *bus) {
        g_autoptr(GString) probe = wire_write(&(WireCall) { .serial = PROBE_SERIAL,
                                                            .path = MYMEM_MANAGER_PATH,
                                                            .interface = "org.freedesktop.DBus.Properties",
                                                            .member = "GetAll",
                                                            .sender = ":1.4711",
                                                            .destination = MYMEM_BUS_NAME,
                                                            .text = MYMEM_MANAGER_INTERFACE });

        bus_run(bus);
        if (bus->is_closed)
                return;
        bus_send(bus, probe);
        bus_run(bus);
        /* Who serves a bus would leave it then. */
        FUZZ_CHECK(bus->is_probed || bus->is_closed || sd_bus_is_open(bus->service->bus) <= 0);
}

static void bus_greet(Bus *bus) {
        g_autoptr(GString) authenticated = g_string_new(AUTHENTICATED);

        bus_send(bus, authenticated);
        bus_run(bus);
        FUZZ_CHECK(!bus->is_closed && sd_bus_is_ready(bus->service->bus) > 0);
}

/* Sends a message in pieces of that size, and the descriptors with the first: of processes, and others. */
static void bus_send_pieces(Bus *bus, const GString *bytes, size_t piece, size_t n_descriptors) {
        _cleanup_close_ int pidfd = (int) syscall(SYS_pidfd_open, getpid(), 0);
        int fds[PARCEL_FDS_MAX];

        /* valgrind knows none of processes. */
        for (size_t i = 0; i < n_descriptors; i++)
                fds[i] = i % 2 || pidfd < 0 ? STDERR_FILENO : pidfd;

        bus->is_cutting = true;
        for (size_t done = 0; done < bytes->len && !bus->is_closed;) {
                ssize_t sent = parcel_send(
                        bus->fd, bytes->str + done, MIN(piece, bytes->len - done), fds, n_descriptors, 0);

                bus->is_closed = sent <= 0;
                done += (size_t) MAX(sent, 0);
                n_descriptors = 0;
                bus_run(bus);
        }
        bus->is_cutting = false;
        bus_send(bus, bus->later);
        g_string_truncate(bus->later, 0);
}

/* Three bytes are a message: which it is and how many descriptors it speaks of, how many come with it, and
 * how large the pieces are. A bus lets only good ones pass: of others sd-bus loses the descriptors. */
static void bus_send_cut(Bus *bus, const uint8_t *data, size_t size) {
        static const uint8_t index[4] = { 0 };
        static const struct {
                const char *member, *signature;
                size_t body_size;
        } calls[] = {
                { "GetMemory", NULL, 0 },     { "GetMemoryByPIDFD", "h", 4 }, { "GetUnitByPIDFD", "h", 4 },
                { "GetMemoryByPID", "u", 4 }, { "GetMemory", "h", 4 },        { "None", NULL, 0 },
        };

        for (; size >= 3 && !bus->is_closed; data += 3, size -= 3) {
                size_t n = data[0] % G_N_ELEMENTS(calls);
                g_autoptr(GString) bytes =
                        wire_write(&(WireCall) { .serial = bus->serial++,
                                                 .flags = data[0] & 0x80 ? WIRE_NO_REPLY : 0,
                                                 .path = MYMEM_MANAGER_PATH,
                                                 .interface = MYMEM_MANAGER_INTERFACE,
                                                 .member = calls[n].member,
                                                 .destination = MYMEM_BUS_NAME,
                                                 .sender = data[0] & 0x40 ? ":1.42" : ":1.43",
                                                 .n_fds = data[0] / G_N_ELEMENTS(calls) % 8,
                                                 .signature = calls[n].signature,
                                                 .body = index,
                                                 .body_size = calls[n].body_size });

                bus_send_pieces(bus, bytes, 1 + (size_t) data[2], data[1] % 16);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Bus bus = { .manner = MANNER_TELLS, .serial = 1 };
        g_autoptr(GString) messages = NULL;
        size_t open_fds;

        closer_start();
        open_fds = fuzz_open_fds();

        if (size > 0) {
                bus.manner = data[0] % _MANNER_COUNT;
                data++;
                size--;
        }
        bus.ravings = data;
        bus.ravings_size = size;
        if (bus.manner == MANNER_CUT)
                messages = g_string_new(NULL);
        else if (bus.manner == MANNER_RAW)
                messages = g_string_new_len((const char *) data, (gssize) size);
        else
                messages = records_write(&(Records) { data, size, 1, MYMEM_BUS_NAME });

        bus_open(&bus);
        bus_greet(&bus);
        if (bus.manner == MANNER_CUT)
                bus_send_cut(&bus, data, size);
        bus_send(&bus, messages);
        if (bus.manner == MANNER_RAW)
                bus_run(&bus); /* where the stream ends is not known */
        else
                bus_probe(&bus);
        bus_close(&bus);
        fuzz_await_fds(open_fds);
        return 0;
}
