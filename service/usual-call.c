/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "names.h"
#include "readings.h"
#include "usual-call.h"

/* What sd-bus says itself has numbers from 1 on: it has much to say before it comes to these. */
#define OUR_SERIALS (UINT32_C(1) << 31)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE_ORDER 'l'
#else
#define NATIVE_ORDER 'B'
#endif

/* An answer as it goes over the wire: a header, fields that say what it answers, to whom it goes and what
 * types it has, and three figures. A field is a number, the type of what follows, and that. */
typedef struct AnswerHeader {
        uint8_t order, type, flags, version;
        uint32_t body_size, serial, fields_size;
        uint8_t reply_serial_field[4];
        uint32_t reply_serial;
} AnswerHeader;

typedef struct AnswerText {
        uint8_t field[4];
        uint32_t length;
        char text[FRAME_NAME_MAX + 1];
} AnswerText;

static const uint8_t answer_types[] = { FRAME_SIGNATURE, 1, 'g', 0, 3, 't', 't', 't', 0 };

static_assert(sizeof(AnswerHeader) == FRAME_HEADER_SIZE + 8, "a field begins at a multiple of 8");

typedef struct Answer {
        uint8_t bytes[sizeof(AnswerHeader) + sizeof(AnswerText) + 16 + 3 * sizeof(uint64_t)];
        size_t n;
} Answer;

/* On a bus there is nobody without a name; at the socket nobody needs one. */
static bool names_are_usual(const Frame *frame, const uint8_t *data, bool on_bus) {
        const unsigned names = 1U << FRAME_SENDER | 1U << FRAME_DESTINATION;

        if ((frame->fields & names) == 0)
                return !on_bus;

        return frame_text_is(frame, data, FRAME_DESTINATION, MYMEM_BUS_NAME) &&
                (on_bus ? frame_text_is(frame, data, FRAME_SENDER, frame->sender) :
                          !(frame->fields & 1U << FRAME_SENDER));
}

bool usual_call_is(const Frame *frame, const uint8_t *data, bool on_bus) {
        const unsigned needed = 1U << FRAME_PATH | 1U << FRAME_INTERFACE | 1U << FRAME_MEMBER,
                       allowed = needed | 1U << FRAME_SENDER | 1U << FRAME_DESTINATION;

        assert(frame);
        assert(frame_has_fields(frame));
        assert(data);

        return frame_is_call(frame) && frame_is_usual(frame) && frame_body_size(frame) == 0 &&
                (frame->fields & needed) == needed && (frame->fields & ~allowed) == 0 &&
                frame_text_is(frame, data, FRAME_MEMBER, "GetMemory") &&
                frame_text_is(frame, data, FRAME_INTERFACE, MYMEM_MANAGER_INTERFACE) &&
                frame_text_is(frame, data, FRAME_PATH, MYMEM_MANAGER_PATH) &&
                names_are_usual(frame, data, on_bus);
}

static void append(Answer *answer, const void *data, size_t n) {
        assert(n <= sizeof(answer->bytes) - answer->n);

        memcpy(answer->bytes + answer->n, data, n);
        answer->n += n;
}

/* Up to the next multiple of 8. */
static void align(Answer *answer) {
        static const uint8_t nothing[8] = { 0 };

        append(answer, nothing, (8 - answer->n % 8) % 8);
}

static void append_destination(Answer *answer, const char *name) {
        AnswerText text = { .field = { FRAME_DESTINATION, 1, 's' }, .length = (uint32_t) strlen(name) };

        memcpy(text.text, name, text.length + 1);
        append(answer, &text, offsetof(AnswerText, text) + text.length + 1);
        align(answer);
}

static void write_answer(uint32_t serial, const Frame *call, const Figures *figures, Answer *ret) {
        const uint64_t body[] = { figures->limit, figures->usage, figures->working_set };
        AnswerHeader header = {
                .order = NATIVE_ORDER,
                .type = SD_BUS_MESSAGE_METHOD_RETURN,
                .flags = FRAME_NO_REPLY_EXPECTED,
                .version = FRAME_PROTOCOL_VERSION,
                .body_size = sizeof(body),
                .serial = serial,
                .reply_serial_field = { FRAME_REPLY_SERIAL, 1, 'u' },
                .reply_serial = frame_serial(call),
        };

        ret->n = 0;
        append(ret, &header, sizeof(header));
        if (*call->sender)
                append_destination(ret, call->sender);
        append(ret, answer_types, sizeof(answer_types));
        header.fields_size = (uint32_t) (ret->n - FRAME_HEADER_SIZE);
        memcpy(ret->bytes, &header, sizeof(header));
        align(ret);
        append(ret, body, sizeof(body));
}

int usual_call_answer(Service *service, Caller *caller, const Frame *frame, int fd) {
        Figures figures;
        Answer answer;
        ssize_t sent;

        assert(service);
        assert(caller);
        assert(frame);
        assert(fd >= 0);

        service_begin_work(service);
        if (!readings_read(service->readings, service->machine, caller, &figures))
                return 0;

        write_answer(OUR_SERIALS | service->n_answers++, frame, &figures, &answer);
        sent = send(fd, answer.bytes, answer.n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
                return 0;

        return (size_t) sent == answer.n ? 1 : -EIO;
}
