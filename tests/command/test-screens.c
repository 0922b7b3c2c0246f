/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "captured.h"
#include "run.h"

/* Screens as they are stored in screens/, for each width and each kind of locale. Their figures were worked
 * out from the table in v2-machine.tree. */

typedef struct Screen {
        const char *name;
        const char *words[5];
} Screen;

static const Screen screens[] = {
        { "status-web", { "status", "web" } },
        { "status-process", { "status", "4242" } },
        { "status-payload", { "status", "4243" } },
        { "status-several", { "status", "plain", "idle", "docker*" } },
        { "status-bytes", { "status", "-b", "web" } },
        { "explain-web", { "explain", "web" } },
        { "explain-process", { "explain", "4242" } },
        { "explain-payload", { "explain", "4243" } },
        { "explain-several", { "explain", "plain", "idle", "docker*" } },
        { "explain-bytes", { "explain", "-b", "web" } },
        { "list", { "list", "[!u]*" } }, /* the user may be anybody */
        { "list-bytes", { "list", "-b", "-t", "scope" } },
};

static const struct {
        const char *columns, *locale;
        unsigned width;
        gboolean is_utf8;
} places[] = {
        { "COLUMNS=80", "LC_ALL=C.UTF-8", 80, TRUE },
        { "COLUMNS=200", "LC_ALL=C.UTF-8", 200, TRUE },
        { "COLUMNS=80", "LC_ALL=C", 80, FALSE },
        { "COLUMNS=200", "LC_ALL=C", 200, FALSE },
};

static Captured *machine = NULL;

/* 'variable' is one more, or NULL. */
static Run *show(const Screen *screen, const char *columns, const char *locale, const char *variable) {
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        g_auto(GStrv) all = NULL;

        g_strv_builder_add(builder, machine->option);
        g_strv_builder_addv(builder, (const char **) screen->words);
        all = g_strv_builder_end(builder);
        return run_mymem(WORDS(columns, locale, variable), (const char *const *) all);
}

/* No line is longer than the screen, but a command that one may copy; nor does one end with blanks. */
static void check_lines(const char *text, unsigned width, gboolean is_utf8) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (char **line = lines; *line; line++) {
                g_test_message("%s", *line);
                g_assert_true(is_utf8 ? g_utf8_validate(*line, -1, NULL) : g_str_is_ascii(*line));
                if (!g_str_has_prefix(*line, "To change that: "))
                        g_assert_cmpuint(g_utf8_strlen(*line, -1), <=, width);
                g_assert_false(g_str_has_suffix(*line, " "));
        }
}

static void test_stored(const void *data) {
        const Screen *screen = data;

        for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
                g_autofree char *name = NULL, *path = NULL, *wanted = NULL;
                g_autoptr(Run) run = show(screen, places[i].columns, places[i].locale, NULL);
                g_autoptr(GError) error = NULL;

                name = g_strdup_printf(
                        "%s-%u-%s.txt", screen->name, places[i].width, places[i].is_utf8 ? "utf8" : "c");
                path = g_build_filename(g_getenv("MYMEM_SCREENS"), name, NULL);
                g_file_get_contents(path, &wanted, NULL, &error);
                g_assert_no_error(error);
                run_check_well(run);
                run_check_out(run, wanted);
                check_lines(run->out, places[i].width, places[i].is_utf8);
        }
}

/* From the narrowest screen that --help would fit on to a wide one. */
static void test_widths(void) {
        for (unsigned width = 80; width <= 250; width += 5)
                for (size_t i = 0; i < G_N_ELEMENTS(screens); i++) {
                        g_autofree char *columns = g_strdup_printf("COLUMNS=%u", width);
                        g_autoptr(Run) run =
                                show(&screens[i], columns, width % 2 ? "LC_ALL=C" : "LC_ALL=C.UTF-8", NULL);

                        run_check_well(run);
                        check_lines(run->out, width, width % 2 == 0);
                }
}

/* The words that begin with a digit, joined by blanks. */
static char *figures_of(const char *text) {
        g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
        GString *figures = g_string_new(NULL);

        for (char **word = words; *word; word++)
                if (g_ascii_isdigit(**word))
                        g_string_append_printf(figures, "%s ", *word);
        return g_string_free(figures, FALSE);
}

