/*
 * Atoms: each and-term of a rule with its text and the values worth showing, for the reason that
 * goes with an action and for `explain`.
 */
#include "lang/ir/lower_int.h"

enum { MOST_SHOWS = 4 };

struct shows {
    struct wf_ir_show rows[MOST_SHOWS];
    uint32_t n;
    bool named; /* within a segment or class, whose own words the atom does not say */
};

static void show_as(struct lowering *l, struct shows *s, uint32_t label, uint32_t node)
{
    if (l->b.status != WF_OK || s->n == MOST_SHOWS)
        return;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->rows[i].node == node)
            return;
    s->rows[s->n++] = (struct wf_ir_show){label, node};
}

static void show(struct lowering *l, struct shows *s, const struct wf_node *what, uint32_t node)
{
    show_as(l, s, canonical_text(l, what), node);
}

/* Private fields never appear in reasons; a bool says no more than the atom's own words. */
static bool is_shown(const struct wf_node *node)
{
    const struct wf_symbol *sym = node->sym;
    if (!sym || node->form == WF_FORM_ENUM_VALUE || node->form == WF_FORM_ROW_FIELD)
        return false;
    if (!node->type || node->type->base == WF_T_BOOL || node->type->base == WF_T_REF)
        return false;
    if (sym->field)
        return !sym->field->private_ && (sym->kind == WF_SYM_FIELD || node->kind == WF_N_FIELD);
    return sym->kind == WF_SYM_LET;
}

static bool is_any_or_no(const struct wf_node *node)
{
    return node->kind == WF_N_AGG && (node->op == WF_OP_ANY || node->op == WF_OP_NO);
}

static void collect(struct lowering *l, struct shows *s, const struct wf_node *node);

/* Who is in a segment is so by its figures; they are of the member wherever it is used. */
static void collect_segment(struct lowering *l, struct shows *s, const struct wf_symbol *segment)
{
    uint32_t view = l->view;
    bool named = s->named;
    l->view = WF_NONE;
    s->named = true;
    collect(l, s, segment->node->kid[WF_K_SEGMENT_COND]);
    s->named = named;
    l->view = view;
}

static void collect(struct lowering *l, struct shows *s, const struct wf_node *node)
{
    if (l->b.status != WF_OK)
        return;
    if (node->form == WF_FORM_ANY || is_any_or_no(node)) { /* an event set speaks for itself */
        if (s->named && !wf_names_private(node))
            show(l, s, node, lower_cond(l, node));
        return;
    }
    switch ((enum wf_node_kind)node->kind) {
    case WF_N_NAME:
        if (node->sym && node->sym->kind == WF_SYM_SEGMENT) {
            collect_segment(l, s, node->sym);
            return;
        }
        /* fall through */
    case WF_N_FIELD:
        if (is_shown(node) && !wf_names_private(node))
            show(l, s, node, lower_expr(l, node).node);
        return;
    case WF_N_AGG:
        if (!wf_names_private(node))
            show(l, s, node, lower_expr(l, node).node);
        return;
    case WF_N_DAYS_SINCE:
    case WF_N_QUANTILE:
        if (!wf_names_private(node))
            show(l, s, node, lower_expr(l, node).node);
        return;
    case WF_N_TOP: collect(l, s, node->kid[WF_K_TOP_BY]); return;
    default: break;
    }
    for (int k = 0; k < WF_MAX_KIDS; k++)
        for (const struct wf_node *kid = node->kid[k]; kid; kid = kid->next)
            collect(l, s, kid);
}

/* What made a crossing: the figures of the segment's or class's own condition. */
static void collect_crossing(struct lowering *l, struct shows *s, const struct wf_node *core)
{
    const struct wf_node *to = core->kid[WF_K_CROSSING_TO];
    if (core->form == WF_FORM_SEGMENT_MOVE) {
        collect_segment(l, s, to->sym);
        return;
    }
    const struct wf_node *subject = core->kid[WF_K_CROSSING_SUBJECT];
    const struct wf_node *c = subject->sym->node->kid[WF_K_CLASSIFY_CLASSES];
    for (int64_t i = 0; c && i < to->num; i++)
        c = c->next;
    s->named = true;
    if (c && c->kid[WF_K_CLASS_WHEN])
        collect(l, s, c->kid[WF_K_CLASS_WHEN]);
}

static uint32_t add_atom(struct lowering *l, const struct wf_node *term, uint32_t node,
                         const struct shows *s)
{
    struct wf_ir_atom atom = {.text = canonical_text(l, term),
                              .node = node,
                              .shows_count = s->n,
                              .place = place_of(l, term->span)};
    atom.shows_first = wf_irb_add_shows(&l->b, s->rows, s->n);
    return wf_irb_add_atoms(&l->b, &atom, 1);
}

static void cond_atom(struct lowering *l, const struct wf_node *term)
{
    struct shows s = {.n = 0};
    collect(l, &s, term);
    add_atom(l, term, lower_cond(l, term), &s);
}

static void and_terms(struct lowering *l, const struct wf_node *cond)
{
    if (cond->kind == WF_N_BINARY && cond->op == WF_OP_AND) {
        and_terms(l, cond->kid[WF_K_BINARY_LEFT]);
        cond = cond->kid[WF_K_BINARY_RIGHT];
    }
    cond_atom(l, cond);
}

void condition_atoms(struct lowering *l, const struct wf_node *cond, uint32_t *first_out,
                     uint32_t *count_out)
{
    *first_out = l->ir->n_atoms;
    and_terms(l, cond);
    *count_out = l->ir->n_atoms - *first_out;
}

/* `purchase 2026-11-15T10:00:00` */
static struct shows event_shows(struct lowering *l, const struct set *set)
{
    struct shows s = {.n = 0};
    if (l->b.status == WF_OK)
        show_as(l, &s, str_text(l, set->record->name), set_at(l, set));
    return s;
}

uint32_t event_atom(struct lowering *l, const struct wf_node *what, uint32_t filter,
                    const struct set *set)
{
    struct shows s = event_shows(l, set);
    return add_atom(l, what, filter, &s);
}

void lower_atoms(struct lowering *l, const struct wf_rule *rule, uint32_t moment_node,
                 struct wf_ir_trigger *t)
{
    t->atoms_first = l->ir->n_atoms;
    if (moment_node != WF_NONE) {
        struct shows s = {.n = 0};
        if (t->moment == WF_MOMENT_EVENT) {
            struct set set = lower_set(l, rule->core);
            s = event_shows(l, &set);
        } else if (t->moment == WF_MOMENT_CROSSING) {
            collect_crossing(l, &s, rule->core);
        } else if (t->moment != WF_MOMENT_CALENDAR) {
            collect(l, &s, rule->moment);
        }
        add_atom(l, rule->moment, moment_node, &s);
    }
    for (uint32_t i = 0; i < rule->n_guard; i++)
        cond_atom(l, rule->guard[i]);
    t->atoms_count = l->ir->n_atoms - t->atoms_first;
}
