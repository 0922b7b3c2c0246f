/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scene.h"

#include <glib.h>

#include "child.h"
#include "client.h"
#include "group.h"

bool scene_enter_empty(Scene *scene, uint64_t limit) {
        *scene = (Scene) { .slice = slice_new() };
        if (!scene->slice)
                return false;

        scene->name = slice_name(scene->slice, "%-web.service");
        scene->group = slice_group(scene->slice, "%-web.service");
        scene->object = client_object(scene->group);
        if (limit > 0)
                group_write(scene->group, "memory.limit_in_bytes", limit);
        return true;
}

bool scene_enter(Scene *scene, uint64_t limit) {
        if (!scene_enter_empty(scene, limit))
                return false;

        group_write(scene->slice->path, "memory.limit_in_bytes", SCENE_SLICE_LIMIT);
        scene->tenant = slice_tenant(scene->group, SCENE_ANONYMOUS, SCENE_CACHE);
        g_assert_cmpuint(group_number(scene->group, "memory.usage_in_bytes"), >=, SCENE_ANONYMOUS);
        return true;
}

bool scene_enter_caller(Scene *scene, uint64_t limit) {
        if (!scene_enter(scene, limit))
                return false;

        group_enter(scene->group);
        return true;
}

void scene_leave(Scene *scene) {
        if (scene->tenant > 0)
                child_kill(scene->tenant);
        slice_free(scene->slice);
        g_free(scene->name);
        g_free(scene->group);
        g_free(scene->object);
}
