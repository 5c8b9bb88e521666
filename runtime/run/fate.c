#include "runtime/run/fate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/engine/collect.h"
#include "runtime/engine/contend.h"
#include "runtime/engine/rules.h"

/* One trigger and one member on the night. */
struct asked {
    const struct wf_why *why;
    const struct wf_night *night;
    const struct wf_ir *ir;
    const struct wf_ir_trigger *trigger;
    const struct wf_rule_state *before; /* NULL: tonight is the rule's first */
    const struct wf_rule_state *after;
    uint32_t number, row, ordinal; /* ordinal: before tonight, or WF_NO_MEMBER */
};

static const struct wf_rule_state *find_rule(struct wf_state *state, const struct wf_ir *ir,
                                             const struct wf_ir_trigger *trigger)
{
    const struct wf_rule_state *rule = wf_state_rule(state, ir->texts[trigger->identity]->text);
    return rule || trigger->was == WF_NONE ? rule
                                           : wf_state_rule(state, ir->texts[trigger->was]->text);
}

const struct wf_rule_state *wf_fate_rule(struct wf_state *state, const struct wf_ir *ir,
                                         uint32_t trigger)
{
    return find_rule(state, ir, &ir->triggers[trigger]);
}

bool wf_fate_moment_atom(const struct wf_ir *ir, uint32_t trigger)
{
    const struct wf_ir_trigger *t = &ir->triggers[trigger];
    return t->atoms_count > 0 && (t->moment != WF_MOMENT_CROSSING || t->guard != WF_NONE ||
                                  ir->atoms[t->atoms_first].node == ir->watches[t->watch].cond);
}

/* ---- tonight's decisions ---- */

const struct wf_decision *wf_fate_decision(const struct wf_why *why, uint32_t row, size_t *at)
{
    const struct wf_outcome *out = why->outcome;
    size_t n = why->mine ? why->n_mine : out->n_decisions;
    while (*at < n) {
        const struct wf_decision *d = &out->decisions[why->mine ? why->mine[*at] : *at];
        ++*at;
        if (d->member == row || d->target == row)
            return d;
    }
    return NULL;
}

bool wf_fate_decides(const struct wf_fate *fate, uint32_t trigger, uint32_t row,
                     const struct wf_decision *decision)
{
    return decision->rule == trigger && decision->member == row && decision->event == fate->event;
}

static bool acts_tonight(const struct asked *a, const struct wf_fate *fate)
{
    const struct wf_decision *d;
    for (size_t at = 0; (d = wf_fate_decision(a->why, a->row, &at)) != NULL;)
        if (wf_fate_decides(fate, a->number, a->row, d))
            return true;
    return false;
}

/* ---- occurrences ---- */

static bool has_mark(const struct asked *a, const unsigned char key[16])
{
    struct wf_mark mark = {.member = a->ordinal};
    memcpy(mark.key, key, sizeof(mark.key));
    return a->before && a->ordinal != WF_NO_MEMBER && wf_marks_has(&a->before->marks, mark);
}

static struct wf_fate blank(const struct asked *a)
{
    uint32_t guard = a->trigger->guard;
    return (struct wf_fate){.truth = guard == WF_NONE ? 1 : wf_scalar_truth(a->why->scalar, guard),
                            .due = WF_NO_TIME,
                            .since = WF_NO_TIME,
                            .next = WF_NO_TIME,
                            .event = WF_NO_EVENT};
}

/* Due tonight: nobody decided it, so its condition did; a journey's decides nothing itself. */
static enum wf_fate_kind held_against(const struct asked *a, const struct wf_fate *fate)
{
    return fate->truth > 0 && a->trigger->journey != WF_NONE ? WF_FATE_ENTERS : WF_FATE_REFUSED;
}

/* Decided so long ago that its mark is forgotten. */
static bool is_long_past(const struct asked *a, int64_t due)
{
    return a->before && due < wf_rule_floor(a->night, a->trigger, a->before);
}

