/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "allocation.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

/* What the C library has under these names for whoever replaces the others; its header does not say so. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

static _Thread_local unsigned left = 0; /* how many allocations there are until one fails; 0: none does */
static _Thread_local bool has_failed = false;
static atomic_long balance = 0;

void allocation_arm(unsigned at) {
        has_failed = false;
        left = at;
}

bool allocation_disarm(void) {
        left = 0;
        return has_failed;
}

long allocation_balance(void) {
        return balance;
}

static bool fails(void) {
        if (left == 0 || --left > 0)
                return false;

        has_failed = true;
        errno = ENOMEM;
        return true;
}

static void *count(void *memory) {
        if (memory)
                balance++;
        return memory;
}

void *malloc(size_t size) {
        return fails() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t nmemb, size_t size) {
        return fails() ? NULL : count(__libc_calloc(nmemb, size));
}

void *realloc(void *ptr, size_t size) {
        if (fails())
                return NULL;
        if (!ptr)
                return count(__libc_malloc(size));

        return __libc_realloc(ptr, size);
}

void free(void *ptr) {
        if (ptr)
                balance--;
        __libc_free(ptr);
}
