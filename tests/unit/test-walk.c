/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "size.h"
#include "walk.h"
#include "web.h"

#define M CAPTURE_MIB
#define U SIZE_UNKNOWN

typedef struct Step {
        char *path, *unit;
        uint64_t limit, usage, working_set, available;
} Step;

static void step_free(void *p) {
        Step *step = p;

        g_free(step->path);
        g_free(step->unit);
        g_free(step);
}

static int step_compare(const void *a, const void *b) {
        return strcmp((*(Step *const *) a)->path, (*(Step *const *) b)->path);
}

/* Takes the rest of the walk, which gives the groups of one directory in any order; sorted by path. */
static GPtrArray *collect(Walk *walk, int wanted) {
        GPtrArray *steps = g_ptr_array_new_with_free_func(step_free);
        WalkGroup group;
        int r;

        while ((r = walk_next(walk, &group)) > 0) {
                Step *step = g_new0(Step, 1);

                *step = (Step) { g_strdup(group.path), g_strdup(group.unit), group.limit,
                                 group.usage,          group.working_set,    group.available };
                g_ptr_array_add(steps, step);
        }
        g_assert_cmpint(r, ==, wanted);
        g_ptr_array_sort(steps, step_compare);
        return steps;
}

/* All paths of the walk, with '|' behind each. */
static char *list(const GPtrArray *steps) {
        GString *text = g_string_new(NULL);

        for (unsigned i = 0; i < steps->len; i++)
                g_string_append_printf(text, "%s|", ((const Step *) g_ptr_array_index(steps, i))->path);
        return g_string_free(text, FALSE);
}

static char *walk_list(Machine *machine, WalkKind kind) {
        _cleanup_(walk_freep) Walk *walk = NULL;
        g_autoptr(GPtrArray) steps = NULL;

        g_assert_cmpint(walk_new(machine, kind, &walk), ==, 0);
        steps = collect(walk, 0);
        return list(steps);
}

static void check_steps(const GPtrArray *steps, const Step *wanted, size_t n) {
        g_autofree char *paths = list(steps);

        if (!check_size(paths, steps->len, n))
                return;
        for (size_t i = 0; i < n; i++) {
                const Step *step = g_ptr_array_index(steps, i);

                check_text(paths, step->path, wanted[i].path);
                check_text(step->path, step->unit, wanted[i].unit);
                check_size(step->path, step->limit, wanted[i].limit);
                if (wanted[i].unit) {
                        check_size(step->path, step->usage, wanted[i].usage);
                        check_size(step->path, step->working_set, wanted[i].working_set);
                }
                check_size(step->path, step->available, wanted[i].available);
        }
}

/* The table in web.h. What is no unit is looked at for what it leaves to those below; usage is not said of
 * it. */
