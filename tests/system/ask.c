/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* usage: ask [--socket] METHOD [NUMBER]
 *        ask [--socket] --stay METHOD
 *        ask --own
 *        ask --leaderless ...
 *
 * Calls a method of org.mymem1.Manager that takes nothing, or one number, and prints the numbers and texts
 * of the reply on one line. Of an error it prints the name, and ends with 1. With --socket it asks the
 * service's own socket and not the bus. With --stay it calls once for each line that it reads, on one
 * connection. With --own it asks the bus for the name org.mymem1 instead, and prints what that says. With
 * --leaderless it does what follows in a second thread, when the first has ended.
 *
 * It needs no library and no file but the socket that it asks, so it runs where there is nothing else. It
 * speaks just as much of D-Bus as that takes, in this machine's byte order. */

#define BUS_PATH "/run/dbus/system_bus_socket"
#define SOCKET_PATH "/run/mymem/bus"
#define TIMEOUT_SEC 30
#define HEADER_SIZE 16

enum {
        TYPE_METHOD_CALL = 1,
        TYPE_METHOD_RETURN = 2,
        TYPE_ERROR = 3,
        FIELD_PATH = 1,
        FIELD_INTERFACE = 2,
        FIELD_MEMBER = 3,
        FIELD_ERROR_NAME = 4,
        FIELD_REPLY_SERIAL = 5,
        FIELD_DESTINATION = 6,
        FIELD_SIGNATURE = 8,
};

typedef struct {
        unsigned char bytes[65536];
        size_t size;
} Buffer;

static _Noreturn void give_up(const char *why) {
        fprintf(stderr, "ask: %s\n", why);
        exit(1);
}

static void put(Buffer *buffer, const void *bytes, size_t size) {
        if (size > sizeof buffer->bytes - buffer->size)
                give_up("The message is too large.");
        memcpy(buffer->bytes + buffer->size, bytes, size);
        buffer->size += size;
}

static void align(Buffer *buffer, size_t to) {
        while (buffer->size % to != 0)
                put(buffer, "", 1);
}

static void put_u32(Buffer *buffer, uint32_t value) {
        align(buffer, 4);
        put(buffer, &value, sizeof value);
}

static void put_text(Buffer *buffer, const char *text) {
        put_u32(buffer, (uint32_t) strlen(text));
        put(buffer, text, strlen(text) + 1);
}

static void put_signature(Buffer *buffer, const char *signature) {
        unsigned char size = (unsigned char) strlen(signature);

        put(buffer, &size, 1);
        put(buffer, signature, size + 1U);
}

static void put_field(Buffer *buffer, unsigned char field, const char *type, const char *text) {
        align(buffer, 8);
        put(buffer, &field, 1);
        put_signature(buffer, type);
        if (*type == 'g')
                put_signature(buffer, text);
        else
                put_text(buffer, text);
}

static void send_all(int fd, const void *bytes, size_t size) {
        while (size > 0) {
                ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);

                if (n <= 0)
                        give_up("The bus does not take what is sent.");
                bytes = (const char *) bytes + n;
                size -= (size_t) n;
        }
}

static void receive_all(int fd, void *bytes, size_t size) {
        while (size > 0) {
                ssize_t n = recv(fd, bytes, size, 0);

                if (n <= 0)
                        give_up("The bus does not answer.");
                bytes = (char *) bytes + n;
                size -= (size_t) n;
        }
}

static int connect_to(bool socket_only) {
        static const struct sockaddr_un bus = { .sun_family = AF_UNIX, .sun_path = BUS_PATH },
                                        own = { .sun_family = AF_UNIX, .sun_path = SOCKET_PATH };
        const struct sockaddr_un *address = socket_only ? &own : &bus;
        const struct timeval timeout = { .tv_sec = TIMEOUT_SEC };
        /* No user is claimed: in a user namespace one would not know one's own. */
        static const char hello[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
        char line[256];
        bool accepted = false;
        int fd;

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (const struct sockaddr *) address, sizeof *address) < 0)
                give_up("There is no bus.");
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) < 0)
                give_up("No timeout can be set.");
        send_all(fd, hello, sizeof hello - 1);

        while (!accepted) {
                size_t n = 0;

                do {
                        if (n == sizeof line - 1)
                                give_up("The bus does not speak D-Bus.");
                        receive_all(fd, line + n++, 1);
                } while (line[n - 1] != '\n');
                line[n] = '\0';
                accepted = strncmp(line, "OK ", 3) == 0;
                if (!accepted && strncmp(line, "DATA", 4) != 0)
                        give_up("The bus does not let us in.");
        }
        return fd;
}

