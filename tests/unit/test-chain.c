/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "capture.h"
#include "chain.h"
#include "check.h"
#include "cleanup.h"

typedef struct Case {
        const char *path;
        unsigned flags;
        int r;
        const char *groups; /* innermost first, with '|' behind each; '*' marks the machine */
} Case;

static char *list(const Chain *chain) {
        GString *text = g_string_new(NULL);

        for (size_t i = 0; i < chain->n; i++)
                g_string_append_printf(
                        text, "%s%s|", chain->groups[i].path, chain->groups[i].is_machine ? "*" : "");
        return g_string_free(text, FALSE);
}

static void check_chain(Capture *capture, MountKind kind, const Case *c) {
        Machine *machine = capture_machine(capture);
        _cleanup_(chain_done) Chain chain = { 0 };
        g_autofree char *groups = NULL;
        Mount *mount = NULL;
        unsigned n;

        g_assert_cmpint(machine_find_mount(machine, kind, NULL, &mount), ==, 0);
        n = check_count_descriptors();
        check_number(c->path, chain_open(machine, mount, c->path, c->flags, &chain), c->r);
        groups = list(&chain);
        check_text(c->path, groups, c->groups ? c->groups : "");

        if (c->r < 0)
                check_text(c->path, machine->blamed, c->path);
        else if (check_true(c->path, chain.n > 0))
                check_true(c->path, chain_top(&chain) == &chain.groups[chain.n - 1]);
        for (size_t i = 0; i < chain.n; i++) {
                check_number(c->path, chain.groups[i].version, kind == MOUNT_UNIFIED ? 2 : 1);
                check_true(c->path, chain.groups[i].fd >= 0);
        }
        check_number(c->path, check_count_descriptors(), n + chain.n);
        chain_done(&chain);
        check_number(c->path, check_count_descriptors(), n);
}

