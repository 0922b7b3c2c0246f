/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "keyed.h"
#include "meminfo.h"
#include "size.h"

static const KeyedField fields[] = {
        { "MemTotal:", offsetof(Meminfo, total) },
        { "MemAvailable:", offsetof(Meminfo, available) },
        { "SwapTotal:", offsetof(Meminfo, swap_total) },
        { "SwapFree:", offsetof(Meminfo, swap_free) },
};

static int parse_kibibytes(const char *text, uint64_t *ret) {
        static const char unit[] = " kB\n";
        uint64_t value;
        int r;

        text += strspn(text, " ");
        r = size_scan(&text, &value);
        if (r < 0)
                return r;
        if (strncmp(text, unit, strlen(unit)) != 0)
                return -EBADMSG;
        if (__builtin_mul_overflow(value, 1024, &value))
                return -ERANGE;

        *ret = value;
        return 0;
}

int meminfo_parse(const char *text, Meminfo *ret) {
        Meminfo meminfo = { SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN };

        assert(text);
        assert(ret);

        while (*text != '\0') {
                const char *end = strchr(text, '\n');

                if (!end)
                        return -EBADMSG;

                for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
                        size_t length = strlen(fields[i].key);
                        int r;

                        if (strncmp(text, fields[i].key, length) != 0)
                                continue;
                        r = parse_kibibytes(text + length,
                                            (uint64_t *) ((char *) &meminfo + fields[i].offset));
                        if (r < 0)
                                return r;
                }
                text = end + 1;
        }

        if (meminfo.total == SIZE_UNKNOWN || meminfo.available == SIZE_UNKNOWN)
                return -EBADMSG;

        *ret = meminfo;
        return 0;
}
