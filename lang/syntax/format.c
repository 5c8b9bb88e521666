/*
 * format.c - a file in its canonical form.
 *
 * The tokens are written again, not the tree: so comments stay, and each word keeps the role that
 * the parser found for it. What the layout follows from (first on a line, an empty line before, a
 * block on one line or on many) is the same in the text that comes out: formatting twice is
 * formatting once.
 */
#include <string.h>

#include "lang/base/limits.h"
#include "lang/syntax/token.h"

enum { INDENT = 2 };

struct open_bracket {
    size_t indent; /* of the line it stands on */
    bool brace;
    bool broken; /* a brace whose items have lines of their own */
};

struct formatter {
    struct wf_buf *out;
    const char *text;
    const struct wf_tokens *tokens;
    enum wf_keywords keywords;
    size_t start;                  /* of this file in out */
    size_t comment;                /* the next one to write */
    const struct wf_token *before; /* the token written last on this line; NULL: line is empty */
    size_t line_indent;
    bool must_break;   /* a comment ended the line */
    bool carried_line; /* a token that is not written was first on its line */
    uint32_t n_open;
    struct open_bracket open[WF_MAX_NESTING + 1]; /* [0] stands for the file */
};

static bool is_sign(const struct wf_token *t, unsigned sign)
{
    return t && t->raw == WF_RAW_SIGN && t->sign == sign;
}

/* ---- marks: where items begin, which signs are unary ---- */

static struct wf_token *token_at(const struct wf_tokens *tokens, uint32_t start)
{
    size_t low = 0, high = tokens->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (tokens->items[mid].start < start)
            low = mid + 1;
        else
            high = mid;
    }
    return low < tokens->n ? &tokens->items[low] : NULL;
}

static bool holds_items(const struct wf_node *n, unsigned slot)
{
    switch (n->kind) {
    case WF_N_MODULE:
    case WF_N_MEMBER:
    case WF_N_EVENT:
    case WF_N_TABLE:
    case WF_N_COUPON:
    case WF_N_MESSAGE:
    case WF_N_GROUP:
    case WF_N_CLASSIFY:
    case WF_N_JOURNEY:
    case WF_N_MIGRATE:
    case WF_N_BLOCK:
    case WF_N_SPLIT:
    case WF_N_POLICY:
    case WF_N_TEST:
    case WF_N_TEST_MEMBER:
    case WF_N_TEST_EVENT:
    case WF_N_TEST_CHANGE: return wf_node_slot((enum wf_node_kind)n->kind, slot).list;
    default: return false;
    }
}

static void mark(const struct wf_tokens *tokens, const struct wf_node *n)
{
    struct wf_token *t = token_at(tokens, n->span.start);
    if (n->kind == WF_N_NEG && is_sign(t, '-'))
        t->flags |= WF_TK_UNARY;
    if (n->kind == WF_N_ACTION && n->op == WF_OP_DO_POINTS)
        t[1].flags |= WF_TK_UNARY;
    for (unsigned i = 0; i < WF_MAX_KIDS; i++) {
        bool list = wf_node_slot((enum wf_node_kind)n->kind, i).list;
        bool items = holds_items(n, i);
        bool pairs = n->kind == WF_N_ACTION && n->op == WF_OP_DO_EMIT && i == WF_K_ACTION_WITH;
        for (const struct wf_node *kid = n->kid[i]; kid; kid = list ? kid->next : NULL) {
            if (items)
                token_at(tokens, kid->span.start)->flags |= WF_TK_ITEM;
            for (const struct wf_node *pair = pairs ? kid->kid[0] : NULL; pair; pair = pair->next)
                token_at(tokens, pair->span.start)->flags |= WF_TK_ITEM;
            mark(tokens, kid);
        }
    }
}

/* ---- spelling ---- */

static void write_keyword(struct formatter *f, const struct wf_token *t)
{
    const struct wf_keyword_info *info = wf_keyword_info((enum wf_keyword)t->keyword);
    bool zh = f->keywords == WF_KEYWORDS_ZH ||
              (f->keywords == WF_KEYWORDS_KEEP && (unsigned char)f->text[t->start] >= 0x80);
    wf_buf_adds(f->out, zh ? info->zh : info->en);
}

static void write_duration(struct formatter *f, const struct wf_token *t)
{
    bool zh = f->keywords == WF_KEYWORDS_ZH ||
              (f->keywords == WF_KEYWORDS_KEEP && (unsigned char)f->text[t->end - 1] >= 0x80);
    wf_buf_add(f->out, t->spell->text, t->spell->len);
    for (size_t i = 0; i < wf_n_units; i++) {
        if (wf_units[i].op == t->unit)
            wf_buf_adds(f->out, zh ? wf_units[i].zh : wf_units[i].en);
    }
}

