/*
 * hover.c - what stands under the pointer: how it was declared, what it is, what is written about
 * it, how many members were in it last night; of a keyword, what it means.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/lsp/server.h"

/* The size of a segment or class on the last night, if one is found. */
static void add_night(struct wf_lsp *lsp, const struct wf_lsp_spot *spot,
                      const struct wf_symbol *sym, struct wf_buf *out)
{
    struct wf_lsp_night night;
    struct wf_buf name;
    if (!lsp->host.night || (sym->kind != WF_SYM_SEGMENT && sym->kind != WF_SYM_CLASS))
        return;
    wf_buf_init(&name, NULL, 0);
    if (sym->kind == WF_SYM_CLASS && sym->type && sym->type->enums && sym->type->enums->classify)
        wf_buf_addf(&name, "%s=", sym->type->enums->classify->name->text);
    wf_buf_adds(&name, sym->name->text);
    if (!name.failed &&
        lsp->host.night(lsp->host.ctx, lsp->out_folder, spot->doc->path, name.data, &night)) {
        wf_buf_adds(out, "\n\n");
        if (night.entered >= 0)
            wf_say(out,
                   "On the night of %s it held %lld members; since the night before %lld had "
                   "come and %lld had left.",
                   night.date, night.size, night.entered, night.left);
        else
            wf_say(out, "On the night of %s it held %lld members.", night.date, night.size);
    }
    wf_buf_release(&name);
}

static void describe(struct wf_lsp *lsp, const struct wf_lsp_spot *spot,
                     const struct wf_symbol *sym, struct wf_buf *out)
{
    const struct wf_front *front = &spot->root->front;
    struct wf_span place;
    wf_buf_adds(out, "```wayfare\n");
    size_t before = out->len;
    wf_query_source(front, sym, out);
    if (out->len == before)
        wf_buf_adds(out, sym->name->text);
    wf_buf_adds(out, "\n```\n");
    wf_query_kind(sym, out);
    if (wf_query_place(sym, &place) && place.file < front->sources.n &&
        front->sources.files[place.file].embedded)
        wf_buf_addf(out, " · %s", front->sources.files[place.file].name);
    struct wf_buf comment;
    wf_buf_init(&comment, NULL, 0);
    wf_query_comment(front, sym, &comment);
    wf_buf_addf(out, "%s%s", comment.len ? "\n\n" : "", wf_buf_str(&comment));
    wf_buf_release(&comment);
    add_night(lsp, spot, sym, out);
}

static void describe_keyword(enum wf_keyword keyword, struct wf_buf *out)
{
    const struct wf_keyword_info *info = wf_keyword_info(keyword);
    wf_buf_addf(out, "**%s** · **%s**\n\n%s", info->en, info->zh, wf_keyword_help(keyword));
}

/* The keyword that stands at the spot, as the parser took it. */
static enum wf_keyword keyword_at(const struct wf_lsp_spot *spot, struct wf_span *span_out)
{
    struct wf_lsp_tokens t;
    enum wf_keyword found = WF_KW_NONE;
    if (wf_lsp_tokens_of(spot, &t) == WF_OK) {
        for (size_t i = 0; i < t.tokens.n && t.tokens.items[i].start <= spot->at; i++) {
            const struct wf_token *token = &t.tokens.items[i];
            if (token->raw != WF_RAW_WORD || token->end < spot->at ||
                token->flags & (WF_TK_NAME | WF_TK_SKIP))
                continue;
            found = (enum wf_keyword)token->keyword;
            *span_out = (struct wf_span){spot->file, token->start, token->end};
        }
    }
    wf_lsp_tokens_release(&t);
    return found;
}

/* The explanation of what is said about the place. */
static void add_findings(const struct wf_lsp_spot *spot, struct wf_buf *out)
{
    const struct wf_diags *diags = &spot->root->front.diags;
    for (size_t i = 0; i < diags->n; i++) {
        const struct wf_diag *d = diags->items[i];
        if (d->span.file != spot->file || d->span.start > spot->at || d->span.end < spot->at)
            continue;
        wf_buf_addf(out, "%s**%s** %s\n\n%s", out->len ? "\n\n---\n\n" : "", wf_code_text(d->code),
                    wf_word(wf_code_title(d->code)), wf_word(wf_code_help(d->code)));
        return;
    }
}

json_t *wf_lsp_hover(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    struct wf_use use;
    struct wf_buf words;
    struct wf_span span = {0};
    if (!wf_lsp_spot(call, true, &spot))
        return NULL;
    wf_buf_init(&words, NULL, 0);
    struct wf_lsp_spot of = spot; /* where the symbol is from */
    struct wf_symbol *sym = wf_lsp_symbol_kept(&of, &use);
    enum wf_keyword keyword = sym && use.node ? WF_KW_NONE : keyword_at(&spot, &span);
    if (keyword)
        describe_keyword(keyword, &words);
    else if (sym)
        describe(call->lsp, &of, sym, &words);
    if (sym && !keyword)
        span = use.span;
    add_findings(&spot, &words);
    json_t *hover = words.len ? json_pack("{s:{s:s, s:s}}", "contents", "kind", "markdown", "value",
                                          wf_buf_str(&words))
                              : json_null();
    if (words.len && hover && span.end > span.start)
        json_object_set_new(hover, "range", wf_lsp_range(&spot.doc->lines, span.start, span.end));
    wf_buf_release(&words);
    return hover;
}
