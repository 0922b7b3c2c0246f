/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "document.h"
#include "run.h"

/* The verb `show`. What the figures have to be stands in the captured machines themselves, whose test
 * compares them; this is about the form. */

#define WEB_LIMIT "536870912"        /* 512 MiB */
#define EDITOR_LIMIT "268435456"     /* 256 MiB */
#define EDITOR_AVAILABLE "100663296" /* 256 - 160 MiB */

/* All of them, in the order in which they are shown. */
static const char *const all[] = {
        "Id",           "SystemUnit",    "Slice",       "ControlGroup", "Limit",
        "LimitBy",      "HighLimit",     "HighLimitBy", "SwapLimit",    "SwapLimitBy",
        "Available",    "AvailableBy",   "Usage",       "WorkingSet",   "Peak",
        "SwapUsage",    "SwapPeak",      "ZSwapUsage",  "Anonymous",    "File",
        "ActiveFile",   "InactiveFile",  "Shmem",       "Kernel",       "SlabReclaimable",
        "PressureSome", "PressureFull",  "EventsLow",   "EventsHigh",   "EventsMax",
        "EventsOOM",    "EventsOOMKill", "Max",         "High",         "Min",
        "Low",          "SwapMax",       "OOMGroup",    NULL,
};

static const char *const texts[] = { "Id",          "SystemUnit",  "Slice",       "ControlGroup", "LimitBy",
                                     "HighLimitBy", "SwapLimitBy", "AvailableBy", "Source",       NULL };

static void check_pressure(const Document *document, const char *path, const char *text) {
        static const char *const members[] = { "avg10", "avg60", "avg300", "total" };
        g_auto(GStrv) words = g_strsplit(text, " ", -1);

        g_assert_cmpuint(g_strv_length(words), ==, G_N_ELEMENTS(members));
        for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
                g_autofree char *member = g_strdup_printf("%s/%s", path, members[i]);
                g_auto(GStrv) parts = g_strsplit(words[i], "=", 2);
                const char *got = document_get(document, member);

                g_assert_cmpstr(parts[0], ==, members[i]);
                g_assert_nonnull(got);
                g_assert_cmpfloat_with_epsilon(
                        g_ascii_strtod(got, NULL), g_ascii_strtod(parts[1], NULL), 1e-9);
        }
}

/* One line of text and what the JSON says of it. */
static void check_line(const Document *document, const char *prefix, const char *line) {
        g_auto(GStrv) parts = g_strsplit(line, "=", 2);
        g_autofree char *path = g_strdup_printf("%s/%s", prefix, parts[0]);
        g_autofree char *quoted = g_strdup_printf("\"%s\"", parts[1]);

        if (g_strv_contains(texts, parts[0]))
                document_check(document, path, quoted);
        else if (g_str_equal(parts[1], "[not set]"))
                document_check(document, path, NULL);
        else if (g_str_has_prefix(parts[0], "Pressure"))
                check_pressure(document, path, parts[1]);
        else if (g_str_equal(parts[1], "infinity"))
                document_check(document, path, "null");
        else if (g_str_equal(parts[0], "OOMGroup"))
                document_check(document, path, g_str_equal(parts[1], "yes") ? "true" : "false");
        else
                document_check(document, path, parts[1]);
}

/* How many scalars the JSON of that text has. */
static guint count_scalars(char **lines) {
        guint n = 0;

        for (; *lines && **lines != '\0'; lines++)
                n += strstr(*lines, "=[not set]") ? 0 : g_str_has_prefix(*lines, "Pressure") ? 4 : 1;
        return n;
}

