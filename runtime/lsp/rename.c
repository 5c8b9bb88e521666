/*
 * rename.c - another name for a thing, wherever it stands, in every program it is part of.
 *
 * The name is more than a word: a journey's or trigger's past is tied to it (`was` keeps it), and a
 * field's is the column it is read from (`from` keeps that). Before the edit is handed over, the
 * programs are checked as they would be: what would clash, or would then mean another thing, is
 * refused.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/lsp/server.h"

/* ---- what may be renamed ---- */

static json_t *refuse(struct wf_lsp_call *call, const char *format, const char *name,
                      const char *other)
{
    wf_say(&call->words, format, name, other);
    return wf_lsp_fail(call, WF_RPC_FAILED, wf_buf_str(&call->words));
}

/* The symbol at the spot, if it can be renamed; NULL: the call is answered. */
static const struct wf_symbol *renamable(struct wf_lsp_call *call, const struct wf_lsp_spot *spot,
                                         struct wf_use *use)
{
    struct wf_span place;
    const struct wf_symbol *sym = NULL;
    if (wf_query_use_at(&spot->root->front, spot->file, (uint32_t)spot->at, use))
        sym = use->sym;
    if (!sym) {
        wf_lsp_fail(call, WF_RPC_FAILED, wf_word("nothing that has a name of its own stands here"));
        return NULL;
    }
    const char *name = sym->name->text;
    if (!wf_query_place(sym, &place) || sym->kind == WF_SYM_MEMBER) {
        refuse(call, N_("`%s` is built in and keeps its name"), name, "");
        return NULL;
    }
    const struct wf_source *source = &spot->root->front.sources.files[place.file];
    if (source->embedded) {
        refuse(call, N_("`%s` belongs to %s and keeps its name; an alias gives it another one"),
               name, source->name);
        return NULL;
    }
    if (use->alias) {
        const struct wf_source *here = &spot->root->front.sources.files[use->span.file];
        char *alias = wf_realloc(NULL, NULL, use->span.end - use->span.start + 1);
        if (alias) {
            memcpy(alias, here->text + use->span.start, use->span.end - use->span.start);
            alias[use->span.end - use->span.start] = '\0';
            refuse(call, N_("`%s` is an alias of `%s`: rename it where it is declared"), alias,
                   name);
        }
        wf_free(NULL, alias);
        return NULL;
    }
    return sym;
}

/* How many bytes the quote takes that a string begins with; 0: it is none. */
static uint32_t quote_at(const struct wf_source *source, uint32_t at)
{
    unsigned char c = at < source->len ? (unsigned char)source->text[at] : 0;
    if (c == '"')
        return 1;
    return strncmp(source->text + at, "“", 3) == 0 || strncmp(source->text + at, "「", 3) == 0 ? 3
                                                                                               : 0;
}

json_t *wf_lsp_prepare_rename(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    struct wf_use use;
    if (!wf_lsp_spot(call, true, &spot))
        return NULL;
    const struct wf_symbol *sym = renamable(call, &spot, &use);
    if (!sym)
        return NULL;
    uint32_t quote = quote_at(&spot.root->front.sources.files[spot.file], use.span.start);
    return json_pack("{s:o, s:s}", "range",
                     wf_lsp_range(&spot.doc->lines, use.span.start + quote, use.span.end - quote),
                     "placeholder", sym->name->text);
}

/* ---- the edits ---- */

struct edit {
    struct wf_lsp_root *root;
    struct wf_span span;
    char *text;
};

struct edits {
    struct edit *items; /* by file, then place */
    size_t n, room;
    bool nomem;
};

static void add(struct edits *edits, struct wf_lsp_root *root, struct wf_span span,
                const char *text)
{
    char *copy = wf_strdup(NULL, text);
    if (!copy || wf_grow(NULL, &edits->items, &edits->room, edits->n + 1, sizeof(*edits->items))) {
        wf_free(NULL, copy);
        edits->nomem = true;
        return;
    }
    size_t at = edits->n++;
    for (; at > 0 && edits->items[at - 1].span.file == span.file &&
           edits->items[at - 1].root == root && edits->items[at - 1].span.start > span.start;
         at--)
        edits->items[at] = edits->items[at - 1];
    edits->items[at] = (struct edit){.root = root, .span = span, .text = copy};
}