static void send_call(int fd,
                      uint32_t serial,
                      const char *destination,
                      const char *path,
                      const char *interface,
                      const char *member,
                      const char *signature,
                      const Buffer *body) {
        static Buffer message;
        const unsigned char head[4] = {
                __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B', TYPE_METHOD_CALL, 0, 1
        };
        uint32_t size;

        message.size = 0;
        put(&message, head, sizeof head);
        put_u32(&message, (uint32_t) body->size);
        put_u32(&message, serial);
        put_u32(&message, 0);
        put_field(&message, FIELD_PATH, "o", path);
        put_field(&message, FIELD_INTERFACE, "s", interface);
        put_field(&message, FIELD_MEMBER, "s", member);
        put_field(&message, FIELD_DESTINATION, "s", destination);
        if (*signature)
                put_field(&message, FIELD_SIGNATURE, "g", signature);
        size = (uint32_t) (message.size - HEADER_SIZE);
        memcpy(message.bytes + HEADER_SIZE - sizeof size, &size, sizeof size);
        align(&message, 8);
        put(&message, body->bytes, body->size);
        send_all(fd, message.bytes, message.size);
}

static const void *take(const Buffer *buffer, size_t *at, size_t to, size_t size) {
        const void *bytes;

        *at = (*at + to - 1) / to * to;
        if (*at > buffer->size || size > buffer->size - *at)
                give_up("The reply is cut off.");
        bytes = buffer->bytes + *at;
        *at += size;
        return bytes;
}

static uint32_t take_u32(const Buffer *buffer, size_t *at) {
        uint32_t value;

        memcpy(&value, take(buffer, at, 4, sizeof value), sizeof value);
        return value;
}

static uint64_t take_u64(const Buffer *buffer, size_t *at) {
        uint64_t value;

        memcpy(&value, take(buffer, at, 8, sizeof value), sizeof value);
        return value;
}

static const char *take_text(const Buffer *buffer, size_t *at) {
        uint32_t size = take_u32(buffer, at);

        return take(buffer, at, 1, size + 1U);
}

static const char *take_signature(const Buffer *buffer, size_t *at) {
        unsigned char size = *(const unsigned char *) take(buffer, at, 1, 1);

        return take(buffer, at, 1, size + 1U);
}

static void print_body(const Buffer *body, const char *signature) {
        size_t at = 0;

        for (const char *type = signature; *type; type++) {
                if (type != signature)
                        putchar(' ');
                if (*type == 't')
                        printf("%" PRIu64, take_u64(body, &at));
                else if (*type == 'u')
                        printf("%" PRIu32, take_u32(body, &at));
                else if (*type == 's' || *type == 'o')
                        printf("%s", take_text(body, &at));
                else
                        give_up("The reply has a type that is not known here.");
        }
        putchar('\n');
}