static void write_sign(struct formatter *f, const struct wf_token *t)
{
    switch (t->sign) {
    case WF_SIGN_NE: wf_buf_adds(f->out, "!="); break;
    case WF_SIGN_LE: wf_buf_adds(f->out, "<="); break;
    case WF_SIGN_GE: wf_buf_adds(f->out, ">="); break;
    case WF_SIGN_ARROW: wf_buf_adds(f->out, "->"); break;
    default: wf_buf_addc(f->out, (char)t->sign); break;
    }
}

static void write_token(struct formatter *f, const struct wf_token *t)
{
    switch (t->raw) {
    case WF_RAW_WORD:
        if (t->keyword && !(t->flags & WF_TK_NAME))
            write_keyword(f, t);
        else
            wf_buf_add(f->out, t->text->text, t->text->len);
        break;
    case WF_RAW_STRING:
        wf_buf_addc(f->out, '"');
        wf_buf_add(f->out, t->spell->text, t->spell->len);
        wf_buf_addc(f->out, '"');
        break;
    case WF_RAW_PERCENT:
        wf_buf_add(f->out, t->spell->text, t->spell->len);
        wf_buf_addc(f->out, '%');
        break;
    case WF_RAW_DURATION: write_duration(f, t); break;
    case WF_RAW_HASH:
        wf_buf_addc(f->out, '@');
        wf_buf_add(f->out, t->text->text, t->text->len);
        break;
    case WF_RAW_SIGN: write_sign(f, t); break;
    default: wf_buf_add(f->out, t->spell->text, t->spell->len); break;
    }
}

/* ---- layout ---- */

static bool wants_space(const struct wf_token *before, const struct wf_token *t)
{
    if (is_sign(before, '(') || is_sign(before, '[') || is_sign(before, '.') ||
        before->flags & WF_TK_UNARY)
        return false;
    return !(is_sign(t, ')') || is_sign(t, ']') || is_sign(t, ',') || is_sign(t, ':') ||
             is_sign(t, '?') || is_sign(t, '.') || is_sign(t, '[') || t->raw == WF_RAW_HASH);
}

static const struct open_bracket *innermost(const struct formatter *f)
{
    return &f->open[f->n_open];
}

/* Where the inside of the innermost bracket begins a line. */
static size_t inner_indent(const struct formatter *f)
{
    return f->n_open ? innermost(f)->indent + INDENT : 0;
}

static void new_line(struct formatter *f, size_t indent, bool blank)
{
    if (f->out->len > f->start) {
        wf_buf_addc(f->out, '\n');
        if (blank)
            wf_buf_addc(f->out, '\n');
    }
    for (size_t i = 0; i < indent; i++)
        wf_buf_addc(f->out, ' ');
    f->line_indent = indent;
    f->before = NULL;
    f->must_break = false;
}

static bool is_broken(const struct formatter *f)
{
    return innermost(f)->broken;
}

static bool closes(const struct wf_token *t)
{
    return is_sign(t, '}') || is_sign(t, ')') || is_sign(t, ']');
}

/* How far in the line stands that begins with this token. */
static size_t indent_of(const struct formatter *f, const struct wf_token *t)
{
    if (closes(t))
        return innermost(f)->indent;
    if (t->raw == WF_RAW_EOF || t->flags & WF_TK_ITEM || !innermost(f)->brace)
        return inner_indent(f);
    return inner_indent(f) + INDENT;
}

static bool wants_line(const struct formatter *f, const struct wf_token *t)
{
    if (f->must_break)
        return true;
    if (t->flags & WF_TK_ITEM)
        return is_broken(f);
    if (is_sign(t, '}'))
        return is_broken(f) && !is_sign(f->before, '{');
    if (is_sign(t, '{') || is_sign(t, ',') || is_sign(t, ':') ||
        (t->keyword == WF_KW_ELSE && is_sign(f->before, '}')))
        return false;
    return t->flags & WF_TK_LINE || f->carried_line;
}

/* Whether a block that opens at items[at] has its items on lines of their own. */
static bool opens_broken(const struct formatter *f, size_t at)
{
    size_t depth = 0;
    const struct wf_tokens *tokens = f->tokens;
    for (size_t i = at; i < tokens->n; i++) {
        const struct wf_token *t = &tokens->items[i];
        if (i > at && t->flags & WF_TK_LINE)
            return true;
        depth += is_sign(t, '{');
        if (is_sign(t, '}') && --depth == 0)
            return false;
    }
    return false;
}

