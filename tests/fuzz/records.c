/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "records.h"
#include "fuzz.h"

#define OTHER_ORDER 0x80

static uint8_t take_byte(Records *records) {
        if (records->size == 0)
                return 0;

        records->size--;
        return *records->data++;
}

static char *take_text(Records *records) {
        char *text = fuzz_text(records->data, records->size);
        size_t length = strlen(text);

        length += length < records->size; /* its NUL */
        records->data += length;
        records->size -= length;
        return text;
}

static const char *if_any(const char *text) {
        return *text == '\0' ? NULL : text;
}

bool records_next(Records *records, WireCall *ret, char *ret_texts[5]) {
        WireCall call = { 0 };

        if (records->size == 0)
                return false;

        call.flags = take_byte(records);
        if (call.flags & OTHER_ORDER)
                call.order = 'B';
        call.flags &= (uint8_t) ~OTHER_ORDER;
        call.destination = records->destination;
        call.n_fds = take_byte(records);
        for (size_t i = 0; i < 5; i++)
                ret_texts[i] = take_text(records);
        call.path = if_any(ret_texts[0]);
        call.interface = if_any(ret_texts[1]);
        call.member = if_any(ret_texts[2]);
        call.sender = if_any(ret_texts[3]);
        /* Its length is one byte. */
        call.signature = strlen(ret_texts[4]) > UINT8_MAX ? NULL : if_any(ret_texts[4]);

        call.body_size = take_byte(records);
        call.body_size |= (size_t) take_byte(records) << 8;
        call.body_size = MIN(call.body_size, records->size);
        call.body = records->data;
        records->data += call.body_size;
        records->size -= call.body_size;
        call.serial = records->serial++;

        *ret = call;
        return true;
}

GString *records_write(Records *records) {
        GString *bytes = g_string_new(NULL);
        char *texts[5];
        WireCall call;

        while (records_next(records, &call, texts)) {
                g_autoptr(GString) message = wire_write(&call);

                g_string_append_len(bytes, message->str, (gssize) message->len);
                for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
                        free(texts[i]);
        }

        return bytes;
}

GString *records_authentication(void) {
        static const char text[] = "\0AUTH ANONYMOUS\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";

        return g_string_new_len(text, sizeof(text) - 1);
}
