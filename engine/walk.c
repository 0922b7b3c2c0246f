/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "control-group.h"
#include "failure.h"
#include "figures.h"
#include "file.h"
#include "path.h"
#include "size.h"
#include "unit-name.h"
#include "walk.h"

#define WALK_DEPTH_MAX 128 /* each level holds a descriptor open */

/* A directory that is being read, and what binds everything in it. */
typedef struct Frame {
        DIR *directory;
        size_t path_length;
        uint64_t limit;
        uint64_t high_limit;
        uint64_t available;
} Frame;

struct Walk {
        Machine *machine;
        WalkKind kind;
        int version;
        Frame frames[WALK_DEPTH_MAX];
        size_t n_frames;
        char *path; /* of the group that was visited last */
        size_t path_size;
        int visited_fd; /* that group, of WALK_UNITS; or -1 */
        ControlGroup visited;
        Statistics statistics;
};

Walk *walk_free(Walk *walk) {
        if (!walk)
                return NULL;

        while (walk->n_frames > 0)
                closedir(walk->frames[--walk->n_frames].directory);
        closep(&walk->visited_fd);
        free(walk->path);
        free(walk);
        return NULL;
}

/* Whether there is nothing below: the kernel counts a control group's children as links, and reading all the
 * names in it to find none is what a walk takes most of its time for. Of a captured machine we cannot know.
 */
static bool is_leaf(const Walk *walk, int fd) {
        struct stat status;

        return walk->machine->is_live && fstat(fd, &status) >= 0 && status.st_nlink == 2;
}

/* Takes the descriptor. Deeper than we go, the group itself still counts. */
static int walk_enter(Walk *walk, int fd, const WalkGroup *group) {
        _cleanup_close_ int owned_fd = fd;
        DIR *directory;

        if (walk->n_frames == WALK_DEPTH_MAX || is_leaf(walk, fd))
                return 0;

        directory = fdopendir(owned_fd);
        if (!directory)
                return machine_blame(walk->machine, -errno, "%s", walk->path);
        (void) take_fd(&owned_fd);

        walk->frames[walk->n_frames++] = (Frame) { directory,
                                                   strcmp(walk->path, "/") == 0 ? 0 : strlen(walk->path),
                                                   group->limit,
                                                   group->high_limit,
                                                   group->available };
        return 0;
}