static size_t without_trail(const char *text, size_t len)
{
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return len;
}

static void write_comment(struct formatter *f, const struct wf_comment *c, size_t indent,
                          bool first_inside)
{
    if (c->line || !f->before)
        new_line(f, indent, c->blank && !first_inside);
    else
        wf_buf_adds(f->out, "  ");
    const char *text = f->text + c->start;
    size_t len = c->end - c->start, mark_len = text[0] == '#' ? 1 : 3;
    wf_buf_addc(f->out, '#');
    wf_buf_add(f->out, text + mark_len, without_trail(text + mark_len, len - mark_len));
    f->must_break = true;
}

/* Comments that stand before items[at]. */
static bool write_comments(struct formatter *f, const struct wf_token *t)
{
    bool any = false;
    size_t indent = closes(t) ? inner_indent(f) : indent_of(f, t);
    while (f->comment < f->tokens->n_comments && f->tokens->comments[f->comment].start < t->start) {
        bool first_inside = is_sign(f->before, '{') && !any;
        write_comment(f, &f->tokens->comments[f->comment++], indent, first_inside);
        any = true;
    }
    return any;
}

static void count_bracket(struct formatter *f, size_t at)
{
    const struct wf_token *t = &f->tokens->items[at];
    bool brace = is_sign(t, '{');
    if ((brace || is_sign(t, '(') || is_sign(t, '[')) && f->n_open < WF_MAX_NESTING)
        f->open[++f->n_open] = (struct open_bracket){
            .indent = f->line_indent, .brace = brace, .broken = brace && opens_broken(f, at)};
    if (closes(t) && f->n_open > 0)
        f->n_open--;
}

static void place(struct formatter *f, size_t at)
{
    const struct wf_token *t = &f->tokens->items[at];
    bool after_open = is_sign(f->before, '{');
    bool commented = write_comments(f, t);
    if (wants_line(f, t) || f->out->len == f->start) {
        bool item = t->flags & WF_TK_ITEM;
        new_line(f, indent_of(f, t), item && t->flags & WF_TK_BLANK && (!after_open || commented));
    } else if (f->before && wants_space(f->before, t)) {
        wf_buf_addc(f->out, ' ');
    }
    write_token(f, t);
    f->before = t;
    f->carried_line = false;
    count_bracket(f, at);
}

static void write_all(struct formatter *f)
{
    for (size_t i = 0; i < f->tokens->n; i++) {
        const struct wf_token *t = &f->tokens->items[i];
        if (t->raw == WF_RAW_EOF) {
            write_comments(f, t);
        } else if (t->flags & WF_TK_SKIP || is_sign(t, ';')) {
            f->carried_line |= (t->flags & WF_TK_LINE) != 0;
        } else {
            place(f, i);
        }
    }
    if (f->out->len > f->start)
        wf_buf_addc(f->out, '\n');
}

enum wf_status wf_format(struct wf_buf *out, const struct wf_sources *sources, uint32_t file,
                         struct wf_diags *diags, const struct wf_han_names *declared,
                         enum wf_keywords keywords)
{
    struct wf_arena arena;
    struct wf_intern intern;
    struct wf_tokens tokens;
    struct wf_node *module = NULL;
    wf_arena_init(&arena, sources->alloc);
    wf_intern_init(&intern, sources->alloc, 0);
    wf_tokens_init(&tokens, sources->alloc);
    enum wf_status status =
        wf_parse_tokens(&arena, &intern, sources, file, diags, declared, &tokens, &module);
    struct formatter *f = status ? NULL : wf_calloc(sources->alloc, 1, sizeof(*f));
    if (status == WF_OK && !f)
        status = WF_ERR_NOMEM;
    if (status == WF_OK) {
        mark(&tokens, module);
        *f = (struct formatter){.out = out,
                                .text = sources->files[file].text,
                                .tokens = &tokens,
                                .keywords = keywords,
                                .start = out->len};
        f->open[0] = (struct open_bracket){.brace = true, .broken = true};
        write_all(f);
        if (out->failed)
            status = WF_ERR_NOMEM;
    }
    wf_free(sources->alloc, f);
    wf_tokens_release(&tokens);
    wf_intern_release(&intern);
    wf_arena_release(&arena);
    return status;
}