static void test_units(void) {
        static const Step wanted[] = {
                { (char *) "/free.slice", (char *) "free.slice", 4096 * M, 50 * M, 50 * M, 3072 * M },
                { (char *) "/free.slice/one.service",
                  (char *) "one.service",
                  4096 * M,
                  20 * M,
                  16 * M,
                  3072 * M },
                { (char *) "/plain", NULL, 4096 * M, U, U, 3072 * M },
                { (char *) "/sys.slice", (char *) "sys.slice", 512 * M, 300 * M, 200 * M, 312 * M },
                { (char *) "/sys.slice/web.service",
                  (char *) "web.service",
                  256 * M,
                  128 * M,
                  100 * M,
                  92 * M },
                { (char *) "/sys.slice/web.service/equal", NULL, 256 * M, 8 * M, 5 * M, 92 * M },
                { (char *) "/sys.slice/web.service/free", NULL, 256 * M, U, U, 92 * M },
                { (char *) "/sys.slice/web.service/worker", NULL, 64 * M, 40 * M, 30 * M, 34 * M },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_(walk_freep) Walk *walk = NULL;
        g_autoptr(GPtrArray) steps = NULL;

        /* Of a unit memory.stat is read, so it has to be one. */
        capture_write(capture, "sys/fs/cgroup/free.slice/memory.stat", "inactive_file 0\n");
        g_assert_cmpint(walk_new(machine, WALK_UNITS, &walk), ==, 0);
        steps = collect(walk, 0);
        check_steps(steps, wanted, G_N_ELEMENTS(wanted));
}

/* What else is said of a group, which stays open until the next step: its own hard limit, the smallest
 * throttling limit of it and all above, and memory.stat of units. */
static void test_units_more(void) {
        static const struct {
                const char *path;
                uint64_t max, high_limit, inactive; /* U: no unit */
        } wanted[] = {
                { "/free.slice", U, U, 0 },
                { "/free.slice/one.service", U, U, 4 * M },
                { "/plain", U, U, U },
                { "/sys.slice", 512 * M, U, 100 * M },
                { "/sys.slice/web.service", 256 * M, 192 * M, 28 * M },
                { "/sys.slice/web.service/equal", 256 * M, 192 * M, U },
                { "/sys.slice/web.service/free", U, 192 * M, U },
                { "/sys.slice/web.service/worker", 64 * M, 192 * M, U },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_(walk_freep) Walk *walk = NULL;
        WalkGroup group;
        size_t n = 0;

        capture_write(capture, "sys/fs/cgroup/free.slice/memory.stat", "inactive_file 0\n");
        g_assert_cmpint(walk_new(machine, WALK_UNITS, &walk), ==, 0);
        while (walk_next(walk, &group) > 0) {
                uint64_t usage = 0;

                check_text(group.path, group.group->path, group.path);
                check_number(group.path, control_group_read_usage(machine, group.group, &usage), 0);
                if (group.usage != U)
                        check_size(group.path, usage, group.usage);
                for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
                        if (strcmp(wanted[i].path, group.path) != 0)
                                continue;
                        check_size(group.path, group.max, wanted[i].max);
                        check_size(group.path, group.high_limit, wanted[i].high_limit);
                        check_size(group.path,
                                   group.statistics ? group.statistics->inactive_file : U,
                                   wanted[i].inactive);
                        n++;
                }
        }
        g_assert_cmpuint(n, ==, sizeof(wanted) / sizeof(*wanted));
}

/* A limit of the mounted group throttles all that is in it. */
static void test_units_high_above(void) {
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V2 "@group sys/fs/cgroup\nmemory.current:1\nmemory.max:max\nmemory.stat:anon 1\n"
                           "memory.high:1048576\ncgroup.type:domain\n"
                           "@group sys/fs/cgroup/a.slice\nmemory.current:1\nmemory.max:max\n"
                           "memory.stat:anon 1\nmemory.high:max\n");
        _cleanup_(walk_freep) Walk *walk = NULL;
        WalkGroup group;

        g_assert_cmpint(walk_new(capture_machine(capture), WALK_UNITS, &walk), ==, 0);
        g_assert_cmpint(walk_next(walk, &group), ==, 1);
        g_assert_cmpuint(group.high_limit, ==, M);
}

/* A walk of a mounted group: names are from the hierarchy's root, and that group's own limit binds all. */
static void test_units_box(void) {
        static const Step wanted[] = {
                { (char *) "/box/a.service", (char *) "a.service", 512 * M, 10 * M, 8 * M, 400 * M },
                { (char *) "/box/a.service/x", NULL, 512 * M, U, U, 400 * M },
                { (char *) "/box/b", NULL, 100 * M, 50 * M, 50 * M, 50 * M },
        };
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V1_BOX
                "@group sys/fs/cgroup/memory\nmemory.usage_in_bytes:117440512\n"
                "memory.limit_in_bytes:536870912\n"
                "memory.stat:hierarchical_memory_limit 536870912\n"
                "@group sys/fs/cgroup/memory/a.service\nmemory.usage_in_bytes:10485760\n"
                "memory.limit_in_bytes:9223372036854771712\nmemory.stat:total_inactive_file 2097152\n"
                "@group sys/fs/cgroup/memory/a.service/x\nmemory.usage_in_bytes:1\n"
                "memory.limit_in_bytes:9223372036854771712\nmemory.stat:junk\n"
                "@group sys/fs/cgroup/memory/b\nmemory.usage_in_bytes:52428800\n"
                "memory.limit_in_bytes:104857600\nmemory.stat:total_inactive_file 0\n");
        _cleanup_(walk_freep) Walk *walk = NULL;
        g_autoptr(GPtrArray) steps = NULL;

        g_assert_cmpint(walk_new(capture_machine(capture), WALK_UNITS, &walk), ==, 0);
        steps = collect(walk, 0);
        check_steps(steps, wanted, G_N_ELEMENTS(wanted));
}