static void edits_release(struct edits *edits)
{
    for (size_t i = 0; i < edits->n; i++)
        wf_free(NULL, edits->items[i].text);
    wf_free(NULL, edits->items);
}

static const struct wf_source *source_of(const struct edit *edit)
{
    return &edit->root->front.sources.files[edit->span.file];
}

static void say_was(struct edits *edits, struct wf_lsp_root *root, struct wf_span at,
                    const char *front, const struct wf_node *rule, const char *old)
{
    struct wf_buf text;
    const char *first = root->front.sources.files[at.file].text + rule->span.start;
    const struct wf_keyword_info *was = wf_keyword_info(WF_KW_WAS);
    wf_buf_init(&text, NULL, 0);
    wf_buf_addf(&text, "%s%s %s", front, (unsigned char)*first >= 0x80 ? was->zh : was->en, old);
    add(edits, root, at, wf_buf_str(&text));
    edits->nomem |= text.failed;
    wf_buf_release(&text);
}

/* Behind a journey's `{`, on a line of its own where its items have one. */
static void say_was_inside(struct edits *edits, struct wf_lsp_root *root,
                           const struct wf_node *journey, const char *old)
{
    const struct wf_source *source = &root->front.sources.files[journey->span.file];
    const struct wf_node *first = journey->kid[WF_K_JOURNEY_HEAD];
    uint32_t at = journey->name_span.end, from;
    while (at < journey->span.end && source->text[at] != '{' &&
           strncmp(source->text + at, "｛", 3) != 0)
        at++;
    at += at < journey->span.end ? source->text[at] == '{' ? 1u : 3u : 0u;
    first = first ? first : journey->kid[WF_K_JOURNEY_STEPS];
    from = first ? first->span.start : at;
    while (from > at && (source->text[from - 1] == ' ' || source->text[from - 1] == '\t'))
        from--;
    struct wf_buf front;
    wf_buf_init(&front, NULL, 0);
    bool own_line = first && from > at && source->text[from - 1] == '\n';
    wf_buf_addc(&front, own_line ? '\n' : ' ');
    if (own_line)
        wf_buf_add(&front, source->text + from, first->span.start - from);
    say_was(edits, root, (struct wf_span){journey->span.file, at, at}, wf_buf_str(&front), journey,
            old);
    wf_buf_release(&front);
}

static const struct wf_node *option_was(const struct wf_node *list)
{
    while (list && !(list->kind == WF_N_OPTION && list->op == WF_OP_WAS))
        list = list->next;
    return list;
}

/* Whether a rule of that kind has the name now. */
static bool has_name(const struct wf_front *front, const struct wf_symbol *sym, const char *name)
{
    for (uint32_t i = 0; i < front->checked.n_names; i++) {
        const struct wf_symbol *other = front->checked.names[i];
        if (other->kind == sym->kind && strcmp(other->name->text, name) == 0)
            return true;
    }
    return false;
}

/* What a rule did under its old name stays its own. One that was renamed before keeps the name it
 * had at first: whether there was a night between the two, nobody here knows, and it leads to the
 * past in both cases. */
static void keep_past(struct edits *edits, struct wf_lsp_root *root, const struct wf_symbol *sym,
                      const char *new_name)
{
    const struct wf_node *rule = sym->node;
    bool journey = sym->kind == WF_SYM_JOURNEY;
    const struct wf_node *was =
        option_was(rule->kid[journey ? WF_K_JOURNEY_HEAD : WF_K_TRIGGER_OPTIONS]);
    const struct wf_node *name = was ? was->kid[WF_K_OPTION_VALUE] : NULL;
    if (name && strcmp(name->name->text, new_name) == 0) { /* it takes its old name again */
        const char *text = root->front.sources.files[was->span.file].text;
        struct wf_span span = was->span;
        while (span.start > 0 && strchr(" \t\n\r", text[span.start - 1]))
            span.start--;
        add(edits, root, span, "");
    } else if (name) {
        if (has_name(&root->front, sym, name->name->text)) /* now it would lead to that one's */
            add(edits, root, name->span, sym->name->text);
    } else if (journey) {
        say_was_inside(edits, root, rule, sym->name->text);
    } else {
        struct wf_span at = {rule->span.file, rule->name_span.end, rule->name_span.end};
        say_was(edits, root, at, " ", rule, sym->name->text);
    }
}

