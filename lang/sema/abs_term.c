/*
 * abs_term.c - expressions as terms: two that mean the same by construction are one. Names are
 * followed to what they stand for, so `let` and `member.points` make no difference.
 */
#include <string.h>

#include "lang/sema/abs.h"

enum { FIRST_SLOTS = 512 };

const struct wf_node *wf_abs_through(const struct wf_node *node)
{
    while (node->kind == WF_N_NAME && node->sym && node->sym->kind == WF_SYM_LET && node->sym->node)
        node = node->sym->node->kid[WF_K_LET_VALUE];
    return node;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 29);
}

static uint64_t hash_of(const struct wf_term *t)
{
    uint64_t h = mix(0, ((uint64_t)t->kind << 32) | ((uint64_t)t->op << 16) | t->flags);
    h = mix(mix(h, (uint64_t)(uintptr_t)t->ref), (uint64_t)t->num);
    for (int i = 0; i < WF_MAX_KIDS; i++)
        h = mix(h, t->kid[i]);
    return h;
}

static bool same_term(const struct wf_term *x, const struct wf_term *y)
{
    return x->kind == y->kind && x->op == y->op && x->flags == y->flags && x->ref == y->ref &&
           x->num == y->num && memcmp(x->kid, y->kid, sizeof(x->kid)) == 0;
}

static uint64_t var_hash(const struct wf_var *v)
{
    return mix(mix(v->term, v->axis),
               v->role == WF_ROLE_COUNT || v->role == WF_ROLE_FIRST || v->role == WF_ROLE_LAST
                   ? v->role + ((uint64_t)v->set << 8)
                   : 0);
}

/* One more slot for each entry of a table that is full; chains hang by `next`. */
static bool widen(struct wf_abs *a, uint32_t **slots, uint32_t *n_slots, size_t entries, bool terms)
{
    if (entries < *n_slots)
        return true;
    uint32_t n = *n_slots ? *n_slots * 2 : FIRST_SLOTS;
    uint32_t *wider = wf_calloc(a->s->alloc, n, sizeof(*wider));
    if (!wider)
        return false;
    wf_free(a->s->alloc, *slots);
    *slots = wider;
    *n_slots = n;
    for (uint32_t i = 0; i < entries; i++) {
        uint64_t h = terms ? hash_of(&a->terms[i]) : var_hash(&a->vars[i]);
        uint32_t *next = terms ? &a->terms[i].next : &a->vars[i].next;
        *next = wider[h & (n - 1)];
        wider[h & (n - 1)] = i + 1;
    }
    return true;
}

static uint32_t intern(struct wf_abs *a, const struct wf_term *term)
{
    struct wf_sema *s = a->s;
    if (!widen(a, &a->term_slots, &a->n_term_slots, a->n_terms, true) ||
        wf_grow(s->alloc, &a->terms, &a->room_terms, a->n_terms + 1, sizeof(*a->terms))) {
        s->nomem = true;
        return 0;
    }
    uint32_t *slot = &a->term_slots[hash_of(term) & (a->n_term_slots - 1)];
    for (uint32_t i = *slot; i; i = a->terms[i - 1].next)
        if (same_term(&a->terms[i - 1], term))
            return i - 1;
    a->terms[a->n_terms] = *term;
    a->terms[a->n_terms].next = *slot;
    *slot = (uint32_t)++a->n_terms;
    return *slot - 1;
}

static bool same_var(const struct wf_var *x, const struct wf_var *y)
{
    if (x->axis != y->axis)
        return false;
    bool of_set = x->role == WF_ROLE_COUNT || x->role == WF_ROLE_FIRST || x->role == WF_ROLE_LAST;
    if (of_set)
        return x->role == y->role && x->set == y->set;
    return x->term == y->term && y->role != WF_ROLE_COUNT && y->role != WF_ROLE_FIRST &&
           y->role != WF_ROLE_LAST;
}

uint32_t wf_abs_var(struct wf_abs *a, const struct wf_var *like)
{
    struct wf_sema *s = a->s;
    struct wf_var var = *like;
    if (var.role == WF_ROLE_COUNT || var.role == WF_ROLE_FIRST || var.role == WF_ROLE_LAST)
        var.term = 0; /* `any`, `count > 0` and the `as` word are one */
    if (!widen(a, &a->var_slots, &a->n_var_slots, a->n_vars, false) ||
        wf_grow(s->alloc, &a->vars, &a->room_vars, a->n_vars + 1, sizeof(*a->vars))) {
        s->nomem = true;
        return 0;
    }
    uint32_t *slot = &a->var_slots[var_hash(&var) & (a->n_var_slots - 1)];
    for (uint32_t i = *slot; i; i = a->vars[i - 1].next)
        if (same_var(&a->vars[i - 1], &var))
            return i - 1;
    var.next = *slot;
    a->vars[a->n_vars] = var;
    *slot = (uint32_t)++a->n_vars;
    return *slot - 1;
}