#define GROUP(path) "@group sys/fs/cgroup/" path "\nmemory.current:1\nmemory.max:max\nmemory.stat:anon 1\n"

/* Only groups with memory files, and directories only. */
static void test_units_tree(void) {
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V2 GROUP("a.slice") GROUP("a.slice/b c") GROUP("a.slice/.hidden")
                        GROUP("x:y") "@dir sys/fs/cgroup/bare.slice\n"
                                     "@dir sys/fs/cgroup/bare.slice/bare.service\n"
                                     "@group-escaped sys/fs/cgroup/\\xff\nmemory.current:1\nmemory.max:max\n"
                                     "memory.stat:anon 1\n");
        Machine *machine = capture_machine(capture);
        g_autofree char *paths = NULL;
        unsigned n;

        g_assert_cmpint(symlinkat("a.slice", capture->fd, "sys/fs/cgroup/link.slice"), ==, 0);
        g_assert_cmpint(symlinkat(".", capture->fd, "sys/fs/cgroup/a.slice/loop.slice"), ==, 0);
        g_assert_cmpint(mkfifoat(capture->fd, "sys/fs/cgroup/a.slice/fifo.slice", 0600), ==, 0);
        g_free(walk_list(machine, WALK_UNITS)); /* opens the mount */
        n = check_count_descriptors();
        paths = walk_list(machine, WALK_UNITS);
        g_assert_cmpstr(paths, ==, "/a.slice|/a.slice/.hidden|/a.slice/b c|/x:y|/\xff|");
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* A group that cannot be read, for it goes away at this moment or for any other reason, is left out alone.
 */
static void test_units_damaged(void) {
        static const struct {
                const char *file;
                const char *content; /* NULL: there is no such file */
                bool is_seen;
        } cases[] = {
                { "memory.max", NULL, false },
                { "memory.max", "junk\n", false },
                { "memory.max", "18446744073709551616\n", false },
                { "memory.current", NULL, false },
                { "memory.current", "-1\n", false },
                { "memory.stat", NULL, false },
                { "memory.stat", "junk\n", false },
                { "memory.high", NULL, true }, /* not every kernel has it */
                { "memory.high", "junk\n", false },
                { "memory.peak", "junk\n", true }, /* nobody asks */
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *path = g_strdup_printf("sys/fs/cgroup/a.service/%s", cases[i].file);
                g_autofree char *about = g_strdup_printf("%s: %s", cases[i].file, cases[i].content);
                g_autoptr(Capture) capture = capture_new(CAPTURE_V2 GROUP("a.service") GROUP("b.service"));
                Machine *machine = capture_machine(capture);
                unsigned n = check_count_descriptors();
                g_autofree char *paths = NULL;

                capture_write(capture, path, cases[i].content);
                paths = walk_list(machine, WALK_UNITS);
                check_text(about, paths, cases[i].is_seen ? "/a.service|/b.service|" : "/b.service|");
                check_number(about, check_count_descriptors(), n + 1); /* the mount */
        }
}

