/*
 * check_journey.c - heads, steps, waits, splits, and where `go` may lead.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

struct walk {
    struct wf_ctx ctx;
    struct wf_node *journey;
    struct wf_nodes labels; /* STEP nodes, in the order they stand */
    struct wf_nodes goals;  /* those that a `go` leads to */
};

/* A list of steps inside the lists around it. */
struct level {
    struct wf_node *list;
    const struct level *outer;
};

/* ---- labels ---- */

static void collect_labels(struct walk *w, struct wf_node *list);

static void collect_inside(struct walk *w, struct wf_node *step)
{
    switch (step->kind) {
    case WF_N_BLOCK: collect_labels(w, step->kid[WF_K_BLOCK_STEPS]); break;
    case WF_N_WAIT_FOR:
        collect_labels(w, step->kid[WF_K_WAIT_FOR_THEN]);
        collect_labels(w, step->kid[WF_K_WAIT_FOR_ELSE]);
        break;
    case WF_N_IF:
        collect_labels(w, step->kid[WF_K_IF_THEN]);
        collect_labels(w, step->kid[WF_K_IF_ELSE]);
        break;
    case WF_N_SPLIT:
        for (struct wf_node *arm = step->kid[WF_K_SPLIT_ARMS]; arm; arm = arm->next)
            collect_labels(w, arm->kid[WF_K_ARM_BODY]);
        break;
    default: break;
    }
}

static void add_label(struct walk *w, struct wf_node *step)
{
    struct wf_sema *s = w->ctx.s;
    for (uint32_t i = 0; i < w->labels.n; i++) {
        if (w->labels.items[i]->name != step->name)
            continue;
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0202, wf_name_span(step),
                    step->kind == WF_N_STEP ? N_("the step `%s` is declared twice")
                                            : N_("the milestone `%s` is declared twice"),
                    step->name->text);
        wf_diag_label(s->diags, diag, wf_name_span(w->labels.items[i]), "first declared here");
        return;
    }
    step->sym = wf_symbol_new(s, WF_SYM_STEP, step->name, step, w->ctx.module);
    wf_node_push(s, &w->labels, step);
}

static void collect_labels(struct walk *w, struct wf_node *list)
{
    for (struct wf_node *step = list; step; step = step->next) {
        if ((step->kind == WF_N_STEP || step->kind == WF_N_MILESTONE) && step->name)
            add_label(w, step);
        collect_inside(w, step);
    }
}

static struct wf_node *label_named(const struct walk *w, const struct wf_str *name)
{
    for (uint32_t i = 0; i < w->labels.n; i++) {
        if (w->labels.items[i]->kind == WF_N_STEP && w->labels.items[i]->name == name)
            return w->labels.items[i];
    }
    return NULL;
}

static bool in_reach(const struct level *level, const struct wf_node *label)
{
    for (; level; level = level->outer) {
        for (const struct wf_node *step = level->list; step; step = step->next) {
            if (step == label)
                return true;
        }
    }
    return false;
}

static void check_go(struct walk *w, struct wf_node *go, const struct level *level)
{
    struct wf_sema *s = w->ctx.s;
    struct wf_node *label = label_named(w, go->name);
    struct wf_diag *diag;
    if (!label) {
        struct wf_suggest suggest;
        wf_suggest_init(&suggest, go->name);
        for (uint32_t i = 0; i < w->labels.n; i++) {
            if (w->labels.items[i]->kind == WF_N_STEP)
                wf_suggest_offer(&suggest, w->labels.items[i]->name);
        }
        if (wf_blind(w->ctx.module) && !suggest.best)
            return;
        diag = wf_diag(s->diags, WF_E0211, wf_name_span(go), "this journey has no step `%s`",
                       go->name->text);
        wf_suggest_fix(s, diag, &suggest);
        return;
    }
    go->sym = label->sym;
    wf_node_push(s, &w->goals, label);
    if (label->span.start < go->span.start) {
        diag = wf_diag(s->diags, WF_E0504, go->span, "`go` leads only forward; `%s` lies behind",
                       go->name->text);
        wf_diag_label(s->diags, diag, label->span, "the step");
        wf_diag_note(s->diags, diag,
                     "to begin anew after a while, let the member leave and say "
                     "`again after 30d` in the journey's head");
    } else if (!in_reach(level, label)) {
        diag = wf_diag(s->diags, WF_E0504, go->span,
                       "`%s` stands inside another block; `go` leads to steps of its own block or "
                       "of one around it",
                       go->name->text);
        wf_diag_label(s->diags, diag, label->span, "the step");
    }
}

