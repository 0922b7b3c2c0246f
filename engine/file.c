/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "path.h"

#define INTERRUPTIONS_MAX 100
#define PIECE_MIN 2048 /* bytes: less than that the kernel writes in one piece */

int file_open_directory(int dir_fd, const char *path) {
        _cleanup_close_ int fd = -1;
        const char *component;
        size_t length;

        assert(dir_fd >= 0);
        assert(path);

        while ((component = path_next(&path, &length))) {
                char name[NAME_MAX + 1];
                int next;

                if (length > NAME_MAX)
                        return -ENAMETOOLONG;
                if (path_is_dots(component, length))
                        return -EINVAL;
                memcpy(name, component, length);
                name[length] = '\0';

                next = openat(fd < 0 ? dir_fd : fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (next < 0)
                        return -errno;
                closep(&fd);
                fd = next;
        }

        if (fd < 0)
                fd = openat(dir_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : take_fd(&fd);
}

static int file_open(int dir_fd, const char *name) {
        int fd;

        fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* A read that a signal interrupted is made again; but nothing is waited for without end. */
static bool is_interrupted(ssize_t n, unsigned *n_interrupted) {
        return n < 0 && errno == EINTR && ++*n_interrupted < INTERRUPTIONS_MAX;
}

/* Who traces a process, or filters its system calls, may answer in the kernel's place. Where it is said that
 * something was read, and it was not, there is still a NUL, with which nothing begins. */
static void begin_read(char *buffer) {
        *buffer = '\0';
}

static ssize_t end_read(ssize_t n, const char *buffer) {
        if (n < 0)
                return -errno;

        return n > 0 && *buffer == '\0' ? -EIO : n;
}

static ssize_t read_some(int fd, char *buffer, size_t size) {
        unsigned n_interrupted = 0;
        ssize_t n;

        begin_read(buffer);
        do
                n = read(fd, buffer, size);
        while (is_interrupted(n, &n_interrupted));

        return end_read(n, buffer);
}

/* A number has its line, and a file with one has no other: there is nothing after it to be read. */
static bool is_number(const char *text, size_t length) {
        if (length < 2 || text[length - 1] != '\n')
                return false;
        if (length == 4 && memcmp(text, "max", 3) == 0)
                return true;

        /* It is not ended with NUL yet. */
        for (size_t i = 0; i < length - 1; i++)
                if (text[i] < '0' || text[i] > '9')
                        return false;
        return true;
}

/* Eight bytes at a time, because there are many lines, and short ones: each byte that is a newline becomes
 * 0, then 0x80, then 1, and all others 0. */
static size_t count_lines(const char *text, size_t length) {
        const uint64_t ones = UINT64_C(0x0101010101010101), low = ones * 0x7f;
        size_t n = 0;

        for (; length >= sizeof(uint64_t); text += sizeof(uint64_t), length -= sizeof(uint64_t)) {
                uint64_t word;

                memcpy(&word, text, sizeof(word));
                word ^= ones * '\n';
                word = ~(((word & low) + low) | word | low);
                n += (word >> 7) * ones >> 56;
        }
        for (; length > 0; text++, length--)
                n += *text == '\n';
        return n;
}

/* Reads on after what was read already, 'offset' bytes. */
typedef ssize_t (*ReadOn)(int fd, char *buffer, size_t size, size_t offset);

static ssize_t read_next(int fd, char *buffer, size_t size, size_t offset) {
        (void) offset;

        return read_some(fd, buffer, size);
}

static ssize_t read_at(int fd, char *buffer, size_t size, size_t offset) {
        unsigned n_interrupted = 0;
        ssize_t n;

        begin_read(buffer);
        do
                n = pread(fd, buffer, size, (off_t) offset);
        while (is_interrupted(n, &n_interrupted));

        return end_read(n, buffer);
}

/* Reads all of it and ends it with NUL. As many lines as '*n_lines' says are all, if it is given; it is set
 * to how many there were. */
static ssize_t read_text(int fd, char *buffer, size_t size, ReadOn read_on, size_t *n_lines) {
        size_t length = 0, counted = 0;
        bool is_whole;

        do {
                ssize_t n;

                n = read_on(fd, buffer + length, size - length, length);
                /* Hardly any file is empty, and much would follow from that: it is looked at twice. */
                if (n == 0 && length == 0)
                        n = read_on(fd, buffer, size, 0);
                if (n < 0)
                        return n;
                if (n == 0)
                        break;
                if (n_lines)
                        counted += count_lines(buffer + length, (size_t) n);
                length += (size_t) n;
                if (length == size)
                        return -EFBIG;

                is_whole = is_number(buffer, length) ||
                        (n_lines && counted == *n_lines && buffer[length - 1] == '\n');
        } while (!is_whole);

        buffer[length] = '\0';
        if (strlen(buffer) != length)
                return -EBADMSG;

        if (n_lines)
                *n_lines = counted;
        return (ssize_t) length;
}

ssize_t file_read(int dir_fd, const char *name, char *buffer, size_t size) {
        return file_read_lines(dir_fd, name, buffer, size, NULL);
}

ssize_t file_read_lines(int dir_fd, const char *name, char *buffer, size_t size, size_t *n_lines) {
        _cleanup_close_ int fd = -1;

        assert(dir_fd >= 0);
        assert(name);
        assert(buffer);
        assert(size > 0);

        fd = file_open(dir_fd, name);
        return fd < 0 ? fd : read_text(fd, buffer, size, read_next, n_lines);
}

ssize_t file_reread(int fd, char *buffer, size_t size, size_t *n_lines) {
        assert(fd >= 0);
        assert(buffer);
        assert(size > 0);

        return read_text(fd, buffer, size, read_at, n_lines);
}

int file_read_all(int dir_fd, const char *name, size_t max, char **ret) {
        _cleanup_close_ int fd = -1;

        return file_read_open(dir_fd, name, max, ret, &fd);
}

int file_read_open(int dir_fd, const char *name, size_t max, char **ret, int *ret_fd) {
        _cleanup_close_ int fd = -1;
        _cleanup_free_ char *text = NULL;
        size_t size = FILE_SMALL_SIZE, length = 0;

        assert(dir_fd >= 0);
        assert(name);
        assert(ret);
        assert(ret_fd);

        fd = file_open(dir_fd, name);
        if (fd < 0)
                return fd;

        text = malloc(size);
        if (!text)
                return -ENOMEM;

        for (;;) {
                ssize_t n;

                if (length + 1 == size) {
                        char *larger;

                        size *= 2;
                        larger = realloc(text, size);
                        if (!larger)
                                return -ENOMEM;
                        text = larger;
                }

                n = read_some(fd, text + length, size - length - 1);
                /* The kernel does not tell where such a file ends but by the end, and much follows from what
                 * is not there: it is looked at twice, but for what it writes in one piece. */
                if (n == 0 && (length == 0 || length >= PIECE_MIN))
                        n = read_some(fd, text + length, size - length - 1);
                if (n < 0)
                        return (int) n;
                if (n == 0)
                        break;
                length += (size_t) n;
                if (length > max)
                        return -EFBIG;
        }

        text[length] = '\0';
        if (strlen(text) != length)
                return -EBADMSG;

        *ret = take_ptr(&text);
        *ret_fd = take_fd(&fd);
        return 0;
}
