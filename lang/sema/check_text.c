/*
 * check_text.c - texts with holes: "您好{name|亲}".
 *
 * The string's own bytes are cut at `{` and `}`; what stands between is an expression, and behind a
 * `|` what is said when it is missing. A brace as a character is written \u{7b}.
 */
#include <string.h>

#include <utf8proc.h>

#include "lang/sema/check.h"

struct cursor {
    struct wf_ctx *ctx;
    struct wf_node *string;
    const char *text; /* of the file */
    uint32_t at, end; /* between the quotes */
    struct wf_node **tail;
};

static uint32_t quote_length(const char *text, uint32_t at)
{
    return (unsigned char)text[at] < 0x80 ? 1 : 3; /* " or one of “ ” 「 」 */
}

/* The escape that begins here: its length in the file, its bytes to `out` unless NULL. */
static uint32_t escape(const char *p, const char *end, struct wf_buf *out)
{
    if (end - p < 2)
        return 1;
    if (p[1] != 'u') {
        if (out)
            wf_buf_addc(out, p[1] == 'n' ? '\n' : p[1] == 't' ? '\t' : p[1]);
        return 2;
    }
    const char *close = memchr(p, '}', (size_t)(end - p));
    if (!close)
        return 2;
    utf8proc_int32_t c = 0;
    for (const char *digit = p + 3; digit < close; digit++) {
        int value = *digit <= '9' ? *digit - '0' : (*digit | 0x20) - 'a' + 10;
        c = c * 16 + value; /* the lexer saw to it that it is a character */
    }
    utf8proc_uint8_t bytes[4];
    if (out)
        wf_buf_add(out, bytes, (size_t)utf8proc_encode_char(c, bytes));
    return (uint32_t)(close - p) + 1;
}

static const struct wf_str *decode(struct wf_sema *s, const char *text, uint32_t from, uint32_t to)
{
    struct wf_buf out;
    wf_buf_init(&out, s->alloc, 0);
    for (uint32_t i = from; i < to;) {
        if (text[i] == '\\') {
            i += escape(text + i, text + to, &out);
        } else {
            wf_buf_addc(&out, text[i]);
            i++;
        }
    }
    const struct wf_str *str = out.failed ? NULL : wf_intern(s->names, wf_buf_str(&out), out.len);
    wf_buf_release(&out);
    if (!str)
        s->nomem = true;
    return str;
}

static void add_part(struct cursor *c, struct wf_node *part)
{
    *c->tail = part;
    c->tail = &part->next;
}

static void add_words(struct cursor *c, uint32_t from, uint32_t to)
{
    struct wf_sema *s = c->ctx->s;
    struct wf_span span = {c->string->span.file, from, to};
    struct wf_node *part = from < to ? wf_sema_node(s, WF_N_STRING, span) : NULL;
    if (!part)
        return;
    part->name = part->text = decode(s, c->text, from, to);
    part->type = wf_type_plain(WF_T_TEXT, false);
    add_part(c, part);
}

static void require_fallback(struct cursor *c, struct wf_node *hole, const struct wf_node *expr)
{
    struct wf_sema *s = c->ctx->s;
    if (hole->name || wf_type_bad(expr->type) || !expr->type->optional)
        return;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0505, hole->span, "`%s` may be missing, and then this text has a gap",
                wf_words(s, expr));
    if (expr->sym && expr->sym->field && expr->sym->field->decl)
        wf_diag_label(s->diags, diag, expr->sym->field->decl->span, "may be missing");
    wf_diag_note(s->diags, diag, "say what stands there instead: {%s|...}", wf_words(s, expr));
}

static bool printable(const struct wf_type_info *type)
{
    return type->sort == WF_SORT_VALUE && type->base != WF_T_REF && type->base != WF_T_SET;
}

static void check_hole(struct cursor *c, struct wf_node *hole, struct wf_node *expr)
{
    struct wf_sema *s = c->ctx->s;
    const struct wf_type_info *type = wf_check_value(c->ctx, expr, NULL);
    hole->kid[WF_K_PROP_VALUE] = expr;
    hole->type = type;
    if (!wf_type_bad(type) && !printable(type))
        wf_diag(s->diags, WF_E0301, expr->span, "`%s` is %s, which cannot stand in a text",
                wf_words(s, expr), wf_type_text(type));
    require_fallback(c, hole, expr);
}

