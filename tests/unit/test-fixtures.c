/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <glib.h>

#include "tree.h"

/* Runs the real command on every captured machine of a directory and compares what it prints with what
 * was worked out by hand. MYMEM_FIXTURES names the directory, MYMEM_COMMAND the command. Nothing here
 * waits on its own: the time that meson gives a test bounds the command. */

typedef enum Kind {
        KIND_SIZE, /* digits, "infinity" or "[not set]" */
        KIND_STRING,
        KIND_BOOLEAN,
        KIND_PRESSURE, /* an object in JSON, of which only the presence is checked */
} Kind;

/* Every name a tree may ask for: a misspelt one must not pass as "not there". */
static const struct {
        const char *name;
        Kind kind;
} names[] = {
        { "Id", KIND_STRING },
        { "SystemUnit", KIND_STRING },
        { "Slice", KIND_STRING },
        { "ControlGroup", KIND_STRING },
        { "Max", KIND_SIZE },
        { "High", KIND_SIZE },
        { "Min", KIND_SIZE },
        { "Low", KIND_SIZE },
        { "SwapMax", KIND_SIZE },
        { "OOMGroup", KIND_BOOLEAN },
        { "Limit", KIND_SIZE },
        { "LimitBy", KIND_STRING },
        { "HighLimit", KIND_SIZE },
        { "HighLimitBy", KIND_STRING },
        { "SwapLimit", KIND_SIZE },
        { "SwapLimitBy", KIND_STRING },
        { "Available", KIND_SIZE },
        { "AvailableBy", KIND_STRING },
        { "Usage", KIND_SIZE },
        { "WorkingSet", KIND_SIZE },
        { "Peak", KIND_SIZE },
        { "SwapUsage", KIND_SIZE },
        { "SwapPeak", KIND_SIZE },
        { "ZSwapUsage", KIND_SIZE },
        { "Anonymous", KIND_SIZE },
        { "File", KIND_SIZE },
        { "ActiveFile", KIND_SIZE },
        { "InactiveFile", KIND_SIZE },
        { "Shmem", KIND_SIZE },
        { "Kernel", KIND_SIZE },
        { "SlabReclaimable", KIND_SIZE },
        { "PressureSome", KIND_PRESSURE },
        { "PressureFull", KIND_PRESSURE },
        { "EventsLow", KIND_SIZE },
        { "EventsHigh", KIND_SIZE },
        { "EventsMax", KIND_SIZE },
        { "EventsOOM", KIND_SIZE },
        { "EventsOOMKill", KIND_SIZE },
};

typedef struct Run {
        const char *tree; /* for messages */
        unsigned line;
        char **argv;
        int exit; /* what the command returned, or 128 and the signal that ended it */
        char *out;
        char *err;
} Run;

static void run_free(Run *run) {
        g_strfreev(run->argv);
        g_free(run->out);
        g_free(run->err);
        g_free(run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Run, run_free)

static void run_complain(const Run *run, const char *name, const char *got, const char *wanted) {
        g_test_message("%s, @expect in line %u: %s: got '%s', wanted '%s' (%s, stderr: %s)",
                       run->tree,
                       run->line,
                       name,
                       got,
                       wanted,
                       run->argv[2],
                       run->err);
        g_test_fail();
}

/* Gives NULL if the command could not be started, and has said so. */
static Run *run_show(const char *tree,
                     const char *directory,
                     const Expectation *expectation,
                     const char *json) {
        g_autofree char *json_option = g_strdup_printf("--json=%s", json);
        g_autofree char *sysroot_option = g_strdup_printf("--sysroot=%s", directory);
        const char *argv[] = {
                g_getenv("MYMEM_COMMAND"), "show", json_option, sysroot_option, expectation->pid, NULL,
        };
        g_autoptr(Run) run = g_new0(Run, 1);
        g_autoptr(GError) error = NULL;
        int status;

        run->tree = tree;
        run->line = expectation->line;
        run->argv = g_strdupv((char **) argv);
        if (!g_spawn_sync(NULL, run->argv, NULL, 0, NULL, NULL, &run->out, &run->err, &status, &error)) {
                g_test_fail_printf("%s: %s", argv[0], error->message);
                return NULL;
        }
        run->exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return g_steal_pointer(&run);
}

/* Finds the value of "NAME=value" in lines of text; NULL if there is none. */
static char *text_find(const char *text, const char *name) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        size_t length = strlen(name);

        for (char **line = lines; *line; line++)
                if (strncmp(*line, name, length) == 0 && (*line)[length] == '=')
                        return g_strdup(*line + length + 1);
        return NULL;
}