/* Text and JSON say the same of each process of each machine, in both forms of JSON. */
static void test_json(void) {
        static const struct {
                const char *machine, *target;
                guint n; /* lines: the properties, Source, and two of a process whose limits are known */
        } cases[] = {
                { "v2-machine", "4242", 41 },        { "v2-machine", "4243", 39 },
                { "v2-machine", "4244", 39 },        { "v2-machine", "4245", 39 },
                { "v2-machine", "web.service", 39 }, { "v2-machine", "/build.slice", 39 },
                { "v2-machine", "/", 39 },           { "v1-user-unit", "4242", 39 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Captured) machine = captured_unpack(cases[i].machine);
                g_autoptr(Run) text = run_mymem(NULL, WORDS("show", machine->option, cases[i].target));
                g_auto(GStrv) lines = g_strsplit(text->out, "\n", -1);

                run_check_well(text);
                g_assert_cmpuint(g_strv_length(lines), ==, cases[i].n + 1);
                for (size_t j = 0; all[j]; j++) {
                        g_assert_true(g_str_has_prefix(lines[j], all[j]));
                        g_assert_true(lines[j][strlen(all[j])] == '=');
                }
                g_assert_cmpstr(lines[cases[i].n], ==, "");

                for (size_t pretty = 0; pretty < 2; pretty++) {
                        g_autoptr(Run) json = run_mymem(NULL,
                                                        WORDS("show",
                                                              machine->option,
                                                              pretty ? "--json=pretty" : "--json=short",
                                                              cases[i].target));
                        g_autoptr(Document) document = document_parse(json->out);

                        run_check_well(json);
                        g_assert_nonnull(document);
                        for (char **line = lines; *line && **line != '\0'; line++)
                                check_line(document, "", *line);
                        g_assert_cmpuint(g_hash_table_size(document->values), ==, count_scalars(lines));
                        g_assert_true(pretty == (strchr(json->out, '\n')[1] != '\0'));
                }
        }
}

/* Options, and exactly what is printed. */
static void test_properties(void) {
        static const struct {
                const char *arguments[8];
                const char *out;
        } cases[] = {
                { { "-P", "Limit", "web" }, WEB_LIMIT "\n" },
                { { "-PLimit", "web.service" }, WEB_LIMIT "\n" },
                { { "--property=Limit", "web" }, WEB_LIMIT "\n" },
                { { "--property", "Id,Limit", "web" }, "web.service\n" WEB_LIMIT "\n" },
                /* In the order of the command line, not of `show`. */
                { { "-P", "Limit", "-P", "Id", "web" }, WEB_LIMIT "\nweb.service\n" },
                { { "-P", "Limit", "4244" }, "4294967296\n" },
                { { "-P", "Limit,Usage", "4245" }, "0\n0\n" },
                { { "-P", "HighLimit,Max,High,Peak,SwapUsage", "4244" },
                  "infinity\ninfinity\ninfinity\n[not set]\n[not set]\n" },
                { { "-P", "PressureSome", "4242" }, "avg10=1.25 avg60=0.50 avg300=0.10 total=123456\n" },
                { { "-P", "PressureFull", "4242" }, "avg10=0.75 avg60=0.25 avg300=0.05 total=65432\n" },
                { { "-P", "PressureSome,OOMGroup", "4244" }, "[not set]\nno\n" },
                { { "-P", "OOMGroup", "web" }, "yes\n" },
                /* A process has limits of its own, a unit has not. */
                { { "-P", "LimitAS,LimitDATA", "4242" }, "infinity\n1073741824\n" },
                { { "-P", "LimitAS,LimitDATA", "web" }, "[not set]\n[not set]\n" },
                { { "-P", "Available,AvailableBy", "4242" }, "25165824\nRLIMIT_DATA\n" },
                { { "-P", "Available,AvailableBy", "web" }, "134217728\n/system.slice/web.service\n" },
                { { "-P", "Source", "web" }, "cgroup\n" },
                { { "-P", "Limit", "plain", "idle" }, "4294967296\n0\n" },
                { { "-P", "Id", "*.service" },
                  "getty@tty1.service\nidle.service\nplain.service\nrunner.service\nUSER\nweb.service\n" },
                /* Said twice it is said twice. */
                { { "-P", "Id", "web", "web" }, "web.service\nweb.service\n" },
                { { "-P", "Limit", "--json=short", "web" }, "{\"Limit\":" WEB_LIMIT "}\n" },
                { { "-P", "Limit,Peak", "--json=short", "4244" }, "{\"Limit\":4294967296}\n" },
                { { "-P", "Max", "--json=short", "4244" }, "{\"Max\":null}\n" },
                { { "-P", "Limit", "--json", "web" }, "{\"Limit\":" WEB_LIMIT "}\n" },
                { { "-P", "Limit", "--json=off", "web" }, WEB_LIMIT "\n" },
                { { "-P", "Limit", "--json=pretty", "web" }, "{\n\t\"Limit\" : " WEB_LIMIT "\n}\n" },
                { { "-P", "Limit", "--json=short", "web", "idle" },
                  "[{\"Limit\":" WEB_LIMIT "},{\"Limit\":0}]\n" },
                { { "-P", "Limit", "--json=short", "web*" }, "[{\"Limit\":" WEB_LIMIT "}]\n" },
                { { "-P", "Limit", "--user", "editor" }, EDITOR_LIMIT "\n" },
                { { "-P", "Available", "--user", "ed*" }, EDITOR_AVAILABLE "\n" },
        };
        g_autoptr(Captured) machine = captured_unpack("v2-machine");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
                g_auto(GStrv) arguments = NULL;

                g_strv_builder_add_many(builder, "show", machine->option, NULL);
                g_strv_builder_addv(builder, (const char **) cases[i].arguments);
                arguments = g_strv_builder_end(builder);
                g_autoptr(Run) run = run_mymem(NULL, (const char *const *) arguments);

                g_auto(GStrv) parts = g_strsplit(cases[i].out, "USER", 2);
                g_autofree char *manager = NULL, *wanted = NULL;

                manager = g_strdup_printf("user@%u.service", (unsigned) getuid());
                wanted = g_strjoinv(manager, parts);
                run_check_well(run);
                run_check_out(run, wanted);
        }
}

