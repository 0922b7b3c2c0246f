/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "membership.h"

typedef struct Case {
        const char *text;
        int r;
        const char *memory, *unified, *systemd;
} Case;

static void check_case(const Case *c) {
        static const Membership untouched = { NULL, NULL, NULL };
        _cleanup_(membership_done) Membership membership = untouched;

        check_number(c->text, membership_parse(c->text, &membership), c->r);
        check_text(c->text, membership.memory, c->memory);
        check_text(c->text, membership.unified, c->unified);
        check_text(c->text, membership.systemd, c->systemd);
}

static void test_parse(void) {
        static const Case cases[] = {
                { "", 0, NULL, NULL, NULL },
                { "0::/\n", 0, NULL, "/", NULL },
                { "0::/system.slice/web.service\n", 0, NULL, "/system.slice/web.service", NULL },
                { "0::/../x\n", 0, NULL, "/../x", NULL },
                { "0::/a b:c\\x2d:d\n", 0, NULL, "/a b:c\\x2d:d", NULL },
                { "0::/:\n", 0, NULL, "/:", NULL },
                { "0::/:memory:/x\n", 0, NULL, "/:memory:/x", NULL },
                { "0::/\xff\x01\n", 0, NULL, "/\xff\x01", NULL },
                { "0::/a.service (deleted)\n", 0, NULL, "/a.service (deleted)", NULL },
                { "4:memory:/a\n", 0, "/a", NULL, NULL },
                { "4:memory:/a:b\n", 0, "/a:b", NULL, NULL },
                { "4:cpu,memory,pids:/a\n", 0, "/a", NULL, NULL },
                { "4:memory,cpu:/a\n", 0, "/a", NULL, NULL },
                { "4:cpu,memory:/a\n", 0, "/a", NULL, NULL },
                { "1:name=systemd:/b\n", 0, NULL, NULL, "/b" },
                { "1:memory,name=systemd:/b\n", 0, "/b", NULL, "/b" },
                { "9:name=systemd:/s\n4:memory:/m\n0::/u\n", 0, "/m", "/u", "/s" },
                { "0::/u\n4:memory:/m\n9:name=systemd:/s\n", 0, "/m", "/u", "/s" },
                /* Others, and names that only begin or end alike. */
                { "3:cpuset:/a\n2:cpu,cpuacct:/b\n", 0, NULL, NULL, NULL },
                { "3:memory2:/a\n2:xmemory:/b\n1:memor:/c\n", 0, NULL, NULL, NULL },
                { "3:name=systemd2:/a\n2:name=system:/b\n1:systemd:/c\n", 0, NULL, NULL, NULL },
                { "3:name=memory:/a\n", 0, NULL, NULL, NULL },
                { "3:,:/a\n", 0, NULL, NULL, NULL },
                { "3:,,memory,,:/a\n", 0, "/a", NULL, NULL },
                /* The number 0 alone does not make it the unified one, nor does an empty list alone. */
                { "0:memory:/a\n", 0, "/a", NULL, NULL },
                { "5::/a\n", 0, NULL, NULL, NULL },
                { "18446744073709551615:memory:/a\n", 0, "/a", NULL, NULL },
                { "/a\n", -EBADMSG, NULL, NULL, NULL },
                { "\n", -EBADMSG, NULL, NULL, NULL },
                { ":\n", -EBADMSG, NULL, NULL, NULL },
                { "::/a\n", -EBADMSG, NULL, NULL, NULL },
                { "0:/a\n", -EBADMSG, NULL, NULL, NULL },
                { "0::\n", -EBADMSG, NULL, NULL, NULL },
                { "0::a\n", -EBADMSG, NULL, NULL, NULL },
                { "0:: /a\n", -EBADMSG, NULL, NULL, NULL },
                { "0\n", -EBADMSG, NULL, NULL, NULL },
                { "0:\n", -EBADMSG, NULL, NULL, NULL },
                { "x::/a\n", -EBADMSG, NULL, NULL, NULL },
                { "-1::/a\n", -EBADMSG, NULL, NULL, NULL },
                { "+0::/a\n", -EBADMSG, NULL, NULL, NULL },
                { " 0::/a\n", -EBADMSG, NULL, NULL, NULL },
                { "0 ::/a\n", -EBADMSG, NULL, NULL, NULL },
                { "18446744073709551616:memory:/a\n", -EBADMSG, NULL, NULL, NULL },
                { "4:memory\n", -EBADMSG, NULL, NULL, NULL },
                { "4:memory:\n", -EBADMSG, NULL, NULL, NULL },
                /* The colon of a line to come is not this one's. */
                { "4:memory\n0::/a\n", -EBADMSG, NULL, NULL, NULL },
                { "4\n:memory:/a\n", -EBADMSG, NULL, NULL, NULL },
                { "0::/a", -EBADMSG, NULL, NULL, NULL },
                { "0::/a\n4:memory:/b", -EBADMSG, NULL, NULL, NULL },
                { "0::/a\n\n4:memory:/b\n", -EBADMSG, NULL, NULL, NULL },
                { "0::/a\njunk\n", -EBADMSG, NULL, NULL, NULL },
                /* Twice, whether or not they agree. */
                { "0::/a\n0::/b\n", -EBADMSG, NULL, NULL, NULL },
                { "0::/a\n0::/a\n", -EBADMSG, NULL, NULL, NULL },
                { "4:memory:/a\n5:memory:/b\n", -EBADMSG, NULL, NULL, NULL },
                { "4:memory:/a\n5:cpu,memory:/a\n", -EBADMSG, NULL, NULL, NULL },
                { "1:name=systemd:/a\n2:name=systemd:/b\n", -EBADMSG, NULL, NULL, NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_case(&cases[i]);
}

/* The kernel bounds a path by PATH_MAX, but the text holds one for each hierarchy. */
static void test_large(void) {
        g_autofree char *component = g_strnfill(30000, 'x');
        g_autofree char *path = g_strdup_printf("/%s", component);
        g_autofree char *text = g_strdup_printf("4:memory:/%s\n1:name=systemd:/%s\n", component, component);

        check_case(&(Case) { text, 0, path, NULL, path });
}

static void test_paths(void) {
        static const struct {
                const char *text, *memory, *systemd;
        } cases[] = {
                { "", NULL, NULL },
                { "0::/u\n", "/u", "/u" },
                { "4:memory:/m\n", "/m", NULL },
                { "4:memory:/m\n0::/u\n", "/m", "/u" },
                { "0::/u\n1:name=systemd:/s\n", "/u", "/s" },
                { "1:name=systemd:/s\n", NULL, "/s" },
                { "0::/u\n4:memory:/m\n1:name=systemd:/s\n", "/m", "/s" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                _cleanup_(membership_done) Membership membership = { 0 };

                check_number(cases[i].text, membership_parse(cases[i].text, &membership), 0);
                check_text(cases[i].text, membership_memory_path(&membership), cases[i].memory);
                check_text(cases[i].text, membership_systemd_path(&membership), cases[i].systemd);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/membership/parse", test_parse);
        g_test_add_func("/membership/large", test_large);
        g_test_add_func("/membership/paths", test_paths);
        return g_test_run();
}
