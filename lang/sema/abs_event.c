/*
 * abs_event.c - sets of events as the conditions that their rows meet, and which set lies within
 * which: `purchase[amount > 300] in last 30d` within `purchase[amount > 100] in last 90d`.
 */
#include <string.h>

#include "lang/sema/abs.h"

enum { MOST_PARTS = 64, SUBSET_SLOTS = 4096 };

struct wf_subset { /* what wf_abs_within answered */
    uint32_t inner, outer;
    bool known, within, windowless;
    int64_t least_days;
};

bool wf_abs_days(const struct wf_node *duration, int64_t *least, int64_t *most)
{
    enum { MOST = 4000000 };
    if (!duration || duration->kind != WF_N_DURATION)
        return false;
    struct wf_value v = wf_literal(duration, WF_T_NONE);
    if (v.i < 0 || v.i > (v.type == WF_T_SECONDS ? MOST * INT64_C(86400) : MOST))
        return false;
    *least = *most = v.i;
    if (v.type == WF_T_MONTHS) { /* 30.44 on average, and the ends of months */
        *least = v.i * 3043 / 100 - 3;
        *most = v.i * 3045 / 100 + 4;
    } else if (v.type == WF_T_SECONDS) { /* a day may be longer or shorter by what a zone changes */
        *least = v.i / 86400 - 2;
        *most = v.i / 86400 + 2;
    }
    if (*least < 0)
        *least = 0;
    return true;
}

/* ---- the parts of a set ---- */

struct parts {
    const struct wf_node *filters[MOST_PARTS], *windows[MOST_PARTS], *pairs[MOST_PARTS];
    struct wf_set set;
};

static void part(struct parts *p, const struct wf_node **list, uint32_t *n,
                 const struct wf_node *node)
{
    if (*n < MOST_PARTS)
        list[(*n)++] = node;
    else
        p->set.odd = true;
}

static void add_filter(struct parts *p, const struct wf_node *cond)
{
    if (cond->kind == WF_N_BINARY && cond->op == WF_OP_AND) {
        add_filter(p, cond->kid[WF_K_BINARY_LEFT]);
        add_filter(p, cond->kid[WF_K_BINARY_RIGHT]);
    } else {
        part(p, p->filters, &p->set.n_filters, cond);
    }
}

static void take_apart(struct parts *p, const struct wf_node *node)
{
    for (; node; node = node->kid[0]) { /* BASE is the first kid of each */
        switch (node->kind) {
        case WF_N_NAME:
            if (node->sym)
                p->set.event = node->sym->kind == WF_SYM_WORD ? node->sym->event : node->sym;
            return;
        case WF_N_FILTER: add_filter(p, node->kid[WF_K_FILTER_COND]); break;
        case WF_N_WINDOWED:
            part(p, p->windows, &p->set.n_windows, node);
            p->set.future |= node->op == WF_OP_IN_NEXT || node->op == WF_OP_WITHIN_NEXT;
            break;
        case WF_N_FOLLOWED: part(p, p->pairs, &p->set.n_pairs, node); break;
        case WF_N_BY: p->set.by = node->sym; break;
        case WF_N_FIELD: break;
        case WF_N_AGG: p->set.odd |= node->op != WF_OP_ANY; break;
        default: return;
        }
    }
}

static const struct wf_node **kept(struct wf_abs *a, const struct wf_node **list, uint32_t n)
{
    const struct wf_node **copy = wf_arena_array(&a->arena, n ? n : 1, sizeof(*copy));
    if (!copy)
        a->s->nomem = true;
    else if (n)
        memcpy(copy, list, n * sizeof(*copy));
    return copy;
}

uint32_t wf_abs_set(struct wf_abs *a, const struct wf_node *node)
{
    if (node->kind == WF_N_AGG)
        node = node->kid[WF_K_AGG_SET];
    while (node->kind == WF_N_FIELD)
        node = node->kid[WF_K_FIELD_BASE];
    uint32_t term = wf_abs_term(a, node);
    if (a->s->nomem)
        return UINT32_MAX;
    if (a->terms[term].set)
        return a->terms[term].set - 1;
    struct parts p = {.set = {.n_filters = 0}};
    take_apart(&p, node);
    if (!p.set.event || (p.set.event->kind != WF_SYM_EVENT))
        return UINT32_MAX;
    p.set.filters = kept(a, p.filters, p.set.n_filters);
    p.set.windows = kept(a, p.windows, p.set.n_windows);
    p.set.pairs = kept(a, p.pairs, p.set.n_pairs);
    if (a->s->nomem ||
        wf_grow(a->s->alloc, &a->sets, &a->room_sets, a->n_sets + 1, sizeof(*a->sets))) {
        a->s->nomem = true;
        return UINT32_MAX;
    }
    a->sets[a->n_sets++] = p.set;
    a->terms[term].set = (uint32_t)a->n_sets;
    return (uint32_t)a->n_sets - 1;
}

/* ---- windows ---- */

static bool in_last(const struct wf_node *w)
{
    return w->op == WF_OP_IN_LAST || w->op == WF_OP_WITHIN_LAST;
}

/* Duration x is at most y, whatever the calendar. */
static bool at_most(const struct wf_node *x, const struct wf_node *y)
{
    struct wf_value dx = wf_literal(x, WF_T_NONE), dy = wf_literal(y, WF_T_NONE);
    int64_t least, most, low, high;
    if (dx.present && dx.type == dy.type)
        return dx.i <= dy.i;
    return wf_abs_days(x, &least, &most) && wf_abs_days(y, &low, &high) && most <= low;
}

