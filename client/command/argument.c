/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <string.h>

#include "argument.h"
#include "size.h"
#include "unit-name.h"

static bool is_number(const char *text) {
        return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static uint32_t parse_pid(const char *text) {
        uint64_t value;

        return size_scan(&text, &value) < 0 || value > UINT32_MAX ? UINT32_MAX : (uint32_t) value;
}

static Argument named(TargetKind kind, char *name) {
        return (Argument) { { .kind = kind, .name = name }, name };
}

Argument argument_parse(const char *text) {
        if (!text)
                return (Argument) { .target.kind = TARGET_SELF };
        if (is_number(text))
                return (Argument) { .target = { .kind = TARGET_PROCESS, .pid = parse_pid(text) } };
        if (text[0] == '/')
                return named(TARGET_CONTROL_GROUP, g_strdup(text));
        if (unit_name_is_valid(text, strlen(text)))
                return named(TARGET_UNIT, g_strdup(text));

        return named(TARGET_UNIT, g_strconcat(text, ".service", NULL));
}

void argument_done(Argument *argument) {
        g_clear_pointer(&argument->name, g_free);
        argument->target.name = NULL;
}
