/*
 * edit.c - edits that the server proposes: the canonical form of a document, and the mends that
 * diagnostics carry.
 */
#include <string.h>

#include "lang/base/words.h"
#include "lang/format.h"
#include "runtime/lsp/server.h"

/* ---- formatting ---- */

/* One edit of the lines that differ. */
static json_t *difference(const struct wf_lsp_doc *doc, const char *text, size_t len)
{
    size_t front = 0, most = len < doc->len ? len : doc->len, back = 0;
    while (front < most && doc->text[front] == text[front])
        front++;
    if (front == len && front == doc->len)
        return json_array();
    while (front > 0 && doc->text[front - 1] != '\n')
        front--;
    while (back < most - front && doc->text[doc->len - 1 - back] == text[len - 1 - back])
        back++;
    while (back > 0 && text[len - back] != '\n')
        back--;
    json_t *range = wf_lsp_range(&doc->lines, front, doc->len - back);
    return json_pack("[{s:o, s:s%}]", "range", range, "newText", text + front, len - back - front);
}

json_t *wf_lsp_formatting(struct wf_lsp_call *call)
{
    struct wf_lsp *lsp = call->lsp;
    struct wf_lsp_doc *doc = wf_lsp_doc_of(lsp, call->params);
    struct wf_sources sources;
    struct wf_diags diags;
    struct wf_buf text;
    if (!doc)
        return wf_lsp_fail(call, WF_RPC_PARAMS, wf_word("this document is not open"));
    wf_sources_init(&sources, NULL);
    wf_diags_init(&diags, NULL, &sources);
    wf_buf_init(&text, NULL, 0);
    enum wf_status status = wf_format_bytes(&lsp->loader, doc->path, doc->text, doc->len,
                                            WF_KEYWORDS_KEEP, &sources, &diags, &text);
    json_t *edits = NULL;
    if (status == WF_OK)
        edits = difference(doc, wf_buf_str(&text), text.len);
    else if (status != WF_ERR_NOMEM)
        wf_lsp_fail(call, WF_RPC_FAILED,
                    wf_word("what has mistakes in its sentences cannot be formatted"));
    wf_buf_release(&text);
    wf_diags_release(&diags);
    wf_sources_release(&sources);
    return edits;
}

/* ---- mends ---- */

static bool mends_here(const struct wf_diag *diag, uint32_t file)
{
    for (const struct wf_edit *e = diag->edits; e; e = e->next) {
        if (e->span.file != file)
            return false;
    }
    return diag->edits != NULL;
}

static void add_edits(const struct wf_lsp_doc *doc, const struct wf_diag *diag, json_t *list)
{
    for (const struct wf_edit *e = diag->edits; e; e = e->next)
        json_array_append_new(list, json_pack("{s:o, s:s}", "range",
                                              wf_lsp_range(&doc->lines, e->span.start, e->span.end),
                                              "newText", e->text));
}

static json_t *action(const struct wf_lsp_doc *doc, const char *title, const char *kind,
                      json_t *edits)
{
    return json_pack("{s:s, s:s, s:{s:{s:o}}}", "title", title, "kind", kind, "edit", "changes",
                     doc->uri, edits);
}

static void add_mend(struct wf_lsp_call *call, const struct wf_lsp_spot *spot,
                     const struct wf_diag *diag, json_t *list)
{
    json_t *edits = json_array();
    struct wf_edit guess = {.span = diag->span, .text = diag->guess};
    struct wf_diag guessed = {.edits = &guess};
    add_edits(spot->doc, diag->edits ? diag : &guessed, edits);
    struct wf_buf title;
    wf_buf_init(&title, NULL, 0);
    if (!diag->edits)
        wf_say(&title, "write `%s`", diag->guess);
    else
        wf_buf_adds(&title, diag->fix ? diag->fix : wf_word("mend it"));
    json_t *one = action(spot->doc, wf_buf_str(&title), "quickfix", edits);
    json_t *about = wf_lsp_diagnostic(call->lsp, spot->root, diag);
    wf_buf_release(&title);
    if (one) {
        json_object_set_new(one, "isPreferred", json_boolean(diag->edits != NULL));
        json_object_set_new(one, "diagnostics", json_pack("[o]", about));
        json_array_append_new(list, one);
    } else {
        json_decref(about);
    }
}

/* Whether a mend touches one that was taken before it: then it has to wait for the next round. */
static bool touches(const struct wf_diag *const *taken, size_t n, const struct wf_diag *diag)
{
    for (size_t i = 0; i < n; i++) {
        for (const struct wf_edit *a = taken[i]->edits; a; a = a->next)
            for (const struct wf_edit *b = diag->edits; b; b = b->next)
                if (a->span.start <= b->span.end && b->span.start <= a->span.end)
                    return true;
    }
    return false;
}

static void add_mend_all(const struct wf_lsp_spot *spot, json_t *list)
{
    const struct wf_diags *diags = &spot->root->front.diags;
    const struct wf_diag **taken = wf_calloc(NULL, diags->n + 1, sizeof(*taken));
    json_t *edits = json_array();
    size_t n = 0;
    for (size_t i = 0; taken && i < diags->n; i++) {
        const struct wf_diag *diag = diags->items[i];
        if (!mends_here(diag, spot->file) || touches(taken, n, diag))
            continue;
        taken[n++] = diag;
        add_edits(spot->doc, diag, edits);
    }
    if (n)
        json_array_append_new(
            list, action(spot->doc, wf_word("mend all that is certain"), "source.fixAll", edits));
    else
        json_decref(edits);
    wf_free(NULL, taken);
}

/* A kind is asked for by itself or by what it is a part of: "source" asks for "source.fixAll". */
static bool asked_for(const json_t *context, const char *kind)
{
    const json_t *only = json_object_get(context, "only");
    for (size_t i = 0; i < json_array_size(only); i++) {
        const char *name = json_string_value(json_array_get(only, i));
        size_t len = name ? strlen(name) : 0;
        if (name && strncmp(kind, name, len) == 0 &&
            (!len || kind[len] == '\0' || kind[len] == '.'))
            return true;
    }
    return !json_is_array(only);
}

json_t *wf_lsp_code_actions(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    size_t start, end;
    const json_t *range = json_object_get(call->params, "range");
    const json_t *context = json_object_get(call->params, "context");
    if (!wf_lsp_spot(call, false, &spot))
        return NULL;
    if (!wf_lsp_at(&spot.doc->lines, json_object_get(range, "start"), &start) ||
        !wf_lsp_at(&spot.doc->lines, json_object_get(range, "end"), &end))
        return wf_lsp_fail(call, WF_RPC_PARAMS, wf_word("there is no range to look at"));
    json_t *list = json_array();
    const struct wf_diags *diags = &spot.root->front.diags;
    for (size_t i = 0; list && i < diags->n && asked_for(context, "quickfix"); i++) {
        const struct wf_diag *diag = diags->items[i];
        if (diag->span.file == spot.file && diag->span.start <= end && start <= diag->span.end &&
            (mends_here(diag, spot.file) || (diag->guess && !diag->edits)))
            add_mend(call, &spot, diag, list);
    }
    if (list && asked_for(context, "source.fixAll"))
        add_mend_all(&spot, list);
    return list;
}
