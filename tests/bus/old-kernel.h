/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Who has connected to a socket, as kernels before Linux 6.5 tell it: by number alone. */

/* If MYMEM_TEST_KERNEL in the environment is "old", this process and all that it starts find that the kernel
 * does not know SO_PEERPIDFD. */
void old_kernel_pretend(void);
bool old_kernel_is_pretended(void);

/* Whether the kernel, or what is pretended of it, knows SO_PEERPIDFD. */
bool old_kernel_knows_peers(void);
