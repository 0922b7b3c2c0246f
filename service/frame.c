/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "frame.h"

/* What a header has where. */
#define TYPE_OFFSET 1
#define FLAGS_OFFSET 2
#define VERSION_OFFSET 3
#define BODY_SIZE_OFFSET 4
#define SERIAL_OFFSET 8
#define FIELDS_SIZE_OFFSET 12

#define TYPE_CALL 1

/* That nobody is to be started for a call, or to be asked, is said of some, and changes nothing. */
#define USUAL_FLAGS (FRAME_NO_AUTO_START | FRAME_INTERACTIVE_AUTHORIZATION)

#define FRAME_UNKNOWN 0xff /* a field that whoever does not know it passes over */

/* Adds byte 'i' of four to a number. */
static uint32_t add_byte(const Frame *frame, uint32_t number, size_t i, uint8_t byte) {
        return number | (uint32_t) byte << 8 * (frame->header[0] == 'l' ? i : 3 - i);
}

static uint32_t read_number(const Frame *frame, size_t offset) {
        uint32_t number;

        assert(frame_has_header(frame));

        memcpy(&number, frame->header + offset, sizeof(number));
        return (frame->header[0] == 'l') == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) ?
                number :
                __builtin_bswap32(number);
}

uint32_t frame_serial(const Frame *frame) {
        assert(frame);

        return read_number(frame, SERIAL_OFFSET);
}

uint64_t frame_body_size(const Frame *frame) {
        assert(frame);

        return read_number(frame, BODY_SIZE_OFFSET);
}

/* The header tells the size: its byte order, the length of the body, and that of the fields, after which the
 * body begins at a multiple of 8. */
static uint64_t fields_size(const Frame *frame) {
        return ((uint64_t) read_number(frame, FIELDS_SIZE_OFFSET) + 7) / 8 * 8;
}

uint64_t frame_size(const Frame *frame) {
        assert(frame);
        assert(frame_has_header(frame));

        return frame_body_offset(frame) + frame_body_size(frame);
}

uint64_t frame_body_offset(const Frame *frame) {
        assert(frame);

        return FRAME_HEADER_SIZE + fields_size(frame);
}

bool frame_is_usual(const Frame *frame) {
        assert(frame);
        assert(frame_has_fields(frame));

        return frame->header[VERSION_OFFSET] == FRAME_PROTOCOL_VERSION &&
                (frame->header[FLAGS_OFFSET] & ~USUAL_FLAGS) == 0 && frame_serial(frame) != 0 &&
                !frame->is_odd && frame->field.state == FRAME_CODE &&
                frame->fields_end == FRAME_HEADER_SIZE + read_number(frame, FIELDS_SIZE_OFFSET);
}

bool frame_is_call(const Frame *frame) {
        assert(frame);
        assert(frame_has_header(frame));

        return frame->header[TYPE_OFFSET] == TYPE_CALL;
}

bool frame_expects_reply(const Frame *frame) {
        return frame_is_call(frame) && (frame->header[FLAGS_OFFSET] & FRAME_NO_REPLY_EXPECTED) == 0;
}

bool frame_text_is(const Frame *frame, const uint8_t *data, unsigned field, const char *text) {
        const FrameText *said;
        size_t n;

        assert(frame);
        assert(frame_has_fields(frame));
        assert(data);
        assert(field < FRAME_FIELDS_MAX);
        assert(text);

        said = &frame->texts[field];
        n = strlen(text);
        return (frame->fields & 1U << field) && said->length == n &&
                said->offset + n < frame_body_offset(frame) && memcmp(data + said->offset, text, n + 1) == 0;
}

static int follow_header(Frame *frame, const uint8_t *data, size_t n) {
        size_t left = FRAME_HEADER_SIZE - frame->n_header, taken = n < left ? n : left;

        memcpy(frame->header + frame->n_header, data, taken);
        frame->n_header += taken;
        if (!frame_has_header(frame))
                return (int) taken;
        if (frame->header[0] != 'l' && frame->header[0] != 'B')
                return -EBADMSG;

        frame->n_fields = fields_size(frame);
        frame->n_body = frame_body_size(frame);
        return (int) taken;
}

/* From where the message begins. */
static uint64_t fields_offset(const Frame *frame) {
        return FRAME_HEADER_SIZE + fields_size(frame) - frame->n_fields;
}

static void lose(Frame *frame) {
        frame->field.state = FRAME_LOST;
        frame->is_odd = true;
}

/* How the protocol writes the fields that it numbers. */
static const char field_types[FRAME_FIELDS_MAX] = {
        [FRAME_PATH] = 'o',       [FRAME_INTERFACE] = 's',    [FRAME_MEMBER] = 's',
        [FRAME_ERROR_NAME] = 's', [FRAME_REPLY_SERIAL] = 'u', [FRAME_DESTINATION] = 's',
        [FRAME_SENDER] = 's',     [FRAME_SIGNATURE] = 'g',    [FRAME_UNIX_FDS] = 'u',
};

