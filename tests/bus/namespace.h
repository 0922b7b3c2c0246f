/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Runs 'function' as the first process of a PID namespace below ours; a failed check in there fails the
 * test. Returns false where there can be no such namespace, having skipped the test with the reason. */
bool namespace_run(void (*function)(const void *data), const void *data);