static int open_directory(int dir_fd, const char *name) {
        int fd;

        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int walk_set_path(Walk *walk, size_t parent_length, const char *name) {
        size_t size = parent_length + 1 + strlen(name) + 1;
        char *path;

        if (size > walk->path_size) {
                path = realloc(walk->path, size * 2);
                if (!path)
                        return -ENOMEM;
                walk->path = path;
                walk->path_size = size * 2;
        }

        walk->path[parent_length] = '/';
        memcpy(walk->path + parent_length + 1, name, strlen(name) + 1);
        return 0;
}

/* What binds everything there is: the machine, or the top of what can be seen. */
static int read_root(Walk *walk, const char *root, WalkGroup *ret) {
        _cleanup_(subject_done) Subject subject = { 0 };
        uint64_t high = SIZE_UNLIMITED;
        Effective available;
        Figures figures;
        int r;

        r = subject_open_group(walk->machine, root, &subject);
        if (r >= 0)
                r = figures_read(walk->machine, &subject, &figures);
        if (r >= 0)
                r = available_read(walk->machine, &subject, &available);
        if (r >= 0 && !subject_group(&subject)->is_machine)
                r = control_group_read(walk->machine, subject_group(&subject), CONTROL_GROUP_HIGH, &high);
        if (r < 0)
                return r;

        *ret = (WalkGroup) { .limit = figures.limit, .high_limit = high, .available = available.value };
        return 0;
}

/* Makes a walk over what lies in the directory 'fd', which it takes, of the group 'path'. */
static int walk_make(
        Machine *machine, WalkKind kind, const Mount *mount, int fd, const char *path, Walk **ret) {
        _cleanup_(walk_freep) Walk *walk = NULL;
        _cleanup_close_ int owned_fd = fd;
        WalkGroup root = { 0 };
        int r;

        assert(machine);
        assert(mount);
        assert(path);
        assert(ret);

        walk = calloc(1, sizeof(*walk));
        if (!walk)
                return -ENOMEM;
        walk->visited_fd = -1;
        walk->machine = machine;
        walk->kind = kind;
        walk->version = mount->kind == MOUNT_UNIFIED ? 2 : 1;
        walk->path = strdup(path);
        if (!walk->path)
                return -ENOMEM;
        walk->path_size = strlen(walk->path) + 1;

        if (kind == WALK_UNITS) {
                r = read_root(walk, path, &root);
                if (r < 0)
                        return r;
        }

        r = walk_enter(walk, take_fd(&owned_fd), &root);
        if (r < 0)
                return r;

        *ret = take_ptr(&walk);
        return 0;
}

int walk_new(Machine *machine, WalkKind kind, Walk **ret) {
        Mount *mount;
        int fd, r;

        assert(machine);
        assert(ret);

        r = kind == WALK_UNITS ? machine_find_memory_mount(machine, NULL, &mount) :
                                 machine_find_systemd_mount(machine, &mount);
        if (r < 0)
                return r;

        fd = open_directory(mount->fd, ".");
        if (fd < 0)
                return machine_blame(machine, fd, "%s", mount->point);

        return walk_make(machine, kind, mount, fd, mount->root, ret);
}

int walk_new_user(Machine *machine, uid_t uid, Walk **ret) {
        _cleanup_close_ int path_fd = -1;
        _cleanup_free_ char *path = NULL;
        char name[sizeof("user@.service") + 10];
        const char *below;
        Mount *mount;
        int fd, r;

        assert(machine);
        assert(ret);

        (void) snprintf(name, sizeof(name), "user@%" PRIu32 ".service", (uint32_t) uid);
        r = walk_find_unit(machine, name, &path);
        if (r >= 0)
                r = machine_find_systemd_mount(machine, &mount);
        if (r < 0)
                return r;

        below = path_after(path, mount->root);
        path_fd = below ? file_open_directory(mount->fd, below) : -ENOENT;
        fd = path_fd < 0 ? path_fd : open_directory(path_fd, ".");
        if (fd < 0)
                return machine_blame(machine, fd, "%s", path);

        return walk_make(machine, WALK_NAMES, mount, fd, path, ret);
}

/* Reads the figures of a group below 'frame'. Memory.stat is read only where somebody will see it or it
 * binds. */
static int read_figures(Walk *walk, const Frame *frame, const ControlGroup *group, WalkGroup *ret) {
        uint64_t high, bound;
        int r;

        r = control_group_read_max(walk->machine, group, &ret->max);
        if (r >= 0)
                r = control_group_read(walk->machine, group, CONTROL_GROUP_HIGH, &high);
        if (r < 0)
                return r;

        ret->limit = size_min(frame->limit, ret->max);
        ret->high_limit = size_min(frame->high_limit, high);
        ret->available = frame->available;
        ret->usage = ret->working_set = SIZE_UNKNOWN;
        bound = size_min(ret->max, high);
        if (!ret->unit && bound == SIZE_UNLIMITED)
                return 0;

        r = control_group_read_usage(walk->machine, group, &ret->usage);
        if (r < 0)
                return r;
        if (ret->unit) {
                r = control_group_read_statistics(walk->machine, group, &walk->statistics, NULL);
                if (r < 0)
                        return r;
                ret->working_set = size_less(ret->usage, walk->statistics.inactive_cache);
                ret->statistics = &walk->statistics;
        } else
                r = control_group_read_working_set(walk->machine, group, ret->usage, &ret->working_set);
        if (r < 0)
                return r;

        if (bound != SIZE_UNLIMITED)
                ret->available = size_min(ret->available, size_less(bound, ret->working_set));
        return 0;
}

/* Visits one directory of the memory hierarchy. */
static int visit_unit(Walk *walk, const Frame *frame, const char *name, WalkGroup *group) {
        int fd, r;

        fd = open_directory(dirfd(frame->directory), name);
        if (fd < 0)
                return machine_blame(walk->machine, fd, "%s", walk->path);

        walk->visited_fd = fd;
        walk->visited = (ControlGroup) { walk->path, fd, walk->version, false };
        group->group = &walk->visited;
        r = read_figures(walk, frame, &walk->visited, group);
        if (r < 0 || is_leaf(walk, fd))
                return r;

        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        return fd < 0 ? machine_blame(walk->machine, -errno, "%s", walk->path) : walk_enter(walk, fd, group);
}

/* Visits one directory of the hierarchy that systemd manages: only slices can have system units below. */
static int visit_name(Walk *walk, const Frame *frame, const char *name, WalkGroup *group) {
        int fd;

        if (!group->unit)
                return -ENOENT;
        if (!unit_name_is_slice(group->unit, strlen(group->unit)))
                return 0;

        fd = open_directory(dirfd(frame->directory), name);
        return fd < 0 ? machine_blame(walk->machine, fd, "%s", walk->path) : walk_enter(walk, fd, group);
}

/* Returns 1, 0 if the group is to be left out, or an error that ends the walk. */
static int walk_visit(Walk *walk, const Frame *frame, const char *name, WalkGroup *ret) {
        const char *component;
        size_t length;
        int r;

        closep(&walk->visited_fd);
        walk->visited_fd = -1;
        r = walk_set_path(walk, frame->path_length, name);
        if (r < 0)
                return r;

        component = walk->path + frame->path_length + 1;
        length = strlen(component);
        *ret = (WalkGroup) { .path = walk->path };
        if (unit_name_from_component(&component, &length))
                ret->unit = component;

        r = walk->kind == WALK_UNITS ? visit_unit(walk, frame, name, ret) :
                                       visit_name(walk, frame, name, ret);
        if (r >= 0)
                return 1;

        /* Any other failure is the one group's own: it has gone, or its owner lets nobody see it. */
        return failure_is_passing(r) ? r : 0;
}

int walk_next(Walk *walk, WalkGroup *ret) {
        assert(walk);
        assert(ret);

        while (walk->n_frames > 0) {
                const Frame *frame = &walk->frames[walk->n_frames - 1];
                struct dirent *entry;
                int r;

                errno = 0;
                entry = readdir(frame->directory);
                if (!entry) {
                        /* ENOENT: the directory was removed while we read it. */
                        if (errno != 0 && errno != ENOENT)
                                return machine_blame(walk->machine, -errno, "%s", walk->path);
                        closedir(frame->directory);
                        walk->n_frames--;
                        continue;
                }
                if ((entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) ||
                    path_is_dots(entry->d_name, strlen(entry->d_name)))
                        continue;

                r = walk_visit(walk, frame, entry->d_name, ret);
                if (r != 0)
                        return r;
        }

        return 0;
}

/* Goes on until there is a unit of that name. */
static int walk_until(Walk *walk, const char *name, char **ret_path) {
        WalkGroup group;
        int r = 0;

        assert(walk);
        assert(name);
        assert(ret_path);

        while (unit_name_is_valid(name, strlen(name)) && (r = walk_next(walk, &group)) > 0)
                if (group.unit && strcmp(group.unit, name) == 0) {
                        *ret_path = strdup(group.path);
                        return *ret_path ? 0 : -ENOMEM;
                }

        return machine_blame(walk->machine, r < 0 ? r : -ENOENT, "%s", name);
}

int walk_find_unit(Machine *machine, const char *name, char **ret_path) {
        _cleanup_(walk_freep) Walk *walk = NULL;
        int r;

        assert(machine);
        assert(name);
        assert(ret_path);

        if (strcmp(name, UNIT_NAME_ROOT_SLICE) == 0) {
                *ret_path = strdup("/");
                return *ret_path ? 0 : -ENOMEM;
        }

        r = walk_new(machine, WALK_NAMES, &walk);
        return r < 0 ? r : walk_until(walk, name, ret_path);
}

int walk_find_user_unit(Machine *machine, uid_t uid, const char *name, char **ret_path) {
        _cleanup_(walk_freep) Walk *walk = NULL;
        int r;

        assert(machine);
        assert(name);
        assert(ret_path);

        r = walk_new_user(machine, uid, &walk);
        return r < 0 ? r : walk_until(walk, name, ret_path);
}
