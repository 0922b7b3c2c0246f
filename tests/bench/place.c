/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "place.h"

#include <glib.h>

#include "figure.h"
#include "group.h"

#define LIMIT (256 * MIB)

bool place_enter(Place *place, unsigned depth) {
        g_autoptr(GString) below = g_string_new(NULL);
        g_autoptr(GString) name = g_string_new("%");

        g_assert_cmpuint(depth, >=, 2);
        place->slice = slice_new();
        if (!place->slice)
                return false;
        group_write(place->slice->path, "memory.limit_in_bytes", LIMIT);

        for (unsigned i = 2; i < depth; i++) {
                g_autofree char *path = NULL;

                g_string_append(name, "-in");
                g_string_append_printf(below, "%s.slice", name->str);
                path = slice_group(place->slice, below->str);
                g_string_append_c(below, '/');
        }
        g_string_append(below, "%-caller.service");
        place->group = slice_group(place->slice, below->str);
        group_enter(place->group);
        return true;
}

void place_leave(Place *place) {
        slice_free(place->slice);
        g_free(place->group);
}