/* ---- steps ---- */

static void check_steps(struct walk *w, struct wf_node *list, const struct level *outer);

static void check_inner(struct walk *w, struct wf_node *block, const struct level *level)
{
    if (!block)
        return;
    if (block->kind == WF_N_BLOCK)
        check_steps(w, block->kid[WF_K_BLOCK_STEPS], level);
    else
        check_steps(w, block, level); /* else if */
}

static bool days_of(const struct wf_node *duration, int64_t *days_out)
{
    bool week = duration->op == WF_OP_UNIT_W;
    if (duration->kind != WF_N_DURATION || (duration->op != WF_OP_UNIT_D && !week) ||
        duration->num > INT32_MAX)
        return false;
    *days_out = duration->num * (week ? 7 : 1);
    return true;
}

/* Only events after the wait began count: one that must be old already never comes. */
static void warn_hopeless(struct walk *w, struct wf_node *node)
{
    struct wf_sema *s = w->ctx.s;
    struct wf_node *what = node->kid[WF_K_WAIT_FOR_WHAT];
    int64_t age, wait;
    if (what->kind != WF_N_WINDOWED || what->op != WF_OP_OLDER || !node->kid[WF_K_WAIT_FOR_UP_TO] ||
        !days_of(what->kid[WF_K_WINDOWED_A], &age) ||
        !days_of(node->kid[WF_K_WAIT_FOR_UP_TO], &wait) || age < wait)
        return;
    struct wf_diag *diag = wf_diag(s->diags, WF_W0504, what->span,
                                   "no event can end this wait: it lasts %lld days, and only "
                                   "events after its beginning count",
                                   (long long)wait);
    wf_diag_label(s->diags, diag, node->kid[WF_K_WAIT_FOR_UP_TO]->span, "ends before that");
}

/* `wait for purchased` is true at once for everybody who ever did. */
static void warn_word(struct walk *w, struct wf_node *what)
{
    struct wf_sema *s = w->ctx.s;
    if (what->kind != WF_N_NAME || !what->sym || what->sym->kind != WF_SYM_WORD)
        return;
    const char *noun = what->sym->event->name->text;
    struct wf_diag *diag = wf_diag(s->diags, WF_W0505, what->span,
                                   "`%s` is true already for everybody with an earlier `%s`: this "
                                   "does not wait for a new one",
                                   what->name->text, noun);
    wf_diag_edit(s->diags, diag, what->span, "%s", noun);
    wf_diag_fix(s->diags, diag, "write `wait for %s`", noun);
}

static void check_wait_for(struct walk *w, struct wf_node *node, const struct level *level)
{
    struct wf_sema *s = w->ctx.s;
    struct wf_node *what = node->kid[WF_K_WAIT_FOR_WHAT];
    const struct wf_type_info *type = wf_check_expr(&w->ctx, what, NULL);
    bool good = !wf_type_bad(type);
    node->form = good && type->sort == WF_SORT_EVENTS ? WF_FORM_WAIT_EVENT : WF_FORM_WAIT_COND;
    if (good && node->form == WF_FORM_WAIT_COND)
        good = !wf_type_bad(wf_check_condition(&w->ctx, what));
    if (node->kid[WF_K_WAIT_FOR_UP_TO])
        good = wf_check_duration(&w->ctx, node->kid[WF_K_WAIT_FOR_UP_TO]) && good;
    if (good) {
        warn_hopeless(w, node);
        warn_word(w, what);
    }
    check_inner(w, node->kid[WF_K_WAIT_FOR_THEN], level);
    check_inner(w, node->kid[WF_K_WAIT_FOR_ELSE], level);
    (void)s;
}

