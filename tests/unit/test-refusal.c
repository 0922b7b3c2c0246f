/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "check.h"
#include "refusal.h"

static void test_errors(void) {
        static const struct {
                const char *name;
                int r;
                bool is_final;
        } cases[] = {
                { "org.mymem1.Error.NoSuchProcess", -ESRCH, true },
                { "org.mymem1.Error.NoSuchUnit", -ENOENT, true },
                { "org.mymem1.Error.UnitVanished", -ENODEV, true },
                { "org.mymem1.Error.NoMemoryController", -ENODATA, false },
                { "org.mymem1.Error.UnknownCaller", -ENXIO, false },
                { "org.mymem1.Error.NotSupported", -EOPNOTSUPP, false },
                { "org.mymem1.Error.LimitsExceeded", -EBUSY, false },
                { "org.freedesktop.DBus.Error.AccessDenied", -EACCES, false },
                { "org.freedesktop.DBus.Error.InvalidArgs", -EINVAL, false },
                { "org.freedesktop.DBus.Error.ServiceUnknown", 0, false },
                { "org.freedesktop.DBus.Error.UnknownObject", 0, false },
                { "org.mymem1.Error.NoSuchProcesses", 0, false },
                { "org.mymem1.Error.", 0, false },
                { "", 0, false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                bool is_final = !cases[i].is_final;

                check_number(cases[i].name, refusal_from_error(cases[i].name, &is_final), cases[i].r);
                check_number(cases[i].name, is_final, cases[i].is_final);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/refusal/errors", test_errors);
        return g_test_run();
}
