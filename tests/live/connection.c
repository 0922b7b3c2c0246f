/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <inttypes.h>
#include <systemd/sd-bus.h>

#include "connection.h"
#include "dbus/names.h"

typedef struct Question {
        sd_bus *bus;
        sd_bus_message *answer;
        sd_bus_error error;
} Question;

static void question_clear(Question *question) {
        sd_bus_error_free(&question->error);
        question->answer = sd_bus_message_unref(question->answer);
        question->bus = sd_bus_flush_close_unref(question->bus);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

static void open_bus(Question *question) {
        if (sd_bus_open_system(&question->bus) < 0)
                g_error("Cannot connect to the bus of the test.");
}

/* Whatever goes wrong has a name, since sd-bus maps errnos too. */
static char *error_of(const Question *question, int r) {
        return r < 0 ? g_strdup(question->error.name ? question->error.name : g_strerror(-r)) : NULL;
}

char *connection_error_of_pid(pid_t pid) {
        g_auto(Question) question = { 0 };
        int r;

        open_bus(&question);
        r = sd_bus_call_method(question.bus,
                               MYMEM_BUS_NAME,
                               MYMEM_MANAGER_PATH,
                               MYMEM_MANAGER_INTERFACE,
                               "GetMemoryByPID",
                               &question.error,
                               &question.answer,
                               "u",
                               (uint32_t) pid);
        return error_of(&question, r);
}

static int ask_for_object(Question *question, const char *path) {
        open_bus(question);
        return sd_bus_call_method(question->bus,
                                  MYMEM_BUS_NAME,
                                  MYMEM_MANAGER_PATH,
                                  MYMEM_MANAGER_INTERFACE,
                                  "GetUnitByControlGroup",
                                  &question->error,
                                  &question->answer,
                                  "s",
                                  path);
}

char *connection_error_of_control_group(const char *path) {
        g_auto(Question) question = { 0 };

        return error_of(&question, ask_for_object(&question, path));
}

char *connection_object_of(const char *path) {
        g_auto(Question) question = { 0 };
        const char *unit, *object;

        if (ask_for_object(&question, path) < 0 ||
            sd_bus_message_read(question.answer, "so", &unit, &object) < 0)
                return NULL;
        return g_strdup(object);
}

char *connection_error_of_object(const char *object) {
        g_auto(Question) question = { 0 };
        uint64_t limit;
        int r;

        open_bus(&question);
        r = sd_bus_get_property_trivial(question.bus,
                                        MYMEM_BUS_NAME,
                                        object,
                                        MYMEM_UNIT_INTERFACE,
                                        "Limit",
                                        &question.error,
                                        't',
                                        &limit);
        return error_of(&question, r);
}
