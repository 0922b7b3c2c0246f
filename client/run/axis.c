/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>

#include "axis.h"

typedef struct AxisUnit {
        double size;
        const char *name;
} AxisUnit;

static const AxisUnit sizes[] = {
        { 1, "B" }, { 0x1p10, "KiB" }, { 0x1p20, "MiB" }, { 0x1p30, "GiB" }, { 0x1p40, "TiB" },
};

static const AxisUnit times[] = {
        { 1e3, "ms" }, { 1e6, "s" }, { 60e6, "min" }, { 3600e6, "h" }, { 86400e6, "d" },
};

/* How much of a unit there has to be for it to be taken: 300 s are easier to read than 5 min. */
#define SIZE_LEAST 1.5
#define TIME_LEAST 5.0

static const AxisUnit *find_unit(const AxisUnit *units, size_t n, double most, double least) {
        size_t i = n - 1;

        while (i > 0 && most < units[i].size * least)
                i--;
        return &units[i];
}

/* 1, 2, 5, 10, 20, … of the unit, or a tenth: the smallest with no more than so many. */
static void find_step(Axis *axis, double most, unsigned n_most) {
        static const double mantissas[] = { 1, 2, 5 };

        for (int exponent = -3;; exponent++)
                for (size_t i = 0; i < G_N_ELEMENTS(mantissas); i++) {
                        axis->step = mantissas[i] * pow(10, exponent);
                        if (most / axis->unit <= axis->step * n_most) {
                                axis->n_decimals = exponent < 0 ? (unsigned) -exponent : 0;
                                return;
                        }
                }
}

static Axis make(const AxisUnit *unit, double most, unsigned n_most) {
        Axis axis = { .unit = unit->size, .name = unit->name };

        find_step(&axis, most, n_most);
        return axis;
}

Axis axis_of_size(guint64 most, unsigned n_most) {
        double value = (double) MAX(most, 1);
        Axis axis = make(find_unit(sizes, G_N_ELEMENTS(sizes), value, SIZE_LEAST), value, n_most);

        axis.n_marks = (unsigned) ceil(value / axis.unit / axis.step - 1e-9);
        return axis;
}

Axis axis_of_time(guint64 most_usec, unsigned n_most) {
        double value = (double) MAX(most_usec, 1000);
        const AxisUnit *unit = find_unit(times, G_N_ELEMENTS(times), value, TIME_LEAST);
        Axis axis;

        /* A second is one, however little there is of it. */
        if (unit == &times[0] && value >= times[1].size)
                unit = &times[1];
        axis = make(unit, value, n_most);
        axis.n_marks = (unsigned) floor(value / axis.unit / axis.step + 1e-9);
        return axis;
}

double axis_mark(const Axis *axis, unsigned i) {
        return axis->unit * axis->step * i;
}

char *axis_label(const Axis *axis, unsigned i) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];
        g_autofree char *format = g_strdup_printf("%%.%uf", axis->n_decimals);

        return g_strdup(g_ascii_formatd(buffer, sizeof(buffer), format, axis->step * i));
}
