/*
 * token.h - the words of a file: keywords, the table that knows them, and the list of tokens.
 *
 *   text ─ lexer.l ─▶ tokens + comments ─ filter.c ─▶ parser
 *
 * The list is kept whole, because fmt rewrites it: the parser marks in it which words it took for
 * names.
 */
#ifndef WF_SYNTAX_TOKEN_H
#define WF_SYNTAX_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/arena.h"
#include "lang/base/intern.h"
#include "lang/syntax/diag.h"
#include "lang/syntax/parse.h"
#include "lang/syntax/source.h"

/* ---- keywords ---- */

enum wf_keyword {
    WF_KW_NONE,
#define KEYWORD(id, en, zh, group, soft) WF_KW_##id,
#define TWIN(id, of, en, zh, group) WF_KW_##id,
#include "lang/syntax/keywords.def"
    WF_KW_COUNT_
};

enum wf_group { /* what a message calls a set of keywords by; SELF: each by its own spelling */
                WF_GROUP_SELF,
                WF_GROUP_DECL,
                WF_GROUP_ATTR,
                WF_GROUP_TYPE,
                WF_GROUP_LOGIC,
                WF_GROUP_VALUE,
                WF_GROUP_COMPARE,
                WF_GROUP_ARITH,
                WF_GROUP_WINDOW,
                WF_GROUP_WEEKDAY,
                WF_GROUP_PROP,
                WF_GROUP_HEAD,
                WF_GROUP_ACTION,
                WF_GROUP_STEP,
                WF_GROUP_POLICY,
                WF_GROUP_COUNT_
};

struct wf_keyword_info {
    const char *en, *zh;
    uint8_t group; /* enum wf_group */
    bool soft;     /* may be a name */
    bool twin;     /* its English spelling belongs to another keyword */
};
const struct wf_keyword_info *wf_keyword_info(enum wf_keyword keyword);

struct wf_unit_info {
    const char *en, *zh;
    uint8_t op; /* WF_OP_UNIT_D ... */
};
extern const struct wf_unit_info wf_units[];
extern const size_t wf_n_units;

/* The unit these bytes begin with (the longest), and its length; NULL: none. */
const struct wf_unit_info *wf_unit_find(const char *text, size_t len, size_t *len_out);

/* ---- the table of words ---- */

struct wf_word {
    const char *text; /* not owned */
    uint32_t len;
    uint16_t keyword;   /* WF_KW_NONE: only a declared name, or only the beginning of a phrase */
    bool begins_phrase; /* of an English phrase */
    bool declared;
};
struct wf_words {
    const struct wf_alloc *alloc;
    struct wf_word *slots; /* open addressing; text NULL: empty */
    size_t n, room, longest;
    bool whole; /* runs are not cut: the quick look of scan.c */
};

/* All keywords; then names are added. The names must outlive the table. */
enum wf_status wf_words_init(struct wf_words *words, const struct wf_alloc *alloc);
void wf_words_release(struct wf_words *words);
enum wf_status wf_words_declare(struct wf_words *words, const struct wf_han_names *names);
const struct wf_word *wf_words_find(const struct wf_words *words, const char *text, size_t len);

/*
 * Cuts a run of word characters that holds Han into known words and ASCII stretches, fewest pieces.
 * Answers the length of the first piece: all of it where it cannot be cut. *tie_out: the length of
 * another first piece that would do as well, else 0.
 */
size_t wf_words_cut(const struct wf_words *words, const char *run, size_t len, size_t *tie_out);

/* ---- tokens ---- */

enum wf_raw {
    WF_RAW_EOF,
    WF_RAW_WORD,     /* text; keyword */
    WF_RAW_INT,      /* num */
    WF_RAW_NUMBER,   /* real; num and cents */
    WF_RAW_PERCENT,  /* num, real */
    WF_RAW_DURATION, /* num, unit */
    WF_RAW_STRING,   /* text: decoded; spell */
    WF_RAW_DATE,     /* num */
    WF_RAW_TIME,
    WF_RAW_CLOCK,
    WF_RAW_HASH, /* text: behind the @ */
    WF_RAW_SIGN, /* sign */
    WF_RAW_BAD,  /* reported: stands for a value that could not be read */
};

/* Signs of more than one character; the others are their own character. */
enum wf_sign { WF_SIGN_NE = 256, WF_SIGN_LE, WF_SIGN_GE, WF_SIGN_ARROW, WF_SIGN_WRONG };

enum wf_token_flag {
    WF_TK_LINE = 1 << 0,     /* first on its line */
    WF_TK_BLANK = 1 << 1,    /* an empty line stands before it (or before its comments) */
    WF_TK_SPACE = 1 << 2,    /* white space stands before it */
    WF_TK_NAME = 1 << 3,     /* the parser took it for a name */
    WF_TK_SKIP = 1 << 4,     /* dropped, or joined to the token before it: not the parser's */
    WF_TK_CENTS = 1 << 5,    /* NUMBER: num holds exact hundredths */
    WF_TK_REPORTED = 1 << 6, /* what is wrong here was said already */
    WF_TK_PHRASE = 1 << 7,   /* its word may begin a phrase */
    WF_TK_ITEM = 1 << 8,     /* begins a declaration, step or other item */
    WF_TK_UNARY = 1 << 9,    /* a sign before its number */
};

struct wf_token {
    uint8_t raw;  /* enum wf_raw */
    uint8_t unit; /* enum wf_op, DURATION */
    uint16_t keyword;
    uint16_t flags;
    uint16_t sign;
    uint32_t start, end; /* bytes of the file */
    uint32_t column;     /* bytes from the line's start */
    const struct wf_str *text, *spell;
    int64_t num;
    double real;
};

struct wf_comment {
    uint32_t start, end;
    bool line;  /* alone on its line */
    bool blank; /* an empty line stands before it */
};

struct wf_tokens {
    const struct wf_alloc *alloc;
    struct wf_token *items; /* the last is EOF */
    size_t n, room;
    struct wf_comment *comments;
    size_t n_comments, room_comments;
};

void wf_tokens_init(struct wf_tokens *tokens, const struct wf_alloc *alloc);
void wf_tokens_release(struct wf_tokens *tokens);

/*
 * Reads a file into tokens. What is wrong is added to diags (which may be NULL: nothing is said).
 * WF_ERR_NOMEM; WF_ERR_RULES when the text is not UTF-8 (there are no tokens then but EOF).
 */
enum wf_status wf_lex(struct wf_intern *intern, const struct wf_sources *sources, uint32_t file,
                      const struct wf_words *words, struct wf_diags *diags,
                      struct wf_tokens *tokens);

/* wf_parse that also leaves the tokens, marked, to the caller (print of fmt). */
enum wf_status wf_parse_tokens(struct wf_arena *arena, struct wf_intern *intern,
                               const struct wf_sources *sources, uint32_t file,
                               struct wf_diags *diags, const struct wf_han_names *declared,
                               struct wf_tokens *tokens, struct wf_node **module_out);

/* Joins phrases, drops a comma before and / or / then, mends `7 days` and `1,000`. */
void wf_filter(struct wf_tokens *tokens, uint32_t file, struct wf_diags *diags);

#endif
