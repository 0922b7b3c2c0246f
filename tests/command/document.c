/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "document.h"

/* Runs the parser with the text as its input. */
static char *run_parser(const char *json) {
        g_autofree char *file = NULL, *output = NULL, *complaint = NULL;
        const char *argv[] = {
                "sh", "-c", "exec \"$MYMEM_PYTHON\" \"$MYMEM_FLATTEN\" < \"$0\"", NULL, /* the file */
                NULL,
        };
        g_autoptr(GError) error = NULL;
        int fd, status;

        fd = g_file_open_tmp("mymem-json-XXXXXX", &file, &error);
        g_assert_no_error(error);
        g_close(fd, NULL);
        g_file_set_contents(file, json, -1, &error);
        g_assert_no_error(error);

        argv[3] = file;
        g_spawn_sync(NULL,
                     (char **) argv,
                     NULL,
                     G_SPAWN_SEARCH_PATH,
                     NULL,
                     NULL,
                     &output,
                     &complaint,
                     &status,
                     &error);
        g_assert_no_error(error);
        (void) g_remove(file);
        if (g_spawn_check_wait_status(status, NULL))
                return g_steal_pointer(&output);

        g_test_message("This is no JSON:\n%s\n%s", json, complaint);
        g_test_fail();
        return NULL;
}

Document *document_parse(const char *json) {
        g_autofree char *text = run_parser(json);
        g_auto(GStrv) lines = NULL;
        Document *document;

        if (!text)
                return NULL;

        document = g_new0(Document, 1);
        document->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line && **line != '\0'; line++) {
                g_auto(GStrv) parts = g_strsplit(*line, "=", 2);

                g_hash_table_insert(document->values, g_strdup(parts[0]), g_strdup(parts[1]));
        }
        return document;
}

const char *document_get(const Document *document, const char *path) {
        return g_hash_table_lookup(document->values, path);
}

void document_check(const Document *document, const char *path, const char *wanted) {
        const char *got = document_get(document, path);

        if (g_strcmp0(got, wanted) == 0)
                return;

        g_test_message("%s: got %s, wanted %s", path, got ? got : "nothing", wanted ? wanted : "nothing");
        g_test_fail();
}

void document_free(Document *document) {
        if (!document)
                return;

        g_hash_table_unref(document->values);
        g_free(document);
}
