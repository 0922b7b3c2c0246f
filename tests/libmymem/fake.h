/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "directory.h"

/* Somebody who stands where the service should, on a socket or on a bus, and has manners of his own. */

typedef enum FakeManner {
        FAKE_ANSWERS,       /* as the service does, with the figures below */
        FAKE_OTHER_VERSION, /* lacks properties that nobody needs, has one more, and one of another type */
        FAKE_NO_REPORTED,   /* answers, but hands out files of other groups than the one that it names */
        FAKE_NO_FILES,      /* hands out files in which there is nothing */
        FAKE_MANY_FILES,    /* hands out more than it may */
        FAKE_SILENT,        /* takes calls and never replies */
        FAKE_TALKS,         /* never replies, but never stops to talk either */
        FAKE_EMPTY,         /* replies with nothing */
        FAKE_WRONG_TYPE,    /* replies with text where figures should be */
        FAKE_INCOMPLETE,    /* does not say what is available */
        FAKE_NO_LIMIT,      /* says that the limit is not known, which never is */
        FAKE_LIMITS,        /* fails with LimitsExceeded, and so on */
        FAKE_NOT_SUPPORTED,
        FAKE_UNKNOWN_CALLER,
        FAKE_NO_CONTROLLER,
        FAKE_DENIES,
        FAKE_STRANGE_ERROR,
        FAKE_NO_PROCESS,
        FAKE_NO_UNIT,
        FAKE_VANISHED,
        _FAKE_ON_BUS,             /* on a socket only: */
        FAKE_DEAF = _FAKE_ON_BUS, /* is listening, but accepts nobody */
        FAKE_MUTE,                /* accepts, and neither reads nor writes */
        FAKE_CLOSES,              /* closes each connection at once */
        FAKE_GARBAGE,             /* writes what is no D-Bus */
        _FAKE_COUNT,
} FakeManner;

#define FAKE_LIMIT UINT64_C(1000001)
#define FAKE_USAGE UINT64_C(2002)
#define FAKE_WORKING_SET UINT64_C(303)
#define FAKE_AVAILABLE UINT64_C(40004)
#define FAKE_UNIT "fake.service"
#define FAKE_GROUP "/fake.slice/fake.service"
#define FAKE_BY "/fake.slice"

extern const char *const fake_names[_FAKE_COUNT];

typedef struct Fake {
        Directory directory;
        char *path; /* of the socket; NULL on a bus */
        pid_t pid;
} Fake;

/* Listens on a socket of its own. */
Fake *fake_listen(FakeManner manner);

/* Takes the service's name on the bus. */
Fake *fake_own(const char *address, FakeManner manner);

void fake_stop(Fake *fake);