uint32_t wf_abs_text(struct wf_abs *a, const struct wf_str *text)
{
    return intern(a, &(struct wf_term){.kind = WF_N_STRING, .ref = text});
}

uint32_t wf_abs_made_term(struct wf_abs *a, const struct wf_term *term)
{
    return intern(a, term);
}

/* ---- from the tree ---- */

static uint32_t list_of(struct wf_abs *a, const struct wf_node *items)
{
    struct wf_term list = {.kind = WF_N_LIST};
    uint32_t all = intern(a, &list);
    for (; items; items = items->next) {
        list.kid[0] = wf_abs_term(a, items);
        list.kid[1] = all;
        list.num = 1;
        all = intern(a, &list);
    }
    return all;
}

static uint32_t name_term(struct wf_abs *a, const struct wf_node *node)
{
    struct wf_term t = {.kind = WF_N_NAME, .ref = node->sym, .node = node};
    const struct wf_symbol *sym = node->sym;
    if (node->form == WF_FORM_ENUM_VALUE) {
        t.ref = NULL;
        t.num = 1 + node->num;
    } else if (sym && sym->kind == WF_SYM_WORD) {
        t.ref = sym->event;
    } else if (sym && sym->kind == WF_SYM_LET && sym->index < a->s->checked->n_defs) {
        struct wf_memo *memo = &a->memos[sym->index];
        if (!memo->term)
            memo->term = 1 + wf_abs_term(a, sym->node->kid[WF_K_LET_VALUE]);
        return memo->term - 1;
    }
    return intern(a, &t);
}

/* In doubt between two ends are counts, sums and whatever is reckoned from them. */
static bool is_ranged(const struct wf_abs *a, const struct wf_node *node, const struct wf_term *t)
{
    if (node->form == WF_FORM_ANY || node->kind == WF_N_FOLLOWED)
        return true;
    if (node->kind == WF_N_AGG)
        return node->op == WF_OP_COUNT || node->op == WF_OP_SUM || node->op == WF_OP_DISTINCT ||
               node->op == WF_OP_ANY || node->op == WF_OP_NO;
    if (node->kind == WF_N_TOP || node->kind == WF_N_QUANTILE)
        return false;
    bool ranged = false;
    for (int i = 0; i < WF_MAX_KIDS; i++)
        ranged |= node->kid[i] && a->terms[t->kid[i]].ranged;
    return ranged;
}

uint32_t wf_abs_term(struct wf_abs *a, const struct wf_node *node)
{
    node = wf_abs_through(node);
    struct wf_term t = {.kind = node->kind, .op = node->op, .node = node};
    bool own = node->kind == WF_N_FIELD &&
               (node->form == WF_FORM_ROW_FIELD || node->form == WF_FORM_OWN_FIELD);
    if (node->kind == WF_N_NAME || own) {
        if (!own)
            return name_term(a, node);
        t.kind = WF_N_NAME;
        t.op = 0;
        t.ref = node->sym;
        return intern(a, &t);
    }
    if (a->s->nomem)
        return 0;
    t.flags = (uint16_t)(node->flags & WF_F_NOT);
    t.ref = node->kind == WF_N_STRING  ? (const void *)node->name
            : node->kind == WF_N_FIELD ? (const void *)node->sym
            : node->kind == WF_N_BY    ? (const void *)node->sym
                                       : NULL;
    t.num = node->num;
    if (node->kind == WF_N_NUMBER || node->kind == WF_N_PERCENT)
        memcpy(&t.num, &node->real, sizeof(t.num));
    if (node->kind == WF_N_INT || node->kind == WF_N_NUMBER) { /* 5 of money is not 5 of numbers */
        t.op = node->type ? node->type->base : 0;
        t.kind = WF_N_INT;
        struct wf_value v = wf_literal(node, (enum wf_type)t.op);
        t.num = v.i;
    }
    if (node->kind == WF_N_LIST)
        return list_of(a, node->kid[WF_K_LIST_ITEMS]);
    for (int i = 0; i < WF_MAX_KIDS; i++)
        t.kid[i] = node->kid[i] ? wf_abs_term(a, node->kid[i]) : UINT32_MAX;
    t.ranged = a->n_terms && is_ranged(a, node, &t);
    return intern(a, &t);
}

/* ---- the whole ---- */

void wf_abs_init(struct wf_abs *a, struct wf_sema *s)
{
    *a = (struct wf_abs){.s = s};
    wf_arena_init(&a->arena, s->alloc);
    wf_arena_init(&a->scratch, s->alloc);
    a->memos = wf_calloc(s->alloc, (size_t)s->checked->n_defs + 1, sizeof(*a->memos));
    if (!a->memos)
        s->nomem = true;
}

void wf_abs_release(struct wf_abs *a)
{
    const struct wf_alloc *alloc = a->s->alloc;
    void *all[] = {a->terms, a->term_slots, a->vars,    a->var_slots, a->sets,
                   a->memos, a->subsets,    a->touched, a->trail};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        wf_free(alloc, all[i]);
    wf_arena_release(&a->arena);
    wf_arena_release(&a->scratch);
}
