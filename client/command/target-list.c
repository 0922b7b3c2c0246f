/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "target-list.h"
#include "argument.h"
#include "exit-code.h"
#include "remote.h"
#include "units.h"

static void argument_free(void *pointer) {
        argument_done(pointer);
        g_free(pointer);
}

static void add(TargetList *list, const char *word, gboolean user) {
        Argument argument = argument_parse(word, user);

        g_ptr_array_add(list->arguments, g_memdup2(&argument, sizeof(argument)));
}

static void fail(TargetList *list, int exit_code) {
        if (list->exit_code == EXIT_CODE_OK)
                list->exit_code = exit_code;
}

static void add_matches(const Options *options, TargetList *list, const char *pattern) {
        g_autoptr(GPtrArray) names = NULL;
        g_autofree char *message = NULL;
        int r;

        list->is_many = TRUE;
        r = units_match(options, pattern, &names, &message);
        if (r < 0) {
                g_printerr("mymem: %s\n", message ? message : g_strerror(-r));
                fail(list, exit_code_from_error(r));
                return;
        }
        if (names->len == 0) {
                g_printerr("mymem: No unit matches '%s'.\n", pattern);
                fail(list, EXIT_CODE_NO_SUCH_UNIT);
        }
        for (guint i = 0; i < names->len; i++)
                add(list, g_ptr_array_index(names, i), options->user);
}

int target_list_make(const Options *options, char **words, TargetList *ret) {
        TargetList list = { 0 };

        if (!words || !words[0]) {
                if (options->sysroot || remote_is_wanted(options)) {
                        g_printerr("mymem: %s needs a target: nobody there is oneself.\n",
                                   options->sysroot      ? "--sysroot=" :
                                           options->host ? "--host=" :
                                                           "--machine=");
                        return EXIT_CODE_USAGE;
                }
        }

        list.arguments = g_ptr_array_new_with_free_func(argument_free);
        list.is_many = words && words[0] && words[1];
        if (!words || !words[0])
                add(&list, NULL, FALSE);
        for (char **word = words; word && *word; word++)
                if (units_is_pattern(*word))
                        add_matches(options, &list, *word);
                else
                        add(&list, *word, options->user);

        *ret = list;
        return 0;
}

void target_list_done(TargetList *list) {
        g_clear_pointer(&list->arguments, g_ptr_array_unref);
}

/* No process has it: says so. */
static int check_possible(const Argument *argument) {
        if (!argument->is_impossible)
                return EXIT_CODE_OK;

        g_printerr("mymem: PID %s: There is no such process.\n", argument->name);
        return EXIT_CODE_GONE;
}

static int tell_one(
        const Options *options, const Argument *argument, AskNeeds needs, TargetTell tell, void *userdata) {
        g_autofree char *message = NULL;
        Inquiry inquiry = { 0 };
        int exit_code, r;

        exit_code = check_possible(argument);
        if (exit_code != EXIT_CODE_OK)
                return exit_code;

        r = inquiry_make(options, &argument->target, needs, &inquiry, &message);
        if (r < 0) {
                g_printerr("mymem: %s\n", message ? message : g_strerror(-r));
                return exit_code_from_error(r);
        }

        tell(options, &inquiry, userdata);
        inquiry_done(&inquiry);
        return EXIT_CODE_OK;
}

int target_list_tell(
        const Options *options, const TargetList *list, AskNeeds needs, TargetTell tell, void *userdata) {
        int exit_code = list->exit_code;

        for (guint i = 0; i < list->arguments->len; i++) {
                int code = tell_one(options, g_ptr_array_index(list->arguments, i), needs, tell, userdata);

                if (exit_code == EXIT_CODE_OK)
                        exit_code = code;
        }

        return exit_code;
}

int target_list_make_one(const Options *options,
                         char **words,
                         TargetList *ret,
                         const Argument **ret_argument) {
        TargetList list;
        int exit_code;

        exit_code = target_list_make(options, words, &list);
        if (exit_code != EXIT_CODE_OK)
                return exit_code;

        exit_code = list.exit_code;
        if (exit_code == EXIT_CODE_OK && list.arguments->len != 1) {
                g_printerr("mymem: This is about one target, not %u.\n", list.arguments->len);
                exit_code = EXIT_CODE_USAGE;
        }
        if (exit_code == EXIT_CODE_OK)
                exit_code = check_possible(g_ptr_array_index(list.arguments, 0));
        if (exit_code != EXIT_CODE_OK) {
                target_list_done(&list);
                return exit_code;
        }

        *ret = list;
        *ret_argument = g_ptr_array_index(list.arguments, 0);
        return EXIT_CODE_OK;
}

int target_tell_one(const Options *options, char **words, AskNeeds needs, TargetTell tell, void *userdata) {
        const Argument *argument;
        TargetList list;
        int exit_code;

        exit_code = target_list_make_one(options, words, &list, &argument);
        if (exit_code != EXIT_CODE_OK)
                return exit_code;

        exit_code = tell_one(options, argument, needs, tell, userdata);
        target_list_done(&list);
        return exit_code;
}
