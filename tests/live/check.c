/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#include "check.h"

/* The machine is everybody's: between the two readings anybody may take or give back memory. Then one asks
 * again. */
#define MACHINE_ATTEMPTS 20

typedef struct Bracket {
        Reading before;
        Reading after;
        uint64_t slack; /* what the program that asks used itself inside the group */
} Bracket;

static void bracket_clear(Bracket *bracket) {
        reading_clear(&bracket->before);
        reading_clear(&bracket->after);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bracket, bracket_clear)

/* GLib keeps the first sentence of a case only; the others are in the log. */
void check_fail(const char *format, ...) {
        g_autofree char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = g_strdup_vprintf(format, arguments);
        va_end(arguments);
        g_test_message("%s", text);
        g_test_fail_printf("%s", text);
}

uint64_t check_tolerance(void) {
        return (uint64_t) sysconf(_SC_PAGESIZE) * CHECK_BATCHED_PAGES *
                (uint64_t) sysconf(_SC_NPROCESSORS_ONLN);
}

void check_text(const char *who, const Answer *answer, const char *name, const char *wanted) {
        const char *value = answer_text(answer, name);

        if (g_strcmp0(value, wanted) != 0)
                check_fail("%s: %s is \"%s\", wanted \"%s\"", who, name, value ? value : "(absent)", wanted);
}

void check_number(const char *who, const Answer *answer, const char *name, uint64_t low, uint64_t high) {
        uint64_t value;

        if (!answer_number(answer, name, &value))
                check_fail("%s: %s is absent or no number", who, name);
        else if (value < low || value > high)
                check_fail(
                        "%s: %s is %" PRIu64 ", wanted %" PRIu64 "..%" PRIu64, who, name, value, low, high);
}

static uint64_t less(uint64_t value, uint64_t by) {
        return value - MIN(value, by);
}

static uint64_t more(uint64_t value, uint64_t by) {
        return value > UINT64_MAX - by ? UINT64_MAX : value + by;
}

/* The range in which an answer between the two readings has to lie. */
static void range_of(const Bracket *bracket, Figure figure, uint64_t *ret_low, uint64_t *ret_high) {
        uint64_t before = bracket->before.figures[figure];
        uint64_t after = bracket->after.figures[figure];
        uint64_t tolerance = check_tolerance();
        bool counts_up =
                figure == FIGURE_PEAK || figure == FIGURE_EVENTS_MAX || figure == FIGURE_EVENTS_OOM_KILL;

        *ret_low = MIN(before, after);
        *ret_high = MAX(before, after);
        if (figure < FIGURE_AVAILABLE || counts_up)
                return;
        /* What uses memory takes it away from what is available. */
        *ret_low = less(*ret_low, tolerance + (figure == FIGURE_AVAILABLE ? bracket->slack : 0));
        *ret_high = more(*ret_high, tolerance + (figure == FIGURE_AVAILABLE ? 0 : bracket->slack));
}

static bool is_machine_wide(const Bracket *bracket, Figure figure) {
        if (figure == FIGURE_AVAILABLE)
                return g_str_equal(bracket->after.texts[TEXT_AVAILABLE_BY], "/");
        return (figure == FIGURE_USAGE || figure == FIGURE_WORKING_SET) &&
                g_str_equal(bracket->after.texts[TEXT_CONTROL_GROUP], "/");
}

/* True if only what anybody on the machine may have moved is out of its range. */
static bool machine_moved(const Bracket *bracket, const Answer *answer) {
        for (Figure figure = 0; figure < _FIGURE_COUNT; figure++) {
                uint64_t low, high, value;

                if (!is_machine_wide(bracket, figure) ||
                    !answer_number(answer, figure_names[figure], &value))
                        continue;
                range_of(bracket, figure, &low, &high);
                if (value < low || value > high)
                        return true;
        }
        return false;
}

static void compare(const char *who, const Bracket *bracket, const Answer *answer, bool is_partial) {
        for (Text text = 0; text < _TEXT_COUNT; text++) {
                const char *before = bracket->before.texts[text];
                const char *after = bracket->after.texts[text];

                if (is_partial && !answer_text(answer, text_names[text]))
                        continue;
                /* Which group leaves the least may change while one asks; nothing else does. */
                if (g_strcmp0(answer_text(answer, text_names[text]), before) != 0)
                        check_text(who, answer, text_names[text], after);
        }
        for (Figure figure = 0; figure < _FIGURE_COUNT; figure++) {
                uint64_t low, high;

                if (is_partial && !answer_text(answer, figure_names[figure]))
                        continue;
                /* The true root has few files of its own; what it has not is not compared. */
                if (figure >= FIGURE_PEAK && bracket->after.figures[figure] == UINT64_MAX)
                        continue;
                range_of(bracket, figure, &low, &high);
                check_number(who, answer, figure_names[figure], low, high);
        }
}

