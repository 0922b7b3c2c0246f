/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exposition.h"
#include "json.h"

/* What stands on the command line besides the verb and its targets. */

typedef struct Options {
        char **properties; /* -P, NULL for all */
        JsonMode json;
        gboolean bytes;     /* figures in bytes, and not rounded for people */
        gboolean no_legend; /* tables without head and foot */
        gboolean verbose;
        gboolean direct;
        gboolean user;       /* units are those of our own user manager */
        const char *sysroot; /* NULL for the machine we run on */
        const char *host;    /* another machine, asked over ssh; or NULL */
        const char *machine; /* a local container; or NULL */

        /* status, list */
        guint64 delay_usec; /* 0: once */
        guint iterations;   /* 0: without end */

        /* list */
        const char *sort; /* NULL for the name */
        gboolean reverse;
        char **types; /* suffixes of unit names, NULL for all */

        /* fit */
        const char *reserve;
        guint64 max; /* 0: no bound */

        /* wait; NULL for what is not waited for */
        const char *available_below;
        const char *usage_above;
        const char *working_set_above;
        gboolean limit_change;
        guint64 timeout_usec; /* 0: without end */

        /* metrics */
        ExpositionFormat format;
        const char *output; /* the file that is replaced; NULL for stdout */
} Options;
