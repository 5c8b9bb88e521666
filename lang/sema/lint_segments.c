/*
 * lint_segments.c - segments that are the same in other words, or one within another without saying
 * so. One that is defined by the other (`segment b is a and x`) is meant to be within it.
 */
#include "lang/sema/lint.h"

enum { MOST_SEGMENTS = 4096 };

/* What a literal is about, so that a count and the last of the same event have a bit in common. */
static uint64_t subject_of(const struct wf_abs *a, const struct wf_var *v)
{
    if (v->set != UINT32_MAX && a->sets[v->set].event->record)
        return UINT64_C(1) << (a->sets[v->set].event->record->index * 7 % 64);
    return UINT64_C(1) << (v->term % 64);
}

static uint64_t subjects_of(const struct wf_abs *a, const struct wf_formula *f, unsigned depth)
{
    if (f->op == WF_F_LITERAL)
        return subject_of(a, &a->vars[f->var]);
    if (f->op != WF_F_BOTH && f->op != WF_F_EITHER)
        return 0;
    return depth > 12 ? UINT64_MAX
                      : subjects_of(a, f->a, depth + 1) | subjects_of(a, f->b, depth + 1);
}

/* The definitions that were looked through in search of a name, by index: the number of the search.
 */
struct search {
    const struct wf_checked *checked;
    uint32_t *looked;
    uint32_t number;
};

static bool names(struct search *search, const struct wf_node *node, const struct wf_symbol *sym)
{
    const struct wf_checked *c = search->checked;
    const struct wf_symbol *own = node->kind == WF_N_NAME ? node->sym : NULL;
    if (own == sym)
        return true;
    bool definition = own && own->node && own->index < c->n_defs && c->defs[own->index] == own;
    if (definition && own->index > sym->index && search->looked[own->index] != search->number) {
        search->looked[own->index] = search->number;
        if (names(search, own->node, sym))
            return true;
    }
    for (int i = 0; i < WF_MAX_KIDS; i++)
        for (const struct wf_node *kid = node->kid[i]; kid; kid = kid->next)
            if (names(search, kid, sym))
                return true;
    return false;
}

/* To be in one of several ways is a wide net: who is in it is in it by intention. */
static bool has_choice(const struct wf_formula *f, unsigned depth)
{
    return f->op == WF_F_EITHER || depth > 12 ||
           (f->op == WF_F_BOTH && (has_choice(f->a, depth + 1) || has_choice(f->b, depth + 1)));
}

static const struct wf_node *cond_of(const struct wf_symbol *segment)
{
    return segment->node->kid[WF_K_SEGMENT_COND];
}

static const struct wf_formula *is_true(struct wf_lint *l, const struct wf_symbol *segment)
{
    return wf_abs_named(&l->abs, segment, WF_ABS_TRUE);
}

static bool all_within(struct wf_lint *l, const struct wf_symbol *inner,
                       const struct wf_symbol *outer)
{
    const struct wf_formula *both[] = {is_true(l, inner),
                                       wf_abs_named(&l->abs, outer, WF_ABS_NOT_TRUE)};
    return wf_abs_solve(&l->abs, both, 2) == WF_ABS_IMPOSSIBLE;
}

static void claim(struct wf_lint *l, enum wf_code code, const struct wf_symbol *inner,
                  const struct wf_symbol *outer)
{
    struct wf_given two[] = {{.fact = {.node = cond_of(inner), .mode = WF_ABS_TRUE}},
                             {.fact = {.node = cond_of(outer), .mode = WF_ABS_NOT_TRUE}}};
    wf_lint_claim(l, code, wf_name_span(inner->node), two, 2);
}

static void say_same(struct wf_lint *l, const struct wf_symbol *x, const struct wf_symbol *y)
{
    struct wf_sema *s = l->s;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_W0402, wf_name_span(y->node),
                "`%s` and `%s` are the same segment in other words", y->name->text, x->name->text);
    wf_diag_label(s->diags, diag, cond_of(y)->span, "here %s", wf_words(s, cond_of(y)));
    wf_diag_label(s->diags, diag, cond_of(x)->span, "here %s", wf_words(s, cond_of(x)));
    claim(l, WF_W0402, x, y);
    claim(l, WF_W0402, y, x);
}

static void say_within(struct wf_lint *l, const struct wf_symbol *inner,
                       const struct wf_symbol *outer)
{
    struct wf_sema *s = l->s;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_W0406, wf_name_span(inner->node), "everybody in `%s` is in `%s` too",
                inner->name->text, outer->name->text);
    wf_diag_label(s->diags, diag, cond_of(inner)->span, "here %s", wf_words(s, cond_of(inner)));
    wf_diag_label(s->diags, diag, cond_of(outer)->span, "here %s", wf_words(s, cond_of(outer)));
    wf_diag_note(s->diags, diag, "if that is meant, say so: segment %s is %s and ...",
                 inner->name->text, outer->name->text);
    claim(l, WF_W0406, inner, outer);
}

static bool is_segment(const struct wf_lint *l, const struct wf_symbol *sym)
{
    return sym->kind == WF_SYM_SEGMENT && !sym->module->embedded && !l->abs.memos[sym->index].never;
}

/* Of the segments round one, only the first that is no wider than another is worth a word. */
static void look_at(struct wf_lint *l, struct search *search, const uint64_t *subjects, uint32_t k)
{
    const struct wf_checked *c = l->s->checked;
    const struct wf_symbol *own = c->defs[k], *round = NULL;
    for (uint32_t i = 0; i < c->n_defs && !l->s->nomem; i++) {
        const struct wf_symbol *other = c->defs[i];
        if (i == k || !subjects[i] || (subjects[i] & ~subjects[k]) || !all_within(l, own, other))
            continue;
        search->number++;
        if (names(search, (i > k ? other : own)->node, i > k ? own : other))
            continue;
        bool same = all_within(l, other, own);
        if (same && i < k && !wf_ast_equal(cond_of(own), cond_of(other)))
            say_same(l, other, own);
        if (same)
            return; /* said, of one of the two */
        if (!has_choice(is_true(l, other), 0) && (!round || all_within(l, other, round)))
            round = other;
    }
    if (round)
        say_within(l, own, round);
}

void wf_lint_segments(struct wf_lint *l)
{
    const struct wf_checked *c = l->s->checked;
    size_t n = (size_t)c->n_defs + 1;
    if (c->n_defs > MOST_SEGMENTS)
        return;
    uint64_t *subjects = wf_sema_alloc(l->s, n * sizeof(*subjects)); /* 0: no segment of ours */
    struct search search = {.checked = c, .looked = wf_sema_alloc(l->s, n * sizeof(uint32_t))};
    if (!subjects || !search.looked)
        return;
    for (uint32_t i = 0; i < c->n_defs; i++)
        if (is_segment(l, c->defs[i]))
            subjects[i] = subjects_of(&l->abs, is_true(l, c->defs[i]), 0);
    for (uint32_t i = 0; i < c->n_defs && !l->s->nomem; i++)
        if (subjects[i])
            look_at(l, &search, subjects, i);
}
