/*
 * feed.c - hands the tokens to the parser and keeps count of the brackets.
 *
 * A declaration word in column 1 closes what is still open: the block is reported at its opening
 * and the missing closers are handed over. After a syntax error the feed skips to where the next
 * item of the innermost block begins: a first word of a line that stands no deeper than that
 * block's first item, its closing brace, or, outside blocks, a declaration in column 1.
 */
#include "lang/syntax/parser.h"

static bool is_sign(const struct wf_token *t, unsigned sign)
{
    return t->raw == WF_RAW_SIGN && t->sign == sign;
}

/* The next token behind `at` that is the parser's. */
static size_t following(const struct wf_parser *p, size_t at)
{
    while (at + 1 < p->tokens->n && p->tokens->items[++at].flags & WF_TK_SKIP)
        ;
    return at;
}

/* A word in column 1 that begins a declaration: not a field `coupon text`, not a test's member. */
static bool begins_declaration(const struct wf_parser *p, size_t at)
{
    const struct wf_token *t = &p->tokens->items[at];
    if (t->raw != WF_RAW_WORD || !(t->flags & WF_TK_LINE) || t->column != 0 || !t->keyword ||
        wf_keyword_info((enum wf_keyword)t->keyword)->group != WF_GROUP_DECL)
        return false;
    const struct wf_token *next = &p->tokens->items[following(p, at)];
    if (t->keyword == WF_KW_MEMBER)
        return is_sign(next, '{') || next->keyword == WF_KW_FROM || next->keyword == WF_KW_DELTA;
    if (next->raw == WF_RAW_SIGN)
        return (t->keyword == WF_KW_WHEN && (next->sign == '(' || next->sign == '-')) ||
               (t->keyword == WF_KW_POLICY && next->sign == '{');
    return !next->keyword ||
           wf_keyword_info((enum wf_keyword)next->keyword)->group != WF_GROUP_TYPE;
}

/* ---- brackets ---- */

static void open_bracket(struct wf_parser *p, size_t at, char sign)
{
    size_t next = following(p, at), line = at;
    const struct wf_token *first = &p->tokens->items[next];
    while (line > 0 && !(p->tokens->items[line].flags & WF_TK_LINE))
        line--;
    p->brackets[p->n_brackets++] = (struct wf_bracket){
        .token = (uint32_t)at,
        .sign = sign,
        .indent = p->tokens->items[line].column,
        .column = first->flags & WF_TK_LINE ? first->column : UINT32_MAX,
    };
}

/* A `}` that stands further left than its block began closes an outer one: this one's is missing.
 */
static void close_bracket(struct wf_parser *p, size_t at, char open)
{
    const struct wf_token *t = &p->tokens->items[at];
    uint32_t n = p->n_brackets;
    while (n > 0 && p->brackets[n - 1].sign != open && open == '{')
        n--;
    if (n == 0 || p->brackets[n - 1].sign != open)
        return;
    const struct wf_bracket *block = &p->brackets[n - 1];
    p->n_brackets = n - 1;
    if (open == '{' && t->flags & WF_TK_LINE && t->column < block->indent &&
        p->suspect == UINT32_MAX)
        p->suspect = block->token;
    if (p->n_brackets == 0)
        p->suspect = UINT32_MAX;
}

/* What follows the bracket opened at items[at]: behind its closer, or the next declaration. */
static size_t skip_bracket(const struct wf_parser *p, size_t at)
{
    size_t depth = 0, from = at;
    for (; p->tokens->items[at].raw != WF_RAW_EOF; at++) {
        const struct wf_token *t = &p->tokens->items[at];
        if (at > from && begins_declaration(p, at))
            return at;
        if (t->raw != WF_RAW_SIGN)
            continue;
        if (t->sign == '(' || t->sign == '[' || t->sign == '{')
            depth++;
        if ((t->sign == ')' || t->sign == ']' || t->sign == '}') && --depth == 0)
            return following(p, at);
    }
    return at;
}

static void count_bracket(struct wf_parser *p, size_t at)
{
    const struct wf_token *t = &p->tokens->items[at];
    if (t->raw != WF_RAW_SIGN)
        return;
    switch (t->sign) {
    case '(':
    case '[':
    case '{': open_bracket(p, at, (char)t->sign); break;
    case ')': close_bracket(p, at, '('); break;
    case ']': close_bracket(p, at, '['); break;
    case '}': close_bracket(p, at, '{'); break;
    default: break;
    }
}

static bool opens(const struct wf_token *t)
{
    return is_sign(t, '(') || is_sign(t, '[') || is_sign(t, '{');
}

static struct wf_span span_of(const struct wf_parser *p, size_t at)
{
    const struct wf_token *t = &p->tokens->items[at];
    return (struct wf_span){p->file, t->start, t->end};
}

/* Says that a bracket is not closed, at its opening, once. */
static void tell_unclosed(struct wf_parser *p, size_t at)
{
    if (p->told_unclosed)
        return;
    p->told_unclosed = true;
    if (p->told_depth)
        return; /* what was not read may hold the closer */
    const struct wf_bracket *open = &p->brackets[p->n_brackets - 1];
    bool suspect = open->sign == '{' && p->suspect != UINT32_MAX;
    struct wf_span span = span_of(p, suspect ? p->suspect : open->token);
    struct wf_diag *d = wf_diag(p->diags, WF_E0111, span, "this `%c` is never closed", open->sign);
    if (p->tokens->items[at].raw != WF_RAW_EOF)
        wf_diag_label(p->diags, d, span_of(p, at), "still open where this declaration begins");
    p->suspect = UINT32_MAX;
}

/* ---- after a mistake ---- */

