/*
 * rule_text.h - rules from files on the disk, or from memory in place of one of them.
 */
#ifndef TESTS_TOOLS_RULE_TEXT_H
#define TESTS_TOOLS_RULE_TEXT_H

#include "lang/sema/front.h"

/* A text that stands at a path; what stands elsewhere the loader below gives (NULL: nothing). */
struct rule_text {
    const char *path, *text;
    const struct wf_loader *others;
};

/* It must outlive the loader. */
struct wf_loader rule_text_loader(struct rule_text *text);
struct wf_loader rule_file_loader(void);
/* The bytes of a file, with a NUL behind them, for free(); NULL: it cannot be read. */
char *rule_file_text(const char *path);

#endif
