/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "plot.h"

gboolean plot_format_from_name(const char *name, PlotFormat *ret) {
        g_autofree char *lower = g_ascii_strdown(name, -1);

        *ret = g_str_has_suffix(lower, ".svg") ? PLOT_SVG : PLOT_PNG;
        return g_str_has_suffix(lower, ".svg") || g_str_has_suffix(lower, ".png");
}
