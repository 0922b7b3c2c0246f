/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

/* Limits: who sets them, where, and when. */

/* What the case is about is said in so many words, besides the comparison of everything with the kernel's
 * files. */
static void check_limit(Site *site, Actor *actor, uint64_t limit, const char *by) {
        g_auto(Answer) direct = { 0 };
        g_auto(Answer) asked = { 0 };

        answer_show_pid(true, actor->pid, &direct);
        answer_show_pid(false, actor->pid, &asked);
        check_number(channel_names[CHANNEL_DIRECT_PID], &direct, "Limit", limit, limit);
        check_text(channel_names[CHANNEL_DIRECT_PID], &direct, "LimitBy", by);
        check_number(channel_names[CHANNEL_PID], &asked, "Limit", limit, limit);
        check_text(channel_names[CHANNEL_PID], &asked, "LimitBy", by);
        check_actor(site, actor);
}

static void case_own(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor;

        group_set_limit(unit, 64 * MEBIBYTE);
        actor = site_actor(site, unit);
        check_limit(site, actor, 64 * MEBIBYTE, unit->path);
}

static void case_ancestor(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_OTHER_UNIT);
        Actor *actor;

        group_set_limit(site->slice, 64 * MEBIBYTE);
        group_set_limit(unit, 96 * MEBIBYTE);
        actor = site_actor(site, unit);
        check_limit(site, actor, 64 * MEBIBYTE, site->slice->path);
}

static void case_two_levels(Site *site) {
        Group *inner = site_group(site, site->slice, "inner.slice");
        Group *unit = site_group(site, inner, SITE_UNIT);
        Actor *actor = site_actor(site, unit);

        group_set_limit(site->slice, 128 * MEBIBYTE);
        group_set_limit(inner, 96 * MEBIBYTE);
        check_limit(site, actor, 96 * MEBIBYTE, inner->path);
        group_set_limit(site->slice, 80 * MEBIBYTE);
        check_limit(site, actor, 80 * MEBIBYTE, site->slice->path);
}

static void case_tie(Site *site) {
        Group *inner = site_group(site, site->slice, "inner.slice");
        Group *unit = site_group(site, inner, SITE_UNIT);
        Actor *actor = site_actor(site, unit);

        group_set_limit(site->slice, 64 * MEBIBYTE);
        group_set_limit(inner, 64 * MEBIBYTE);
        check_limit(site, actor, 64 * MEBIBYTE, inner->path);
        group_set_limit(unit, 64 * MEBIBYTE);
        check_limit(site, actor, 64 * MEBIBYTE, unit->path);
}

/* The tests' own groups may lie below a limit, of a container for example; then that is the answer. */
static void case_none(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        g_auto(Reading) reading = { 0 };
        g_auto(Answer) answer = { 0 };

        g_assert_true(reading_take(&site->place, actor->pid, &reading));
        check_limit(site, actor, reading.figures[FIGURE_LIMIT], reading.texts[TEXT_LIMIT_BY]);
        answer_show_pid(true, actor->pid, &answer);
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "Max", "infinity");
}

static void case_above_machine(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        uint64_t total = reading_of_machine("MemTotal");
        g_auto(Reading) reading = { 0 };

        group_set_limit(unit, total + MEBIBYTE);
        g_assert_true(reading_take(&site->place, actor->pid, &reading));
        g_assert_cmpuint(reading.figures[FIGURE_MAX], ==, total + MEBIBYTE);
        check_limit(site, actor, reading.figures[FIGURE_LIMIT], reading.texts[TEXT_LIMIT_BY]);
}

static void case_changed(Site *site) {
        static const uint64_t limits[] = { 64, 48, 200, 49, 63 };
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);

        for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
                group_set_limit(unit, limits[i] * MEBIBYTE);
                check_channel(site, actor, CHANNEL_CONNECTION);
                check_limit(site, actor, limits[i] * MEBIBYTE, unit->path);
        }
        group_set_limit(unit, UINT64_MAX);
        group_set_limit(site->slice, 77 * MEBIBYTE);
        check_channel(site, actor, CHANNEL_CONNECTION);
        check_limit(site, actor, 77 * MEBIBYTE, site->slice->path);
}

/* As people do it by hand, with a suffix, and with a number that the kernel rounds to pages. */
static void case_written(Site *site) {
        const char *file = site->place.unified ? "memory.max" : "memory.limit_in_bytes";
        uint64_t page = (uint64_t) sysconf(_SC_PAGESIZE);
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);

        group_write(unit, file, "80M\n");
        check_limit(site, actor, 80 * MEBIBYTE, unit->path);
        group_write(unit, file, "50000001");
        check_limit(site, actor, 50000001 / page * page, unit->path);
        g_assert_cmpuint(reading_of_file(unit->directory, file), ==, 50000001 / page * page);
}

