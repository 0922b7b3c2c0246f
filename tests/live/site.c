/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "site.h"

/* One test program has one site. GLib's fixtures would be new for each case, and the service is to be
 * the same for all. */
static Site site_of_program;

static char *slice_name(pid_t pid) {
        return g_strdup_printf("mymem-live-%d.slice", (int) pid);
}

/* A process in a session of its own that waits for the end of this one, whatever ends it, and then removes
 * what is left. It learns of the end by the end of a pipe that nobody else holds for longer. */
typedef struct Watcher {
        pid_t pid;
        int fd;
} Watcher;

static Watcher watcher_start(Site *site) {
        g_autofree char *name = slice_name(getpid());
        g_autofree char *path = g_build_filename(site->place.base, name, NULL);
        Watcher watcher;
        int fds[2];
        char byte;

        if (pipe2(fds, O_CLOEXEC) < 0 || (watcher.pid = fork()) < 0)
                g_error("Cannot start what cleans up: %s", g_strerror(errno));
        watcher.fd = fds[1];
        if (watcher.pid > 0) {
                (void) close(fds[0]);
                return watcher;
        }
        (void) setsid();
        (void) close(fds[1]);
        for (int fd = 0; fd <= 2; fd++) {
                (void) close(fd);
                (void) open("/dev/null", O_RDWR);
        }
        while (read(fds[0], &byte, 1) < 0 && errno == EINTR)
                continue;
        place_sweep(&site->place, path);
        service_clean(&site->service);
        _exit(0);
}

/* Everything that was started has ended by now: the pipe ends here. */
static void watcher_finish(Watcher *watcher) {
        (void) close(watcher->fd);
        (void) waitpid(watcher->pid, NULL, 0);
}

static bool site_open(Site *site, const char **ret_why) {
        g_autofree char *name = slice_name(getpid());

        if (site->place.why) {
                *ret_why = site->place.why;
                return false;
        }
        site->slice = group_new(&site->place, site->place.base, name);
        if (site->slice)
                return true;
        /* The last two are v2's: the controller is not handed down, or we share a group with others. */
        if (errno != EACCES && errno != EROFS && errno != EPERM && errno != ENOENT && errno != EBUSY)
                g_error("Cannot make %s below %s: %s", name, site->place.base, g_strerror(errno));
        *ret_why = "no writable memory control group";
        return false;
}

static void site_close(Site *site) {
        g_autofree char *name = slice_name(getpid());
        g_autofree char *path = g_build_filename(site->place.base, name, NULL);

        g_ptr_array_set_size(site->actors, 0);
        g_ptr_array_set_size(site->groups, 0);
        place_sweep(&site->place, path);
        g_clear_pointer(&site->slice, group_free);
}

static void run_case(gconstpointer userdata) {
        const SiteCase *this_case = userdata;
        Site *site = &site_of_program;
        const char *why = NULL;

        if (!site_open(site, &why)) {
                g_test_skip(why);
                return;
        }
        if (site->service.daemon == 0)
                service_start(&site->service);
        this_case->run(site);
        site_close(site);
}

int site_run(int argc, char *argv[], const SiteCase cases[]) {
        Site *site = &site_of_program;
        Watcher watcher = { 0 };
        int r;

        g_test_init(&argc, &argv, NULL);
        /* A failed check is reported, and the case goes on to its end, so that everything is taken away
         * again. */
        g_test_set_nonfatal_assertions();

        site->groups = g_ptr_array_new_with_free_func((GDestroyNotify) group_free);
        site->actors = g_ptr_array_new_with_free_func((GDestroyNotify) actor_free);
        place_find(&site->place);
        if (!site->place.why) {
                place_tidy(&site->place);
                service_prepare(&site->service);
                watcher = watcher_start(site);
        }
        for (size_t i = 0; cases[i].name; i++)
                if (cases[i].version == SITE_ANY || (cases[i].version == SITE_V2) == site->place.unified)
                        g_test_add_data_func(cases[i].name, &cases[i], run_case);
        r = g_test_run();

        service_stop(&site->service);
        if (watcher.pid > 0)
                watcher_finish(&watcher);
        g_clear_pointer(&site->service.directory, g_free);
        place_clear(&site->place);
        g_ptr_array_unref(site->actors);
        g_ptr_array_unref(site->groups);
        return r;
}

Group *site_group(Site *site, const Group *parent, const char *name) {
        Group *group = group_new(&site->place, parent->path, name);

        if (!group)
                g_error("Cannot make %s below %s: %s", name, parent->path, g_strerror(errno));
        g_ptr_array_add(site->groups, group);
        return group;
}

Actor *site_actor(Site *site, const Group *group) {
        Actor *actor = actor_new();

        group_enter(group, actor->pid);
        g_ptr_array_add(site->actors, actor);
        return actor;
}

void site_dismiss(Site *site, Actor *actor) {
        (void) g_ptr_array_remove(site->actors, actor);
}
