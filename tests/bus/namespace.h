/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Runs 'function' as the first process of a PID namespace below ours; a failed check in there fails the
 * test. Returns false where there can be no such namespace, having skipped the test with the reason. */
bool namespace_run(void (*function)(const void *data), const void *data);

/* Runs a whole test program in a PID namespace of its own, with a /proc that shows it: there is nobody but
 * the test who makes processes, so that it can choose their numbers. 'program' is what main() would do else,
 * after g_test_init(). Returns what main() returns; where there can be no such namespace, a skip of all
 * tests that says so. */
int namespace_main(int (*program)(void));
