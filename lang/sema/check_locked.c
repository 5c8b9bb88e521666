/*
 * check_locked.c - what headquarters locked, nobody who imports it may relax.
 *
 * Policies combine to the strictest anyway; a line that asks for less than a locked one would do
 * nothing, and whoever wrote it believes otherwise. So it is an error.
 */
#include "lang/sema/check.h"

/* ---- who imports whom ---- */

static const struct wf_unit *unit_of(const struct wf_sema *s, const struct wf_module *module)
{
    for (size_t i = 0; i < s->n_units; i++)
        if (&s->units[i]->module == module)
            return s->units[i];
    return NULL;
}

/* Directly or through others; imports have no cycles. */
static bool imports(const struct wf_unit *unit, const struct wf_module *module)
{
    for (size_t i = 0; unit && i < unit->scan.n_imports; i++) {
        const struct wf_unit *other = unit->imports[i];
        if (other && (&other->module == module || imports(other, module)))
            return true;
    }
    return false;
}

/* ---- is one line laxer than another of its kind? ---- */

static bool within_hours(int64_t clock, const struct wf_node *quiet)
{
    int64_t from = quiet->kid[WF_K_QUIET_FROM]->num, to = quiet->kid[WF_K_QUIET_TO]->num;
    return from < to ? clock >= from && clock < to : clock >= from || clock < to;
}

/* Quiet hours that leave out a minute of the locked ones: they begin or end inside them. */
static bool laxer_hours(const struct wf_node *locked, const struct wf_node *other)
{
    if (locked->op == WF_OP_NONE)
        return false;
    if (other->op == WF_OP_NONE || (locked->op == WF_OP_DROP && other->op == WF_OP_DEFER))
        return true;
    int64_t from = locked->kid[WF_K_QUIET_FROM]->num;
    int64_t to = other->kid[WF_K_QUIET_TO]->num;
    bool ends_inside = to != locked->kid[WF_K_QUIET_TO]->num && within_hours(to, locked);
    return !within_hours(from, other) || ends_inside;
}

static bool same_name(const struct wf_node *a, const struct wf_node *b)
{
    return a && b ? a->name == b->name : a == b;
}

static int64_t hundredths(const struct wf_node *amount)
{
    return amount->kind == WF_N_INT ? amount->num * 100 : amount->num;
}

static bool laxer_budget(const struct wf_node *locked, const struct wf_node *other)
{
    return locked->op == other->op &&
           same_name(locked->kid[WF_K_BUDGET_TARGET], other->kid[WF_K_BUDGET_TARGET]) &&
           wf_ast_equal(locked->kid[WF_K_BUDGET_PER], other->kid[WF_K_BUDGET_PER]) &&
           hundredths(other->kid[WF_K_BUDGET_AMOUNT]) > hundredths(locked->kid[WF_K_BUDGET_AMOUNT]);
}

/* The limit of `cap` that allows more than this locked one does. */
static const struct wf_node *laxer_limit(const struct wf_node *limit, const struct wf_node *cap)
{
    const struct wf_node *l = cap->kid[WF_K_CAP_LIMITS];
    for (; l; l = l->next)
        if (l->op == limit->op && l->flags == limit->flags && l->num > limit->num &&
            wf_ast_equal(l->kid[WF_K_LIMIT_PER], limit->kid[WF_K_LIMIT_PER]) &&
            same_name(l->kid[WF_K_LIMIT_VIA], limit->kid[WF_K_LIMIT_VIA]))
            return l;
    return NULL;
}

static bool laxer(const struct wf_node *locked, const struct wf_node *other)
{
    switch (locked->kind) {
    case WF_N_QUIET: return laxer_hours(locked, other);
    case WF_N_BUDGET: return laxer_budget(locked, other);
    case WF_N_HOLDOUT:
        return other->kid[WF_K_HOLDOUT_SHARE]->num < locked->kid[WF_K_HOLDOUT_SHARE]->num;
    case WF_N_VOLUME:
        return other->kid[WF_K_VOLUME_COUNT]->num > locked->kid[WF_K_VOLUME_COUNT]->num;
    default: return false; /* conditions are and-ed: none of them relaxes another */
    }
}

/* ---- every pair ---- */

static void report(struct wf_sema *s, const struct wf_node *locked, const struct wf_node *other)
{
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0513, other->span, "`%s` would relax a locked policy: `%s`",
                wf_words(s, other), wf_words(s, locked));
    wf_diag_label(s->diags, diag, locked->span, "locked here");
    wf_diag_note(s->diags, diag,
                 "policies combine to the strictest, and a locked one holds for whoever imports "
                 "it: drop this, or ask for more than it does");
}

static void compare_items(struct wf_sema *s, const struct wf_node *locked,
                          const struct wf_node *other)
{
    if (locked->kind != other->kind)
        return;
    if (locked->kind != WF_N_CAP) {
        if (laxer(locked, other))
            report(s, locked, other);
        return;
    }
    for (const struct wf_node *l = locked->kid[WF_K_CAP_LIMITS]; l; l = l->next) {
        const struct wf_node *more = laxer_limit(l, other);
        if (more)
            report(s, l, more);
    }
}

/* A locked policy of some members says nothing of one of others. */
static void compare_policies(struct wf_sema *s, const struct wf_node *locked,
                             const struct wf_node *other)
{
    const struct wf_node *scope = locked->kid[WF_K_POLICY_SCOPE];
    const struct wf_node *of = other->kid[WF_K_POLICY_SCOPE];
    if (scope && !(of && wf_ast_equal(scope, of)))
        return;
    for (const struct wf_node *p = locked->kid[WF_K_POLICY_ITEMS]; p; p = p->next)
        for (const struct wf_node *q = other->kid[WF_K_POLICY_ITEMS]; q; q = q->next)
            compare_items(s, p, q);
}

static void compare_module(struct wf_sema *s, const struct wf_node *locked,
                           const struct wf_module *module)
{
    const struct wf_node *node = module->node->kid[WF_K_MODULE_ITEMS];
    for (; node; node = node->next)
        if (node->kind == WF_N_POLICY)
            compare_policies(s, locked, node);
}

void wf_check_locked(struct wf_sema *s)
{
    const struct wf_checked *c = s->checked;
    for (uint32_t m = 0; m < c->n_modules; m++) {
        const struct wf_node *node = c->modules[m]->node->kid[WF_K_MODULE_ITEMS];
        for (; node; node = node->next) {
            if (node->kind != WF_N_POLICY || !(node->flags & WF_F_LOCKED))
                continue;
            for (uint32_t i = m + 1; i < c->n_modules; i++) /* importers come later */
                if (imports(unit_of(s, c->modules[i]), c->modules[m]))
                    compare_module(s, node, c->modules[i]);
        }
    }
}
