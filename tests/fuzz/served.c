/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "served.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "closer.h"
#include "fuzz.h"

Service *served_service(void) {
        static Service *service = NULL;
        static sd_event *event = NULL;

        if (!service) {
                FUZZ_CHECK(sd_event_new(&event) >= 0);
                FUZZ_CHECK(service_new(event, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), &service) >= 0);
                /* Where the hierarchy is mounted is opened once, and kept. */
                (void) service_try(service);
                service->sees_processes = true;
                closer_start();
        }

        return service;
}

static void hear(int fd, GByteArray *heard) {
        uint8_t data[4096];
        ssize_t n;

        while ((n = recv(fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
                g_byte_array_append(heard, data, (guint) n);
}

bool served_turn(Peer *peer, int fd, GByteArray *heard) {
        int r;

        do {
                r = peer_serve(peer);
                if (heard)
                        hear(fd, heard);
        } while (r > 0);

        return r == 0;
}
