/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "connection.h"
#include "dbus/names.h"
#include "process.h"

/* Processes that move, end, and are none; groups that go away. */

#define EXIT_GONE 3
#define EXIT_NO_UNIT 4

/* PF_KTHREAD in the ninth field of /proc/PID/stat. */
#define KERNEL_THREAD 0x00200000UL

static void case_moved(Site *site) {
        Group *one = site_group(site, site->slice, SITE_UNIT);
        Group *other = site_group(site, site->slice, SITE_OTHER_UNIT);
        Actor *actor = site_actor(site, one);

        group_set_limit(one, 64 * MEBIBYTE);
        group_set_limit(other, 96 * MEBIBYTE);
        check_actor(site, actor);
        for (size_t i = 0; i < 20; i++) {
                group_enter(i % 2 ? one : other, actor->pid);
                check_channel(site, actor, CHANNEL_CONNECTION);
        }
        group_enter(other, actor->pid);
        check_actor(site, actor);
}

static void check_path_number(Group *group, const char *name, uint64_t low, uint64_t high) {
        g_auto(Answer) direct = { 0 };
        g_auto(Answer) asked = { 0 };

        answer_show((const char *const[]) { "--direct", group->path, NULL }, &direct);
        answer_show((const char *const[]) { group->path, NULL, NULL }, &asked);
        check_number("mymem show --direct PATH", &direct, name, low, high);
        check_number("mymem show PATH", &asked, name, low, high);
}

/* The name is the same, the group is another: what was kept of the old one must not be answered. */
static void case_made_again(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Group *refuge = site_group(site, site->slice, SITE_OTHER_UNIT);
        Actor *actor = site_actor(site, unit);

        actor_allocate(actor, 24 * MEBIBYTE);
        for (uint64_t i = 0; i < 10; i++) {
                group_set_limit(unit, (48 + i) * MEBIBYTE);
                check_channel(site, actor, CHANNEL_CONNECTION);
                check_path_number(unit, "Limit", (48 + i) * MEBIBYTE, (48 + i) * MEBIBYTE);
                group_enter(refuge, actor->pid);
                group_remove(unit);
                group_make(unit);
                group_enter(unit, actor->pid);
                check_channel(site, actor, CHANNEL_CONNECTION);
                check_path_number(unit, "Usage", 0, 16 * MEBIBYTE);
        }
        check_actor(site, actor);
}

static void check_exit(const char *const argv[3], int low, int high) {
        g_auto(Answer) answer = { 0 };

        answer_show(argv, &answer);
        if (answer.status < low || answer.status > high)
                check_fail("mymem show %s %s: exit status %d, wanted %d..%d: %s",
                           argv[0],
                           argv[1] ? argv[1] : "",
                           answer.status,
                           low,
                           high,
                           answer.text);
}

/* NoSuchProcess and exit status 3, whoever is asked. */
static void check_process_gone(pid_t pid) {
        g_autofree char *target = g_strdup_printf("%d", (int) pid);
        g_autofree char *error = connection_error_of_pid(pid);

        check_exit((const char *const[]) { "--direct", target, NULL }, EXIT_GONE, EXIT_GONE);
        check_exit((const char *const[]) { target, NULL, NULL }, EXIT_GONE, EXIT_GONE);
        g_assert_cmpstr(error, ==, MYMEM_ERROR_NO_SUCH_PROCESS);
}

static void case_zombie(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);

        group_set_limit(unit, 64 * MEBIBYTE);
        check_process_gone(actor_make_zombie(actor));
}

static void case_leaderless(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        pid_t pid;

        group_set_limit(unit, 64 * MEBIBYTE);
        pid = actor_make_leaderless(actor);
        check_pid(site, pid, actor->pid);
        process_kill(pid);
        check_process_gone(pid);
}

