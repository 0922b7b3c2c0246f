/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "intake.h"

static const uint8_t begin[] = { '\r', '\n', 'B', 'E', 'G', 'I', 'N', '\r', '\n' };

/* The authentication is lines of text, the last of which is BEGIN. */
static int follow_authentication(Intake *intake, uint8_t byte) {
        if (++intake->n_authentication > INTAKE_AUTHENTICATION_MAX)
                return -EMSGSIZE;

        if (byte != begin[intake->n_matched])
                intake->n_matched = byte == begin[0] ? 1 : 0;
        else
                intake->n_matched++;
        return 0;
}

bool intake_is_authenticated(const Intake *intake) {
        assert(intake);

        return intake->n_matched == sizeof(begin);
}

bool intake_is_at_rest(const Intake *intake) {
        return intake_is_authenticated(intake) && intake->frame.n_header == 0;
}

/* Follows a message by as much as can be looked at at once; returns how much that was, or an error. */
static int follow_message(Intake *intake, uint8_t *data, size_t n) {
        Frame *frame = &intake->frame;
        int r;

        r = frame_follow(frame, data, n, true);
        if (r < 0)
                return r;
        if (frame_has_header(frame) && frame_size(frame) > INTAKE_MESSAGE_MAX)
                return -EMSGSIZE;
        if (frame_is_whole(frame))
                intake->frame = (Frame) { 0 };
        return r;
}

static int follow_messages(Intake *intake, uint8_t *data, size_t n) {
        for (size_t done = 0; done < n;) {
                int r;

                r = follow_message(intake, data + done, n - done);
                if (r < 0)
                        return r;
                done += (size_t) r;
        }

        return (int) n;
}

int intake_follow(Intake *intake, uint8_t *data, size_t n) {
        size_t done = 0;
        int r;

        assert(intake);
        assert(data || n == 0);
        assert(n <= INT_MAX);

        if (intake_is_authenticated(intake))
                return follow_messages(intake, data, n);

        while (done < n && !intake_is_authenticated(intake)) {
                r = follow_authentication(intake, data[done++]);
                if (r < 0)
                        return r;
        }
        return (int) done;
}
