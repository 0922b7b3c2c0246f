/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#define PIECE_DESCRIPTORS_MAX 64

/* Sends a piece of a stream with these descriptors. Returns how much of it was taken; 0 if nobody listens.
 */
size_t piece_send(int fd, const void *data, size_t size, const int *fds, size_t n_fds);

/* Waits until only so many descriptors are open: the thread that closes what came along does so in its own
 * time. */
void piece_await_closed(size_t open_fds);