/* How the value of a text line reads in JSON. */
static char *json_value(Kind kind, const char *value) {
        g_auto(GStrv) parts = NULL;

        if (kind == KIND_BOOLEAN)
                return g_strdup(strcmp(value, "yes") == 0 ? "true" : "false");
        if (kind == KIND_SIZE)
                return g_strdup(strcmp(value, "infinity") == 0 ? "null" : value);

        parts = g_strsplit(value, "\\", -1);
        g_autofree char *doubled = g_strjoinv("\\\\", parts);
        return g_strdup_printf("\"%s\"", doubled);
}

static void check_json(const Run *run, const char *name, Kind kind, const char *value) {
        g_autofree char *key = g_strdup_printf("\"%s\":", name);
        g_autofree char *json = NULL;
        const char *found = strstr(run->out, key);

        if (strcmp(value, "[not set]") == 0) {
                if (found)
                        run_complain(run, name, found, "absent");
                return;
        }
        if (!found) {
                run_complain(run, name, "absent", value);
                return;
        }
        found += strlen(key);
        if (kind == KIND_PRESSURE)
                return;

        json = json_value(kind, value);
        if (!g_str_has_prefix(found, json) || !strchr(",}", found[strlen(json)])) {
                g_autofree char *got = g_strndup(found, strcspn(found, ",}"));

                run_complain(run, name, got, json);
        }
}

static void check_value(const Run *text, const Run *json, const char *line) {
        g_auto(GStrv) wanted = g_strsplit(line, "=", 2);
        g_autofree char *got = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                if (strcmp(names[i].name, wanted[0]) != 0)
                        continue;
                got = text_find(text->out, wanted[0]);
                if (g_strcmp0(got, wanted[1]) != 0)
                        run_complain(text, wanted[0], got ? got : "no such line", wanted[1]);
                check_json(json, wanted[0], names[i].kind, wanted[1]);
                return;
        }
        run_complain(text, line, "a line of a tree", "a name that the command knows");
}

/* A command that fails must say why, and must not print figures that somebody could use. */
static void check_failure(const Run *run) {
        g_autofree char *limit = text_find(run->out, "Limit");

        if (*run->err == '\0')
                run_complain(run, "stderr", "", "a message");
        if (limit || strstr(run->out, "\"Limit\":"))
                run_complain(run, "stdout", run->out, "no figures");
}

/* Says whether there is more to compare. */
static bool check_exit(const Run *run, int wanted_exit) {
        g_autofree char *got = g_strdup_printf("%d", run->exit);
        g_autofree char *wanted = g_strdup_printf("%d", wanted_exit);

        if (wanted_exit != 0)
                check_failure(run);
        if (run->exit == wanted_exit)
                return true;
        run_complain(run, "exit", got, wanted);
        return false;
}

static int expectation_exit(const Expectation *expectation) {
        for (unsigned i = 0; i < expectation->wanted->len; i++) {
                const char *line = g_ptr_array_index(expectation->wanted, i);

                if (g_str_has_prefix(line, "exit=")) {
                        guint64 code;

                        g_assert_true(
                                g_ascii_string_to_unsigned(line + strlen("exit="), 10, 0, 255, &code, NULL));
                        return (int) code;
                }
        }
        return 0;
}

static void check_expectation(const char *tree, const char *directory, const Expectation *expectation) {
        g_autoptr(Run) text = run_show(tree, directory, expectation, "off");
        g_autoptr(Run) json = run_show(tree, directory, expectation, "short");
        int wanted_exit = expectation_exit(expectation);

        if (!text || !json)
                return;
        if (!check_exit(text, wanted_exit) || !check_exit(json, wanted_exit))
                return;
        g_strchomp(json->out);
        if (json->exit == 0 && (*json->out != '{' || !g_str_has_suffix(json->out, "}")))
                run_complain(json, "json", json->out, "one object");

        for (unsigned i = 0; i < expectation->wanted->len; i++) {
                const char *line = g_ptr_array_index(expectation->wanted, i);

                if (g_str_has_prefix(line, "exit="))
                        continue;
                if (!g_str_has_prefix(line, "stderr~"))
                        check_value(text, json, line);
                else if (!strstr(text->err, line + strlen("stderr~")))
                        run_complain(text, "stderr", text->err, line + strlen("stderr~"));
        }
}

