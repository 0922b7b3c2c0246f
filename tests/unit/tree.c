/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* nftw() */
#endif

#include <assert.h>
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tree.h"

#define REPEAT_MAX 100000 /* a typing error must not fill the disk */

typedef enum Mode {
        MODE_HEAD,         /* comments only */
        MODE_FILE,         /* each line is content */
        MODE_FILE_ESCAPED, /* each line is content to decode; a newline only where it says \n */
        MODE_GROUP,        /* each line is FILE:CONTENT */
        MODE_EXPECT,       /* each line is one thing to check */
} Mode;

typedef struct Parser {
        Tree *tree;
        Mode mode;
        unsigned line;
        bool has_origin;
        bool has_working;
        char *group;              /* in MODE_GROUP: its path */
        GString *content;         /* in MODE_FILE*: of the file, owned by the tree */
        Expectation *expectation; /* in MODE_EXPECT: owned by the tree */
} Parser;

static void expectation_free(void *p) {
        Expectation *expectation = p;

        g_free(expectation->pid);
        g_ptr_array_unref(expectation->wanted);
        g_free(expectation);
}

static void content_free(void *p) {
        g_string_free(p, TRUE);
}

static Tree *tree_new(void) {
        Tree *tree = g_new0(Tree, 1);

        tree->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, content_free);
        tree->directories = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        tree->expectations = g_ptr_array_new_with_free_func(expectation_free);
        return tree;
}

void tree_free(Tree *tree) {
        if (!tree)
                return;

        g_hash_table_unref(tree->files);
        g_hash_table_unref(tree->directories);
        g_ptr_array_unref(tree->expectations);
        g_free(tree->complaint);
        g_free(tree);
}

/* Only the first complaint is kept: what follows is often its consequence. */
static void parser_complain(Parser *parser, const char *what, const char *where) {
        if (!parser->tree->complaint)
                parser->tree->complaint = g_strdup_printf("line %u: %s: %s", parser->line, what, where);
}

/* Decodes \\, \n and \xNN and nothing else; a stray backslash is an error, so that nobody wonders. */
static bool text_unescape(const char *text, GString *ret) {
        for (const char *p = text; *p; p++) {
                if (*p != '\\') {
                        g_string_append_c(ret, *p);
                        continue;
                }
                p++;
                if (*p == '\\')
                        g_string_append_c(ret, '\\');
                else if (*p == 'n')
                        g_string_append_c(ret, '\n');
                else if (*p == 'x' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
                        int byte = g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]);

                        g_string_append_c(ret, (char) byte);
                        p += 2;
                } else
                        return false;
        }
        return true;
}

/* Nothing may be written outside the directory the tree is unpacked to. */
static bool path_is_inside(const char *path) {
        g_auto(GStrv) components = g_strsplit(path, "/", -1);

        for (char **c = components; *c; c++)
                if (**c == '\0' || strcmp(*c, ".") == 0 || strcmp(*c, "..") == 0)
                        return false;
        return components[0] != NULL;
}

/* Gives the path to use, or NULL after a complaint. */
static char *parser_path(Parser *parser, const char *argument, bool escaped) {
        g_autoptr(GString) path = g_string_new(NULL);

        if (!escaped)
                g_string_append(path, argument);
        else if (!text_unescape(argument, path)) {
                parser_complain(parser, "not a valid escape", argument);
                return NULL;
        }
        if (strlen(path->str) != path->len || !path_is_inside(path->str)) {
                parser_complain(parser, "not a path inside the tree", argument);
                return NULL;
        }
        return g_strdup(path->str);
}

static GString *tree_add_file(Tree *tree, const char *path) {
        GString *content = g_string_new(NULL);

        g_hash_table_insert(tree->files, g_strdup(path), content);
        return content;
}

static void parse_file(Parser *parser, const char *argument, bool escaped) {
        g_autofree char *path = parser_path(parser, argument, escaped);

        if (!path)
                return;
        if (g_hash_table_contains(parser->tree->files, path)) {
                parser_complain(parser, "given twice", argument);
                return;
        }
        parser->content = tree_add_file(parser->tree, path);
        parser->mode = escaped ? MODE_FILE_ESCAPED : MODE_FILE;
}

