/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "view.h"

/* A view of oneself that is kept true: through moves, forks, groups that go, and limits that change; with
 * and without the service. */

typedef struct mymem_handle Handle;

/* Opens one. An error that <mymem.h> documents. */
int handle_new(Handle **ret);

/* Reads the figures, and looks whether all is as it was as often as that is due. */
int handle_sample(Handle *handle, struct mymem *ret);

Handle *handle_free(Handle *handle);