/* An error of one does not keep the others back, and the first one counts. */
static void test_errors(void) {
        g_autoptr(Captured) machine = captured_unpack("v2-machine");
        const char *root = machine->option;
        g_autoptr(Run) unit = run_mymem(NULL, WORDS("show", root, "-PLimit", "web", "none", "99", "idle"));
        g_autoptr(Run) gone = run_mymem(NULL, WORDS("show", root, "-PLimit", "99", "none", "web"));
        g_autoptr(Run) json = run_mymem(NULL, WORDS("show", root, "--json=short", "-PLimit", "none", "web"));
        g_autoptr(Run) no_json = run_mymem(NULL, WORDS("show", root, "--json=short", "none"));
        g_autoptr(Run) empty_json = run_mymem(NULL, WORDS("show", root, "--json=short", "none*"));
        g_autoptr(Run) between = run_mymem(NULL, WORDS("show", root, "web", "none", "idle"));

        run_check_exit(unit, 4);
        run_check_out(unit, WEB_LIMIT "\n0\n");
        g_assert_nonnull(strstr(unit->err, "none.service"));
        g_assert_nonnull(strstr(unit->err, "99"));
        run_check_exit(gone, 3);
        run_check_out(gone, WEB_LIMIT "\n");
        run_check_exit(json, 4);
        run_check_out(json, "[{\"Limit\":" WEB_LIMIT "}]\n");
        run_check_exit(no_json, 4);
        run_check_out(no_json, "");
        run_check_exit(empty_json, 4);
        run_check_out(empty_json, "[]\n");

        /* An empty line between two, and none elsewhere. */
        run_check_exit(between, 4);
        g_auto(GStrv) blocks = g_strsplit(between->out, "\n\n", -1);
        g_assert_cmpuint(g_strv_length(blocks), ==, 2);
        g_assert_true(g_str_has_prefix(blocks[0], "Id=web.service\n"));
        g_assert_true(g_str_has_prefix(blocks[1], "Id=idle.service\n"));
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        g_test_add_func("/show/json", test_json);
        g_test_add_func("/show/properties", test_properties);
        g_test_add_func("/show/errors", test_errors);
        return g_test_run();
}
