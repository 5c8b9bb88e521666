/*
 * Watched conditions. A crossing counts only while the definition stays the same: the watch's hash
 * is taken of the canonical text of the condition and of everything it uses, down to the fields, so
 * it does not depend on how a compiler happens to lower it.
 */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/ir/lower_int.h"

/* What was written already, so that each definition stands once. */
struct writer {
    struct lowering *l;
    struct wf_buf text;
    const void **seen; /* symbols */
    size_t n_seen, room_seen;
};

static bool is_new(struct writer *w, const void *symbol)
{
    for (size_t i = 0; i < w->n_seen; i++)
        if (w->seen[i] == symbol)
            return false;
    if (wf_grow(w->l->b.alloc, &w->seen, &w->room_seen, w->n_seen + 1, sizeof(*w->seen))) {
        w->text.failed = true;
        return false;
    }
    w->seen[w->n_seen++] = symbol;
    return true;
}

static void add_str(struct writer *w, const struct wf_str *s)
{
    wf_buf_addf(&w->text, "%zu:", s ? s->len : (size_t)0); /* lengths keep the parts apart */
    if (s)
        wf_buf_add(&w->text, s->text, s->len);
}

static void write_field(struct writer *w, const struct wf_field *f)
{
    wf_buf_adds(&w->text, "\nfield ");
    add_str(w, f->sym && f->sym->record ? f->sym->record->name : NULL);
    add_str(w, f->name);
    wf_buf_addf(&w->text, " %u %d", f->type->base, f->type->optional);
    for (uint32_t i = 0; f->type->base == WF_T_ENUM && i < f->type->enums->n; i++)
        add_str(w, f->type->enums->names[i]);
    if (f->default_value) {
        wf_buf_adds(&w->text, " = ");
        wf_print_canonical(&w->text, f->default_value);
    }
    if (f->missing_as) {
        wf_buf_adds(&w->text, " missing as ");
        wf_print_canonical(&w->text, f->missing_as);
    }
}

static void write_uses(struct writer *w, const struct wf_node *node);

static void write_event(struct writer *w, const struct wf_record *r)
{
    wf_buf_adds(&w->text, "\nevent ");
    add_str(w, r->name);
    for (uint32_t i = 0; i < r->n_unique; i++)
        add_str(w, r->unique[i]->name);
    if (r->void_when) {
        wf_print_canonical(&w->text, r->void_when);
        write_uses(w, r->void_when);
    }
}

static void write_symbol(struct writer *w, const struct wf_symbol *sym)
{
    if (sym->kind == WF_SYM_WORD)
        sym = sym->event;
    if (!sym || !is_new(w, sym))
        return;
    switch (sym->kind) {
    case WF_SYM_LET:
    case WF_SYM_SEGMENT:
    case WF_SYM_CLASSIFY:
        wf_buf_adds(&w->text, "\ndefine ");
        wf_print_canonical(&w->text, sym->node);
        write_uses(w, sym->node);
        break;
    case WF_SYM_EVENT:
        if (sym->record)
            write_event(w, sym->record);
        break;
    case WF_SYM_FIELD:
    case WF_SYM_INVITEES:
    case WF_SYM_EVENT_FIELD:
    case WF_SYM_TABLE_FIELD:
        if (sym->field)
            write_field(w, sym->field);
        break;
    default: break;
    }
}

/* Every name in the tree, in the order of the text. */
static void write_uses(struct writer *w, const struct wf_node *node)
{
    if (node->sym && (node->kind == WF_N_NAME || node->kind == WF_N_FIELD || node->kind == WF_N_BY))
        write_symbol(w, node->sym);
    for (int k = 0; k < WF_MAX_KIDS; k++)
        for (const struct wf_node *kid = node->kid[k]; kid; kid = kid->next)
            write_uses(w, kid);
}

static struct writer start(struct lowering *l)
{
    struct writer w = {.l = l};
    wf_buf_init(&w.text, l->b.alloc, 0);
    return w;
}

static void write_definition(struct writer *w, const struct wf_node *definition)
{
    wf_print_canonical(&w->text, definition);
    write_uses(w, definition);
}

static uint64_t finish(struct writer *w)
{
    struct lowering *l = w->l;
    if (w->text.failed)
        wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL);
    uint64_t hash = XXH3_64bits(wf_buf_str(&w->text), w->text.len);
    wf_buf_release(&w->text);
    wf_free(l->b.alloc, w->seen);
    return hash;
}

