#include "lang/sema/query.h"

#include <string.h>

#include "lang/sema/check.h"

/* ---- the uses of names ---- */

struct uses {
    const struct wf_front *front;
    bool (*visit)(void *ctx, const struct wf_use *use);
    void *ctx;
    bool ended;
};

static bool declares(const struct wf_node *node)
{
    const struct wf_symbol *sym = node->sym;
    if (node == sym->node)
        return true;
    for (const struct wf_redeclared *again = sym->again; again; again = again->next) {
        if (again->node == node)
            return true;
    }
    return node->kind == WF_N_FIELD_DECL;
}

/* `as purchased` declares the word, also where another file declares the event once more. */
static bool holds_new_name(const struct wf_node *node)
{
    return node->kind == WF_N_EVENT || (node->kind == WF_N_ATTR && node->op == WF_OP_AS);
}

/* The name as it is written in the node; false: it holds none. */
static bool written(const struct wf_node *node, struct wf_span *out)
{
    *out = node->name_span;
    if (out->end > out->start)
        return true;
    *out = node->span;
    return node->kind == WF_N_STRING || node->kind == WF_N_NAME;
}

static bool is_text(const struct wf_front *front, struct wf_span span, const struct wf_str *name)
{
    const struct wf_source *source = &front->sources.files[span.file];
    return span.end - span.start == name->len &&
           memcmp(source->text + span.start, name->text, name->len) == 0;
}

static void visit_node(struct uses *u, struct wf_node *node, bool new_name)
{
    struct wf_use use = {.sym = node->sym, .node = node};
    if (!use.sym || !use.sym->name || !written(node, &use.span) ||
        use.span.file >= u->front->sources.n)
        return;
    bool quoted = node->kind == WF_N_STRING || node->flags & WF_F_PATH;
    use.declares = declares(node) || (new_name && node->kind == WF_N_NAME);
    use.alias = !quoted && !is_text(u->front, use.span, use.sym->name);
    u->ended = !u->visit(u->ctx, &use);
}

static void walk(struct uses *u, struct wf_node *node, bool new_names)
{
    for (; node && !u->ended; node = node->next) {
        visit_node(u, node, new_names);
        for (int i = 0; i < WF_MAX_KIDS && !u->ended; i++)
            walk(u, node->kid[i], holds_new_name(node));
    }
}

void wf_query_uses(const struct wf_front *front, bool (*visit)(void *ctx, const struct wf_use *use),
                   void *ctx)
{
    struct uses u = {.front = front, .visit = visit, .ctx = ctx};
    for (uint32_t i = 0; i < front->checked.n_modules && !u.ended; i++)
        walk(&u, front->checked.modules[i]->node, false);
}

struct at {
    uint32_t file, at;
    bool found;
    struct wf_use *out;
};

static bool look_at(void *ctx, const struct wf_use *use)
{
    struct at *a = ctx;
    if (use->span.file != a->file || use->span.start > a->at || use->span.end < a->at)
        return true;
    *a->out = *use;
    a->found = true;
    return use->span.end == a->at; /* another one may begin here */
}

bool wf_query_use_at(const struct wf_front *front, uint32_t file, uint32_t at, struct wf_use *out)
{
    struct at a = {.file = file, .at = at, .out = out};
    struct uses u = {.front = front, .visit = look_at, .ctx = &a};
    struct wf_module *module = wf_query_module(front, file);
    if (module)
        walk(&u, module->node, false);
    return a.found;
}

/* ---- names by their text ---- */

struct wf_module *wf_query_module(const struct wf_front *front, uint32_t file)
{
    for (uint32_t i = 0; i < front->checked.n_modules; i++) {
        if (front->checked.modules[i]->file == file)
            return front->checked.modules[i];
    }
    return NULL;
}

static struct wf_symbol *name_once(const struct wf_front *front, const struct wf_module *module,
                                   const char *name, size_t len)
{
    const struct wf_checked *c = &front->checked;
    for (uint32_t i = 0; i < c->n_names; i++) {
        struct wf_symbol *sym = c->names[i];
        if (sym->name->len == len && memcmp(sym->name->text, name, len) == 0 &&
            wf_sees(module, sym))
            return sym;
    }
    return NULL;
}

struct wf_symbol *wf_query_name(const struct wf_front *front, uint32_t file, const char *name,
                                size_t len)
{
    const struct wf_module *module = wf_query_module(front, file);
    struct wf_symbol *sym = module ? name_once(front, module, name, len) : NULL;
    for (int i = 0; sym && sym->kind == WF_SYM_ALIAS && i < WF_MAX_NESTING; i++) {
        const struct wf_str *old = sym->node->kid[WF_K_ALIAS_OLD]->name;
        struct wf_symbol *next = name_once(front, module, old->text, old->len);
        if (!next)
            break;
        sym = next;
    }
    return sym;
}

bool wf_query_place(const struct wf_symbol *sym, struct wf_span *out)
{
    if (!sym->node)
        return false;
    return written(sym->node, out);
}
