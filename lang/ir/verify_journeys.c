#include "lang/ir/verify_journeys.h"

#include "lang/base/calendar.h"
#include "lang/ir/verify_rules.h"

static bool share_ok(int32_t share)
{
    return share >= 0 && share <= WF_SHARE_ALL;
}

static bool is_member_bool(const struct wf_ir *ir, uint32_t node)
{
    return wf_ir_node_is(ir, node, WF_DOM_MEMBER, WF_T_BOOL);
}

static bool is_event_bool(const struct wf_ir *ir, uint32_t view, uint32_t node)
{
    return view < ir->n_views &&
           wf_ir_node_is(ir, node, (uint16_t)(WF_DOM_EVENT + view), WF_T_BOOL);
}

/* ---- steps ---- */

/* Which of the optional parts a step of this kind has: all of them, and no others. */
struct parts {
    bool name, node, view, wait, action, holidays, arms;
    bool other, after; /* ways that may lead to a step */
};

static bool has_parts(const struct wf_ir_step *s, struct parts p)
{
    bool waits = s->kind == WF_STEP_FOR_EVENT || s->kind == WF_STEP_FOR_COND; /* for ever: none */
    return (s->name != WF_NONE) == p.name && (s->node != WF_NONE) == p.node &&
           (s->view != WF_NONE) == p.view && (s->filter != WF_NONE) == p.view &&
           (waits || (s->wait.unit != WF_T_NONE) == p.wait) && (s->action != WF_NONE) == p.action &&
           (s->holidays != WF_NONE) == p.holidays && (s->arms_count > 0) == p.arms &&
           (p.other || s->other == WF_NONE) && (p.after || s->after == WF_NONE) &&
           (s->next == WF_NONE || (s->kind != WF_STEP_SPLIT && s->kind != WF_STEP_LEAVE));
}

static bool leads_on(const struct wf_ir_journey *j, uint32_t number, uint32_t to)
{
    return to == WF_NONE || (to > number && to < j->steps_count);
}

static bool arms_ok(const struct wf_ir *ir, const struct wf_ir_journey *j, uint32_t number,
                    const struct wf_ir_step *s)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < s->arms_count; i++) {
        const struct wf_ir_arm *arm = &ir->arms[s->arms_first + i];
        if (!share_ok(arm->share) || !leads_on(j, number, arm->next))
            return false;
        sum += arm->share;
    }
    return !s->arms_count || sum == WF_SHARE_ALL;
}

static bool nodes_ok(const struct wf_ir *ir, const struct wf_ir_step *s)
{
    if (s->node != WF_NONE && s->kind == WF_STEP_UNTIL_POINT)
        return wf_ir_node_is(ir, s->node, WF_DOM_RUN, WF_T_TIME);
    if (s->node != WF_NONE && !is_member_bool(ir, s->node))
        return false;
    return s->filter == WF_NONE || is_event_bool(ir, s->view, s->filter);
}

static const char *step_fault(const struct wf_ir *ir, const struct wf_ir_journey *j,
                              uint32_t number)
{
    static const struct parts parts[WF_STEP_COUNT_] = {
        [WF_STEP_ACT] = {.action = true},
        [WF_STEP_WAIT] = {.wait = true},
        [WF_STEP_UNTIL_POINT] = {.node = true},
        [WF_STEP_UNTIL_BUSINESS] = {.holidays = true},
        [WF_STEP_FOR_EVENT] = {.view = true, .other = true},
        [WF_STEP_FOR_COND] = {.node = true, .other = true},
        [WF_STEP_IF] = {.node = true, .other = true, .after = true},
        [WF_STEP_SPLIT] = {.arms = true},
        [WF_STEP_MILESTONE] = {.name = true},
        [WF_STEP_LABEL] = {.name = true},
    };
    const struct wf_ir_step *s = &ir->steps[j->steps_first + number];
    if (!has_parts(s, parts[s->kind]))
        return "parts of the step";
    if (!leads_on(j, number, s->next) || !leads_on(j, number, s->other) ||
        !leads_on(j, number, s->after))
        return "way";
    if (!arms_ok(ir, j, number, s))
        return "arms";
    if (!nodes_ok(ir, s))
        return "condition";
    if (!wf_ir_duration_ok(&s->wait))
        return "wait";
    if (s->kind == WF_STEP_UNTIL_CLOCK     ? s->n < 0 || s->n >= WF_DAY_SECONDS
        : s->kind == WF_STEP_UNTIL_WEEKDAY ? s->n < 0 || s->n > 6
                                           : s->n != 0)
        return "n";
    if (s->action != WF_NONE && (s->action < j->actions_first || s->position >= j->actions_count ||
                                 s->action - j->actions_first != s->position))
        return "action";
    return wf_ir_atoms_ok(ir, s->atoms_first, s->atoms_count, s->view) ? NULL : "atoms";
}

/* ---- journeys ---- */

static const char *goal_fault(const struct wf_ir *ir, const struct wf_ir_journey *j)
{
    bool event = j->goal_kind == WF_GOAL_EVENT;
    bool node = j->goal_kind == WF_GOAL_COND || j->goal_kind == WF_GOAL_VALUE;
    if ((j->goal_view != WF_NONE) != event || (j->goal_filter != WF_NONE) != event ||
        (j->goal_node != WF_NONE) != node || !wf_ir_duration_ok(&j->goal_within))
        return "parts of the goal";
    if (event && !is_event_bool(ir, j->goal_view, j->goal_filter))
        return "goal event";
    if (!node)
        return NULL;
    uint8_t type = ir->nodes[j->goal_node].type;
    bool fits = j->goal_kind == WF_GOAL_COND
                    ? type == WF_T_BOOL
                    : type == WF_T_INT || type == WF_T_NUMBER || type == WF_T_MONEY;
    return fits && wf_ir_node_is(ir, j->goal_node, WF_DOM_MEMBER, WF_T_NONE) ? NULL : "goal";
}

