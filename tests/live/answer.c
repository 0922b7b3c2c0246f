/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <inttypes.h>
#include <string.h>

#include "answer.h"
#include "dbus/names.h"

const char *const channel_names[_CHANNEL_COUNT] = {
        [CHANNEL_DIRECT_INSIDE] = "mymem show --direct, inside",
        [CHANNEL_DIRECT_PID] = "mymem show --direct PID",
        [CHANNEL_SERVICE_INSIDE] = "mymem show, inside",
        [CHANNEL_PID] = "mymem show PID",
        [CHANNEL_BUSCTL] = "busctl call GetMemory, inside",
        [CHANNEL_CONNECTION] = "GetMemory on a kept connection",
};

const char *const channel_sources[_CHANNEL_COUNT] = {
        [CHANNEL_DIRECT_INSIDE] = "cgroup",
        [CHANNEL_DIRECT_PID] = "cgroup",
        [CHANNEL_SERVICE_INSIDE] = "bus",
};

static const char *command_name(void) {
        const char *name = g_getenv("MYMEM_COMMAND");

        if (!name)
                g_error("MYMEM_COMMAND does not say where mymem is.");
        return name;
}

static void add_line(Answer *answer, const char *name, const char *value) {
        g_hash_table_insert(answer->lines, g_strdup(name), g_strdup(value));
}

static void add_number(Answer *answer, const char *name, uint64_t value) {
        g_autofree char *text = g_strdup_printf("%" PRIu64, value);

        add_line(answer, name, text);
}

static void take_lines(const Command *command, Answer *ret) {
        g_auto(GStrv) lines = g_strsplit(command->text, "\n", -1);

        ret->status = command->status;
        ret->text = g_strdup(command->text);
        for (size_t i = 0; lines[i]; i++) {
                char *equals = strchr(lines[i], '=');

                if (!equals)
                        continue;
                *equals = '\0';
                add_line(ret, lines[i], equals + 1);
        }
}

/* "ttt 1 2 3" */
static void take_triple(const Command *command, Answer *ret) {
        static const char *const names[] = { "Limit", "Usage", "WorkingSet" };
        g_auto(GStrv) words = g_strsplit(command->text, " ", -1);

        ret->status = command->status;
        ret->text = g_strdup(command->text);
        if (g_strv_length(words) != 4 || !g_str_equal(words[0], "ttt"))
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
                add_line(ret, names[i], g_strchomp(words[i + 1]));
}

static void take_calls(Actor *actor, Answer *ret) {
        g_autofree char *text = g_malloc0(COMMAND_TEXT_MAX);
        uint64_t memory[3] = { 0 };
        uint64_t available = 0;

        ret->status = actor_get_memory(actor, memory, text);
        if (ret->status == 0)
                ret->status = actor_get_available(actor, &available, text);
        ret->text = g_strdup(text);
        if (ret->status < 0)
                return;
        add_number(ret, "Limit", memory[0]);
        add_number(ret, "Usage", memory[1]);
        add_number(ret, "WorkingSet", memory[2]);
        add_number(ret, "Available", available);
        add_line(ret, "AvailableBy", text);
}

static void answer_init(Answer *answer) {
        *answer = (Answer) { .lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free) };
}

void answer_ask(Channel channel, Actor *actor, Answer *ret) {
        g_autofree char *address = g_strconcat("--address=", g_getenv("DBUS_SYSTEM_BUS_ADDRESS"), NULL);
        const char *const direct[] = { command_name(), "show", "--direct", NULL };
        const char *const asked[] = { command_name(), "show", NULL };
        const char *const busctl[] = {
                "busctl",    address, "call", MYMEM_BUS_NAME, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE,
                "GetMemory", NULL
        };
        Command command;

        switch (channel) {
        case CHANNEL_DIRECT_PID:
        case CHANNEL_PID:
                answer_show_pid(channel == CHANNEL_DIRECT_PID, actor->pid, ret);
                return;
        case CHANNEL_DIRECT_INSIDE:
        case CHANNEL_SERVICE_INSIDE:
                answer_init(ret);
                actor_run(actor, channel == CHANNEL_DIRECT_INSIDE ? direct : asked, &command);
                take_lines(&command, ret);
                return;
        case CHANNEL_BUSCTL:
                answer_init(ret);
                actor_run(actor, busctl, &command);
                take_triple(&command, ret);
                return;
        case CHANNEL_CONNECTION:
                answer_init(ret);
                take_calls(actor, ret);
                return;
        case _CHANNEL_COUNT:
                break;
        }
        g_assert_not_reached();
}

void answer_show(const char *const argv[3], Answer *ret) {
        const char *const all[] = { command_name(), "show", argv[0], argv[1], argv[2], NULL };
        Command command;

        answer_init(ret);
        command_run(all, &command);
        take_lines(&command, ret);
}

void answer_show_pid(bool direct, pid_t pid, Answer *ret) {
        g_autofree char *target = g_strdup_printf("%d", (int) pid);

        if (direct)
                answer_show((const char *const[]) { "--direct", target, NULL }, ret);
        else
                answer_show((const char *const[]) { target, NULL, NULL }, ret);
}

void answer_clear(Answer *answer) {
        g_clear_pointer(&answer->text, g_free);
        g_clear_pointer(&answer->lines, g_hash_table_unref);
}

const char *answer_text(const Answer *answer, const char *name) {
        return g_hash_table_lookup(answer->lines, name);
}

bool answer_number(const Answer *answer, const char *name, uint64_t *ret) {
        const char *text = answer_text(answer, name);

        if (!text)
                return false;
        if (g_str_equal(text, "infinity") || g_str_equal(text, "[not set]")) {
                *ret = UINT64_MAX;
                return true;
        }
        return g_ascii_string_to_unsigned(text, 10, 0, UINT64_MAX, ret, NULL);
}
