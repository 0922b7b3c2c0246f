/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <systemd/sd-bus.h>

#include "cleanup.h"
#include "fuzz.h"
#include "label.h"
#include "names.h"
#include "path.h"

/* A path, to an object path and back. */
static void check_control_group(const char *control_group) {
        _cleanup_free_ char *object_path = NULL, *again = NULL;

        if (!path_is_normal(control_group))
                return;

        FUZZ_CHECK(label_from_control_group(control_group, &object_path) == 0);
        FUZZ_CHECK(sd_bus_object_path_is_valid(object_path) > 0);
        FUZZ_CHECK(label_to_control_group(object_path, &again) == 1);
        FUZZ_CHECK(strcmp(control_group, again) == 0);
}

/* An object path, as it comes from the bus, to a path and back: each names one group, and no group has two.
 */
static void check_object_path(const char *object_path) {
        _cleanup_free_ char *control_group = NULL, *again = NULL;
        int r;

        if (sd_bus_object_path_is_valid(object_path) <= 0)
                return;

        r = label_to_control_group(object_path, &control_group);
        FUZZ_CHECK(r == 0 || r == 1);
        if (r == 0) {
                FUZZ_CHECK(!control_group);
                return;
        }
        FUZZ_CHECK(path_is_normal(control_group));
        FUZZ_CHECK(label_from_control_group(control_group, &again) == 0);
        FUZZ_CHECK(strcmp(object_path, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size), *below = NULL;

        check_control_group(text);
        check_object_path(text);

        /* So that nobody has to guess the prefix. */
        FUZZ_CHECK(asprintf(&below, MYMEM_UNIT_PATH "/%s", text) >= 0);
        check_object_path(below);
        return 0;
}
