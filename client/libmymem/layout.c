/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <string.h>

#include "layout.h"

#define LAYOUT_SIZE_FIRST 4408
#define LAYOUT_SIZE_MAX 65536 /* more is no size, but what happened to be in a register */

static_assert(offsetof(struct mymem, control_group) + sizeof(((struct mymem *) NULL)->control_group) ==
                      LAYOUT_SIZE_FIRST,
              "what was there in the first version stays where it is");

bool layout_is_valid(const struct mymem *ret, size_t size) {
        return ret && size >= LAYOUT_SIZE_FIRST && size <= LAYOUT_SIZE_MAX;
}

void layout_copy(const struct mymem *figures, struct mymem *ret, size_t size) {
        size_t known = size < sizeof(*figures) ? size : sizeof(*figures);

        assert(figures);
        assert(layout_is_valid(ret, size));

        memcpy(ret, figures, known);
        memset((char *) ret + known, 0xff, size - known);
}

void layout_set_text(char *to, size_t size, const char *from) {
        assert(to);
        assert(from);

        if (strlen(from) < size)
                memcpy(to, from, strlen(from) + 1);
        else
                to[0] = '\0';
}
