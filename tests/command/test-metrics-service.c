/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "figure.h"
#include "group.h"
#include "run.h"
#include "slice.h"
#include "stage.h"

/* The verb `metrics` where it cannot see the control groups: the service tells it of all units, many at a
 * time. */

#define UNITS 150 /* more than are asked for at once */

#define HIDDEN(command)                                      \
        "exec unshare --mount --propagation private sh -c '" \
        "mount -t tmpfs none /sys/fs/cgroup && exec \"$0\" " command "' \"$M\""

/* Units that nobody is in, and whose figures so stand still. Their own limits are what binds: what the
 * machine has moves, and even what their slice is charged with for having them. */
static Slice *make_units(void) {
        Slice *slice = slice_new();

        if (!slice)
                return NULL;

        for (unsigned i = 0; i < UNITS; i++) {
                g_autofree char *below = g_strdup_printf("%%-%u.service", i);
                g_autofree char *group = slice_group(slice, below);

                group_write(group, "memory.limit_in_bytes", (i % 8 + 1) * MIB);
        }
        return slice;
}

/* The lines that have the word in them. */
static char *lines_with(const char *text, const char *word) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        GString *kept = g_string_new(NULL);

        for (char **line = lines; *line; line++)
                if (strstr(*line, word))
                        g_string_append_printf(kept, "%s\n", *line);
        return g_string_free(kept, FALSE);
}

/* Of two long texts only the first lines that differ are of interest. */
static void check_same(const char *got, const char *wanted) {
        g_auto(GStrv) first = g_strsplit(got, "\n", -1), second = g_strsplit(wanted, "\n", -1);
        guint i = 0;

        while (first[i] && g_strcmp0(first[i], second[i]) == 0)
                i++;
        g_assert_cmpstr(first[i], ==, second[i]);
}

static guint count_lines(const char *text) {
        guint n = 0;

        for (; *text != '\0'; text++)
                n += *text == '\n';
        return n;
}

static gboolean can_hide(void) {
        g_autoptr(Run) possible = run_bash(NULL, "unshare --mount true");

        if (possible->exit_code == 0)
                return TRUE;
        g_test_skip("no mount namespace can be made");
        return FALSE;
}

static void test_same(Stage *stage, const void *data) {
        g_autofree char *bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage->bus->address, NULL);
        g_autofree char *from_service = NULL, *from_here = NULL, *word = NULL;
        Slice *slice;

        (void) data;
        slice = can_hide() ? make_units() : NULL;
        if (!slice)
                return;

        g_autoptr(Run) asked = run_bash(WORDS(bus), HIDDEN("metrics"));
        g_autoptr(Run) read = run_mymem(NULL, WORDS("metrics", "--direct"));

        run_check_well(asked);
        run_check_well(read);
        word = g_strdup_printf("{unit=\"%s-", slice->name);
        from_service = lines_with(asked->out, word);
        from_here = lines_with(read->out, word);
        check_same(from_service, from_here);
        /* Usage, working set, limit, own limit, available, at least. */
        g_assert_cmpuint(count_lines(from_service), >=, 5 * UNITS);
        slice_free(slice);
}

/* Nobody answers either: what is said is why it cannot be seen from here. */
static void test_nobody(Stage *stage, const void *data) {
        g_autofree char *bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage->bus->address, NULL);

        (void) data;
        if (!can_hide())
                return;

        g_autoptr(Run) asked = run_bash(NULL, HIDDEN("metrics"));
        g_autoptr(Run) direct = run_bash(WORDS(bus), HIDDEN("metrics --direct"));

        run_check_complaint(direct, 5, "No memory controller");
        run_check_complaint(asked, 5, "No memory controller");
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/metrics-service/same", test_same);
        stage_add("/metrics-service/nobody", test_nobody);
        return stage_run();
}
