/*
 * lint_core.c - a contradiction as a person reads it: the few conditions that clash, each marked
 * with what it demands, and what follows for the rule.
 */
#include <string.h>

#include "lang/base/words.h"
#include "lang/sema/lint.h"

/* ---- facts ---- */

static const struct wf_formula *formula_of(struct wf_lint *l, const struct wf_fact *fact)
{
    return wf_abs_formula(&l->abs, fact->node, (enum wf_abs_mode)fact->mode, fact->in_class);
}

static void add(struct wf_lint *l, struct wf_given given)
{
    if (l->n_given < WF_MOST_FACTS)
        l->given[l->n_given++] = given;
}

void wf_give(struct wf_lint *l, const struct wf_node *node, enum wf_abs_mode mode, enum wf_why why)
{
    struct wf_given given = {.fact = {.node = node, .mode = (uint8_t)mode}, .why = why};
    given.formula = formula_of(l, &given.fact);
    add(l, given);
}

/* How many whole days the moment surely lies behind its core; false: nobody knows. */
static bool days_behind(const struct wf_rule *rule, int64_t *days_out)
{
    const struct wf_node *node = wf_abs_through(rule->moment);
    int64_t days = 0, least, most;
    while (node != rule->core && node->kind == WF_N_BINARY) {
        const struct wf_node *by = wf_abs_through(node->kid[WF_K_BINARY_RIGHT]);
        if (!wf_abs_days(by, &least, &most) || by->op == WF_OP_UNIT_H || by->op == WF_OP_UNIT_MIN ||
            by->op == WF_OP_UNIT_S)
            return false;
        days += node->op == WF_OP_ADD ? least : -most;
        node = wf_abs_through(node->kid[WF_K_BINARY_LEFT]);
    }
    bool time = rule->core->type && rule->core->type->base == WF_T_TIME;
    *days_out = days - time; /* clocks that are put back: not to the hour */
    return node == rule->core;
}

static const struct wf_formula *crossed(struct wf_lint *l, const struct wf_node *core)
{
    const struct wf_node *to = core->kid[WF_K_CROSSING_TO];
    enum wf_abs_mode mode = core->op == WF_OP_LEAVES ? WF_ABS_FALSE : WF_ABS_TRUE;
    if (core->form == WF_FORM_SEGMENT_MOVE)
        return wf_abs_formula(&l->abs, to, mode, false);
    return wf_abs_class(&l->abs, core, core->kid[WF_K_CROSSING_SUBJECT]->sym, (uint32_t)to->num,
                        mode);
}

/* What is known when an occurrence of the rule is decided: it has come. */
static const struct wf_formula *come(struct wf_lint *l, const struct wf_rule *rule)
{
    struct wf_abs *a = &l->abs;
    const struct wf_node *core = rule->core;
    const struct wf_formula *there;
    int64_t days;
    switch (rule->kind) {
    case WF_RULE_TIME:
    case WF_RULE_LAST:
        there = wf_abs_there(a, core, wf_abs_operand(a, core, WF_AXIS_VALUE), false, WF_ABS_TRUE);
        if (days_behind(rule, &days))
            there = wf_abs_both(a, there, wf_abs_days_back(a, core, days));
        return there;
    case WF_RULE_EVENT: return wf_abs_any(a, core, wf_abs_set(a, core), WF_ABS_TRUE);
    case WF_RULE_ANNIVERSARY:
        core = core->kid[WF_K_ANNIVERSARY_OF];
        return wf_abs_there(a, core, wf_abs_operand(a, core, WF_AXIS_VALUE), false, WF_ABS_TRUE);
    case WF_RULE_CROSSING: return crossed(l, core);
    default: return &wf_formula_holds;
    }
}

void wf_give_moment(struct wf_lint *l, const struct wf_rule *rule)
{
    if (!rule->moment)
        return;
    struct wf_given given = {.fact = {.node = rule->moment, .rule = rule}, .why = WF_WHY_MOMENT};
    if (rule->core->form == WF_FORM_SEGMENT_MOVE) { /* the segment's conditions may clash */
        bool leaves = rule->core->op == WF_OP_LEAVES;
        given.fact = (struct wf_fact){.node = rule->core->kid[WF_K_CROSSING_TO],
                                      .mode = leaves ? WF_ABS_FALSE : WF_ABS_TRUE};
        given.via = rule->moment;
    }
    given.formula = come(l, rule);
    if (given.formula->op != WF_F_HOLDS)
        add(l, given);
}

/* ---- taking apart ---- */

