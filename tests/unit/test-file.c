/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "file.h"

static void make_link(const Capture *capture, const char *target, const char *name) {
        g_assert_cmpint(symlinkat(target, capture->fd, name), ==, 0);
}

static void write_bytes(const Capture *capture, const char *name, const char *bytes, size_t n) {
        g_autofree char *path = g_build_filename(capture->directory, name, NULL);
        g_autoptr(GError) error = NULL;

        g_file_set_contents(path, bytes, (gssize) n, &error);
        g_assert_no_error(error);
}

static void test_open_directory(void) {
        static const struct {
                const char *path;
                int r;
                const char *marker; /* a file in the directory that is meant */
        } cases[] = {
                { "", 0, "at-top" },
                { "/", 0, "at-top" },
                { "a", 0, "at-a" },
                { "/a", 0, "at-a" },
                { "/a/b", 0, "at-b" },
                { "//a///b//", 0, "at-b" },
                { "a/b", 0, "at-b" },
                { ".", -EINVAL, NULL },
                { "..", -EINVAL, NULL },
                { "/..", -EINVAL, NULL },
                { "a/..", -EINVAL, NULL },
                { "a/./b", -EINVAL, NULL },
                { "a/../a/b", -EINVAL, NULL },
                { "absent", -ENOENT, NULL },
                { "a/absent", -ENOENT, NULL },
                { "a/absent/b", -ENOENT, NULL },
                { "at-top", -ENOTDIR, NULL },
                { "a/at-a/b", -ENOTDIR, NULL },
                { "to-a", -ENOTDIR, NULL }, /* symbolic links, which are no directories */
                { "to-a/b", -ENOTDIR, NULL },
                { "a/to-root", -ENOTDIR, NULL },
                { "a/to-root/proc", -ENOTDIR, NULL },
        };
        g_autoptr(Capture) capture = capture_new("@file at-top\n@file a/at-a\n@file a/b/at-b\n");
        unsigned n;

        make_link(capture, "a", "to-a");
        make_link(capture, "/", "a/to-root");
        n = check_count_descriptors();

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *path = cases[i].path;
                int fd = file_open_directory(capture->fd, path);

                check_number(path, fd < 0 ? fd : 0, cases[i].r);
                if (fd >= 0) {
                        check_true(path, cases[i].marker && faccessat(fd, cases[i].marker, F_OK, 0) >= 0);
                        check_true(path, fcntl(fd, F_GETFL) & O_PATH);
                        check_true(path, fcntl(fd, F_GETFD) & FD_CLOEXEC);
                        close(fd);
                }
                check_number(path, check_count_descriptors(), n);
        }
}

static void test_open_directory_long(void) {
        g_autofree char *longest = g_strnfill(255, 'x'), *too_long = g_strnfill(256, 'x');
        g_autofree char *blocks = g_strdup_printf("@dir %s\n", longest);
        g_autofree char *below = g_strdup_printf("%s/%s", longest, too_long);
        g_autoptr(Capture) capture = capture_new(blocks);
        _cleanup_close_ int fd = -1;

        fd = file_open_directory(capture->fd, longest);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(file_open_directory(capture->fd, too_long), ==, -ENAMETOOLONG);
        g_assert_cmpint(file_open_directory(capture->fd, below), ==, -ENAMETOOLONG);
}

static Capture *make_all_kinds(void) {
        Capture *capture = capture_new("@file empty\n@file line\n1234\n@dir directory\n");

        make_link(capture, "line", "link");
        make_link(capture, "absent", "dangling");
        g_assert_cmpint(mkfifoat(capture->fd, "fifo", 0600), ==, 0);
        return capture;
}

static void test_read(void) {
        static const struct {
                const char *name;
                ssize_t r;
        } cases[] = {
                { "empty", 0 },     { "line", 5 },          { "absent", -ENOENT }, { "directory", -EISDIR },
                { "link", -ELOOP }, { "dangling", -ELOOP }, { "fifo", 0 }, /* and does not wait for somebody
                                                                              to write into it */
        };
        g_autoptr(Capture) capture = make_all_kinds();
        unsigned n = check_count_descriptors();

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                char buffer[16];

                memset(buffer, 'x', sizeof(buffer));
                check_number(cases[i].name,
                             file_read(capture->fd, cases[i].name, buffer, sizeof(buffer)),
                             cases[i].r);
                if (cases[i].r >= 0)
                        check_text(cases[i].name, buffer, cases[i].r == 0 ? "" : "1234\n");
                check_number(cases[i].name, check_count_descriptors(), n);
        }
}