static bool maps_ok(const struct wf_ir *ir, const struct wf_ir_journey *j)
{
    for (uint32_t i = 0; i < j->migrations_count; i++) {
        const struct wf_ir_migration *m = &ir->migrations[j->migrations_first + i];
        for (uint32_t k = 0; k < m->maps_count; k++) {
            uint32_t to = ir->migration_maps[m->maps_first + k].to;
            if (to != WF_NONE && to >= j->steps_count)
                return false;
        }
    }
    return true;
}

static const char *journey_fault(const struct wf_ir *ir, uint32_t i)
{
    const struct wf_ir_journey *j = &ir->journeys[i];
    if ((j->trigger == WF_NONE) != j->pinned)
        return "entry";
    if (j->trigger != WF_NONE && ir->triggers[j->trigger].journey != i)
        return "entry of another";
    if ((j->again_kind == WF_AGAIN_AFTER) != (j->again.unit != WF_T_NONE))
        return "again";
    if (!wf_ir_duration_ok(&j->again) || !wf_ir_duration_ok(&j->grace))
        return "duration";
    if (!share_ok(j->holdout))
        return "holdout";
    if (j->exit != WF_NONE && !is_member_bool(ir, j->exit))
        return "exit";
    if (!wf_ir_atoms_ok(ir, j->exit_first, j->exit_count, WF_NONE))
        return "atoms";
    return maps_ok(ir, j) ? goal_fault(ir, j) : "migration";
}

bool wf_ir_verify_journeys(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *t = &ir->triggers[i];
        if (t->journey != WF_NONE && (t->actions_count || ir->journeys[t->journey].trigger != i))
            return wf_ir_fault(fault, "triggers", i, "entry");
    }
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        const struct wf_ir_journey *j = &ir->journeys[i];
        const char *why = journey_fault(ir, i);
        if (why)
            return wf_ir_fault(fault, "journeys", i, why);
        for (uint32_t s = 0; s < j->steps_count; s++)
            if ((why = step_fault(ir, j, s)) != NULL)
                return wf_ir_fault(fault, "steps", j->steps_first + s, why);
    }
    return true;
}

/* ---- policies ---- */

static bool quiet_ok(const struct wf_ir_quiet *q)
{
    if (q->kind == WF_QUIET_NONE)
        return q->from == 0 && q->to == 0;
    return q->from >= 0 && q->from < WF_DAY_SECONDS && q->to >= 0 && q->to < WF_DAY_SECONDS &&
           q->from != q->to;
}

static bool cap_ok(const struct wf_ir_cap *c)
{
    return c->n >= 0 && wf_ir_duration_ok(&c->span) && wf_ir_duration_ok(&c->defer) &&
           (c->period == WF_PER_SPAN) == (c->span.unit != WF_T_NONE) &&
           (c->on_full == WF_FULL_DEFER) == (c->defer.unit != WF_T_NONE) &&
           !(c->per_owner && c->per_store);
}

static bool side_ok(const struct wf_ir *ir, const struct wf_ir_side *s)
{
    if (s->times < 0 || s->constant < 0)
        return false;
    if (s->seen != WF_NONE && !wf_ir_node_is(ir, s->seen, WF_DOM_RUN, WF_T_BOOL))
        return false;
    if (s->filter == WF_NONE)
        return s->view == WF_NONE && s->seen == WF_NONE;
    return s->constant == 0 && is_event_bool(ir, s->view, s->filter);
}

bool wf_ir_verify_policies(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_policies; i++) {
        const struct wf_ir_policy *p = &ir->policies[i];
        if ((p->scope != WF_NONE && !is_member_bool(ir, p->scope)) || !share_ok(p->holdout) ||
            p->volume < -1)
            return wf_ir_fault(fault, "policies", i, "scope, holdout or volume");
    }
    for (uint32_t i = 0; i < ir->n_reaches; i++)
        if (!is_member_bool(ir, ir->reaches[i].cond))
            return wf_ir_fault(fault, "reaches", i, "cond");
    for (uint32_t i = 0; i < ir->n_quiets; i++)
        if (!quiet_ok(&ir->quiets[i]))
            return wf_ir_fault(fault, "quiets", i, "hours");
    for (uint32_t i = 0; i < ir->n_caps; i++)
        if (!cap_ok(&ir->caps[i]))
            return wf_ir_fault(fault, "caps", i, "number or time");
    for (uint32_t i = 0; i < ir->n_budgets; i++) {
        const struct wf_ir_budget *b = &ir->budgets[i];
        if (b->amount < 0 || b->period == WF_PER_SPAN ||
            (b->kind == WF_SPENT_CHANNEL && b->name == WF_NONE))
            return wf_ir_fault(fault, "budgets", i, "amount, period or channel");
    }
    for (uint32_t i = 0; i < ir->n_breakers; i++) {
        const struct wf_ir_breaker *b = &ir->breakers[i];
        if (b->at_least < 0 || !side_ok(ir, &b->left) || !side_ok(ir, &b->right))
            return wf_ir_fault(fault, "breakers", i, "sides");
    }
    for (uint32_t i = 0; i < ir->n_costs; i++)
        if (ir->costs[i].amount < 0)
            return wf_ir_fault(fault, "costs", i, "amount");
    return true;
}
