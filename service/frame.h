/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The messages of a stream of D-Bus, followed as they come: how large each is, and what of its header fields
 * matters to who passes it on. Whether it is as the protocol wants it is for sd-bus to say. */

#define FRAME_HEADER_SIZE 16
#define FRAME_PROTOCOL_VERSION 1

/* What a header says besides. */
#define FRAME_NO_REPLY_EXPECTED 1
#define FRAME_NO_AUTO_START 2
#define FRAME_INTERACTIVE_AUTHORIZATION 4

/* How the protocol numbers the fields. */
enum {
        FRAME_PATH = 1,
        FRAME_INTERFACE,
        FRAME_MEMBER,
        FRAME_ERROR_NAME,
        FRAME_REPLY_SERIAL,
        FRAME_DESTINATION,
        FRAME_SENDER,
        FRAME_SIGNATURE,
        FRAME_UNIX_FDS,
        FRAME_FIELDS_MAX,
};

#define FRAME_NAME_MAX 255 /* bytes of a name, of interfaces and others */

/* Where in the fields we are, each of which is a number and a variant. */
typedef struct FrameField {
        enum {
                FRAME_CODE,
                FRAME_TYPE_LENGTH,
                FRAME_TYPE,
                FRAME_TYPE_END,
                FRAME_NUMBER,
                FRAME_LENGTH,
                FRAME_TEXT,
                FRAME_LOST, /* this is nothing that we know; the rest is left as it is */
        } state;
        uint8_t code;
        uint8_t type;    /* the variant's signature, which is one character for all fields there are */
        uint32_t number; /* its value, or the length of that, as far as it has come */
        uint64_t n;      /* bytes to come of what the state says */
} FrameField;

/* A value that is a text, without the NUL byte at its end. */
typedef struct FrameText {
        uint64_t offset; /* from where the message begins */
        uint32_t length;
} FrameText;

/* All zero when a message begins. */
typedef struct Frame {
        uint8_t header[FRAME_HEADER_SIZE]; /* as far as it has come */
        size_t n_header;
        uint64_t n_fields; /* bytes to come behind it: fields with what fills them up to 8 bytes */
        uint64_t n_body;   /* and then */
        FrameField field;

        /* What was seen. */
        unsigned fields; /* a bit for each that came */
        bool is_odd;     /* one of them came twice, was nothing that we know, or not as it should be */
        FrameText texts[FRAME_FIELDS_MAX];
        uint64_t fields_end; /* where the last of them ended */
        uint32_t n_descriptors;
        char sender[FRAME_NAME_MAX + 1];
} Frame;

/* Follows the bytes that come next, up to the end of the message's header, of its fields, or of its body,
 * whatever comes first. With 'hides_descriptors' the field that says how many descriptors there are becomes
 * one that nobody knows. Returns how many were followed, one at least, or -EBADMSG if this is no D-Bus. */
int frame_follow(Frame *frame, uint8_t *data, size_t n, bool hides_descriptors);

/* Follows all of these bytes. Returns whether they are one message, and all of it. */
bool frame_follow_whole(Frame *frame, uint8_t *data, size_t n);

/* Once the header was followed: the size of the message, all in all. */
uint64_t frame_size(const Frame *frame);

/* Of that, the body. */
uint64_t frame_body_size(const Frame *frame);

/* The number of the message. */
uint32_t frame_serial(const Frame *frame);

/* How much comes before the body. */
uint64_t frame_body_offset(const Frame *frame);

/* Whether the message, whose fields were followed, is such as everybody writes them: its sender waits for an
 * answer, each field is known and comes once, and nothing is between them. */
bool frame_is_usual(const Frame *frame);

/* Whether the field, which was followed in these bytes of the message, came and is that text. */
bool frame_text_is(const Frame *frame, const uint8_t *data, unsigned field, const char *text);

/* Whether it is a call, and whether somebody waits for an answer. */
bool frame_is_call(const Frame *frame);
bool frame_expects_reply(const Frame *frame);

/* Whether the header has come, the fields, and all. */
static inline bool frame_has_header(const Frame *frame) {
        return frame->n_header == FRAME_HEADER_SIZE;
}

static inline bool frame_has_fields(const Frame *frame) {
        return frame_has_header(frame) && frame->n_fields == 0;
}

static inline bool frame_is_whole(const Frame *frame) {
        return frame_has_fields(frame) && frame->n_body == 0;
}
