/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "reuse.h"

#include <glib.h>

#include "child.h"
#include "client.h"
#include "group.h"
#include "names.h"

bool reuse_begin(Reuse *reuse, const char *address) {
        g_autofree char *own = NULL, *other = NULL;

        *reuse = (Reuse) { .address = address };
        reuse->slice = slice_new();
        if (!reuse->slice)
                return false;

        own = slice_group(reuse->slice, "%-own.service");
        other = slice_group(reuse->slice, "%-other.service");
        group_write(own, "memory.limit_in_bytes", REUSE_OWN_LIMIT);
        group_write(other, "memory.limit_in_bytes", REUSE_OTHER_LIMIT);
        nursery_start(&reuse->openers, own, address);
        nursery_start(&reuse->others, other, address);
        return true;
}

void reuse_connect(Reuse *reuse) {
        int fd;

        reuse->number = nursery_connect(&reuse->openers, &fd);
        reuse->client = client_adopt(fd);
        reuse->is_over = reuse->is_used = false;
}

static int on_answer(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Reuse *reuse = userdata;

        (void) error;
        reuse->is_answered = true;
        if (sd_bus_message_is_method_error(message, NULL))
                reuse->error = g_intern_string(sd_bus_message_get_error(message)->name);
        else
                g_assert_cmpint(sd_bus_message_read(message, "ttt", &reuse->limit, NULL, NULL), >, 0);
        return 1;
}

void reuse_ask(Reuse *reuse) {
        reuse->is_answered = false;
        reuse->error = NULL;
        reuse->limit = 0;
        reuse->slot = sd_bus_slot_unref(reuse->slot);
        client_begin(reuse->client, &reuse->slot, on_answer, reuse);
        g_assert_cmpint(sd_bus_flush(reuse->client), >=, 0);
}

void reuse_number(Reuse *reuse) {
        pid_t pid;

        nursery_bury(&reuse->openers, reuse->number);
        pid = nursery_bear_as(&reuse->others, reuse->number);
        reuse->is_over = true;
        reuse->is_used = pid == reuse->number;
        reuse->number = pid;
}

static void wait_for_answer(Reuse *reuse) {
        gint64 deadline = g_get_monotonic_time() + (gint64) CLIENT_TIMEOUT_USEC;

        while (!reuse->is_answered) {
                int r;

                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                r = sd_bus_process(reuse->client, NULL);
                g_assert_cmpint(r, >=, 0);
                if (r == 0 && !reuse->is_answered)
                        g_assert_cmpint(sd_bus_wait(reuse->client, CLIENT_TIMEOUT_USEC), >=, 0);
        }
}

static void check_error(const char *error) {
        if (g_strcmp0(error, MYMEM_ERROR_NO_SUCH_PROCESS) != 0)
                g_assert_cmpstr(error, ==, MYMEM_ERROR_UNKNOWN_CALLER);
}

void reuse_check_nobody(Reuse *reuse) {
        wait_for_answer(reuse);
        g_assert_cmpuint(reuse->limit, ==, 0);
        check_error(reuse->error);
}

void reuse_check_own(Reuse *reuse) {
        wait_for_answer(reuse);
        g_assert_cmpstr(reuse->error, ==, NULL);
        g_assert_cmpuint(reuse->limit, ==, REUSE_OWN_LIMIT);
}

void reuse_check(Reuse *reuse) {
        wait_for_answer(reuse);
        if (reuse->error)
                check_error(reuse->error);
        else
                g_assert_cmpuint(reuse->limit, ==, REUSE_OWN_LIMIT);
}

static void disconnect(Reuse *reuse) {
        reuse->slot = sd_bus_slot_unref(reuse->slot);
        reuse->client = sd_bus_close_unref(reuse->client);
        nursery_bury(reuse->is_over ? &reuse->others : &reuse->openers, reuse->number);
        reuse->n_rounds += reuse->is_used;
}

void reuse_run(Reuse *reuse, void (*round)(Reuse *reuse, void *userdata), void *userdata) {
        unsigned n = 0;

        for (; reuse->n_rounds < REUSE_ROUNDS && n < 2 * REUSE_ROUNDS; n++) {
                round(reuse, userdata);
                disconnect(reuse);
        }
        g_test_message("%u reuses in %u rounds", reuse->n_rounds, n);
        g_assert_cmpuint(reuse->n_rounds, >=, REUSE_ROUNDS);

        nursery_stop(&reuse->openers);
        nursery_stop(&reuse->others);
        slice_free(reuse->slice);
}

void reuse_known(Reuse *reuse, void *userdata) {
        (void) userdata;

        reuse_connect(reuse);
        reuse_ask(reuse);
        reuse_check_own(reuse);
        reuse_number(reuse);
        reuse_ask(reuse);
        reuse_check_nobody(reuse);
}

void reuse_racing(Reuse *reuse, void *userdata) {
        (void) userdata;

        reuse_connect(reuse);
        reuse_ask(reuse);
        reuse_check_own(reuse);
        reuse_ask(reuse);
        reuse_number(reuse);
        reuse_check(reuse);
}
