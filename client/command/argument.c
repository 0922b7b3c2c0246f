/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "argument.h"
#include "size.h"
#include "unit-name.h"

static gboolean is_number(const char *text) {
        return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static Argument named(TargetKind kind, char *name) {
        return (Argument) { .target = { .kind = kind, .name = name }, .name = name };
}

static Argument numbered(const char *text) {
        const char *cursor = text;
        uint64_t value;

        if (size_scan(&cursor, &value) < 0 || value > UINT32_MAX)
                return (Argument) { .target = { .kind = TARGET_PROCESS, .pid = UINT32_MAX },
                                    .name = g_strdup(text),
                                    .is_impossible = TRUE };

        return (Argument) { .target = { .kind = TARGET_PROCESS, .pid = (uint32_t) value } };
}

Argument argument_parse(const char *text, gboolean user) {
        TargetKind unit = user ? TARGET_USER_UNIT : TARGET_UNIT;

        if (!text)
                return (Argument) { .target.kind = TARGET_SELF };
        if (is_number(text))
                return numbered(text);
        if (text[0] == '/')
                return named(TARGET_CONTROL_GROUP, g_strdup(text));
        if (unit_name_is_valid(text, strlen(text)))
                return named(unit, g_strdup(text));

        return named(unit, g_strconcat(text, ".service", NULL));
}

void argument_done(Argument *argument) {
        g_clear_pointer(&argument->name, g_free);
        argument->target.name = NULL;
}
