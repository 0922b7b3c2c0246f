/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Control groups of the legacy (v1) memory controller, made and read without any of the project's own code.
 * A group has its directory in the memory hierarchy and one in the hierarchy that systemd manages, as on a
 * real system. */

/* Says why the test cannot make groups here, NULL if it can. */
const char *group_obstacle(void);

/* If it cannot, skips it with the reason and returns true. */
bool group_skip(void);

/* The directory of 'group' in the memory hierarchy, and in the one systemd manages. Free with g_free(). */
char *group_memory_directory(const char *group);
char *group_systemd_directory(const char *group);

/* The paths of a process in both. Free with g_free(). */
char *group_memory_path(pid_t pid);
char *group_systemd_path(pid_t pid);

void group_make(const char *group);
void group_remove(const char *group);

/* Moves the calling process. */
void group_enter(const char *group);

/* Moves the calling process in one hierarchy only. */
void group_enter_memory(const char *group);
void group_enter_systemd(const char *group);

void group_write(const char *group, const char *file, uint64_t value);

/* A file of one number; UINT64_MAX for what the controller means by unlimited. */
uint64_t group_number(const char *group, const char *file);

/* One line of a file of keys and numbers. */
uint64_t group_keyed(const char *group, const char *file, const char *key);

/* How many lines a file has. */
unsigned group_lines(const char *group, const char *file);

/* Usage less inactive file cache. */
uint64_t group_working_set(const char *group);

/* A line of /proc/meminfo, in bytes. */
uint64_t group_meminfo(const char *key);