static bool affirms(uint8_t mode)
{
    return mode == WF_ABS_TRUE || mode == WF_ABS_NOT_FALSE;
}

/* The condition behind a name, or NULL. */
static const struct wf_node *behind(struct wf_lint *l, const struct wf_node *node)
{
    if (node->kind == WF_N_IN && node->form == WF_FORM_IN_SEGMENT)
        node = node->kid[WF_K_IN_SET];
    const struct wf_symbol *sym = node->kind == WF_N_NAME ? node->sym : NULL;
    if (!sym || !sym->node || sym->index >= l->s->checked->n_defs ||
        (sym->kind != WF_SYM_SEGMENT && sym->kind != WF_SYM_LET) || !l->abs.memos ||
        l->abs.memos[sym->index].never)
        return NULL;
    return sym->kind == WF_SYM_SEGMENT ? sym->node->kid[WF_K_SEGMENT_COND]
                                       : sym->node->kid[WF_K_LET_VALUE];
}

/* value = super: what its `when` asks, what the earlier ones must not; the whole comes last, so
 * that it is left out where these do. */
static uint32_t class_apart(struct wf_lint *l, struct wf_given one, struct wf_given *out,
                            uint32_t n)
{
    const struct wf_node *node = one.fact.node;
    const struct wf_symbol *classify = node->kid[WF_K_BINARY_LEFT]->sym;
    const struct wf_node *class = classify->node->kid[WF_K_CLASSIFY_CLASSES];
    struct wf_given kid = one;
    if (!kid.via)
        kid.via = node;
    for (int64_t i = 0; class && i <= node->kid[WF_K_BINARY_RIGHT]->num; i++, class = class->next) {
        bool own = i == node->kid[WF_K_BINARY_RIGHT]->num;
        if (!class->kid[WF_K_CLASS_WHEN])
            break;
        kid.fact = (struct wf_fact){.node = class->kid[WF_K_CLASS_WHEN],
                                    .mode = own ? WF_ABS_TRUE : WF_ABS_FALSE,
                                    .in_class = true};
        n = wf_lint_apart(l, kid, out, n);
    }
    if (n < WF_MOST_FACTS) {
        out[n] = one;
        out[n].formula = formula_of(l, &one.fact);
        n++;
    }
    return n;
}

static bool asks_class(const struct wf_given *one)
{
    const struct wf_node *node = one->fact.node;
    if (one->fact.rule || one->fact.mode != WF_ABS_TRUE || node->kind != WF_N_BINARY ||
        node->op != WF_OP_EQ || node->kid[WF_K_BINARY_RIGHT]->form != WF_FORM_ENUM_VALUE)
        return false;
    const struct wf_node *left = node->kid[WF_K_BINARY_LEFT];
    return left->kind == WF_N_NAME && left->sym && left->sym->kind == WF_SYM_CLASSIFY;
}

uint32_t wf_lint_apart(struct wf_lint *l, struct wf_given one, struct wf_given *out, uint32_t n)
{
    const struct wf_node *node = one.fact.node;
    if (n >= WF_MOST_FACTS)
        return n; /* fewer facts: perhaps no contradiction is found among them */
    struct wf_given kid = one;
    const struct wf_node *inner = one.fact.rule ? NULL : behind(l, node);
    bool flips = !one.fact.rule && (node->kind == WF_N_NOT ||
                                    (node->kind == WF_N_IN && (node->flags & WF_F_NOT) && inner));
    if (flips)
        kid.fact.mode = (uint8_t)wf_abs_opposite((enum wf_abs_mode)one.fact.mode);
    if (inner || flips) {
        if (inner && !kid.via)
            kid.via = node;
        kid.fact.node = inner ? inner : node->kid[WF_K_NOT_VALUE];
        kid.fact.in_class &= !inner;
        return wf_lint_apart(l, kid, out, n);
    }
    if (asks_class(&one))
        return class_apart(l, one, out, n);
    enum wf_op both = affirms(one.fact.mode) ? WF_OP_AND : WF_OP_OR;
    if (!one.fact.rule && node->kind == WF_N_BINARY && node->op == both) {
        kid.fact.node = node->kid[WF_K_BINARY_LEFT];
        n = wf_lint_apart(l, kid, out, n);
        kid.fact.node = node->kid[WF_K_BINARY_RIGHT];
        return wf_lint_apart(l, kid, out, n);
    }
    out[n] = one;
    if (!one.fact.rule)
        out[n].formula = formula_of(l, &one.fact);
    return n + 1;
}

