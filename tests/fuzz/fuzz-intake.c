/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cleanup.h"
#include "fuzz.h"
#include "intake.h"

#define PIECE_MAX 64

/* Follows the stream in pieces, whose sizes are all 'piece' or, if that is 0, are taken from the stream
 * itself. Returns how many bytes were followed before an error. */
static size_t follow(Intake *intake, uint8_t *data, size_t size, size_t piece) {
        size_t done = 0;

        while (done < size) {
                size_t n = piece > 0 ? piece : (size_t) data[done] % PIECE_MAX + 1;
                bool was_authenticated = intake_is_authenticated(intake);
                int r;

                n = n < size - done ? n : size - done;
                r = intake_follow(intake, data + done, n);
                if (r < 0)
                        break;

                /* All of it, or up to the end of the authentication. */
                FUZZ_CHECK(r > 0 && (size_t) r <= n);
                FUZZ_CHECK((size_t) r == n || (!was_authenticated && intake_is_authenticated(intake)));
                FUZZ_CHECK(!was_authenticated || intake_is_authenticated(intake));
                /* What sd-bus may be waiting for is small. */
                FUZZ_CHECK(intake->frame.n_header <= FRAME_HEADER_SIZE);
                FUZZ_CHECK(intake->frame.n_fields + intake->frame.n_body <=
                           INTAKE_MESSAGE_MAX - FRAME_HEADER_SIZE);
                FUZZ_CHECK(intake->n_authentication <= INTAKE_AUTHENTICATION_MAX);
                done += (size_t) r;
        }

        return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ uint8_t *single = malloc(size + 1), *pieces = malloc(size + 1);
        Intake by_byte = { 0 }, by_piece = { 0 };
        size_t done, n;

        FUZZ_CHECK(single && pieces);
        memcpy(single, data, size);
        memcpy(pieces, data, size);

        /* However it is cut, it is the same stream, and stops at the same message. */
        done = follow(&by_byte, single, size, 1);
        n = follow(&by_piece, pieces, size, 0);
        FUZZ_CHECK(n <= done);
        FUZZ_CHECK(done < n + PIECE_MAX);
        FUZZ_CHECK(memcmp(single, pieces, n) == 0);
        FUZZ_CHECK(intake_is_authenticated(&by_byte) == intake_is_authenticated(&by_piece) || n < done);

        /* Only the field of the descriptors changes, and into one that nobody knows. */
        for (size_t i = 0; i < done; i++)
                FUZZ_CHECK(single[i] == data[i] || (data[i] == 9 && single[i] == 0xff));
        return 0;
}
