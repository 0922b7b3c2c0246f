/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What comes from a peer: bytes, and descriptors, which nobody here wants and a thread closes (closer.h). */

/* Receives what there is. Returns how many bytes, with the number of descriptors that came with them; or a
 * negative errno, -E2BIG if there were more than could be taken. */
ssize_t stream_receive(int fd, void *chunk, size_t size, size_t *ret_n_descriptors);

/* Whether descriptors would come with as much as that; '*chunk' is overwritten. */
bool stream_brings_descriptors(int fd, void *chunk, size_t size);