static void check_wait_until(struct walk *w, struct wf_node *node)
{
    struct wf_sema *s = w->ctx.s;
    struct wf_node *point = node->kid[WF_K_WAIT_UNTIL_POINT];
    if (node->op == WF_OP_BUSINESS_DAY) {
        struct wf_nodes *all = &s->checked->calendars;
        if (!point && all->n != 1) {
            struct wf_diag *diag =
                wf_diag(s->diags, WF_E0508, node->span, "%s",
                        all->n ? wf_word("which calendar's business day? several are declared")
                               : wf_word("no calendar says which days are business days"));
            wf_diag_note(s->diags, diag,
                         all->n ? N_("name one: wait until business day of NAME")
                                : N_("declare it: calendar NAME from \"holidays.csv\""));
        } else if (point && point->name &&
                   !(point->sym = wf_find_node(s, WF_SCOPE_CALENDAR, w->ctx.module, point)) &&
                   !wf_blind(w->ctx.module)) {
            wf_diag(s->diags, WF_E0508, point->span, "there is no calendar `%s`",
                    point->name->text);
        }
        struct wf_symbol *calendar = point ? point->sym : all->n == 1 ? all->items[0]->sym : NULL;
        if (calendar)
            calendar->used = true;
        return;
    }
    if (node->op != WF_OP_UNTIL_POINT || !point)
        return;
    const struct wf_type_info *type = wf_check_value(&w->ctx, point, NULL);
    if (wf_type_bad(type) || wf_type_is(type, WF_T_CLOCK) || wf_type_is(type, WF_T_DATE) ||
        wf_type_is(type, WF_T_TIME))
        return;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0301, point->span,
                                   "`wait until` takes a time of day, a weekday or a date; `%s` "
                                   "is %s",
                                   wf_words(s, point), wf_type_text(type));
    if (wf_type_duration(type))
        wf_diag_note(s->diags, diag, "for a length of time write `wait %s`", wf_words(s, point));
}

static void check_split(struct walk *w, struct wf_node *node, const struct level *level)
{
    struct wf_sema *s = w->ctx.s;
    int64_t sum = 0;
    bool good = true;
    struct wf_node *first = node->kid[WF_K_SPLIT_ARMS];
    for (struct wf_node *arm = first; arm; arm = arm->next) {
        if (arm->kind != WF_N_ARM)
            continue;
        struct wf_node *share = arm->kid[WF_K_ARM_SHARE], *label = arm->kid[WF_K_ARM_LABEL];
        good = share && wf_check_percent(s, share) && good;
        sum += share ? share->num : 0;
        for (struct wf_node *other = first; other != arm; other = other->next) {
            const struct wf_node *theirs = other->kid[WF_K_ARM_LABEL];
            if (!label || !theirs || theirs->name != label->name)
                continue;
            struct wf_diag *diag =
                wf_diag(s->diags, WF_E0202, label->span, "two branches of this split are called %s",
                        wf_words(s, label));
            wf_diag_label(s->diags, diag, theirs->span, "the other");
        }
        check_inner(w, arm->kid[WF_K_ARM_BODY], level);
    }
    if (!good || sum == 1000000)
        return;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0503, node->span,
                "the branches of a split share 100%%; these come to %g%%", (double)sum / 10000);
    for (struct wf_node *arm = first; arm; arm = arm->next) {
        if (arm->kid[WF_K_ARM_SHARE])
            wf_diag_label(s->diags, diag, arm->kid[WF_K_ARM_SHARE]->span, "%s",
                          arm->next ? "" : wf_word("together not 100%"));
    }
    if (sum < 1000000)
        wf_diag_note(s->diags, diag, "a branch for the other %g%% may be empty: %g%% \"none\" { }",
                     (double)(1000000 - sum) / 10000, (double)(1000000 - sum) / 10000);
}

/* Texts and values are made when the action leaves, which may be nights later. */
static void check_action(const struct walk *w, struct wf_node *action)
{
    struct wf_ctx ctx = w->ctx;
    ctx.entry = false;
    ctx.no_entry =
        N_("only conditions look back to the entry; a text or a value that is sent cannot "
           "say `since entry`");
    wf_check_action(&ctx, action);
}

