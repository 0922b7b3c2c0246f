/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "process-stat.h"
#include "size.h"

#define FIELD_FLAGS 9
#define FIELD_START_TIME 22
#define FLAG_EXITING 0x4 /* PF_EXITING in the kernel: set before the state says so */

int process_stat_parse(const char *text, ProcessStat *ret) {
        ProcessStat stat;
        const char *p;
        char state;

        assert(text);
        assert(ret);

        p = strrchr(text, ')');
        if (!p || p[1] != ' ' || p[2] == '\0' || p[3] != ' ')
                return -EBADMSG;
        state = p[2];
        stat.is_dead = state == 'Z' || state == 'X' || state == 'x';
        p += 4;

        for (int field = 4; field <= FIELD_START_TIME; field++) {
                uint64_t value;
                int r;

                if (field != FIELD_START_TIME)
                        p += *p == '-';
                r = size_scan(&p, &value);
                if (r < 0)
                        return r;
                if (*p != ' ' && *p != '\n')
                        return -EBADMSG;
                p++;

                if (field == FIELD_FLAGS && (value & FLAG_EXITING))
                        stat.is_dead = true;
                if (field == FIELD_START_TIME)
                        stat.start_time = value;
                else if (p[-1] == '\n')
                        return -EBADMSG;
        }

        *ret = stat;
        return 0;
}