/* Without descriptors to go on with, it is not the group that is at fault: the walk fails, and says so. */
static void test_no_descriptors(void) {
        static const WalkKind kinds[] = { WALK_UNITS, WALK_NAMES };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 GROUP("a.slice") GROUP("a.slice/b.service"));
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
                unsigned n = check_count_descriptors();
                struct rlimit before, limit;
                Walk *walk = NULL;
                WalkGroup group;

                g_assert_cmpint(walk_new(machine, kinds[i], &walk), ==, 0);
                g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
                limit = (struct rlimit) { 0, before.rlim_max };
                g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
                check_number("without descriptors", walk_next(walk, &group), -EMFILE);
                g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
                check_text("without descriptors", machine->blamed, "/a.slice");
                walk_free(walk);
                check_number("without descriptors", check_count_descriptors(), i == 0 ? n + 1 : n);
        }
}

/* Between two steps groups go away: those ahead, the one the walk stands in, and its parents. */
static void test_vanish(void) {
        for (unsigned taken = 1; taken <= 4; taken++) {
                g_autoptr(Capture) capture =
                        capture_new(CAPTURE_V2 GROUP("a.slice") GROUP("a.slice/a-b.slice") GROUP(
                                "a.slice/a-b.slice/c.service") GROUP("d.slice") GROUP("d.slice/e.service"));
                Machine *machine = capture_machine(capture);
                _cleanup_(walk_freep) Walk *walk = NULL;
                g_autoptr(GPtrArray) rest = NULL;
                WalkGroup group;

                g_assert_cmpint(walk_new(machine, WALK_UNITS, &walk), ==, 0);
                for (unsigned i = 0; i < taken; i++)
                        g_assert_cmpint(walk_next(walk, &group), ==, 1);
                capture_remove(capture, "sys/fs/cgroup/a.slice");
                capture_remove(capture, "sys/fs/cgroup/d.slice");
                rest = collect(walk, 0);
                g_assert_cmpuint(rest->len, ==, 0);
        }
}

/* A group that takes the place of one that went away is one like others. */
static void test_replaced(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 GROUP("a.slice") GROUP("a.slice/b.service"));
        Machine *machine = capture_machine(capture);
        _cleanup_(walk_freep) Walk *walk = NULL;
        g_autoptr(GPtrArray) rest = NULL;
        WalkGroup group;

        g_assert_cmpint(walk_new(machine, WALK_UNITS, &walk), ==, 0);
        g_assert_cmpint(walk_next(walk, &group), ==, 1);
        g_assert_cmpstr(group.path, ==, "/a.slice");
        capture_remove(capture, "sys/fs/cgroup/a.slice");
        capture_write(capture, "sys/fs/cgroup/a.slice/b.service/memory.current", "1\n");
        capture_write(capture, "sys/fs/cgroup/a.slice/b.service/memory.max", "max\n");
        rest = collect(walk, 0);
        g_assert_cmpuint(rest->len, ==, 0); /* what the walk stands in is not there any more */
}

/* Each level keeps a descriptor, so there is an end to it: the 128th level is seen, what lies below is not.
 */
static void test_deep(void) {
        static const WalkKind kinds[] = { WALK_UNITS, WALK_NAMES };

        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
                g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
                g_autoptr(GString) path = g_string_new(NULL);
                g_autoptr(GPtrArray) steps = NULL;
                Walk *walk = NULL;
                Machine *machine;
                unsigned n;

                for (unsigned depth = 1; depth <= 200; depth++) {
                        g_autofree char *directory = NULL, *current = NULL, *max = NULL, *stat = NULL;

                        g_string_append(path, "/a.slice");
                        directory = g_strdup_printf("sys/fs/cgroup%s", path->str);
                        current = g_strdup_printf("%s/memory.current", directory);
                        max = g_strdup_printf("%s/memory.max", directory);
                        stat = g_strdup_printf("%s/memory.stat", directory);
                        capture_write(capture, current, "1\n");
                        capture_write(capture, max, "max\n");
                        capture_write(capture, stat, "anon 1\n");
                }

                machine = capture_machine(capture);
                n = check_count_descriptors();
                g_assert_cmpint(walk_new(machine, kinds[i], &walk), ==, 0);
                steps = collect(walk, 0);
                g_assert_cmpuint(steps->len, ==, 128);
                walk_free(walk);
                g_assert_cmpuint(check_count_descriptors(), ==, n + 1); /* the mount */
        }
}

