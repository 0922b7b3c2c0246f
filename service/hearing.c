/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <glib.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <time.h>

#include "hearing.h"

#define PATIENCE_USEC UINT64_C(1000000)
#define SAID_BEFORE_USEC UINT64_C(500000) /* we read no longer at what the kernel holds for us */
#define LOOK_USEC UINT64_C(10000)         /* between two looks: a call is not to cost one each */
#define DOUBT_USEC UINT64_C(100000)       /* the same while something waits, and nobody calls */

struct Hearing {
        sd_bus *bus;
        int fd;
        sd_event_source *look; /* enabled from a message on, until nothing is waiting to be taken */
        HearingLost lost;
        void *userdata;

        /* What was waiting when we looked last: messages that sd-bus has, and what the kernel has. */
        uint64_t n_messages;
        int n_bytes;
        uint64_t looked_usec;
        uint64_t heard_usec; /* when the bus said something last */
        uint64_t taken_usec; /* when we last saw that something was taken */
};

static bool is_waiting(const Hearing *hearing) {
        return hearing->n_messages > 0 || hearing->n_bytes > 0;
}

/* Compares with what was there the last time. While nothing is taken it only grows. Where much is said, and
 * taken, there may be as much each time one looks; so it is looked at many times before that is believed. */
static void look(Hearing *hearing, uint64_t now_usec) {
        uint64_t n_messages = 0;
        int n_bytes = 0;

        (void) sd_bus_get_n_queued_write(hearing->bus, &n_messages);
        if (ioctl(hearing->fd, SIOCOUTQ, &n_bytes) < 0)
                n_bytes = 0;

        if (!is_waiting(hearing) || n_messages < hearing->n_messages || n_bytes < hearing->n_bytes)
                hearing->taken_usec = now_usec;
        hearing->n_messages = n_messages;
        hearing->n_bytes = n_bytes;
        hearing->looked_usec = now_usec;
}

static int look_at(Hearing *hearing, uint64_t usec) {
        int r;

        r = sd_event_source_set_time(hearing->look, usec);
        return r < 0 ? r : sd_event_source_set_enabled(hearing->look, SD_EVENT_ONESHOT);
}

static int on_look(sd_event_source *source, uint64_t usec, void *userdata) {
        Hearing *hearing = userdata;
        uint64_t now_usec;
        int r;

        (void) usec;

        r = sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now_usec);
        if (r < 0)
                return r;

        look(hearing, now_usec);
        if (!is_waiting(hearing))
                return 0;
        if (now_usec < hearing->taken_usec + PATIENCE_USEC)
                return look_at(hearing, now_usec + DOUBT_USEC);
        /* One that says nothing either is not deaf, but busy: then what we read is what it had said before.
         * What it says next has us look again. */
        if (hearing->heard_usec < hearing->taken_usec + SAID_BEFORE_USEC)
                return 0;

        return hearing->lost(hearing->userdata);
}

Hearing *hearing_new(sd_event *event, sd_bus *bus, int fd, HearingLost lost, void *userdata) {
        Hearing *hearing;

        assert(event);
        assert(bus);
        assert(fd >= 0);
        assert(lost);

        hearing = g_new0(Hearing, 1);
        hearing->bus = bus;
        hearing->fd = fd;
        hearing->lost = lost;
        hearing->userdata = userdata;
        if (sd_event_add_time(event, &hearing->look, CLOCK_MONOTONIC, 0, 0, on_look, hearing) < 0 ||
            sd_event_source_set_enabled(hearing->look, SD_EVENT_OFF) < 0)
                return hearing_free(hearing);

        return hearing;
}

Hearing *hearing_free(Hearing *hearing) {
        if (!hearing)
                return NULL;

        sd_event_source_disable_unref(hearing->look);
        g_free(hearing);
        return NULL;
}

int hearing_note(Hearing *hearing) {
        uint64_t now_usec;
        int enabled, r;

        assert(hearing);

        r = sd_event_now(sd_event_source_get_event(hearing->look), CLOCK_MONOTONIC, &now_usec);
        if (r >= 0)
                r = sd_event_source_get_enabled(hearing->look, &enabled);
        if (r < 0)
                return r;

        hearing->heard_usec = now_usec;
        if (enabled && now_usec < hearing->looked_usec + LOOK_USEC)
                return 0;
        look(hearing, now_usec);
        return enabled ? 0 : look_at(hearing, now_usec + DOUBT_USEC);
}
