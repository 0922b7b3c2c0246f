/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "intake.h"

static const char begin[] = "\r\nBEGIN\r\n";

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

        return intake->n_matched == strlen(begin);
}

static uint32_t header_number(const Intake *intake, size_t offset) {
        const uint8_t *p = intake->header + offset;

        return intake->header[0] == 'l' ?
                (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24 :
                (uint32_t) p[3] | (uint32_t) p[2] << 8 | (uint32_t) p[1] << 16 | (uint32_t) p[0] << 24;
}

/* The first 16 bytes of a message tell its size: its byte order, the length of its body, and that of its
 * header fields, after which the body begins at a multiple of 8. */
static int begin_message(Intake *intake) {
        uint64_t body, fields;

        if (intake->header[0] != 'l' && intake->header[0] != 'B')
                return -EBADMSG;

        body = header_number(intake, 4);
        fields = ((uint64_t) header_number(intake, 12) + 7) / 8 * 8;
        if (sizeof(intake->header) + fields + body > INTAKE_MESSAGE_MAX)
                return -EMSGSIZE;

        intake->n_rest = (size_t) (fields + body);
        return 0;
}

/* Follows a message by as much as there is of it; returns how much that was, or an error. */
static int follow_message(Intake *intake, const uint8_t *data, size_t n) {
        size_t taken;
        int r;

        if (intake->n_header < sizeof(intake->header)) {
                intake->header[intake->n_header++] = *data;
                taken = 1;
                if (intake->n_header == sizeof(intake->header)) {
                        r = begin_message(intake);
                        if (r < 0)
                                return r;
                }
        } else {
                taken = n < intake->n_rest ? n : intake->n_rest;
                intake->n_rest -= taken;
        }

        if (intake->n_header == sizeof(intake->header) && intake->n_rest == 0) {
                intake->n_header = 0;
                intake->n_descriptors = 0;
        }
        return (int) taken;
}

static int follow_messages(Intake *intake, const uint8_t *data, size_t n) {
        for (size_t done = 0; done < n;) {
                int r;

                r = follow_message(intake, data + done, n - done);
                if (r < 0)
                        return r;
                done += (size_t) r;
        }

        return (int) n;
}

int intake_follow(Intake *intake, const uint8_t *data, size_t n, unsigned n_descriptors) {
        size_t done = 0;
        int r;

        assert(intake);
        assert(data || n == 0);
        assert(n <= INT_MAX);

        intake->n_descriptors += n_descriptors;
        if (intake->n_descriptors > INTAKE_DESCRIPTORS_MAX)
                return -E2BIG;
        if (intake_is_authenticated(intake))
                return follow_messages(intake, data, n);

        while (done < n && !intake_is_authenticated(intake)) {
                r = follow_authentication(intake, data[done++]);
                if (r < 0)
                        return r;
        }
        return (int) done;
}
