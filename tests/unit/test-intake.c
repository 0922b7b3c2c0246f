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
static int follow(Intake *intake, const GString *stream, size_t piece) {
        for (size_t done = 0; done < stream->len;) {
                size_t n = MIN(piece, stream->len - done);
                bool was_authenticated = intake_is_authenticated(intake);
                int r;

                r = intake_follow(intake, (const uint8_t *) stream->str + done, n, 0);
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
                                check_number(about, (int) (intake.n_header + intake.n_rest), 0);
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
        g_assert_cmpint(intake_follow(&intake, (const uint8_t *) "\0A\r\nBEGIN\r\nlll", 14, 0), ==, 11);
        g_assert_cmpint(intake_follow(&intake, (const uint8_t *) "lll", 3, 0), ==, 3);

        g_string_set_size(endless, INTAKE_AUTHENTICATION_MAX + 1);
        memset(endless->str, 'A', endless->len);
        intake = (Intake) { 0 };
        g_assert_cmpint(follow(&intake, endless, 100), ==, -EMSGSIZE);
}

/* Descriptors come with one message at a time, and go with it. */
static void test_descriptors(void) {
        g_autoptr(GString) message = g_string_new(NULL);
        Intake intake = { 0 };

        g_assert_cmpint(intake_follow(&intake, (const uint8_t *) "\0\r\nBEGIN\r\n", 10, 0), ==, 10);
        append_message(message, 'l', 8, 8);
        for (unsigned i = 0; i < 3; i++)
                g_assert_cmpint(intake_follow(&intake,
                                              (const uint8_t *) message->str,
                                              message->len,
                                              INTAKE_DESCRIPTORS_MAX),
                                ==,
                                message->len);

        for (unsigned i = 0; i < INTAKE_DESCRIPTORS_MAX; i++)
                g_assert_cmpint(intake_follow(&intake, (const uint8_t *) message->str + i, 1, 1), ==, 1);
        g_assert_cmpint(
                intake_follow(&intake, (const uint8_t *) message->str + INTAKE_DESCRIPTORS_MAX, 1, 1),
                ==,
                -E2BIG);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/intake/messages", test_messages);
        g_test_add_func("/intake/authentication", test_authentication);
        g_test_add_func("/intake/descriptors", test_descriptors);
        return g_test_run();
}
