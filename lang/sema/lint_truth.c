/*
 * lint_truth.c - conditions that can never hold, or always do: of segments, rules, policies,
 * metrics, and of the events that are picked out by [ ]; also one side of an `or` that adds nobody.
 */
#include "lang/sema/lint.h"

static void look_at_choices(struct wf_lint *l, const struct wf_asked *whole, struct wf_given *all,
                            uint32_t n);

/* One of several ways in which a condition may hold? Not behind a name: it is looked at there. */
static bool is_choice(const struct wf_given *given)
{
    const struct wf_node *node = given->fact.node;
    enum wf_op either = given->fact.mode == WF_ABS_TRUE ? WF_OP_OR : WF_OP_AND;
    return !given->via && !given->fact.rule && node->kind == WF_N_BINARY && node->op == either;
}

/* A side of an `or` that clashes with what is joined to it by `and` adds nobody. */
static void look_at_side(struct wf_lint *l, const struct wf_asked *whole,
                         const struct wf_node *side, uint8_t mode)
{
    struct wf_asked asked = {
        .terms = &side, .n = 1, .use = WF_USE_CHOICE, .mode = mode, .in_class = whole->in_class};
    struct wf_given all[WF_MOST_FACTS];
    struct wf_given one = {.fact = {.node = side, .mode = mode, .in_class = whole->in_class}};
    if (!wf_lint_never(l, &asked))
        look_at_choices(l, whole, all, wf_lint_apart(l, one, all, 0));
}

static void look_at_choices(struct wf_lint *l, const struct wf_asked *whole, struct wf_given *all,
                            uint32_t n)
{
    uint32_t n_given = l->n_given;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_choice(&all[i]))
            continue;
        for (uint32_t k = 0; k < n && l->n_given < WF_MOST_FACTS; k++) {
            if (k == i)
                continue;
            l->given[l->n_given] = all[k];
            l->given[l->n_given++].why = WF_WHY_BESIDE;
        }
        for (int side = 0; side < 2; side++)
            look_at_side(l, whole, all[i].fact.node->kid[side], all[i].fact.mode);
        l->n_given = n_given;
    }
}

bool wf_lint_condition(struct wf_lint *l, const struct wf_asked *asked)
{
    struct wf_given all[WF_MOST_FACTS];
    uint32_t n = 0;
    if (wf_lint_never(l, asked))
        return true;
    if (wf_lint_always(l, asked) && asked->n == 1)
        return true;
    for (uint32_t i = 0; i < asked->n; i++) {
        struct wf_given one = {.fact = {.node = asked->terms[i], .in_class = asked->in_class}};
        n = wf_lint_apart(l, one, all, n);
    }
    look_at_choices(l, asked, all, n);
    return false;
}

bool wf_lint_one(struct wf_lint *l, const struct wf_node *cond, enum wf_use use,
                 const struct wf_str *name)
{
    if (!cond)
        return false;
    struct wf_asked asked = {.terms = &cond, .n = 1, .use = use, .name = name};
    return wf_lint_condition(l, &asked);
}

/* ---- events picked out by [ ] ---- */

static const struct wf_record *record_of(const struct wf_node *set)
{
    for (; set; set = set->kid[0]) /* BASE is the first kid of each */
        if (set->kind == WF_N_NAME)
            return !set->sym                       ? NULL
                   : set->sym->kind == WF_SYM_WORD ? set->sym->event->record
                                                   : set->sym->record;
    return NULL;
}

static void look_at_rows(struct wf_lint *l, const struct wf_node *cond,
                         const struct wf_record *record, enum wf_use use)
{
    const struct wf_record *outer = l->row;
    l->row = record;
    if (record && record->void_when && cond != record->void_when->kid[WF_K_VOID_WHEN_COND])
        wf_give(l, record->void_when->kid[WF_K_VOID_WHEN_COND], WF_ABS_NOT_TRUE, WF_WHY_VOID);
    wf_lint_one(l, cond, use, NULL);
    l->n_given = 0;
    l->row = outer;
}

static void look_inside(struct wf_lint *l, const struct wf_node *node, bool wait);

