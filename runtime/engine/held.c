#include "runtime/engine/held.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/engine/party.h"

struct entering {
    struct wf_contend *contend;
    const struct wf_night *night;
    const struct wf_ir *ir;
    struct wf_scalar *scalar;
    const uint32_t *rows; /* by ordinal */
};

static void add_text(XXH3_state_t *hash, const struct wf_ir *ir, uint32_t text)
{
    if (text != WF_NONE)
        XXH3_64bits_update(hash, ir->texts[text]->text, ir->texts[text]->len);
    XXH3_64bits_update(hash, "", 1);
}

/* What an action does, as far as another one in its place would not be it. */
static uint64_t hash_of(const struct wf_ir *ir, const struct wf_ir_action *action)
{
    XXH3_state_t hash;
    XXH3_64bits_reset(&hash);
    XXH3_64bits_update(&hash, &action->kind, sizeof(action->kind));
    add_text(&hash, ir, action->name);
    add_text(&hash, ir, action->coupon);
    return XXH3_64bits_digest(&hash);
}

/* ---- what it was ---- */

/* The rule of tonight's program, WF_NONE if it has none. */
static uint32_t rule_of(const struct entering *e, const struct wf_held *held)
{
    const struct wf_outcome *out = e->contend->out;
    bool journey = held->flags & WF_HELD_JOURNEY;
    uint32_t first = journey ? e->ir->n_triggers : 0;
    uint32_t end = journey ? wf_n_rules(e->ir) : e->ir->n_triggers;
    for (uint32_t i = first; i < end; i++) {
        if (!e->contend->born[i] || out->rules[i].id != held->rule)
            continue;
        if (!journey || e->ir->journeys[i - first].hash == held->version)
            return i;
    }
    return WF_NONE;
}

/* The action in its place within the rule, WF_NONE if another stands there. */
static uint32_t action_of(const struct wf_ir *ir, uint32_t rule, const struct wf_held *held)
{
    uint32_t first, count;
    if (rule < ir->n_triggers) {
        first = ir->triggers[rule].actions_first;
        count = ir->triggers[rule].actions_count;
    } else {
        first = ir->journeys[rule - ir->n_triggers].actions_first;
        count = ir->journeys[rule - ir->n_triggers].actions_count;
    }
    if (held->position >= count || hash_of(ir, &ir->actions[first + held->position]) != held->what)
        return WF_NONE;
    return first + held->position;
}

/* The label of the step that does an action. */
static uint32_t label_of(const struct wf_ir *ir, uint32_t rule, uint32_t action)
{
    if (rule < ir->n_triggers)
        return WF_NONE;
    const struct wf_ir_journey *journey = &ir->journeys[rule - ir->n_triggers];
    for (uint32_t i = 0; i < journey->steps_count; i++) {
        const struct wf_ir_step *step = &ir->steps[journey->steps_first + i];
        if (step->kind == WF_STEP_ACT && step->action == action)
            return step->label;
    }
    return WF_NONE;
}

/* ---- whether it still holds ---- */

/* A row of the member's event for which the filter holds: rows of one event share its key. */
static bool find_event(const struct entering *e, const struct wf_ir_trigger *trigger,
                       uint32_t member, const unsigned char key[16], uint64_t *row_out)
{
    const struct wf_events *events = &e->night->data->views[trigger->view];
    struct wf_event_span span = wf_events_of(events, member);
    for (uint64_t row = span.row; events->key && row < span.end; row++) {
        if (memcmp(events->key[row], key, 16) != 0)
            continue;
        wf_scalar_event(e->scalar, trigger->view, row);
        if (trigger->filter == WF_NONE || wf_scalar_truth(e->scalar, trigger->filter) > 0) {
            *row_out = row;
            return true;
        }
    }
    return false;
}

