/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ask.h"

/* Limit, usage and working set of oneself, and nothing else: the service has a call for that, for which it
 * reads less. The rest of the snapshot is not known. */
AskWay own_memory_ask;