static void take(Site *site, pid_t pid, Reading *ret) {
        if (!reading_take(&site->place, pid, ret))
                g_error("Process %d has no control group.", (int) pid);
}

/* The two readings around an answer. What a program used inside the group while it asked is what the kernel
 * saw as the highest usage, less what was there before. */
static void bracket_ask(Site *site,
                        pid_t pid,
                        pid_t alike,
                        Actor *actor,
                        Channel channel,
                        Bracket *bracket,
                        Answer *answer) {
        bool is_inside = channel == CHANNEL_DIRECT_INSIDE || channel == CHANNEL_SERVICE_INSIDE ||
                channel == CHANNEL_BUSCTL;
        uint64_t peak;

        take(site, alike, &bracket->before);
        if (is_inside && bracket->before.directory) {
                group_reset_peak(bracket->before.directory, site->place.unified);
                reading_clear(&bracket->before);
                take(site, alike, &bracket->before);
        }
        if (actor)
                answer_ask(channel, actor, answer);
        else
                answer_show_pid(channel == CHANNEL_DIRECT_PID, pid, answer);
        take(site, alike, &bracket->after);
        peak = bracket->after.figures[FIGURE_PEAK];
        if (is_inside && peak != UINT64_MAX)
                bracket->slack = less(peak, bracket->before.figures[FIGURE_USAGE]);
}

/* Who is in no group is told about the machine, and that it comes from there. */
static const char *wanted_source(Channel channel, const Bracket *bracket) {
        bool is_direct = channel == CHANNEL_DIRECT_INSIDE || channel == CHANNEL_DIRECT_PID;

        return is_direct && !bracket->before.directory ? "proc" : channel_sources[channel];
}

static void check_answer(Site *site, pid_t pid, pid_t alike, Actor *actor, Channel channel) {
        const char *who = channel_names[channel];
        bool is_partial = channel == CHANNEL_BUSCTL || channel == CHANNEL_CONNECTION;

        for (size_t i = 1;; i++) {
                g_auto(Bracket) bracket = { 0 };
                g_auto(Answer) answer = { 0 };

                bracket_ask(site, pid, alike, actor, channel, &bracket, &answer);
                if (answer.status == 0 && machine_moved(&bracket, &answer) && i < MACHINE_ATTEMPTS)
                        continue;
                if (answer.status != 0)
                        check_fail("%s: failed with %d: %s", who, answer.status, answer.text);
                else
                        compare(who, &bracket, &answer, is_partial);
                /* Else the command reads by itself, as it does where no service answers. */
                if (channel_sources[channel])
                        check_text(who, &answer, "Source", wanted_source(channel, &bracket));
                if (channel == CHANNEL_BUSCTL)
                        g_assert_nonnull(answer_text(&answer, "WorkingSet"));
                return;
        }
}

void check_channel(Site *site, Actor *actor, Channel channel) {
        check_answer(site, actor->pid, actor->pid, actor, channel);
}

/* The object of the unit that the actor runs in, as everybody sees it on the bus. Only where the reported
 * group is the unit's own. */
static void check_object(Site *site, pid_t pid) {
        g_auto(Reading) process = { 0 };
        g_autofree char *name = NULL;

        take(site, pid, &process);
        name = g_path_get_basename(process.texts[TEXT_CONTROL_GROUP]);
        if (!g_str_equal(name, process.texts[TEXT_ID]))
                return;
        for (size_t i = 1;; i++) {
                g_auto(Bracket) bracket = { 0 };
                g_auto(Answer) answer = { 0 };
                const char *const argv[3] = { process.texts[TEXT_CONTROL_GROUP], NULL };

                reading_take_group(&site->place, process.texts[TEXT_CONTROL_GROUP], &bracket.before);
                answer_show(argv, &answer);
                reading_take_group(&site->place, process.texts[TEXT_CONTROL_GROUP], &bracket.after);
                if (answer.status == 0 && machine_moved(&bracket, &answer) && i < MACHINE_ATTEMPTS)
                        continue;
                g_assert_cmpint(answer.status, ==, 0);
                compare("mymem show PATH", &bracket, &answer, false);
                check_text("mymem show PATH", &answer, "Source", "bus");
                return;
        }
}

void check_actor(Site *site, Actor *actor) {
        for (Channel channel = 0; channel < _CHANNEL_COUNT; channel++)
                check_channel(site, actor, channel);
        check_object(site, actor->pid);
}

void check_pid(Site *site, pid_t pid, pid_t alike) {
        check_answer(site, pid, alike, NULL, CHANNEL_DIRECT_PID);
        check_answer(site, pid, alike, NULL, CHANNEL_PID);
}

uint64_t check_figure_of(Actor *actor, const char *name) {
        g_auto(Answer) answer = { 0 };
        uint64_t value = 0;

        answer_show_pid(true, actor->pid, &answer);
        if (answer.status != 0 || !answer_number(&answer, name, &value))
                check_fail("mymem show --direct %d gives no %s: %s", (int) actor->pid, name, answer.text);
        return value;
}