/* However narrow the screen is, names are cut and figures are not: here there are 4 TiB, in bytes. */
static void test_narrow(void) {
        static const char *const targets[] = { "web", "4242", "4243", "plain", "idle", "docker*" };
        g_autoptr(Captured) large = captured_unpack("v2-machine");

        captured_write(large,
                       "proc/meminfo",
                       "MemTotal: 4294967296 kB\nMemFree: 4294967295 kB\nMemAvailable: 4294967295 kB\n"
                       "SwapTotal: 4294967296 kB\nSwapFree: 4294967296 kB\n");
        for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
                g_autoptr(Run) wide =
                        run_mymem(WORDS("COLUMNS=1000"), WORDS("status", "-b", large->option, targets[i]));
                g_autofree char *wanted = figures_of(wide->out);

                for (unsigned width = 20; width < 80; width += 3) {
                        gboolean is_utf8 = width % 2 == 0;
                        g_autofree char *columns = g_strdup_printf("COLUMNS=%u", width);
                        g_autoptr(Run) run =
                                run_mymem(WORDS(columns, is_utf8 ? "LC_ALL=C.UTF-8" : "LC_ALL=C"),
                                          WORDS("status", "-b", large->option, targets[i]));
                        g_autofree char *figures = figures_of(run->out);

                        run_check_well(run);
                        check_lines(run->out, width, is_utf8);
                        g_assert_cmpstr(figures, ==, wanted);
                }
        }
}

/* Nothing is cut where nobody said how much fits: scripts read it. */
static void test_file(void) {
        static const char group[] =
                "/system.slice/"
                "docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\n";
        g_autoptr(Run) status = run_mymem(NULL, WORDS("status", machine->option, "docker*"));
        g_autoptr(Run) list = run_mymem(NULL, WORDS("list", machine->option, "docker*"));

        g_assert_nonnull(strstr(status->out, group));
        g_assert_nonnull(strstr(list->out, "docker-0123456789abcdef0123456789abcdef0123456789abcdef"));
}

static char *strip_colours(const char *text) {
        g_autoptr(GRegex) regex = g_regex_new("\033\\[[0-9;]*m", 0, 0, NULL);

        return g_regex_replace_literal(regex, text, -1, 0, "", 0, NULL);
}

/* A coloured screen is the same screen, and every colour ends. */
static void test_colours(void) {
        for (size_t i = 0; i < G_N_ELEMENTS(screens); i++) {
                g_autoptr(Run) plain = show(&screens[i], "COLUMNS=80", "LC_ALL=C.UTF-8", NULL);
                g_autoptr(Run) coloured =
                        show(&screens[i], "COLUMNS=80", "LC_ALL=C.UTF-8", "SYSTEMD_COLORS=1");
                g_autofree char *stripped = strip_colours(coloured->out);
                g_auto(GStrv) lines = g_strsplit(coloured->out, "\n", -1);

                g_assert_null(strchr(plain->out, '\033'));
                g_assert_nonnull(strchr(coloured->out, '\033'));
                g_assert_cmpstr(stripped, ==, plain->out);
                for (char **line = lines; *line; line++) {
                        const char *last = g_strrstr(*line, "\033[");

                        g_test_message("%s", *line);
                        g_assert_true(!last || g_str_has_prefix(last, "\033[0m"));
                }
        }
}

/* The title's colour tells how much is left: a tenth of the limit or less, a quarter or less, or more. In
 * MiB it is 128 of 512, of which 25 % are a whole number of bytes less; 24 of 512; nothing of nothing; 20 of
 * 200; 3072 of 4096; 64 of 1024. */
static void test_closeness(void) {
        static const struct {
                const char *target, *colour;
        } cases[] = {
                { "web", "\033[0;32m" },  { "4242", "\033[0;31m" },  { "idle", "\033[0;31m" },
                { "4243", "\033[0;31m" }, { "plain", "\033[0;32m" }, { "/build.slice", "\033[0;31m" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Run) run = run_mymem(WORDS("SYSTEMD_COLORS=yes"),
                                               WORDS("status", machine->option, cases[i].target));

                g_test_message("%s", cases[i].target);
                g_assert_true(g_str_has_prefix(run->out, cases[i].colour));
        }
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        machine = captured_unpack("v2-machine");
        for (size_t i = 0; i < G_N_ELEMENTS(screens); i++) {
                g_autofree char *name = g_strdup_printf("/screens/stored/%s", screens[i].name);

                g_test_add_data_func(name, &screens[i], test_stored);
        }
        g_test_add_func("/screens/widths", test_widths);
        g_test_add_func("/screens/narrow", test_narrow);
        g_test_add_func("/screens/file", test_file);
        g_test_add_func("/screens/colours", test_colours);
        g_test_add_func("/screens/closeness", test_closeness);
        exit_code = g_test_run();
        captured_free(machine);
        return exit_code;
}
