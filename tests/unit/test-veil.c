/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "caller.h"
#include "check.h"
#include "cleanup.h"
#include "failure.h"
#include "size.h"
#include "veil.h"
#include "web.h"

#define M CAPTURE_MIB

static const Caller veiled = { .is_veiled = true };
static const Caller unveiled = { 0 };

static void open_process(Capture *capture, uint32_t pid, Subject *ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        Machine *machine = capture_machine(capture);

        machine_begin(machine);
        g_assert_cmpint(process_open(machine, pid, &process), ==, 0);
        g_assert_cmpint(subject_open_process(machine, &process, ret), ==, 0);
}

/* The unit is its own root: what lies in it follows, each group above is one step up, and what lies
 * elsewhere is a step up and down again. */
static void test_paths(void) {
        static const struct {
                uint32_t pid;
                const char *path, *seen;
                bool may_see;
        } cases[] = {
                { WEB_WORKER, "/sys.slice/web.service/worker", "/worker", true },
                { WEB_WORKER, "/sys.slice/web.service", "/", true },
                { WEB_WORKER, "/sys.slice", "/..", false },
                { WEB_WORKER, "/", "/../..", false },
                { WEB_WORKER, "", "", false },
                { WEB_WORKER, "/sys.slice/web.service/a/b", "/a/b", true },
                { WEB_WORKER, "/sys.slice/web.services", "/../web.services", false },
                { WEB_WORKER, "/sys.slice/web", "/../web", false },
                { WEB_WORKER, "/free.slice/one.service", "/../../free.slice/one.service", false },
                { WEB_WORKER, "/sys.slice/web.service/\377", "/\\xff", true },
                { WEB_ITSELF, "/sys.slice/web.service", "/", true },
                { WEB_ITSELF, "/sys.slice", "/..", false },
                { WEB_BARE, "/sys.slice/web.service", "/", true },
                { WEB_SLICE, "/sys.slice", "/", true },
                { WEB_SLICE, "/", "/..", false },
                /* No unit: what it is in stands for one. */
                { WEB_PLAIN, "/plain", "/", true },
                { WEB_PLAIN, "/", "/..", false },
                { WEB_ROOT, "/", "/", true },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                _cleanup_(subject_done) Subject subject = { 0 };
                _cleanup_free_ char *seen = NULL, *bare = NULL, *nobody = NULL, *shown = NULL;

                open_process(capture, cases[i].pid, &subject);
                g_assert_cmpint(veil_show_path(&veiled, &subject, cases[i].path, &seen), ==, 0);
                check_text(cases[i].path, seen, cases[i].seen);
                check_true(cases[i].path,
                           veil_may_see(&veiled, &subject, cases[i].path) == cases[i].may_see);

                /* Who is not veiled sees what there is, and so does nobody in particular. */
                shown = strcmp(cases[i].path, "/sys.slice/web.service/\377") == 0 ?
                        strdup("/sys.slice/web.service/\\xff") :
                        strdup(cases[i].path);
                g_assert_cmpint(veil_show_path(&unveiled, &subject, cases[i].path, &bare), ==, 0);
                g_assert_cmpint(veil_show_path(NULL, &subject, cases[i].path, &nobody), ==, 0);
                check_text(cases[i].path, bare, shown);
                check_text(cases[i].path, nobody, shown);
                check_true(cases[i].path, veil_may_see(&unveiled, &subject, cases[i].path));
                check_true(cases[i].path, veil_may_see(NULL, &subject, cases[i].path));
        }
}

static Snapshot *take(Capture *capture, uint32_t pid, const Caller *caller) {
        _cleanup_(subject_done) Subject subject = { 0 };
        Snapshot *snapshot = NULL;

        open_process(capture, pid, &subject);
        g_assert_cmpint(snapshot_take(capture_machine(capture), &subject, &snapshot), ==, 0);
        g_assert_cmpint(veil_snapshot(caller, &subject, snapshot), ==, 0);
        return snapshot;
}

/* One group of the chain, as it is shown. */
typedef struct Wanted {
        const char *control_group, *unit;
        uint64_t max, usage, working_set, available, swap_usage;
} Wanted;

static void check_levels(const char *about, const Snapshot *snapshot, const Wanted *wanted, size_t n) {
        check_size(about, snapshot->n_levels, n);
        for (size_t i = 0; i < MIN(n, snapshot->n_levels); i++) {
                const SnapshotLevel *level = &snapshot->levels[i];

                check_text(about, level->control_group, wanted[i].control_group);
                check_text(about, level->unit, wanted[i].unit);
                check_size(about, level->level.max, wanted[i].max);
                check_size(about, level->level.usage, wanted[i].usage);
                check_size(about, level->level.working_set, wanted[i].working_set);
                check_size(about, level->level.available, wanted[i].available);
                check_size(about, level->swap_usage, wanted[i].swap_usage);
        }
}

