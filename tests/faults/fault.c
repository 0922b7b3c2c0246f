/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>

Fault *fault_new(void) {
        Fault *fault;

        fault = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        g_assert_true(fault != MAP_FAILED);
        fault->hit = -1;
        return fault;
}

void fault_free(Fault *fault) {
        g_assert_cmpint(munmap(fault, sizeof(*fault)), ==, 0);
}

void fault_arm(Fault *fault, int kind, unsigned at) {
        fault_arm_only(fault, kind, FAULT_ANY, at, false);
}

void fault_arm_only(Fault *fault, int kind, int number, unsigned at, bool is_lasting) {
        fault->kind = FAULT_NONE;
        fault->only = number;
        fault->is_lasting = is_lasting;
        fault->hit = -1;
        fault->n = 0;
        fault->at = at;
        fault->kind = kind;
}

int fault_disarm(Fault *fault) {
        fault->kind = FAULT_NONE;
        return fault->hit;
}

static const char *kind_name(int kind) {
        switch (kind) {
        case FAULT_HALF:
                return "half a read";
        case FAULT_LINE:
                return "a line of a read";
        case FAULT_EMPTY:
                return "nothing of a read";
        case FAULT_CLAIM:
                return "a read that was none";
        default:
                return strerrorname_np(kind);
        }
}

char *fault_describe(int kind, unsigned at, int number) {
        return g_strdup_printf("%s at number %u, system call %d", kind_name(kind), at, number);
}
