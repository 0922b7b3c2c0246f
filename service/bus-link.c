/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <glib.h>

#include "bus-address.h"
#include "bus-feed.h"
#include "bus-link.h"
#include "cleanup.h"
#include "names.h"

#define PAUSE_MIN_USEC UINT64_C(100000)
#define PAUSE_MAX_USEC UINT64_C(1000000)
#define BARE_MAX 20

struct BusLink {
        Service *service;
        char *address;
        BusLinkTold told;
        void *userdata;
        BusFeed *feed;   /* NULL while there is none */
        bool is_lost;    /* and will be closed when it is tried for again */
        bool is_deaf;    /* it does not hear us, and so does not see either that we have left */
        unsigned n_bare; /* how many, one after the other, passed no descriptors */
        sd_event_source *again;
        uint64_t pause_usec;
};

static void bus_link_try(BusLink *link);

static int on_again(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;

        bus_link_try(userdata);
        return 0;
}

/* Has it closed later, and made anew: those who find out that it is to be are its own callbacks. */
static void bus_link_renew(BusLink *link) {
        link->is_lost = true;
        if (link->feed)
                bus_feed_end(link->feed);
        /* The timer is there already: nothing is made that could fail. */
        (void) sd_event_source_set_time_relative(link->again, link->pause_usec);
        (void) sd_event_source_set_enabled(link->again, SD_EVENT_ONESHOT);
        link->pause_usec = MIN(link->pause_usec * 2, PAUSE_MAX_USEC);
}

/* It may be found out twice: who waits for a reply is told, too, when the connection ends. */
static void bus_link_lose(BusLink *link, int r, const char *what) {
        assert(r < 0);

        if (link->is_lost)
                return;

        bus_link_renew(link);
        link->told(r, what, link->userdata);
}

static int on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        BusLink *link = userdata;

        (void) message;
        (void) error;

        bus_feed_part(link->feed);
        bus_link_lose(link, -ECONNRESET, "The bus has gone away");
        return 0;
}

static int on_unheard(void *userdata) {
        BusLink *link = userdata;

        link->is_deaf = true;
        bus_link_lose(link, -ECOMM, "The bus takes nothing from us any more");
        return 0;
}

/* Whether to try for one that passes descriptors: sd-bus passes none where the kernel did not tell it what
 * its sockets are, which it asks once. After some it is the bus's own doing. */
static bool is_to_be_bettered(BusLink *link) {
        if (sd_bus_can_send(bus_feed_bus(link->feed), SD_BUS_TYPE_UNIX_FD) > 0)
                link->n_bare = 0;
        else
                link->n_bare++;
        return link->n_bare > 0 && link->n_bare < BARE_MAX;
}

/* The driver has answered. */
static int on_name(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        BusLink *link = userdata;
        uint32_t answer;
        int r;

        (void) error;

        if (link->is_lost)
                return 0;

        r = -sd_bus_message_get_errno(reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "u", &answer);
        if (r >= 0 && answer != 1)
                r = -EEXIST;
        if (r == -EEXIST)
                bus_link_lose(link, r, "Somebody else owns the name " MYMEM_BUS_NAME " on the bus already");
        else if (r < 0)
                bus_link_lose(link, r, "Cannot acquire the name " MYMEM_BUS_NAME " on the bus");
        else if (is_to_be_bettered(link))
                bus_link_renew(link);
        else {
                link->pause_usec = PAUSE_MIN_USEC;
                link->is_deaf = false;
                link->told(0, NULL, link->userdata);
        }

        return 0;
}

static int connect_bus(BusLink *link) {
        int fd;

        fd = bus_address_connect(link->address);
        return fd < 0 ? fd : bus_feed_new(link->service, fd, &link->feed);
}

static int set_up(BusLink *link) {
        sd_bus *bus = bus_feed_bus(link->feed);
        int r;

        r = sd_bus_match_signal(bus,
                                NULL,
                                "org.freedesktop.DBus.Local",
                                "/org/freedesktop/DBus/Local",
                                "org.freedesktop.DBus.Local",
                                "Disconnected",
                                on_disconnected,
                                link);
        if (r >= 0)
                r = service_attach(link->service, bus);
        if (r >= 0)
                r = service_watch_bus(link->service, bus_feed_socket(link->feed), on_unheard, link);
        /* At the loop's exit it would be flushed, which waits for a bus that does not read. */
        if (r >= 0)
                r = sd_bus_set_close_on_exit(bus, false);
        if (r >= 0)
                r = bus_feed_start(link->feed);
        return r;
}

static void bus_link_leave(BusLink *link) {
        service_detach(link->service);
        link->feed = bus_feed_free(link->feed);
}

/* We may have the name from ourselves, where the bus has not seen us go. Who else may have it the bus's
 * policy says. */
static uint64_t name_flags(const BusLink *link) {
        return SD_BUS_NAME_ALLOW_REPLACEMENT | (link->is_deaf ? SD_BUS_NAME_REPLACE_EXISTING : 0);
}

static void bus_link_try(BusLink *link) {
        int r;

        bus_link_leave(link);
        link->is_lost = false;
        r = connect_bus(link);
        if (r < 0) {
                g_autofree char *what = g_strdup_printf("Cannot connect to %s",
                                                        link->address ? link->address : "the system bus");

                bus_link_lose(link, r, what);
                return;
        }

        r = set_up(link);
        if (r < 0) {
                bus_link_lose(link, r, "Cannot set up the bus objects");
                return;
        }

        r = sd_bus_request_name_async(
                bus_feed_bus(link->feed), NULL, MYMEM_BUS_NAME, name_flags(link), on_name, link);
        if (r < 0)
                bus_link_lose(link, r, "Cannot ask for the name " MYMEM_BUS_NAME " on the bus");
}

int bus_link_new(Service *service, const char *address, BusLinkTold told, void *userdata, BusLink **ret) {
        _cleanup_(bus_link_freep) BusLink *link = NULL;
        int r;

        assert(service);
        assert(told);
        assert(ret);

        link = g_new(BusLink, 1);
        *link = (BusLink) {
                .service = service,
                .address = g_strdup(address),
                .told = told,
                .userdata = userdata,
                .pause_usec = PAUSE_MIN_USEC,
        };
        r = sd_event_add_time_relative(service->event, &link->again, CLOCK_MONOTONIC, 0, 1, on_again, link);
        if (r < 0)
                return r;

        *ret = take_ptr(&link);
        return 0;
}

BusLink *bus_link_free(BusLink *link) {
        if (!link)
                return NULL;

        bus_link_leave(link);
        sd_event_source_disable_unref(link->again);
        g_free(link->address);
        g_free(link);
        return NULL;
}

bool bus_link_check(BusLink *link) {
        assert(link);

        if (!link->feed || link->is_lost || sd_bus_is_open(bus_feed_bus(link->feed)) > 0)
                return false;

        bus_link_lose(link, -ECONNRESET, "The connection to the bus cannot be watched");
        return true;
}

bool bus_link_is_final(int r) {
        return r == -EINVAL || r == -EEXIST || r == -EACCES || r == -EPERM;
}