static void look_at_node(struct wf_lint *l, const struct wf_node *node, bool wait)
{
    switch (node->kind) {
    case WF_N_FILTER:
        look_at_rows(l, node->kid[WF_K_FILTER_COND], record_of(node),
                     wait ? WF_USE_WAIT_FILTER : WF_USE_FILTER);
        break;
    case WF_N_REACH: wf_lint_one(l, node->kid[WF_K_REACH_WHEN], WF_USE_REACH, node->name); break;
    case WF_N_POLICY: wf_lint_one(l, node->kid[WF_K_POLICY_SCOPE], WF_USE_SCOPE, NULL); break;
    case WF_N_METRIC: wf_lint_one(l, node->kid[WF_K_METRIC_AMONG], WF_USE_SCOPE, NULL); break;
    case WF_N_OVER: wf_lint_one(l, node->kid[WF_K_OVER_WHERE], WF_USE_SCOPE, NULL); break;
    case WF_N_TOP: wf_lint_one(l, node->kid[WF_K_TOP_AMONG], WF_USE_SCOPE, NULL); break;
    case WF_N_QUANTILE: wf_lint_one(l, node->kid[WF_K_QUANTILE_AMONG], WF_USE_SCOPE, NULL); break;
    default: break;
    }
    look_inside(l, node, wait);
}

/* The set that a wait is for, and no set that is only compared within it. */
static bool awaited(const struct wf_node *node, const struct wf_node *kid, bool wait)
{
    if (node->kind == WF_N_WAIT_FOR)
        return node->form == WF_FORM_WAIT_EVENT && kid == node->kid[WF_K_WAIT_FOR_WHAT];
    return wait && kid == node->kid[0] && node->kind != WF_N_AGG;
}

static void look_inside(struct wf_lint *l, const struct wf_node *node, bool wait)
{
    for (int i = 0; i < WF_MAX_KIDS; i++)
        for (const struct wf_node *kid = node->kid[i]; kid; kid = kid->next)
            look_at_node(l, kid, awaited(node, kid, wait));
}

/* All but the definitions, which were looked at when their turn came. */
static void look_inside_file(struct wf_lint *l, const struct wf_node *file)
{
    for (const struct wf_node *item = file->kid[WF_K_MODULE_ITEMS]; item; item = item->next)
        if (item->kind != WF_N_LET && item->kind != WF_N_SEGMENT && item->kind != WF_N_CLASSIFY)
            look_at_node(l, item, false);
}

/* ---- the whole program ---- */

static void look_at_definition(struct wf_lint *l, const struct wf_symbol *sym)
{
    size_t warnings = l->s->diags->warnings;
    look_inside(l, sym->node, false);
    bool said = l->s->diags->warnings > warnings;
    if (said) /* of events that are none there is no more to say */
        ;
    else if (sym->kind == WF_SYM_CLASSIFY)
        wf_lint_classes(l, sym);
    else if (sym->kind == WF_SYM_SEGMENT)
        said = wf_lint_one(l, sym->node->kid[WF_K_SEGMENT_COND], WF_USE_SEGMENT, sym->name);
    else if (sym->type && wf_type_is(sym->type, WF_T_BOOL))
        said = wf_lint_one(l, sym->node->kid[WF_K_LET_VALUE], WF_USE_NONE, NULL);
    l->abs.memos[sym->index].never |= said;
}

void wf_lint_conditions(struct wf_lint *l)
{
    const struct wf_checked *c = l->s->checked;
    for (uint32_t i = 0; i < c->n_defs && !l->s->nomem; i++)
        if (!c->defs[i]->module->embedded)
            look_at_definition(l, c->defs[i]);
    for (uint32_t i = 0; i < c->n_rules && !l->s->nomem; i++)
        if (!c->rules[i].module->embedded)
            wf_lint_rule(l, &c->rules[i]);
    for (uint32_t i = 0; i < c->n_enters && !l->s->nomem; i++) {
        if (c->enters[i].module->embedded)
            continue;
        if (c->enters[i].condition)
            wf_lint_rule(l, &c->enters[i]);
        wf_lint_journey(l, &c->enters[i]);
    }
    for (uint32_t m = 0; m < c->n_modules && !l->s->nomem; m++)
        if (!c->modules[m]->embedded)
            look_inside_file(l, c->modules[m]->node);
    wf_lint_segments(l);
    wf_lint_send(l);
    wf_lint_overlaps(l);
}

void wf_lint_truth(struct wf_sema *s)
{
    struct wf_lint *l = wf_calloc(s->alloc, 1, sizeof(*l));
    if (!l) {
        s->nomem = true;
        return;
    }
    l->s = s;
    wf_abs_init(&l->abs, s);
    if (!s->nomem)
        wf_lint_conditions(l);
    wf_abs_release(&l->abs);
    wf_free(s->alloc, l);
}