/* The innermost open block; 0: none. Parentheses inside it are given up. */
static void drop_parentheses(struct wf_parser *p)
{
    while (p->n_brackets > 0 && p->brackets[p->n_brackets - 1].sign != '{')
        p->n_brackets--;
}

static bool resumes_at(const struct wf_parser *p, size_t at, bool moved)
{
    const struct wf_token *t = &p->tokens->items[at];
    if (t->raw == WF_RAW_EOF || begins_declaration(p, at))
        return true;
    if (p->n_brackets == 0)
        return moved && t->raw == WF_RAW_WORD && !t->keyword && t->flags & WF_TK_LINE &&
               t->column == 0 && wf_near_declaration(t->text);
    if (is_sign(t, '}'))
        return true;
    const struct wf_bracket *block = &p->brackets[p->n_brackets - 1];
    return moved && t->flags & WF_TK_LINE && block->column != UINT32_MAX &&
           t->column <= block->column;
}

/* Finds where to go on; the parser is then told SYNC. */
static void resume(struct wf_parser *p)
{
    size_t at = p->handed;
    p->n_brackets = p->before;
    drop_parentheses(p);
    bool moved = at != p->synced; /* no progress since the last time: go past it */
    while (!(resumes_at(p, at, moved) && (moved || p->tokens->items[at].raw == WF_RAW_EOF))) {
        at = is_sign(&p->tokens->items[at], '{') ? skip_bracket(p, at) : following(p, at);
        moved = true;
    }
    if (p->asked && p->tokens->items[at].raw == WF_RAW_EOF)
        p->asked->skipped = true;
    p->at = p->synced = p->announced = at;
    p->panic = false;
}

/* ---- the feed ---- */

static int special(struct wf_parser *p, enum wf_special which, struct wf_span *span)
{
    *span = (struct wf_span){p->file, span->start, span->start};
    return wf_parser_special(which);
}

/* Hands over the closer of the innermost bracket at items[at], which is not one itself. */
static int missing_closer(struct wf_parser *p, struct wf_span *span)
{
    char open = p->brackets[--p->n_brackets].sign;
    *span = (struct wf_span){p->file, span->start, span->start};
    return open == '{' ? '}' : open == '[' ? ']' : ')';
}

/* A bracket too deep: its inside is not read. */
static void refuse_depth(struct wf_parser *p, size_t at)
{
    if (!p->told_depth)
        wf_diag(p->diags, WF_E0108, span_of(p, at), "brackets are nested more than %d deep",
                WF_MAX_NESTING);
    p->told_depth = true;
    p->tokens->items[at].flags |= WF_TK_REPORTED;
}

static void follow_metric(struct wf_parser *p, const struct wf_token *t)
{
    if (p->n_brackets > 0 || t->raw != WF_RAW_WORD || !t->keyword)
        return;
    if (t->keyword == WF_KW_METRIC)
        p->in_metric = true;
    else if (wf_keyword_info((enum wf_keyword)t->keyword)->group == WF_GROUP_DECL &&
             t->flags & WF_TK_LINE)
        p->in_metric = false;
}

/* In a metric the last `by` names the column of its table; others belong to event sets. */
static bool ends_metric(const struct wf_parser *p, size_t at)
{
    size_t next = following(p, following(p, at));
    while (is_sign(&p->tokens->items[next], '.'))
        next = following(p, following(p, next));
    const struct wf_token *t = &p->tokens->items[next];
    bool declares = t->raw == WF_RAW_WORD && t->keyword && t->flags & WF_TK_LINE &&
                    wf_keyword_info((enum wf_keyword)t->keyword)->group == WF_GROUP_DECL;
    return t->raw == WF_RAW_EOF || is_sign(t, ';') || declares;
}

int wf_yylex(union wf_yyvalue *value, struct wf_span *span, struct wf_parser *p)
{
    if (p->panic && !p->answered) {
        resume(p);
        *span = span_of(p, p->at);
        return special(p, WF_SPECIAL_SYNC, span);
    }
    size_t at = p->at;
    while (p->tokens->items[at].flags & WF_TK_SKIP)
        at++;
    const struct wf_token *t = &p->tokens->items[at];
    p->handed = at;
    p->before = p->n_brackets;
    *span = span_of(p, at);
    value->tok = (uint32_t)at;
    if (p->asked && t->raw == WF_RAW_EOF) /* the question; then there is no more to say */
        return p->answered ? wf_parser_token(t) : special(p, WF_SPECIAL_WRONG, span);
    if (p->n_brackets > 0 && (t->raw == WF_RAW_EOF || begins_declaration(p, at))) {
        tell_unclosed(p, at);
        return missing_closer(p, span);
    }
    if (p->announced != at && begins_declaration(p, at)) {
        p->announced = at;
        return special(p, WF_SPECIAL_SYNC, span);
    }
    p->told_unclosed = p->told_unclosed && t->raw == WF_RAW_EOF;
    if (t->raw == WF_RAW_EOF) {
        bool ended = p->ended;
        p->ended = true;
        return ended ? wf_parser_token(t) : special(p, WF_SPECIAL_SYNC, span);
    }
    if (opens(t) && p->n_brackets == WF_MAX_NESTING) {
        refuse_depth(p, at);
        p->at = skip_bracket(p, at);
        return wf_parser_special(WF_SPECIAL_BAD);
    }
    count_bracket(p, at);
    follow_metric(p, t);
    p->at = following(p, at);
    if (p->in_metric && p->n_brackets == 0 && t->keyword == WF_KW_BY && ends_metric(p, at))
        return special(p, WF_SPECIAL_METRIC_BY, span);
    return wf_parser_token(t);
}
