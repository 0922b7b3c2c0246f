/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cleanup.h"
#include "fuzz.h"
#include "unit-name.h"

static bool is_valid(const char *name) {
        return unit_name_is_valid(name, strlen(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(unit_names_done) UnitNames names = { 0 };
        _cleanup_(unit_names_done) UnitNames again = { 0 };
        _cleanup_free_ char *path = fuzz_text(data, size), *leading = NULL;

        FUZZ_CHECK(unit_names_from_path(path, &names) == 0);
        FUZZ_CHECK(names.id && names.system_unit && names.slice && names.length <= strlen(path));
        if (names.id[0] == '\0') {
                FUZZ_CHECK(names.system_unit[0] == '\0' && names.slice[0] == '\0' && names.length == 0);
                return 0;
        }

        /* Valid names, of the right kind; what leads to the unit ends with its name, and leads to no other.
         */
        FUZZ_CHECK(is_valid(names.id) && is_valid(names.slice));
        FUZZ_CHECK(unit_name_is_slice(names.slice, strlen(names.slice)));
        FUZZ_CHECK(names.system_unit[0] == '\0' || is_valid(names.system_unit));
        FUZZ_CHECK(!unit_name_is_slice(names.system_unit, strlen(names.system_unit)));
        FUZZ_CHECK(unit_name_is_slice(names.id, strlen(names.id)) || names.system_unit[0] != '\0');
        FUZZ_CHECK(names.length >= strlen(names.id) &&
                   memcmp(path + names.length - strlen(names.id), names.id, strlen(names.id)) == 0);
        FUZZ_CHECK(path[names.length] == '\0' || path[names.length] == '/');

        leading = strndup(path, names.length);
        FUZZ_CHECK(leading && unit_names_from_path(leading, &again) == 0);
        FUZZ_CHECK(strcmp(again.id, names.id) == 0 && strcmp(again.slice, names.slice) == 0);
        FUZZ_CHECK(strcmp(again.system_unit, names.system_unit) == 0 && again.length == names.length);
        return 0;
}
