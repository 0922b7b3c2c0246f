/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "check.h"
#include "names.h"
#include "usual-call.h"

#define SERIAL 42
#define SENDER_NAME ":1.17"

#define HEADER_OFFSET_FLAGS 2
#define HEADER_OFFSET_SERIAL 8
#define HEADER_OFFSET_FIELDS 12

#define FLAGS_USUAL (FRAME_NO_AUTO_START | FRAME_INTERACTIVE_AUTHORIZATION)

/* A field of a header: what it is, and its value, which is a text. */
typedef struct Field {
        char code, type;
        const char *text;
} Field;

#define FIELDS_MAX 8

#define PATH \
        { FRAME_PATH, 'o', MYMEM_MANAGER_PATH }
#define INTERFACE \
        { FRAME_INTERFACE, 's', MYMEM_MANAGER_INTERFACE }
#define MEMBER \
        { FRAME_MEMBER, 's', "GetMemory" }
#define DESTINATION \
        { FRAME_DESTINATION, 's', MYMEM_BUS_NAME }
#define SENDER \
        { FRAME_SENDER, 's', SENDER_NAME }
#define CALL PATH, INTERFACE, MEMBER
#define BUS DESTINATION, SENDER

static void append_number(GString *bytes, char order, uint32_t number) {
        number = order == 'B' ? GUINT32_TO_BE(number) : GUINT32_TO_LE(number);
        g_string_append_len(bytes, (const char *) &number, sizeof(number));
}

static void align(GString *bytes) {
        while (bytes->len % 8 != 0)
                g_string_append_c(bytes, '\0');
}

static void append_field(GString *bytes, char order, const Field *field) {
        const char start[] = { field->code, 1, field->type, '\0' };

        align(bytes);
        g_string_append_len(bytes, start, sizeof(start));
        if (field->type == 'g')
                g_string_append_c(bytes, (char) strlen(field->text));
        else
                append_number(bytes, order, (uint32_t) strlen(field->text));
        g_string_append_len(bytes, field->text, (gssize) strlen(field->text) + 1);
}

/* A call with these fields, up to one without a code. */
static GString *write_call(char order, char flags, const Field *fields) {
        const char start[] = { order, 1, flags, FRAME_PROTOCOL_VERSION };
        GString *bytes = g_string_new_len(start, sizeof(start));
        uint32_t size;

        append_number(bytes, order, 0);
        append_number(bytes, order, SERIAL);
        append_number(bytes, order, 0);
        for (size_t i = 0; i < FIELDS_MAX && fields[i].code; i++)
                append_field(bytes, order, &fields[i]);

        size = (uint32_t) bytes->len - FRAME_HEADER_SIZE;
        size = order == 'B' ? GUINT32_TO_BE(size) : GUINT32_TO_LE(size);
        memcpy(bytes->str + HEADER_OFFSET_FIELDS, &size, sizeof(size));
        align(bytes);
        return bytes;
}

static bool is(const void *data, size_t n, bool on_bus) {
        g_autofree uint8_t *copy = g_memdup2(data, n);
        Frame frame = { 0 };

        return frame_follow_whole(&frame, copy, n) && usual_call_is(&frame, copy, on_bus);
}

