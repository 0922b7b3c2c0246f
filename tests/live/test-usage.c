/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "check.h"

/* Memory that is used, cached, given back, eaten by others, and not to be had. */

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

static void check_rise(const char *name, uint64_t before, uint64_t after, uint64_t low, uint64_t high) {
        uint64_t tolerance = check_tolerance();

        if (after + tolerance < before + low || after > before + high + tolerance)
                check_fail("%s went from %" PRIu64 " to %" PRIu64 ", wanted a rise of %" PRIu64 "..%" PRIu64,
                           name,
                           before,
                           after,
                           low,
                           high);
}

static void case_anonymous(Site *site) {
        const uint64_t size = 32 * MEBIBYTE;
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        uint64_t usage, working_set, anonymous;

        group_set_limit(unit, 128 * MEBIBYTE);
        check_actor(site, actor);
        usage = check_figure_of(actor, "Usage");
        working_set = check_figure_of(actor, "WorkingSet");
        anonymous = check_figure_of(actor, "Anonymous");

        actor_allocate(actor, size);
        check_channel(site, actor, CHANNEL_CONNECTION);
        /* Page tables come on top. */
        check_rise("Usage", usage, check_figure_of(actor, "Usage"), size, size + MEBIBYTE);
        check_rise("WorkingSet", working_set, check_figure_of(actor, "WorkingSet"), size, size + MEBIBYTE);
        check_rise("Anonymous", anonymous, check_figure_of(actor, "Anonymous"), size, size);
        check_actor(site, actor);

        usage = check_figure_of(actor, "Usage");
        actor_release(actor);
        check_rise("Usage, falling", check_figure_of(actor, "Usage"), usage, size, size + MEBIBYTE);
        check_actor(site, actor);
}

/* Only what lies on a disk has page cache that can be dropped: a file of a tmpfs is memory itself. */
static bool is_on_disk(const char *directory) {
        static const unsigned long disks[] = {
                EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC
        };
        struct statfs system;

        if (statfs(directory, &system) < 0 || access(directory, W_OK) < 0)
                return false;
        for (size_t i = 0; i < G_N_ELEMENTS(disks); i++)
                if ((unsigned long) system.f_type == disks[i])
                        return system.f_bavail * (uint64_t) system.f_bsize > 256 * MEBIBYTE;
        return false;
}

static const char *disk_directory(void) {
        const char *const candidates[] = { g_get_tmp_dir(), "/var/tmp", "/tmp", "." };

        for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++)
                if (is_on_disk(candidates[i]))
                        return candidates[i];
        return NULL;
}

static void use_page_cache(Site *site, const char *name) {
        const uint64_t size = 64 * MEBIBYTE, most = 48 * MEBIBYTE, little = 16 * MEBIBYTE;
        const uint64_t limit = 256 * MEBIBYTE;
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        uint64_t usage = check_figure_of(actor, "Usage");
        uint64_t working_set = check_figure_of(actor, "WorkingSet");
        uint64_t file = check_figure_of(actor, "File");
        g_auto(Answer) answer = { 0 };

        /* Room for all of it, so that nothing is reclaimed. */
        group_set_limit(unit, limit);
        actor_write_file(actor, name, size);
        check_rise("Usage, written", usage, check_figure_of(actor, "Usage"), most, size + little);
        check_actor(site, actor);
        actor_drop_file(actor, name);
        check_rise("Usage, dropped", usage, check_figure_of(actor, "Usage"), 0, little);

        /* Read once, the file is inactive: the kernel would give it up first. */
        actor_read_file(actor, name);
        check_rise("Usage, read", usage, check_figure_of(actor, "Usage"), most, size + little);
        check_rise("File, read", file, check_figure_of(actor, "File"), most, size + little);
        check_rise("WorkingSet, read", working_set, check_figure_of(actor, "WorkingSet"), 0, little);
        answer_show_pid(true, actor->pid, &answer);
        check_text(channel_names[CHANNEL_DIRECT_PID], &answer, "AvailableBy", unit->path);
        check_number(channel_names[CHANNEL_DIRECT_PID], &answer, "Available", limit - little, limit);
        check_actor(site, actor);

        /* Used again and again it is active, and counts. */
        actor_read_file(actor, name);
        actor_read_file(actor, name);
        check_rise("WorkingSet, active",
                   working_set,
                   check_figure_of(actor, "WorkingSet"),
                   most,
                   size + little);
        check_actor(site, actor);

        actor_drop_file(actor, name);
        check_rise("Usage, dropped again", usage, check_figure_of(actor, "Usage"), 0, little);
        check_rise("File, dropped again", file, check_figure_of(actor, "File"), 0, little);
        check_actor(site, actor);
}