static void parse_directory(Parser *parser, const char *argument, bool escaped) {
        g_autofree char *path = parser_path(parser, argument, escaped);

        if (!path)
                return;
        if (!g_hash_table_add(parser->tree->directories, g_steal_pointer(&path)))
                parser_complain(parser, "given twice", argument);
}

static void parse_group(Parser *parser, const char *argument, bool escaped) {
        g_autofree char *path = parser_path(parser, argument, escaped);

        if (!path)
                return;
        parse_directory(parser, argument, escaped);
        parser->group = g_steal_pointer(&path);
        parser->mode = MODE_GROUP;
}

/* "@repeat FIRST LAST TEXT": TEXT once for each number, with the number for each '%'. */
static void parse_repeat(Parser *parser, const char *argument, bool escaped) {
        g_auto(GStrv) words = g_strsplit(argument, " ", 3);
        g_autoptr(GString) text = g_string_new(NULL);
        guint64 first, last;

        (void) escaped; /* TEXT always is: a newline has to come from somewhere */
        if (!parser->content) {
                parser_complain(parser, "@repeat belongs below a @file", argument);
                return;
        }
        if (g_strv_length(words) != 3 || !text_unescape(words[2], text) ||
            !g_ascii_string_to_unsigned(words[0], 10, 0, REPEAT_MAX, &first, NULL) ||
            !g_ascii_string_to_unsigned(words[1], 10, first, REPEAT_MAX, &last, NULL)) {
                parser_complain(parser, "not FIRST LAST TEXT", argument);
                return;
        }
        for (guint64 i = first; i <= last; i++)
                for (const char *p = text->str; *p; p++)
                        if (*p == '%')
                                g_string_append_printf(parser->content, "%" G_GUINT64_FORMAT, i);
                        else
                                g_string_append_c(parser->content, *p);
}

static void parse_expect(Parser *parser, const char *argument, bool escaped) {
        (void) escaped;

        parser->expectation = g_new0(Expectation, 1);
        parser->expectation->line = parser->line;
        parser->expectation->pid = g_strdup(argument);
        parser->expectation->wanted = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(parser->tree->expectations, parser->expectation);
        parser->mode = MODE_EXPECT;
}

static void parse_directive(Parser *parser, const char *line) {
        static const struct {
                const char *name;
                void (*parse)(Parser *parser, const char *argument, bool escaped);
                bool escaped;
                bool within; /* continues the block it stands in */
        } directives[] = {
                { "@file", parse_file, false, false },     { "@file-escaped", parse_file, true, false },
                { "@group", parse_group, false, false },   { "@group-escaped", parse_group, true, false },
                { "@dir", parse_directory, false, false }, { "@dir-escaped", parse_directory, true, false },
                { "@repeat", parse_repeat, false, true },  { "@expect", parse_expect, false, false },
        };
        const char *space = strchr(line, ' ');

        for (size_t i = 0; space && i < G_N_ELEMENTS(directives); i++) {
                if (strlen(directives[i].name) != (size_t) (space - line) ||
                    strncmp(line, directives[i].name, (size_t) (space - line)) != 0)
                        continue;
                if (!directives[i].within) {
                        g_clear_pointer(&parser->group, g_free);
                        parser->content = NULL;
                        parser->expectation = NULL;
                        parser->mode = MODE_HEAD;
                }
                directives[i].parse(parser, space + 1, directives[i].escaped);
                return;
        }
        parser_complain(parser, "not a directive with an argument", line);
}

