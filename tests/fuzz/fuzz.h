/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <dirent.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A target: takes any bytes, and ends the process if what it looks at does not behave. The name is
 * libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must be true in every build. */
#define FUZZ_CHECK(expression)                                                                           \
        do                                                                                               \
                if (!(expression)) {                                                                     \
                        (void) fprintf(stderr, "%s:%d: %s is false\n", __FILE__, __LINE__, #expression); \
                        abort();                                                                         \
                }                                                                                        \
        while (0)

/* The bytes as a text, up to the first NUL, in memory of just that size: what is read beyond its end is
 * noticed. The caller frees. */
static inline char *fuzz_text(const uint8_t *data, size_t size) {
        const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
        size_t length = end ? (size_t) (end - data) : size;
        char *text = malloc(length + 1);

        FUZZ_CHECK(text);
        if (length > 0)
                memcpy(text, data, length);
        text[length] = '\0';
        return text;
}

/* How many descriptors are open: the same before and after, if all are closed again. */
static inline size_t fuzz_open_fds(void) {
        DIR *directory = opendir("/proc/self/fd");
        size_t n = 0;

        FUZZ_CHECK(directory);
        while (readdir(directory))
                n++;
        closedir(directory);
        return n;
}

/* Waits until only so many are: the thread that closes what came with messages does so in its own time. */
static inline void fuzz_await_fds(size_t open_fds) {
        for (int i = 0; i < 10000 && fuzz_open_fds() != open_fds; i++)
                (void) poll(NULL, 0, 1);
        FUZZ_CHECK(fuzz_open_fds() == open_fds);
}