static void check_step(struct walk *w, struct wf_node *step, const struct level *level)
{
    switch (step->kind) {
    case WF_N_ACTION: check_action(w, step); break;
    case WF_N_WAIT: wf_check_duration(&w->ctx, step->kid[WF_K_WAIT_FOR]); break;
    case WF_N_WAIT_UNTIL: check_wait_until(w, step); break;
    case WF_N_WAIT_FOR: check_wait_for(w, step, level); break;
    case WF_N_IF:
        wf_check_condition(&w->ctx, step->kid[WF_K_IF_COND]);
        check_inner(w, step->kid[WF_K_IF_THEN], level);
        check_inner(w, step->kid[WF_K_IF_ELSE], level);
        break;
    case WF_N_SPLIT: check_split(w, step, level); break;
    case WF_N_BLOCK: check_inner(w, step, level); break;
    case WF_N_GO: check_go(w, step, level); break;
    default: break;
    }
}

static void check_steps(struct walk *w, struct wf_node *list, const struct level *outer)
{
    struct level level = {.list = list, .outer = outer};
    for (struct wf_node *step = list; step && !w->ctx.s->nomem; step = step->next)
        check_step(w, step, &level);
}

/* ---- what can be reached ---- */

static bool passes(struct walk *w, struct wf_node *list, bool entered);
static bool passes_step(struct walk *w, struct wf_node *step);

static bool passes_block(struct walk *w, struct wf_node *block)
{
    if (!block)
        return true;
    if (block->kind != WF_N_BLOCK)
        return passes_step(w, block); /* else if */
    return passes(w, block->kid[WF_K_BLOCK_STEPS], true);
}

static bool passes_step(struct walk *w, struct wf_node *step)
{
    bool one, other;
    switch (step->kind) {
    case WF_N_LEAVE: return false;
    case WF_N_GO: return step->sym == NULL; /* where it leads is unknown: said */
    case WF_N_IF:
        one = passes_block(w, step->kid[WF_K_IF_THEN]);
        other = passes_block(w, step->kid[WF_K_IF_ELSE]);
        return one || other;
    case WF_N_WAIT_FOR:
        one = passes_block(w, step->kid[WF_K_WAIT_FOR_THEN]);
        other = passes_block(w, step->kid[WF_K_WAIT_FOR_ELSE]);
        return one || other;
    case WF_N_SPLIT:
        one = false;
        for (struct wf_node *arm = step->kid[WF_K_SPLIT_ARMS]; arm; arm = arm->next) {
            other = passes_block(w, arm->kid[WF_K_ARM_BODY]);
            one = one || other;
        }
        return one;
    case WF_N_BLOCK: return passes_block(w, step);
    default: return true;
    }
}

static bool led_to(const struct walk *w, const struct wf_node *label)
{
    for (uint32_t i = 0; i < w->goals.n; i++) {
        if (w->goals.items[i] == label)
            return true;
    }
    return false;
}

/* Whether a member who enters the list comes out at its end; warns of what nobody reaches. */
static bool passes(struct walk *w, struct wf_node *list, bool entered)
{
    struct wf_sema *s = w->ctx.s;
    struct wf_node *last = NULL;
    for (struct wf_node *step = list; step; last = step, step = step->next) {
        if (!entered && step->kind == WF_N_STEP && led_to(w, step))
            entered = true;
        if (entered) {
            entered = passes_step(w, step);
            continue;
        }
        struct wf_diag *diag = wf_diag(s->diags, WF_W0502, step->span, "nobody ever comes here");
        wf_diag_label(s->diags, diag, last->span, "everybody leaves or goes elsewhere here");
        break;
    }
    return entered;
}

/* ---- the head ---- */

static void report_second(struct wf_sema *s, const struct wf_node *second,
                          const struct wf_node *first, const char *what)
{
    struct wf_diag *diag = wf_diag(s->diags, WF_E0404, second->span, "`%s` is said twice", what);
    wf_diag_label(s->diags, diag, first->span, "said here");
    if (second->kind == WF_N_EXIT)
        wf_diag_note(s->diags, diag, "join the two conditions with `or`");
}

