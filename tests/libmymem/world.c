/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "world.h"

#include <glib.h>

#include "group.h"
#include "sources.h"

bool world_enter(World *world, uint64_t unit_limit) {
        if (!scene_enter(&world->scene, unit_limit))
                return false;

        world->unit_limit = unit_limit;
        world->bus = private_bus_start();
        world->service = service_start(world->bus->address);
        world->server = server_start();
        return true;
}

void world_leave(World *world) {
        server_stop(world->server);
        service_stop(world->service);
        private_bus_stop(world->bus);
        scene_leave(&world->scene);
}

void world_choose(const World *world, enum mymem_source source) {
        sources_set(source == MYMEM_SOURCE_SOCKET ? world->server->path : NULL,
                    source == MYMEM_SOURCE_BUS ? world->bus->address : NULL);
}

static uint64_t less(uint64_t a, uint64_t b) {
        return a > b ? a - b : 0;
}

Reading world_read(const World *world) {
        const Scene *scene = &world->scene;
        uint64_t unit_limit = world->unit_limit;
        Reading reading = { .usage = group_number(scene->group, "memory.usage_in_bytes"),
                            .working_set = group_working_set(scene->group),
                            .available = less(SCENE_SLICE_LIMIT, group_working_set(scene->slice->path)),
                            .by = MYMEM_BY_ANCESTOR };

        if (unit_limit > 0 && less(unit_limit, reading.working_set) < reading.available) {
                reading.available = less(unit_limit, reading.working_set);
                reading.by = MYMEM_BY_UNIT;
        }
        if (group_meminfo("MemAvailable") < reading.available) {
                reading.available = group_meminfo("MemAvailable");
                reading.by = MYMEM_BY_MACHINE;
        }
        return reading;
}

void world_check(const World *world,
                 const Reading *before,
                 const struct mymem *memory,
                 enum mymem_source source) {
        Reading after = world_read(world);

        g_assert_cmpuint(memory->source, ==, source);
        g_assert_cmpuint(memory->limit, ==, world->unit_limit > 0 ? world->unit_limit : SCENE_SLICE_LIMIT);
        figure_check(memory->usage, before->usage, after.usage);
        figure_check(memory->working_set, before->working_set, after.working_set);
        figure_check(memory->available, before->available, after.available);
        g_assert_cmpuint(memory->available_by, ==, after.by);
        g_assert_cmpstr(memory->unit, ==, world->scene.name);
        g_assert_cmpstr(memory->control_group, ==, world->scene.group);
}
