/*
 * parsed.h - for tests: a text parsed, and what was said of it.
 */
#ifndef TESTS_PARSED_H
#define TESTS_PARSED_H

#include <stddef.h>

#include "lang/syntax/parse.h"

struct parsed {
    struct wf_sources sources;
    struct wf_diags diags;
    struct wf_arena arena;
    struct wf_intern intern;
    struct wf_han_names declared; /* names that imports would make visible */
    struct wf_node *module;
    enum wf_status status;
    uint32_t file;
};

/* `declared`: Han names separated by spaces, or NULL. */
void parsed_init(struct parsed *p, const char *declared);
void parsed_text(struct parsed *p, const char *text, size_t len);
void parsed_release(struct parsed *p);

/* "E0110@2:3 W0101@4:1" of everything that was said, in order; the caller frees it. */
char *parsed_said(struct parsed *p);

/* A whole file's bytes; the caller frees them. Fails the test when it cannot be read. */
char *read_whole(const char *path, size_t *len_out);

#endif