static void case_removed(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        g_autofree char *object = connection_object_of(unit->path);
        g_autofree char *group_error = NULL;
        g_autofree char *object_error = NULL;
        pid_t pid = actor->pid;

        check_actor(site, actor);
        g_assert_nonnull(object);
        site_dismiss(site, actor);
        check_process_gone(pid);
        group_remove(unit);

        check_process_gone(pid);
        check_exit((const char *const[]) { "--direct", unit->path, NULL }, EXIT_GONE, EXIT_NO_UNIT);
        check_exit((const char *const[]) { unit->path, NULL, NULL }, EXIT_GONE, EXIT_NO_UNIT);
        group_error = connection_error_of_control_group(unit->path);
        if (g_strcmp0(group_error, MYMEM_ERROR_UNIT_VANISHED) != 0)
                g_assert_cmpstr(group_error, ==, MYMEM_ERROR_NO_SUCH_UNIT);
        if (!object)
                return;
        object_error = connection_error_of_object(object);
        if (g_strcmp0(object_error, MYMEM_ERROR_UNIT_VANISHED) != 0 &&
            g_strcmp0(object_error, MYMEM_ERROR_NO_SUCH_UNIT) != 0)
                g_assert_cmpstr(object_error, ==, "org.freedesktop.DBus.Error.UnknownObject");
}

/* Makes, limits and removes a group in the memory hierarchy, until it is ended. */
static pid_t flicker(const Group *group, uint64_t limit) {
        pid_t pid = process_fork();

        if (pid < 0)
                g_error("Cannot fork: %s", g_strerror(errno));
        if (pid > 0)
                return pid;
        for (;;) {
                if (mkdir(group->directory, 0755) < 0)
                        _exit(1);
                group_set_limit(group, limit);
                if (rmdir(group->directory) < 0)
                        _exit(1);
        }
}

/* An answer about a group that comes and goes is about that group, or says that it is gone. */
static void check_flickering(const char *const argv[3], const Group *group, uint64_t limit) {
        g_auto(Answer) answer = { 0 };
        uint64_t max;

        answer_show(argv, &answer);
        if (answer.status == EXIT_GONE || answer.status == EXIT_NO_UNIT)
                return;
        if (answer.status != 0) {
                check_fail("a group that goes away: exit status %d: %s", answer.status, answer.text);
                return;
        }
        check_text("a group that goes away", &answer, "ControlGroup", group->path);
        /* Just made, it has no limit yet. */
        if (!answer_number(&answer, "Max", &max) || (max != limit && max != UINT64_MAX))
                check_fail("a group that goes away: Max=%s", answer_text(&answer, "Max"));
        if (max == limit)
                check_text("a group that goes away", &answer, "LimitBy", group->path);
}

static void case_flicker(Site *site) {
        const uint64_t limit = 64 * MEBIBYTE;
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        pid_t pid;

        g_assert_cmpint(rmdir(unit->directory), ==, 0);
        pid = flicker(unit, limit);
        for (size_t i = 0; i < 200 && !g_test_failed(); i++) {
                check_flickering((const char *const[]) { "--direct", unit->path, NULL }, unit, limit);
                check_flickering((const char *const[]) { unit->path, NULL, NULL }, unit, limit);
        }
        g_assert_false(process_await(pid, 0));
        process_end_child(pid);
}

static bool is_kernel_thread(pid_t pid) {
        g_autofree char *name = g_strdup_printf("/proc/%d/stat", (int) pid);
        g_autofree char *text = NULL;
        g_auto(GStrv) fields = NULL;
        const char *end;

        if (!g_file_get_contents(name, &text, NULL, NULL) || !(end = strrchr(text, ')')))
                return false;
        fields = g_strsplit(end, " ", 9);
        return g_strv_length(fields) > 7 && (strtoul(fields[7], NULL, 10) & KERNEL_THREAD);
}

/* It lives in the root group, and has the machine's figures. */
static void case_kernel_thread(Site *site) {
        const pid_t pid = 2;
        uint64_t total = reading_of_machine("MemTotal");
        g_auto(Answer) answer = { 0 };

        if (!is_kernel_thread(pid)) {
                g_test_skip("PID 2 is no kernel thread here");
                return;
        }
        check_pid(site, pid, pid);
        answer_show_pid(true, pid, &answer);
        check_number(channel_names[CHANNEL_DIRECT_PID], &answer, "Limit", total, total);
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "LimitBy", "/");
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "Id", "");
}

int main(int argc, char *argv[]) {
        static const SiteCase cases[] = {
                { "/life/moved", SITE_ANY, case_moved },
                { "/life/made-again", SITE_ANY, case_made_again },
                { "/life/zombie", SITE_ANY, case_zombie },
                { "/life/leaderless", SITE_ANY, case_leaderless },
                { "/life/removed", SITE_ANY, case_removed },
                { "/life/flicker", SITE_ANY, case_flicker },
                { "/life/kernel-thread", SITE_ANY, case_kernel_thread },
                { 0 },
        };

        return site_run(argc, argv, cases);
}
