/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "caller.h"

/* The callers on the bus. The bus driver is asked who they are, once per connection, without waiting for it;
 * what it said is kept for the connections that called last. */

typedef struct Callers Callers;

Callers *callers_new(sd_event *event, Machine *machine, sd_bus *bus);
Callers *callers_free(Callers *callers);

/* Notes that a message came from the bus: it is alive, and may be busy. */
void callers_hear(Callers *callers);

/* The caller of a message that was put back: a reference, or NULL if it was not. Each message is looked for
 * once, before anything else, whatever becomes of it then. */
Caller *callers_take(Callers *callers, sd_bus_message *message);

/* Finds out who sent 'message', which is of that many bytes. Returns 1 with a reference in '*ret'; or 0 if
 * the driver must be asked first: then the message is put back into the connection's queue once that is
 * known, for callers_take(); -ERROR_LIMITS_EXCEEDED if too many wait already, -ERROR_UNKNOWN_CALLER if
 * nobody sent it, or what sd-bus gave. Never blocks. */
int callers_identify(Callers *callers, sd_bus_message *message, size_t size, Caller **ret);

/* The caller with that name, if it is remembered: a reference, or NULL. */
Caller *callers_recall(Callers *callers, const char *sender);
