/*
 * lint_missing.c - W-MISSING: a `not` or `!=` that silently leaves out whoever lacks the value.
 *
 * `city != "上海"` is unknown, so does not act, for members without a city. That is as it must be,
 * but not what the words say. Quiet when the author thought of it: `city is present and city !=
 * ...`, `city is missing or city != ...`, `(city or else "") != ...`.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

/* What the words around a condition say is present (or deal with when it is not). */
struct settled {
    const struct wf_node *value;
    const struct settled *outer;
};

struct lint {
    struct wf_sema *s;
};

static void look(struct lint *l, struct wf_node *node, bool negated, const struct settled *settled);

/* The value whose absence makes this one missing; NULL: it is never missing. */
static struct wf_node *culprit(struct wf_node *node)
{
    if (!node || !node->type || node->type->sort != WF_SORT_VALUE || !node->type->optional)
        return NULL;
    switch (node->kind) {
    case WF_N_BINARY:
    case WF_N_PERCENT_OF:
    case WF_N_NEG:
        for (int i = 0; i < 2; i++) {
            struct wf_node *inner = culprit(node->kid[i]);
            if (inner)
                return inner;
        }
        return NULL; /* a quotient: that is about zero, not about missing data */
    case WF_N_DAYS_SINCE: return culprit(node->kid[WF_K_DAYS_SINCE_POINT]);
    case WF_N_NAME:
        return node->sym &&
                       (node->sym->kind == WF_SYM_FIELD || node->sym->kind == WF_SYM_EVENT_FIELD)
                   ? node
                   : NULL;
    case WF_N_FIELD:
    case WF_N_AGG: return node;
    default: return NULL;
    }
}

static bool is_settled(const struct settled *settled, const struct wf_node *value)
{
    for (; settled; settled = settled->outer) {
        if (wf_ast_equal(settled->value, value))
            return true;
        /* `any purchase and not last purchase older than 90d`: there is a last one */
        if (settled->value->kind == WF_N_AGG && value->kind == WF_N_AGG &&
            settled->value->op == WF_OP_ANY && wf_ast_equal(settled->value->kid[0], value->kid[0]))
            return true;
    }
    return false;
}

static void warn(struct lint *l, struct wf_node *atom, struct wf_node *value)
{
    struct wf_sema *s = l->s;
    const char *words = wf_words(s, value);
    struct wf_diag *diag;
    if (value->kind == WF_N_AGG) {
        struct wf_node *set = value->kid[WF_K_AGG_SET];
        while (set->kind != WF_N_NAME && set->kid[0])
            set = set->kid[0];
        diag = wf_diag(s->diags, WF_W0301, atom->span,
                       "members without any `%s` are left out here: for them `%s` is missing",
                       wf_words(s, set), words);
        wf_diag_note(s->diags, diag,
                     "if they are meant too, add `or no %s`; else say so: `any %s "
                     "and ...`",
                     wf_words(s, set), wf_words(s, set));
        return;
    }
    bool row = value->form == WF_FORM_ROW_FIELD;
    diag = wf_diag(s->diags, WF_W0301, atom->span,
                   row ? N_("events without `%s` are left out here")
                       : N_("members without `%s` are left out here"),
                   words);
    if (value->sym && value->sym->field && value->sym->field->decl)
        wf_diag_label(s->diags, diag, value->sym->field->decl->span, "may be missing");
    wf_diag_note(s->diags, diag,
                 "if they are meant too, add `or %s is missing`; else say so: `%s is "
                 "present and ...`",
                 words, words);
}

static struct wf_node *culprit_of(struct wf_node *atom)
{
    int kids = atom->kind == WF_N_BETWEEN ? 3 : atom->kind == WF_N_BINARY ? 2 : 1;
    if (atom->kind == WF_N_NAME || atom->kind == WF_N_FIELD)
        return culprit(atom);
    for (int i = 0; i < kids; i++) {
        struct wf_node *value = culprit(atom->kid[i]);
        if (value)
            return value;
    }
    return NULL;
}

static bool denies(const struct wf_node *atom)
{
    return (atom->kind == WF_N_BINARY && atom->op == WF_OP_NE) || (atom->flags & WF_F_NOT) != 0;
}

static void look_atom(struct lint *l, struct wf_node *atom, bool negated,
                      const struct settled *settled)
{
    if (denies(atom) == negated)
        return;
    struct wf_node *value = culprit_of(atom);
    if (value && !is_settled(settled, value))
        warn(l, atom, value);
}

/*
 * What a term beside another says: the value whose presence it asks for, or without which it is
 * unknown itself, so that the other one leaves out nobody more. NULL: nothing.
 */
static struct wf_node *said_by(struct wf_node *term, enum wf_op op, bool negated)
{
    if (term->kind == WF_N_IS)
        return term->kid[WF_K_IS_VALUE];
    if (term->kind == WF_N_AGG && term->op == WF_OP_ANY)
        return term;
    bool both_needed = (op == WF_OP_AND) != negated;
    bool atom = (term->kind == WF_N_BINARY && term->op != WF_OP_AND && term->op != WF_OP_OR) ||
                term->kind == WF_N_IN || term->kind == WF_N_BETWEEN;
    return both_needed && atom && denies(term) == negated ? culprit_of(term) : NULL;
}

/* Looks at one side of `and`/`or` knowing what the terms of the other side say. */
static void look_beside(struct lint *l, struct wf_node *side, struct wf_node *other, enum wf_op op,
                        bool negated, const struct settled *settled)
{
    bool more = other->kind == WF_N_BINARY && other->op == op;
    struct wf_node *term = more ? other->kid[WF_K_BINARY_RIGHT] : other;
    struct settled inner = {said_by(term, op, negated), settled};
    const struct settled *now = inner.value ? &inner : settled;
    if (more)
        look_beside(l, side, other->kid[WF_K_BINARY_LEFT], op, negated, now);
    else
        look(l, side, negated, now);
}

static void look_inside(struct lint *l, struct wf_node *node)
{
    for (int i = 0; i < WF_MAX_KIDS; i++) {
        for (struct wf_node *kid = node->kid[i]; kid; kid = kid->next)
            look(l, kid, false, NULL);
    }
}

static void look(struct lint *l, struct wf_node *node, bool negated, const struct settled *settled)
{
    switch (node->kind) {
    case WF_N_NOT: look(l, node->kid[WF_K_NOT_VALUE], !negated, settled); return;
    case WF_N_BINARY:
        if (node->op == WF_OP_AND || node->op == WF_OP_OR) {
            struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
            look_beside(l, a, b, (enum wf_op)node->op, negated, settled);
            look_beside(l, b, a, (enum wf_op)node->op, negated, settled);
            return;
        }
        look_atom(l, node, negated, settled);
        break;
    case WF_N_NAME:
    case WF_N_FIELD:
        if (node->type && wf_type_is(node->type, WF_T_BOOL))
            look_atom(l, node, negated, settled);
        break;
    case WF_N_IN:
    case WF_N_BETWEEN: look_atom(l, node, negated, settled); break;
    case WF_N_WINDOWED:
        if (node->type && wf_type_is(node->type, WF_T_BOOL) && node->form != WF_FORM_ANY)
            look_atom(l, node, negated, settled);
        break;
    default: break;
    }
    look_inside(l, node);
}

void wf_lint_missing(struct wf_sema *s)
{
    struct lint l = {.s = s};
    for (uint32_t m = 0; m < s->checked->n_modules; m++) {
        if (!s->checked->modules[m]->embedded)
            look_inside(&l, s->checked->modules[m]->node);
    }
}
