/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Sizes as people write and read them: with suffixes to the base 1024, as everywhere in systemd. */

/* "512B", "64.0M", "23.5G": one decimal, cut and not rounded. With 'bytes' the plain number. The caller
 * frees. */
char *size_text_format(guint64 value, gboolean bytes);

/* The same for a limit, "infinity" if there is none; and for a measure, "-" if it is not known. */
char *size_text_format_limit(guint64 value, gboolean bytes);
char *size_text_format_measure(guint64 value, gboolean bytes);

/* Reads "67108864", "64M", "1.5G", "512B", "64MiB"; FALSE for anything else, and beyond 64 bits. */
gboolean size_text_parse(const char *text, guint64 *ret);

/* Reads a size, or a percentage of 'whole' from 0 to 100: "10%". */
gboolean size_text_parse_share(const char *text, guint64 whole, guint64 *ret);
