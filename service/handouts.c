/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <glib.h>

#include "handouts.h"
#include "machine.h"

#define USERS_MAX 1024 /* who are counted; beyond, counting begins anew */
#define BARRED_MAX 64  /* users; beyond, nobody may have any */
#define BARRED_SEC 600 /* it is a guess who is to blame */
#define HALVED_SEC 120 /* who takes little, but often, has read what was before */

#define KIB ((size_t) 1024)
#define SUSPICIOUS_MIN (32 * HANDOUTS_DESCRIPTOR_SIZE / KIB) /* less does not stop a bus */

struct Handouts {
        GHashTable *taken;  /* user → how much, in KiB */
        GHashTable *barred; /* user → until which second of CLOCK_MONOTONIC */
        size_t halved_sec;  /* when that was halved last */
};

static size_t now_sec(void) {
        return (size_t) (machine_now_usec() / 1000000);
}

Handouts *handouts_new(void) {
        Handouts *handouts = g_new(Handouts, 1);

        handouts->taken = g_hash_table_new(NULL, NULL);
        handouts->barred = g_hash_table_new(NULL, NULL);
        handouts->halved_sec = now_sec();
        return handouts;
}

Handouts *handouts_free(Handouts *handouts) {
        if (!handouts)
                return NULL;

        g_hash_table_unref(handouts->taken);
        g_hash_table_unref(handouts->barred);
        g_free(handouts);
        return NULL;
}

static gboolean has_ended(gpointer uid, gpointer until, gpointer userdata) {
        (void) uid;
        (void) userdata;

        return GPOINTER_TO_SIZE(until) <= now_sec();
}

bool handouts_may_have(Handouts *handouts, uid_t uid) {
        assert(handouts);

        g_hash_table_foreach_remove(handouts->barred, has_ended, NULL);
        return g_hash_table_size(handouts->barred) <= BARRED_MAX &&
                !g_hash_table_contains(handouts->barred, GUINT_TO_POINTER(uid));
}

/* What somebody has taken counts for less as time goes by. */
static void halve(Handouts *handouts) {
        gpointer key, value;
        GHashTableIter i;

        if (now_sec() < handouts->halved_sec + HALVED_SEC)
                return;

        handouts->halved_sec = now_sec();
        g_hash_table_iter_init(&i, handouts->taken);
        while (g_hash_table_iter_next(&i, &key, &value))
                g_hash_table_iter_replace(&i, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(value) / 2));
}

void handouts_add(Handouts *handouts, uid_t uid, size_t n_bytes) {
        size_t before;

        assert(handouts);

        halve(handouts);
        if (g_hash_table_size(handouts->taken) >= USERS_MAX)
                g_hash_table_remove_all(handouts->taken);
        before = GPOINTER_TO_SIZE(g_hash_table_lookup(handouts->taken, GUINT_TO_POINTER(uid)));
        g_hash_table_replace(
                handouts->taken, GUINT_TO_POINTER(uid), GSIZE_TO_POINTER(before + n_bytes / KIB));
}

bool handouts_blame(Handouts *handouts, uid_t *ret_uid) {
        size_t most = 0, total = 0;
        gpointer key, value;
        GHashTableIter i;
        uid_t uid = 0;

        assert(handouts);
        assert(ret_uid);

        g_hash_table_iter_init(&i, handouts->taken);
        while (g_hash_table_iter_next(&i, &key, &value)) {
                total += GPOINTER_TO_SIZE(value);
                if (GPOINTER_TO_SIZE(value) <= most)
                        continue;
                most = GPOINTER_TO_SIZE(value);
                uid = GPOINTER_TO_UINT(key);
        }
        g_hash_table_remove_all(handouts->taken);
        if (total < SUSPICIOUS_MIN)
                return false;

        g_hash_table_replace(
                handouts->barred, GUINT_TO_POINTER(uid), GSIZE_TO_POINTER(now_sec() + BARRED_SEC));
        *ret_uid = uid;
        return true;
}
