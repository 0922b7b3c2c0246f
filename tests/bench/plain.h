/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* The floor: files that were opened once and are read again and again with pread(2), and nothing made of
 * what they say. */

#define PLAIN_MAX 8

typedef struct Plain {
        int fds[PLAIN_MAX];
        size_t n;
} Plain;

/* What a warm GetMemory reads of a process that is in 'group', as deep as that is: where it is, the limits
 * from there up, the usage and the statistics. */
void plain_open_call(Plain *plain, const char *group);

/* What a sample of a handle reads: the same without the limits, but the usage of 'limited', the group above
 * that has one. */
void plain_open_sample(Plain *plain, const char *group, const char *limited);

void plain_close(Plain *plain);

/* Work for samples.h. */
void plain_read(void *data);
