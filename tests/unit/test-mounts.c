/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>

#include "check.h"
#include "cleanup.h"
#include "mounts.h"

static const char *kind_name(MountKind kind) {
        switch (kind) {
        case MOUNT_MEMORY:
                return "memory";
        case MOUNT_UNIFIED:
                return "unified";
        case MOUNT_SYSTEMD:
                return "systemd";
        default:
                return "?";
        }
}

/* "KIND ROOT POINT;" of each, in the order they stand in. */
static char *list(const Mounts *mounts) {
        GString *text = g_string_new(NULL);

        for (size_t i = 0; i < mounts->n; i++)
                g_string_append_printf(text,
                                       "%s %s %s;",
                                       kind_name(mounts->items[i].kind),
                                       mounts->items[i].root,
                                       mounts->items[i].point);
        return g_string_free(text, FALSE);
}

static void test_parse(void) {
        static const struct {
                const char *text;
                int r;
                const char *mounts;
        } cases[] = {
                { "", 0, "" },
                { "29 22 0:25 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n",
                  0,
                  "unified / /sys/fs/cgroup;" },
                /* One, two, three and many optional fields. */
                { "29 22 0:25 / /c rw shared:9 - cgroup2 cgroup2 rw\n", 0, "unified / /c;" },
                { "29 22 0:25 / /c rw shared:9 master:2 - cgroup2 cgroup2 rw\n", 0, "unified / /c;" },
                { "29 22 0:25 / /c rw shared:9 master:2 propagate_from:1 - cgroup2 cgroup2 rw\n",
                  0,
                  "unified / /c;" },
                { "29 22 0:25 / /c rw a b c d e f g h i j k - cgroup2 cgroup2 rw\n", 0, "unified / /c;" },
                { "29 22 0:25 / /c rw -- -x x- - cgroup2 cgroup2 rw\n", 0, "unified / /c;" },
                /* What belongs to v1 is in the options of the file system, by whole words. */
                { "1 2 0:3 / /m rw - cgroup cgroup rw,memory\n", 0, "memory / /m;" },
                { "1 2 0:3 / /m rw - cgroup cgroup memory\n", 0, "memory / /m;" },
                { "1 2 0:3 / /m rw - cgroup cgroup rw,cpu,memory,pids\n", 0, "memory / /m;" },
                { "1 2 0:3 / /m rw - cgroup none rw,name=systemd,memory\n", 0, "memory / /m;" },
                { "1 2 0:3 / /s rw - cgroup cgroup rw,xattr,name=systemd\n", 0, "systemd / /s;" },
                { "1 2 0:3 / /s rw - cgroup cgroup rw,release_agent=/lib/systemd a,name=systemd\n",
                  0,
                  "systemd / /s;" },
                { "1 2 0:3 / /m rw,memory - cgroup cgroup rw\n", 0, "" },
                { "1 2 0:3 / /m rw - cgroup cgroup rw,memory2\n", 0, "" },
                { "1 2 0:3 / /m rw - cgroup cgroup rw,xmemory\n", 0, "" },
                { "1 2 0:3 / /m rw - cgroup memory rw\n", 0, "" },
                { "1 2 0:3 / /s rw - cgroup cgroup rw,name=systemd2\n", 0, "" },
                { "1 2 0:3 / /s rw - cgroup cgroup rw,name=elogind\n", 0, "" },
                { "1 2 0:3 / /m rw - cgroup3 cgroup rw,memory\n", 0, "" },
                { "1 2 0:3 / /m rw - cgrou cgroup rw,memory\n", 0, "" },
                { "1 2 0:3 / /m rw - tmpfs cgroup2 rw,memory\n", 0, "" },
                /* An empty source, and no source of any meaning. */
                { "1 2 0:3 / /c rw - cgroup2  rw\n", 0, "unified / /c;" },
                { "1 2 0:3 / /c rw - cgroup2 none rw\n", 0, "unified / /c;" },
                { "1 2 0:3 / /c rw - cgroup2 none \n", 0, "unified / /c;" },
                /* The mount's root, and mount points of any name. */
                { "1 2 0:3 /docker/0123 /c rw - cgroup2 cgroup2 rw\n", 0, "unified /docker/0123 /c;" },
                { "1 2 0:3 /../.. /c rw - cgroup2 cgroup2 rw\n", 0, "unified /../.. /c;" },
                { "1 2 0:3 / /a\\040b rw - cgroup2 cgroup2 rw\n", 0, "unified / /a b;" },
                { "1 2 0:3 /x\\011y /a\\012b\\134c rw - cgroup2 cgroup2 rw\n",
                  0,
                  "unified /x\ty /a\nb\\c;" },
                { "1 2 0:3 / /\\377\\200 rw - cgroup2 cgroup2 rw\n", 0, "unified / /\xff\x80;" },
                { "1 2 0:3 / /\\1340a rw - cgroup2 cgroup2 rw\n", 0, "unified / /\\0a;" },
                { "1 2 0:3 / /\\134134 rw - cgroup2 cgroup2 rw\n", 0, "unified / /\\134;" },
                { "1 2 0:3 / /\\000 rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /\\400 rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /\\777 rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /\\080 rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /\\008 rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /\\04 rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /\\0 rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /a\\ rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /a\\n rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 /a\\400 /c rw - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 /a\\4", -EBADMSG, "" },
                /* A later mount covers the earlier ones on the same directory, of whatever kind they are. */
                { "1 2 0:3 / /c rw - cgroup2 cgroup2 rw\n4 2 0:5 /x /c rw - cgroup2 cgroup2 rw\n",
                  0,
                  "unified /x /c;" },
                { "1 2 0:3 / /c rw - cgroup2 cgroup2 rw\n4 2 0:5 / /c rw - tmpfs tmpfs rw\n", 0, "" },
                { "1 2 0:3 / /c rw - tmpfs tmpfs rw\n4 2 0:5 / /c rw - cgroup2 cgroup2 rw\n",
                  0,
                  "unified / /c;" },
                { "1 2 0:3 / /c rw - cgroup2 cgroup2 rw\n4 2 0:5 / /cc rw - tmpfs tmpfs rw\n",
                  0,
                  "unified / /c;" },
                { "1 2 0:3 / /a\\040b rw - cgroup2 cgroup2 rw\n4 2 0:5 / /a\\040b rw - tmpfs tmpfs rw\n",
                  0,
                  "" },
                { "1 2 0:3 / /a rw - cgroup2 x rw\n2 2 0:3 / /b rw - cgroup2 x rw\n"
                  "3 2 0:3 / /c rw - cgroup2 x rw\n4 2 0:3 / /b rw - proc x rw\n",
                  0,
                  "unified / /a;unified / /c;" },
                /* Every line must have the shape, also one that nobody wants. */
                { "\n", -EBADMSG, "" },
                { "junk\n", -EBADMSG, "" },
                { "1 2 0:3 / /c rw - cgroup2 cgroup2 rw\n\n", -EBADMSG, "" },
                { "1 2 0:3 / /c rw - cgroup2 cgroup2 rw\njunk\n", -EBADMSG, "" },
                { "1 2 0:3 / /c rw - cgroup2 cgroup2 rw", -EBADMSG, "" },
                { "1 2 0:3 / /c rw - cgroup2 cgroup2\n", -EBADMSG, "" },
                { "1 2 0:3 / /c rw - cgroup2\n", -EBADMSG, "" },
                { "1 2 0:3 / /c rw -\n", -EBADMSG, "" },
                { "1 2 0:3 / /c rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /c rw shared:9 cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /c rw shared:9 -cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /c - cgroup2 cgroup2 rw\n", -EBADMSG, "" },
                { "1 2 0:3 / /x\\ rw - proc proc rw\n", -EBADMSG, "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *text = cases[i].text;
                _cleanup_(mounts_done) Mounts mounts = { 0 };
                g_autofree char *got = NULL;

                check_number(text, mounts_parse(text, &mounts), cases[i].r);
                got = list(&mounts);
                check_text(text, got, cases[i].mounts);
                for (size_t j = 0; j < mounts.n; j++)
                        check_number(text, mounts.items[j].fd, -1);
        }
}

static void test_find(void) {
        static const char standard[] = "1 2 0:3 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        static const char elsewhere[] = "2 2 0:3 / /mnt/c rw - cgroup2 cgroup2 rw\n";
        static const char namespaced[] = "3 2 0:3 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        static const char nearly[] = "3 2 0:3 / /sys/fs/cgroupx rw - cgroup2 cgroup2 rw\n";
        static const char v1_memory[] = "4 2 0:4 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        static const char v1_inner[] = "5 2 0:4 /a /sys/fs/cgroup/inner rw - cgroup cgroup rw,memory\n";
        static const struct {
                const char *lines[3];
                MountKind kind;
                const char *path;
                const char *point; /* NULL if none is to be found */
        } cases[] = {
                { { NULL }, MOUNT_UNIFIED, NULL, NULL },
                { { standard }, MOUNT_UNIFIED, NULL, "/sys/fs/cgroup" },
                { { standard }, MOUNT_UNIFIED, "/", "/sys/fs/cgroup" },
                { { standard }, MOUNT_UNIFIED, "/a/b", "/sys/fs/cgroup" },
                { { standard }, MOUNT_UNIFIED, "/../x", "/sys/fs/cgroup" },
                { { standard }, MOUNT_MEMORY, NULL, NULL },
                { { standard }, MOUNT_SYSTEMD, NULL, NULL },
                { { v1_memory, standard }, MOUNT_MEMORY, NULL, "/sys/fs/cgroup/memory" },
                { { v1_memory, standard }, MOUNT_UNIFIED, NULL, "/sys/fs/cgroup" },
                /* The usual place, whichever stands first, but not what only begins like it. */
                { { standard, elsewhere }, MOUNT_UNIFIED, "/a", "/sys/fs/cgroup" },
                { { elsewhere, standard }, MOUNT_UNIFIED, "/a", "/sys/fs/cgroup" },
                { { elsewhere }, MOUNT_UNIFIED, "/a", "/mnt/c" },
                { { elsewhere, nearly }, MOUNT_UNIFIED, "/a", "/mnt/c" },
                /* The usual place although it shows less; but not if it does not show the group. */
                { { elsewhere, namespaced }, MOUNT_UNIFIED, "/docker/abc/x", "/sys/fs/cgroup" },
                { { elsewhere, namespaced }, MOUNT_UNIFIED, "/docker/abc", "/sys/fs/cgroup" },
                { { elsewhere, namespaced }, MOUNT_UNIFIED, "/docker/abcd", "/mnt/c" },
                { { elsewhere, namespaced }, MOUNT_UNIFIED, "/docker", "/mnt/c" },
                { { namespaced }, MOUNT_UNIFIED, "/docker/abcd", NULL },
                { { namespaced }, MOUNT_UNIFIED, "/", NULL },
                { { namespaced }, MOUNT_UNIFIED, NULL, "/sys/fs/cgroup" },
                /* Of two in the usual place the one that shows more ancestors. */
                { { v1_inner, v1_memory }, MOUNT_MEMORY, "/a/b", "/sys/fs/cgroup/memory" },
                { { v1_memory, v1_inner }, MOUNT_MEMORY, "/a/b", "/sys/fs/cgroup/memory" },
                { { v1_inner, v1_memory }, MOUNT_MEMORY, NULL, "/sys/fs/cgroup/memory" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = g_strjoin("",
                                                  cases[i].lines[0] ? cases[i].lines[0] : "",
                                                  cases[i].lines[1] ? cases[i].lines[1] : "",
                                                  NULL);
                g_autofree char *about = g_strdup_printf("%s of %s", cases[i].path, text);
                _cleanup_(mounts_done) Mounts mounts = { 0 };
                const Mount *mount;

                if (!check_number(text, mounts_parse(text, &mounts), 0))
                        continue;
                mount = mounts_find(&mounts, cases[i].kind, cases[i].path);
                check_text(about, mount ? mount->point : NULL, cases[i].point);
                if (mount)
                        check_number(about, mount->kind, cases[i].kind);
        }
}

/* One that is hidden is not found; what points to the others stays good. */
static void test_hidden(void) {
        static const char text[] = "1 2 0:3 / /a rw - cgroup2 x rw\n2 2 0:3 / /b rw - cgroup2 x rw\n";
        _cleanup_(mounts_done) Mounts mounts = { 0 };
        Mount *first, *second;

        g_assert_cmpint(mounts_parse(text, &mounts), ==, 0);
        first = mounts_find(&mounts, MOUNT_UNIFIED, NULL);
        g_assert_nonnull(first);
        first->is_hidden = true;

        second = mounts_find(&mounts, MOUNT_UNIFIED, NULL);
        g_assert_nonnull(second);
        g_assert_true(second != first);
        second->is_hidden = true;
        g_assert_null(mounts_find(&mounts, MOUNT_UNIFIED, NULL));
}

static void test_done(void) {
        Mounts mounts = { 0 };
        unsigned n = check_count_descriptors();

        mounts_done(&mounts);
        g_assert_cmpint(mounts_parse("1 2 0:3 / /c rw - cgroup2 cgroup2 rw\n", &mounts), ==, 0);
        mounts.items[0].fd = open("/", O_PATH | O_CLOEXEC);
        mounts_done(&mounts);
        g_assert_null(mounts.items);
        g_assert_cmpuint(mounts.n, ==, 0);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
        mounts_done(&mounts);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/mounts/parse", test_parse);
        g_test_add_func("/mounts/find", test_find);
        g_test_add_func("/mounts/hidden", test_hidden);
        g_test_add_func("/mounts/done", test_done);
        return g_test_run();
}