static bool dates_ordered(const struct wf_node *x, const struct wf_node *y)
{
    return x && y && x->kind == WF_N_DATE && y->kind == WF_N_DATE && x->num <= y->num;
}

static bool same_point(struct wf_abs *a, const struct wf_node *x, const struct wf_node *y)
{
    return x == y || (x && y && wf_abs_term(a, x) == wf_abs_term(a, y));
}

/* What lies in window x lies in y. */
static bool window_within(struct wf_abs *a, const struct wf_node *x, const struct wf_node *y)
{
    const struct wf_node *xa = x->kid[WF_K_WINDOWED_A], *ya = y->kid[WF_K_WINDOWED_A];
    const struct wf_node *xb = x->kid[WF_K_WINDOWED_B], *yb = y->kid[WF_K_WINDOWED_B];
    if (x->op == y->op && same_point(a, xa, ya) && same_point(a, xb, yb))
        return true;
    if (in_last(x) && in_last(y))
        return at_most(xa, ya);
    if (x->op == WF_OP_OLDER && y->op == WF_OP_OLDER)
        return at_most(ya, xa);
    bool from = dates_ordered(ya, xa);
    if (y->op == WF_OP_SINCE)
        return from && (x->op == WF_OP_SINCE || x->op == WF_OP_FROM_TO);
    return y->op == WF_OP_FROM_TO && x->op == WF_OP_FROM_TO && from &&
           (!yb || dates_ordered(xb, yb));
}

int64_t wf_abs_reach(struct wf_abs *a, uint32_t set)
{
    int64_t reach = INT64_MAX, least, most;
    for (uint32_t i = 0; i < a->sets[set].n_windows; i++) {
        const struct wf_node *w = a->sets[set].windows[i];
        if (in_last(w) && wf_abs_days(w->kid[WF_K_WINDOWED_A], &least, &most) && most < reach)
            reach = most;
    }
    return reach;
}

/* ---- one set within another ---- */

static bool has_window(struct wf_abs *a, const struct wf_set *inner, const struct wf_node *window)
{
    for (uint32_t i = 0; i < inner->n_windows; i++)
        if (window_within(a, inner->windows[i], window))
            return true;
    return false;
}

static bool has_pair(struct wf_abs *a, const struct wf_set *inner, const struct wf_node *pair)
{
    for (uint32_t i = 0; i < inner->n_pairs; i++)
        if (same_point(a, inner->pairs[i], pair))
            return true;
    return false;
}

/* Rows that meet all filters of `inner` meet this one: written so, or shown by a comparison of the
 * same values. */
static bool has_filter(struct wf_abs *a, const struct wf_set *inner, const struct wf_node *filter)
{
    for (uint32_t i = 0; i < inner->n_filters; i++)
        if (same_point(a, inner->filters[i], filter))
            return true;
    const struct wf_formula *all[MOST_PARTS + 1];
    for (uint32_t i = 0; i < inner->n_filters; i++)
        all[i] = wf_abs_formula(a, inner->filters[i], WF_ABS_TRUE, false);
    all[inner->n_filters] = wf_abs_formula(a, filter, WF_ABS_NOT_TRUE, false);
    return inner->n_filters && wf_abs_solve(a, all, inner->n_filters + 1) == WF_ABS_IMPOSSIBLE;
}

static struct wf_subset compare(struct wf_abs *a, uint32_t inner, uint32_t outer)
{
    struct wf_subset answer = {inner, outer, true, inner == outer, inner == outer, INT64_MAX};
    struct wf_set x = a->sets[inner], y = a->sets[outer]; /* the table may grow meanwhile */
    if (x.event != y.event || x.by != y.by || x.future != y.future || x.odd || y.odd)
        return answer;
    bool parts = true, windows = true;
    for (uint32_t i = 0; parts && i < y.n_pairs; i++)
        parts = has_pair(a, &x, y.pairs[i]);
    for (uint32_t i = 0; parts && i < y.n_filters; i++)
        parts = has_filter(a, &x, y.filters[i]);
    answer.windowless = parts;
    for (uint32_t i = 0; parts && i < y.n_windows; i++) {
        int64_t least, most;
        if (in_last(y.windows[i]) && wf_abs_days(y.windows[i]->kid[WF_K_WINDOWED_A], &least, &most))
            answer.least_days = least < answer.least_days ? least : answer.least_days;
        else if (!has_window(a, &x, y.windows[i]))
            answer.windowless = false;
        windows = windows && has_window(a, &x, y.windows[i]);
    }
    answer.within = inner == outer || (parts && windows);
    return answer;
}

bool wf_abs_within(struct wf_abs *a, uint32_t inner, uint32_t outer, int64_t *least_days)
{
    if (!a->subsets) {
        a->subsets = wf_calloc(a->s->alloc, SUBSET_SLOTS, sizeof(*a->subsets));
        if (!a->subsets) {
            a->s->nomem = true;
            return false;
        }
    }
    struct wf_subset *slot = &a->subsets[(inner * 2654435761u + outer) % SUBSET_SLOTS];
    if (!slot->known || slot->inner != inner || slot->outer != outer)
        *slot = compare(a, inner, outer);
    if (!least_days)
        return slot->within;
    *least_days = slot->least_days;
    return slot->windowless;
}