/* Which calls are meant, and from whom. */
static void test_fields(void) {
        static const struct {
                const char *name;
                char flags;
                Field fields[FIELDS_MAX];
                bool is_guest, is_client; /* whether it is usual at the socket, and on a bus */
        } cases[] = {
                { "without a sender", 0, { CALL }, true, false },
                { "with a sender alone", 0, { CALL, SENDER }, false, false },
                { "with a destination", 0, { CALL, DESTINATION }, true, false },
                { "with both", 0, { CALL, BUS }, false, true },
                { "in another order", 0, { SENDER, DESTINATION, MEMBER, INTERFACE, PATH }, false, true },
                { "starts nobody", FRAME_NO_AUTO_START, { CALL }, true, false },
                { "may ask somebody", FRAME_INTERACTIVE_AUTHORIZATION, { CALL }, true, false },
                { "wants no reply", FRAME_NO_REPLY_EXPECTED, { CALL, BUS }, false, false },
                { "an unknown flag", 8, { CALL, BUS }, false, false },
                { "no path", 0, { INTERFACE, MEMBER, BUS }, false, false },
                { "no interface", 0, { PATH, MEMBER, BUS }, false, false },
                { "no member", 0, { PATH, INTERFACE, BUS }, false, false },
                { "nothing", 0, { { 0 } }, false, false },
                { "a path twice", 0, { CALL, PATH, BUS }, false, false },
                { "a sender twice", 0, { CALL, BUS, SENDER }, false, false },
                { "another path",
                  0,
                  { { FRAME_PATH, 'o', "/org/mymem2" }, INTERFACE, MEMBER },
                  false,
                  false },
                { "a longer path",
                  0,
                  { { FRAME_PATH, 'o', "/org/mymem12" }, INTERFACE, MEMBER },
                  false,
                  false },
                { "a path as a text",
                  0,
                  { { FRAME_PATH, 's', "/org/mymem1" }, INTERFACE, MEMBER },
                  false,
                  false },
                { "another interface",
                  0,
                  { PATH, { FRAME_INTERFACE, 's', "org.mymem1.Unit" }, MEMBER },
                  false,
                  false },
                { "another member",
                  0,
                  { PATH, INTERFACE, { FRAME_MEMBER, 's', "GetMemorx" } },
                  false,
                  false },
                { "a shorter member",
                  0,
                  { PATH, INTERFACE, { FRAME_MEMBER, 's', "GetMemor" } },
                  false,
                  false },
                { "another destination", 0, { CALL, { FRAME_DESTINATION, 's', ":1.1" } }, false, false },
                { "arguments", 0, { CALL, { FRAME_SIGNATURE, 'g', "u" } }, false, false },
                { "none, but said so", 0, { CALL, { FRAME_SIGNATURE, 'g', "" } }, false, false },
                { "an unknown field", 0, { CALL, { 10, 's', "x" } }, false, false },
                { "a field of no type", 0, { CALL, { 10, 'x', "x" } }, false, false },
        };
        static const char orders[] = { 'l', 'B' };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(orders); j++) {
                        g_autoptr(GString) bytes = write_call(orders[j], cases[i].flags, cases[i].fields);

                        check_true(cases[i].name, is(bytes->str, bytes->len, false) == cases[i].is_guest);
                        check_true(cases[i].name, is(bytes->str, bytes->len, true) == cases[i].is_client);
                }
}

static void flip(GString *bytes, size_t i, unsigned bit) {
        bytes->str[i] = (char) ((uint8_t) bytes->str[i] ^ 1U << bit);
}

/* The number may be any but 0, and so may the sender's name, and some flags; any other byte makes it another
 * message, or none, and so does any other length. */
static void test_bytes(void) {
        static const Field fields[FIELDS_MAX] = { PATH, INTERFACE, MEMBER, BUS };
        static const char orders[] = { 'l', 'B' };

        for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
                g_autoptr(GString) bytes = write_call(orders[i], 0, fields);
                const char *name = g_strstr_len(bytes->str, (gssize) bytes->len, ":1.17");
                size_t at = (size_t) (bytes->len - 8), n = bytes->len;

                /* The sender comes last, and fills eight bytes. */
                g_assert_null(name);
                g_assert_cmpmem(bytes->str + at, strlen(SENDER_NAME), SENDER_NAME, strlen(SENDER_NAME));
                for (size_t j = 0; j < n; j++)
                        for (unsigned bit = 0; bit < 8; bit++) {
                                g_autofree char *about = g_strdup_printf("%c, byte %zu", orders[i], j);
                                bool is_any = (j == HEADER_OFFSET_FLAGS && 1U << bit & FLAGS_USUAL) ||
                                        (j >= HEADER_OFFSET_SERIAL && j < HEADER_OFFSET_FIELDS) ||
                                        (j >= at && j < at + strlen(SENDER_NAME));

                                flip(bytes, j, bit);
                                check_true(about, is(bytes->str, n, true) == is_any);
                                flip(bytes, j, bit);
                        }

                g_string_append_len(bytes, bytes->str, (gssize) n);
                for (size_t j = 0; j <= 2 * n; j++)
                        check_true("length", is(bytes->str, j, true) == (j == n));
                memset(bytes->str + HEADER_OFFSET_SERIAL, 0, sizeof(uint32_t));
                check_true("without a number", !is(bytes->str, n, true));
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/usual-call/fields", test_fields);
        g_test_add_func("/usual-call/bytes", test_bytes);
        return g_test_run();
}
