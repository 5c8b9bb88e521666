/*
 * filter.c - what is settled between the lexer and the parser, token by token:
 *
 *   phrases      in last -> one token          a comma before and / or / then is dropped
 *   7 days       said once, read as 7d         1,000 said once, read as 1000
 *   key text     a field called `key`: the word before a type is a name
 */
#include <string.h>

#include "lang/syntax/token.h"

struct filter {
    struct wf_tokens *tokens;
    struct wf_diags *diags;
    uint32_t file;
};

static struct wf_span span_between(const struct filter *f, const struct wf_token *a,
                                   const struct wf_token *b)
{
    return (struct wf_span){f->file, a->start, b->end};
}

static bool word_is(const struct wf_token *t, const char *text, size_t len)
{
    return t->raw == WF_RAW_WORD && t->text && t->text->len == len &&
           memcmp(t->text->text, text, len) == 0;
}

/* How many tokens from items[at] spell this phrase; 0: they do not. */
static size_t phrase_tokens(const struct wf_tokens *tokens, size_t at, const char *phrase)
{
    size_t n = 0;
    while (*phrase) {
        size_t len = strcspn(phrase, " ");
        if (at + n >= tokens->n || !word_is(&tokens->items[at + n], phrase, len))
            return 0;
        n++;
        phrase += len + (phrase[len] == ' ');
    }
    return n;
}

/* Joins the longest phrase that begins at items[at]. */
static void join_phrase(struct filter *f, size_t at)
{
    struct wf_token *t = &f->tokens->items[at];
    size_t best = 1;
    uint16_t keyword = t->keyword;
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++) {
        const char *en = wf_keyword_info((enum wf_keyword)k)->en;
        if (en[0] != t->text->text[0] || !strchr(en, ' '))
            continue;
        size_t n = phrase_tokens(f->tokens, at, en);
        if (n > best) {
            best = n;
            keyword = (uint16_t)k;
        }
    }
    t->keyword = keyword;
    for (size_t i = 1; i < best; i++) {
        t->end = f->tokens->items[at + i].end;
        f->tokens->items[at + i].flags |= WF_TK_SKIP;
    }
}

static bool is_type_word(const struct wf_token *t)
{
    enum wf_keyword k = t->raw == WF_RAW_WORD ? (enum wf_keyword)t->keyword : WF_KW_NONE;
    return k == WF_KW_SET || k == WF_KW_ONE_OF || (k >= WF_KW_T_BOOL && k <= WF_KW_T_SET);
}

/* `key private format` before a type are names, unless that type word is a field's name itself. */
static void settle_attribute(struct filter *f, size_t at)
{
    struct wf_token *t = &f->tokens->items[at];
    if (t->keyword != WF_KW_KEY && t->keyword != WF_KW_PRIVATE && t->keyword != WF_KW_FORMAT)
        return;
    if (at + 2 < f->tokens->n && is_type_word(&f->tokens->items[at + 1]) &&
        !is_type_word(&f->tokens->items[at + 2])) {
        t->keyword = WF_KW_NONE;
        t->flags |= WF_TK_NAME;
    }
}

static void drop_comma(struct filter *f, size_t at)
{
    struct wf_token *t = &f->tokens->items[at];
    if (t->raw != WF_RAW_SIGN || t->sign != ',' || at + 1 >= f->tokens->n)
        return;
    const struct wf_token *next = &f->tokens->items[at + 1];
    if (next->keyword == WF_KW_AND || next->keyword == WF_KW_OR || next->keyword == WF_KW_THEN)
        t->flags |= WF_TK_SKIP;
}

/* ---- mends ---- */

static const struct {
    const char *word, *unit;
    uint8_t op;
} unit_words[] = {
    {"day", "d", WF_OP_UNIT_D},        {"days", "d", WF_OP_UNIT_D},
    {"week", "w", WF_OP_UNIT_W},       {"weeks", "w", WF_OP_UNIT_W},
    {"month", "mo", WF_OP_UNIT_MO},    {"months", "mo", WF_OP_UNIT_MO},
    {"year", "y", WF_OP_UNIT_Y},       {"years", "y", WF_OP_UNIT_Y},
    {"hour", "h", WF_OP_UNIT_H},       {"hours", "h", WF_OP_UNIT_H},
    {"minute", "min", WF_OP_UNIT_MIN}, {"minutes", "min", WF_OP_UNIT_MIN},
    {"second", "s", WF_OP_UNIT_S},     {"seconds", "s", WF_OP_UNIT_S},
};

