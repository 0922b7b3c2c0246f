/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <poll.h>

#include "live-line.h"
#include "signals.h"
#include "size-text.h"
#include "time-text.h"
#include "watching.h"

#define LOOK_USEC UINT64_C(1000000)

/* What is over soon has no line; and nobody reads faster than this. */
#define LINE_AFTER_USEC UINT64_C(1000000)
#define LINE_USEC UINT64_C(500000)

static guint64 elapsed(const Watching *watching) {
        return machine_now_usec() - watching->start_usec;
}

static void look(Watching *watching) {
        Snapshot *snapshot;

        if (!watching->sampler || sampler_look(watching->sampler, &snapshot) < 0)
                return;

        snapshot_free(watching->last);
        watching->last = snapshot;
        watching->is_final = watching->command->has_ended;
}

/* A sample that cannot be taken is left out: the group may be gone while processes that left it live on. */
static gboolean take(Watching *watching, Sample *ret) {
        if (!watching->sampler || sampler_take(watching->sampler, elapsed(watching), ret) < 0)
                return FALSE;

        series_add(watching->series, ret);
        outputs_add_sample(watching->outputs, ret);
        return TRUE;
}

static void show(const Watching *watching, const Sample *sample, LiveLine *line) {
        g_autofree char *time = time_text_format(sample->at_usec),
                        *usage = size_text_format(sample->usage, FALSE),
                        *working_set = size_text_format(sample->working_set, FALSE),
                        *limit = size_text_format_limit(sample->limit, FALSE),
                        *peak = size_text_format(watching->series->usage, FALSE),
                        *passed = g_strconcat("mymem: ", time, NULL),
                        *used = g_strdup_printf("usage %s of %s", usage, limit),
                        *needed = g_strconcat("working set ", working_set, NULL),
                        *most = g_strconcat("highest usage ", peak, NULL);

        live_line_show(line, (const char *[]) { passed, used, needed, most, NULL });
}

/* Waits for a signal until that moment of the command's time. */
static void await(const Watching *watching, int signal_fd, guint64 until_usec, LiveLine *line) {
        guint64 now = elapsed(watching), left = until_usec > now ? until_usec - now : 0;
        struct timespec timeout = { (time_t) (left / 1000000), (long) (left % 1000000 * 1000) };
        struct pollfd entry = { .fd = signal_fd, .events = POLLIN };

        if (ppoll(&entry, 1, &timeout, NULL) <= 0)
                return;

        switch (signals_read(signal_fd, watching->command)) {
        case SIGNALS_STOP:
                live_line_hide(line);
                signals_stop();
                break;
        case SIGNALS_RESIZE:
                live_line_hide(line);
                break;
        case SIGNALS_NONE:
        default:
                break;
        }
}

void watching_run(Watching *watching, int signal_fd) {
        guint64 interval = watching->options->interval_usec, next = 0, next_look = LOOK_USEC,
                next_line = LINE_AFTER_USEC;
        LiveLine line = live_line_new();
        Sample sample;

        while (!command_has_ended(watching->command)) {
                guint64 now = elapsed(watching);

                if (now < next) {
                        await(watching, signal_fd, next, &line);
                        continue;
                }
                if (now >= next_look) {
                        look(watching);
                        next_look = now + LOOK_USEC;
                }
                if (take(watching, &sample) && now >= next_line) {
                        show(watching, &sample, &line);
                        next_line = now + LINE_USEC;
                }
                /* Samples that were missed are not caught up with; and where one takes longer than the
                 * interval, there is still time for signals between two. */
                next += interval;
                now = elapsed(watching);
                if (next <= now)
                        next = now + interval;
        }

        watching->duration_usec = elapsed(watching);
        live_line_hide(&line);
        (void) take(watching, &sample);
        look(watching);
}