/* Waits for the reply to the call with this serial, and lets everything else pass. */
static int receive_reply(int fd, uint32_t serial, bool print) {
        static Buffer message, body;

        for (;;) {
                const char *signature = "", *error = "";
                uint32_t reply_to = 0, fields, size;
                size_t at = HEADER_SIZE;
                unsigned char type;

                receive_all(fd, message.bytes, HEADER_SIZE);
                type = message.bytes[1];
                memcpy(&size, message.bytes + 4, sizeof size);
                memcpy(&fields, message.bytes + HEADER_SIZE - sizeof fields, sizeof fields);
                if (size > sizeof body.bytes || fields > sizeof message.bytes - HEADER_SIZE - 8)
                        give_up("The reply is too large.");
                body.size = size;
                message.size = HEADER_SIZE + fields;
                receive_all(fd, message.bytes + HEADER_SIZE, (fields + 7U) / 8 * 8);
                receive_all(fd, body.bytes, body.size);

                while (at < message.size) {
                        unsigned char field = *(const unsigned char *) take(&message, &at, 8, 1);
                        const char *field_type = take_signature(&message, &at);

                        if (*field_type == 'u') {
                                uint32_t value = take_u32(&message, &at);

                                if (field == FIELD_REPLY_SERIAL)
                                        reply_to = value;
                        } else if (*field_type == 'g') {
                                signature = take_signature(&message, &at);
                        } else {
                                const char *text = take_text(&message, &at);

                                if (field == FIELD_ERROR_NAME)
                                        error = text;
                        }
                }
                if (reply_to != serial)
                        continue;
                if (type == TYPE_ERROR) {
                        printf("%s\n", error);
                        return 1;
                }
                if (type == TYPE_METHOD_RETURN && print)
                        print_body(&body, signature);
                return 0;
        }
}

static int call_manager(int fd, uint32_t serial, const char *method, const char *number) {
        static Buffer body;

        body.size = 0;
        if (number)
                put_u32(&body, (uint32_t) strtoul(number, NULL, 10));
        send_call(fd,
                  serial,
                  "org.mymem1",
                  "/org/mymem1",
                  "org.mymem1.Manager",
                  method,
                  number ? "u" : "",
                  &body);
        return receive_reply(fd, serial, true);
}

static int request_name(int fd) {
        static Buffer body;

        put_text(&body, "org.mymem1");
        put_u32(&body, 0);
        send_call(fd,
                  2,
                  "org.freedesktop.DBus",
                  "/org/freedesktop/DBus",
                  "org.freedesktop.DBus",
                  "RequestName",
                  "su",
                  &body);
        return receive_reply(fd, 2, true);
}

static int stay(int fd, const char *method) {
        char line[16];

        for (uint32_t serial = 2; fgets(line, sizeof line, stdin); serial++) {
                (void) call_manager(fd, serial, method, NULL);
                fflush(stdout);
        }
        return 0;
}

static int ask(int argc, char *argv[]) {
        static const Buffer nothing;
        bool socket_only;
        int fd;

        socket_only = argc > 1 && strcmp(argv[1], "--socket") == 0;
        argc -= socket_only;
        argv += socket_only;
        if (argc < 2 || argc > 3)
                return 2;

        fd = connect_to(socket_only);
        send_call(fd,
                  1,
                  "org.freedesktop.DBus",
                  "/org/freedesktop/DBus",
                  "org.freedesktop.DBus",
                  "Hello",
                  "",
                  &nothing);
        if (receive_reply(fd, 1, false) != 0)
                return 1;

        if (strcmp(argv[1], "--own") == 0)
                return request_name(fd);
        if (strcmp(argv[1], "--stay") == 0)
                return argc == 3 ? stay(fd, argv[2]) : 2;
        return call_manager(fd, 2, argv[1], argv[2]);
}

/* The state of the first thread, and so of the process. */
static char read_state(void) {
        char text[4096];
        const char *end;
        FILE *file;

        file = fopen("/proc/self/stat", "re");
        if (!file || !fgets(text, sizeof text, file))
                give_up("/proc/self/stat cannot be read.");
        fclose(file);
        end = strrchr(text, ')');
        return (char) (end ? end[2] : '?');
}

static void *outlive(void *userdata) {
        char **argv = userdata;
        time_t deadline = time(NULL) + TIMEOUT_SEC;
        int argc = 0;

        while (read_state() != 'Z')
                if (time(NULL) > deadline)
                        give_up("The first thread does not end.");
        while (argv[argc])
                argc++;
        exit(ask(argc, argv));
}

int main(int argc, char *argv[]) {
        pthread_t thread;

        if (argc < 2 || strcmp(argv[1], "--leaderless") != 0)
                return ask(argc, argv);

        if (pthread_create(&thread, NULL, outlive, argv + 1) != 0)
                give_up("There can be no second thread.");
        (void) syscall(SYS_exit, 0); /* of this one alone */
        return 1;
}
