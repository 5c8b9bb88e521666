/*
 * lint_reach.c - what nobody comes to: classes that an earlier one takes whole, guards that clash
 * with their rule's moment, branches of a journey that clash with those round them.
 */
#include "lang/sema/lint.h"

/* ---- classes ---- */

/* Nobody is left for the class: those before it take everybody it asks for. */
static bool taken_before(struct wf_lint *l, const struct wf_node *class)
{
    struct wf_sema *s = l->s;
    struct wf_given all[WF_MOST_FACTS];
    uint32_t n = 0;
    const struct wf_node *when = class->kid[WF_K_CLASS_WHEN];
    for (uint32_t i = 0; i < l->n_given; i++)
        n = wf_lint_apart(l, l->given[i], all, n);
    struct wf_given own = {.fact = {.node = when, .in_class = true}};
    if (when)
        n = wf_lint_apart(l, own, all, n);
    if (n >= WF_MOST_FACTS)
        return false;
    n = wf_lint_clash(l, all, n);
    if (!n)
        return false;
    struct wf_diag *diag;
    if (when)
        diag = wf_diag(s->diags, WF_W0401, wf_name_span(class),
                       "nobody is ever `%s`: all of them are taken before", class->name->text);
    else
        diag = wf_diag(s->diags, WF_W0401, wf_name_span(class),
                       "nobody is left for `%s`: all are taken before", class->name->text);
    for (uint32_t i = 0; i < n; i++) {
        if (all[i].why == WF_WHY_EARLIER)
            all[i].fact.mode = (uint8_t)wf_abs_opposite((enum wf_abs_mode)all[i].fact.mode);
        wf_lint_labels(l, diag, &all[i], 1, NULL);
        if (all[i].why == WF_WHY_EARLIER)
            all[i].fact.mode = (uint8_t)wf_abs_opposite((enum wf_abs_mode)all[i].fact.mode);
    }
    if (when)
        wf_diag_note(s->diags, diag,
                     "classes are tried in order: the narrower one comes before the wider");
    if (diag)
        wf_lint_claim(l, WF_W0401, diag->span, all, n);
    return true;
}

void wf_lint_classes(struct wf_lint *l, const struct wf_symbol *classify)
{
    const struct wf_node *class = classify->node->kid[WF_K_CLASSIFY_CLASSES];
    for (; class && !l->s->nomem; class = class->next) {
        const struct wf_node *when = class->kid[WF_K_CLASS_WHEN];
        struct wf_given before[WF_MOST_FACTS];
        uint32_t n_before = l->n_given;
        bool said = false;
        if (when) { /* by itself, then behind the others */
            for (uint32_t i = 0; i < n_before; i++)
                before[i] = l->given[i];
            l->n_given = 0;
            struct wf_asked asked = {
                .terms = &when, .n = 1, .use = WF_USE_CLASS, .in_class = true, .name = class->name};
            said = wf_lint_condition(l, &asked);
            for (uint32_t i = 0; i < n_before; i++)
                l->given[i] = before[i];
            l->n_given = n_before;
        }
        if (!said && n_before)
            said = taken_before(l, class);
        if (!when)
            break; /* what stands behind `otherwise` was said while it was checked */
        if (said)  /* what else it clashes with would be said again */
            continue;
        uint32_t n = l->n_given;
        wf_give(l, when, WF_ABS_FALSE, WF_WHY_EARLIER);
        if (l->n_given == n)
            break; /* too many to hold in mind */
        l->given[l->n_given - 1].fact.in_class = true;
        l->given[l->n_given - 1].formula = wf_abs_formula(&l->abs, when, WF_ABS_FALSE, true);
    }
    l->n_given = 0;
}

/* ---- rules ---- */

void wf_lint_rule(struct wf_lint *l, const struct wf_rule *rule)
{
    struct wf_asked asked = {.terms = (const struct wf_node *const *)rule->guard,
                             .n = rule->n_guard,
                             .use = rule->journey ? WF_USE_JOURNEY : WF_USE_RULE,
                             .name = rule->journey ? rule->journey->name : NULL};
    wf_give_moment(l, rule);
    if (asked.n)
        wf_lint_condition(l, &asked);
    l->n_given = 0;
}

/* ---- journeys ---- */

static void steps(struct wf_lint *l, const struct wf_node *list);

static void block(struct wf_lint *l, const struct wf_node *body)
{
    if (body && body->kind == WF_N_BLOCK)
        steps(l, body->kid[WF_K_BLOCK_STEPS]);
    else if (body)
        steps(l, body); /* else if */
}

/* What was given is for as long as nobody waits: what comes then forgets it all. */
static void under(struct wf_lint *l, const struct wf_node *cond, enum wf_abs_mode mode,
                  const struct wf_node *body)
{
    uint32_t n_given = l->n_given;
    wf_give(l, cond, mode, mode == WF_ABS_TRUE ? WF_WHY_BRANCH : WF_WHY_ELSE);
    block(l, body);
    if (l->n_given > n_given)
        l->n_given = n_given;
}

