/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/socket.h>
#include <unistd.h>

#include "../bus/parcel.h"
#include "cleanup.h"
#include "fuzz.h"
#include "records.h"
#include "served.h"

#define RAW 0x80         /* the input is the stream; else it is records, behind an authentication */
#define DEAF 0x40        /* it does not read */
#define DESCRIPTORS 0x3f /* with the first piece */
#define PIECE 256

/* What a process may send to the socket, in pieces, with descriptors. The first byte of an input says how;
 * the rest is what is sent. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Service *service = served_service();
        _cleanup_close_ int fd = -1;
        g_autoptr(GString) bytes = NULL;
        g_autoptr(GByteArray) heard = NULL;
        uint8_t how = size > 0 ? data[0] : 0;
        size_t n_descriptors = how & DESCRIPTORS;
        size_t open_fds = fuzz_open_fds();
        int pair[2];
        bool is_open = true;
        Peer *peer;

        FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) >= 0);
        fd = pair[0];
        FUZZ_CHECK(peer_new(service, pair[1], &peer) >= 0);
        if (!(how & DEAF))
                heard = g_byte_array_new();
        if (how & RAW)
                bytes = g_string_new_len((const char *) data + 1, (gssize) size - 1);
        else {
                g_autoptr(GString) messages =
                        records_write(&(Records) { data + 1, size > 0 ? size - 1 : 0, 1, NULL });

                bytes = records_authentication();
                g_string_append_len(bytes, messages->str, (gssize) messages->len);
        }

        for (size_t done = 0; is_open && done < bytes->len;) {
                ssize_t n = parcel_send_copies(fd,
                                               bytes->str + done,
                                               MIN(PIECE, bytes->len - done),
                                               STDERR_FILENO,
                                               n_descriptors,
                                               0);

                FUZZ_CHECK(n > 0);
                done += (size_t) n;
                n_descriptors = 0;
                is_open = served_turn(peer, fd, heard);
        }

        peer_free(peer);
        FUZZ_CHECK(service->n_queued_bytes == 0);
        service_forget_message(service);
        closep(&fd);
        fd = -1;
        fuzz_await_fds(open_fds);
        return 0;
}
