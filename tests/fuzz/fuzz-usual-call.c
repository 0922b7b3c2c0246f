/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "records.h"
#include "served.h"

#define REPEATED 4 /* times each message: the third can be answered at once */
#define SERIAL_END (WIRE_SERIAL_OFFSET + sizeof(uint32_t))

/* What a process may send again and again, and something that looks much the same: the input is a byte, how
 * many bytes of that are others; for each of these two, where it is and its difference; and records. Whoever
 * sends each message as a whole, which is answered at once if it may be, is told the same as who sends each
 * in two pieces, and so is always answered by sd-bus. */

typedef struct Guest {
        Peer *peer;
        int fd;
        bool is_open;
        size_t piece; /* how many bytes come first */
        GByteArray *heard;
} Guest;

static void guest_hear(Guest *guest, const char *data, size_t size) {
        if (!guest->is_open || size == 0)
                return;

        FUZZ_CHECK(send(guest->fd, data, size, MSG_NOSIGNAL) == (ssize_t) size);
        guest->is_open = served_turn(guest->peer, guest->fd, guest->heard);
}

static void guest_send(Guest *guest, const GString *bytes) {
        size_t first = MIN(guest->piece, bytes->len);

        guest_hear(guest, bytes->str, first);
        guest_hear(guest, bytes->str + first, bytes->len - first);
}

static void guest_begin(Guest *guest, size_t piece) {
        g_autoptr(GString) authentication = records_authentication();
        int pair[2];

        FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) >= 0);
        *guest = (Guest) { .fd = pair[0], .is_open = true, .piece = SIZE_MAX, .heard = g_byte_array_new() };
        FUZZ_CHECK(peer_new(served_service(), pair[1], &guest->peer) >= 0);
        guest_send(guest, authentication);
        FUZZ_CHECK(guest->is_open);
        g_byte_array_set_size(guest->heard, 0);
        guest->piece = piece;
}

static void guest_end(Guest *guest) {
        peer_free(guest->peer);
        close(guest->fd);
        g_byte_array_unref(guest->heard);
}

/* Both are told the same, but for the number of a message, and for figures, which move. */
static void check_same(const Guest *one, const Guest *other) {
        const GByteArray *a = one->heard, *b = other->heard;
        size_t i = 0, j = 0;

        FUZZ_CHECK(one->is_open == other->is_open);
        while (i < a->len && j < b->len) {
                const uint8_t *said = a->data + i, *wanted = b->data + j;
                size_t size = wire_size(said), wanted_size = wire_size(wanted), same = size;

                FUZZ_CHECK(size <= a->len - i && wanted_size <= b->len - j);
                if (wanted[1] == WIRE_RETURN)
                        same = wire_body_offset(said);
                FUZZ_CHECK(wanted[1] == WIRE_RETURN || size == wanted_size);
                FUZZ_CHECK(memcmp(said, wanted, 4) == 0);
                FUZZ_CHECK(memcmp(said + SERIAL_END, wanted + SERIAL_END, same - SERIAL_END) == 0);
                i += size;
                j += wanted_size;
        }
        FUZZ_CHECK(i == a->len && j == b->len);
}

static void change(GString *bytes, const uint8_t *changes, size_t n) {
        for (size_t i = 0; i + 1 < n; i += 2)
                if (changes[i] < bytes->len)
                        bytes->str[changes[i]] = (char) ((uint8_t) bytes->str[changes[i]] ^ changes[i + 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const uint8_t *changes;
        size_t n_changes, open_fds;
        Guest whole, pieces;
        char *texts[5];
        Records records;
        WireCall call;

        if (size == 0)
                return 0;
        changes = data + 1;
        n_changes = MIN((size_t) 2 * data[0], size - 1);
        records = (Records) { changes + n_changes, size - 1 - n_changes, 1, NULL };

        (void) served_service();
        open_fds = fuzz_open_fds();
        guest_begin(&whole, SIZE_MAX);
        guest_begin(&pieces, 1);
        while (records_next(&records, &call, texts)) {
                for (unsigned i = 0; i <= REPEATED; i++) {
                        g_autoptr(GString) bytes = NULL;

                        call.serial = records.serial++;
                        bytes = wire_write(&call);
                        if (i == REPEATED)
                                change(bytes, changes, n_changes);
                        guest_send(&whole, bytes);
                        guest_send(&pieces, bytes);
                        check_same(&whole, &pieces);
                }
                for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
                        free(texts[i]);
        }

        guest_end(&whole);
        guest_end(&pieces);
        FUZZ_CHECK(served_service()->n_queued_bytes == 0);
        service_forget_message(served_service());
        FUZZ_CHECK(fuzz_open_fds() == open_fds);
        return 0;
}
