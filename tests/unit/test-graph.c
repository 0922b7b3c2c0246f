/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "graph.h"
#include "printed.h"
#include "size.h"

#define MIB (UINT64_C(1) << 20)

/* Four moments of a second each: 16, 32, 64 and 48 MiB, a quarter of it cache; a process is killed in the
 * last. Drawn by hand: 10 columns of 0.4 s, and 8 rows of 8 MiB. */
static Series *make(guint64 limit) {
        static const guint64 usage[] = { 16, 32, 64, 48 };
        Series *series = series_new();

        for (guint64 i = 0; i < G_N_ELEMENTS(usage); i++) {
                Sample sample = {
                        .at_usec = i * 1000000,
                        .usage = usage[i] * MIB,
                        .working_set = usage[i] * MIB / 4 * 3,
                        .limit = limit,
                        .oom_kills = i == 3 ? 1 : 0,
                };

                series_add(series, &sample);
        }

        return series;
}

static void check_graph(const char *locale, guint64 limit, const char *wanted) {
        g_autoptr(Series) series = make(limit);
        g_autofree char *drawn = NULL;

        printed_where(locale, "80");
        drawn = graph_draw(series, 4000000, 20);
        check_text(locale, drawn, wanted);
}

static void test_ascii(void) {
        check_graph("C",
                    SIZE_UNLIMITED,
                    "   64.0M |     ++\n"
                    "         |     ++\n"
                    "         |     ##+++\n"
                    "         |     #####\n"
                    "   32.0M |  +++#####\n"
                    "         |  ########\n"
                    "         |##########\n"
                    "         |##########\n"
                    "      0B +-------X--\n"
                    "          0     4.0s\n");
}

static void test_utf8(void) {
        check_graph("C.UTF-8",
                    SIZE_UNLIMITED,
                    "   64.0M ┤     ░░\n"
                    "         ┤     ░░\n"
                    "         ┤     ██░░░\n"
                    "         ┤     ██▄▄▄\n"
                    "   32.0M ┤  ░░░█████\n"
                    "         ┤  ████████\n"
                    "         ┤▄▄████████\n"
                    "         ┤██████████\n"
                    "      0B └───────✕──\n"
                    "          0     4.0s\n");
}

/* A limit that is near is the top of it; one that is far is not. */
static void test_limit(void) {
        check_graph("C",
                    128 * MIB,
                    "  128.0M |----------\n"
                    "         |\n"
                    "         |\n"
                    "         |\n"
                    "   64.0M |     ++\n"
                    "         |     ##+++\n"
                    "         |  ########\n"
                    "         |##########\n"
                    "      0B +-------X--\n"
                    "          0     4.0s\n");
        check_graph("C",
                    129 * MIB,
                    "   64.0M |     ++\n"
                    "         |     ++\n"
                    "         |     ##+++\n"
                    "         |     #####\n"
                    "   32.0M |  +++#####\n"
                    "         |  ########\n"
                    "         |##########\n"
                    "         |##########\n"
                    "      0B +-------X--\n"
                    "          0     4.0s\n");
}

static void test_nothing(void) {
        g_autoptr(Series) series = series_new();
        g_autofree char *drawn = graph_draw(series, 1000000, 20);

        check_text("no sample", drawn, "");
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/graph/ascii", test_ascii);
        g_test_add_func("/graph/utf8", test_utf8);
        g_test_add_func("/graph/limit", test_limit);
        g_test_add_func("/graph/nothing", test_nothing);
        return g_test_run();
}
