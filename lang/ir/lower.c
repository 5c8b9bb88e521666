#include "lang/ir/lower.h"

#include <string.h>

#include "lang/ir/lower_int.h"
#include "lang/ir/opt.h"

uint32_t refuse(struct lowering *l, const char *why)
{
    return wf_irb_fail(&l->b, WF_ERR_INTERNAL, why);
}

uint32_t str_text(struct lowering *l, const struct wf_str *s)
{
    return s ? wf_irb_text(&l->b, s->text, s->len) : WF_NONE;
}

uint32_t place_of(struct lowering *l, struct wf_span span)
{
    if (span.file >= l->sources->n)
        return WF_NONE;
    const struct wf_source *source = &l->sources->files[span.file];
    struct wf_place at = wf_source_place(source, span.start);
    if (l->files[span.file] == WF_NONE)
        l->files[span.file] = wf_irb_textz(&l->b, source->name);
    return wf_irb_place(&l->b, l->files[span.file], at.line, at.column);
}

enum wf_type type_of(const struct lowering *l, uint32_t node)
{
    return node == WF_NONE ? WF_T_NONE : (enum wf_type)l->ir->nodes[node].type;
}

static uint16_t domain_of(const struct lowering *l, uint32_t node)
{
    return node == WF_NONE ? WF_DOM_RUN : l->ir->nodes[node].domain;
}

static uint32_t lift(struct lowering *l, uint32_t node, uint16_t domain)
{
    if (domain < WF_DOM_EVENT || domain_of(l, node) != WF_DOM_MEMBER)
        return node;
    return wf_irb_2(&l->b, WF_IR_LIFT, node, (uint32_t)domain - WF_DOM_EVENT);
}

uint32_t mk1(struct lowering *l, enum wf_ir_op op, uint32_t x)
{
    return wf_irb_1(&l->b, op, x);
}

uint32_t mk2(struct lowering *l, enum wf_ir_op op, uint32_t x, uint32_t y)
{
    uint16_t dx = domain_of(l, x), dy = domain_of(l, y);
    return wf_irb_2(&l->b, op, lift(l, x, dy), lift(l, y, dx));
}

uint32_t mk3(struct lowering *l, enum wf_ir_op op, uint32_t x, uint32_t y, uint32_t z)
{
    uint16_t widest = domain_of(l, x);
    if (domain_of(l, y) > widest)
        widest = domain_of(l, y);
    if (domain_of(l, z) > widest)
        widest = domain_of(l, z);
    return wf_irb_node(&l->b, op, lift(l, x, widest), lift(l, y, widest), lift(l, z, widest));
}

uint32_t missing(struct lowering *l, enum wf_type type)
{
    return wf_irb_value(&l->b, wf_missing(type));
}

uint32_t both(struct lowering *l, uint32_t a, uint32_t b)
{
    if (a == WF_NONE || b == WF_NONE || a == b)
        return a == WF_NONE ? b : a;
    return mk2(l, WF_IR_AND, a, b);
}

/* ---- segments and classes ---- */

static bool is_own(const struct wf_symbol *sym)
{
    return sym->module && !sym->module->embedded;
}

static void add_segment(struct lowering *l, const struct wf_symbol *sym, const struct def *def)
{
    struct wf_ir_segment row = {.name = str_text(l, sym->name),
                                .cond = def->val.node,
                                .place = place_of(l, sym->node->name_span)};
    condition_atoms(l, sym->node->kid[WF_K_SEGMENT_COND], &row.atoms_first, &row.atoms_count);
    wf_irb_add_segments(&l->b, &row, 1);
}

/* The classes are in ir->classes already: they come there as they are lowered. */
static void add_class_atoms(struct lowering *l, const struct wf_symbol *sym, const struct def *def)
{
    const struct wf_node *c = sym->node->kid[WF_K_CLASSIFY_CLASSES];
    l->in_classify = true;
    for (uint32_t k = def->first_class; c && l->b.status == WF_OK; c = c->next, k++) {
        uint32_t first = 0, count = 0;
        if (c->kid[WF_K_CLASS_WHEN])
            condition_atoms(l, c->kid[WF_K_CLASS_WHEN], &first, &count);
        l->ir->classes[k].atoms_first = first;
        l->ir->classes[k].atoms_count = count;
    }
    l->in_classify = false;
}

