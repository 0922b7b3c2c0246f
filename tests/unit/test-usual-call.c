/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "check.h"
#include "usual-call.h"

/* Such a call as clients write it; both have the number 1. */
#define FIELDS_LITTLE                            \
        "\1\1o\0\x0b\0\0\0/org/mymem1\0\0\0\0\0" \
        "\3\1s\0\x09\0\0\0GetMemory\0\0\0\0\0\0\0"
#define FIELDS_BIG                               \
        "\1\1o\0\0\0\0\x0b/org/mymem1\0\0\0\0\0" \
        "\3\1s\0\0\0\0\x09GetMemory\0\0\0\0\0\0\0"

static const char little[] = "l\1\0\1\0\0\0\0\1\0\0\0\x2a\0\0\0" FIELDS_LITTLE,
                  big[] = "B\1\0\1\0\0\0\0\0\0\0\1\0\0\0\x2a" FIELDS_BIG;

#define SIZE (sizeof(little) - 1)
#define SERIAL_OFFSET 8
#define SERIAL_END 12

static void learn(UsualCall *call, const char *text) {
        *call = (UsualCall) { 0 };
        usual_call_learn(call, (const uint8_t *) text, SIZE);
}

static bool is(const UsualCall *call, const void *data, size_t n) {
        return usual_call_is(call, data, n);
}

/* The number may be any but 0. */
static void test_number(void) {
        static const char *const texts[] = { little, big };
        UsualCall call;

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                char other[SIZE];

                learn(&call, texts[i]);
                memcpy(other, texts[i], SIZE);
                check_true(texts[i], is(&call, other, SIZE));
                for (size_t j = SERIAL_OFFSET; j < SERIAL_END; j++) {
                        memset(other + SERIAL_OFFSET, 0, SERIAL_END - SERIAL_OFFSET);
                        check_true(texts[i], !is(&call, other, SIZE));
                        other[j] = '\x80';
                        check_true(texts[i], is(&call, other, SIZE));
                }
        }
}

/* Any other byte makes it another message, and so does any other length. */
static void test_bytes(void) {
        static const char *const texts[] = { little, big };
        UsualCall call;

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                char more[2 * SIZE];

                learn(&call, texts[i]);
                for (size_t j = 0; j < SIZE; j++) {
                        g_autofree char *about = g_strdup_printf("%c, byte %zu", texts[i][0], j);

                        memcpy(more, texts[i], SIZE);
                        more[j] ^= 1;
                        if (j < SERIAL_OFFSET || j >= SERIAL_END)
                                check_true(about, !is(&call, more, SIZE));
                }
                memcpy(more, texts[i], SIZE);
                memcpy(more + SIZE, texts[i], SIZE);
                for (size_t n = 1; n <= sizeof(more); n++) {
                        g_autofree char *about = g_strdup_printf("%c, %zu bytes", texts[i][0], n);

                        check_true(about, is(&call, more, n) == (n == SIZE));
                }
                check_true("the other order", !is(&call, texts[1 - i], SIZE));
        }
}

static void test_learn(void) {
        uint8_t large[USUAL_CALL_MAX + 1] = { 'l', [SERIAL_OFFSET] = 1 };
        UsualCall call = { 0 };

        check_true("nothing is known", !is(&call, little, SIZE));
        check_true("nothing is known", !is(&call, little, 0));

        learn(&call, little);
        usual_call_learn(&call, large, sizeof(large));
        check_true("too large", !is(&call, large, sizeof(large)));
        check_true("the one before", is(&call, little, SIZE));
        usual_call_learn(&call, large, USUAL_CALL_MAX);
        check_true("as large as can be", is(&call, large, USUAL_CALL_MAX));
        check_true("the last counts", !is(&call, little, SIZE));
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/usual-call/number", test_number);
        g_test_add_func("/usual-call/bytes", test_bytes);
        g_test_add_func("/usual-call/learn", test_learn);
        return g_test_run();
}
