/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/types.h>

/* A read of another process, done for it, that brings less than there is. What it leaves is there for the
 * next one. */

/* Whether the system call is one that reads. */
bool partial_is_read(int number);

/* Reads as much of what there is as the kind of fault says into the process's memory. Returns how much that
 * is, or -1 if there is nothing that could be left out, and then nothing has happened. */
ssize_t partial_read(const struct seccomp_data *call, int pidfd, pid_t pid, int kind);