static void test_v2(void) {
        g_autofree char *too_long = g_strnfill(300, 'x');
        g_autofree char *too_long_path = g_strdup_printf("/%s", too_long);
        const Case cases[] = {
                { "/", 0, 0, "/*|" },
                { "/a", 0, 0, "/a|/*|" },
                { "/a/b", 0, 0, "/a/b|/a|/*|" },
                { "/a/b", CHAIN_NEAREST, 0, "/a/b|/a|/*|" },
                /* A leaf without memory files: its parent, and that one's too if it has none. */
                { "/a/b/leaf", 0, 0, "/a/b|/a|/*|" },
                { "/a/b/leaf/twig", 0, 0, "/a/b|/a|/*|" },
                /* But never the machine. */
                { "/bare", 0, -ENODATA, NULL },
                { "/bare", CHAIN_NEAREST, -ENODATA, NULL },
                { "/bare/below", 0, -ENODATA, NULL },
                { "/bare/absent", CHAIN_NEAREST, -ENODATA, NULL },
                { "/absent", 0, -ENODEV, NULL },
                { "/absent", CHAIN_NAMED, -ENOENT, NULL },
                { "/absent", CHAIN_NAMED | CHAIN_NEAREST, -ENODATA, NULL },
                { "/a/absent", CHAIN_NAMED, -ENOENT, NULL },
                { "/a/absent", CHAIN_NAMED | CHAIN_NEAREST, 0, "/a|/*|" },
                { "/a/memory.max", CHAIN_NAMED, -ENOENT, NULL },
                { "/bare", CHAIN_NAMED, -ENODATA, NULL },
                { "/../x", CHAIN_NAMED, -ENODATA, NULL },
                { "/a", CHAIN_NAMED, 0, "/a|/*|" },
                { "/absent", CHAIN_NEAREST, -ENODATA, NULL },
                { "/a/absent", 0, -ENODEV, NULL },
                { "/a/absent", CHAIN_NEAREST, 0, "/a|/*|" },
                { "/a/absent/x/y", 0, -ENODEV, NULL },
                { "/a/absent/x/y", CHAIN_NEAREST, 0, "/a|/*|" },
                { "/a/b/leaf/absent", CHAIN_NEAREST, 0, "/a/b|/a|/*|" },
                { "/a (deleted)", 0, -ENODEV, NULL },
                { "/c (deleted)", 0, 0, "/c (deleted)|/*|" },
                { "/a b:c\\x2d", 0, 0, "/a b:c\\x2d|/*|" },
                /* Files and links are no groups. */
                { "/a/memory.max", 0, -ENODEV, NULL },
                { "/a/memory.max/x", 0, -ENODEV, NULL },
                { "/link", 0, -ENODEV, NULL },
                { "/link/b", 0, -ENODEV, NULL },
                { "/a/link", CHAIN_NEAREST, 0, "/a|/*|" },
                { too_long_path, 0, -ENODEV, NULL },
                /* Outside of our cgroup namespace. */
                { "/..", 0, -ENODATA, NULL },
                { "/../x", 0, -ENODATA, NULL },
                { "/../../x", CHAIN_NEAREST, -ENODATA, NULL },
                { "/a/..", 0, -ENODATA, NULL },
                { "/a/../a", CHAIN_NEAREST, -ENODATA, NULL },
                { "/a/./b", 0, -ENODATA, NULL },
        };
        g_autoptr(Capture) capture =
                capture_new(CAPTURE_V2 "@file sys/fs/cgroup/memory.stat\nanon 1\n"
                                       "@group sys/fs/cgroup/a\nmemory.current:1\nmemory.max:max\n"
                                       "@group sys/fs/cgroup/a/b\nmemory.current:1\nmemory.max:max\n"
                                       "@group sys/fs/cgroup/a/b/leaf\ncgroup.procs:1\n"
                                       "@group sys/fs/cgroup/a/b/leaf/twig\ncgroup.procs:1\n"
                                       "@group sys/fs/cgroup/a b:c\\x2d\nmemory.current:1\n"
                                       "@group sys/fs/cgroup/c (deleted)\nmemory.current:1\n"
                                       "@group sys/fs/cgroup/bare\ncgroup.procs:1\n"
                                       "@group sys/fs/cgroup/bare/below\ncgroup.procs:1\n");

        g_assert_cmpint(symlinkat("a", capture->fd, "sys/fs/cgroup/link"), ==, 0);
        g_assert_cmpint(symlinkat("b", capture->fd, "sys/fs/cgroup/a/link"), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_chain(capture, MOUNT_UNIFIED, &cases[i]);
}

/* The mount shows /box and what lies below, and nothing else can be seen. */
static void test_box(void) {
        static const Case cases[] = {
                { "/box", 0, 0, "/box|" },
                { "/box/a", 0, 0, "/box/a|/box|" },
                { "/box/a/leaf", 0, 0, "/box/a|/box|" },
                /* Here the top has memory files of its own, and stands in like any other group. */
                { "/box/leaf", 0, 0, "/box|" },
                { "/box/absent", CHAIN_NEAREST, 0, "/box|" },
                { "/box/absent", 0, -ENODEV, NULL },
                { "/box2", 0, -ENODATA, NULL },
                { "/boxes/a", 0, -ENODATA, NULL },
                { "/bo", 0, -ENODATA, NULL },
                { "/", 0, -ENODATA, NULL },
                { "/a", 0, -ENODATA, NULL },
                { "/a", CHAIN_NEAREST, -ENODATA, NULL },
                { "/box/../a", 0, -ENODATA, NULL },
        };
        g_autoptr(Capture) v2 = capture_new(CAPTURE_V2_BOX "@group sys/fs/cgroup\nmemory.current:1\n"
                                                           "@group sys/fs/cgroup/a\nmemory.current:1\n"
                                                           "@dir sys/fs/cgroup/a/leaf\n"
                                                           "@dir sys/fs/cgroup/leaf\n");
        g_autoptr(Capture) v1 =
                capture_new(CAPTURE_V1_BOX "@group sys/fs/cgroup/memory\nmemory.usage_in_bytes:1\n"
                                           "@group sys/fs/cgroup/memory/a\nmemory.usage_in_bytes:1\n"
                                           "@dir sys/fs/cgroup/memory/a/leaf\n"
                                           "@dir sys/fs/cgroup/memory/leaf\n");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                check_chain(v2, MOUNT_UNIFIED, &cases[i]);
                check_chain(v1, MOUNT_MEMORY, &cases[i]);
        }
}

