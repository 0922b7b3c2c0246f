/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Files and directories below a directory descriptor that the caller gives. Nothing here follows a symbolic
 * link or leaves the directory: paths are walked one component at a time with O_NOFOLLOW, which needs no
 * openat2() and so behaves the same under old kernels, seccomp filters and valgrind. */

/* More than any file of fixed shape takes: /proc/meminfo, /proc/PID/status. */
#define FILE_SMALL_SIZE (16 * 1024)

/* Opens the directory 'path', relative to 'dir_fd' (a leading slash means dir_fd itself), as O_PATH.
 * Returns a descriptor, -EINVAL for "." or ".." in the path, or what openat() gave. */
int file_open_directory(int dir_fd, const char *path);

/* Reads the file 'name' (one component) whole, and ends it with NUL. What it holds is of the moment of the
 * first read(): the kernel writes such a file once, and hands out what of it was not taken then. Returns the
 * length, -EFBIG if 'size' does not hold it with its NUL, -EBADMSG if it holds a NUL byte
 * of its own, -EIO if it begins with one, as where nothing was read though it is said, or what openat() and
 * read() gave. */
ssize_t file_read(int dir_fd, const char *name, char *buffer, size_t size);

/* The same for one of a kind that was read before. That all was read is seen by reading on; but if as many
 * lines came as '*n_lines' says (NULL or 0: not known) these are all. It is set to how many there were. */
ssize_t file_read_lines(int dir_fd, const char *name, char *buffer, size_t size, size_t *n_lines);

/* The same for a file that is kept open, always from its beginning. */
ssize_t file_reread(int fd, char *buffer, size_t size, size_t *n_lines);

/* Reads the file 'name' (one component) whole, up to 'max' bytes, into memory that the caller frees. What
 * fits into 16 KiB is of one moment. Returns 0, -EFBIG, -EBADMSG for a NUL
 * byte, -EIO for one at the beginning, -ENOMEM, or what openat() and read() gave. */
int file_read_all(int dir_fd, const char *name, size_t max, char **ret);

/* The same; the file stays open, for file_reread(). */
int file_read_open(int dir_fd, const char *name, size_t max, char **ret, int *ret_fd);