/* A FIFO that somebody has open for writing and does not write to. */
static void test_read_silent_fifo(void) {
        g_autoptr(Capture) capture = capture_new("");
        _cleanup_close_ int writer_fd = -1;
        char *text = NULL;
        char buffer[16];

        g_assert_cmpint(mkfifoat(capture->fd, "fifo", 0600), ==, 0);
        writer_fd = openat(capture->fd, "fifo", O_RDWR | O_CLOEXEC);
        g_assert_cmpint(writer_fd, >=, 0);

        g_assert_cmpint(file_read(capture->fd, "fifo", buffer, sizeof(buffer)), ==, -EAGAIN);
        g_assert_cmpint(file_read_all(capture->fd, "fifo", 100, &text), ==, -EAGAIN);
        g_assert_null(text);
}

static void test_read_bounds(void) {
        static const struct {
                size_t length; /* of the file */
                size_t size;   /* of the buffer */
                ssize_t r;
        } cases[] = {
                { 0, 1, 0 },
                { 1, 1, -EFBIG },
                { 1, 2, 1 },
                { 2, 2, -EFBIG },
                { 63, 64, 63 },
                { 64, 64, -EFBIG },
                { 65, 64, -EFBIG },
                { 1000, 64, -EFBIG },
                { FILE_SMALL_SIZE - 1, FILE_SMALL_SIZE, FILE_SMALL_SIZE - 1 },
                { FILE_SMALL_SIZE, FILE_SMALL_SIZE, -EFBIG },
        };
        g_autoptr(Capture) capture = capture_new("");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *content = g_strnfill(cases[i].length, 'x'),
                                *buffer = g_malloc(cases[i].size);
                g_autofree char *about =
                        g_strdup_printf("%zu bytes into %zu", cases[i].length, cases[i].size);

                write_bytes(capture, "file", content, cases[i].length);
                check_number(about, file_read(capture->fd, "file", buffer, cases[i].size), cases[i].r);
                if (cases[i].r >= 0)
                        check_text(about, buffer, content);
        }
}

static void test_read_nul(void) {
        static const struct {
                const char *bytes;
                size_t n;
                int r;
        } cases[] = {
                { "\0", 1, -EIO },
                { "a\0b\n", 4, -EBADMSG },
                { "\0a\n", 3, -EIO },
                { "a\n\0", 3, -EBADMSG },
        };
        g_autoptr(Capture) capture = capture_new("");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                char *text = NULL;
                char buffer[16];

                write_bytes(capture, "file", cases[i].bytes, cases[i].n);
                check_number(
                        cases[i].bytes, file_read(capture->fd, "file", buffer, sizeof(buffer)), cases[i].r);
                check_number(cases[i].bytes, file_read_all(capture->fd, "file", 1000, &text), cases[i].r);
                check_true(cases[i].bytes, !text);
        }
}

/* A file is read whole each time, however many lines it is said to have, and has since. */
static void test_reread(void) {
        static const struct {
                const char *text;
                size_t n_lines;
        } cases[] = {
                { "a 1\nb 2\nc 3\n", 3 },
                { "a 1\nb 2\nc 3\n", 3 },
                { "a 1\nb 2\nc 3\nd 4\n", 4 },
                { "a 1\n", 1 },
                { "a 1\nb 2", 1 },
                { "", 0 },
                { "max\n", 1 },
                { "42\n", 1 },
                { "4", 0 },
        };
        g_autoptr(Capture) capture = capture_new("@file stat\n");
        size_t n_lines = 0, n_lines_read = 0;
        int fd;

        fd = openat(capture->fd, "stat", O_RDWR | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                ssize_t length = (ssize_t) strlen(cases[i].text);
                char text[64];

                g_assert_cmpint(ftruncate(fd, 0), ==, 0);
                g_assert_cmpint(pwrite(fd, cases[i].text, (size_t) length, 0), ==, length);
                g_assert_cmpint(file_reread(fd, text, sizeof(text), NULL), ==, length);
                g_assert_cmpstr(text, ==, cases[i].text);
                g_assert_cmpint(file_reread(fd, text, sizeof(text), &n_lines), ==, length);
                g_assert_cmpstr(text, ==, cases[i].text);
                g_assert_cmpuint(n_lines, ==, cases[i].n_lines);
                g_assert_cmpint(
                        file_read_lines(capture->fd, "stat", text, sizeof(text), &n_lines_read), ==, length);
                g_assert_cmpstr(text, ==, cases[i].text);
                g_assert_cmpuint(n_lines_read, ==, cases[i].n_lines);
        }
        close(fd);
}

