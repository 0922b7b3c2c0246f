/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* JSON, as a parser that is not ours reads it ($MYMEM_PYTHON). */

typedef struct Document {
        GHashTable *values; /* "/0/Limit" -> what stands there, as JSON */
} Document;

/* NULL if it is no JSON, which fails the test. */
Document *document_parse(const char *json);

/* What stands at the path; NULL if nothing does. */
const char *document_get(const Document *document, const char *path);

/* Checks what stands at the path; with NULL, that nothing does. */
void document_check(const Document *document, const char *path, const char *wanted);

void document_free(Document *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Document, document_free)
