/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "size.h"
#include "target.h"
#include "unit-name.h"

static gboolean is_number(const char *text) {
        return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static uint32_t parse_pid(const char *text) {
        uint64_t value;

        return size_scan(&text, &value) < 0 || value > UINT32_MAX ? UINT32_MAX : (uint32_t) value;
}

Target target_parse(const char *argument) {
        if (!argument)
                return (Target) { .kind = TARGET_SELF };

        if (is_number(argument))
                return (Target) { .kind = TARGET_PROCESS, .pid = parse_pid(argument) };

        if (argument[0] == '/')
                return (Target) { .kind = TARGET_CONTROL_GROUP, .name = g_strdup(argument) };

        return (Target) {
                .kind = TARGET_UNIT,
                .name = unit_name_is_valid(argument, strlen(argument)) ?
                        g_strdup(argument) :
                        g_strconcat(argument, ".service", NULL),
        };
}

void target_done(Target *target) {
        g_clear_pointer(&target->name, g_free);
}
