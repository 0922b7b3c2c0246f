/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "figures.h"
#include "service.h"

/* What is said of a subject once it was found: every member of the Manager is one way to find a subject and
 * one of these. They reply to 'message', and return what a method handler returns: 1, or an error that
 * failure-reply.h knows. */

/* Just these. */
int tell_figures(sd_bus_message *message, const Figures *figures);

typedef int (*Tell)(Service *service, sd_bus_message *message, const Subject *subject);

int tell_memory(Service *service, sd_bus_message *message, const Subject *subject);
int tell_available(Service *service, sd_bus_message *message, const Subject *subject);
int tell_unit(Service *service, sd_bus_message *message, const Subject *subject);
int tell_opened(Service *service, sd_bus_message *message, const Subject *subject);
