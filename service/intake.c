/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "intake.h"

#define FIELD_UNIX_FDS 9   /* how many descriptors a message has */
#define FIELD_UNKNOWN 0xff /* one that whoever does not know it passes over */

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
        return intake_is_authenticated(intake) && intake->n_header == 0;
}

/* Adds byte 'i' of four to a number. */
static uint32_t add_byte(const Intake *intake, uint32_t number, size_t i, uint8_t byte) {
        return number | (uint32_t) byte << 8 * (intake->header[0] == 'l' ? i : 3 - i);
}

static uint32_t header_number(const Intake *intake, size_t offset) {
        uint32_t number = 0;

        for (size_t i = 0; i < 4; i++)
                number = add_byte(intake, number, i, intake->header[offset + i]);
        return number;
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

        intake->n_fields = (size_t) fields;
        intake->field = (IntakeField) { .state = INTAKE_CODE };
        intake->n_body = (size_t) body;
        return 0;
}

/* After the signature, which leaves us at a multiple of 4, where all values begin. */
static void begin_value(IntakeField *field) {
        field->length = 0;
        switch (field->type) {
        case 'u':
                field->state = INTAKE_VALUE;
                field->n = 4;
                break;
        case 'g':
                field->state = INTAKE_VALUE_LENGTH;
                field->n = 1;
                break;
        case 's':
        case 'o':
                field->state = INTAKE_VALUE_LENGTH;
                field->n = 4;
                break;
        default:
                field->state = INTAKE_LOST;
        }
}

/* Follows the header fields by a byte. Each field begins at a multiple of 8, as they do all together, and as
 * their end is one. */
static void follow_field(Intake *intake, uint8_t *byte) {
        IntakeField *field = &intake->field;

        switch (field->state) {
        case INTAKE_CODE:
                if (intake->n_fields % 8 != 0)
                        break;
                if (*byte == FIELD_UNIX_FDS)
                        *byte = FIELD_UNKNOWN;
                field->state = INTAKE_SIGNATURE_LENGTH;
                break;
        case INTAKE_SIGNATURE_LENGTH:
                field->state = *byte == 1 ? INTAKE_SIGNATURE : INTAKE_LOST;
                break;
        case INTAKE_SIGNATURE:
                field->type = *byte;
                field->state = INTAKE_SIGNATURE_END;
                break;
        case INTAKE_SIGNATURE_END:
                begin_value(field);
                break;
        case INTAKE_VALUE_LENGTH:
                field->n--;
                field->length =
                        field->type == 'g' ? *byte : add_byte(intake, field->length, 3 - field->n, *byte);
                if (field->n == 0) {
                        field->state = INTAKE_VALUE;
                        field->n = (size_t) field->length + 1; /* and a NUL byte */
                }
                break;
        case INTAKE_VALUE:
                if (--field->n == 0)
                        field->state = INTAKE_CODE;
                break;
        case INTAKE_LOST:
                break;
        }
}

/* Follows a message by as much as there is of it; returns how much that was, or an error. */
static int follow_message(Intake *intake, uint8_t *data, size_t n) {
        size_t taken = 1;
        int r;

        if (intake->n_header < sizeof(intake->header)) {
                intake->header[intake->n_header++] = *data;
                if (intake->n_header == sizeof(intake->header)) {
                        r = begin_message(intake);
                        if (r < 0)
                                return r;
                }
        } else if (intake->n_fields > 0) {
                follow_field(intake, data);
                intake->n_fields--;
        } else {
                taken = n < intake->n_body ? n : intake->n_body;
                intake->n_body -= taken;
        }

        if (intake->n_header == sizeof(intake->header) && intake->n_fields == 0 && intake->n_body == 0) {
                intake->n_header = 0;
                intake->n_messages++;
        }
        return (int) taken;
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