static void check_goal(struct walk *w, struct wf_node *goal)
{
    struct wf_node *what = goal->kid[WF_K_GOAL_WHAT];
    if (goal->kid[WF_K_GOAL_WITHIN])
        wf_check_duration(&w->ctx, goal->kid[WF_K_GOAL_WITHIN]);
    const struct wf_type_info *type = wf_check_expr(&w->ctx, what, NULL);
    if (wf_type_bad(type) || wf_type_numeric(type) || type->sort == WF_SORT_EVENTS)
        return;
    wf_check_condition(&w->ctx, what);
}

static void check_migrate(struct walk *w, struct wf_node *node)
{
    struct wf_sema *s = w->ctx.s;
    for (struct wf_node *map = node->kid[WF_K_MIGRATE_MAPS]; map; map = map->next) {
        struct wf_node *to = map->kid[WF_K_MAP_TO];
        if (!to || to->kind != WF_N_NAME)
            continue;
        struct wf_node *label = label_named(w, to->name);
        if (label)
            to->sym = label->sym;
        else
            wf_diag(s->diags, WF_E0211, to->span, "this journey has no step `%s`", to->name->text);
    }
    for (struct wf_node *map = node->kid[WF_K_MIGRATE_MAPS]; map; map = map->next) {
        const struct wf_node *first = node->kid[WF_K_MIGRATE_MAPS];
        while (first != map && first->name != map->name)
            first = first->next;
        if (first == map)
            continue;
        struct wf_diag *diag = wf_diag(s->diags, WF_E0202, wf_name_span(map),
                                       "where `%s` goes on is said twice", map->name->text);
        wf_diag_label(s->diags, diag, wf_name_span(first), "first said here");
    }
}

static void check_head(struct walk *w, struct wf_node **enter_out)
{
    struct wf_sema *s = w->ctx.s;
    struct wf_node *exit = NULL, *goal = NULL;
    struct wf_node *item = w->journey->kid[WF_K_JOURNEY_HEAD];
    *enter_out = NULL;
    for (; item; item = item->next) {
        switch (item->kind) {
        case WF_N_ENTER:
            if (*enter_out)
                report_second(s, item, *enter_out, "enter when");
            else
                *enter_out = item;
            break;
        case WF_N_EXIT:
            if (exit)
                report_second(s, item, exit, "exit when");
            exit = item;
            wf_check_condition(&w->ctx, item->kid[WF_K_EXIT_WHEN]);
            break;
        case WF_N_GOAL:
            if (goal)
                report_second(s, item, goal, "goal");
            goal = item;
            check_goal(w, item);
            break;
        case WF_N_MIGRATE: check_migrate(w, item); break;
        default: break;
        }
    }
    wf_check_options(&w->ctx, w->journey->kid[WF_K_JOURNEY_HEAD]);
}

static void check_enter(struct walk *w, struct wf_node *enter)
{
    struct wf_sema *s = w->ctx.s;
    struct wf_checked *c = s->checked;
    struct wf_rule rule = {.node = w->journey, .module = w->ctx.module};
    if (enter) {
        struct wf_ctx outside = w->ctx;
        outside.entry = false;
        if (wf_check_rule(&outside, enter, enter->kid[WF_K_ENTER_WHEN], &rule))
            wf_check_rule_options(&outside, &rule, w->journey->kid[WF_K_JOURNEY_HEAD]);
    } else if (!wf_blind(w->ctx.module)) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0403, wf_name_span(w->journey),
                    "the journey `%s` does not say who enters it", w->journey->name->text);
        wf_diag_note(s->diags, diag, "add `enter when ...` at its beginning");
    }
    rule.journey = w->journey;
    wf_rule_identity(s, &rule, w->journey->name, w->journey->kid[WF_K_JOURNEY_HEAD]);
    wf_sema_push(s, &c->enters, &c->n_enters, &c->room_enters, &rule, sizeof(rule));
}

void wf_check_journey(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct walk w = {.ctx = {.s = s, .module = module, .entry = true}, .journey = node};
    struct wf_node *enter;
    if (!node->name)
        return;
    collect_labels(&w, node->kid[WF_K_JOURNEY_STEPS]);
    check_head(&w, &enter);
    check_enter(&w, enter);
    check_steps(&w, node->kid[WF_K_JOURNEY_STEPS], NULL);
    passes(&w, node->kid[WF_K_JOURNEY_STEPS], true);
}
