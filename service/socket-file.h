/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* The file of a socket that was made here. */

typedef struct SocketFile {
        const char *path; /* the caller's; NULL: none was made */
        dev_t device;
        ino_t inode;
} SocketFile;

/* Makes a socket that everybody may connect to, and listens at it. A socket that is there already is
 * replaced. Returns its descriptor, or an error. */
int socket_file_bind(const char *path, SocketFile *ret);

/* Removes it, unless somebody has put something else in its place. As long as the socket is open, no other
 * file is given its inode. */
void socket_file_remove(const SocketFile *file);
