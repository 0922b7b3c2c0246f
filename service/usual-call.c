/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "names.h"
#include "readings.h"
#include "usual-call.h"

/* Of a message: where its number is, and the smallest that there can be. */
#define SERIAL_OFFSET 8
#define SERIAL_END (SERIAL_OFFSET + sizeof(uint32_t))
#define HEADER_SIZE 16

/* What sd-bus says itself has numbers from 1 on: it has much to say before it comes to this one. */
#define OUR_SERIALS (UINT32_C(1) << 31)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE_ORDER 'l'
#else
#define NATIVE_ORDER 'B'
#endif

/* An answer as it goes over the wire: three figures, and two fields that say what they answer, and what
 * their types are. A field is a number, and the type of what follows. */
typedef struct Answer {
        uint8_t order, type, flags, version;
        uint32_t body_size, serial, fields_size;
        uint8_t reply_serial_field[4];
        uint32_t reply_serial;
        uint8_t signature_field[4];
        uint8_t signature[5]; /* its length, and NUL */
        uint8_t fill[7];
        uint64_t limit, usage, working_set;
} Answer;

#define BODY_OFFSET offsetof(Answer, limit)

static_assert(BODY_OFFSET % 8 == 0, "where a body begins");
static_assert(sizeof(Answer) == BODY_OFFSET + 3 * sizeof(uint64_t), "nothing else is sent");

bool usual_call_suits(sd_bus_message *message) {
        assert(message);

        return sd_bus_message_is_method_call(message, MYMEM_MANAGER_INTERFACE, "GetMemory") &&
                strcmp(sd_bus_message_get_path(message), MYMEM_MANAGER_PATH) == 0 &&
                sd_bus_message_has_signature(message, "") && !sd_bus_message_get_sender(message);
}

void usual_call_learn(UsualCall *call, const uint8_t *data, size_t n) {
        assert(call);
        assert(data);
        assert(n >= HEADER_SIZE);

        if (n > sizeof(call->bytes))
                return;

        memcpy(call->bytes, data, n);
        call->size = n;
}

/* As this machine writes numbers. */
static uint32_t read_serial(const uint8_t *data) {
        uint32_t serial;

        memcpy(&serial, data + SERIAL_OFFSET, sizeof(serial));
        return data[0] == NATIVE_ORDER ? serial : __builtin_bswap32(serial);
}

bool usual_call_is(const UsualCall *call, const uint8_t *data, size_t n) {
        assert(call);
        assert(data);

        /* No message has the number 0. */
        return call->size > 0 && n == call->size && memcmp(data, call->bytes, SERIAL_OFFSET) == 0 &&
                memcmp(data + SERIAL_END, call->bytes + SERIAL_END, n - SERIAL_END) == 0 &&
                read_serial(data) != 0;
}

int usual_call_answer(UsualCall *call, Service *service, Caller *caller, int fd, const uint8_t *data) {
        Answer answer = {
                .order = NATIVE_ORDER,
                .type = SD_BUS_MESSAGE_METHOD_RETURN,
                .flags = 1,   /* no reply is expected */
                .version = 1, /* of the protocol */
                .body_size = sizeof(Answer) - BODY_OFFSET,
                .fields_size = offsetof(Answer, fill) - HEADER_SIZE,
                .reply_serial_field = { 5, 1, 'u' },
                .signature_field = { 8, 1, 'g' },
                .signature = { 3, 't', 't', 't' },
        };
        Figures figures;
        ssize_t sent;

        assert(call);
        assert(service);
        assert(caller);
        assert(fd >= 0);
        assert(data);

        service_begin_work(service);
        if (!readings_read(service->readings, service->machine, caller, &figures))
                return 0;

        answer.serial = OUR_SERIALS | call->n_answers++;
        answer.reply_serial = read_serial(data);
        answer.limit = figures.limit;
        answer.usage = figures.usage;
        answer.working_set = figures.working_set;
        sent = send(fd, &answer, sizeof(answer), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
                return 0;

        return sent == sizeof(answer) ? 1 : -EIO;
}
