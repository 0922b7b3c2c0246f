/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "actor.h"
#include "group.h"
#include "service.h"

/* Where a test works: a slice of its own in the real hierarchies, the groups and processes it puts there,
 * and the running service. All of it is taken away after each case, and by a process that watches this one
 * if it dies. */

#define SITE_UNIT "demo.service"
#define SITE_OTHER_UNIT "web@1.service"

#define MEBIBYTE (UINT64_C(1) << 20)

typedef struct Site {
        Place place;
        Service service;
        Group *slice; /* mymem-live-PID.slice, made anew for each case */
        GPtrArray *groups;
        GPtrArray *actors;
} Site;

/* Where a case makes sense: not everything exists in both versions of control groups. */
typedef enum SiteVersion {
        SITE_ANY,
        SITE_V1,
        SITE_V2,
} SiteVersion;

typedef struct SiteCase {
        const char *name;
        SiteVersion version;
        void (*run)(Site *site);
} SiteCase;

/* The main of a test program; 'cases' ends with an empty one. Cases for another version are left out. */
int site_run(int argc, char *argv[], const SiteCase cases[]);

/* These belong to the site. Ends the test program if it cannot. */
Group *site_group(Site *site, const Group *parent, const char *name);
Actor *site_actor(Site *site, const Group *group);

/* Ends the actor before the case is over. */
void site_dismiss(Site *site, Actor *actor);
