/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "overview.h"

/* What the keys do. */

/* Returns FALSE if it is to end. */
gboolean keys_press(Overview *overview, int key);