static void choice(struct wf_lint *l, const struct wf_node *node)
{
    const struct wf_node *cond = node->kid[WF_K_IF_COND];
    uint32_t n_given = l->n_given;
    bool said = wf_lint_one(l, cond, WF_USE_IF, NULL);
    if (said) { /* of what stands under it there is no more to say */
        block(l, node->kid[WF_K_IF_THEN]);
        l->n_given = 0;
        block(l, node->kid[WF_K_IF_ELSE]);
        l->n_given = 0;
        return;
    }
    struct wf_given before[WF_MOST_FACTS];
    for (uint32_t i = 0; i < n_given; i++)
        before[i] = l->given[i];
    under(l, cond, WF_ABS_TRUE, node->kid[WF_K_IF_THEN]);
    uint32_t left = l->n_given;
    for (uint32_t i = 0; i < n_given; i++)
        l->given[i] = before[i];
    l->n_given = n_given;
    under(l, cond, WF_ABS_FALSE, node->kid[WF_K_IF_ELSE]);
    if (left < l->n_given)
        l->n_given = left;
}

static void wait_for(struct wf_lint *l, const struct wf_node *node)
{
    l->n_given = 0;
    if (node->form == WF_FORM_WAIT_COND)
        wf_lint_one(l, node->kid[WF_K_WAIT_FOR_WHAT], WF_USE_WAIT, NULL);
    block(l, node->kid[WF_K_WAIT_FOR_THEN]);
    l->n_given = 0;
    block(l, node->kid[WF_K_WAIT_FOR_ELSE]);
    l->n_given = 0;
}

/* Each arm begins with what holds before the split. */
static void arms(struct wf_lint *l, const struct wf_node *split)
{
    struct wf_given before[WF_MOST_FACTS];
    uint32_t n_given = l->n_given, left = n_given;
    for (uint32_t i = 0; i < n_given; i++)
        before[i] = l->given[i];
    for (const struct wf_node *arm = split->kid[WF_K_SPLIT_ARMS]; arm; arm = arm->next) {
        block(l, arm->kid[WF_K_ARM_BODY]);
        left = l->n_given < left ? l->n_given : left;
        for (uint32_t i = 0; i < n_given; i++)
            l->given[i] = before[i];
        l->n_given = n_given;
    }
    l->n_given = left;
}

static void steps(struct wf_lint *l, const struct wf_node *list)
{
    for (const struct wf_node *step = list; step && !l->s->nomem; step = step->next) {
        switch (step->kind) {
        case WF_N_IF: choice(l, step); break;
        case WF_N_SPLIT: arms(l, step); break;
        case WF_N_BLOCK: block(l, step); break;
        case WF_N_WAIT_FOR: wait_for(l, step); break;
        case WF_N_WAIT:
        case WF_N_WAIT_UNTIL:
        case WF_N_STEP: l->n_given = 0; break; /* others may come here by another way */
        default: break;
        }
    }
}

/* Whoever enters is already as the exit asks. */
static void leaves_at_once(struct wf_lint *l, const struct wf_node *exit)
{
    struct wf_asked asked = {.terms = &exit, .n = 1, .use = WF_USE_EXIT};
    wf_lint_always(l, &asked);
}

void wf_lint_journey(struct wf_lint *l, const struct wf_rule *enter)
{
    const struct wf_node *journey = enter->journey;
    l->entered = true;
    for (const struct wf_node *item = journey->kid[WF_K_JOURNEY_HEAD]; item; item = item->next) {
        const struct wf_node *goal = item->kind == WF_N_GOAL ? item->kid[WF_K_GOAL_WHAT] : NULL;
        if (item->kind == WF_N_EXIT)
            wf_lint_one(l, item->kid[WF_K_EXIT_WHEN], WF_USE_EXIT, NULL);
        if (goal && goal->type && wf_type_is(goal->type, WF_T_BOOL))
            wf_lint_one(l, goal, WF_USE_GOAL, NULL);
    }
    wf_give_moment(l, enter);
    for (uint32_t i = 0; i < enter->n_guard; i++)
        wf_give(l, enter->guard[i], WF_ABS_TRUE, WF_WHY_ENTERED);
    const struct wf_formula *formulas[WF_MOST_FACTS];
    for (uint32_t i = 0; i < l->n_given; i++)
        formulas[i] = l->given[i].formula;
    if (wf_abs_solve(&l->abs, formulas, l->n_given) == WF_ABS_IMPOSSIBLE)
        l->n_given = 0; /* nobody enters: said */
    for (const struct wf_node *item = journey->kid[WF_K_JOURNEY_HEAD]; item; item = item->next)
        if (item->kind == WF_N_EXIT && l->n_given)
            leaves_at_once(l, item->kid[WF_K_EXIT_WHEN]);
    steps(l, journey->kid[WF_K_JOURNEY_STEPS]);
    l->n_given = 0;
    l->entered = false;
}
