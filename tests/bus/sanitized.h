/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* SANITIZED is defined where a sanitizer keeps memory that the program has given back, and holds more than
 * the program does. */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
