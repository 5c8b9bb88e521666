/*
 * publish.c - diagnostics: of every file that an open document has to do with, once more whenever
 * they change. A file that several main files import is told what any of them finds in it.
 */
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/lsp/server.h"

/* Where the name of a thing has nothing to do, editors draw it pale. */
static bool is_unused(enum wf_code code)
{
    return code == WF_W0201;
}

static json_t *related(struct wf_lsp *lsp, struct wf_lsp_root *root, const struct wf_diag *diag)
{
    json_t *list = json_array();
    for (const struct wf_label *l = diag->labels; l && list; l = l->next) {
        json_t *place = wf_lsp_location(lsp, root, l->span);
        if (place)
            json_array_append_new(list, json_pack("{s:o, s:s%}", "location", place, "message",
                                                  l->text, (size_t)strlen(l->text)));
    }
    return list;
}

/* The message, the closing hint, and what could be meant where no machine may write it. */
static void add_message(struct wf_buf *out, const struct wf_diag *diag)
{
    wf_buf_adds(out, diag->message);
    if (diag->fix && !diag->edits)
        wf_buf_addf(out, "\n%s", diag->fix);
    if (diag->note)
        wf_buf_addf(out, "\n%s", diag->note);
}

/* A string of bytes that may not be UTF-8 (the text of a broken file). */
static json_t *string_of(const struct wf_buf *text)
{
    json_t *string = json_stringn(wf_buf_str(text), text->len);
    if (string)
        return string;
    struct wf_buf plain;
    wf_buf_init(&plain, NULL, 0);
    for (size_t i = 0; i < text->len; i++)
        wf_buf_addc(&plain, (unsigned char)text->data[i] < 0x80 ? text->data[i] : '?');
    string = json_stringn(wf_buf_str(&plain), plain.len);
    wf_buf_release(&plain);
    return string;
}

/* Where a code is explained: a page of its own, as `wayfare help CODE` tells it. NULL: nowhere. */
static const char *page_of(struct wf_lsp *lsp, enum wf_code code)
{
    struct wf_buf text, path;
    if (!lsp->described || !lsp->host.copy || lsp->pages[code])
        return lsp->pages[code];
    wf_buf_init(&text, NULL, 0);
    wf_buf_init(&path, NULL, 0);
    char name[16];
    snprintf(name, sizeof(name), "%s.md", wf_code_text(code));
    wf_buf_addf(&text, "# %s: %s\n\n%s\n", wf_code_text(code), wf_word(wf_code_title(code)),
                wf_word(wf_code_help(code)));
    if (!text.failed && lsp->host.copy(lsp->host.ctx, name, text.data, text.len, &path) == WF_OK &&
        !path.failed)
        lsp->pages[code] = wf_lsp_uri_of(lsp, path.data);
    wf_buf_release(&text);
    wf_buf_release(&path);
    return lsp->pages[code];
}

json_t *wf_lsp_diagnostic(struct wf_lsp *lsp, struct wf_lsp_root *root, const struct wf_diag *diag)
{
    static const int severities[] = {1, 2, 3};
    const struct wf_lsp_lines *lines = wf_lsp_lines_of(lsp, root, diag->span.file);
    struct wf_buf message;
    if (!lines)
        return NULL;
    wf_buf_init(&message, NULL, 0);
    add_message(&message, diag);
    json_t *d = json_pack("{s:o, s:i, s:s, s:s, s:o}", "range",
                          wf_lsp_range(lines, diag->span.start, diag->span.end), "severity",
                          severities[diag->severity], "code", wf_code_text(diag->code), "source",
                          "wayfare", "message", string_of(&message));
    wf_buf_release(&message);
    if (d && diag->labels && lsp->related)
        json_object_set_new(d, "relatedInformation", related(lsp, root, diag));
    const char *page = page_of(lsp, diag->code);
    if (d && page)
        json_object_set_new(d, "codeDescription", json_pack("{s:s}", "href", page));
    if (d && is_unused(diag->code))
        json_object_set_new(d, "tags", json_pack("[i]", 1));
    return d;
}

/* ---- telling ---- */

