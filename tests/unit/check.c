/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"

#include <string.h>

#define ABOUT_LENGTH_MAX 200 /* a case may be a whole file */

static char *quote(const char *text) {
        g_autofree char *shortened = NULL, *escaped = NULL;

        if (!text)
                return g_strdup("NULL");

        shortened = g_strndup(text, ABOUT_LENGTH_MAX);
        escaped = g_strescape(shortened, NULL);
        return g_strdup_printf("\"%s\"", escaped);
}

static bool fail(
        const char *where, const char *about, const char *expression, const char *got, const char *wanted) {
        g_autofree char *quoted = quote(about);

        g_test_message("%s: of %s: %s: got %s, wanted %s", where, quoted, expression, got, wanted);
        g_test_fail();
        return false;
}

bool check_number_at(
        const char *where, const char *about, const char *expression, int64_t got, int64_t wanted) {
        g_autofree char *got_text = g_strdup_printf("%" G_GINT64_FORMAT, got);
        g_autofree char *wanted_text = g_strdup_printf("%" G_GINT64_FORMAT, wanted);

        return got == wanted || fail(where, about, expression, got_text, wanted_text);
}

bool check_size_at(
        const char *where, const char *about, const char *expression, uint64_t got, uint64_t wanted) {
        g_autofree char *got_text = g_strdup_printf("%" G_GUINT64_FORMAT, got);
        g_autofree char *wanted_text = g_strdup_printf("%" G_GUINT64_FORMAT, wanted);

        return got == wanted || fail(where, about, expression, got_text, wanted_text);
}

bool check_text_at(
        const char *where, const char *about, const char *expression, const char *got, const char *wanted) {
        g_autofree char *got_text = quote(got), *wanted_text = quote(wanted);

        return g_strcmp0(got, wanted) == 0 || fail(where, about, expression, got_text, wanted_text);
}

bool check_true_at(const char *where, const char *about, const char *expression, bool got) {
        return got || fail(where, about, expression, "false", "true");
}

bool check_in_valgrind(void) {
        const char *preloaded = g_getenv("LD_PRELOAD");

        return preloaded && strstr(preloaded, "vgpreload");
}

unsigned check_count_descriptors(void) {
        g_autoptr(GDir) directory = g_dir_open("/proc/self/fd", 0, NULL);
        unsigned n = 0;

        g_assert_nonnull(directory);
        while (g_dir_read_name(directory))
                n++;
        return n;
}
