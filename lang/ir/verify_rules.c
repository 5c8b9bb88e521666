#include "lang/ir/verify_rules.h"

#include "lang/base/calendar.h"
#include "lang/ir/verify_journeys.h"

bool wf_ir_duration_ok(const struct wf_ir_duration *d)
{
    if (d->unit == WF_T_NONE)
        return d->count == 0;
    return d->count >= 0 &&
           (d->unit == WF_T_DAYS || d->unit == WF_T_MONTHS || d->unit == WF_T_SECONDS);
}

static bool is_member_bool(const struct wf_ir *ir, uint32_t node)
{
    return wf_ir_node_is(ir, node, WF_DOM_MEMBER, WF_T_BOOL);
}

static bool named_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_segments; i++) {
        const struct wf_ir_segment *s = &ir->segments[i];
        if (!is_member_bool(ir, s->cond))
            return wf_ir_fault(fault, "segments", i, "cond");
        if (!wf_ir_atoms_ok(ir, s->atoms_first, s->atoms_count, WF_NONE))
            return wf_ir_fault(fault, "segments", i, "atoms");
    }
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        const struct wf_ir_class *c = &ir->classes[i];
        if (!is_member_bool(ir, c->match))
            return wf_ir_fault(fault, "classes", i, "match");
        if (!wf_ir_atoms_ok(ir, c->atoms_first, c->atoms_count, WF_NONE))
            return wf_ir_fault(fault, "classes", i, "atoms");
    }
    for (uint32_t i = 0; i < ir->n_watches; i++)
        if (!is_member_bool(ir, ir->watches[i].cond))
            return wf_ir_fault(fault, "watches", i, "cond");
    return true;
}

static bool calendar_ok(const struct wf_ir_calendar *c)
{
    switch (c->kind) {
    case WF_CAL_WEEKDAY: return c->weekdays > 0 && c->weekdays < 128;
    case WF_CAL_MONTH_DAY: return c->n >= 1 && c->n <= 31;
    case WF_CAL_EVERY_DAYS: return c->n >= 1 && wf_day_in_calendar(c->from);
    case WF_CAL_ON_DATE: return wf_day_in_calendar(c->from);
    default: return false;
    }
}

/* Which of the optional parts a moment of this kind has: all of them, and no others. */
struct parts {
    bool due, year, view, agg_last, watch;
};

static bool has_parts(const struct wf_ir_trigger *t, struct parts p)
{
    return (t->due != WF_NONE) == p.due && (t->due_le_now != WF_NONE) == p.due &&
           (t->due_ge_floor != WF_NONE) == p.due && (t->year != WF_NONE) == p.year &&
           (t->view != WF_NONE) == p.view && (t->filter != WF_NONE) == p.view &&
           (t->agg_last != WF_NONE) == p.agg_last && (t->watch != WF_NONE) == p.watch &&
           (p.watch || (t->from_watch == WF_NONE && !t->leaves));
}

static const char *moment_fault(const struct wf_ir *ir, const struct wf_ir_trigger *t)
{
    static const struct parts parts[WF_MOMENT_COUNT_] = {
        [WF_MOMENT_TIME] = {.due = true},
        [WF_MOMENT_ANNIVERSARY] = {.due = true, .year = true},
        [WF_MOMENT_EVENT] = {.due = true, .view = true},
        [WF_MOMENT_LAST] = {.due = true, .agg_last = true},
        [WF_MOMENT_CROSSING] = {.watch = true},
        [WF_MOMENT_CALENDAR] = {.due = false},
    };
    if (!has_parts(t, parts[t->moment]))
        return "parts of the moment";
    uint16_t domain =
        t->moment == WF_MOMENT_EVENT ? (uint16_t)(WF_DOM_EVENT + t->view) : WF_DOM_MEMBER;
    if (t->due != WF_NONE && (!wf_ir_node_is(ir, t->due, domain, WF_T_TIME) ||
                              !wf_ir_node_is(ir, t->due_le_now, domain, WF_T_BOOL) ||
                              !wf_ir_node_is(ir, t->due_ge_floor, domain, WF_T_BOOL)))
        return "due";
    if (t->year != WF_NONE && !wf_ir_node_is(ir, t->year, WF_DOM_MEMBER, WF_T_INT))
        return "year";
    if (t->filter != WF_NONE && !wf_ir_node_is(ir, t->filter, domain, WF_T_BOOL))
        return "filter";
    if (t->agg_last != WF_NONE && ir->aggs[t->agg_last].kind != WF_AGG_LAST)
        return "last";
    if (t->moment == WF_MOMENT_CALENDAR && !calendar_ok(&t->calendar))
        return "calendar";
    if (t->guard != WF_NONE && !is_member_bool(ir, t->guard) &&
        !wf_ir_node_is(ir, t->guard, domain, WF_T_BOOL))
        return "guard";
    return NULL;
}

