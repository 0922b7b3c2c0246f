/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Verbs that are programs of their own, because they need libraries that would make all others start slower.
 * They are called mymem-VERB, and lie in libexec/mymem or in $MYMEM_EXEC_PATH. */

gboolean program_is_known(const char *verb);

/* Becomes the program; 'words' begins with the verb, which is replaced. Returns only if that fails, an exit
 * code, and has said why. */
int program_start(char **words);
