#include "runtime/run/stand.h"

#include <string.h>

#include "runtime/data/holidays.h"
#include "runtime/engine/contend.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/rules.h"
#include "runtime/run/action.h"

/* ---- finding ---- */

static const struct wf_rule_state *rule_named(const struct wf_state *state, const char *identity)
{
    size_t before = strlen(WF_JOURNEY_RULE);
    for (size_t i = 0; i < state->n_rules; i++)
        if (strncmp(state->rules[i].identity, WF_JOURNEY_RULE, before) == 0 &&
            strcmp(state->rules[i].identity + before, identity) == 0)
            return &state->rules[i];
    return NULL;
}

/* The row of the structure an entry walks: tonight's, or an older one that is pinned. */
static const struct wf_ir_journey *walked(const struct wf_ir *ir,
                                          const struct wf_ir_journey *journey,
                                          const struct wf_version *version)
{
    const char *identity = wf_ir_text(ir, journey->identity);
    for (uint32_t i = 0; version && i < ir->n_journeys; i++)
        if (ir->journeys[i].hash == version->hash &&
            strcmp(wf_ir_text(ir, ir->journeys[i].identity), identity) == 0)
            return &ir->journeys[i];
    return NULL;
}

static bool is_live(const struct wf_entry *entry)
{
    return entry->step != WF_LEFT && !(entry->flags & WF_ENTRY_GONE);
}

static void find_left(const struct wf_why *why, uint32_t row, struct wf_stand *out)
{
    size_t n = 0;
    uint32_t ordinal = wf_roster_ordinal(&why->outcome->roster, row);
    const struct wf_mark *left = out->rule ? wf_marks_of(&out->rule->acted, ordinal, &n) : NULL;
    out->left = out->again = WF_NO_TIME;
    if (n == 0)
        return;
    out->left = wf_mark_to_number(left[n - 1].key);
    if (out->journey->again_kind == WF_AGAIN_AFTER)
        out->again = wf_time_shift(why->night->zone, out->left, out->journey->again, 1);
}

static int64_t until_business(const struct wf_why *why, const struct wf_ir_step *step, int64_t from)
{
    const struct wf_dataset *data = why->night->data;
    const struct wf_zone *zone = why->night->zone;
    int64_t day = wf_zone_day(zone, from), next;
    if (step->holidays >= data->n_holidays ||
        !wf_holidays_next(&data->holidays[step->holidays], day, &next))
        return WF_NO_TIME;
    return next == day ? from : wf_zone_midnight(zone, next);
}

static int64_t wait_until(const struct wf_why *why, const struct wf_ir_step *step, int64_t from)
{
    const struct wf_zone *zone = why->night->zone;
    struct wf_value point;
    switch (step->kind) {
    case WF_STEP_UNTIL_CLOCK: return wf_until_clock(zone, from, step->n);
    case WF_STEP_UNTIL_WEEKDAY: return wf_until_weekday(zone, from, step->n);
    case WF_STEP_UNTIL_POINT:
        point = wf_scalar_value(why->scalar, step->node);
        return !point.present ? WF_NO_TIME : point.i > from ? point.i : from;
    case WF_STEP_UNTIL_BUSINESS: return until_business(why, step, from);
    case WF_STEP_WAIT:
    case WF_STEP_FOR_EVENT:
    case WF_STEP_FOR_COND:
        return step->wait.unit == WF_T_NONE ? WF_NO_TIME : wf_time_shift(zone, from, step->wait, 1);
    default: return WF_NO_TIME;
    }
}

static void find_entry(const struct wf_why *why, uint32_t row, struct wf_stand *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    size_t n = 0;
    const struct wf_journey_state *state = wf_state_journey(why->night->state, out->rule->id);
    const struct wf_entry *entries =
        state ? wf_entries_of(state, wf_roster_ordinal(&why->outcome->roster, row), &n) : NULL;
    if (n == 0 || !is_live(&entries[n - 1]))
        return;
    out->entry = &entries[n - 1];
    out->walked = walked(ir, out->journey, wf_version_numbered(state, out->entry->version));
    if (!out->walked || out->entry->step >= out->walked->steps_count)
        return;
    out->step = &ir->steps[out->walked->steps_first + out->entry->step];
    out->label = out->step->label == WF_NONE ? "start" : wf_ir_text(ir, out->step->label);
    out->until = wait_until(why, out->step, out->entry->reached);
}

void wf_stand_find(const struct wf_why *why, uint32_t journey, uint32_t row, struct wf_stand *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    *out = (struct wf_stand){.journey = &ir->journeys[journey], .until = WF_NO_TIME};
    out->rule = rule_named(why->night->state, wf_ir_text(ir, out->journey->identity));
    find_left(why, row, out);
    if (!out->rule)
        return;
    find_entry(why, row, out);
    const struct wf_ir_journey *j = out->walked ? out->walked : out->journey;
    out->salt =
        j->salt == WF_NONE ? out->rule->born + strlen(WF_JOURNEY_RULE) : wf_ir_text(ir, j->salt);
}