/* An occurrence with its due time, whoever has looked at it before. */
static void judge(const struct asked *a, struct wf_value due, bool decided, struct wf_fate *fate)
{
    fate->due = due.present ? due.i : WF_NO_TIME;
    if (!due.present)
        fate->kind = WF_FATE_NEVER;
    else if (due.i > a->night->now)
        fate->kind = WF_FATE_NOT_DUE;
    else if (acts_tonight(a, fate))
        fate->kind = WF_FATE_ACTS;
    else if (a->after && due.i < a->after->floor && due.i < a->after->first_t)
        fate->kind = WF_FATE_BEFORE;
    else if (decided || is_long_past(a, due.i))
        fate->kind = WF_FATE_DECIDED;
    else if (wf_bit(a->why->outcome->roster.merged, a->row))
        fate->kind = WF_FATE_UNITED;
    else
        fate->kind = held_against(a, fate);
    if (fate->kind == WF_FATE_BEFORE)
        fate->since = a->after->first_t;
}

static void once(const struct asked *a, struct wf_fate *fate)
{
    bool decided =
        a->before && a->ordinal != WF_NO_MEMBER && wf_set_has(&a->before->decided, a->ordinal);
    fate->keyed = true;
    judge(a, wf_scalar_value(a->why->scalar, a->trigger->due), decided, fate);
}

/* The first anniversary that falls due after tonight; WF_NO_TIME: none does. */
static int64_t next_year(const struct asked *a)
{
    const struct wf_night *night = a->night;
    const struct wf_ir_node *node = &a->ir->nodes[a->trigger->due];
    if (node->op != WF_IR_ANNIVERSARY)
        return WF_NO_TIME;
    const struct wf_ir_anniv *anniv = &a->ir->annivs[node->b];
    struct wf_anniv_offset offset = {anniv->months, anniv->days, anniv->seconds,
                                     (enum wf_feb29)anniv->feb29};
    struct wf_value day = wf_scalar_value(a->why->scalar, node->a);
    int64_t until, due, year, next = WF_NO_TIME;
    if (!day.present || !wf_zone_add_days(night->zone, night->now, 8 * 366, &until))
        return WF_NO_TIME;
    /* from far ahead back to the first: a Feb 29 may skip years */
    while (wf_zone_anniversary(night->zone, day.i, &offset, until, &due, &year) &&
           due > night->now) {
        next = due;
        until = due - 1;
    }
    return next;
}

static void yearly(const struct asked *a, struct wf_fate *fate)
{
    struct wf_value due = wf_scalar_value(a->why->scalar, a->trigger->due);
    struct wf_value year = wf_scalar_value(a->why->scalar, a->trigger->year);
    fate->next = next_year(a);
    fate->keyed = year.present;
    wf_mark_number(fate->key, year.present ? year.i : 0);
    if (!due.present && fate->next != WF_NO_TIME) {
        fate->kind = WF_FATE_NOT_DUE;
        fate->due = fate->next;
        fate->next = WF_NO_TIME;
        return;
    }
    judge(a, due, has_mark(a, fate->key), fate);
}

static void by_last(const struct asked *a, struct wf_fate *fate)
{
    const struct wf_events *view = &a->night->data->views[a->ir->aggs[a->trigger->agg_last].view];
    fate->keyed =
        wf_scalar_agg_row(a->why->scalar, a->trigger->agg_last, &fate->event) && view->key != NULL;
    if (fate->keyed)
        memcpy(fate->key, view->key[fate->event], sizeof(fate->key));
    judge(a, wf_scalar_value(a->why->scalar, a->trigger->due),
          fate->keyed && has_mark(a, fate->key), fate);
}

static void by_calendar(const struct asked *a, struct wf_fate *fate)
{
    const struct wf_zone *zone = a->night->zone;
    const struct wf_ir_calendar *calendar = &a->trigger->calendar;
    int64_t today = wf_zone_day(zone, a->night->now), next;
    if (wf_calendar_next(calendar, today + 1, today + 3660, &next))
        fate->next = wf_zone_midnight(zone, next);
    fate->keyed = wf_calendar_next(calendar, today, today, &next);
    if (fate->keyed) {
        fate->due = wf_zone_midnight(zone, today);
        wf_mark_number(fate->key, today);
    }
    if (acts_tonight(a, fate))
        fate->kind = WF_FATE_ACTS;
    else if (fate->keyed && a->before && a->before->calendar_done >= today)
        fate->kind = WF_FATE_DECIDED;
    else if (fate->keyed)
        fate->kind = held_against(a, fate);
    else
        fate->kind = fate->next == WF_NO_TIME ? WF_FATE_OVER : WF_FATE_OTHER_DAY;
}

