/*
 * ast.h - the syntax tree: one kind of struct, its shape by kind in ast.def.
 *
 *   MODULE ─kid[0]─▶ IMPORT ─next─▶ MEMBER ─next─▶ TRIGGER ─▶ …
 *                                                     ├─ kid[WF_K_TRIGGER_WHEN]
 *                                                     └─ kid[WF_K_TRIGGER_ACTIONS] ─next─▶ …
 *
 * Nodes, and all they point to, live in the arena and the string table that wf_parse was given. The
 * parser fills everything above the line; sema fills `type` and `sym` and may replace `name` by
 * what an alias stands for. Every span lies inside one file. Brackets nest at most WF_MAX_NESTING
 * deep and a tree is at most WF_MAX_HEIGHT nodes high, so walking it by recursion is safe.
 */
#ifndef WF_SYNTAX_AST_H
#define WF_SYNTAX_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/buf.h"
#include "lang/base/intern.h"
#include "lang/syntax/source.h"

enum wf_node_kind {
#define NODE(kind, text) WF_N_##kind,
#include "lang/syntax/ast.def"
    WF_N_COUNT_
};

enum wf_op {
#define OP(op, text) WF_OP_##op,
#include "lang/syntax/ast.def"
    WF_OP_COUNT_
};

enum wf_slot {
#define SLOT(kind, slot, index, many) WF_K_##kind##_##slot = index,
#include "lang/syntax/ast.def"
    WF_MAX_KIDS = 4
};

enum wf_node_flag {
    WF_F_PAREN = 1 << 0,      /* stood in parentheses */
    WF_F_NOT = 1 << 1,        /* IS, IN, BETWEEN */
    WF_F_CENTS = 1 << 2,      /* NUMBER: num holds exact hundredths */
    WF_F_EXPORT = 1 << 3,     /* IMPORT */
    WF_F_PATH = 1 << 4,       /* IMPORT "./x.way"; COUPON, ... : the name was written as a string */
    WF_F_DELTA = 1 << 5,      /* MEMBER */
    WF_F_OPTIONAL = 1 << 6,   /* TYPE */
    WF_F_ORDERED = 1 << 7,    /* TYPE */
    WF_F_LOCKED = 1 << 8,     /* POLICY */
    WF_F_TO_INVITER = 1 << 9, /* ACTION */
    WF_F_PER_OWNER = 1 << 10, /* LIMIT */
    WF_F_PER_STORE = 1 << 11, /* LIMIT */
};

struct wf_type_info; /* sema's */
struct wf_symbol;    /* sema's */

struct wf_node {
    uint8_t kind; /* enum wf_node_kind */
    uint8_t op;   /* enum wf_op */
    uint16_t flags;
    struct wf_span span;      /* the whole construct */
    struct wf_span name_span; /* where `name` is written; zero-length at span.start: nowhere */
    uint32_t height;          /* 1 + the highest of the kids': at most WF_MAX_HEIGHT */
    const struct wf_str *name;
    const struct wf_str *text; /* a literal as it was spelled (digits and unit in ASCII) */
    int64_t num;
    double real;
    struct wf_node *kid[WF_MAX_KIDS];
    struct wf_node *next; /* in the list this node is part of */
    /* ---- filled by sema ---- */
    const struct wf_type_info *type;
    struct wf_symbol *sym;
    uint32_t form; /* how sema understood it (sema.h) */
};

/* "binary", "and": for dumps and messages. */
const char *wf_node_kind_text(enum wf_node_kind kind);
const char *wf_op_text(enum wf_op op);

/* The slots of a kind: how many, their names in lower case, and whether each is a list. */
struct wf_slot_info {
    const char *name; /* NULL: this kind has no such slot */
    bool list;
};
struct wf_slot_info wf_node_slot(enum wf_node_kind kind, unsigned index);

/* Appends an indented outline of the tree, one node a line: what `dump --stage ast` prints. */
void wf_ast_dump(struct wf_buf *buf, const struct wf_node *node);

/* True when both trees say the same (kinds, operators, names, values; not places or PAREN). */
bool wf_ast_equal(const struct wf_node *a, const struct wf_node *b);

/*
 * Appends the node as one line of canonical English: keywords in English, one space between words,
 * only the parentheses that are needed, names as node->name says. What the identity of an unnamed
 * rule, reasons and atoms are made of. A list of nodes is not followed: one node.
 */
void wf_print_canonical(struct wf_buf *buf, const struct wf_node *node);

#endif