/* A walk may be left anywhere. */
static void test_left(void) {
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        unsigned n;

        capture_write(capture, "sys/fs/cgroup/free.slice/memory.stat", "");
        g_free(walk_list(machine, WALK_UNITS));
        n = check_count_descriptors();
        for (unsigned taken = 0; taken < 8; taken++) {
                Walk *walk = NULL;
                WalkGroup group;

                g_assert_cmpint(walk_new(machine, WALK_UNITS, &walk), ==, 0);
                for (unsigned i = 0; i < taken; i++)
                        g_assert_cmpint(walk_next(walk, &group), ==, 1);
                walk_free(walk);
                g_assert_cmpuint(check_count_descriptors(), ==, n);
        }
        g_assert_null(walk_free(NULL));
}

/* Units of the system manager: nothing but slices above them. Memory files do not matter here. */
static void test_names(void) {
        static const char directories[] =
                "@dir sys/fs/cgroup/init.scope\n"
                "@dir sys/fs/cgroup/sys.slice/web.service/below.service\n"
                "@dir sys/fs/cgroup/sys.slice/_cpu.service\n"
                "@dir sys/fs/cgroup/sys.slice/sys-inner.slice/a.scope\n"
                "@dir sys/fs/cgroup/sys.slice/t@.service\n"
                "@dir sys/fs/cgroup/sys.slice/no unit.service\n"
                "@dir sys/fs/cgroup/user.slice/user-1.slice/user@1.service/app.slice/mine.service\n"
                "@dir sys/fs/cgroup/docker/theirs.service\n"
                "@dir sys/fs/cgroup/docker/sys.slice/theirs.service\n"
                "@file sys/fs/cgroup/file.service\n";
        static const struct {
                const char *name;
                const char *path; /* NULL if there is none */
        } cases[] = {
                { "init.scope", "/init.scope" },
                { "web.service", "/sys.slice/web.service" },
                { "sys.slice", "/sys.slice" },
                { "a.scope", "/sys.slice/sys-inner.slice/a.scope" },
                { "cpu.service", "/sys.slice/_cpu.service" },
                { "user@1.service", "/user.slice/user-1.slice/user@1.service" },
                { "-.slice", "/" },
                { "below.service", NULL },
                { "app.slice", NULL },
                { "mine.service", NULL },
                { "theirs.service", NULL },
                { "file.service", NULL },
                { "link.service", NULL },
                { "t@.service", NULL },
                { "no unit.service", NULL },
                { "_cpu.service", NULL },
                { "web", NULL },
                { "web.service ", NULL },
                { "sys.slice/web.service", NULL },
                { "/sys.slice/web.service", NULL },
                { "../sys.slice", NULL },
                { "*.service", NULL },
                { "", NULL },
                { ".", NULL },
                { "absent.service", NULL },
        };
        g_autofree char *blocks = g_strconcat(CAPTURE_V2, directories, NULL);
        g_autoptr(Capture) capture = capture_new(blocks);
        Machine *machine = capture_machine(capture);
        g_autofree char *paths = NULL;
        unsigned n;

        g_assert_cmpint(
                symlinkat("sys.slice/web.service", capture->fd, "sys/fs/cgroup/link.service"), ==, 0);
        paths = walk_list(machine, WALK_NAMES);
        g_assert_cmpstr(paths,
                        ==,
                        "/init.scope|/sys.slice|/sys.slice/_cpu.service|/sys.slice/sys-inner.slice|"
                        "/sys.slice/sys-inner.slice/a.scope|/sys.slice/web.service|/user.slice|"
                        "/user.slice/user-1.slice|/user.slice/user-1.slice/user@1.service|");

        n = check_count_descriptors();
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *name = cases[i].name;
                char *path = NULL;

                check_number(name, walk_find_unit(machine, name, &path), cases[i].path ? 0 : -ENOENT);
                check_text(name, path, cases[i].path);
                if (!cases[i].path)
                        check_text(name, machine->blamed, name);
                free(path);
                check_number(name, check_count_descriptors(), n);
        }
}

