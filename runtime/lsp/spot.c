/*
 * spot.c - what requests have in common: the document they are about, and what stands there.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/lsp/server.h"

bool wf_lsp_spot(struct wf_lsp_call *call, bool position, struct wf_lsp_spot *out)
{
    *out = (struct wf_lsp_spot){.doc = wf_lsp_doc_of(call->lsp, call->params)};
    if (!out->doc) {
        wf_lsp_fail(call, WF_RPC_PARAMS, wf_word("this document is not open"));
        return false;
    }
    wf_lsp_refresh(call->lsp);
    if (position &&
        !wf_lsp_at(&out->doc->lines, json_object_get(call->params, "position"), &out->at)) {
        wf_lsp_fail(call, WF_RPC_PARAMS, wf_word("there is no position to look at"));
        return false;
    }
    out->root = wf_lsp_root_of(call->lsp, out->doc->path, &out->file);
    if (!out->root)
        wf_lsp_fail(call, WF_RPC_FAILED, wf_word("this document could not be read"));
    return out->root != NULL;
}

static bool is_word(const struct wf_lsp_doc *doc, size_t at)
{
    unsigned char c = at < doc->len ? (unsigned char)doc->text[at] : 0;
    return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* What the word at the spot names, whatever the sentence around it. */
static struct wf_symbol *symbol_named(const struct wf_lsp_spot *spot, struct wf_use *use_out)
{
    const struct wf_front *front = &spot->root->front;
    const struct wf_lsp_doc *doc = spot->doc;
    size_t start = spot->at, end = spot->at;
    while (start > 0 && is_word(doc, start - 1))
        start--;
    while (is_word(doc, end))
        end++;
    struct wf_symbol *sym =
        start < end ? wf_query_name(front, spot->file, doc->text + start, end - start) : NULL;
    *use_out = (struct wf_use){.sym = sym, .span = {spot->file, (uint32_t)start, (uint32_t)end}};
    return sym;
}

struct wf_symbol *wf_lsp_symbol(const struct wf_lsp_spot *spot, struct wf_use *use_out)
{
    if (wf_query_use_at(&spot->root->front, spot->file, (uint32_t)spot->at, use_out))
        return use_out->sym;
    return symbol_named(spot, use_out);
}

struct wf_symbol *wf_lsp_symbol_kept(struct wf_lsp_spot *spot, struct wf_use *use_out)
{
    struct wf_lsp_spot then = *spot;
    struct wf_symbol *sym = wf_lsp_symbol(spot, use_out);
    then.root = sym ? NULL : wf_lsp_kept_of(spot, &then.file);
    if (!then.root)
        return sym;
    *spot = then;
    return symbol_named(spot, use_out);
}

/* ---- tokens ---- */

enum wf_status wf_lsp_tokens_of(const struct wf_lsp_spot *spot, struct wf_lsp_tokens *out)
{
    struct wf_han_names names;
    struct wf_node *module = NULL;
    uint32_t file;
    wf_sources_init(&out->sources, NULL);
    wf_intern_init(&out->intern, NULL, 0);
    wf_arena_init(&out->trees, NULL);
    wf_diags_init(&out->diags, NULL, &out->sources);
    wf_tokens_init(&out->tokens, NULL);
    wf_han_names_init(&names, NULL);
    enum wf_status status = wf_sources_add(&out->sources, spot->doc->path, spot->doc->text,
                                           spot->doc->len, false, &file);
    if (status == WF_OK)
        status = wf_query_han_names(&spot->root->front, &names);
    if (status == WF_OK)
        status = wf_parse_tokens(&out->trees, &out->intern, &out->sources, file, &out->diags,
                                 &names, &out->tokens, &module);
    wf_han_names_release(&names);
    return status == WF_ERR_RULES ? WF_OK : status;
}

void wf_lsp_tokens_release(struct wf_lsp_tokens *tokens)
{
    wf_tokens_release(&tokens->tokens);
    wf_diags_release(&tokens->diags);
    wf_arena_release(&tokens->trees);
    wf_intern_release(&tokens->intern);
    wf_sources_release(&tokens->sources);
}

bool wf_lsp_same_symbol(const struct wf_front *a, const struct wf_symbol *one,
                        const struct wf_front *b, const struct wf_symbol *other)
{
    struct wf_span at, there;
    if (a == b || !one || !other || one->kind != other->kind)
        return one == other;
    if (!wf_query_place(one, &at) || !wf_query_place(other, &there))
        return strcmp(one->name->text, other->name->text) == 0;
    return at.start == there.start &&
           strcmp(a->sources.files[at.file].name, b->sources.files[there.file].name) == 0;
}
