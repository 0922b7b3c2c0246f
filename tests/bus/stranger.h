/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "wire.h"

/* A connection to the socket of which every byte is the test's: who says what no client would say, in pieces
 * that no client would make, or nothing. It does not block. */

#define STRANGER_PATIENCE_SEC 20

/* What a client sends first, and what it is answered last when all is well. */
#define STRANGER_AUTHENTICATION "\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"
#define STRANGER_AUTHENTICATION_SIZE (sizeof(STRANGER_AUTHENTICATION) - 1)

/* Connects, and says nothing. */
int stranger_connect(const char *address);

/* Connects and sets the connection up. */
int stranger_open(const char *address);

/* Connects and tries to; returns -1 if the connection was closed instead. */
int stranger_try(const char *address);

/* The same on a bus, which wants to be greeted, too; -1 if the connection was closed instead. */
int stranger_try_bus(const char *address);
int stranger_open_bus(const char *address);

/* Sends all of it, and waits if it has to; returns false if the connection was closed meanwhile. What comes
 * from the other side is left unread. */
bool stranger_send(int fd, const void *data, size_t size);

/* The same with descriptors. */
bool stranger_send_fds(int fd, const void *data, size_t size, const int *fds, size_t n_fds);

/* Writes the call and sends it. */
bool stranger_call(int fd, const WireCall *call);

/* Appends to 'heard' what comes, up to the first that ends in 'end'. Returns false if the connection was
 * closed. */
bool stranger_hear(int fd, GString *heard, const char *end);

/* Reads one message; NULL if the connection was closed. */
GByteArray *stranger_read(int fd);

/* Reads up to what answers that number; NULL if the connection was closed. */
GByteArray *stranger_answer(int fd, uint32_t serial, bool *ret_is_error);

/* Calls Ping with that serial number and reads up to its answer. Returns false if the connection was closed.
 */
bool stranger_ping(int fd, uint32_t serial);

/* Waits until the connection is closed, and takes whatever comes before. A connection that is not closed in
 * time is false. */
bool stranger_is_closed(int fd, unsigned seconds);