static bool is_shown(const struct lowering *l, const struct wf_symbol *sym)
{
    return sym->kind != WF_SYM_LET && (is_own(sym) || (l->checked->testing && sym->tested));
}

/* What reports and tests show: every segment and classify of the program's own files. All are
 * lowered before the first gets its atoms, so that each one's stand together. */
static void lower_shown(struct lowering *l)
{
    for (uint32_t i = 0; i < l->checked->n_defs && l->b.status == WF_OK; i++)
        if (is_shown(l, l->checked->defs[i]))
            lower_def(l, l->checked->defs[i]);
    for (uint32_t i = 0; i < l->checked->n_defs && l->b.status == WF_OK; i++) {
        const struct wf_symbol *sym = l->checked->defs[i];
        const struct def *def = is_shown(l, sym) ? lower_def(l, sym) : NULL;
        if (def && sym->kind == WF_SYM_SEGMENT)
            add_segment(l, sym, def);
        else if (def)
            add_class_atoms(l, sym, def);
    }
}

/* ---- the whole ---- */

/* Columns that the run itself reads, where the schema has them (ir.h, implied). */
static void imply_columns(struct lowering *l)
{
    bool task = false, to_inviter = false, per_owner = false;
    for (uint32_t i = 0; i < l->ir->n_actions; i++) {
        task |= l->ir->actions[i].kind == WF_ACT_TASK;
        to_inviter |= l->ir->actions[i].to_inviter;
    }
    for (uint32_t i = 0; i < l->ir->n_caps; i++)
        per_owner |= l->ir->caps[i].per_owner;
    const struct {
        const char *name;
        bool wanted, row; /* row: the member it refers to; else who that is, by their key */
    } columns[] = {
        {"joined", l->ir->n_watches > 0, false},
        {"owner", task, false},
        {"store", task || per_owner, false},
        {"inviter", to_inviter, true},
        {"contact", l->ir->n_caps > 0, false},
    };
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        const struct wf_field *field = member_field(l, columns[i].name);
        if (field && columns[i].wanted)
            member_input(l, field, columns[i].row ? NULL : referred_key(field), true);
    }
}

static bool prepare(struct lowering *l)
{
    const struct wf_alloc *alloc = l->b.alloc;
    l->defs = wf_calloc(alloc, l->checked->n_defs + (size_t)1, sizeof(*l->defs));
    l->files = wf_calloc(alloc, l->sources->n + 1, sizeof(*l->files));
    if (!l->defs || !l->files) {
        wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL);
        return false;
    }
    for (size_t i = 0; i < l->sources->n; i++)
        l->files[i] = WF_NONE;
    return true;
}

enum wf_status wf_lower(const struct wf_checked *checked, const struct wf_sources *sources,
                        struct wf_arena *arena, const struct wf_alloc *alloc, struct wf_ir *ir_out,
                        const char **why_out)
{
    struct lowering l = {.checked = checked,
                         .sources = sources,
                         .ir = ir_out,
                         .view = WF_NONE,
                         .entry_until = WF_NONE};
    wf_ir_init(ir_out, arena);
    wf_irb_init(&l.b, ir_out, alloc);
    if (prepare(&l)) {
        lower_schema(&l);
        lower_triggers(&l);
        lower_journeys(&l);
        lower_policies(&l);
        lower_contents(&l);
        lower_shown(&l);
        lower_metrics(&l);
        lower_void_when(&l);
        imply_columns(&l);
    }
    wf_free(alloc, l.defs);
    wf_free(alloc, l.files);
    wf_irb_release(&l.b);
    *why_out = l.b.why;
    if (l.b.status != WF_OK)
        return l.b.status;
    return wf_ir_tidy(ir_out, alloc); /* numbers that no compiler's order of evaluation decides */
}
