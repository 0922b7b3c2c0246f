/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "capture.h"

/* The captured machine that the tests of subject, figures and snapshot look at, on v2. All in MiB:
 *
 *                              max   high  current  inactive file  working set
 *   /                         (4096)        (1024)                        1024   3072 available
 *   /sys.slice                 512    max      300            100          200
 *   /sys.slice/web.service     256    192      128             28          100
 *     …/worker                  64    max       40             10           30
 *     …/equal                  256    max        8              3            5
 *     …/free                   max    max        8              3            5
 *     …/bare                   no memory files
 *   /free.slice                max    max       50      junk, unread
 *   /free.slice/one.service    max    max       20              4           16
 *   /plain                     max    max       10              2            8
 *
 * and the processes, by what they are in: */
#define WEB_WORKER 41
#define WEB_FREE 42
#define WEB_EQUAL 43
#define WEB_BARE 44
#define WEB_ITSELF 45
#define WEB_ONE 46
#define WEB_PLAIN 47
#define WEB_ROOT 48
#define WEB_SLICE 49

extern const char web_blocks[];
