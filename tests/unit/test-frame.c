/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "check.h"
#include "frame.h"

/* A field is its number, a signature and a value; each begins at a multiple of 8. */
#define PATH "\1\1o\0\1\0\0\0/\0\0\0\0\0\0\0"
#define SENDER "\7\1s\0\4\0\0\0:1.7\0\0\0\0"
#define DESCRIPTORS "\11\1u\0\3\0\0\0"
#define UNKNOWN "\12\1s\0\1\0\0\0x\0\0\0\0\0\0\0"
#define STRANGE "\12\2ss\0\0\0\0xxxxxxxx"

/* A message in the order 'l' with these fields, of 'n' bytes, and so much body. */
static GString *write_message(char type, char flags, const char *fields, size_t n, uint32_t body) {
        const uint32_t numbers[] = { GUINT32_TO_LE(body), GUINT32_TO_LE(42), GUINT32_TO_LE((uint32_t) n) };
        const char start[] = { 'l', type, flags, FRAME_PROTOCOL_VERSION };
        GString *bytes = g_string_new_len(start, sizeof(start));

        g_string_append_len(bytes, (const char *) numbers, sizeof(numbers));
        g_string_append_len(bytes, fields, (gssize) n);
        g_string_set_size(bytes, (bytes->len + 7) / 8 * 8);
        memset(bytes->str + FRAME_HEADER_SIZE + n, 0, bytes->len - FRAME_HEADER_SIZE - n);
        n = bytes->len;
        g_string_set_size(bytes, n + body);
        memset(bytes->str + n, 'x', body);
        return bytes;
}

/* Follows all of it in pieces of that many bytes; false if it ends before. */
static bool follow(Frame *frame, GString *bytes, size_t piece, bool hides) {
        for (size_t done = 0; done < bytes->len;) {
                int r;

                if (frame_is_whole(frame))
                        return false;
                r = frame_follow(frame, (uint8_t *) bytes->str + done, MIN(piece, bytes->len - done), hides);
                g_assert_cmpint(r, >, 0);
                done += (size_t) r;
        }
        return frame_is_whole(frame);
}

static void test_fields(void) {
#define FIELDS(text) (text), sizeof(text) - 1
        static const struct {
                const char *name;
                const char *fields;
                size_t size;
                const char *sender;
                uint32_t n_descriptors;
                bool is_usual;
        } cases[] = {
                { "none", FIELDS(""), "", 0, false },
                { "a path", FIELDS(PATH), "", 0, false }, /* it is filled up within its size */
                { "a path that ends there", PATH, 10, "", 0, true },
                { "a sender", FIELDS(PATH "\7\1s\0\4\0\0\0:1.7\0"), ":1.7", 0, true },
                { "a sender first", SENDER PATH, 26, ":1.7", 0, true },
                { "descriptors", FIELDS(PATH DESCRIPTORS), "", 3, true },
                { "all", FIELDS(PATH SENDER DESCRIPTORS), ":1.7", 3, true },
                { "one that nobody knows", FIELDS(UNKNOWN SENDER DESCRIPTORS), ":1.7", 3, false },
                { "something behind which nothing is found",
                  FIELDS(STRANGE SENDER DESCRIPTORS),
                  "",
                  0,
                  false },
                { "twice", FIELDS(PATH SENDER DESCRIPTORS DESCRIPTORS), ":1.7", 3, false },
                { "an end too early", FIELDS("\7\1s\0\x14\0\0\0:1.23456"), "", 0, false },
        };
        static const size_t pieces[] = { 1, 3, 8, 16, 4096 };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(pieces); j++) {
                        g_autoptr(GString) bytes = write_message(1, 0, cases[i].fields, cases[i].size, j);
                        g_autofree char *before = g_memdup2(bytes->str, bytes->len);
                        g_autofree char *about =
                                g_strdup_printf("%s in pieces of %zu", cases[i].name, pieces[j]);
                        Frame frame = { 0 };

                        if (!check_true(about, follow(&frame, bytes, pieces[j], false)))
                                continue;
                        g_assert_cmpmem(bytes->str, bytes->len, before, bytes->len);
                        check_text(about, frame.sender, cases[i].sender);
                        check_size(about, frame.n_descriptors, cases[i].n_descriptors);
                        check_true(about, frame_is_usual(&frame) == cases[i].is_usual);
                        check_size(about, frame_serial(&frame), 42);
                        check_size(about, frame_size(&frame), bytes->len);
                        check_size(about, frame_body_size(&frame), j);
                        check_size(about, frame_body_offset(&frame), bytes->len - j);
                }
}

/* A text that fills all there is, and one that is longer than any name. */
static void test_names(void) {
        for (size_t n = FRAME_NAME_MAX - 2; n <= FRAME_NAME_MAX + 2; n++) {
                g_autofree char *name = g_strnfill(n, 'a'), *about = g_strdup_printf("%zu letters", n);
                g_autoptr(GString) fields = g_string_new_len("\7\1s\0", 4), bytes = NULL;
                const uint32_t length = GUINT32_TO_LE((uint32_t) n);
                Frame frame = { 0 };

                g_string_append_len(fields, (const char *) &length, sizeof(length));
                g_string_append_len(fields, name, (gssize) n + 1);
                bytes = write_message(1, 0, fields->str, fields->len, 0);
                if (check_true(about, frame_follow_whole(&frame, (uint8_t *) bytes->str, bytes->len)))
                        check_text(about, frame.sender, n <= FRAME_NAME_MAX ? name : "");
        }
}

static void test_types(void) {
        static const struct {
                char type, flags;
                bool is_call, expects_reply;
        } cases[] = {
                { 1, 0, true, true },
                { 1, FRAME_NO_REPLY_EXPECTED, true, false },
                { 1, FRAME_NO_AUTO_START, true, true },
                { 2, 0, false, false },
                { 4, 0, false, false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GString) bytes = write_message(cases[i].type, cases[i].flags, PATH, 10, 0);
                Frame frame = { 0 };

                check_true("whole", frame_follow_whole(&frame, (uint8_t *) bytes->str, bytes->len));
                check_true("call", frame_is_call(&frame) == cases[i].is_call);
                check_true("reply", frame_expects_reply(&frame) == cases[i].expects_reply);
        }
}

/* What is more, less or nothing of the kind. */
static void test_whole(void) {
        g_autoptr(GString) bytes = write_message(1, 0, PATH, 10, 3);
        size_t n = bytes->len;

        g_string_append_len(bytes, bytes->str, (gssize) n);
        for (size_t i = 0; i <= 2 * n; i++) {
                Frame frame = { 0 };

                check_true("length", frame_follow_whole(&frame, (uint8_t *) bytes->str, i) == (i == n));
        }
        for (unsigned order = 0; order < 256; order++) {
                Frame frame = { 0 };

                bytes->str[0] = (char) order;
                check_number("order",
                             frame_follow(&frame, (uint8_t *) bytes->str, FRAME_HEADER_SIZE, false),
                             order == 'l' || order == 'B' ? FRAME_HEADER_SIZE : -EBADMSG);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/frame/fields", test_fields);
        g_test_add_func("/frame/names", test_names);
        g_test_add_func("/frame/types", test_types);
        g_test_add_func("/frame/whole", test_whole);
        return g_test_run();
}