/* One line of what `grep . memory.*` prints in the group's directory. */
static void parse_group_line(Parser *parser, const char *line) {
        const char *colon = strchr(line, ':');
        g_autofree char *path = NULL, *name = NULL;
        GString *content;

        name = g_strndup(line, colon ? (size_t) (colon - line) : 0);
        if (!path_is_inside(name) || strchr(name, '/')) {
                parser_complain(parser, "not FILE:CONTENT", line);
                return;
        }
        path = g_strdup_printf("%s/%s", parser->group, name);
        content = g_hash_table_lookup(parser->tree->files, path);
        if (!content)
                content = tree_add_file(parser->tree, path);
        g_string_append_printf(content, "%s\n", colon + 1);
}

static void parse_comment(Parser *parser, const char *line) {
        if (*line && *line != '#')
                parser_complain(parser, "neither a comment nor a directive", line);
        if (g_str_has_prefix(line, "# Origin: "))
                parser->has_origin = true;
        if (g_str_has_prefix(line, "# Worked: "))
                parser->has_working = true;
}

static void parse_line(Parser *parser, const char *line) {
        if (*line == '@') {
                parse_directive(parser, line);
                return;
        }
        switch (parser->mode) {
        case MODE_HEAD:
                parse_comment(parser, line);
                break;
        case MODE_FILE:
                g_string_append_printf(parser->content, "%s\n", line);
                break;
        case MODE_FILE_ESCAPED:
                if (!text_unescape(line, parser->content))
                        parser_complain(parser, "not a valid escape", line);
                break;
        case MODE_GROUP:
                parse_group_line(parser, line);
                break;
        case MODE_EXPECT:
                if (*line && *line != '#')
                        g_ptr_array_add(parser->expectation->wanted, g_strdup(line));
                break;
        }
}

/* A tree that checks nothing, or does not say where it comes from, is as wrong as a misspelt one. */
static void parser_finish(Parser *parser) {
        const Tree *tree = parser->tree;

        g_clear_pointer(&parser->group, g_free);
        if (!parser->has_origin || !parser->has_working)
                parser_complain(parser, "the head lacks", parser->has_origin ? "# Worked: " : "# Origin: ");
        if (tree->expectations->len == 0)
                parser_complain(parser, "the tree lacks", "@expect");
        for (unsigned i = 0; i < tree->expectations->len; i++) {
                const Expectation *expectation = g_ptr_array_index(tree->expectations, i);

                if (expectation->wanted->len == 0)
                        parser_complain(parser, "nothing to check for", expectation->pid);
        }
}

Tree *tree_parse(const char *text) {
        g_auto(GStrv) lines = NULL;
        Parser parser = { .mode = MODE_HEAD };

        assert(text);

        parser.tree = tree_new();
        lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
                parser.line++;
                /* What follows the last newline is no line. */
                if (line[1] || **line)
                        parse_line(&parser, *line);
        }
        parser_finish(&parser);
        return parser.tree;
}

static int write_file(const char *directory, const char *path, const GString *content) {
        g_autofree char *full = g_build_filename(directory, path, NULL);
        g_autofree char *parent = g_path_get_dirname(full);
        FILE *file;
        size_t n;

        if (g_mkdir_with_parents(parent, 0700) < 0)
                return -errno;
        file = fopen(full, "wxe");
        if (!file)
                return -errno;
        n = fwrite(content->str, 1, content->len, file);
        if (fclose(file) != 0 || n != content->len)
                return -EIO;
        return 0;
}

int tree_unpack(const Tree *tree, const char *directory) {
        GHashTableIter iter;
        void *path, *content;
        int r;

        assert(tree);
        assert(directory);

        g_hash_table_iter_init(&iter, tree->directories);
        while (g_hash_table_iter_next(&iter, &path, NULL)) {
                g_autofree char *full = g_build_filename(directory, path, NULL);

                if (g_mkdir_with_parents(full, 0700) < 0)
                        return -errno;
        }
        g_hash_table_iter_init(&iter, tree->files);
        while (g_hash_table_iter_next(&iter, &path, &content)) {
                r = write_file(directory, path, content);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk) {
        (void) status;
        (void) type;
        (void) walk;

        return remove(path);
}

int tree_remove(const char *directory) {
        assert(directory);

        return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS) < 0 ? -errno : 0;
}