/* The column of a field is its name, unless it says another. */
static void keep_column(struct edits *edits, struct wf_lsp_root *root, const struct wf_symbol *sym)
{
    const struct wf_node *decl = sym->node;
    struct wf_buf text;
    if (!decl || decl->kind != WF_N_FIELD_DECL || !sym->field ||
        sym->field->column != sym->field->name)
        return;
    bool han =
        (unsigned char)root->front.sources.files[decl->span.file].text[decl->span.start] >= 0x80;
    wf_buf_init(&text, NULL, 0);
    wf_buf_addf(&text, " %s \"%s\"",
                han ? wf_keyword_info(WF_KW_FROM)->zh : wf_keyword_info(WF_KW_FROM)->en,
                sym->name->text);
    add(edits, root, (struct wf_span){decl->span.file, decl->span.end, decl->span.end},
        wf_buf_str(&text));
    edits->nomem |= text.failed;
    wf_buf_release(&text);
}

static void rename_all(struct wf_lsp *lsp, const struct wf_lsp_spot *spot,
                       const struct wf_symbol *sym, const char *name, struct edits *edits)
{
    struct wf_lsp_uses uses;
    struct wf_lsp_root *home = NULL;
    wf_lsp_uses_of(lsp, spot->root, sym, &uses);
    for (size_t i = 0; i < uses.n; i++) {
        const struct wf_lsp_found *found = &uses.items[i];
        uint32_t quote =
            quote_at(&found->root->front.sources.files[found->span.file], found->span.start);
        struct wf_span inner = {found->span.file, found->span.start + quote,
                                found->span.end - quote};
        if (!found->alias && !found->root->front.sources.files[found->span.file].embedded)
            add(edits, found->root, inner, name);
        if (found->declares && !home)
            home = found->root;
    }
    edits->nomem |= uses.nomem;
    wf_lsp_uses_release(&uses);
    if (sym->kind == WF_SYM_JOURNEY || sym->kind == WF_SYM_TRIGGER)
        keep_past(edits, spot->root, sym, name);
    if (sym->kind == WF_SYM_FIELD || sym->kind == WF_SYM_EVENT_FIELD ||
        sym->kind == WF_SYM_TABLE_FIELD)
        keep_column(edits, spot->root, sym);
}

/* ---- as it would be ---- */

struct rehearsal { /* reads files as they would be */
    struct wf_lsp *lsp;
    const struct edits *edits;
    struct wf_buf text;
};

static bool is_of(const struct edit *edit, const char *path)
{
    return strcmp(source_of(edit)->name, path) == 0;
}

static void rewrite(const struct edits *edits, const char *path, const char *text, size_t len,
                    struct wf_buf *out)
{
    size_t at = 0;
    wf_buf_reset(out);
    for (;;) { /* few edits, seldom asked for: the next one each time */
        const struct edit *next = NULL;
        for (size_t i = 0; i < edits->n; i++) {
            const struct edit *e = &edits->items[i];
            if (is_of(e, path) && e->span.start >= at &&
                (!next || e->span.start < next->span.start))
                next = e;
        }
        if (!next || next->span.end > len)
            break;
        wf_buf_add(out, text + at, next->span.start - at);
        wf_buf_adds(out, next->text);
        at = next->span.end;
        if (next->span.start == next->span.end) { /* an insertion: past it */
            size_t step = at < len;
            wf_buf_add(out, text + at, step);
            at += step;
            if (!step)
                break;
        }
    }
    wf_buf_add(out, text + at, len - at);
}

