/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scene.h"

#include <glib.h>

#include "child.h"
#include "client.h"
#include "group.h"

bool scene_enter(Scene *scene, uint64_t limit) {
        scene->slice = slice_new();
        if (!scene->slice)
                return false;

        scene->name = slice_name(scene->slice, "%-web.service");
        scene->group = slice_group(scene->slice, "%-web.service");
        scene->object = client_object(scene->group);
        group_write(scene->slice->path, "memory.limit_in_bytes", SCENE_SLICE_LIMIT);
        if (limit > 0)
                group_write(scene->group, "memory.limit_in_bytes", limit);

        scene->tenant = slice_tenant(scene->group, SCENE_ANONYMOUS, SCENE_CACHE);
        g_assert_cmpuint(group_number(scene->group, "memory.usage_in_bytes"), >=, SCENE_ANONYMOUS);
        return true;
}

void scene_leave(Scene *scene) {
        child_kill(scene->tenant);
        slice_free(scene->slice);
        g_free(scene->name);
        g_free(scene->group);
        g_free(scene->object);
}
