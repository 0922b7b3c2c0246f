/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "intake.h"
#include "unread.h"

/* Replies of one peer, and those of all peers together. */
#define UNREAD_MAX 64
#define UNREAD_BYTES_MAX ((size_t) 1024 * 1024)
#define UNREAD_BYTES_ALL_MAX ((size_t) 8 * 1024 * 1024)

/* No less than a reply that holds no names of groups: errors repeat what was asked. */
#define REPLY_SIZE (INTAKE_MESSAGE_MAX + 4096)

uint64_t unread_count(const Unread *unread) {
        uint64_t n = 0;

        assert(unread);

        if (unread->bus)
                (void) sd_bus_get_n_queued_write(unread->bus, &n);
        return n;
}

bool unread_is_any(const Unread *unread) {
        int n = 0;

        return unread_count(unread) > 0 || (ioctl(unread->fd, SIOCOUTQ, &n) >= 0 && n > 0);
}

static void set_bytes(Unread *unread, size_t n) {
        unread->service->n_queued_bytes += n - unread->n_bytes;
        unread->n_bytes = n;
}

/* No less than the size of the reply to the message that was just handled. */
static size_t bound_reply(const Snapshot *snapshot) {
        size_t size = REPLY_SIZE;

        if (!snapshot)
                return size;

        size += strlen(snapshot->statistics) * 4; /* each key is a string, and each number 8 bytes */
        for (size_t i = 0; i < snapshot->n_levels; i++)
                size += strlen(snapshot->levels[i].control_group) + REPLY_SIZE / 16;
        return size + 5 * strlen(snapshot->levels[0].control_group);
}

int unread_check(Unread *unread, uint64_t before, bool is_answered) {
        uint64_t n = unread_count(unread);

        if (n == 0)
                set_bytes(unread, 0);
        else if (is_answered && n > before)
                set_bytes(unread, unread->n_bytes + bound_reply(unread->service->snapshot));

        return n > UNREAD_MAX || unread->n_bytes > UNREAD_BYTES_MAX ||
                        unread->service->n_queued_bytes > UNREAD_BYTES_ALL_MAX ?
                -ENOBUFS :
                0;
}

void unread_forget(Unread *unread) {
        assert(unread);

        set_bytes(unread, 0);
        unread->bus = NULL;
}
