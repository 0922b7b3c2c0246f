/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A call that is made again and again over the bus is answered at once, without sd-bus: but to whom it came
 * from, with their figures, and as by sd-bus. Which of the two it was is told by the number of the answer.
 */

#include <glib.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "group.h"
#include "names.h"
#include "scene.h"
#include "stage.h"
#include "stranger.h"

#define AT_ONCE (UINT32_C(1) << 31) /* in the numbers of answers that are not sd-bus's */
#define ROUNDS 50
#define PATIENCE 1000 /* calls until one is answered so: what is kept is taken anew at times */
#define OTHERS 8
#define FIRST_SERIAL 7

#define GET_MEMORY                                                                                       \
        .destination = MYMEM_BUS_NAME, .path = MYMEM_MANAGER_PATH, .interface = MYMEM_MANAGER_INTERFACE, \
        .member = "GetMemory"

static bool ask(sd_bus *bus, Figures *ret) {
        sd_bus_message *answer = NULL;
        uint64_t cookie;
        const char *error;

        error = client_call(bus, &answer, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory", NULL);
        g_assert_cmpstr(error, ==, NULL);
        g_assert_true(sd_bus_message_has_signature(answer, "ttt"));
        g_assert_cmpint(
                sd_bus_message_read(answer, "ttt", &ret->limit, &ret->usage, &ret->working_set), >, 0);
        g_assert_cmpint(sd_bus_message_get_cookie(answer, &cookie), >=, 0);
        sd_bus_message_unref(answer);
        return cookie & AT_ONCE;
}

static void warm_up(sd_bus *bus) {
        Figures figures;

        for (unsigned i = 0; !ask(bus, &figures); i++)
                g_assert_cmpuint(i, <, PATIENCE);
}

/* The first call is for sd-bus; then it is answered at once, and says what sd-bus says. */
static void test_same(Stage *stage, const void *data) {
        sd_bus *other = client_open(stage->bus->address);
        Figures figures, wanted;
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;
        group_enter(scene.group);
        g_assert_false(ask(other, &wanted));
        warm_up(stage->client);
        for (unsigned i = 0; i < ROUNDS; i++) {
                (void) ask(stage->client, &figures);
                g_assert_cmpuint(figures.limit, ==, SCENE_UNIT_LIMIT);
                g_assert_cmpuint(figures.limit, ==, wanted.limit);
                g_assert_cmpuint(figures.working_set, <=, figures.usage);
                figure_check(figures.usage, wanted.usage, wanted.usage);
        }
        sd_bus_flush_close_unref(other);
        scene_leave(&scene);
}

/* What changes is seen by the next call. */
static void test_changes(Stage *stage, const void *data) {
        Figures figures;
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;
        group_enter(scene.group);
        for (unsigned i = 1; i <= ROUNDS; i++) {
                uint64_t limit = SCENE_UNIT_LIMIT - i * MIB / 2;

                warm_up(stage->client);
                group_write(scene.group, "memory.limit_in_bytes", limit);
                (void) ask(stage->client, &figures);
                g_assert_cmpuint(figures.limit, ==, limit);
        }
        scene_leave(&scene);
}

/* Each of several who speak at once is told of their own unit, by the name that the bus gives them. */
static void test_others(Stage *stage, const void *data) {
        sd_bus *others[OTHERS];
        Figures figures;
        Scene scene;
        pid_t pid;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;
        warm_up(stage->client);
        pid = child_fork();
        if (pid == 0) {
                group_enter(scene.group);
                for (unsigned i = 0; i < OTHERS; i++) {
                        others[i] = client_open(stage->bus->address);
                        warm_up(others[i]);
                }
                for (unsigned i = 0; i < ROUNDS * OTHERS; i++) {
                        (void) ask(others[i % OTHERS], &figures);
                        g_assert_cmpuint(figures.limit, ==, SCENE_UNIT_LIMIT);
                }
                _exit(EXIT_SUCCESS);
        }
        for (unsigned i = 0; i < ROUNDS; i++) {
                (void) ask(stage->client, &figures);
                g_assert_cmpuint(figures.limit, !=, SCENE_UNIT_LIMIT);
        }
        g_assert_cmpint(child_wait(pid, CHILD_PATIENCE_SEC), ==, 0);
        scene_leave(&scene);
}

/* Asks in another's name, whose files are kept. */
static void ask_as(const Stage *stage, const char *name) {
        int fd = stranger_open_bus(stage->bus->address);

        for (uint32_t serial = FIRST_SERIAL; serial < FIRST_SERIAL + ROUNDS; serial++) {
                const WireCall call = { .serial = serial, GET_MEMORY, .sender = name };
                g_autoptr(GByteArray) answer = NULL;
                bool is_error;

                /* A dbus-broker does not let it pass. */
                if (stranger_call(fd, &call))
                        answer = stranger_answer(fd, serial, &is_error);
                if (!answer)
                        break;
                g_assert_false(is_error);
                g_assert_cmpuint(wire_number(answer, 0), ==, SCENE_UNIT_LIMIT);
        }
        close(fd);
}

/* Who says to be somebody else is told of their own unit, or nothing. */
static void test_forged(Stage *stage, const void *data) {
        const char *name = client_name(stage->client);
        Scene scene;
        pid_t pid;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;
        warm_up(stage->client);
        pid = child_fork();
        if (pid == 0) {
                group_enter(scene.group);
                ask_as(stage, name);
                _exit(EXIT_SUCCESS);
        }
        g_assert_cmpint(child_wait(pid, CHILD_PATIENCE_SEC), ==, 0);
        warm_up(stage->client);
        scene_leave(&scene);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/usual/same", test_same);
        stage_add("/usual/changes", test_changes);
        stage_add("/usual/others", test_others);
        stage_add("/usual/forged", test_forged);

        return stage_run();
}