/* Is the node one that can be shown beside a row of this view (WF_NONE: of a member alone)? */
static bool can_show(const struct wf_ir *ir, uint32_t view, uint32_t node)
{
    uint16_t domain = ir->nodes[node].domain;
    return domain <= WF_DOM_MEMBER ||
           (view != WF_NONE && domain == (uint16_t)(WF_DOM_EVENT + view));
}

bool wf_ir_atoms_ok(const struct wf_ir *ir, uint32_t first, uint32_t count, uint32_t view)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct wf_ir_atom *atom = &ir->atoms[first + i];
        uint8_t type = ir->nodes[atom->node].type;
        if ((type != WF_T_BOOL && type != WF_T_TIME) || !can_show(ir, view, atom->node))
            return false;
        for (uint32_t s = 0; s < atom->shows_count; s++)
            if (!can_show(ir, view, ir->shows[atom->shows_first + s].node))
                return false;
    }
    return true;
}

static bool triggers_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *t = &ir->triggers[i];
        const char *why = moment_fault(ir, t);
        if (!why && (!wf_ir_duration_ok(&t->grace) || !wf_ir_duration_ok(&t->backfill) ||
                     !wf_ir_duration_ok(&t->again_after)))
            why = "duration";
        if (!why && (t->holdout < 0 || t->holdout > 1000000))
            why = "holdout";
        if (!why && !wf_ir_atoms_ok(ir, t->atoms_first, t->atoms_count, t->view))
            why = "atoms";
        if (why)
            return wf_ir_fault(fault, "triggers", i, why);
    }
    return true;
}

/* What each kind of action must have, and what it may. */
static const char *action_fault(const struct wf_ir *ir, const struct wf_ir_action *a)
{
    bool task = a->kind == WF_ACT_TASK;
    bool valued = a->kind == WF_ACT_POINTS || a->kind == WF_ACT_SET;
    if (a->name == WF_NONE && !task && a->kind != WF_ACT_POINTS)
        return "name";
    if (a->coupon != WF_NONE && a->kind != WF_ACT_SEND)
        return "coupon";
    if ((a->value != WF_NONE) != valued)
        return "value";
    if (valued && !wf_ir_node_is(ir, a->value, WF_DOM_MEMBER,
                                 a->kind == WF_ACT_POINTS ? WF_T_INT : WF_T_NONE))
        return "value";
    if ((a->at == WF_NONE) != (a->at_text == WF_NONE) ||
        (a->at != WF_NONE && !wf_ir_node_is(ir, a->at, WF_DOM_MEMBER, WF_T_CLOCK)))
        return "at";
    if (!wf_ir_duration_ok(&a->due) || (a->due.unit != WF_T_NONE && !task))
        return "due";
    if ((a->to_store && !task) || (a->pairs_count && a->kind != WF_ACT_EMIT))
        return "part of another kind";
    return NULL;
}

static bool actions_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_actions; i++) {
        const char *why = action_fault(ir, &ir->actions[i]);
        if (why)
            return wf_ir_fault(fault, "actions", i, why);
    }
    for (uint32_t i = 0; i < ir->n_pairs; i++)
        if (!wf_ir_node_is(ir, ir->pairs[i].node, WF_DOM_MEMBER, WF_T_NONE))
            return wf_ir_fault(fault, "pairs", i, "node");
    return true;
}

static bool texts_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_text_parts; i++) {
        const struct wf_ir_part_of_text *p = &ir->text_parts[i];
        if ((p->text == WF_NONE) == (p->node == WF_NONE))
            return wf_ir_fault(fault, "text_parts", i, "text or hole");
        if (p->node != WF_NONE && !wf_ir_node_is(ir, p->node, WF_DOM_MEMBER, WF_T_NONE))
            return wf_ir_fault(fault, "text_parts", i, "node");
        if (p->node == WF_NONE && p->fallback != WF_NONE)
            return wf_ir_fault(fault, "text_parts", i, "fallback");
    }
    for (uint32_t i = 0; i < ir->n_templates; i++) /* forward only: following it ends */
        if (ir->templates[i].next != WF_NONE && ir->templates[i].next <= i)
            return wf_ir_fault(fault, "templates", i, "next");
    for (uint32_t i = 0; i < ir->n_contents; i++) {
        const struct wf_ir_content *c = &ir->contents[i];
        if (c->value < 0 || c->stock < -1 || !wf_ir_duration_ok(&c->valid))
            return wf_ir_fault(fault, "contents", i, "value, stock or valid");
        if (c->prefer != WF_NONE && !wf_ir_node_is(ir, c->prefer, WF_DOM_MEMBER, WF_T_NONE))
            return wf_ir_fault(fault, "contents", i, "prefer");
    }
    return true;
}

bool wf_ir_verify_rules(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    return named_ok(ir, fault) && triggers_ok(ir, fault) && actions_ok(ir, fault) &&
           texts_ok(ir, fault) && wf_ir_verify_journeys(ir, fault) &&
           wf_ir_verify_policies(ir, fault) && wf_ir_verify_metrics(ir, fault);
}