/* Names are looked for in the hierarchy that systemd manages, figures in memory's. */
static void test_hierarchies(void) {
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V1 "@dir sys/fs/cgroup/systemd/a.slice/named.service\n"
                           "@group sys/fs/cgroup/memory/a.slice\nmemory.usage_in_bytes:1\n"
                           "memory.limit_in_bytes:9223372036854771712\nmemory.stat:rss 1\n"
                           "@group sys/fs/cgroup/memory/a.slice/counted.service\nmemory.usage_in_bytes:1\n"
                           "memory.limit_in_bytes:9223372036854771712\nmemory.stat:rss 1\n");
        Machine *machine = capture_machine(capture);
        g_autofree char *names = walk_list(machine, WALK_NAMES);
        g_autofree char *units = walk_list(machine, WALK_UNITS);
        char *path = NULL;

        g_assert_cmpstr(names, ==, "/a.slice|/a.slice/named.service|");
        g_assert_cmpstr(units, ==, "/a.slice|/a.slice/counted.service|");
        g_assert_cmpint(walk_find_unit(machine, "named.service", &path), ==, 0);
        g_assert_cmpstr(path, ==, "/a.slice/named.service");
        free(path);
        path = NULL;
        g_assert_cmpint(walk_find_unit(machine, "counted.service", &path), ==, -ENOENT);
        g_assert_null(path);
}

static void test_names_box(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2_BOX "@dir sys/fs/cgroup/a.slice/b.service\n");
        Machine *machine = capture_machine(capture);
        g_autofree char *names = walk_list(machine, WALK_NAMES);
        char *path = NULL;

        g_assert_cmpstr(names, ==, "/box/a.slice|/box/a.slice/b.service|");
        g_assert_cmpint(walk_find_unit(machine, "b.service", &path), ==, 0);
        g_assert_cmpstr(path, ==, "/box/a.slice/b.service");
        free(path);
}

static void test_no_hierarchy(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_MEMINFO "@file proc/self/mountinfo\n");
        Machine *machine = capture_machine(capture);
        Walk *walk = NULL;
        char *path = NULL;

        g_assert_cmpint(walk_new(machine, WALK_UNITS, &walk), ==, -ENODATA);
        g_assert_cmpint(walk_new(machine, WALK_NAMES, &walk), ==, -ENODATA);
        g_assert_cmpint(walk_find_unit(machine, "a.service", &path), ==, -ENODATA);
        g_assert_null(walk);
        g_assert_null(path);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/walk/units", test_units);
        g_test_add_func("/walk/units-more", test_units_more);
        g_test_add_func("/walk/units-high-above", test_units_high_above);
        g_test_add_func("/walk/units-box", test_units_box);
        g_test_add_func("/walk/units-tree", test_units_tree);
        g_test_add_func("/walk/units-damaged", test_units_damaged);
        g_test_add_func("/walk/no-descriptors", test_no_descriptors);
        g_test_add_func("/walk/vanish", test_vanish);
        g_test_add_func("/walk/replaced", test_replaced);
        g_test_add_func("/walk/deep", test_deep);
        g_test_add_func("/walk/left", test_left);
        g_test_add_func("/walk/names", test_names);
        g_test_add_func("/walk/names-box", test_names_box);
        g_test_add_func("/walk/hierarchies", test_hierarchies);
        g_test_add_func("/walk/no-hierarchy", test_no_hierarchy);
        return g_test_run();
}