/* ---- crossings ---- */

/* What the last night saw of a watched condition; NULL: it did not look. */
static const struct wf_column_state *seen_before(const struct asked *a, uint32_t watch)
{
    char name[64];
    snprintf(name, sizeof(name), "watch %016" PRIx64, a->ir->watches[watch].hash);
    return wf_state_column(a->why->prior, name);
}

/* First seen tonight, but no member when the last night was: out before. */
static bool is_newcomer(const struct asked *a)
{
    uint32_t input = wf_joined_input(a->ir);
    const struct wf_run_row *last = &a->why->prior->last;
    if (input == WF_NONE || last->status == WF_RUN_NONE)
        return false;
    struct wf_value joined = wf_dataset_value(a->night->data, input, a->row);
    return joined.present && joined.i >= wf_zone_day(a->night->zone, last->t);
}

/* Why what is so tonight is no crossing; false: it is one. */
static bool no_crossing(const struct asked *a, enum wf_crossing *out)
{
    const struct wf_column_state *column = seen_before(a, a->trigger->watch), *from = NULL;
    bool newcomer = a->ordinal == WF_NO_MEMBER && is_newcomer(a);
    if (a->trigger->from_watch != WF_NONE)
        from = seen_before(a, a->trigger->from_watch);
    if (a->why->again)
        *out = WF_CROSSING_AGAIN;
    else if (!a->before || !column || (a->trigger->from_watch != WF_NONE && !from))
        *out = WF_CROSSING_FIRST;
    else if (!wf_near_enough(a->night, a->trigger, a->before))
        *out = WF_CROSSING_GAP;
    else if (wf_bit(a->why->outcome->roster.merged, a->row))
        *out = WF_CROSSING_UNITED;
    else if (a->ordinal == WF_NO_MEMBER && (!newcomer || a->trigger->leaves || from))
        *out = WF_CROSSING_STRANGE;
    else if (newcomer)
        return false;
    else if (!wf_set_has(&column->yes, a->ordinal) && !wf_set_has(&column->no, a->ordinal))
        *out = WF_CROSSING_UNKNOWN;
    else if (wf_set_has(&column->yes, a->ordinal) != a->trigger->leaves)
        *out = a->trigger->leaves ? WF_CROSSING_NOT_SO : WF_CROSSING_SO;
    else if (from && !wf_set_has(&from->yes, a->ordinal))
        *out = WF_CROSSING_OTHER;
    else
        return false;
    return true;
}

/* Whether it acted before and may not again; the time of its last act, if there was one. */
static bool is_spent(const struct asked *a, struct wf_fate *fate)
{
    size_t n = 0;
    const struct wf_mark *acts = NULL;
    if (a->before && a->ordinal != WF_NO_MEMBER && a->trigger->journey == WF_NONE)
        acts = wf_marks_of(&a->before->acted, a->ordinal, &n);
    if (n == 0)
        return false;
    fate->since = wf_mark_to_number(acts[n - 1].key);
    if (a->trigger->again_after.unit == WF_T_NONE)
        return true;
    fate->next = wf_time_shift(a->night->zone, fate->since, a->trigger->again_after, 1);
    return a->night->now < fate->next;
}

static void by_crossing(const struct asked *a, struct wf_fate *fate)
{
    int truth = wf_scalar_truth(a->why->scalar, a->ir->watches[a->trigger->watch].cond);
    int wanted = a->trigger->leaves ? 0 : 1;
    bool spent = is_spent(a, fate);
    fate->due = a->night->now;
    fate->keyed = true;
    wf_mark_number(fate->key, a->night->now);
    if (acts_tonight(a, fate)) {
        fate->kind = WF_FATE_ACTS;
    } else if (a->why->again && fate->since == a->night->now) {
        fate->kind = WF_FATE_DECIDED;
    } else if (truth != wanted) {
        fate->kind = WF_FATE_NO_CROSSING;
        fate->crossing = WF_CROSSING_NOT;
        fate->truth = truth;
    } else if (no_crossing(a, &fate->crossing)) {
        fate->kind = WF_FATE_NO_CROSSING;
        fate->truth = truth;
    } else if (fate->truth > 0 && spent) {
        fate->kind = WF_FATE_SPENT;
    } else {
        fate->kind = held_against(a, fate);
    }
}

