/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "check.h"

/* Trees of groups with limits at random. The seed is printed; --seed=… repeats a run. */

#define TREES 100
#define DEPTH_MAX 6

typedef struct Expectation {
        uint64_t limit;
        char *by;
} Expectation;

/* Nothing, more than the machine has, or something that others may have set too. */
static uint64_t random_limit(void) {
        uint64_t page = (uint64_t) sysconf(_SC_PAGESIZE);

        switch (g_test_rand_int_range(0, 6)) {
        case 0:
        case 1:
                return UINT64_MAX;
        case 2:
                return reading_of_machine("MemTotal") + (uint64_t) g_test_rand_int_range(1, 1000) * page;
        case 3:
                return (uint64_t) g_test_rand_int_range(1, 5) * 16 * MEBIBYTE;
        default:
                return 16 * MEBIBYTE + (uint64_t) g_test_rand_int_range(0, 60000) * page;
        }
}

/* Units of all kinds, and what programs make below theirs. */
static const char *random_name(void) {
        static const char *const names[] = { "part.slice", SITE_UNIT, SITE_OTHER_UNIT, "run-r1f.scope",
                                             "payload",    "a b",     "x:y",           "user@1000.service",
                                             ".slice",     "worker" };

        return names[g_test_rand_int_range(0, G_N_ELEMENTS(names))];
}

/* Outermost first: a limit that is as tight as what is further out wins, as the inner one. */
static void expect(Expectation *expectation, const Group *group, uint64_t limit) {
        if (limit == UINT64_MAX || limit > expectation->limit)
                return;
        expectation->limit = limit;
        g_free(expectation->by);
        expectation->by = g_strdup(group->path);
}

static Group *limited_group(Site *site, const Group *parent, const char *name, Expectation *expectation) {
        Group *group = site_group(site, parent, name);
        uint64_t limit = random_limit();

        group_set_limit(group, limit);
        if (expectation)
                expect(expectation, group, limit);
        return group;
}

static void check_tree(Site *site, Actor *actor, const Expectation *outside, size_t number) {
        g_autofree char *top = g_strdup_printf("tree%zu.slice", number);
        Expectation expectation = { .limit = outside->limit, .by = g_strdup(outside->by) };
        Group *group = limited_group(site, site->slice, top, &expectation);
        int depth = g_test_rand_int_range(1, DEPTH_MAX);

        for (int i = 0; i < depth; i++) {
                /* What lies beside the path has no say. */
                if (g_test_rand_bit())
                        (void) limited_group(site, group, "beside.service", NULL);
                group = limited_group(site, group, random_name(), &expectation);
        }
        group_enter(group, actor->pid);

        for (Channel channel = CHANNEL_DIRECT_PID; channel < _CHANNEL_COUNT; channel++) {
                g_auto(Answer) answer = { 0 };

                if (channel == CHANNEL_SERVICE_INSIDE || channel == CHANNEL_BUSCTL)
                        continue;
                answer_ask(channel, actor, &answer);
                check_number(channel_names[channel], &answer, "Limit", expectation.limit, expectation.limit);
                if (channel != CHANNEL_CONNECTION)
                        check_text(channel_names[channel], &answer, "LimitBy", expectation.by);
                check_channel(site, actor, channel);
        }
        if (g_test_failed())
                g_test_message("tree %zu: %s", number, group->path);
        g_free(expectation.by);
}

static void case_trees(Site *site) {
        Group *plain = site_group(site, site->slice, "plain.service");
        Actor *actor = site_actor(site, plain);
        g_auto(Reading) reading = { 0 };
        Expectation outside;

        /* What the tests themselves live below, a container's limit for example. */
        g_assert_true(reading_take(&site->place, actor->pid, &reading));
        outside = (Expectation) { reading.figures[FIGURE_LIMIT], reading.texts[TEXT_LIMIT_BY] };
        for (size_t i = 0; i < TREES && !g_test_failed(); i++)
                check_tree(site, actor, &outside, i);
}

int main(int argc, char *argv[]) {
        static const SiteCase cases[] = {
                { "/random/trees", SITE_ANY, case_trees },
                { 0 },
        };

        return site_run(argc, argv, cases);
}
