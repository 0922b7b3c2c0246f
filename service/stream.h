/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What comes over a socket: bytes, and descriptors. */

#define STREAM_DESCRIPTORS_MAX 253 /* at once: as many as the kernel passes on */

/* The descriptors that came with a piece of it. */
typedef struct StreamDescriptors {
        int fds[STREAM_DESCRIPTORS_MAX];
        size_t n;
        bool is_cut; /* there were more than could be taken; the kernel has closed those */
} StreamDescriptors;

/* Receives what there is. Returns how many bytes, or a negative errno. The descriptors are the caller's. */
ssize_t stream_receive(int fd, void *chunk, size_t size, StreamDescriptors *ret);

/* The same for bytes alone: descriptors are closed by a thread (closer.h). '*ret_n_descriptors' is how many
 * came; -E2BIG if there were more than could be taken. */
ssize_t stream_receive_bytes(int fd, void *chunk, size_t size, size_t *ret_n_descriptors);

/* Sends as much as is taken, with these descriptors. Returns how many bytes, or a negative errno. */
ssize_t stream_send(int fd, const void *data, size_t size, const int *fds, size_t n_fds);

/* Whether descriptors would come with as much as that; '*chunk' is overwritten. */
bool stream_brings_descriptors(int fd, void *chunk, size_t size);
