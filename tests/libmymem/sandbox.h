/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* A place from which little can be seen, made of a mount namespace of the calling process's own. */

/* Whether one can be made. If not, skips the test with the reason. */
bool sandbox_is_possible(void);

/* Enters one: /sys/fs is empty, and so is /proc unless it is kept. */
void sandbox_enter(bool keep_proc);
