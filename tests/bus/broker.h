/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What dbus-broker needs beside itself: somebody who controls it. On a real system that is its launcher,
 * which wants systemd; a private bus has this. */

/* Starts 'program' (a dbus-broker), gives it the listening socket 'listen_fd' with a policy that permits
 * everything, writes a byte to 'ready_fd' when it has it, and serves the broker until it goes. Never
 * returns. */
void broker_control(const char *program, int listen_fd, int ready_fd) __attribute__((noreturn));
