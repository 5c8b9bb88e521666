/*
 * navigate.c - where a name is declared, and where else it stands.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/lsp/server.h"

/* ---- all uses ---- */

struct collect {
    struct wf_lsp_root *root;
    const struct wf_front *front; /* of the symbol */
    const struct wf_symbol *sym;
    struct wf_lsp_uses *out;
};

static bool collect(void *ctx, const struct wf_use *use)
{
    struct collect *c = ctx;
    struct wf_lsp_uses *out = c->out;
    if (use->span.end == use->span.start ||
        !wf_lsp_same_symbol(c->front, c->sym, &c->root->front, use->sym))
        return true;
    if (wf_grow(NULL, &out->items, &out->room, out->n + 1, sizeof(*out->items))) {
        out->nomem = true;
        return false;
    }
    out->items[out->n++] = (struct wf_lsp_found){.root = c->root,
                                                 .span = use->span,
                                                 .node = use->node,
                                                 .declares = use->declares,
                                                 .alias = use->alias};
    return true;
}

static const char *path_of(const struct wf_lsp_found *found)
{
    return found->root->front.sources.files[found->span.file].name;
}

static int by_place(const void *left, const void *right)
{
    const struct wf_lsp_found *a = left, *b = right;
    int order = strcmp(path_of(a), path_of(b));
    if (order)
        return order;
    return (a->span.start > b->span.start) - (a->span.start < b->span.start);
}

void wf_lsp_uses_of(struct wf_lsp *lsp, const struct wf_lsp_root *root, const struct wf_symbol *sym,
                    struct wf_lsp_uses *out)
{
    struct wf_span place;
    *out = (struct wf_lsp_uses){.n = 0};
    if (wf_query_place(sym, &place) && !root->front.sources.files[place.file].embedded)
        wf_lsp_refresh_all(lsp, root->front.sources.files[place.file].name);
    for (size_t i = 0; i < lsp->n_roots; i++) {
        struct collect c = {.root = lsp->roots[i], .front = &root->front, .sym = sym, .out = out};
        if (c.root->checked)
            wf_query_uses(&c.root->front, collect, &c);
    }
    if (!out->n)
        return;
    qsort(out->items, out->n, sizeof(*out->items), by_place);
    size_t kept = 1;
    for (size_t i = 1; i < out->n; i++) {
        if (by_place(&out->items[kept - 1], &out->items[i]) != 0)
            out->items[kept++] = out->items[i];
    }
    out->n = kept;
}

void wf_lsp_uses_release(struct wf_lsp_uses *uses)
{
    wf_free(NULL, uses->items);
    *uses = (struct wf_lsp_uses){.n = 0};
}

/* ---- definition ---- */

/* The file that an import at the spot means. */
static bool imported(const struct wf_lsp_spot *spot, struct wf_span *out)
{
    const struct wf_front *front = &spot->root->front;
    const struct wf_module *module = wf_query_module(front, spot->file);
    const struct wf_node *node = module ? module->node->kid[WF_K_MODULE_ITEMS] : NULL;
    for (; node; node = node->next) {
        if (node->kind == WF_N_IMPORT && node->name && node->span.start <= spot->at &&
            spot->at <= node->span.end)
            break;
    }
    if (!node)
        return false;
    const char *name = node->name->text;
    name += strncmp(name, "./", 2) == 0 ? 2 : 0;
    size_t len = strlen(name);
    for (uint32_t i = 0; i < front->checked.n_modules; i++) {
        const struct wf_module *other = front->checked.modules[i];
        size_t n = other->name->len;
        bool path = (node->flags & WF_F_PATH) != 0;
        if (other->embedded == path || n < len || strcmp(other->name->text + n - len, name) != 0)
            continue;
        *out = (struct wf_span){other->file, 0, 0};
        return true;
    }
    return false;
}

static void add_place(struct wf_lsp *lsp, struct wf_lsp_root *root, struct wf_span span,
                      json_t *list)
{
    json_t *location = wf_lsp_location(lsp, root, span);
    if (location)
        json_array_append_new(list, location);
}

json_t *wf_lsp_definition(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    struct wf_use use;
    struct wf_span span;
    if (!wf_lsp_spot(call, true, &spot))
        return NULL;
    json_t *list = json_array();
    if (list && imported(&spot, &span)) {
        add_place(call->lsp, spot.root, span, list);
        return list;
    }
    struct wf_symbol *sym = wf_lsp_symbol_kept(&spot, &use);
    if (list && sym && wf_query_place(sym, &span)) {
        add_place(call->lsp, spot.root, span, list);
        for (const struct wf_redeclared *again = sym->again; again; again = again->next)
            add_place(call->lsp, spot.root,
                      again->node->name_span.end > again->node->name_span.start
                          ? again->node->name_span
                          : again->node->span,
                      list);
    }
    return list;
}

/* ---- references ---- */

json_t *wf_lsp_references(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    struct wf_lsp_uses uses;
    struct wf_use use;
    const json_t *context = json_object_get(call->params, "context");
    bool declarations = json_is_true(json_object_get(context, "includeDeclaration"));
    if (!wf_lsp_spot(call, true, &spot))
        return NULL;
    const struct wf_symbol *sym = wf_lsp_symbol(&spot, &use);
    json_t *list = json_array();
    if (!sym || !list)
        return list;
    wf_lsp_uses_of(call->lsp, spot.root, sym, &uses);
    for (size_t i = 0; i < uses.n; i++) {
        if (declarations || !uses.items[i].declares)
            add_place(call->lsp, uses.items[i].root, uses.items[i].span, list);
    }
    wf_lsp_uses_release(&uses);
    return list;
}

struct marks {
    const struct wf_lsp_spot *spot;
    const struct wf_symbol *sym;
    json_t *list;
};

static bool mark(void *ctx, const struct wf_use *use)
{
    enum { READ = 2, WRITE = 3 };
    struct marks *m = ctx;
    if (use->sym == m->sym && use->span.file == m->spot->file)
        json_array_append_new(
            m->list, json_pack("{s:o, s:i}", "range",
                               wf_lsp_range(&m->spot->doc->lines, use->span.start, use->span.end),
                               "kind", use->declares ? WRITE : READ));
    return true;
}

json_t *wf_lsp_highlights(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    struct wf_use use;
    if (!wf_lsp_spot(call, true, &spot))
        return NULL;
    struct marks m = {.spot = &spot, .sym = wf_lsp_symbol(&spot, &use), .list = json_array()};
    if (m.sym && m.list)
        wf_query_uses(&spot.root->front, mark, &m);
    return m.list;
}
