/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "path.h"
#include "unit-name.h"

#define UNIT_NAME_MAX 255

typedef struct Component {
        const char *name;
        size_t length;
} Component;

static bool is_unit_type(const char *suffix, size_t length) {
        static const char types[][sizeof("automount")] = {
                "service", "scope", "slice", "socket", "mount",     "swap",
                "target",  "timer", "path",  "device", "automount",
        };

        for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
                if (strlen(types[i]) == length && memcmp(types[i], suffix, length) == 0)
                        return true;

        return false;
}

static bool is_unit_character(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                (c != '\0' && strchr("@:-_.\\", c));
}

bool unit_name_is_valid(const char *name, size_t length) {
        const char *dot, *at;

        assert(name);

        if (length == 0 || length > UNIT_NAME_MAX)
                return false;

        dot = memrchr(name, '.', length);
        if (!dot || dot == name || !is_unit_type(dot + 1, length - (size_t) (dot + 1 - name)))
                return false;

        for (const char *p = name; p < dot; p++)
                if (!is_unit_character(*p))
                        return false;

        /* "a@b.service" is an instance, "a@.service" a template, "@b.service" nothing. */
        at = memchr(name, '@', (size_t) (dot - name));
        return !at || (at != name && at + 1 != dot);
}

bool unit_name_is_slice(const char *name, size_t length) {
        static const char suffix[] = ".slice";
        const size_t n = sizeof(suffix) - 1;

        assert(name);

        return length > n && memcmp(name + length - n, suffix, n) == 0;
}

bool unit_name_from_component(const char **component, size_t *length) {
        assert(component);
        assert(*component);
        assert(length);

        if (*length > 0 && **component == '_') {
                (*component)++;
                (*length)--;
        }

        return unit_name_is_valid(*component, *length);
}

int unit_names_from_path(const char *path, UnitNames *ret) {
        Component id = { "", 0 }, system_unit = { "", 0 }, slice = { "", 0 }, above = { "", 0 };
        _cleanup_(unit_names_done) UnitNames names = { 0 };
        const char *cursor = path, *component;
        size_t length;

        assert(path);
        assert(ret);

        while ((component = path_next(&cursor, &length))) {
                if (!unit_name_from_component(&component, &length))
                        continue;

                id = (Component) { component, length };
                slice = above;
                names.length = (size_t) (cursor - path);

                if (unit_name_is_slice(component, length))
                        above = id;
                else if (system_unit.length == 0)
                        system_unit = id;
        }

        if (id.length > 0 && slice.length == 0)
                slice = (Component) { UNIT_NAME_ROOT_SLICE, strlen(UNIT_NAME_ROOT_SLICE) };

        names.id = strndup(id.name, id.length);
        names.system_unit = strndup(system_unit.name, system_unit.length);
        names.slice = strndup(slice.name, slice.length);
        if (!names.id || !names.system_unit || !names.slice)
                return -ENOMEM;

        *ret = names;
        names = (UnitNames) { 0 };
        return 0;
}

void unit_names_done(UnitNames *names) {
        assert(names);

        free(names->id);
        free(names->system_unit);
        free(names->slice);
        *names = (UnitNames) { 0 };
}