static enum wf_status read_new(void *ctx, const char *path, const char **bytes_out, size_t *len_out)
{
    struct rehearsal *r = ctx;
    const char *bytes;
    size_t len;
    enum wf_status status = r->lsp->loader.read(r->lsp->loader.ctx, path, &bytes, &len);
    if (status != WF_OK)
        return status;
    rewrite(r->edits, path, bytes, len, &r->text);
    r->lsp->loader.done(r->lsp->loader.ctx, bytes, len);
    if (r->text.failed)
        return WF_ERR_NOMEM;
    *bytes_out = wf_buf_str(&r->text);
    *len_out = r->text.len;
    return WF_OK;
}

static void done_new(void *ctx, const char *bytes, size_t len)
{
    (void)ctx;
    (void)bytes;
    (void)len;
}

static size_t times_said(const struct wf_diags *diags, const struct wf_diag *what)
{
    size_t n = 0;
    for (size_t i = 0; i < diags->n; i++)
        n += diags->items[i]->code == what->code &&
             strcmp(diags->items[i]->message, what->message) == 0;
    return n;
}

/* The first error that was not there before; NULL: none. */
static const struct wf_diag *new_error(const struct wf_front *before, const struct wf_front *after)
{
    for (size_t i = 0; i < after->diags.n; i++) {
        const struct wf_diag *d = after->diags.items[i];
        if (d->severity == WF_SEV_ERROR &&
            times_said(&after->diags, d) > times_said(&before->diags, d))
            return d;
    }
    return NULL;
}

struct count {
    const struct wf_symbol *sym;
    size_t n;
};

static bool count_use(void *ctx, const struct wf_use *use)
{
    struct count *c = ctx;
    c->n += use->sym == c->sym;
    return true;
}

static size_t count_uses(const struct wf_front *front, const struct wf_symbol *sym)
{
    struct count c = {.sym = sym};
    if (sym)
        wf_query_uses(front, count_use, &c);
    return c.n;
}

struct moved { /* the symbol whose declaration now has this name, at a place found again */
    const char *path, *name;
    uint32_t at;
    const struct wf_front *front;
    const struct wf_symbol *sym;
};

static bool find_moved(void *ctx, const struct wf_use *use)
{
    struct moved *m = ctx;
    if (use->declares && use->span.start <= m->at && m->at <= use->span.end &&
        strcmp(m->front->sources.files[use->span.file].name, m->path) == 0)
        m->sym = use->sym;
    return !m->sym;
}

/* Where a byte of a file is after the edits. */
static uint32_t after_edits(const struct edits *edits, const char *path, uint32_t at)
{
    int64_t moved = at;
    for (size_t i = 0; i < edits->n; i++) {
        const struct edit *e = &edits->items[i];
        if (is_of(e, path) && e->span.start < at && e->span.end <= at)
            moved += (int64_t)strlen(e->text) - (int64_t)(e->span.end - e->span.start);
    }
    return (uint32_t)moved;
}

/* Checks one program as it would be. False: the call is answered. */
static bool rehearse(struct wf_lsp_call *call, struct wf_lsp_root *root,
                     const struct wf_lsp_spot *spot, const struct wf_symbol *sym,
                     const struct edits *edits, const char *name)
{
    struct rehearsal r = {.lsp = call->lsp, .edits = edits};
    struct wf_loader loader = {.ctx = &r, .read = read_new, .done = done_new};
    struct wf_front after;
    struct wf_span place;
    struct count old = {.n = 0};
    wf_buf_init(&r.text, NULL, 0);
    wf_front_init(&after, NULL);
    enum wf_status status = wf_front_check(&after, &loader, root->path);
    const struct wf_diag *error = new_error(&root->front, &after);
    wf_query_place(sym, &place);
    struct moved m = {
        .name = name, .path = spot->root->front.sources.files[place.file].name, .front = &after};
    m.at = after_edits(edits, m.path, place.start);
    wf_query_uses(&after, find_moved, &m);
    struct moved before = {.path = m.path, .at = place.start, .front = &root->front};
    wf_query_uses(&root->front, find_moved, &before);
    old.n = count_uses(&root->front, before.sym);
    if (status == WF_ERR_NOMEM)
        wf_lsp_fail(call, WF_RPC_INTERNAL, wf_word("out of memory"));
    else if (error)
        refuse(call, N_("`%s` cannot be its name: %s"), name, error->message);
    else if (before.sym && count_uses(&after, m.sym) != old.n)
        refuse(call, N_("`%s` would be taken for something else where it is used"), name, "");
    wf_front_release(&after);
    wf_buf_release(&r.text);
    return !call->message;
}