/* Lines of all lengths, at all places, with bytes that differ from a newline by little. */
static void test_lines(void) {
        static const char bytes[] = { '\n',        '\n', '\n' + 1, '\n' - 1, '\n' ^ (char) 0x80,
                                      (char) 0xff, 'a',  ' ' };
        g_autoptr(Capture) capture = capture_new("@file stat\n");
        int fd;

        fd = openat(capture->fd, "stat", O_RDWR | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        for (unsigned i = 0; i < 2000; i++) {
                char text[101] = "", read[sizeof(text)];
                size_t length = i % sizeof(text), n_wanted = 0, n_lines = 0;

                for (size_t n = 0; n < length; n++) {
                        text[n] = bytes[g_test_rand_int_range(0, G_N_ELEMENTS(bytes))];
                        n_wanted += text[n] == '\n';
                }
                g_assert_cmpint(ftruncate(fd, 0), ==, 0);
                g_assert_cmpint(pwrite(fd, text, length, 0), ==, length);
                g_assert_cmpint(file_reread(fd, read, sizeof(read), &n_lines), ==, length);
                g_assert_cmpstr(read, ==, text);
                g_assert_cmpuint(n_lines, ==, n_wanted);
        }
        close(fd);
}

static void test_read_all(void) {
        static const struct {
                const char *name;
                int r;
        } cases[] = {
                { "empty", 0 },     { "line", 0 },          { "absent", -ENOENT },
                { "link", -ELOOP }, { "dangling", -ELOOP }, { "directory", -EISDIR },
                { "fifo", 0 },
        };
        g_autoptr(Capture) capture = make_all_kinds();
        unsigned n = check_count_descriptors();

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                _cleanup_free_ char *text = NULL;

                check_number(
                        cases[i].name, file_read_all(capture->fd, cases[i].name, 1000, &text), cases[i].r);
                check_text(cases[i].name,
                           text,
                           cases[i].r < 0                             ? NULL :
                                   strcmp(cases[i].name, "line") == 0 ? "1234\n" :
                                                                        "");
                check_number(cases[i].name, check_count_descriptors(), n);
        }
}

/* A file of 'max' bytes is read, and one of a byte more is not, whatever steps the buffer grows in. */
static void test_read_all_bounds(void) {
        static const struct {
                size_t length;
                size_t max;
                int r;
        } cases[] = {
                { 0, 10, 0 },
                { 10, 10, 0 },
                { 11, 10, -EFBIG },
                { 10000, 10, -EFBIG },
                { 16382, 16384, 0 },
                { 16383, 16384, 0 },
                { 16384, 16384, 0 },
                { 16385, 16384, -EFBIG },
                { 16383, 16383, 0 },
                { 16384, 16383, -EFBIG },
                { 20000, 65536, 0 },
                { 32767, 32768, 0 },
                { 32768, 32768, 0 },
                { 32769, 32768, -EFBIG },
                { 65536, 65536, 0 },
                { 65537, 65536, -EFBIG },
                { 100000, 65536, -EFBIG },
                { 1000000, 1000000, 0 },
                { 1000001, 1000000, -EFBIG },
        };
        g_autoptr(Capture) capture = capture_new("");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *content = g_strnfill(cases[i].length, 'x');
                g_autofree char *about =
                        g_strdup_printf("%zu bytes of at most %zu", cases[i].length, cases[i].max);
                _cleanup_free_ char *text = NULL;

                write_bytes(capture, "file", content, cases[i].length);
                check_number(about, file_read_all(capture->fd, "file", cases[i].max, &text), cases[i].r);
                check_true(about, g_strcmp0(text, cases[i].r < 0 ? NULL : content) == 0);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/file/open-directory", test_open_directory);
        g_test_add_func("/file/open-directory-long", test_open_directory_long);
        g_test_add_func("/file/read", test_read);
        g_test_add_func("/file/read-silent-fifo", test_read_silent_fifo);
        g_test_add_func("/file/read-bounds", test_read_bounds);
        g_test_add_func("/file/read-nul", test_read_nul);
        g_test_add_func("/file/reread", test_reread);
        g_test_add_func("/file/lines", test_lines);
        g_test_add_func("/file/read-all", test_read_all);
        g_test_add_func("/file/read-all-bounds", test_read_all_bounds);
        return g_test_run();
}
