/*
 * parser.h - what grammar.y carries along, and the builders its actions call (build.c).
 */
#ifndef WF_SYNTAX_PARSER_H
#define WF_SYNTAX_PARSER_H

#include "lang/base/limits.h"
#include "lang/syntax/ast.h"
#include "lang/syntax/expect.h"
#include "lang/syntax/token.h"

struct wf_nodes { /* a list while it grows */
    struct wf_node *first, *last;
};

struct wf_bracket {
    uint32_t token;  /* index of the opening one */
    uint32_t column; /* `{`: where its items begin; UINT32_MAX: on the opening's line */
    uint32_t indent; /* column where the line begins that it stands on */
    char sign;
};

struct wf_parser {
    struct wf_arena *arena;
    struct wf_intern *intern;
    const struct wf_sources *sources;
    struct wf_diags *diags;
    struct wf_tokens *tokens;
    uint32_t file;
    enum wf_status status; /* sticky: WF_ERR_NOMEM */
    struct wf_node *module;

    /* the feed of tokens (feed.c) */
    size_t at;        /* the next token to hand over */
    size_t handed;    /* the one handed over last */
    size_t synced;    /* where it was resumed last; SIZE_MAX: nowhere yet */
    size_t announced; /* the declaration that SYNC was handed over for */
    uint32_t suspect; /* a `{` whose `}` seems to be missing, by its indentation; UINT32_MAX */
    uint32_t n_brackets, before; /* open brackets; how many were open before `handed` */
    bool panic;                  /* after a syntax error: skip to where an item begins */
    bool ended;                  /* SYNC was handed over before the end of the file */
    bool in_metric;
    bool told_unclosed;
    bool told_depth;

    /* what could stand at the end of the tokens, where somebody asks for it (expect.c) */
    struct wf_expected *asked; /* or NULL */
    bool answered;

    struct wf_bracket brackets[WF_MAX_NESTING];
};

/*
 * Reads the tokens and runs the parser; sources, diags, tokens and what the tree is made in are
 * set. The module is never NULL but for WF_ERR_NOMEM; WF_ERR_RULES when there were errors.
 */
enum wf_status wf_parser_run(struct wf_parser *p, const struct wf_han_names *declared,
                             struct wf_node **module_out);

/* ---- builders: NULL in, or out of memory, gives NULL; the parser's status tells ---- */

struct wf_node *wf_build(struct wf_parser *p, enum wf_node_kind kind, enum wf_op op,
                         struct wf_span span, struct wf_node *a, struct wf_node *b,
                         struct wf_node *c, struct wf_node *d);

/* Gives the node the name that token `tok` spells, and marks the token as a name. */
struct wf_node *wf_build_name(struct wf_parser *p, struct wf_node *node, uint32_t tok);

/* Gives the node a keyword's English spelling as its name (the token stays a keyword). */
struct wf_node *wf_build_word(struct wf_parser *p, struct wf_node *node, uint32_t tok);

/* Gives the node the name that another NAME or STRING node holds. */
struct wf_node *wf_build_take(struct wf_node *node, const struct wf_node *from);

/* The node of a literal token. */
struct wf_node *wf_build_literal(struct wf_parser *p, uint32_t tok);

/* A number where a duration is wanted: says so and reads it as days. */
struct wf_node *wf_build_unitless(struct wf_parser *p, uint32_t tok);

/* `a.b` as one name, of import paths. */
struct wf_node *wf_build_dotted(struct wf_parser *p, struct wf_node *left, uint32_t tok);

/* An action with its modifiers (via, at, to inviter, with coupon). */
struct wf_node *wf_build_action(struct wf_parser *p, enum wf_op op, struct wf_span span,
                                struct wf_node *target, struct wf_nodes mods);

/* Splits a journey's items into head and steps; a head item behind a step is reported. */
struct wf_node *wf_build_journey(struct wf_parser *p, struct wf_span span, uint32_t name,
                                 struct wf_nodes items);

struct wf_node *wf_build_flag(struct wf_node *node, unsigned flags);

/* send coupon NAME with NAME on the next line: warns. */
void wf_warn_next_line(struct wf_parser *p, const struct wf_node *target);

struct wf_nodes wf_list_add(struct wf_nodes list, struct wf_node *node);

/* `older than 2 * average gap purchase`: where token `tok` begins such a length, says that a
 * window's is written out, and how else to say it. */
bool wf_parser_own_window(struct wf_parser *p, uint32_t tok);

/* ---- called by the generated parser ---- */

union wf_yyvalue {
    uint32_t tok; /* index of the token */
    struct wf_node *node;
    struct wf_nodes list;
    int op;
};

/* Whether a word is a declaration's keyword but for a slip of the finger. */
bool wf_near_declaration(const struct wf_str *word);

void wf_parser_error(struct wf_parser *p, const struct wf_expected *expected);

/* Numbers of the generated parser. */
enum wf_special {
    WF_SPECIAL_SYNC,
    WF_SPECIAL_BAD,
    WF_SPECIAL_METRIC_BY,
    WF_SPECIAL_WRONG, /* what no sentence holds */
};
int wf_parser_token(const struct wf_token *token);
int wf_parser_special(enum wf_special special);
int wf_keyword_token(enum wf_keyword keyword);
int wf_raw_token(enum wf_raw raw); /* not of SIGN */

int wf_yylex(union wf_yyvalue *value, struct wf_span *span, struct wf_parser *p);
void wf_parser_memory(struct wf_parser *p, const struct wf_span *span);

#endif