static bool holds(const json_t *list, const json_t *one)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *other = json_array_get(list, i);
        if (json_equal(json_object_get(other, "range"), json_object_get(one, "range")) &&
            json_equal(json_object_get(other, "code"), json_object_get(one, "code")) &&
            json_equal(json_object_get(other, "message"), json_object_get(one, "message")))
            return true;
    }
    return false;
}

static void gather(struct wf_lsp *lsp, struct wf_lsp_root *root, const char *path, json_t *list)
{
    const struct wf_front *front = &root->front;
    bool first = json_array_size(list) == 0;
    for (size_t i = 0; root->checked && i < front->diags.n; i++) {
        const struct wf_diag *diag = front->diags.items[i];
        if (diag->span.file >= front->sources.n ||
            strcmp(front->sources.files[diag->span.file].name, path) != 0)
            continue;
        json_t *d = wf_lsp_diagnostic(lsp, root, diag);
        if (d && (first || !holds(list, d)))
            json_array_append(list, d);
        json_decref(d);
    }
}

static struct wf_lsp_told *told_of(struct wf_lsp *lsp, const char *path)
{
    for (size_t i = 0; i < lsp->n_told; i++) {
        if (strcmp(lsp->told[i].path, path) == 0)
            return &lsp->told[i];
    }
    char *copy = wf_strdup(NULL, path);
    if (!copy || wf_grow(NULL, &lsp->told, &lsp->room_told, lsp->n_told + 1, sizeof(*lsp->told))) {
        wf_free(NULL, copy);
        return NULL;
    }
    lsp->told[lsp->n_told] = (struct wf_lsp_told){.path = copy};
    return &lsp->told[lsp->n_told++];
}

static void tell(struct wf_lsp *lsp, struct wf_lsp_told *told, json_t *list)
{
    const struct wf_lsp_doc *doc = wf_lsp_doc_of_path(lsp, told->path);
    char *uri = wf_lsp_uri_of(lsp, told->path);
    json_t *params = json_pack("{s:s, s:O}", "uri", uri ? uri : "", "diagnostics", list);
    if (params && doc && lsp->versioned)
        json_object_set_new(params, "version", json_integer(doc->version));
    char *text = params ? json_dumps(params, JSON_COMPACT) : NULL;
    bool silent = !told->text && !doc && json_array_size(list) == 0;
    bool same = text && told->text && strcmp(text, told->text) == 0;
    if (uri && text && !same && !silent) {
        wf_lsp_notify(lsp, "textDocument/publishDiagnostics", json_incref(params));
        free(told->text);
        told->text = text;
        text = NULL;
    }
    free(text);
    json_decref(params);
    wf_free(NULL, uri);
}

static void tell_file(struct wf_lsp *lsp, const char *path)
{
    struct wf_lsp_told *told = told_of(lsp, path);
    json_t *list = json_array();
    if (told && list && !told->now) {
        told->now = true;
        for (size_t i = 0; i < lsp->n_roots; i++)
            gather(lsp, lsp->roots[i], path, list);
        tell(lsp, told, list);
    }
    json_decref(list);
}

/* What no open document has to do with any more is cleared. */
static void clear_others(struct wf_lsp *lsp)
{
    size_t kept = 0;
    for (size_t i = 0; i < lsp->n_told; i++) {
        struct wf_lsp_told *told = &lsp->told[i];
        if (!told->now && told->text) {
            json_t *none = json_array();
            tell(lsp, told, none);
            json_decref(none);
        }
        if (told->now) {
            lsp->told[kept++] = *told;
        } else {
            free(told->text);
            wf_free(NULL, told->path);
        }
    }
    lsp->n_told = kept;
}

void wf_lsp_publish(struct wf_lsp *lsp)
{
    for (size_t i = 0; i < lsp->n_told; i++)
        lsp->told[i].now = false;
    for (size_t i = 0; i < lsp->n_docs; i++)
        tell_file(lsp, lsp->docs[i]->path);
    for (size_t i = 0; i < lsp->n_roots; i++) {
        const struct wf_sources *sources = &lsp->roots[i]->front.sources;
        for (size_t f = 0; lsp->roots[i]->checked && f < sources->n; f++) {
            if (!sources->files[f].embedded)
                tell_file(lsp, sources->files[f].name);
        }
    }
    clear_others(lsp);
}
