/*
 * grammar_build.h - the short names that grammar.y's actions are written in. Only it includes this:
 * they take the parser to be called `p`, as it is there.
 */
#ifndef WF_SYNTAX_GRAMMAR_BUILD_H
#define WF_SYNTAX_GRAMMAR_BUILD_H

#include "lang/base/type.h"
#include "lang/syntax/parser.h"

#define N0(kind, op, at) wf_build(p, WF_N_##kind, WF_OP_##op, at, NULL, NULL, NULL, NULL)
#define N1(kind, op, at, a) wf_build(p, WF_N_##kind, WF_OP_##op, at, a, NULL, NULL, NULL)
#define N2(kind, op, at, a, b) wf_build(p, WF_N_##kind, WF_OP_##op, at, a, b, NULL, NULL)
#define N3(kind, op, at, a, b, c) wf_build(p, WF_N_##kind, WF_OP_##op, at, a, b, c, NULL)
#define N4(kind, op, at, a, b, c, d) wf_build(p, WF_N_##kind, WF_OP_##op, at, a, b, c, d)
#define BIN(op, at, a, b) N2(BINARY, op, at, a, b)
#define NAMED(node, tok) wf_build_name(p, node, tok)
#define WORDED(node, tok) wf_build_word(p, node, tok)
#define LIT(tok) wf_build_literal(p, tok)
#define NAME_AT(tok, at) NAMED(N0(NAME, NONE, at), tok)
#define FLAG(node, flag) wf_build_flag(node, flag)
#define NUM(node, value) wf_build_num(node, value)
#define ADD(list, node) wf_list_add(list, node)
#define NO_LIST ((struct wf_nodes){NULL, NULL})
#define COUNT_OF(tok) (p->tokens->items[tok].num)
#define TEXT_OF(tok) (p->tokens->items[tok].text)
#define TYPE(word, at) NUM(N0(TYPE, NONE, at), WF_T_##word)

/* As N2 ... but with an operator that the grammar found: an int. */
#define OP1(kind, op, at, a) wf_build(p, WF_N_##kind, (enum wf_op)(op), at, a, NULL, NULL, NULL)
#define OP2(kind, op, at, a, b) wf_build(p, WF_N_##kind, (enum wf_op)(op), at, a, b, NULL, NULL)
#define OP3(kind, op, at, a, b, c) wf_build(p, WF_N_##kind, (enum wf_op)(op), at, a, b, c, NULL)
#define OP4(kind, op, at, a, b, c, d) wf_build(p, WF_N_##kind, (enum wf_op)(op), at, a, b, c, d)

static inline struct wf_node *wf_build_num(struct wf_node *node, int64_t num)
{
    if (node)
        node->num = num;
    return node;
}

static inline struct wf_node *wf_build_text(struct wf_node *node, const struct wf_str *text)
{
    if (node)
        node->text = text;
    return node;
}

#endif