/* The unit that a word behind a number means: its spelling and operator; NULL: none. */
static const char *unit_of_word(const struct wf_token *t, uint8_t *op_out)
{
    for (size_t i = 0; i < sizeof(unit_words) / sizeof(unit_words[0]); i++) {
        if (word_is(t, unit_words[i].word, strlen(unit_words[i].word))) {
            *op_out = unit_words[i].op;
            return unit_words[i].unit;
        }
    }
    size_t len = 0;
    const struct wf_unit_info *unit =
        t->raw == WF_RAW_WORD && t->text ? wf_unit_find(t->text->text, t->text->len, &len) : NULL;
    if (!unit || len != t->text->len)
        return NULL;
    *op_out = unit->op;
    return len == strlen(unit->zh) && memcmp(t->text->text, unit->zh, len) == 0 ? unit->zh
                                                                                : unit->en;
}

static void mend_unit(struct filter *f, size_t at)
{
    struct wf_token *t = &f->tokens->items[at];
    if (t->raw != WF_RAW_INT || at + 2 >= f->tokens->n)
        return;
    struct wf_token *word = &f->tokens->items[at + 1];
    const struct wf_token *after = &f->tokens->items[at + 2];
    uint8_t op;
    const char *unit = word->flags & WF_TK_LINE ? NULL : unit_of_word(word, &op);
    if (!unit || after->keyword == WF_KW_WHEN || after->keyword == WF_KW_OTHERWISE ||
        is_type_word(after))
        return;
    struct wf_span span = span_between(f, t, word);
    if (f->diags) {
        struct wf_diag *d =
            wf_diag(f->diags, WF_E0113, span, "write the unit at the number: `%s%s`",
                    t->spell ? t->spell->text : "", unit);
        wf_diag_edit(f->diags, d, span, "%s%s", t->spell ? t->spell->text : "", unit);
        wf_diag_fix(f->diags, d, "write `%s%s`", t->spell ? t->spell->text : "", unit);
    }
    t->raw = WF_RAW_DURATION;
    t->unit = op;
    t->end = word->end;
    word->flags |= WF_TK_SKIP;
}

/* Whether items[at] stands in parentheses: then 1,000 may be a list of two. */
static bool in_parentheses(const struct wf_tokens *tokens, size_t at)
{
    int depth = 0;
    for (size_t i = at, steps = 0; i-- > 0 && steps < 1000; steps++) {
        const struct wf_token *t = &tokens->items[i];
        if (t->raw != WF_RAW_SIGN)
            continue;
        if (t->sign == ')' || t->sign == ']' || t->sign == '}')
            depth++;
        if ((t->sign == '(' || t->sign == '[' || t->sign == '{') && depth-- == 0)
            return t->sign == '(';
    }
    return false;
}

/* Whether items[at], items[at + 1] go on the number before them: `,000`. */
static bool is_thousands(const struct wf_tokens *tokens, size_t at)
{
    const struct wf_token *comma = &tokens->items[at];
    if (at + 1 >= tokens->n || comma->raw != WF_RAW_SIGN || comma->sign != ',' ||
        comma->flags & WF_TK_SPACE)
        return false;
    const struct wf_token *group = &tokens->items[at + 1];
    return group->raw == WF_RAW_INT && !(group->flags & WF_TK_SPACE) && group->spell &&
           group->spell->len == 3 && group->num < 1000;
}

static void mend_thousands(struct filter *f, size_t at)
{
    struct wf_token *t = &f->tokens->items[at];
    if (t->raw != WF_RAW_INT || !is_thousands(f->tokens, at + 1) || t->num > 999)
        return;
    if (f->tokens->items[at + 2].spell->text[0] != '0' && in_parentheses(f->tokens, at))
        return;
    struct wf_token *last = t;
    for (size_t i = at + 1; is_thousands(f->tokens, i) && t->num < INT64_C(1000000000000); i += 2) {
        last = &f->tokens->items[i + 1];
        t->num = t->num * 1000 + last->num;
        last->flags |= WF_TK_SKIP;
        f->tokens->items[i].flags |= WF_TK_SKIP;
    }
    t->end = last->end;
    t->real = (double)t->num;
    struct wf_span span = span_between(f, t, last);
    if (!f->diags)
        return;
    struct wf_diag *d = wf_diag(f->diags, WF_E0105, span, "numbers have no thousands separators");
    wf_diag_edit(f->diags, d, span, "%lld", (long long)t->num);
    wf_diag_fix(f->diags, d, "write `%lld`", (long long)t->num);
}

void wf_filter(struct wf_tokens *tokens, uint32_t file, struct wf_diags *diags)
{
    struct filter f = {.tokens = tokens, .diags = diags, .file = file};
    for (size_t i = 0; i < tokens->n; i++) {
        struct wf_token *t = &tokens->items[i];
        if (t->flags & WF_TK_SKIP)
            continue;
        if (t->flags & WF_TK_PHRASE)
            join_phrase(&f, i);
    }
    for (size_t i = 0; i < tokens->n; i++) {
        if (tokens->items[i].flags & WF_TK_SKIP)
            continue;
        mend_thousands(&f, i);
        mend_unit(&f, i);
        settle_attribute(&f, i);
        drop_comma(&f, i);
    }
}