/* The definition's hash; `what` tells a classify's classes apart. */
static uint64_t hash_of(struct lowering *l, const struct wf_node *definition, uint32_t what)
{
    struct writer w = start(l);
    wf_buf_addf(&w.text, "%u ", (unsigned)what);
    add_str(&w, l->checked->timezone);
    write_definition(&w, definition);
    return finish(&w);
}

uint64_t journey_hash(struct lowering *l, const struct wf_node *journey)
{
    struct writer w = start(l);
    add_str(&w, l->checked->timezone);
    const struct wf_node *item = journey->kid[WF_K_JOURNEY_HEAD];
    for (; item; item = item->next) {
        if (item->kind != WF_N_EXIT && item->kind != WF_N_GOAL)
            continue;
        wf_buf_addc(&w.text, '\n');
        write_definition(&w, item);
    }
    for (item = journey->kid[WF_K_JOURNEY_STEPS]; item; item = item->next) {
        wf_buf_addc(&w.text, '\n');
        write_definition(&w, item);
    }
    return finish(&w);
}

/* The state knows a watch by its name: two definitions of one name (of modules that do not see each
 * other) are told apart by their modules. */
static uint32_t add_watch(struct lowering *l, uint32_t name, const struct wf_symbol *sym,
                          struct wf_ir_watch row)
{
    if (l->b.status != WF_OK)
        return WF_NONE;
    for (uint32_t i = 0; i < l->ir->n_watches; i++) {
        const struct wf_ir_watch *w = &l->ir->watches[i];
        if (w->name != name)
            continue;
        if (w->cond == row.cond && w->hash == row.hash)
            return i;
        if (!sym || !sym->module)
            return refuse(l, "two watches of one name");
        struct wf_buf text;
        wf_buf_init(&text, l->b.alloc, 0);
        wf_buf_addf(&text, "%s@%s", l->ir->texts[name]->text, sym->module->name->text);
        name = text.failed ? wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL)
                           : wf_irb_text(&l->b, wf_buf_str(&text), text.len);
        wf_buf_release(&text);
        return add_watch(l, name, NULL, row);
    }
    row.name = name;
    return wf_irb_add_watches(&l->b, &row, 1);
}

uint32_t canonical_text(struct lowering *l, const struct wf_node *node)
{
    struct wf_buf text;
    wf_buf_init(&text, l->b.alloc, 0);
    wf_print_canonical(&text, node);
    uint32_t row = text.failed ? wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL)
                               : wf_irb_text(&l->b, wf_buf_str(&text), text.len);
    wf_buf_release(&text);
    return row;
}

uint32_t watch_condition(struct lowering *l, const struct wf_rule *rule)
{
    const struct wf_node *is = rule->condition;
    if (is->kind == WF_N_NAME && is->sym && is->sym->kind == WF_SYM_SEGMENT)
        return watch_segment(l, is->sym); /* `when lapsed` is `when member becomes lapsed` */
    struct wf_ir_watch row = {.cond = lower_cond(l, rule->condition)};
    if (l->b.status != WF_OK)
        return WF_NONE;
    row.hash = hash_of(l, rule->condition, 0);
    return add_watch(l, canonical_text(l, rule->condition), NULL, row);
}

uint32_t watch_segment(struct lowering *l, const struct wf_symbol *sym)
{
    const struct def *def = lower_def(l, sym);
    if (!def)
        return WF_NONE;
    struct wf_ir_watch row = {.cond = def->val.node};
    row.hash = hash_of(l, sym->node->kid[WF_K_SEGMENT_COND], 0);
    return add_watch(l, str_text(l, sym->name), sym, row);
}

uint32_t watch_class(struct lowering *l, const struct wf_symbol *sym, uint32_t position)
{
    struct wf_ir_watch row = {.cond = class_match(l, sym, position)};
    if (l->b.status != WF_OK)
        return WF_NONE;
    const struct def *def = lower_def(l, sym);
    uint32_t class_name = l->ir->classes[def->first_class + position].name;
    row.hash = hash_of(l, sym->node, 1 + position);
    struct wf_buf text;
    wf_buf_init(&text, l->b.alloc, 0);
    wf_buf_addf(&text, "%s=%s", sym->name->text, l->ir->texts[class_name]->text);
    uint32_t name = text.failed ? wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL)
                                : wf_irb_text(&l->b, wf_buf_str(&text), text.len);
    wf_buf_release(&text);
    return add_watch(l, name, sym, row);
}
