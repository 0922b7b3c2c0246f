/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "argument.h"
#include "fuzz.h"
#include "unit-name.h"

static void check(const char *text, gboolean user) {
        Argument argument = argument_parse(text, user);
        const char *name = argument.target.name;
        size_t digits = strspn(text, "0123456789");

        if (digits > 0 && text[digits] == '\0') {
                guint64 pid = g_ascii_strtoull(text, NULL, 10);

                FUZZ_CHECK(argument.target.kind == TARGET_PROCESS);
                FUZZ_CHECK(argument.is_impossible == (pid > UINT32_MAX));
                FUZZ_CHECK(argument.is_impossible ? strcmp(argument.name, text) == 0 :
                                                    argument.target.pid == pid);
        } else if (text[0] == '/')
                FUZZ_CHECK(argument.target.kind == TARGET_CONTROL_GROUP && strcmp(name, text) == 0);
        else {
                FUZZ_CHECK(argument.target.kind == (user ? TARGET_USER_UNIT : TARGET_UNIT));
                FUZZ_CHECK(g_str_has_prefix(name, text) && name == argument.name);
                FUZZ_CHECK(unit_name_is_valid(text, strlen(text)) ?
                                   strcmp(name, text) == 0 :
                                   strcmp(name + strlen(text), ".service") == 0);
        }

        argument_done(&argument);
}

/* Whose memory it is about, as it stands on the command line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autofree char *text = fuzz_text(data, size);

        check(text, FALSE);
        check(text, TRUE);
        return 0;
}