/* ---- events: each an occurrence of its own ---- */

/* The first row of an event, of rows first .. end - 1, that the rule is about; makes it current. */
static bool matching_row(const struct asked *a, uint64_t first, uint64_t end, uint64_t *row_out)
{
    for (uint64_t row = first; row < end; row++) {
        wf_scalar_event(a->why->scalar, a->trigger->view, row);
        *row_out = row;
        if (a->trigger->filter == WF_NONE ||
            wf_scalar_truth(a->why->scalar, a->trigger->filter) > 0)
            return true;
    }
    return false;
}

static size_t by_events(const struct asked *a, struct wf_fate out[WF_MOST_FATES])
{
    const struct wf_events *view = &a->night->data->views[a->trigger->view];
    struct wf_event_span span = wf_events_of(view, a->row);
    uint64_t end = span.end, row;
    size_t n = 0;
    for (uint64_t start = end; start-- > span.row && n < WF_MOST_FATES;) {
        if (view->begins && !wf_bit(view->begins, start))
            continue;
        if (matching_row(a, start, end, &row)) {
            struct wf_fate *fate = &out[n++];
            *fate = blank(a);
            fate->event = row;
            fate->keyed = view->key != NULL;
            if (fate->keyed)
                memcpy(fate->key, view->key[row], sizeof(fate->key));
            judge(a, wf_scalar_value(a->why->scalar, a->trigger->due),
                  fate->keyed && has_mark(a, fate->key), fate);
        }
        end = start;
    }
    return n;
}

/* ---- all of it ---- */

void wf_fate_stand(const struct wf_why *why, uint32_t trigger, uint32_t row,
                   const struct wf_fate *fate)
{
    const struct wf_ir_trigger *t = &why->night->program->ir.triggers[trigger];
    wf_scalar_member(why->scalar, row);
    if (t->moment == WF_MOMENT_EVENT && fate->event != WF_NO_EVENT)
        wf_scalar_event(why->scalar, t->view, fate->event);
}

bool wf_fate_action(const struct wf_why *why, uint32_t trigger, uint32_t row,
                    const struct wf_fate *fate, uint32_t position, unsigned char id_out[16])
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_rule_state *rule = wf_fate_rule(why->night->state, ir, trigger);
    const struct wf_id *id = &why->night->data->ids[row];
    if (!rule || !fate->keyed)
        return false;
    wf_action_id(rule->born, fate->key, why->night->data->id_heap + id->at, id->len, position,
                 id_out);
    return true;
}

enum wf_status wf_fates(const struct wf_why *why, uint32_t trigger, uint32_t row,
                        struct wf_fate out[WF_MOST_FATES], size_t *n_out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_id *id = &why->night->data->ids[row];
    struct asked a = {.why = why,
                      .night = why->night,
                      .ir = ir,
                      .trigger = &ir->triggers[trigger],
                      .before = find_rule(why->prior, ir, &ir->triggers[trigger]),
                      .after = find_rule(why->night->state, ir, &ir->triggers[trigger]),
                      .number = trigger,
                      .row = row,
                      .ordinal = WF_NO_MEMBER};
    enum wf_status st = wf_members_find(&why->prior->members, why->night->data->id_heap + id->at,
                                        id->len, &a.ordinal);
    *n_out = 1;
    if (st != WF_OK)
        return st;
    wf_scalar_member(why->scalar, row);
    if (a.trigger->moment == WF_MOMENT_EVENT) {
        *n_out = by_events(&a, out);
        if (*n_out)
            return WF_OK;
        *n_out = 1;
        out[0] = (struct wf_fate){.kind = WF_FATE_NO_EVENT,
                                  .truth = -1,
                                  .due = WF_NO_TIME,
                                  .since = WF_NO_TIME,
                                  .next = WF_NO_TIME,
                                  .event = WF_NO_EVENT};
        return WF_OK;
    }
    out[0] = blank(&a);
    switch ((enum wf_moment)a.trigger->moment) {
    case WF_MOMENT_TIME: once(&a, out); break;
    case WF_MOMENT_ANNIVERSARY: yearly(&a, out); break;
    case WF_MOMENT_LAST: by_last(&a, out); break;
    case WF_MOMENT_CALENDAR: by_calendar(&a, out); break;
    default: by_crossing(&a, out); break;
    }
    return WF_OK;
}