static void case_page_cache(Site *site) {
        const char *directory = disk_directory();
        g_autofree char *name = NULL;

        if (!directory) {
                g_test_skip("no directory on a disk file system to write to");
                return;
        }
        name = g_strdup_printf("%s/mymem-live-%d.cache", directory, (int) getpid());
        use_page_cache(site, name);
        g_assert_cmpint(g_unlink(name), ==, 0);
}

/* Somebody else in the slice takes what was ours. */
static void case_sibling(Site *site) {
        const uint64_t eaten = 96 * MEBIBYTE;
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Group *other = site_group(site, site->slice, SITE_OTHER_UNIT);
        Actor *actor = site_actor(site, unit);
        Actor *sibling = site_actor(site, other);
        uint64_t available;
        g_auto(Answer) before = { 0 };
        g_auto(Answer) after = { 0 };

        group_set_limit(site->slice, 128 * MEBIBYTE);
        group_set_limit(unit, 64 * MEBIBYTE);
        check_actor(site, actor);
        answer_show_pid(true, actor->pid, &before);
        check_text(channel_names[CHANNEL_DIRECT_PID], &before, "AvailableBy", unit->path);
        available = check_figure_of(actor, "Available");

        actor_allocate(sibling, eaten);
        check_actor(site, actor);
        answer_show_pid(true, actor->pid, &after);
        check_text(channel_names[CHANNEL_DIRECT_PID], &after, "LimitBy", unit->path);
        check_text(channel_names[CHANNEL_DIRECT_PID], &after, "AvailableBy", site->slice->path);
        check_number(channel_names[CHANNEL_DIRECT_PID], &after, "Available", 0, 128 * MEBIBYTE - eaten);
        g_assert_cmpuint(check_figure_of(actor, "Available"), <, available);

        actor_release(sibling);
        check_actor(site, actor);
}

/* Close to the limit: little is available, and nothing goes below 0. */
static void case_full(Site *site) {
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);

        group_set_limit(unit, 40 * MEBIBYTE);
        actor_allocate(actor, 38 * MEBIBYTE);
        check_channel(site, actor, CHANNEL_DIRECT_PID);
        check_channel(site, actor, CHANNEL_PID);
        check_channel(site, actor, CHANNEL_CONNECTION);
}

static void case_oom_kill(Site *site) {
        const uint64_t limit = 16 * MEBIBYTE;
        const bool has_swap = reading_of_machine("SwapTotal") > 0;
        Group *unit = site_group(site, site->slice, SITE_UNIT);
        Actor *actor = site_actor(site, unit);
        g_auto(Answer) answer = { 0 };
        uint64_t before;

        group_set_limit(unit, limit);
        if (has_swap)
                group_forbid_swap(unit, limit);
        before = check_figure_of(actor, "EventsOOMKill");
        g_assert_cmpuint(before, ==, 0);
        g_assert_cmpint(actor_overeat(actor, 4 * limit), ==, SIGKILL);
        g_assert_cmpuint(check_figure_of(actor, "EventsOOMKill"), ==, 1);
        /* On v1 it is the limit of memory and swap together that is met first, where there is one. */
        if (!has_swap)
                g_assert_cmpuint(check_figure_of(actor, "EventsMax"), >, 0);
        check_channel(site, actor, CHANNEL_DIRECT_PID);
        check_channel(site, actor, CHANNEL_PID);
        check_channel(site, actor, CHANNEL_CONNECTION);

        answer_show_pid(false, actor->pid, &answer);
        check_text(channel_names[CHANNEL_PID], &answer, "EventsOOMKill", "1");
}

int main(int argc, char *argv[]) {
        static const SiteCase cases[] = {
                { "/usage/anonymous", SITE_ANY, case_anonymous },
                { "/usage/page-cache", SITE_ANY, case_page_cache },
                { "/usage/sibling", SITE_ANY, case_sibling },
                { "/usage/full", SITE_ANY, case_full },
                { "/usage/oom-kill", SITE_ANY, case_oom_kill },
                { 0 },
        };

        return site_run(argc, argv, cases);
}
