/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "printed.h"

char *printed_by(void (*function)(const void *data), const void *data) {
        g_autofree char *text = NULL;
        int file, saved;
        off_t length;

        file = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        g_assert_cmpint(file, >=, 0);
        fflush(stdout);
        saved = dup(STDOUT_FILENO);
        g_assert_cmpint(dup2(file, STDOUT_FILENO), ==, STDOUT_FILENO);
        function(data);
        fflush(stdout);
        g_assert_cmpint(dup2(saved, STDOUT_FILENO), ==, STDOUT_FILENO);
        close(saved);

        length = lseek(file, 0, SEEK_END);
        g_assert_cmpint(length, >=, 0);
        text = g_malloc0((gsize) length + 1);
        g_assert_cmpint(pread(file, text, (gsize) length, 0), ==, length);
        close(file);
        return g_steal_pointer(&text);
}

void printed_where(const char *locale, const char *columns) {
        g_assert_nonnull(setlocale(LC_CTYPE, locale));
        g_assert_true(g_setenv("COLUMNS", columns, TRUE));
        g_unsetenv("SYSTEMD_COLORS");
        g_assert_true(g_setenv("NO_COLOR", "1", TRUE));
}
