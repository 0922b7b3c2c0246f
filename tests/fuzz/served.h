/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "peer.h"

/* A service in this process, without a loop: what serves its peers is called by hand. */

/* The one there is; made when it is first asked for. */
Service *served_service(void);

/* Serves the peer until it is its turn. What it is told, at 'fd', is appended to 'heard', or left unread if
 * that is NULL. False once the connection is closed. */
bool served_turn(Peer *peer, int fd, GByteArray *heard);