/* The moment of a trigger stands as it stood, for the member at hand; sets the event's row. */
static bool moment_stands(const struct entering *e, const struct wf_ir_trigger *trigger,
                          const struct wf_held *held, uint32_t member, uint64_t *event_out)
{
    const struct wf_night *night = e->night;
    struct wf_value due;
    switch (trigger->moment) {
    case WF_MOMENT_EVENT: return find_event(e, trigger, member, held->event, event_out);
    case WF_MOMENT_LAST: { /* a newer last event took its place? */
        const struct wf_events *view = &night->data->views[e->ir->aggs[trigger->agg_last].view];
        return wf_scalar_agg_row(e->scalar, trigger->agg_last, event_out) && view->key &&
               memcmp(view->key[*event_out], held->event, 16) == 0;
    }
    case WF_MOMENT_CROSSING:
        return wf_scalar_truth(e->scalar, e->ir->watches[trigger->watch].cond) ==
               (trigger->leaves ? 0 : 1);
    case WF_MOMENT_TIME:
        due = wf_scalar_value(e->scalar, trigger->due);
        return due.present && due.i <= night->now;
    default: return true;
    }
}

/* A trigger's moment and guard, a journey's exit: does it still hold? -1: nobody knows. */
static int still_holds(const struct entering *e, const struct wf_held *held,
                       struct wf_contender *decision)
{
    wf_scalar_member(e->scalar, decision->member);
    if (decision->rule < e->ir->n_triggers) {
        const struct wf_ir_trigger *trigger = &e->ir->triggers[decision->rule];
        if (!moment_stands(e, trigger, held, decision->member, &decision->event))
            return 0;
        return trigger->guard == WF_NONE || wf_scalar_truth(e->scalar, trigger->guard) > 0;
    }
    const struct wf_ir_journey *journey = &e->ir->journeys[decision->rule - e->ir->n_triggers];
    if (journey->exit == WF_NONE)
        return 1;
    wf_scalar_entry(e->scalar, held->entry, decision->by_event ? journey->entered : WF_NONE,
                    decision->entered);
    int exits = wf_scalar_truth(e->scalar, journey->exit);
    return exits < 0 ? -1 : !exits;
}

/* When it should have come to contend: for its hours, in the run of that day's midnight. */
static int64_t expected(const struct entering *e, const struct wf_held *held)
{
    if (held->earliest == WF_NO_TIME)
        return held->until;
    return wf_zone_midnight(e->night->zone, wf_zone_day(e->night->zone, held->earliest));
}

/* Later than its rule's grace allows. */
static bool is_late(const struct entering *e, uint32_t rule, const struct wf_held *held)
{
    struct wf_ir_duration grace = wf_rule_view(e->ir, rule).grace;
    if (grace.unit == WF_T_NONE)
        grace = (struct wf_ir_duration){.count = 1, .unit = WF_T_DAYS};
    return e->night->now > wf_time_shift(e->night->zone, expected(e, held), grace, 1);
}

/* ---- letting in ---- */

static enum wf_status lapse(struct entering *e, const struct wf_held *held, bool absent)
{
    struct wf_outcome *out = e->contend->out;
    if (wf_grow(out->alloc, &out->lapsed, &out->room_lapsed, out->n_lapsed + 1,
                sizeof(*out->lapsed)) != 0)
        return WF_ERR_NOMEM;
    struct wf_lapsed *lapsed = &out->lapsed[out->n_lapsed++];
    *lapsed = (struct wf_lapsed){.absent = absent, .until = expected(e, held)};
    memcpy(lapsed->id, held->id, sizeof(lapsed->id));
    return WF_OK;
}

/* false: it stays held, tonight it is not its turn. */
static enum wf_status enter_one(struct entering *e, const struct wf_held *held, bool *stays)
{
    const struct wf_state *state = e->night->state;
    uint32_t row = e->rows[wf_state_united(state, held->member)];
    uint32_t rule = rule_of(e, held), action = WF_NONE;
    *stays = held->until > e->night->now;
    if (*stays)
        return WF_OK;
    if (rule != WF_NONE)
        action = action_of(e->ir, rule, held);
    if (action == WF_NONE)
        return lapse(e, held, false);
    bool late = is_late(e, rule, held);
    if (row == UINT32_MAX) { /* absent members are frozen */
        *stays = !late;
        return late ? lapse(e, held, true) : WF_OK;
    }
    struct wf_contender decision = wf_contender_blank();
    memcpy(decision.id, held->id, sizeof(held->id));
    memcpy(decision.key, held->key, sizeof(held->key));
    decision.rule = rule;
    decision.action = action;
    decision.position = held->position;
    decision.step = label_of(e->ir, rule, action);
    decision.member = row;
    decision.occurred = held->occurred;
    decision.known_by = late ? expected(e, held) : held->known_by;
    decision.entry = held->entry;
    decision.earliest = held->earliest;
    decision.again = true;
    decision.deferred = held->flags & WF_HELD_DEFERRED;
    decision.held_out = held->flags & WF_HELD_OUT;
    decision.by_event = rule >= e->ir->n_triggers && (held->flags & WF_HELD_EVENT);
    memcpy(decision.entered, held->event, sizeof(decision.entered));
    int holds = late ? 1 : still_holds(e, held, &decision);
    *stays = holds < 0;
    if (*stays)
        return WF_OK;
    if (late)
        decision.gate = WF_GATE_MISSED;
    else if (holds == 0)
        decision.gate = WF_GATE_VALID;
    if (holds == 0)
        decision.note.what = rule < e->ir->n_triggers ? WF_NOTE_GUARD : WF_NOTE_EXITED;
    return wf_contend_add(e->contend, &decision);
}

