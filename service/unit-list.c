/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <stdalign.h>
#include <string.h>

#include "failure-reply.h"
#include "unit-list.h"

/* What one walk may find, in bytes: three times what ten thousand units take with paths as systemd makes
 * them. Groups are anybody's to make, who has been delegated one, and as many and as deep as they like. */
#define UNITS_SIZE_MAX ((size_t) 4 * 1024 * 1024)

struct UnitList {
        unsigned n_ref;
        GByteArray *bytes;   /* of ListedUnit */
        GHashTable *by_name; /* of the same, once a name was looked for */
};

UnitList *unit_list_new(void) {
        UnitList *list = g_new0(UnitList, 1);

        list->n_ref = 1;
        list->bytes = g_byte_array_new();
        return list;
}

UnitList *unit_list_ref(UnitList *list) {
        assert(list);

        list->n_ref++;
        return list;
}

UnitList *unit_list_unref(UnitList *list) {
        if (!list || --list->n_ref > 0)
                return NULL;

        g_clear_pointer(&list->by_name, g_hash_table_unref);
        g_byte_array_unref(list->bytes);
        g_free(list);
        return NULL;
}

static ListedUnit *at(const UnitList *list, size_t offset) {
        return (ListedUnit *) (void *) (list->bytes->data + offset);
}

int unit_list_add(UnitList *list, const ListedUnit *figures, const char *name, const char *place) {
        size_t n_name, n_place, size, offset;
        ListedUnit *unit;

        assert(list);
        assert(figures);
        assert(name);
        assert(place);
        assert(!list->by_name);

        n_name = strlen(name) + 1;
        n_place = strlen(place) + 1;
        size = sizeof(*unit) + n_name + n_place;
        size = (size + alignof(ListedUnit) - 1) / alignof(ListedUnit) * alignof(ListedUnit);
        offset = list->bytes->len;
        if (offset + size > UNITS_SIZE_MAX)
                return -ERROR_LIMITS_EXCEEDED;

        g_byte_array_set_size(list->bytes, (guint) (offset + size));
        unit = at(list, offset);
        *unit = *figures;
        unit->size = (uint32_t) size;
        unit->place = (uint32_t) n_name;
        memcpy(unit->text, name, n_name);
        memcpy(unit->text + n_name, place, n_place);
        return 0;
}

size_t unit_list_size(const UnitList *list) {
        assert(list);

        return list->bytes->len;
}

const ListedUnit *unit_list_at(const UnitList *list, size_t offset) {
        assert(list);
        assert(offset <= list->bytes->len);

        return offset < list->bytes->len ? at(list, offset) : NULL;
}

const char *unit_list_find(UnitList *list, const char *name) {
        const ListedUnit *unit;

        assert(list);
        assert(name);

        if (!list->by_name) {
                list->by_name = g_hash_table_new(g_str_hash, g_str_equal);
                for (size_t offset = 0; (unit = unit_list_at(list, offset)); offset += unit->size)
                        if (!g_hash_table_contains(list->by_name, unit->text))
                                g_hash_table_insert(list->by_name, (char *) unit->text, (void *) unit);
        }

        unit = g_hash_table_lookup(list->by_name, name);
        return unit ? listed_unit_place(unit) : NULL;
}
