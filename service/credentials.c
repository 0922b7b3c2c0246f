/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "credentials.h"
#include "failure-reply.h"

static int read_credential(sd_bus_message *reply, Credentials *credentials) {
        const char *name, *contents;
        int r;

        r = sd_bus_message_read(reply, "s", &name);
        if (r >= 0)
                r = sd_bus_message_peek_type(reply, NULL, &contents);
        if (r < 0)
                return r;

        /* Who is named twice may be two. */
        if (strcmp(name, "ProcessID") == 0 && strcmp(contents, "u") == 0)
                return credentials->pid != 0 ? -EBADMSG :
                                               sd_bus_message_read(reply, "v", "u", &credentials->pid);
        if (strcmp(name, "UnixUserID") == 0 && strcmp(contents, "u") == 0)
                return sd_bus_message_read(reply, "v", "u", &credentials->uid);
        if (strcmp(name, "ProcessFD") == 0 && strcmp(contents, "h") == 0)
                return credentials->pidfd >= 0 ? -EBADMSG :
                                                 sd_bus_message_read(reply, "v", "h", &credentials->pidfd);
        return sd_bus_message_skip(reply, "v");
}

static int read_credentials(sd_bus_message *reply, Credentials *ret) {
        Credentials credentials = { 0, -1, UINT32_MAX };
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
                r = read_credential(reply, &credentials);
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;

        *ret = credentials;
        return 0;
}

int credentials_read(sd_bus_message *reply, Credentials *ret) {
        assert(reply);
        assert(ret);

        if (sd_bus_message_is_method_error(reply, NULL) || read_credentials(reply, ret) < 0)
                return -ERROR_UNKNOWN_CALLER;

        return 0;
}
