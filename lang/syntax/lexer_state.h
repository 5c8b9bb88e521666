/*
 * lexer_state.h - what lexer.l carries along and the makers of tokens it calls (lex.c).
 */
#ifndef WF_SYNTAX_LEXER_STATE_H
#define WF_SYNTAX_LEXER_STATE_H

#include "lang/base/buf.h"
#include "lang/syntax/token.h"

enum { WF_LEXER_POOL = 2048 };

struct wf_lexer {
    struct wf_intern *intern;
    const struct wf_words *words;
    struct wf_diags *diags; /* NULL: say nothing */
    struct wf_tokens *tokens;
    uint32_t file;
    uint32_t at;         /* where the next piece begins */
    uint32_t line_start; /* where the line began */
    unsigned lines;      /* line ends since the last token or comment */
    bool blank;          /* an empty line since the last token */
    bool space;
    enum wf_status status; /* sticky */
    struct wf_buf scratch;
    size_t warned; /* look-alike names told so far */
    /* flex asks for three small pieces of memory; they are cut from here, so that it cannot fail */
    size_t pool_used;
    union {
        char bytes[WF_LEXER_POOL];
        long double align;
    } pool;
};

/* A new token of `len` bytes where the lexer stands; NULL (status set) when out of memory. */
struct wf_token *wf_lexer_add(struct wf_lexer *lexer, enum wf_raw raw, size_t len);

/* The place `from` bytes behind where the lexer stands. */
struct wf_span wf_lexer_span(const struct wf_lexer *lexer, size_t from, size_t len);

/* The text interned; NULL (status set) when out of memory. */
const struct wf_str *wf_lexer_keep(struct wf_lexer *lexer, const char *text, size_t len);

#define WF_REPORT(lexer, code, from, len, ...)                                                     \
    ((lexer)->diags ? wf_diag((lexer)->diags, code, wf_lexer_span(lexer, from, len), __VA_ARGS__)  \
                    : NULL)

/* Each takes the bytes just matched; those that answer a number say how many of them they used. */
void wf_lex_space(struct wf_lexer *lexer, size_t len);
void wf_lex_line(struct wf_lexer *lexer, size_t len);
void wf_lex_comment(struct wf_lexer *lexer, size_t len);
size_t wf_lex_word(struct wf_lexer *lexer, const char *text, size_t len);
size_t wf_lex_number(struct wf_lexer *lexer, const char *text, size_t len, bool percent);
void wf_lex_point(struct wf_lexer *lexer, enum wf_raw raw, const char *text, size_t len);
void wf_lex_string(struct wf_lexer *lexer, const char *text, size_t len, size_t open, size_t close);
size_t wf_lex_open_string(struct wf_lexer *lexer, const char *text, size_t len, size_t open);
void wf_lex_single(struct wf_lexer *lexer, const char *text, size_t len);
void wf_lex_hash(struct wf_lexer *lexer, const char *text, size_t len);
void wf_lex_sign(struct wf_lexer *lexer, unsigned sign, size_t len);
void wf_lex_foreign(struct wf_lexer *lexer, const char *text, size_t len);
void wf_lex_bad(struct wf_lexer *lexer, const char *text, size_t len);

#endif
