/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "check.h"
#include "intake.h"

#define AUTHENTICATION "\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"

/* The start of a message of that many bytes in its fields and its body, and these bytes. */
static void append_message(GString *stream, char order, uint32_t fields, uint32_t body) {
        uint32_t numbers[] = { body, 1, fields };
        const char start[] = { order, 1, 0, 1 };

        g_string_append_len(stream, start, sizeof(start));
        for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
                uint32_t number = order == 'B' ? GUINT32_TO_BE(numbers[i]) : GUINT32_TO_LE(numbers[i]);

                g_string_append_len(stream, (const char *) &number, sizeof(number));
        }
        /* What it is made of plays no part: here it looks like the start of a message much too large. */
        for (uint64_t i = 0; i < ((uint64_t) fields + 7) / 8 * 8 + body && i < INTAKE_MESSAGE_MAX; i++)
                g_string_append_c(stream, i % 16 == 0 ? 'l' : '\xff');
}

/* Follows the stream in pieces of that many bytes, as its reader would. Returns 0 or the first error. */
static int follow(Intake *intake, GString *stream, size_t piece) {
        for (size_t done = 0; done < stream->len;) {
                size_t n = MIN(piece, stream->len - done);
                bool was_authenticated = intake_is_authenticated(intake);
                int r;

                r = intake_follow(intake, (uint8_t *) stream->str + done, n);
                if (r < 0)
                        return r;
                g_assert_cmpint(r, >, 0);
                if ((size_t) r < n) {
                        g_assert_false(was_authenticated);
                        g_assert_true(intake_is_authenticated(intake));
                }
                done += (size_t) r;
        }

        return 0;
}

static void test_messages(void) {
        static const struct {
                const char *name;
                char order;
                uint32_t fields, body;
                int r;
        } cases[] = {
                { "empty", 'l', 0, 0, 0 },
                { "fields", 'l', 110, 0, 0 },
                { "fields and body", 'l', 110, 7, 0 },
                { "the other order", 'B', 110, 7, 0 },
                { "the largest", 'l', 8, INTAKE_MESSAGE_MAX - 24, 0 },
                { "the largest, by its fields", 'l', INTAKE_MESSAGE_MAX - 16, 0, 0 },
                { "one byte more", 'l', 8, INTAKE_MESSAGE_MAX - 23, -EMSGSIZE },
                { "one byte more by its fields", 'l', INTAKE_MESSAGE_MAX - 15, 0, -EMSGSIZE },
                { "as much as the protocol allows", 'l', 0, 128 << 20, -EMSGSIZE },
                { "all bits", 'l', UINT32_MAX, UINT32_MAX, -EMSGSIZE },
                { "all bits, the other order", 'B', UINT32_MAX, UINT32_MAX, -EMSGSIZE },
                { "body small if its order were another", 'B', 0, 128 << 20, -EMSGSIZE },
                { "no order", 'X', 0, 0, -EBADMSG },
                { "nothing", '\0', 0, 0, -EBADMSG },
        };
        static const size_t pieces[] = { 1, 7, 16, 17, 4096, SIZE_MAX };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GString) stream = g_string_new_len(AUTHENTICATION, sizeof(AUTHENTICATION) - 1);

                /* It stands among others. */
                append_message(stream, 'l', 13, 5);
                append_message(stream, cases[i].order, cases[i].fields, cases[i].body);
                append_message(stream, 'B', 100, 3);
                for (size_t j = 0; j < G_N_ELEMENTS(pieces); j++) {
                        g_autofree char *about =
                                g_strdup_printf("%s in pieces of %zu", cases[i].name, pieces[j]);
                        Intake intake = { 0 };

                        check_number(about, follow(&intake, stream, pieces[j]), cases[i].r);
                        if (cases[i].r == 0)
                                check_number(about, (int) intake.frame.n_header, 0);
                }
        }
}

