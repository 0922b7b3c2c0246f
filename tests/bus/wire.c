/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "wire.h"

#include <string.h>

enum {
        FIELD_PATH = 1,
        FIELD_INTERFACE = 2,
        FIELD_MEMBER = 3,
        FIELD_ERROR_NAME = 4,
        FIELD_REPLY_SERIAL = 5,
        FIELD_DESTINATION = 6,
        FIELD_SENDER = 7,
        FIELD_SIGNATURE = 8,
        FIELD_UNIX_FDS = 9,
};

static void put_number(GString *bytes, char order, uint32_t value) {
        uint32_t number = order == 'B' ? GUINT32_TO_BE(value) : GUINT32_TO_LE(value);

        g_string_append_len(bytes, (const char *) &number, sizeof(number));
}

static void pad(GString *bytes, size_t alignment) {
        while (bytes->len % alignment != 0)
                g_string_append_c(bytes, '\0');
}

static void put_text(GString *bytes, char order, const char *text) {
        put_number(bytes, order, (uint32_t) strlen(text));
        g_string_append_len(bytes, text, (gssize) strlen(text) + 1);
}

static void begin_field(GString *bytes, char code, char type) {
        const char head[] = { code, 1, type, '\0' };

        pad(bytes, 8);
        g_string_append_len(bytes, head, sizeof(head));
}

static void put_number_field(GString *bytes, char order, char code, uint32_t number) {
        if (number == 0)
                return;

        begin_field(bytes, code, 'u');
        put_number(bytes, order, number);
}

static void put_signature_field(GString *bytes, const char *signature) {
        size_t length = strlen(signature);

        begin_field(bytes, FIELD_SIGNATURE, 'g');
        g_string_append_c(bytes, (char) length);
        g_string_append_len(bytes, signature, (gssize) length + 1);
}

static void put_text_field(GString *bytes, char order, char code, char type, const char *text) {
        if (!text)
                return;

        begin_field(bytes, code, type);
        put_text(bytes, order, text);
}

GString *wire_promise(char order, uint32_t fields, uint32_t body) {
        const char head[] = { order, WIRE_CALL, 0, 1 };
        GString *bytes = g_string_new_len(head, sizeof(head));

        put_number(bytes, order, body);
        put_number(bytes, order, 1);
        put_number(bytes, order, fields);
        return bytes;
}

GString *wire_write(const WireCall *call) {
        char order = 'l';
        g_autoptr(GString) fields = g_string_new(NULL), body = g_string_new(NULL), numbers = NULL;
        GString *bytes;

        if (call->order)
                order = call->order;

        put_text_field(fields, order, FIELD_PATH, 'o', call->path);
        put_text_field(fields, order, FIELD_INTERFACE, 's', call->interface);
        put_text_field(fields, order, FIELD_MEMBER, 's', call->member);
        put_text_field(fields, order, FIELD_DESTINATION, 's', call->destination);
        put_text_field(fields, order, FIELD_SENDER, 's', call->sender);
        put_text_field(fields, order, FIELD_ERROR_NAME, 's', call->error);
        put_number_field(fields, order, FIELD_REPLY_SERIAL, call->reply_serial);
        put_number_field(fields, order, FIELD_UNIX_FDS, call->n_fds);
        if (call->text) {
                put_signature_field(fields, "s");
                put_text(body, order, call->text);
        } else if (call->signature) {
                put_signature_field(fields, call->signature);
                g_string_append_len(body, call->body, (gssize) call->body_size);
        }

        bytes = wire_promise(order, (uint32_t) fields->len, (uint32_t) body->len);
        if (call->type)
                bytes->str[1] = (char) call->type;
        bytes->str[2] = (char) call->flags;
        numbers = g_string_new(NULL);
        put_number(numbers, order, call->serial);
        memcpy(bytes->str + 8, numbers->str, numbers->len);
        g_string_append_len(bytes, fields->str, (gssize) fields->len);
        pad(bytes, 8);
        g_string_append_len(bytes, body->str, (gssize) body->len);
        return bytes;
}

/* The service writes as this machine does. */
static uint32_t get_number(const uint8_t *data) {
        uint32_t number;

        memcpy(&number, data, sizeof(number));
        return number;
}

static size_t align(size_t offset, size_t alignment) {
        return (offset + alignment - 1) / alignment * alignment;
}

size_t wire_body_offset(const uint8_t *header) {
        return align(WIRE_HEADER_SIZE + get_number(header + 12), 8);
}

size_t wire_size(const uint8_t *header) {
        return wire_body_offset(header) + get_number(header + 4);
}

/* How long a field's value is, which begins at 'data'. */
static size_t value_size(char type, const uint8_t *data) {
        switch (type) {
        case 'u':
                return sizeof(uint32_t);
        case 'g':
                return 1 + (size_t) *data + 1;
        default:
                return sizeof(uint32_t) + get_number(data) + 1;
        }
}

/* The value of a field of the header, or NULL. */
static const uint8_t *find_field(const GByteArray *message, char code) {
        size_t offset = WIRE_HEADER_SIZE, end = offset + get_number(message->data + 12);

        g_assert_cmpuint(end, <=, message->len);
        while (offset < end) {
                const uint8_t *field = message->data + offset;

                /* Its code, the signature of its value, and the value, which is aligned already. */
                if (field[0] == (uint8_t) code)
                        return field + 4;
                offset = align(offset + 4 + value_size((char) field[2], field + 4), 8);
        }
        return NULL;
}

uint32_t wire_called(const GByteArray *message, const char *member) {
        const uint8_t *called = find_field(message, FIELD_MEMBER);

        if (message->data[1] != WIRE_CALL || !called)
                return 0;

        return strcmp((const char *) called + sizeof(uint32_t), member) == 0 ?
                get_number(message->data + 8) :
                0;
}

uint32_t wire_reply_serial(const GByteArray *message, bool *ret_is_error) {
        const uint8_t *serial = find_field(message, FIELD_REPLY_SERIAL);

        if (!serial)
                return 0;

        *ret_is_error = message->data[1] == WIRE_ERROR;
        return get_number(serial);
}

uint64_t wire_number(const GByteArray *message, size_t i) {
        size_t offset = wire_body_offset(message->data) + i * sizeof(uint64_t);
        uint64_t number;

        g_assert_cmpuint(offset + sizeof(number), <=, message->len);
        memcpy(&number, message->data + offset, sizeof(number));
        return number;
}