enum wf_status wf_held_enter(struct wf_contend *contend, struct wf_scalar *scalar)
{
    const struct wf_night *night = contend->night;
    struct wf_rations *rations = &night->state->rations;
    if (rations->n_held == 0)
        return WF_OK;
    uint32_t *rows = wf_roster_rows(&contend->out->roster, night->state->members.n);
    struct entering e = {contend, night, &night->program->ir, scalar, rows};
    size_t kept = 0;
    enum wf_status st =
        rows ? wf_marks_sort(&night->state->merged, night->state->alloc) : WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < rations->n_held; i++) {
        bool stays;
        struct wf_held held = rations->held[i];
        st = enter_one(&e, &held, &stays);
        if (stays)
            rations->held[kept++] = held;
    }
    wf_free(night->alloc, rows);
    if (st == WF_OK) {
        rations->held_dirty |= kept != rations->n_held;
        rations->n_held = kept;
    }
    return st;
}

/* ---- keeping ---- */

static void set_event(const struct wf_contend *contend, const struct wf_contender *d,
                      struct wf_held *held)
{
    const struct wf_ir *ir = &contend->night->program->ir;
    if (d->by_event) {
        memcpy(held->event, d->entered, sizeof(held->event));
        held->flags |= WF_HELD_EVENT;
    }
    if (d->rule >= ir->n_triggers || d->event == WF_NO_EVENT)
        return;
    const struct wf_ir_trigger *trigger = &ir->triggers[d->rule];
    uint32_t view =
        trigger->moment == WF_MOMENT_EVENT ? trigger->view : ir->aggs[trigger->agg_last].view;
    memcpy(held->event, contend->night->data->views[view].key[d->event], sizeof(held->event));
    held->flags |= WF_HELD_EVENT;
}

static struct wf_held held_of(const struct wf_contend *contend, const struct wf_contender *d)
{
    const struct wf_ir *ir = &contend->night->program->ir;
    struct wf_held held = {
        .occurred = d->occurred,
        .known_by = d->known_by,
        .entry = d->entry,
        .until = d->held,
        .earliest = d->earliest,
        .what = hash_of(ir, &ir->actions[d->action]),
        .rule = contend->out->rules[d->rule].id,
        .member = wf_roster_ordinal(&contend->out->roster, d->member),
        .position = d->position,
    };
    memcpy(held.id, d->id, sizeof(held.id));
    memcpy(held.key, d->key, sizeof(held.key));
    held.flags = (d->deferred ? WF_HELD_DEFERRED : 0u) | (d->held_out ? WF_HELD_OUT : 0u);
    if (d->rule >= ir->n_triggers) {
        held.flags |= WF_HELD_JOURNEY;
        held.version = ir->journeys[d->rule - ir->n_triggers].hash;
    }
    set_event(contend, d, &held);
    return held;
}

enum wf_status wf_held_keep(struct wf_contend *contend)
{
    const struct wf_outcome *out = contend->out;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < out->n_decisions; i++) {
        const struct wf_rare *rare = out->decisions[i].rare;
        if (!rare || rare->held == WF_NO_TIME)
            continue;
        struct wf_contender c = wf_contender_of(&out->decisions[i]);
        struct wf_held held = held_of(contend, &c);
        st = wf_rations_hold(&contend->night->state->rations, &held);
    }
    return st;
}