static void test_authentication(void) {
        static const struct {
                const char *text; /* behind the NUL byte */
                bool is_authenticated;
        } cases[] = {
                { "AUTH EXTERNAL\r\nBEGIN\r\n", true },
                { "AUTH EXTERNAL\r\n\r\nBEGIN\r\n", true },
                { "AUTH EXTERNAL\r\r\nBEGIN\r\n", true },
                { "AUTH EXTERNAL\r\nBEGIN", false },
                { "AUTH EXTERNAL\r\nBEGIN\n", false },
                { "AUTH EXTERNAL\r\nBEGIN \r\n", false },
                { "AUTH EXTERNAL\r\nbegin\r\n", false },
                { "AUTH BEGIN\r\n", false },
                { "AUTH\nBEGIN\r\n", false },
                { "BEGIN\r\n", false }, /* nothing was asked for */
                { "\r\nBEGIN\r\n", true },
        };
        g_autoptr(GString) endless = g_string_new(NULL);
        uint8_t text[] = "\0A\r\nBEGIN\r\nlll";
        Intake intake = { 0 };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GString) stream = g_string_new_len("", 1);

                g_string_append(stream, cases[i].text);
                intake = (Intake) { 0 };
                check_number(cases[i].text, follow(&intake, stream, SIZE_MAX), 0);
                check_true(cases[i].text, intake_is_authenticated(&intake) == cases[i].is_authenticated);
        }

        /* It stops there: what comes next is looked at apart. */
        intake = (Intake) { 0 };
        g_assert_cmpint(intake_follow(&intake, text, sizeof(text) - 1), ==, 11);
        g_assert_cmpint(intake_follow(&intake, text + 11, 3), ==, 3);

        g_string_set_size(endless, INTAKE_AUTHENTICATION_MAX + 1);
        memset(endless->str, 'A', endless->len);
        intake = (Intake) { 0 };
        g_assert_cmpint(follow(&intake, endless, 100), ==, -EMSGSIZE);
}

/* The field that says how many descriptors there are is one that nobody knows, wherever it stands; all else
 * is as it was. A field is its number, a signature and a value; each begins at a multiple of 8. */
static void test_descriptors(void) {
        static const struct {
                const char *name;
                char order;
                const char *fields;
                size_t size;
                size_t at; /* where it is, or the size if it is not there */
        } cases[] = {
#define FIELDS(text) (text), sizeof(text) - 1
                { "alone", 'l', FIELDS("\11\1u\0\2\0\0\0"), 0 },
                { "alone, the other order", 'B', FIELDS("\11\1u\0\0\0\0\2"), 0 },
                { "none", 'l', FIELDS("\1\1o\0\1\0\0\0/\0"), 10 },
                { "behind a path", 'l', FIELDS("\1\1o\0\1\0\0\0/\0\0\0\0\0\0\0\11\1u\0\2\0\0\0"), 16 },
                { "behind a path, the other order",
                  'B',
                  FIELDS("\1\1o\0\0\0\0\1/\0\0\0\0\0\0\0\11\1u\0\0\0\0\2"),
                  16 },
                { "before a path", 'l', FIELDS("\11\1u\0\2\0\0\0\1\1o\0\1\0\0\0/\0"), 0 },
                { "behind a signature", 'l', FIELDS("\10\1g\0\1s\0\0\11\1u\0\2\0\0\0"), 8 },
                { "behind a longer signature", 'l', FIELDS("\10\1g\0\2ss\0\11\1u\0\2\0\0\0"), 8 },
                { "behind an empty text",
                  'l',
                  FIELDS("\7\1s\0\0\0\0\0\0\0\0\0\0\0\0\0\11\1u\0\2\0\0\0"),
                  16 },
                { "behind a number", 'l', FIELDS("\5\1u\0\11\11\11\11\11\1u\0\2\0\0\0"), 8 },
                { "within a text", 'l', FIELDS("\7\1s\0\11\0\0\0\11\1u\0\2\0\0\0\11\0"), 18 },
                { "within one that is too long", 'l', FIELDS("\7\1s\0\377\0\0\0\11\1u\0\2\0\0\0"), 16 },
                /* This is no message, and sd-bus drops it. */
                { "behind nonsense", 'l', FIELDS("\1\2oo\0\0\0\0\11\1u\0\2\0\0\0"), 16 },
                { "behind an unknown type", 'l', FIELDS("\1\1v\0\0\0\0\0\11\1u\0\2\0\0\0"), 16 },
#undef FIELDS
        };
        static const size_t pieces[] = { 1, 3, 16, 4096 };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(pieces); j++) {
                        const size_t start = sizeof(AUTHENTICATION) - 1 + 16;
                        g_autoptr(GString) stream =
                                g_string_new_len(AUTHENTICATION, sizeof(AUTHENTICATION) - 1);
                        g_autoptr(GString) wanted = NULL;
                        Intake intake = { 0 };

                        append_message(stream, cases[i].order, (uint32_t) cases[i].size, 3);
                        memset(stream->str + start, 0, (cases[i].size + 7) / 8 * 8);
                        memcpy(stream->str + start, cases[i].fields, cases[i].size);
                        /* What looks the same in a body is another thing. */
                        memcpy(stream->str + stream->len - 3, "\11\1u", 3);

                        wanted = g_string_new_len(stream->str, (gssize) stream->len);
                        if (cases[i].at < cases[i].size)
                                wanted->str[start + cases[i].at] = '\xff';
                        check_number(cases[i].name, follow(&intake, stream, pieces[j]), 0);
                        check_true(cases[i].name, g_string_equal(stream, wanted));
                }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/intake/messages", test_messages);
        g_test_add_func("/intake/authentication", test_authentication);
        g_test_add_func("/intake/descriptors", test_descriptors);
        return g_test_run();
}