/* The worker of web.h. Its unit is web.service; the slice and the machine are the host's. The limits of the
 * slice are shown, and its use is not: 300 MiB, of which 200 are the working set. */
static void test_snapshot(void) {
        static const Wanted wanted[] = {
                { "/worker", "web.service", 64 * M, 40 * M, 30 * M, 34 * M, 4096 },
                { "/", "web.service", 256 * M, 128 * M, 100 * M, 92 * M, 4096 },
                { "/..", "", 512 * M, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN },
                { "/../..", "", SIZE_UNLIMITED, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        _cleanup_(snapshot_freep) Snapshot *snapshot = take(capture, WEB_WORKER, &veiled);

        check_text("worker", snapshot->id, "web.service");
        check_text("worker", snapshot->system_unit, "web.service");
        check_text("worker", snapshot->slice, "");
        check_text("worker", snapshot->control_group, "/worker");
        check_text("worker", snapshot->limit_by, "/worker");
        check_text("worker", snapshot->high_limit_by, "/");
        check_text("worker", snapshot->swap_limit_by, "/../..");
        check_text("worker", snapshot->available_by, "/worker");
        /* Its own figures are what they were. */
        check_size("worker", snapshot->limit, 64 * M);
        check_size("worker", snapshot->high_limit, 192 * M);
        check_size("worker", snapshot->available, 34 * M);
        check_size("worker", snapshot->usage, 40 * M);
        check_size("worker", snapshot->working_set, 30 * M);
        check_levels("worker", snapshot, wanted, G_N_ELEMENTS(wanted));
}

/* Nothing is taken from anybody else. */
static void test_unveiled(void) {
        static const Caller *const callers[] = { &unveiled, NULL };
        g_autoptr(Capture) capture = capture_new(web_blocks);

        for (size_t i = 0; i < G_N_ELEMENTS(callers); i++) {
                _cleanup_(snapshot_freep) Snapshot *snapshot = take(capture, WEB_WORKER, callers[i]);

                check_text("open", snapshot->slice, "sys.slice");
                check_text("open", snapshot->control_group, "/sys.slice/web.service/worker");
                check_text("open", snapshot->swap_limit_by, "/");
                check_text("open", snapshot->levels[2].control_group, "/sys.slice");
                check_text("open", snapshot->levels[2].unit, "sys.slice");
                check_size("open", snapshot->levels[2].level.usage, 300 * M);
                check_size("open", snapshot->levels[2].swap_usage, 4096);
        }
}

#define GROUP(path)                                                                                        \
        "@group sys/fs/cgroup" path "\nmemory.max:max\nmemory.high:max\nmemory.current:4096\nmemory.stat:" \
        "inactive_file 0\n"

/* A unit in a unit, as a container's: the outer one is the host's, and so is its name. The bytes that are no
 * text are counted as they are, not as they are shown. */
static void test_foreign(void) {
        static const Wanted wanted[] = {
                { "/", "in.service", SIZE_UNLIMITED, 4096, 4096, SIZE_UNKNOWN, SIZE_UNKNOWN },
                { "/..", "", SIZE_UNLIMITED, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN },
                { "/../..", "", SIZE_UNLIMITED, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN },
                { "/../../..", "", SIZE_UNLIMITED, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN },
        };
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V2 GROUP("/box.service") GROUP("/box.service/a\302")
                        GROUP("/box.service/a\302/in.service") "@file proc/50/cgroup\n"
                                                               "0::/box.service/a\302/in.service\n");
        _cleanup_(snapshot_freep) Snapshot *snapshot = take(capture, 50, &veiled);

        check_text("foreign", snapshot->id, "in.service");
        check_text("foreign", snapshot->system_unit, "");
        check_text("foreign", snapshot->slice, "");
        check_text("foreign", snapshot->control_group, "/");
        check_text("foreign", snapshot->limit_by, "/../../..");
        check_text("foreign", snapshot->high_limit_by, "");
        check_levels("foreign", snapshot, wanted, G_N_ELEMENTS(wanted));
}

/* What went wrong is told, and of what group only to who may know. */
static void test_failure(void) {
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_free_ char *open = NULL, *hidden = NULL;

        (void) machine_blame(machine, -ENODEV, "%s", "/sys.slice/web.service");
        veil_failure(&unveiled, machine);
        veil_failure(NULL, machine);
        open = failure_describe(machine, -ENODEV);
        check_true(open, strstr(open, "/sys.slice/web.service"));
        veil_failure(&veiled, machine);
        hidden = failure_describe(machine, -ENODEV);
        check_true(hidden, !strstr(hidden, "slice"));
        check_true(hidden, strstr(hidden, "vanished"));
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/veil/paths", test_paths);
        g_test_add_func("/veil/snapshot", test_snapshot);
        g_test_add_func("/veil/unveiled", test_unveiled);
        g_test_add_func("/veil/foreign", test_foreign);
        g_test_add_func("/veil/failure", test_failure);
        return g_test_run();
}
