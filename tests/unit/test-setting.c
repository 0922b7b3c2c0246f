/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "setting.h"

#define PHYSICAL (UINT64_C(1) << 30)

/* What is written where we make the group ourselves. */
static void test_files(void) {
        static const struct {
                const char *text, *v1, *v1_value, *v2, *v2_value;
        } cases[] = {
                { "MemoryMax=64M", "memory.limit_in_bytes", "67108864", "memory.max", "67108864" },
                { "MemoryMax=1.5G", "memory.limit_in_bytes", "1610612736", "memory.max", "1610612736" },
                { "MemoryMax=0", "memory.limit_in_bytes", "0", "memory.max", "0" },
                { "MemoryMax=infinity", "memory.limit_in_bytes", "-1", "memory.max", "max" },
                { "MemoryMax=50%", "memory.limit_in_bytes", "536870900", "memory.max", "536870900" },
                { "MemoryHigh=64M", NULL, NULL, "memory.high", "67108864" },
                { "MemorySwapMax=0", NULL, NULL, "memory.swap.max", "0" },
                { "CPUQuota=20%", NULL, NULL, NULL, NULL },
                { "Slice=web.slice", NULL, NULL, NULL, NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *about = cases[i].text;
                g_autofree char *message = NULL, *v1 = NULL, *v2 = NULL;
                Setting setting;

                if (!check_true(about, setting_parse(about, &setting, &message)))
                        continue;
                v1 = setting_file(&setting, 1) ? setting_file_value(&setting, 1, PHYSICAL) : NULL;
                v2 = setting_file(&setting, 2) ? setting_file_value(&setting, 2, PHYSICAL) : NULL;
                check_text(about, setting_file(&setting, 1), cases[i].v1);
                check_text(about, v1, cases[i].v1_value);
                check_text(about, setting_file(&setting, 2), cases[i].v2);
                check_text(about, v2, cases[i].v2_value);
                setting_done(&setting);
        }
}

static void test_refused(void) {
        static const struct {
                const char *text, *word;
        } cases[] = {
                { "MemoryMax", "NAME=VALUE" },
                { "", "NAME=VALUE" },
                { "=1G", "''" },
                { "Memory=1G", "'Memory'" },
                { "memorymax=1G", "'memorymax'" },
                { "ExecStart=/bin/true", "'ExecStart'" },
                { "MemoryMax=", "''" },
                { "MemoryMax=-1", "'-1'" },
                { "MemoryMax=1X", "'1X'" },
                { "MemoryMax=101%", "'101%'" },
                { "MemoryMax=0%", "'0%'" },
                { "MemoryMax=16E", "'16E'" },
                { "TasksMax=many", "'many'" },
                { "CPUQuota=20", "'20'" },
                { "CPUQuota=infinity", "'infinity'" },
                { "Delegate=perhaps", "'perhaps'" },
                { "Slice=", "''" },
                { "Description=\xff", "Description" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *message = NULL;
                Setting setting = { 0 };

                check_true(cases[i].text, !setting_parse(cases[i].text, &setting, &message));
                check_true(cases[i].text, message && g_strstr_len(message, -1, cases[i].word));
                check_true(cases[i].text, setting.type == NULL);
        }
}

/* On the bus: the message that systemd gets, read back. */
static void test_properties(void) {
        static const struct {
                const char *text, *name, *signature;
                guint64 value;
        } cases[] = {
                { "MemoryMax=64M", "MemoryMax", "t", 64 << 20 },
                { "MemoryMax=infinity", "MemoryMax", "t", G_MAXUINT64 },
                /* A share is one of 2^32 - 1. */
                { "MemoryHigh=50%", "MemoryHighScale", "u", 2147483647 },
                { "MemoryHigh=100%", "MemoryHighScale", "u", G_MAXUINT32 },
                { "CPUQuota=150%", "CPUQuotaPerSecUSec", "t", 1500000 },
                { "TasksMax=100", "TasksMax", "t", 100 },
                { "RuntimeMaxSec=2min", "RuntimeMaxUSec", "t", 120000000 },
                { "Delegate=yes", "Delegate", "b", 1 },
        };
        int fds[2];
        sd_bus *bus;

        /* A message is made for a connection, whoever is at its other end. */
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
        g_assert_cmpint(sd_bus_new(&bus), >=, 0);
        g_assert_cmpint(sd_bus_set_fd(bus, fds[0], fds[0]), >=, 0);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *about = cases[i].text, *name = NULL;
                g_autofree char *text = NULL;
                sd_bus_message *message;
                Setting setting;

                g_assert_true(setting_parse(about, &setting, &text));
                g_assert_cmpint(sd_bus_message_new(bus, &message, SD_BUS_MESSAGE_METHOD_CALL), >=, 0);
                g_assert_cmpint(setting_append(&setting, message), >=, 0);
                g_assert_cmpint(sd_bus_message_seal(message, 1, 0), >=, 0);
                g_assert_cmpint(sd_bus_message_rewind(message, true), >=, 0);
                g_assert_cmpint(sd_bus_message_enter_container(message, 'r', "sv"), >, 0);
                g_assert_cmpint(sd_bus_message_read(message, "s", &name), >, 0);
                check_text(about, name, cases[i].name);
                if (check_true(about,
                               sd_bus_message_enter_container(message, 'v', cases[i].signature) > 0)) {
                        guint64 value = 0;

                        /* All of them are little-endian numbers here, of at most that size. */
                        g_assert_cmpint(
                                sd_bus_message_read_basic(message, cases[i].signature[0], &value), >, 0);
                        check_size(about, GUINT64_FROM_LE(value), cases[i].value);
                }
                sd_bus_message_unref(message);
                setting_done(&setting);
        }
        sd_bus_close_unref(bus);
        close(fds[1]);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/setting/files", test_files);
        g_test_add_func("/setting/refused", test_refused);
        g_test_add_func("/setting/properties", test_properties);
        return g_test_run();
}
