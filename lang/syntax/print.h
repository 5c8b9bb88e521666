/*
 * print.h - the two halves of wf_print_canonical: expressions (print.c), statements (print_rule.c).
 */
#ifndef WF_SYNTAX_PRINT_H
#define WF_SYNTAX_PRINT_H

#include "lang/syntax/ast.h"

/* How tightly a sentence binds, loosest first. A part that binds more loosely than its place
 * demands is put in parentheses. */
enum wf_level {
    WF_LEVEL_OR,
    WF_LEVEL_AND,
    WF_LEVEL_NOT,
    WF_LEVEL_COMPARE,
    WF_LEVEL_SUM,
    WF_LEVEL_TERM,
    WF_LEVEL_UNARY,
    WF_LEVEL_OR_ELSE,
    WF_LEVEL_OPERAND,
    WF_LEVEL_SET,
    WF_LEVEL_PRIMARY,
};

void wf_print_at(struct wf_buf *buf, const struct wf_node *node, enum wf_level least);
bool wf_print_is_expression(const struct wf_node *node);
void wf_print_statement(struct wf_buf *buf, const struct wf_node *node);
void wf_print_name(struct wf_buf *buf, const struct wf_str *name);
const char *wf_weekday_text(int64_t weekday); /* 0 = monday */

#endif
