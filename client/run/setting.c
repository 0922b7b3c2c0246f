/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "duration.h"
#include "setting.h"
#include "size-text.h"
#include "size.h"

typedef enum SettingKind {
        SETTING_SIZE, /* or a percentage, or "infinity" */
        SETTING_COUNT,
        SETTING_SHARE, /* a percentage of one processor's time */
        SETTING_SPAN,
        SETTING_FLAG,
        SETTING_TEXT,
} SettingKind;

struct SettingType {
        const char *name;
        SettingKind kind;
        const char *property; /* if it is called otherwise on the bus */
        const char *files[2]; /* of cgroup v1 and v2 */
};

static const SettingType types[] = {
        { "MemoryMax", SETTING_SIZE, NULL, { "memory.limit_in_bytes", "memory.max" } },
        { "MemoryHigh", SETTING_SIZE, NULL, { NULL, "memory.high" } },
        { "MemoryMin", SETTING_SIZE, NULL, { NULL, "memory.min" } },
        { "MemoryLow", SETTING_SIZE, NULL, { NULL, "memory.low" } },
        { "MemorySwapMax", SETTING_SIZE, NULL, { NULL, "memory.swap.max" } },
        { "MemoryZSwapMax", SETTING_SIZE, NULL, { NULL, "memory.zswap.max" } },
        { "MemoryAccounting", SETTING_FLAG, NULL, { NULL } },
        { "ManagedOOMMemoryPressure", SETTING_TEXT, NULL, { NULL } },
        { "ManagedOOMPreference", SETTING_TEXT, NULL, { NULL } },
        { "ManagedOOMSwap", SETTING_TEXT, NULL, { NULL } },
        { "OOMPolicy", SETTING_TEXT, NULL, { NULL } },
        { "CPUQuota", SETTING_SHARE, "CPUQuotaPerSecUSec", { NULL } },
        { "CPUWeight", SETTING_COUNT, NULL, { NULL } },
        { "IOWeight", SETTING_COUNT, NULL, { NULL } },
        { "TasksMax", SETTING_COUNT, NULL, { NULL } },
        { "RuntimeMaxSec", SETTING_SPAN, "RuntimeMaxUSec", { NULL } },
        { "Delegate", SETTING_FLAG, NULL, { NULL } },
        { "Description", SETTING_TEXT, NULL, { NULL } },
        { "Slice", SETTING_TEXT, NULL, { NULL } },
};

static const SettingType *find_type(const char *name, size_t length) {
        for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
                if (strlen(types[i].name) == length && strncmp(types[i].name, name, length) == 0)
                        return &types[i];

        return NULL;
}

/* "50%"; of a processor's time it may be more than all. */
static gboolean parse_percent(const char *text, guint64 most, guint64 *ret) {
        return size_scan(&text, ret) >= 0 && g_str_equal(text, "%") && *ret > 0 && *ret <= most;
}

static gboolean parse_count(const char *text, guint64 *ret) {
        return size_scan(&text, ret) >= 0 && *text == '\0' && *ret < SIZE_UNLIMITED;
}

static gboolean parse_flag(const char *text, guint64 *ret) {
        static const char *const yes[] = { "1", "yes", "y", "true", "t", "on", NULL };
        static const char *const no[] = { "0", "no", "n", "false", "f", "off", NULL };

        *ret = g_strv_contains(yes, text);
        return *ret || g_strv_contains(no, text);
}

static gboolean parse_value(const char *text, Setting *setting) {
        gboolean is_infinity = g_str_equal(text, "infinity");

        switch (setting->type->kind) {
        case SETTING_SIZE:
                setting->is_percent = parse_percent(text, 100, &setting->value);
                if (setting->is_percent || size_text_parse(text, &setting->value))
                        return TRUE;
                break;
        case SETTING_COUNT:
                if (parse_count(text, &setting->value))
                        return TRUE;
                break;
        case SETTING_SHARE:
                setting->is_percent = parse_percent(text, G_MAXUINT32, &setting->value);
                return setting->is_percent;
        case SETTING_SPAN:
                if (duration_parse(text, &setting->value))
                        return TRUE;
                break;
        case SETTING_FLAG:
                return parse_flag(text, &setting->value);
        case SETTING_TEXT:
                return *text != '\0' && g_utf8_validate(text, -1, NULL);
        default:
                g_assert_not_reached();
        }

        setting->value = SIZE_UNLIMITED;
        return is_infinity;
}

gboolean setting_parse(const char *text, Setting *ret, char **ret_message) {
        const char *equals = strchr(text, '=');
        Setting setting = { 0 };

        if (!equals) {
                *ret_message =
                        g_strdup_printf("--property= takes NAME=VALUE, as MemoryMax=1G, not '%s'.", text);
                return FALSE;
        }
        setting.type = find_type(text, (size_t) (equals - text));
        if (!setting.type) {
                *ret_message = g_strdup_printf("'%.*s' is no property that can be set here: try MemoryMax.",
                                               (int) (equals - text),
                                               text);
                return FALSE;
        }
        if (!parse_value(equals + 1, &setting)) {
                *ret_message = g_strdup_printf("%s cannot be '%s'.", setting.type->name, equals + 1);
                return FALSE;
        }

        setting.text = g_strdup(equals + 1);
        *ret = setting;
        return TRUE;
}

void setting_done(Setting *setting) {
        g_free(setting->text);
}

const char *setting_name(const Setting *setting) {
        return setting->type->name;
}

int setting_append(const Setting *setting, sd_bus_message *message) {
        const char *name = setting->type->property ? setting->type->property : setting->type->name;
        g_autofree char *scale = g_strconcat(name, "Scale", NULL);

        switch (setting->type->kind) {
        case SETTING_SIZE:
                if (!setting->is_percent)
                        return sd_bus_message_append(message, "(sv)", name, "t", setting->value);
                return sd_bus_message_append(
                        message, "(sv)", scale, "u", (guint32) (setting->value * G_MAXUINT32 / 100));
        case SETTING_SHARE: /* µs in each second */
                return sd_bus_message_append(message, "(sv)", name, "t", setting->value * 10000);
        case SETTING_COUNT:
        case SETTING_SPAN:
                return sd_bus_message_append(message, "(sv)", name, "t", setting->value);
        case SETTING_FLAG:
                return sd_bus_message_append(message, "(sv)", name, "b", (int) setting->value);
        case SETTING_TEXT:
                return sd_bus_message_append(message, "(sv)", name, "s", setting->text);
        default:
                g_assert_not_reached();
        }
}

const char *setting_file(const Setting *setting, int version) {
        return setting->type->files[version - 1];
}

char *setting_file_value(const Setting *setting, int version, guint64 physical) {
        guint64 value = setting->is_percent ? physical / 100 * setting->value : setting->value;

        if (value == SIZE_UNLIMITED)
                return g_strdup(version == 1 ? "-1" : "max");
        return g_strdup_printf("%" G_GUINT64_FORMAT, value);
}
