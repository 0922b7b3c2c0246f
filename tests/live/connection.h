/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* A bus connection of the test itself, new for each question, for what the command does not show: the names
 * of errors and objects. Whoever asks is not who is asked about. */

/* NULL if the service gives figures, else the name of the error. */
char *connection_error_of_pid(pid_t pid);
char *connection_error_of_control_group(const char *path);
char *connection_error_of_object(const char *object);

/* The object path of a control group, or NULL. */
char *connection_object_of(const char *path);
