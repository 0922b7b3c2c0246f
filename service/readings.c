/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <glib.h>

#include "descriptors.h"
#include "kept.h"
#include "readings.h"

/* Each has up to 4 + KEPT_LIMITS_MAX descriptors, and 4 KiB in the kernel for each of them: 3 MiB at most.
 */
#define READINGS_MAX 64

struct Readings {
        GQueue recent; /* Reading, the one that was used last first */
};

struct Reading {
        Readings *readings;
        Caller *caller; /* who has this in 'reading' */
        Kept kept;
        GList link;
};

Readings *readings_new(void) {
        Readings *readings = g_new0(Readings, 1);

        g_queue_init(&readings->recent);
        return readings;
}

Readings *readings_free(Readings *readings) {
        if (!readings)
                return NULL;

        readings_forget(readings);
        g_free(readings);
        return NULL;
}

void readings_forget(Readings *readings) {
        Reading *reading;

        assert(readings);

        while ((reading = g_queue_peek_tail(&readings->recent)))
                (void) reading_free(reading);
}

Reading *reading_free(Reading *reading) {
        if (!reading)
                return NULL;

        reading->caller->reading = NULL;
        g_queue_unlink(&reading->readings->recent, &reading->link);
        kept_done(&reading->kept);
        g_free(reading);
        return NULL;
}

int readings_read(Readings *readings, Machine *machine, Caller *caller, Figures *ret) {
        Reading *reading;

        assert(readings);
        assert(machine);
        assert(caller);
        assert(ret);

        reading = caller->reading;
        if (!reading)
                return 0;
        if (!caller_is_alive(caller) || !kept_read(machine, &reading->kept, ret)) {
                (void) reading_free(reading);
                return 0;
        }

        g_queue_unlink(&readings->recent, &reading->link);
        g_queue_push_head_link(&readings->recent, &reading->link);
        return 1;
}

void readings_keep(Readings *readings, Caller *caller, Subject *subject) {
        uint64_t now = machine_now_usec();
        Reading *reading, *oldest;
        bool has_asked;
        Kept kept;

        assert(readings);
        assert(caller);
        assert(subject);

        /* Most ask once. What could not be kept, or had to make room, is not tried again and again. */
        has_asked = caller->has_asked;
        caller->has_asked = true;
        if (!has_asked || caller->reading || now < caller->keep_after_usec)
                return;
        caller->keep_after_usec = now + KEPT_USEC;
        if (!caller_is_alive(caller) || descriptors_are_scarce() ||
            kept_take(&caller->process, subject, &kept) < 0)
                return;

        if (readings->recent.length >= READINGS_MAX) {
                oldest = g_queue_peek_tail(&readings->recent);
                oldest->caller->keep_after_usec = now + KEPT_USEC;
                (void) reading_free(oldest);
        }
        reading = g_new0(Reading, 1);
        reading->readings = readings;
        reading->caller = caller;
        reading->kept = kept;
        reading->link.data = reading;
        g_queue_push_head_link(&readings->recent, &reading->link);
        caller->reading = reading;
        caller->keep_after_usec = 0;
}
