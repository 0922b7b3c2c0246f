/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "actor.h"

/* What mymem says, by each way one can ask it. */

typedef enum Channel {
        CHANNEL_DIRECT_INSIDE,  /* the command in the group, reading by itself */
        CHANNEL_DIRECT_PID,     /* the command elsewhere, reading by itself */
        CHANNEL_SERVICE_INSIDE, /* the command in the group, asking the service */
        CHANNEL_PID,            /* the command elsewhere, free to ask whom it likes */
        CHANNEL_BUSCTL,         /* busctl in the group: GetMemory alone */
        CHANNEL_CONNECTION,     /* one bus connection of a process in the group, used again and again */
        _CHANNEL_COUNT,
} Channel;

extern const char *const channel_names[_CHANNEL_COUNT];
extern const char
        *const channel_sources[_CHANNEL_COUNT]; /* what the command says of where it has it from, or NULL */

typedef struct Answer {
        int status;        /* exit status of the command, 0 for the connection; negative errno */
        char *text;        /* all that was said */
        GHashTable *lines; /* NAME → value, both as text */
} Answer;

/* Asks about the actor's process. */
void answer_ask(Channel channel, Actor *actor, Answer *ret);

/* `mymem show`, and up to three arguments more. */
void answer_show(const char *const argv[3], Answer *ret);
void answer_show_pid(bool direct, pid_t pid, Answer *ret);
void answer_clear(Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* The value of a line, or NULL. */
const char *answer_text(const Answer *answer, const char *name);

/* The same as a number; `infinity` and `[not set]` are UINT64_MAX. False if there is no such line, or no
 * number. */
bool answer_number(const Answer *answer, const char *name, uint64_t *ret);
