/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The names of mymem on the bus. They are a contract: people script against them. */

#define MYMEM_BUS_NAME "org.mymem1"

#define MYMEM_MANAGER_PATH "/org/mymem1"
#define MYMEM_MANAGER_INTERFACE "org.mymem1.Manager"

#define MYMEM_UNIT_PATH "/org/mymem1/unit" /* the root of the tree of control groups */
#define MYMEM_SELF_PATH "/org/mymem1/self" /* the caller's own */
#define MYMEM_UNIT_INTERFACE "org.mymem1.Unit"

#define MYMEM_ERROR_NO_SUCH_PROCESS "org.mymem1.Error.NoSuchProcess"
#define MYMEM_ERROR_NO_SUCH_UNIT "org.mymem1.Error.NoSuchUnit"
#define MYMEM_ERROR_UNIT_VANISHED "org.mymem1.Error.UnitVanished"
#define MYMEM_ERROR_NO_MEMORY_CONTROLLER "org.mymem1.Error.NoMemoryController"
#define MYMEM_ERROR_UNKNOWN_CALLER "org.mymem1.Error.UnknownCaller"
#define MYMEM_ERROR_NOT_SUPPORTED "org.mymem1.Error.NotSupported"
#define MYMEM_ERROR_LIMITS_EXCEEDED "org.mymem1.Error.LimitsExceeded"
