/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "failure.h"
#include "file.h"
#include "own-group.h"
#include "setting.h"
#include "size.h"
#include "subject.h"

#define PROCESSES "cgroup.procs"
#define TEXT_MAX (1024 * 1024)
#define ROUNDS_MAX 100   /* of moving processes that fork meanwhile */
#define ROUND_USEC 20000 /* what a process may take to end its last step */

static int write_file(int directory_fd, const char *name, const char *text) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                return -errno;
        return 0;
}

static gboolean passes_memory_on(const ControlGroup *group) {
        g_autofree char *text = NULL;
        g_auto(GStrv) controllers = NULL;
        char *read = NULL;

        if (file_read_all(group->fd, "cgroup.subtree_control", TEXT_MAX, &read) < 0)
                return FALSE;
        text = g_strdup(g_strchomp(read));
        free(read);
        controllers = g_strsplit(text, " ", -1);
        return g_strv_contains((const char *const *) controllers, "memory");
}

static gboolean has_limit(Machine *machine, const Subject *subject, size_t i) {
        uint64_t high;

        return subject->max[i] != SIZE_UNLIMITED ||
                control_group_read(machine, &subject->chain.groups[i], CONTROL_GROUP_HIGH, &high) < 0 ||
                high != SIZE_UNLIMITED;
}

/* Finds the group that ours can be made in. */
static int find_parent(Machine *machine,
                       const Subject *subject,
                       const ControlGroup **ret,
                       char **ret_message) {
        const Chain *chain = &subject->chain;

        if (chain->groups[0].version == 1) {
                *ret = &chain->groups[0];
                return 0;
        }

        for (size_t i = 0; i < chain->n; i++) {
                if (passes_memory_on(&chain->groups[i])) {
                        *ret = &chain->groups[i];
                        return 0;
                }
                if (has_limit(machine, subject, i))
                        break;
        }

        *ret_message = g_strdup("no group that this one's limits are above can have others in it");
        return -EBUSY;
}

static int apply(Machine *machine, const GArray *settings, int version, int fd, char **ret_message) {
        guint64 physical;
        int r;

        r = machine_physical_memory(machine, &physical);
        for (guint i = 0; r >= 0 && i < settings->len; i++) {
                const Setting *setting = &g_array_index(settings, Setting, i);
                const char *file = setting_file(setting, version);
                g_autofree char *value = NULL;

                if (!file) {
                        *ret_message =
                                g_strdup_printf("%s can be set by systemd only", setting_name(setting));
                        return -EOPNOTSUPP;
                }
                value = setting_file_value(setting, version, physical);
                r = write_file(fd, file, value);
                if (r < 0)
                        *ret_message = g_strdup_printf(
                                "%s cannot be set: %s", setting_name(setting), g_strerror(-r));
        }

        return r;
}

static int move(int fd, const pid_t *pids, size_t n_pids) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n_pids; i++) {
                g_autofree char *text = g_strdup_printf("%d", pids[i]);

                r = write_file(fd, PROCESSES, text);
        }

        return r;
}

/* Whether a group of that name was made for a run whose process is gone. */
static gboolean is_left_behind(const char *name) {
        guint64 pid;

        if (!g_str_has_prefix(name, OWN_GROUP_PREFIX))
                return FALSE;

        name += strlen(OWN_GROUP_PREFIX);
        return size_scan(&name, &pid) >= 0 && *name == '-' && pid > 0 && pid <= G_MAXINT &&
                kill((pid_t) pid, 0) < 0 && errno == ESRCH;
}

/* Who is killed cannot remove its group. It is only removed here if nobody is in it. */
static void remove_left_behind(int parent_fd) {
        _cleanup_close_ int fd = openat(parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const struct dirent *entry;
        DIR *directory;

        if (fd < 0)
                return;
        directory = fdopendir(fd);
        if (!directory)
                return;

        (void) take_fd(&fd);
        while ((entry = readdir(directory)))
                if (is_left_behind(entry->d_name))
                        (void) unlinkat(parent_fd, entry->d_name, AT_REMOVEDIR);
        (void) closedir(directory);
}

static int make_in(Machine *machine,
                   const ControlGroup *parent,
                   const GArray *settings,
                   const pid_t *pids,
                   size_t n_pids,
                   OwnGroup *group,
                   char **ret_message) {
        int r;

        group->parent_fd = fcntl(parent->fd, F_DUPFD_CLOEXEC, 3);
        if (group->parent_fd < 0)
                return -errno;
        remove_left_behind(group->parent_fd);
        if (mkdirat(group->parent_fd, group->name, 0755) < 0)
                return -errno;

        group->is_made = TRUE;
        group->fd = openat(group->parent_fd, group->name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (group->fd < 0)
                return -errno;
        r = apply(machine, settings, parent->version, group->fd, ret_message);
        if (r < 0)
                return r;

        return move(group->fd, pids, n_pids);
}

int own_group_make(const char *name,
                   const GArray *settings,
                   const pid_t *pids,
                   size_t n_pids,
                   OwnGroup *ret,
                   char **ret_message) {
        _cleanup_(process_done) Process self = { .fd = -1 };
        _cleanup_(subject_done) Subject subject = { 0 };
        _cleanup_(machine_freep) Machine *machine = NULL;
        OwnGroup group = OWN_GROUP_NONE;
        const ControlGroup *parent;
        char *message = NULL;
        int r;

        r = machine_new_here(&machine);
        if (r >= 0)
                r = process_open_self(machine, &self);
        if (r >= 0)
                r = subject_open_process(machine, &self, &subject);
        if (r < 0) {
                *ret_message = failure_describe(machine, r);
                return r;
        }

        r = find_parent(machine, &subject, &parent, &message);
        if (r >= 0) {
                group.name = g_strdup(name);
                group.home_fd = fcntl(subject.chain.groups[0].fd, F_DUPFD_CLOEXEC, 3);
                r = make_in(machine, parent, settings, pids, n_pids, &group, &message);
        }
        if (r < 0) {
                *ret_message = message ? message : g_strdup(g_strerror(-r));
                (void) own_group_remove(&group);
                own_group_done(&group);
                return r;
        }

        *ret = group;
        return 0;
}

/* Moves whoever is there home. Returns how many there were, or an error. */
static int send_home(const OwnGroup *group) {
        g_auto(GStrv) lines = NULL;
        char *text = NULL;
        int n = 0, r;

        r = file_read_all(group->fd, PROCESSES, TEXT_MAX, &text);
        if (r < 0)
                return r;

        lines = g_strsplit(text, "\n", -1);
        free(text);
        for (char **line = lines; *line; line++)
                if (**line != '\0') {
                        (void) write_file(group->home_fd, PROCESSES, *line);
                        n++;
                }

        return n;
}

int own_group_remove(OwnGroup *group) {
        if (!group->is_made)
                return 0;

        for (unsigned i = 0; unlinkat(group->parent_fd, group->name, AT_REMOVEDIR) < 0; i++) {
                int r = errno == ENOENT ? 0 : -errno;

                if (r != -EBUSY || i == ROUNDS_MAX || send_home(group) < 0)
                        return r;
                /* Who is about to end is not moved, but holds the group until that is done. */
                if (i > 0)
                        g_usleep(ROUND_USEC);
        }

        group->is_made = FALSE;
        return 0;
}

void own_group_done(OwnGroup *group) {
        closep(&group->parent_fd);
        closep(&group->home_fd);
        closep(&group->fd);
        g_free(group->name);
        *group = OWN_GROUP_NONE;
}
