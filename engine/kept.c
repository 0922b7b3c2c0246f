/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>

#include "cleanup.h"
#include "file.h"
#include "kept.h"
#include "size.h"

#define KEPT_NONE \
        ((Kept) { .whereabouts = WHEREABOUTS_NONE, .life_fd = -1, .usage_fd = -1, .statistics_fd = -1 })

static int open_file(int dir_fd, const char *name) {
        int fd;

        fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Notes where the process is, and makes sure that it is where the subject was found. */
static int take_whereabouts(const Process *process, const Subject *subject, Whereabouts *ret) {
        _cleanup_(membership_done) Membership membership = { 0 };
        int fd, r;

        fd = open_file(process->fd, "cgroup");
        if (fd < 0)
                return fd;
        r = whereabouts_take(fd, ret);
        if (r >= 0)
                r = membership_parse(ret->text, &membership);
        if (r < 0)
                return r;

        return subject_is_of(subject, &membership) ? 0 : -ENODEV;
}

static int open_limits(const Chain *chain, Kept *kept) {
        for (size_t i = 0; i < chain->n && !chain->groups[i].is_machine; i++) {
                const ControlGroup *group = &chain->groups[i];
                int fd;

                if (kept->n_max_fds == KEPT_LIMITS_MAX)
                        return -EOPNOTSUPP;
                fd = open_file(group->fd, control_group_max_file(group->version));
                if (fd < 0)
                        return fd;
                kept->max_fds[kept->n_max_fds++] = fd;
        }

        return 0;
}

/* Whether the process's first thread lives. On v2 it is told where one that has ended was then, whereto the
 * others may have been moved since. It has no memory any more, of which these are the pages. */
static bool has_leader(const Kept *kept) {
        char text[FILE_SMALL_SIZE];
        size_t n_lines = 1;

        return kept->life_fd < 0 ||
                (file_reread(kept->life_fd, text, sizeof(text), &n_lines) > 0 && text[0] != '0');
}

int kept_take(const Process *process, Subject *subject, Kept *ret) {
        _cleanup_(kept_done) Kept kept = KEPT_NONE;
        const ControlGroup *group;
        int r;

        assert(process);
        assert(subject);
        assert(ret);

        /* A limit above the top is told by memory.stat of the innermost group, which must be the one that is
         * read. */
        group = subject_group(subject);
        if (group->is_machine || (subject->reported > 0 && !chain_top(&subject->chain)->is_machine))
                return -EOPNOTSUPP;

        r = open_limits(&subject->chain, &kept);
        if (r >= 0)
                r = kept.usage_fd = open_file(group->fd, control_group_usage_file(group->version));
        if (r >= 0)
                r = kept.statistics_fd = open_file(group->fd, "memory.stat");
        if (r >= 0)
                r = take_whereabouts(process, subject, &kept.whereabouts);
        if (r >= 0 && group->version == 2)
                r = kept.life_fd = open_file(process->fd, "statm");
        if (r >= 0 && !has_leader(&kept))
                r = -ENODEV;
        if (r < 0)
                return r;

        kept.taken_at_usec = machine_now_usec();
        kept.subject = *subject;
        *subject = (Subject) { 0 };
        for (size_t i = 0; i < kept.subject.chain.n; i++) {
                closep(&kept.subject.chain.groups[i].fd);
                kept.subject.chain.groups[i].fd = -1;
        }

        *ret = kept;
        kept = KEPT_NONE;
        return 0;
}

static int read_size(int fd, uint64_t *ret) {
        char text[64];
        ssize_t n;

        n = file_reread(fd, text, sizeof(text), NULL);
        return n < 0 ? (int) n : size_parse(text, ret);
}

static int read_limits(Machine *machine, Kept *kept) {
        const Chain *chain = &kept->subject.chain;
        int r;

        for (size_t i = 0; i < kept->n_max_fds; i++) {
                r = read_size(kept->max_fds[i], &kept->subject.max[i]);
                if (r < 0)
                        return r;
                kept->subject.max[i] = control_group_as_limit(&chain->groups[i], kept->subject.max[i]);
        }

        return machine_physical_memory(machine, &kept->subject.physical);
}

static int read_figures(Machine *machine, Kept *kept, Figures *ret) {
        const ControlGroup *group = subject_group(&kept->subject);
        char text[FILE_SMALL_SIZE];
        Statistics statistics;
        uint64_t usage;
        ssize_t n;
        int r;

        r = read_limits(machine, kept);
        if (r >= 0)
                r = read_size(kept->usage_fd, &usage);
        if (r < 0)
                return r;
        n = file_reread(kept->statistics_fd, text, sizeof(text), &kept->n_statistics_lines);
        r = n < 0 ? (int) n : statistics_parse_brief(text, group->version, &statistics);
        if (r < 0)
                return r;

        /* With other limits it may be another group that is reported. */
        if (!subject_update(&kept->subject, &statistics))
                return -ENODEV;

        *ret = (Figures) {
                .limit = subject_limit(&kept->subject).value,
                .usage = usage,
                .working_set = size_less(usage, statistics.inactive_cache),
        };
        return 0;
}

int kept_read(Machine *machine, Kept *kept, Figures *ret) {
        assert(machine);
        assert(kept);
        assert(ret);

        return machine_now_usec() - kept->taken_at_usec < KEPT_USEC &&
                whereabouts_hold(&kept->whereabouts) > 0 && has_leader(kept) &&
                read_figures(machine, kept, ret) >= 0;
}

void kept_done(Kept *kept) {
        assert(kept);

        whereabouts_done(&kept->whereabouts);
        subject_done(&kept->subject);
        closep(&kept->life_fd);
        closep(&kept->usage_fd);
        closep(&kept->statistics_fd);
        for (size_t i = 0; i < kept->n_max_fds; i++)
                closep(&kept->max_fds[i]);
        *kept = KEPT_NONE;
}
