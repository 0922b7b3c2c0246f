/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "fuzz.h"
#include "records.h"
#include "served.h"

#define RAW 0x80         /* the input is the stream; else it is records, behind an authentication */
#define DEAF 0x40        /* it does not read */
#define DESCRIPTORS 0x3f /* with the first piece */
#define PIECE 256
#define PATIENCE_MSEC 10000

/* What a process may send to the socket, in pieces, with descriptors. The first byte of an input says how;
 * the rest is what is sent. */

/* Sends a piece with that many descriptors, all of the same file. Returns how much of it was taken. */
static size_t send_piece(int fd, const char *data, size_t size, size_t n_descriptors) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(sizeof(int) * (DESCRIPTORS + 1))];
        } control = { 0 };
        struct iovec iov = { (void *) data, size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
        ssize_t n;

        if (n_descriptors > 0) {
                int fds[DESCRIPTORS + 1];

                for (size_t i = 0; i < n_descriptors; i++)
                        fds[i] = STDERR_FILENO;
                control.header = (struct cmsghdr) { .cmsg_len = CMSG_LEN(sizeof(int) * n_descriptors),
                                                    .cmsg_level = SOL_SOCKET,
                                                    .cmsg_type = SCM_RIGHTS };
                memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_descriptors);
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * n_descriptors);
        }
        n = sendmsg(fd, &message, MSG_NOSIGNAL);
        return n < 0 ? 0 : (size_t) n;
}

/* The thread that closes what came along does so in its own time. */
static void await_closed(size_t open_fds) {
        for (int i = 0; i < PATIENCE_MSEC && fuzz_open_fds() != open_fds; i++)
                (void) poll(NULL, 0, 1);
        FUZZ_CHECK(fuzz_open_fds() == open_fds);
}

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
                        records_write(&(Records) { data + 1, size > 0 ? size - 1 : 0, 1 });

                bytes = records_authentication();
                g_string_append_len(bytes, messages->str, (gssize) messages->len);
        }

        for (size_t done = 0; is_open && done < bytes->len;) {
                size_t n = send_piece(fd, bytes->str + done, MIN(PIECE, bytes->len - done), n_descriptors);

                FUZZ_CHECK(n > 0);
                done += n;
                n_descriptors = 0;
                is_open = served_turn(peer, fd, heard);
        }

        peer_free(peer);
        FUZZ_CHECK(service->n_queued_bytes == 0);
        service_forget_message(service);
        closep(&fd);
        fd = -1;
        await_closed(open_fds);
        return 0;
}
