/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <systemd/sd-bus.h>

/* A setting of the unit that a command is run in, as -p gives it: "MemoryMax=1G". They are those of
 * systemd.resource-control(5), by the same names. */

typedef struct SettingType SettingType;

typedef struct Setting {
        const SettingType *type;
        char *text;
        guint64 value;       /* of a number */
        gboolean is_percent; /* then 'value' is one, of the machine's memory, or of one processor's time */
} Setting;

/* Reads one. FALSE with '*ret_message' a sentence, for the caller to free, if it makes no sense. */
gboolean setting_parse(const char *text, Setting *ret, char **ret_message);
void setting_done(Setting *setting);

const char *setting_name(const Setting *setting);

/* Appends it to the properties of a unit, "(sv)". */
int setting_append(const Setting *setting, sd_bus_message *message);

/* The file of a control group of that version that it is for; NULL if there is none that we write. */
const char *setting_file(const Setting *setting, int version);

/* What is written there, on a machine with so much memory. The caller frees. */
char *setting_file_value(const Setting *setting, int version, guint64 physical);