static bool impossible(struct wf_lint *l, const struct wf_given *all, uint32_t n, uint32_t but)
{
    const struct wf_formula *formulas[WF_MOST_FACTS];
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++)
        if (i != but)
            formulas[k++] = all[i].formula;
    return wf_abs_solve(&l->abs, formulas, k) == WF_ABS_IMPOSSIBLE;
}

uint32_t wf_lint_clash(struct wf_lint *l, struct wf_given *all, uint32_t n)
{
    if (!impossible(l, all, n, UINT32_MAX))
        return 0;
    for (uint32_t i = n; i-- > 0 && n > 1;) {
        if (!impossible(l, all, n, i))
            continue;
        memmove(&all[i], &all[i + 1], (n - i - 1) * sizeof(*all));
        n--;
    }
    return n;
}

void wf_lint_claim(struct wf_lint *l, enum wf_code code, struct wf_span span,
                   const struct wf_given *all, uint32_t n)
{
    struct wf_sema *s = l->s;
    struct wf_checked *c = s->checked;
    struct wf_fact *facts = wf_sema_alloc(s, (n + (size_t)1) * sizeof(*facts));
    if (!facts)
        return;
    for (uint32_t i = 0; i < n; i++)
        facts[i] = all[i].fact;
    struct wf_claim claim = {(uint32_t)code, span, facts, n, l->row, l->entered};
    wf_sema_push(s, &c->claims, &c->n_claims, &c->room_claims, &claim, sizeof(claim));
}

/* ---- words ---- */

static struct wf_span span_of(const struct wf_given *given)
{
    return given->via ? given->via->span : given->fact.node->span;
}

static void here(struct wf_lint *l, struct wf_diag *diag, const struct wf_given *given)
{
    wf_diag_label(l->s->diags, diag, given->fact.node->span,
                  affirms(given->fact.mode) ? N_("here %s") : N_("here not %s"),
                  wf_words(l->s, given->fact.node));
}

static void label(struct wf_lint *l, struct wf_diag *diag, const struct wf_given *given)
{
    struct wf_diags *diags = l->s->diags;
    struct wf_span span = span_of(given);
    const char *words = wf_words(l->s, given->via ? given->via : given->fact.node);
    bool yes = affirms(given->fact.mode);
    switch (given->why) {
    case WF_WHY_MOMENT: wf_diag_label(diags, diag, span, "the moment: %s", words); break;
    case WF_WHY_VOID: wf_diag_label(diags, diag, span, "events with %s do not count", words); break;
    case WF_WHY_EARLIER: wf_diag_label(diags, diag, span, "taken before: %s", words); break;
    case WF_WHY_ENTERED:
        wf_diag_label(diags, diag, span,
                      yes ? N_("who enters has %s") : N_("who enters has not %s"), words);
        break;
    case WF_WHY_BRANCH:
    case WF_WHY_ELSE:
        wf_diag_label(diags, diag, span,
                      yes ? N_("who comes here has %s") : N_("who comes here has not %s"), words);
        break;
    default:
        if (given->via)
            wf_diag_label(diags, diag, span, "here %s", words);
        else
            here(l, diag, given);
        break;
    }
}

void wf_lint_labels(struct wf_lint *l, struct wf_diag *diag, const struct wf_given *all, uint32_t n,
                    const struct wf_given *but)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct wf_given *g = &all[i];
        if (g->via) /* where it is written, and where it is named */
            here(l, diag, g);
        if (g != but)
            label(l, diag, g);
    }
}

/* Why one condition alone never holds; NULL: no short reason. */
static const char *reason(struct wf_lint *l, const struct wf_given *one)
{
    const struct wf_formula *f = one->formula;
    if (f->op != WF_F_LITERAL)
        return NULL;
    const struct wf_var *v = &l->abs.vars[f->var];
    const struct wf_node *node = v->node;
    if (v->role == WF_ROLE_COUNT)
        return wf_word("a count is never below 0");
    if (v->role == WF_ROLE_FIRST || v->role == WF_ROLE_LAST)
        return wf_word("what was lies before now");
    if (node && node->kind == WF_N_QUANTILE)
        return node->op == WF_OP_RANK ? wf_word("ranks begin at 1")
                                      : wf_word("its parts are numbered from 1");
    if (node && node->kind == WF_N_TOP)
        return wf_word("nobody is among none");
    if (node && node->kind == WF_N_AGG && node->op == WF_OP_DISTINCT)
        return wf_word("a count is never below 0");
    if (node && node->kind == WF_N_AGG && node->op == WF_OP_GAP)
        return wf_word("between different days lies a day or more");
    if (!v->whole.without && !f->states.values.n)
        return wf_word("it is declared without `?`, so it is never missing");
    return NULL;
}