/* From `{` to its `}`. */
static void take_hole(struct cursor *c)
{
    struct wf_sema *s = c->ctx->s;
    uint32_t open = c->at++, bar = 0;
    for (; c->at < c->end && c->text[c->at] != '}' && c->text[c->at] != '{'; c->at++) {
        if (c->text[c->at] == '|' && !bar)
            bar = c->at;
    }
    struct wf_span span = {c->string->span.file, open, c->at};
    if (c->at >= c->end || c->text[c->at] != '}') {
        struct wf_span brace = {span.file, open, open + 1};
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0506, brace, "this `{` has no `}` in the text");
        wf_diag_note(s->diags, diag,
                     "a hole is {name} or {name|what to say instead}; a brace as a "
                     "character is written \\u{7b}");
        c->at = c->end;
        return;
    }
    span.end = ++c->at;
    if (memchr(c->text + open, '#', c->at - open)) {
        wf_diag(s->diags, WF_E0506, span, "a hole in a text holds no `#`");
        return;
    }
    struct wf_span inner = {span.file, open + 1, bar ? bar : span.end - 1};
    struct wf_node *hole = wf_sema_node(s, WF_N_PROP, span);
    struct wf_node *expr = NULL;
    struct wf_unit *unit = (struct wf_unit *)c->ctx->module;
    enum wf_status status =
        wf_parse_expr(s->trees, s->names, s->sources, inner, s->diags, &unit->seen, &expr);
    if (status == WF_ERR_NOMEM || !hole)
        s->nomem = true;
    if (status != WF_OK || !expr || !hole)
        return;
    if (bar)
        hole->name = decode(s, c->text, bar + 1, span.end - 1);
    check_hole(c, hole, expr);
    add_part(c, hole);
}

/* ｛name｜亲｝ would be sent as it stands. */
static void warn_wide(struct cursor *c)
{
    struct wf_sema *s = c->ctx->s;
    static const char open[] = "｛", close[] = "｝", bar[] = "｜";
    const char *from = memmem(c->text + c->at, c->end - c->at, open, 3);
    const char *to = from ? memmem(from, (size_t)(c->text + c->end - from), close, 3) : NULL;
    if (!to)
        return;
    uint32_t file = c->string->span.file;
    uint32_t start = (uint32_t)(from - c->text), end = (uint32_t)(to - c->text);
    struct wf_span whole = {file, start, end + 3};
    struct wf_diag *diag = wf_diag(s->diags, WF_W0503, whole,
                                   "these full-width braces are sent to the member as they stand");
    wf_diag_edit(s->diags, diag, (struct wf_span){file, start, start + 3}, "{");
    const char *mid = memmem(from, (size_t)(to - from), bar, 3);
    if (mid)
        wf_diag_edit(
            s->diags, diag,
            (struct wf_span){file, (uint32_t)(mid - c->text), (uint32_t)(mid - c->text) + 3}, "|");
    wf_diag_edit(s->diags, diag, (struct wf_span){file, end, end + 3}, "}");
    wf_diag_fix(s->diags, diag, "write { | } in half width");
}

void wf_check_text(struct wf_ctx *ctx, struct wf_node *string)
{
    if (!string || string->kind != WF_N_STRING || string->type)
        return;
    string->type = wf_type_plain(WF_T_TEXT, false);
    const char *text = ctx->s->sources->files[string->span.file].text;
    struct cursor c = {.ctx = ctx, .string = string, .text = text};
    uint32_t quote = quote_length(text, string->span.start);
    if (string->span.end < string->span.start + 2 * quote)
        return;
    c.at = string->span.start + quote;
    c.end = string->span.end - quote;
    c.tail = &string->kid[0];
    warn_wide(&c);
    uint32_t words = c.at;
    bool holes = false;
    while (c.at < c.end) {
        if (text[c.at] == '\\') {
            c.at += escape(text + c.at, text + c.end, NULL);
        } else if (text[c.at] == '{') {
            add_words(&c, words, c.at);
            take_hole(&c);
            words = c.at;
            holes = true;
        } else if (text[c.at] == '}') {
            struct wf_span brace = {string->span.file, c.at, c.at + 1};
            wf_diag(ctx->s->diags, WF_E0506, brace, "this `}` has no `{` before it in the text");
            return;
        } else {
            c.at++;
        }
    }
    if (holes) {
        add_words(&c, words, c.end);
        string->form = WF_FORM_TEMPLATE;
    }
}
