/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "argument.h"
#include "inquiry.h"

/* The targets of a command line, patterns of names expanded. */

typedef struct TargetList {
        GPtrArray *arguments; /* of Argument */
        gboolean is_many;     /* several were asked for, or a pattern: then JSON is an array */
        int exit_code;        /* of a pattern that matches nothing, or cannot be expanded */
} TargetList;

/* Reads the words; none is oneself. What is wrong is printed. Returns 0, or EXIT_CODE_USAGE if the options
 * need a target. */
int target_list_make(const Options *options, char **words, TargetList *ret);

void target_list_done(TargetList *list);

/* What a verb says of one of them. */
typedef void (*TargetTell)(const Options *options, const Inquiry *inquiry, void *userdata);

/* Has 'tell' tell of each. An error of one is printed, and does not keep the others back. Returns the exit
 * code of the first error, or 0. */
int target_list_tell(
        const Options *options, const TargetList *list, AskNeeds needs, TargetTell tell, void *userdata);

/* For verbs that are about one target: makes a list of one, or says that there must be one. Returns 0 or an
 * exit code. */
int target_list_make_one(const Options *options,
                         char **words,
                         TargetList *ret,
                         const Argument **ret_argument);

/* Makes such a list, and has its one target told. */
int target_tell_one(const Options *options, char **words, AskNeeds needs, TargetTell tell, void *userdata);