/* ---- the request ---- */

/* A name must be one word that the language leaves free. */
static bool is_name(const char *name)
{
    struct wf_sources sources;
    struct wf_intern intern;
    struct wf_arena trees;
    struct wf_diags diags;
    struct wf_node *module = NULL;
    struct wf_buf text;
    uint32_t file;
    wf_sources_init(&sources, NULL);
    wf_intern_init(&intern, NULL, 0);
    wf_arena_init(&trees, NULL);
    wf_diags_init(&diags, NULL, &sources);
    wf_buf_init(&text, NULL, 0);
    wf_buf_addf(&text, "let %s = 1", name);
    bool good = !text.failed &&
                wf_sources_add(&sources, "", text.data, text.len, false, &file) == WF_OK &&
                wf_parse(&trees, &intern, &sources, file, &diags, NULL, &module) == WF_OK;
    const struct wf_node *let = good ? module->kid[WF_K_MODULE_ITEMS] : NULL;
    good = let && let->name && strcmp(let->name->text, name) == 0 && !let->next;
    wf_buf_release(&text);
    wf_diags_release(&diags);
    wf_arena_release(&trees);
    wf_intern_release(&intern);
    wf_sources_release(&sources);
    return good;
}

static json_t *changes_of(struct wf_lsp *lsp, const struct edits *edits)
{
    json_t *changes = json_object();
    for (size_t i = 0; changes && i < edits->n; i++) {
        const struct edit *e = &edits->items[i];
        const struct wf_lsp_lines *lines = wf_lsp_lines_of(lsp, e->root, e->span.file);
        char *uri = wf_lsp_uri_of(lsp, source_of(e)->name);
        json_t *list = uri ? json_object_get(changes, uri) : NULL;
        if (uri && !list)
            json_object_set_new(changes, uri, list = json_array());
        if (lines)
            json_array_append_new(list, json_pack("{s:o, s:s}", "range",
                                                  wf_lsp_range(lines, e->span.start, e->span.end),
                                                  "newText", e->text));
        wf_free(NULL, uri);
    }
    return json_pack("{s:o}", "changes", changes);
}

static void warn_coupon(struct wf_lsp *lsp, const char *old, const char *name)
{
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    wf_say(&text,
           "Stock and budgets are counted by a coupon's name: what left as `%s` does not count "
           "for `%s`.",
           old, name);
    if (!text.failed)
        wf_lsp_notify(lsp, "window/showMessage",
                      json_pack("{s:i, s:s}", "type", 2, "message", text.data));
    wf_buf_release(&text);
}

json_t *wf_lsp_rename(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    struct wf_use use;
    struct edits edits = {.n = 0};
    const char *name = json_string_value(json_object_get(call->params, "newName"));
    if (!wf_lsp_spot(call, true, &spot))
        return NULL;
    const struct wf_symbol *sym = renamable(call, &spot, &use);
    if (!sym)
        return NULL;
    if (!name || !is_name(name))
        return refuse(call,
                      N_("`%s` cannot be a name: it takes letters, digits and `_`, begins with "
                         "a letter, and is no word of the language"),
                      name ? name : "", "");
    rename_all(call->lsp, &spot, sym, name, &edits);
    bool good = !edits.nomem;
    for (size_t i = 0; i < call->lsp->n_roots && good; i++) {
        if (call->lsp->roots[i]->checked)
            good = rehearse(call, call->lsp->roots[i], &spot, sym, &edits, name);
    }
    if (good && sym->kind == WF_SYM_COUPON)
        warn_coupon(call->lsp, sym->name->text, name);
    json_t *result = good ? changes_of(call->lsp, &edits) : NULL;
    edits_release(&edits);
    return result;
}