static void note_use(struct wf_lint *l, struct wf_diag *diag, const struct wf_asked *asked)
{
    struct wf_diags *diags = l->s->diags;
    const char *name = asked->name ? asked->name->text : "";
    switch (asked->use) {
    case WF_USE_RULE: wf_diag_note(diags, diag, "so this rule never acts"); break;
    case WF_USE_JOURNEY: wf_diag_note(diags, diag, "so nobody ever enters `%s`", name); break;
    case WF_USE_SEGMENT: wf_diag_note(diags, diag, "so nobody is ever in `%s`", name); break;
    case WF_USE_CLASS: wf_diag_note(diags, diag, "so nobody is ever `%s`", name); break;
    case WF_USE_IF: wf_diag_note(diags, diag, "so this branch is never taken"); break;
    case WF_USE_EXIT: wf_diag_note(diags, diag, "so nobody ever leaves by this"); break;
    case WF_USE_GOAL: wf_diag_note(diags, diag, "so nobody ever reaches the goal"); break;
    case WF_USE_WAIT: wf_diag_note(diags, diag, "so nothing ends this wait but its time"); break;
    case WF_USE_REACH: wf_diag_note(diags, diag, "so nobody is ever reached by `%s`", name); break;
    case WF_USE_SCOPE: wf_diag_note(diags, diag, "so it concerns nobody"); break;
    case WF_USE_FILTER: wf_diag_note(diags, diag, "so no event is ever meant"); break;
    case WF_USE_WAIT_FILTER:
        wf_diag_note(diags, diag, "so no event can end this wait, only its time");
        break;
    case WF_USE_CHOICE: wf_diag_note(diags, diag, "so this side of the `or` adds nobody"); break;
    default: break;
    }
}

/* ---- the warnings ---- */

/* The fact to point at: the last one that the condition itself asks. */
static const struct wf_given *last_asked(const struct wf_given *all, uint32_t n)
{
    const struct wf_given *last = NULL;
    for (uint32_t i = 0; i < n; i++) {
        bool asked = all[i].why == WF_WHY_ASKED;
        if (asked && (!last || span_of(&all[i]).start >= span_of(last).start))
            last = &all[i];
    }
    return last;
}

static struct wf_diag *say_never(struct wf_lint *l, enum wf_code code, const struct wf_given *all,
                                 uint32_t n, const struct wf_given *at)
{
    struct wf_sema *s = l->s;
    const char *words = wf_words(s, at->fact.node);
    const char *why = n == 1 ? reason(l, at) : NULL;
    bool yes = affirms(at->fact.mode);
    if (why)
        return wf_diag(s->diags, code, span_of(at),
                       yes ? N_("`%s` can never hold: %s") : N_("`not %s` can never hold: %s"),
                       words, why);
    if (n == 1)
        return wf_diag(s->diags, code, span_of(at),
                       yes ? N_("`%s` can never hold") : N_("`not %s` can never hold"), words);
    if (n > 2)
        return wf_diag(s->diags, code, span_of(at), "these can never hold together");
    const struct wf_given *other = &all[at == &all[0]];
    if (!yes || !affirms(other->fact.mode) || other->why == WF_WHY_MOMENT)
        return wf_diag(s->diags, code, span_of(at),
                       yes ? N_("`%s` can never hold here") : N_("`not %s` can never hold here"),
                       words);
    return wf_diag(s->diags, code, span_of(at), "`%s` and `%s` can never hold together",
                   wf_words(s, other->fact.node), words);
}

static uint32_t gather(struct wf_lint *l, const struct wf_asked *asked, struct wf_given *all)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_given; i++)
        n = wf_lint_apart(l, l->given[i], all, n);
    for (uint32_t i = 0; i < asked->n; i++) {
        struct wf_given one = {
            .fact = {.node = asked->terms[i], .mode = asked->mode, .in_class = asked->in_class}};
        n = wf_lint_apart(l, one, all, n);
    }
    return n;
}

