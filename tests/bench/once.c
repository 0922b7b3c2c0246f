/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <mymem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

/* usage: once socket|bus|ping
 *
 * A program that asks once, and prints how many microseconds that took. Fails if the answer did not come
 * from there. With "ping" it does not ask but connects to the address $ONCE_ADDRESS, and calls Ping: what
 * would be left if there were nothing to read, and no library. */

static double now_usec(void) {
        struct timespec time;

        (void) clock_gettime(CLOCK_MONOTONIC, &time);
        return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static int ask(enum mymem_source source) {
        struct mymem memory;
        int r;

        r = mymem_get(&memory);
        return r < 0 || memory.source == source ? r : -1;
}

static int ping(void) {
        sd_bus *bus = NULL;
        int r;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, getenv("ONCE_ADDRESS"));
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r >= 0)
                r = sd_bus_call_method(
                        bus, NULL, "/org/mymem1", "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, NULL);
        sd_bus_close_unref(bus);
        return r;
}

int main(int argc, char **argv) {
        double begin;
        int r;

        if (argc != 2)
                return EXIT_FAILURE;

        begin = now_usec();
        if (strcmp(argv[1], "ping") == 0)
                r = ping();
        else
                r = ask(strcmp(argv[1], "socket") == 0 ? MYMEM_SOURCE_SOCKET : MYMEM_SOURCE_BUS);
        printf("%.3f\n", now_usec() - begin);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
