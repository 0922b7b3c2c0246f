/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* All else is hidden. */
#define _public_ __attribute__((__visibility__("default")))
