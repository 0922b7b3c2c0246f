/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

/* Figures that move while they are read. */

#define MIB (UINT64_C(1024) * 1024)

/* The kernel counts in batches per CPU, and settles them every two seconds. */
#define FIGURE_SLACK (2 * MIB)

/* 'got' was read after 'before' and before 'after', so it lies between them, give or take the slack. */
#define figure_check(got, before, after)                                          \
        G_STMT_START {                                                            \
                uint64_t _before = (before), _after = (after);                    \
                                                                                  \
                g_assert_cmpuint((got) + FIGURE_SLACK, >=, MIN(_before, _after)); \
                g_assert_cmpuint((got), <=, MAX(_before, _after) + FIGURE_SLACK); \
        }                                                                         \
        G_STMT_END
