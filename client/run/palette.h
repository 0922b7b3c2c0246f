/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The colours of a picture, and what tells lines apart where there are none, as in print. */

#define INK 0x1f2933
#define GREY 0x616e7c
#define GRID 0xe4e7eb
#define USAGE 0x7fb8e6
#define USAGE_EDGE 0x3d8bcd
#define WORKING_SET 0x1d6fb8
#define WORKING_SET_EDGE 0x134e83
#define AREA_OPACITY 0.55
#define LIMIT 0xc81e3a
#define HIGH 0xd9822b

#define LIMIT_DASH 9
#define HIGH_DASH 3
