/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Bytes that are sent with descriptors. */

#define PARCEL_FDS_MAX 253 /* that the kernel takes at once */

/* sendmsg() to a socket, of which no signal comes. */
ssize_t parcel_send(int fd, const void *data, size_t size, const int *fds, size_t n_fds, int flags);

/* The same with one descriptor so many times. */
ssize_t parcel_send_copies(int fd, const void *data, size_t size, int copied_fd, size_t n_fds, int flags);