bool wf_lint_never(struct wf_lint *l, const struct wf_asked *asked)
{
    const struct wf_formula *formulas[WF_MOST_FACTS * 2];
    uint32_t k = 0;
    for (uint32_t i = 0; i < l->n_given; i++)
        formulas[k++] = l->given[i].formula;
    for (uint32_t i = 0; i < asked->n && i < WF_MOST_FACTS; i++)
        formulas[k++] = wf_abs_formula(&l->abs, asked->terms[i], (enum wf_abs_mode)asked->mode,
                                       asked->in_class);
    if (wf_abs_solve(&l->abs, formulas, k) != WF_ABS_IMPOSSIBLE)
        return false;
    struct wf_given all[WF_MOST_FACTS];
    uint32_t n = wf_lint_clash(l, all, gather(l, asked, all));
    const struct wf_given *at = last_asked(all, n);
    if (!at)
        return n > 0; /* what is given clashes by itself: said there */
    bool wait = asked->use == WF_USE_WAIT || asked->use == WF_USE_WAIT_FILTER;
    enum wf_code code = wait ? WF_W0504 : WF_W0404;
    struct wf_diag *diag = say_never(l, code, all, n, at);
    if (n > 1 || at->via)
        wf_lint_labels(l, diag, all, n, at);
    note_use(l, diag, asked);
    if (diag)
        wf_lint_claim(l, code, diag->span, all, n);
    return true;
}

/* Known true, or unknown for a missing value? */
static bool may_be_open(struct wf_lint *l, const struct wf_asked *asked, const struct wf_node *term)
{
    const struct wf_formula *all[WF_MOST_FACTS + 1];
    for (uint32_t i = 0; i < l->n_given; i++)
        all[i] = l->given[i].formula;
    all[l->n_given] = wf_abs_formula(&l->abs, term, WF_ABS_NOT_TRUE, asked->in_class);
    return wf_abs_solve(&l->abs, all, l->n_given + 1) != WF_ABS_IMPOSSIBLE;
}

static void say_always(struct wf_lint *l, const struct wf_asked *asked, struct wf_given *all,
                       uint32_t n, const struct wf_node *term)
{
    struct wf_sema *s = l->s;
    const char *words = wf_words(s, term);
    const char *why = n == 1 && all[0].fact.node == term ? reason(l, all) : NULL;
    struct wf_diag *diag;
    if (why)
        diag = wf_diag(s->diags, WF_W0405, term->span, "`%s` always holds: %s", words, why);
    else if (l->n_given)
        diag = wf_diag(s->diags, WF_W0405, term->span, "`%s` always holds here", words);
    else
        diag = wf_diag(s->diags, WF_W0405, term->span, "`%s` always holds", words);
    for (uint32_t i = 0; i < n; i++) { /* what was asked to be false is shown as it is written */
        bool asks = all[i].why == WF_WHY_ASKED;
        if (asks)
            all[i].fact.mode = (uint8_t)wf_abs_opposite((enum wf_abs_mode)all[i].fact.mode);
        if (!asks || all[i].fact.node != term)
            wf_lint_labels(l, diag, &all[i], 1, NULL);
    }
    if (asked->use == WF_USE_EXIT && l->n_given)
        wf_diag_note(s->diags, diag, "so whoever enters leaves at once");
    else if (may_be_open(l, asked, term))
        wf_diag_note(s->diags, diag,
                     "or is unknown, where a value is missing; to ask for the value say `is "
                     "present`");
}

/* Given what is given, a term is never false. */
static bool always(struct wf_lint *l, const struct wf_asked *asked, const struct wf_node *term)
{
    struct wf_given all[WF_MOST_FACTS];
    struct wf_given one = {
        .fact = {.node = term, .mode = WF_ABS_FALSE, .in_class = asked->in_class}};
    const struct wf_formula *formulas[WF_MOST_FACTS + 1];
    uint32_t n = 0;
    for (uint32_t k = 0; k < l->n_given; k++)
        formulas[k] = l->given[k].formula;
    formulas[l->n_given] = formula_of(l, &one.fact);
    if (wf_abs_solve(&l->abs, formulas, l->n_given + 1) != WF_ABS_IMPOSSIBLE)
        return false;
    for (uint32_t k = 0; k < l->n_given; k++)
        n = wf_lint_apart(l, l->given[k], all, n);
    n = wf_lint_clash(l, all, wf_lint_apart(l, one, all, n));
    if (!last_asked(all, n))
        return false;
    wf_lint_claim(l, WF_W0405, term->span, all, n);
    say_always(l, asked, all, n, term);
    return true;
}

bool wf_lint_always(struct wf_lint *l, const struct wf_asked *asked)
{
    bool said = false;
    for (uint32_t i = 0; i < asked->n; i++)
        said = always(l, asked, asked->terms[i]) || said;
    return said;
}