const struct wf_entry *wf_stand_entry(const struct wf_why *why, uint32_t journey, uint32_t row)
{
    struct wf_stand stand;
    wf_stand_find(why, journey, row, &stand);
    return stand.entry;
}

const char *wf_stand_label(const struct wf_why *why, uint32_t journey, const struct wf_entry *entry)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_journey *j = &ir->journeys[journey];
    const struct wf_rule_state *rule = rule_named(why->night->state, wf_ir_text(ir, j->identity));
    const struct wf_journey_state *state =
        rule ? wf_state_journey(why->night->state, rule->id) : NULL;
    j = state ? walked(ir, j, wf_version_numbered(state, entry->version)) : NULL;
    if (!j || entry->step >= j->steps_count)
        return NULL;
    uint32_t label = ir->steps[j->steps_first + entry->step].label;
    return label == WF_NONE ? "start" : wf_ir_text(ir, label);
}

void wf_stand_enter(const struct wf_why *why, const struct wf_stand *stand, uint32_t row,
                    struct wf_why *inside_out)
{
    const struct wf_entry *entry = stand->entry;
    *inside_out = *why;
    inside_out->row = row;
    inside_out->entry = entry;
    inside_out->entered =
        stand->walked && entry->flags & WF_ENTRY_EVENT ? stand->walked->entered : WF_NONE;
    wf_why_at(inside_out);
}

/* ---- ways ---- */

const struct wf_ir_arm *wf_stand_arm(const struct wf_why *why, const struct wf_stand *stand,
                                     uint32_t row, const struct wf_ir_step *split)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_id *id = &why->night->data->ids[row];
    return &ir->arms[split->arms_first + wf_split_arm(ir, split, stand->salt,
                                                      why->night->data->id_heap + id->at, id->len)];
}

void wf_stand_action(const struct wf_why *why, const struct wf_stand *stand, uint32_t row,
                     const struct wf_ir_step *step, unsigned char id_out[16])
{
    const struct wf_id *id = &why->night->data->ids[row];
    wf_action_id(stand->rule->born + strlen(WF_JOURNEY_RULE), stand->entry->key,
                 why->night->data->id_heap + id->at, id->len, step->position, id_out);
}

bool wf_stand_waits(const struct wf_ir_step *step)
{
    return step->kind >= WF_STEP_WAIT && step->kind <= WF_STEP_FOR_COND;
}

uint32_t wf_stand_next(const struct wf_why *inside, const struct wf_stand *stand, uint32_t row,
                       const struct wf_ir_step *step, int *truth_out)
{
    *truth_out = 1;
    switch (step->kind) {
    case WF_STEP_LEAVE: return WF_NONE;
    case WF_STEP_SPLIT: return wf_stand_arm(inside, stand, row, step)->next;
    case WF_STEP_IF:
        *truth_out = wf_scalar_truth(inside->scalar, step->node);
        return *truth_out > 0 ? step->next : *truth_out < 0 ? step->after : step->other;
    default: return step->next;
    }
}

/* The ways out of a step, at most three; for this member a split has but one. */
static int ways(const struct wf_why *why, const struct wf_stand *stand, uint32_t row,
                const struct wf_ir_step *step, uint32_t out[3])
{
    switch (step->kind) {
    case WF_STEP_LEAVE: return 0;
    case WF_STEP_SPLIT: out[0] = wf_stand_arm(why, stand, row, step)->next; return 1;
    case WF_STEP_IF: out[0] = step->next, out[1] = step->other, out[2] = step->after; return 3;
    case WF_STEP_FOR_EVENT:
    case WF_STEP_FOR_COND: out[0] = step->next, out[1] = step->other; return 2;
    default: out[0] = step->next; return 1;
    }
}

enum { ON = 1, BACK = 2 };

/* Whether the current step can be come to from the first one without step `but`. */
static bool comes(const struct wf_why *why, const struct wf_stand *stand, uint32_t row,
                  uint32_t but, unsigned char *seen)
{
    const struct wf_ir_step *steps = why->night->program->ir.steps + stand->walked->steps_first;
    uint32_t to = stand->entry->step, way[3];
    for (uint32_t i = 0; i <= to; i++)
        seen[i] &= (unsigned char)~ON;
    seen[0] |= but == 0 ? 0 : ON;
    for (uint32_t i = 0; i < to; i++) { /* every jump leads to a later step */
        int n = seen[i] & ON ? ways(why, stand, row, &steps[i], way) : 0;
        for (int k = 0; k < n; k++)
            if (way[k] != WF_NONE && way[k] <= to && way[k] != but)
                seen[way[k]] |= ON;
    }
    return seen[to] & ON;
}

void wf_stand_passed(const struct wf_why *why, const struct wf_stand *stand, uint32_t row,
                     unsigned char *passed_out)
{
    uint32_t n = stand->walked->steps_count, to = stand->entry->step;
    memset(passed_out, 0, n);
    for (uint32_t i = 0; i < to; i++)
        if (!comes(why, stand, row, i, passed_out))
            passed_out[i] |= BACK;
    for (uint32_t i = 0; i < n; i++)
        passed_out[i] = (passed_out[i] & BACK) != 0;
}