static void test_tree(const void *data) {
        const char *path = data;
        g_autofree char *name = g_path_get_basename(path);
        g_autofree char *text = NULL, *directory = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(Tree) tree = NULL;
        size_t length;
        int r;

        if (!g_file_get_contents(path, &text, &length, &error)) {
                g_test_fail_printf("%s", error->message);
                return;
        }
        tree = tree_parse(text);
        if (tree->complaint || strlen(text) != length) {
                g_test_fail_printf("%s: %s", name, tree->complaint ? tree->complaint : "holds a NUL byte");
                return;
        }
        directory = g_dir_make_tmp("mymem-tree-XXXXXX", &error);
        if (!directory) {
                g_test_fail_printf("%s: %s", name, error->message);
                return;
        }
        r = tree_unpack(tree, directory);
        if (r < 0)
                g_test_fail_printf("%s: cannot unpack: %s", name, g_strerror(-r));
        for (unsigned i = 0; r >= 0 && i < tree->expectations->len; i++)
                check_expectation(name, directory, g_ptr_array_index(tree->expectations, i));

        g_assert_cmpint(tree_remove(directory), ==, 0);
}

/* A parser that lets a misspelt tree pass makes tests that cannot fail. */
static void test_malformed(void) {
        static const char head[] = "# Origin: none\n# Worked: nothing\n";
        static const char *const malformed[] = {
                "",
                "@expect 1\n",
                "@expected 1\nexit=3\n",
                "@expect\nexit=3\n",
                "text\n@expect 1\nexit=3\n",
                "@file /etc/passwd\n@expect 1\nexit=3\n",
                "@file ../x\n@expect 1\nexit=3\n",
                "@file a//b\n@expect 1\nexit=3\n",
                "@file a\n@file a\n@expect 1\nexit=3\n",
                "@group a\nno colon\n@expect 1\nexit=3\n",
                "@group a\n../x:1\n@expect 1\nexit=3\n",
                "@group a\n@group a\n@expect 1\nexit=3\n",
                "@file-escaped a\n\\q\n@expect 1\nexit=3\n",
                "@file-escaped a\\x00b\n@expect 1\nexit=3\n",
                "@repeat 1 2 x\n@expect 1\nexit=3\n",
                "@file a\n@repeat 2 1 x\n@expect 1\nexit=3\n",
                "@file a\n@repeat 1 x\n@expect 1\nexit=3\n",
        };

        for (size_t i = 0; i < G_N_ELEMENTS(malformed); i++) {
                g_autofree char *text = g_strconcat(head, malformed[i], NULL);
                g_autoptr(Tree) tree = tree_parse(text);

                if (!tree->complaint)
                        g_test_fail_printf("no complaint about: %s", malformed[i]);
        }

        g_autoptr(Tree) headless = tree_parse("@expect 1\nexit=3\n");
        g_assert_nonnull(headless->complaint);
}

static int compare_paths(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* The paths must live as long as the tests: GLib keeps only the pointers. */
static GPtrArray *list_trees(const char *directory) {
        GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir)))
                if (g_str_has_suffix(name, ".tree"))
                        g_ptr_array_add(paths, g_build_filename(directory, name, NULL));
        g_ptr_array_sort(paths, compare_paths);
        return paths;
}

int main(int argc, char *argv[]) {
        g_autoptr(GPtrArray) paths = NULL;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions(); /* one wrong figure must not hide the others */
        if (!g_getenv("MYMEM_FIXTURES") || !g_getenv("MYMEM_COMMAND")) {
                g_printerr("MYMEM_FIXTURES and MYMEM_COMMAND must be set.\n");
                return EXIT_FAILURE;
        }
        paths = list_trees(g_getenv("MYMEM_FIXTURES"));
        if (paths->len == 0) {
                g_printerr("There is no .tree file in %s.\n", g_getenv("MYMEM_FIXTURES"));
                return EXIT_FAILURE;
        }

        g_test_add_func("/tree/malformed", test_malformed);
        for (unsigned i = 0; i < paths->len; i++) {
                g_autofree char *base = g_path_get_basename(g_ptr_array_index(paths, i));
                g_autofree char *name = g_strdup_printf("/fixtures/%s", base);

                g_test_add_data_func(name, g_ptr_array_index(paths, i), test_tree);
        }
        return g_test_run();
}
