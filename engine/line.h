/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Lines of "KEY  VALUE" in files of /proc that are made for people. */

/* Finds the line that begins with 'key', and returns what follows the key and blanks; NULL if there is none.
 */
const char *line_find(const char *text, const char *key);

/* Reads "NUMBER kB" and the end of the line, as bytes. Returns 0, -EBADMSG or -ERANGE. */
int line_parse_kibibytes(const char *text, uint64_t *ret);
