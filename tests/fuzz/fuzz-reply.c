/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/socket.h>
#include <unistd.h>

#include "../bus/parcel.h"
#include "cleanup.h"
#include "fuzz.h"
#include "handout.h"
#include "machine.h"
#include "records.h"
#include "size.h"

#define PATIENCE_USEC UINT64_C(60000000) /* nothing is waited for: all has been said */
#define OPEN_MEMORY 0x40                 /* handout_ask_over() is called, else ask_over() */
#define RAW 0x80                         /* the replies are a stream of bytes */
#define DESCRIPTORS_MAX 16

/* What whoever stands in the service's place may reply to the library. The first byte of an input is what is
 * asked for; the rest are the replies, as records whose path is the name of an error, if they are one. */

static bool is_handout(const WireCall *reply) {
        return !reply->path && !reply->sender && reply->body_size > 0 &&
                g_strcmp0(reply->signature, "sa(stthh)") == 0;
}

static GString *write_replies(Records *records, size_t *ret_descriptors) {
        GString *bytes = g_string_new(NULL);
        char *texts[5];
        WireCall reply;

        while (records_next(records, &reply, texts)) {
                g_autoptr(GString) message = NULL;

                /* They all come along with the first, if it is the one that has them: of a malformed message
                 * with descriptors libsystemd 252 loses a few bytes. */
                if (reply.serial == 1 && is_handout(&reply))
                        *ret_descriptors = reply.n_fds %= DESCRIPTORS_MAX + 1;
                reply.type = reply.path ? WIRE_ERROR : WIRE_RETURN;
                reply.error = reply.path;
                reply.reply_serial = reply.serial;
                reply.path = reply.interface = reply.member = NULL;
                message = wire_write(&reply);
                g_string_append_len(bytes, message->str, (gssize) message->len);
                for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
                        free(texts[i]);
        }

        return bytes;
}

/* What a server says before its first message, to who says all at once. */
static void authenticate(int fd, Connection *connection) {
        static const char text[] = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n";

        FUZZ_CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t) strlen(text));
        FUZZ_CHECK(connection_wait_ready(connection) == 0);
}

/* Says it all in advance, with descriptors, and nothing after it. */
static void say(int fd, const GString *bytes, size_t n_descriptors) {
        FUZZ_CHECK(parcel_send_copies(fd, bytes->str, bytes->len, STDERR_FILENO, n_descriptors, 0) ==
                   (ssize_t) bytes->len);
        FUZZ_CHECK(shutdown(fd, SHUT_WR) >= 0);
}

/* Whatever is given to programs can be shown, and is complete. */
static void check_text(const char *text) {
        FUZZ_CHECK(text && g_utf8_validate(text, -1, NULL));
        for (const char *p = text; *p; p++)
                FUZZ_CHECK(!g_ascii_iscntrl(*p));
}

static void check_snapshot(const Snapshot *snapshot) {
        check_text(snapshot->id);
        check_text(snapshot->control_group);
        check_text(snapshot->available_by);
        FUZZ_CHECK(snapshot->limit != SIZE_UNLIMITED);
        for (size_t i = 0; i < snapshot->n_levels; i++) {
                check_text(snapshot->levels[i].control_group);
                check_text(snapshot->levels[i].unit);
        }
}

static int ask(Connection *connection, uint8_t what) {
        static const Target targets[] = {
                { .kind = TARGET_SELF },
                { .kind = TARGET_PROCESS, .pid = 1 },
                { .kind = TARGET_UNIT, .name = "web.service" },
        };
        Asked asked = { 0 };
        int r;

        r = ask_over(connection, &targets[what % G_N_ELEMENTS(targets)], (AskNeeds) (what / 4 % 3), &asked);
        FUZZ_CHECK(r == -ESRCH || r == -ENOENT || r == -ENODEV || r == 0 || r == 1);
        FUZZ_CHECK((r == 1) == (asked.snapshot != NULL));
        if (r == 1)
                check_snapshot(asked.snapshot);
        if (asked.sentence)
                check_text(asked.sentence);
        asked_done(&asked);
        return r;
}

static int ask_for_files(Connection *connection) {
        Handout handout = { 0 };
        int r;

        r = handout_ask_over(connection, &handout);
        FUZZ_CHECK(r == -ESRCH || r == -ENOENT || r == -ENODEV || r == 0 || r == 1);
        if (r == 1) {
                check_snapshot(handout.snapshot);
                FUZZ_CHECK(handout.opened.n <= OPENED_MAX && handout.opened.reported < handout.opened.n);
                for (size_t i = 0; i < handout.opened.n; i++)
                        FUZZ_CHECK(handout.opened.groups[i].usage_fd >= 0 &&
                                   handout.opened.groups[i].statistics_fd >= 0);
        }
        handout_done(&handout);
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Connection connection = { .source = MYMEM_SOURCE_SOCKET };
        g_autoptr(GString) bytes = NULL;
        _cleanup_close_ int fd = -1;
        size_t open_fds = fuzz_open_fds();
        int pair[2];
        uint8_t what = size > 0 ? data[0] : 0;
        size_t n_descriptors = 0;

        if (what & RAW)
                bytes = g_string_new_len((const char *) data + 1, (gssize) size - 1);
        else
                bytes = write_replies(&(Records) { data + 1, size > 0 ? size - 1 : 0, 1, NULL },
                                      &n_descriptors);
        if (bytes->len == 0)
                return 0;

        FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) >= 0);
        fd = pair[0];
        connection.deadline_usec = machine_now_usec() + PATIENCE_USEC;
        FUZZ_CHECK(sd_bus_new(&connection.bus) >= 0);
        FUZZ_CHECK(sd_bus_set_fd(connection.bus, pair[1], pair[1]) >= 0);
        FUZZ_CHECK(sd_bus_start(connection.bus) >= 0);
        if (!(what & RAW))
                authenticate(fd, &connection);
        say(fd, bytes, n_descriptors);

        if (what & OPEN_MEMORY)
                (void) ask_for_files(&connection);
        else
                (void) ask(&connection, what);

        connection_done(&connection);
        closep(&fd);
        fd = -1;
        FUZZ_CHECK(fuzz_open_fds() == open_fds);
        return 0;
}
