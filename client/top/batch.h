/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "overview.h"

/* The units as tables, one a look, for files and pipes. Returns an exit code. */
int batch_run(Overview *overview);