/* A limit of 0 is a limit. Nobody can live below it, so it is asked for as an object of the tree. */
static void case_zero(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        static const char *const ways[] = { "--direct", NULL };

        group_set_limit(unit, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
                const char *const argv[3] = { unit->path, ways[i], NULL };
                const char *who = ways[i] ? "mymem show --direct PATH" : "mymem show PATH";
                g_auto(Answer) answer = { 0 };

                answer_show(argv, &answer);
                g_assert_cmpint(answer.status, ==, 0);
                check_text(who, &answer, "Id", SITE_UNIT);
                check_text(who, &answer, "ControlGroup", unit->path);
                check_text(who, &answer, "Max", "0");
                check_text(who, &answer, "Limit", "0");
                check_text(who, &answer, "LimitBy", unit->path);
                check_text(who, &answer, "Available", "0");
        }
}

/* Delegation: a limit below the unit that is the tightest makes its group the reported one. */
static void case_below_unit(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Group *payload = site_group(site, unit, "payload");
        Group *worker = site_group(site, payload, "worker 1");
        Actor *actor = site_actor(site, worker);
        g_auto(Answer) inside = { 0 };
        g_auto(Answer) unit_again = { 0 };

        group_set_limit(payload, 64 * MEBIBYTE);
        check_limit(site, actor, 64 * MEBIBYTE, payload->path);
        answer_show_pid(true, actor->pid, &inside);
        check_text(channel_names[CHANNEL_DIRECT_PID], &inside, "Id", SITE_UNIT);
        check_text(channel_names[CHANNEL_DIRECT_PID], &inside, "ControlGroup", payload->path);

        group_set_limit(unit, 48 * MEBIBYTE);
        check_limit(site, actor, 48 * MEBIBYTE, unit->path);
        answer_show_pid(true, actor->pid, &unit_again);
        check_text(channel_names[CHANNEL_DIRECT_PID], &unit_again, "ControlGroup", unit->path);
}

/* Where memory is a v1 controller a user's units have no groups of their own: the name is theirs, the
 * figures are those of the user manager's service. */
static void case_user_unit(Site *site) {
        Group *manager = site_group(site, site->slice, "user@1000.service");
        Group *unit = site_group(site, manager, "app.service");
        Actor *actor = site_actor(site, manager);
        g_auto(Answer) answer = { 0 };

        g_assert_cmpint(rmdir(unit->directory), ==, 0);
        group_set_limit(manager, 64 * MEBIBYTE);
        group_enter_units(unit, actor->pid);

        check_limit(site, actor, 64 * MEBIBYTE, manager->path);
        answer_show_pid(true, actor->pid, &answer);
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "Id", "app.service");
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "SystemUnit", "user@1000.service");
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "ControlGroup", manager->path);
}

static void case_high(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);

        group_set_limit(unit, 96 * MEBIBYTE);
        group_write(site->slice, "memory.high", "67108864");
        check_limit(site, actor, 96 * MEBIBYTE, unit->path);
}

static void case_swap(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        g_auto(Answer) answer = { 0 };

        group_set_limit(unit, 64 * MEBIBYTE);
        check_actor(site, actor);
        group_forbid_swap(unit, 64 * MEBIBYTE);
        check_actor(site, actor);
        answer_show_pid(true, actor->pid, &answer);
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "SwapLimit", "0");
}

/* A limit of the process alone bounds what it may take, and its unit's limit stays what it is. */
static void case_address_space(Site *site) {
        const uint64_t room = 8 * MEBIBYTE;
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        g_auto(Answer) answer = { 0 };

        group_set_limit(unit, 256 * MEBIBYTE);
        actor_limit_address_space(actor, room);
        answer_show_pid(true, actor->pid, &answer);
        g_assert_cmpint(answer.status, ==, 0);
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "AvailableBy", "RLIMIT_AS");
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "LimitBy", unit->path);
        /* The actor may have grown by a buffer since it measured itself. */
        check_number(channel_names[CHANNEL_DIRECT_PID], &answer, "Available", room - MEBIBYTE, room);

        /* The bus speaks of units, and never includes it. */
        check_channel(site, actor, CHANNEL_CONNECTION);
}

int main(int argc, char *argv[]) {
        static const SiteCase cases[] = {
                { "/limit/own", SITE_ANY, case_own },
                { "/limit/ancestor", SITE_ANY, case_ancestor },
                { "/limit/two-levels", SITE_ANY, case_two_levels },
                { "/limit/tie", SITE_ANY, case_tie },
                { "/limit/none", SITE_ANY, case_none },
                { "/limit/above-machine", SITE_ANY, case_above_machine },
                { "/limit/changed", SITE_ANY, case_changed },
                { "/limit/written", SITE_ANY, case_written },
                { "/limit/zero", SITE_ANY, case_zero },
                { "/limit/below-unit", SITE_ANY, case_below_unit },
                { "/limit/user-unit", SITE_V1, case_user_unit },
                { "/limit/high", SITE_V2, case_high },
                { "/limit/swap", SITE_ANY, case_swap },
                { "/limit/address-space", SITE_ANY, case_address_space },
                { 0 },
        };

        return site_run(argc, argv, cases);
}