/* What tells the machine from a group that a cgroup namespace shows as "/". */
static void test_top(void) {
        static const struct {
                const char *blocks;
                MountKind kind;
                Case c;
        } cases[] = {
                { CAPTURE_V2 "@group sys/fs/cgroup/a\nmemory.current:1\n",
                  MOUNT_UNIFIED,
                  { "/a", 0, 0, "/a|/*|" } },
                { CAPTURE_V2 "@file sys/fs/cgroup/memory.current\n1\n", MOUNT_UNIFIED, { "/", 0, 0, "/|" } },
                { CAPTURE_V2 "@file sys/fs/cgroup/cgroup.events\npopulated 1\n"
                             "@group sys/fs/cgroup/a\nmemory.current:1\n",
                  MOUNT_UNIFIED,
                  { "/a", 0, 0, "/a|/|" } },
                { CAPTURE_V2 "@file sys/fs/cgroup/cgroup.type\ndomain\n"
                             "@group sys/fs/cgroup/a\nmemory.current:1\n",
                  MOUNT_UNIFIED,
                  { "/a", 0, 0, "/a|/|" } },
                { CAPTURE_V2 "@file sys/fs/cgroup/cgroup.type\ndomain\n",
                  MOUNT_UNIFIED,
                  { "/", 0, -ENODATA, NULL } },
                { CAPTURE_V1_MOUNTS "@group sys/fs/cgroup/memory\ncgroup.sane_behavior:0\ncgroup.procs:1\n",
                  MOUNT_MEMORY,
                  { "/", 0, 0, "/*|" } },
                { CAPTURE_V1_MOUNTS "@file sys/fs/cgroup/memory/release_agent\n\n"
                                    "@file sys/fs/cgroup/memory/cgroup.procs\n",
                  MOUNT_MEMORY,
                  { "/", 0, 0, "/*|" } },
                { CAPTURE_V1_MOUNTS "@group sys/fs/cgroup/memory\ncgroup.procs:1\nmemory.usage_in_bytes:1\n"
                                    "memory.limit_in_bytes:9223372036854771712\n",
                  MOUNT_MEMORY,
                  { "/", 0, 0, "/|" } },
                /* Captured without any of these: nobody can limit the machine. */
                { CAPTURE_V1_MOUNTS "@group sys/fs/cgroup/memory\nmemory.usage_in_bytes:1\n"
                                    "memory.limit_in_bytes:9223372036854771712\n",
                  MOUNT_MEMORY,
                  { "/", 0, 0, "/*|" } },
                { CAPTURE_V1_MOUNTS "@group sys/fs/cgroup/memory\nmemory.usage_in_bytes:1\n"
                                    "memory.limit_in_bytes:1048576\n",
                  MOUNT_MEMORY,
                  { "/", 0, 0, "/|" } },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Capture) capture = capture_new(cases[i].blocks);

                check_chain(capture, cases[i].kind, &cases[i].c);
        }
}

static void test_top_malformed(void) {
        g_autoptr(Capture) capture =
                capture_new(CAPTURE_V1_MOUNTS "@group sys/fs/cgroup/memory\nmemory.limit_in_bytes:junk\n");
        Machine *machine = capture_machine(capture);
        Mount *mount = NULL;
        Chain chain = { 0 };
        unsigned n;

        g_assert_cmpint(machine_find_memory_mount(machine, NULL, &mount), ==, 0);
        n = check_count_descriptors();
        g_assert_cmpint(chain_open(machine, mount, "/", 0, &chain), ==, -EBADMSG);
        check_text("the file", machine->blamed, "memory.limit_in_bytes of /");
        g_assert_null(chain.groups);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* Each level costs a descriptor, so there is an end to it: the top and 127 groups below it. */
static void test_deep(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        Machine *machine = capture_machine(capture);
        g_autoptr(GString) path = g_string_new(NULL);
        _cleanup_(chain_done) Chain chain = { 0 };
        Chain deeper = { 0 };
        Mount *mount = NULL;
        unsigned n;

        for (unsigned i = 1; i <= CHAIN_DEPTH_MAX; i++)
                g_string_append(path, "/g");
        g_autofree char *directory = g_strdup_printf("sys/fs/cgroup%s/g/empty", path->str);
        g_autofree char *current = g_strdup_printf("sys/fs/cgroup%s/memory.current", path->str);
        capture_write(capture, directory, "");
        capture_write(capture, current, "1\n");

        g_assert_cmpint(machine_find_memory_mount(machine, NULL, &mount), ==, 0);
        g_assert_cmpint(chain_open(machine, mount, path->str, 0, &chain), ==, 0);
        g_assert_cmpuint(chain.n, ==, 1 + CHAIN_DEPTH_MAX);
        g_assert_cmpstr(chain.groups[0].path, ==, path->str);
        g_assert_cmpstr(chain.groups[CHAIN_DEPTH_MAX - 1].path, ==, "/g");
        g_assert_true(chain_top(&chain)->is_machine);

        n = check_count_descriptors();
        g_string_append(path, "/g");
        g_assert_cmpint(chain_open(machine, mount, path->str, 0, &deeper), ==, -E2BIG);
        g_assert_cmpint(chain_open(machine, mount, path->str, CHAIN_NEAREST, &deeper), ==, -E2BIG);
        g_assert_cmpstr(machine->blamed, ==, path->str);
        g_assert_null(deeper.groups);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

static void test_done(void) {
        Chain chain = { 0 };

        chain_done(&chain);
        g_assert_null(chain.groups);
        g_assert_cmpuint(chain.n, ==, 0);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/chain/v2", test_v2);
        g_test_add_func("/chain/box", test_box);
        g_test_add_func("/chain/top", test_top);
        g_test_add_func("/chain/top-malformed", test_top_malformed);
        g_test_add_func("/chain/deep", test_deep);
        g_test_add_func("/chain/done", test_done);
        return g_test_run();
}