static void begin_field(Frame *frame, uint8_t code) {
        unsigned bit = code < FRAME_FIELDS_MAX ? 1U << code : 0;

        if (bit == 0 || frame->fields & bit)
                frame->is_odd = true;
        frame->fields |= bit;
        frame->field = (FrameField) { .state = FRAME_TYPE_LENGTH, .code = code };
}

/* After the signature, which leaves us at a multiple of 4, where all values begin. */
static void begin_value(Frame *frame) {
        FrameField *field = &frame->field;

        if (field->code >= FRAME_FIELDS_MAX || field_types[field->code] != (char) field->type)
                frame->is_odd = true;

        switch (field->type) {
        case 'u':
                field->state = FRAME_NUMBER;
                field->n = 4;
                break;
        case 'g':
                field->state = FRAME_LENGTH;
                field->n = 1;
                break;
        case 's':
        case 'o':
                field->state = FRAME_LENGTH;
                field->n = 4;
                break;
        default:
                lose(frame);
        }
}

static void begin_text(Frame *frame) {
        FrameField *field = &frame->field;

        field->state = FRAME_TEXT;
        field->n = (uint64_t) field->number + 1; /* and a NUL byte */
        if (field->code < FRAME_FIELDS_MAX)
                frame->texts[field->code] =
                        (FrameText) { .offset = fields_offset(frame) + 1, .length = field->number };
}

/* Takes of a text what there is. */
static size_t follow_text(Frame *frame, const uint8_t *data, size_t n) {
        FrameField *field = &frame->field;
        size_t taken = n < field->n ? n : (size_t) field->n;

        if (field->code == FRAME_SENDER && field->number <= FRAME_NAME_MAX)
                memcpy(frame->sender + field->number + 1 - field->n, data, taken);
        field->n -= taken;
        if (field->n > 0)
                return taken;

        field->state = FRAME_CODE;
        frame->fields_end = fields_offset(frame) + taken;
        frame->is_odd |= data[taken - 1] != 0;
        if (field->code == FRAME_SENDER)
                frame->sender[FRAME_NAME_MAX] = '\0';
        return taken;
}

/* Follows the fields by a byte, or by a text. Each field begins at a multiple of 8, as they do all together,
 * and as their end is one. */
static size_t follow_field(Frame *frame, uint8_t *data, size_t n, bool hides_descriptors) {
        FrameField *field = &frame->field;

        switch (field->state) {
        case FRAME_CODE:
                if (frame->n_fields % 8 != 0) {
                        frame->is_odd |= *data != 0;
                        break;
                }
                begin_field(frame, *data);
                if (hides_descriptors && *data == FRAME_UNIX_FDS)
                        *data = FRAME_UNKNOWN;
                break;
        case FRAME_TYPE_LENGTH:
                if (*data == 1)
                        field->state = FRAME_TYPE;
                else
                        lose(frame);
                break;
        case FRAME_TYPE:
                field->type = *data;
                field->state = FRAME_TYPE_END;
                break;
        case FRAME_TYPE_END:
                frame->is_odd |= *data != 0;
                begin_value(frame);
                break;
        case FRAME_NUMBER:
                field->n--;
                field->number = add_byte(frame, field->number, 3 - field->n, *data);
                if (field->n > 0)
                        break;
                if (field->code == FRAME_UNIX_FDS)
                        frame->n_descriptors = field->number;
                frame->fields_end = fields_offset(frame) + 1;
                field->state = FRAME_CODE;
                break;
        case FRAME_LENGTH:
                field->n--;
                field->number =
                        field->type == 'g' ? *data : add_byte(frame, field->number, 3 - field->n, *data);
                if (field->n == 0)
                        begin_text(frame);
                break;
        case FRAME_TEXT:
                return follow_text(frame, data, n);
        case FRAME_LOST:
                return n;
        }

        return 1;
}

static int follow_fields(Frame *frame, uint8_t *data, size_t n, bool hides_descriptors) {
        size_t left = n < frame->n_fields ? n : (size_t) frame->n_fields, done = 0, taken;

        for (; done < left; done += taken) {
                taken = follow_field(frame, data + done, left - done, hides_descriptors);
                frame->n_fields -= taken;
        }
        /* A name that ends too early is none. */
        if (frame->n_fields == 0 && frame->field.state != FRAME_CODE)
                frame->sender[0] = '\0';

        return (int) done;
}

int frame_follow(Frame *frame, uint8_t *data, size_t n, bool hides_descriptors) {
        size_t taken;

        assert(frame);
        assert(data);
        assert(n > 0 && n <= INT_MAX);
        assert(!frame_is_whole(frame));

        if (!frame_has_header(frame))
                return follow_header(frame, data, n);
        if (!frame_has_fields(frame))
                return follow_fields(frame, data, n, hides_descriptors);

        taken = n < frame->n_body ? n : (size_t) frame->n_body;
        frame->n_body -= taken;
        return (int) taken;
}

bool frame_follow_whole(Frame *frame, uint8_t *data, size_t n) {
        assert(frame);
        assert(data || n == 0);

        for (size_t done = 0; done < n;) {
                int r;

                if (frame_is_whole(frame))
                        return false;
                r = frame_follow(frame, data + done, n - done, false);
                if (r < 0)
                        return false;
                done += (size_t) r;
        }

        return frame_is_whole(frame);
}
