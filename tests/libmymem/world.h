/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mymem.h>
#include <stdbool.h>
#include <stdint.h>

#include "private-bus.h"
#include "scene.h"
#include "server.h"
#include "service.h"

/* A unit in a limited slice, the service on a bus, and another on a socket; and what the test itself reads
 * from the kernel's files. */

typedef struct World {
        PrivateBus *bus;
        Service *service; /* on the bus */
        Server *server;   /* on the socket */
        Scene scene;
        uint64_t unit_limit; /* 0: none */
} World;

/* Makes all that. Where this is not possible, skips the test with the reason and returns false. */
bool world_enter(World *world, uint64_t unit_limit);
void world_leave(World *world);

/* Leaves one source only to the library. */
void world_choose(const World *world, enum mymem_source source);

typedef struct Reading {
        uint64_t usage, working_set, available;
        enum mymem_by by;
} Reading;

/* Reads the figures of who is in the unit. */
Reading world_read(const World *world);

/* Compares what the library said with what the test read before and reads now. */
void world_check(const World *world,
                 const Reading *before,
                 const struct mymem *memory,
                 enum mymem_source source);
