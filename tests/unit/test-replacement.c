/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "replacement.h"

/* A directory with a file in it that is to be replaced. */
typedef struct Place {
        char *directory;
        char *path;
} Place;

static Place place_make(const char *text) {
        Place place = { g_dir_make_tmp("mymem-replacement-XXXXXX", NULL), NULL };

        g_assert_nonnull(place.directory);
        place.path = g_build_filename(place.directory, "a.prom", NULL);
        if (text)
                g_assert_true(g_file_set_contents(place.path, text, -1, NULL));
        return place;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The names in it, in order, joined by blanks. */
static char *place_list(const Place *place) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        g_autoptr(GDir) directory = g_dir_open(place->directory, 0, NULL);
        const char *name;

        while ((name = g_dir_read_name(directory)))
                g_ptr_array_add(names, (void *) name);
        g_ptr_array_sort(names, compare_names);
        g_ptr_array_add(names, NULL);
        return g_strjoinv(" ", (char **) names->pdata);
}

/* Checks what is in the file, and that nothing else is in the directory; NULL if there shall be no file. */
static void place_check(const Place *place, const char *wanted) {
        g_autofree char *text = NULL, *names = place_list(place);

        (void) g_file_get_contents(place->path, &text, NULL, NULL);
        g_assert_cmpstr(text, ==, wanted);
        g_assert_cmpstr(names, ==, wanted ? "a.prom" : "");
}

static void place_leave(Place *place) {
        (void) g_remove(place->path);
        g_assert_cmpint(g_rmdir(place->directory), ==, 0);
        g_free(place->path);
        g_free(place->directory);
}

/* Until it is complete the old file is there, and what is written has a name that no collector reads. */
static void test_replace(void) {
        static const char *const before[] = { "old\n", NULL };

        for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
                Place place = place_make(before[i]);
                g_autofree char *text = NULL, *names = NULL;
                Replacement replacement;

                g_assert_cmpint(replacement_open(place.path, &replacement), ==, 0);
                fputs("new\n", replacement.stream);
                g_assert_cmpint(fflush(replacement.stream), ==, 0);
                (void) g_file_get_contents(place.path, &text, NULL, NULL);
                g_assert_cmpstr(text, ==, before[i]);
                names = place_list(&place);
                g_assert_false(g_str_has_suffix(names, ".prom"));

                g_assert_cmpint(replacement_commit(&replacement), ==, 0);
                place_check(&place, "new\n");
                replacement_done(&replacement);
                place_check(&place, "new\n");
                place_leave(&place);
        }
}

/* Others have to read it; that is the umask's to say. */
static void test_mode(void) {
        static const mode_t masks[] = { 0022, 0077, 0002 };

        for (size_t i = 0; i < G_N_ELEMENTS(masks); i++) {
                Place place = place_make(NULL);
                mode_t mask = umask(masks[i]);
                Replacement replacement;
                struct stat status;

                g_assert_cmpint(replacement_open(place.path, &replacement), ==, 0);
                (void) umask(mask);
                g_assert_cmpint(replacement_commit(&replacement), ==, 0);
                replacement_done(&replacement);
                g_assert_cmpint(stat(place.path, &status), ==, 0);
                check_number("mode", status.st_mode & 0777, 0666 & ~masks[i]);
                place_leave(&place);
        }
}

static void test_given_up(void) {
        Place place = place_make("old\n");
        Replacement replacement;

        g_assert_cmpint(replacement_open(place.path, &replacement), ==, 0);
        fputs("new\n", replacement.stream);
        replacement_done(&replacement);
        place_check(&place, "old\n");
        place_leave(&place);
}

/* What could not be written is not put in place, whether that shows early or at the end. */
static void test_full(void) {
        static const size_t sizes[] = { 1, 1000000 };

        for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
                Place place = place_make("old\n");
                Replacement replacement;
                int r;

                g_assert_cmpint(replacement_open(place.path, &replacement), ==, 0);
                FILE *full = freopen("/dev/full", "w", replacement.stream);

                g_assert_true(full == replacement.stream);
                for (size_t n = 0; n < sizes[i]; n++)
                        (void) fputc('x', replacement.stream);
                r = replacement_commit(&replacement);
                g_test_message("%s", g_strerror(-r));
                g_assert_true(r == -ENOSPC || r == -EIO);
                replacement_done(&replacement);
                place_check(&place, "old\n");
                place_leave(&place);
        }
}

/* Devices and links are not replaced by files: /dev/stdout would be one. */
static void test_no_file(void) {
        Place place = place_make(NULL);
        g_autofree char *target = g_build_filename(place.directory, "target", NULL), *names = NULL;
        Replacement replacement = { 0 };
        struct stat status;

        g_assert_true(g_file_set_contents(target, "old\n", -1, NULL));
        g_assert_cmpint(symlink("target", place.path), ==, 0);
        g_assert_cmpint(replacement_open(place.path, &replacement), ==, -EEXIST);
        g_assert_cmpint(lstat(place.path, &status), ==, 0);
        g_assert_true(S_ISLNK(status.st_mode));
        g_assert_cmpint(unlink(place.path), ==, 0);

        g_assert_cmpint(mkfifo(place.path, 0600), ==, 0);
        g_assert_cmpint(replacement_open(place.path, &replacement), ==, -EEXIST);
        g_assert_cmpint(replacement_open(place.directory, &replacement), ==, -EEXIST);
        names = place_list(&place);
        g_assert_cmpstr(names, ==, "a.prom target");
        g_assert_null(replacement.path);
        g_assert_cmpint(unlink(target), ==, 0);
        place_leave(&place);
}

static void test_no_directory(void) {
        Place place = place_make(NULL);
        g_autofree char *path = g_build_filename(place.directory, "none", "a.prom", NULL);
        Replacement replacement;

        g_assert_cmpint(replacement_open(path, &replacement), ==, -ENOENT);
        g_assert_cmpint(replacement_open("", &replacement), <, 0);
        place_leave(&place);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/replacement/replace", test_replace);
        g_test_add_func("/replacement/mode", test_mode);
        g_test_add_func("/replacement/given-up", test_given_up);
        g_test_add_func("/replacement/full", test_full);
        g_test_add_func("/replacement/no-file", test_no_file);
        g_test_add_func("/replacement/no-directory", test_no_directory);
        return g_test_run();
}
