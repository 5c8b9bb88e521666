#include "runtime/engine/decide.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct deciding {
    struct wf_collect *collect;
    const struct wf_night *night;
    const struct wf_ir *ir;
    struct wf_scalar *scalar;
    struct wf_outcome *out;
    struct wf_gates gates;
    struct wf_buf *why;
};

/* One occurrence, known and due. */
struct occurrence {
    uint32_t trigger, row;
    uint64_t event;
    int64_t due;
    unsigned char key[16];
};

void wf_action_id(const char *born, const unsigned char key[16], const void *member, size_t len,
                  uint32_t position, unsigned char out[16])
{
    unsigned char tail[4] = {(unsigned char)position, (unsigned char)(position >> 8),
                             (unsigned char)(position >> 16), (unsigned char)(position >> 24)};
    XXH128_canonical_t canonical;
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, born, strlen(born) + 1);
    XXH3_128bits_update(&state, key, 16);
    XXH3_128bits_update(&state, tail, sizeof(tail));
    XXH3_128bits_update(&state, member, len);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
    memcpy(out, canonical.digest, 16);
}

static struct wf_rule_state *rule_of(const struct deciding *d, uint32_t trigger)
{
    return &d->night->state->rules[d->collect->rules[trigger].state];
}

/* ---- decisions ---- */

static enum wf_status add_actions(struct deciding *d, const struct occurrence *o, bool missed)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[o->trigger];
    const struct wf_rule_state *rule = rule_of(d, o->trigger);
    const struct wf_piece *id = &d->night->data->ids[o->row];
    for (uint32_t k = 0; k < trigger->actions_count; k++) {
        struct wf_decision decision = {
            .trigger = o->trigger,
            .position = k,
            .member = o->row,
            .event = o->event,
            .occurred = o->due,
            .known_by = wf_known_by(d->night->zone, o->due, trigger->missed_after),
            .gate = missed ? WF_GATE_MISSED : WF_GATE_NONE,
        };
        memcpy(decision.key, o->key, sizeof(o->key));
        wf_action_id(rule->born, o->key, d->night->data->id_heap + id->at, id->len, k, decision.id);
        wf_gates_pass(&d->gates, rule, &decision);
        if (wf_grow(d->out->alloc, &d->out->decisions, &d->out->room, d->out->n_decisions + 1,
                    sizeof(decision)) != 0)
            return WF_ERR_NOMEM;
        d->out->decisions[d->out->n_decisions++] = decision;
    }
    return WF_OK;
}

/* The rule's first run with a backfill waives the grace; a crossing is never late. */
static enum wf_status act(struct deciding *d, const struct occurrence *o)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[o->trigger];
    bool waived = d->collect->rules[o->trigger].first && trigger->backfill.unit != WF_T_NONE;
    bool missed = trigger->moment != WF_MOMENT_CROSSING && !waived &&
                  wf_is_missed(d->night->zone, trigger, o->due, d->night->now);
    struct wf_rule_counts *counts = &d->out->rules[o->trigger];
    if (missed)
        counts->missed++;
    else
        counts->acted++;
    return add_actions(d, o, missed);
}

/* A keyed occurrence: decided once for ever, whatever the decision. */
static enum wf_status decide_keyed(struct deciding *d, const struct occurrence *o, bool guard)
{
    struct wf_rule_state *rule = rule_of(d, o->trigger);
    struct wf_mark mark = {.member = d->collect->roster->ordinal[o->row]};
    memcpy(mark.key, o->key, sizeof(mark.key));
    if (wf_marks_has(&rule->marks, mark))
        return WF_OK;
    enum wf_status st = wf_marks_add(&rule->marks, mark, o->due, d->night->alloc);
    if (st != WF_OK)
        return st;
    if (!guard) {
        d->out->rules[o->trigger].guard++;
        return WF_OK;
    }
    return act(d, o);
}

/* ---- one function a moment ---- */

static enum wf_status broken(struct deciding *d, const char *what)
{
    if (wf_scalar_status(d->scalar) != WF_OK)
        return wf_scalar_status(d->scalar); /* it lacked memory, not agreement */
    if (d->why)
        wf_buf_addf(d->why, "the machine and the row evaluator disagree: %s", what);
    return WF_ERR_INTERNAL;
}

static enum wf_status decide_time(struct deciding *d, const struct wf_candidate *c)
{
    struct occurrence o = {.trigger = c->trigger, .row = c->row, .event = WF_NO_EVENT};
    struct wf_value due = wf_scalar_value(d->scalar, d->ir->triggers[c->trigger].due);
    if (!due.present || due.i > d->night->now)
        return broken(d, "a due time");
    o.due = due.i;
    return act(d, &o);
}

static enum wf_status decide_year(struct deciding *d, const struct wf_candidate *c)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[c->trigger];
    struct occurrence o = {.trigger = c->trigger, .row = c->row, .event = WF_NO_EVENT};
    struct wf_value due = wf_scalar_value(d->scalar, trigger->due);
    struct wf_value year = wf_scalar_value(d->scalar, trigger->year);
    if (!due.present || due.i > d->night->now || !year.present)
        return broken(d, "an anniversary");
    o.due = due.i;
    wf_mark_number(o.key, year.i);
    return decide_keyed(d, &o, c->guard);
}

static enum wf_status decide_last(struct deciding *d, const struct wf_candidate *c)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[c->trigger];
    struct occurrence o = {.trigger = c->trigger, .row = c->row};
    const struct wf_events *view = &d->night->data->views[d->ir->aggs[trigger->agg_last].view];
    struct wf_value due = wf_scalar_value(d->scalar, trigger->due);
    if (!due.present || due.i > d->night->now ||
        !wf_scalar_agg_row(d->scalar, trigger->agg_last, &o.event) || !view->key)
        return broken(d, "a last event");
    o.due = due.i;
    memcpy(o.key, view->key[o.event], sizeof(o.key));
    return decide_keyed(d, &o, c->guard);
}

static enum wf_status decide_event(struct deciding *d, const struct wf_candidate *c)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[c->trigger];
    const struct wf_events *view = &d->night->data->views[trigger->view];
    struct occurrence o = {.trigger = c->trigger, .row = c->row, .event = c->event};
    bool guard = c->guard;
    wf_scalar_event(d->scalar, trigger->view, c->event);
    struct wf_value due = wf_scalar_value(d->scalar, trigger->due);
    if (!due.present || due.i > d->night->now || !view->key)
        return broken(d, "an event");
    if (trigger->guard != WF_NONE && d->ir->nodes[trigger->guard].domain == WF_DOM_MEMBER)
        guard = wf_scalar_truth(d->scalar, trigger->guard) > 0;
    o.due = due.i;
    memcpy(o.key, view->key[c->event], sizeof(o.key));
    return decide_keyed(d, &o, guard);
}

static enum wf_status decide_crossing(struct deciding *d, const struct wf_candidate *c)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[c->trigger];
    struct wf_rule_state *rule = rule_of(d, c->trigger);
    struct occurrence o = {
        .trigger = c->trigger, .row = c->row, .event = WF_NO_EVENT, .due = d->night->now};
    struct wf_mark mark = {.member = d->collect->roster->ordinal[c->row]};
    size_t n;
    const struct wf_mark *acts = wf_marks_of(&rule->acted, mark.member, &n);
    wf_mark_number(o.key, d->night->now);
    if (n) { /* marks of a member are sorted by time */
        int64_t last = wf_mark_to_number(acts[n - 1].key);
        if (trigger->again_after.unit == WF_T_NONE ||
            d->night->now < wf_time_shift(d->night->zone, last, trigger->again_after, 1)) {
            d->out->rules[c->trigger].again++;
            return WF_OK;
        }
    }
    memcpy(mark.key, o.key, sizeof(mark.key));
    enum wf_status st = wf_marks_add(&rule->acted, mark, INT64_MAX, d->night->alloc);
    return st == WF_OK ? act(d, &o) : st;
}

static enum wf_status decide_calendar(struct deciding *d, const struct wf_candidate *c)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[c->trigger];
    const struct wf_rule_night *rule = &d->collect->rules[c->trigger];
    int64_t today = wf_zone_day(d->night->zone, d->night->now), day = rule->date_first;
    enum wf_status st = WF_OK;
    for (; st == WF_OK && wf_calendar_next(&trigger->calendar, day, today, &day); day++) {
        struct occurrence o = {.trigger = c->trigger, .row = c->row, .event = WF_NO_EVENT};
        o.due = wf_zone_midnight(d->night->zone, day);
        wf_mark_number(o.key, day);
        st = act(d, &o);
    }
    return st;
}

static enum wf_status decide_one(struct deciding *d, const struct wf_candidate *c)
{
    wf_scalar_member(d->scalar, c->row);
    switch (d->ir->triggers[c->trigger].moment) {
    case WF_MOMENT_TIME: return decide_time(d, c);
    case WF_MOMENT_ANNIVERSARY: return decide_year(d, c);
    case WF_MOMENT_EVENT: return decide_event(d, c);
    case WF_MOMENT_LAST: return decide_last(d, c);
    case WF_MOMENT_CROSSING: return decide_crossing(d, c);
    case WF_MOMENT_CALENDAR: return decide_calendar(d, c);
    default: return WF_ERR_INTERNAL;
    }
}

/* ---- candidates ---- */

/* The row where the event of a row starts. */
static uint64_t start_of(const struct wf_events *view, uint32_t member, uint64_t row)
{
    while (view->begins && row > view->first[member] && !wf_bit(view->begins, row))
        row--;
    return row;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct wf_candidate *x = a, *y = b;
    if (x->trigger != y->trigger)
        return x->trigger < y->trigger ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->event < y->event ? -1 : x->event > y->event;
}

/* All workers' candidates in one order; an event of several rows stands once, for its first row. */
static enum wf_status gather(struct deciding *d, struct wf_candidate **items_out, size_t *n_out)
{
    size_t n = 0, kept = 0;
    for (unsigned k = 0; k < d->collect->n_workers; k++)
        n += d->collect->workers[k].n;
    struct wf_candidate *items = wf_calloc(d->night->alloc, n, sizeof(*items));
    if (!items)
        return WF_ERR_NOMEM;
    n = 0;
    for (unsigned k = 0; k < d->collect->n_workers; k++) {
        const struct wf_collect_worker *worker = &d->collect->workers[k];
        if (worker->n)
            memcpy(items + n, worker->items, worker->n * sizeof(*items));
        n += worker->n;
    }
    qsort(items, n, sizeof(*items), compare_candidates);
    uint64_t last = WF_NO_EVENT;
    for (size_t i = 0; i < n; i++) {
        if (items[i].event != WF_NO_EVENT) {
            const struct wf_ir_trigger *trigger = &d->ir->triggers[items[i].trigger];
            uint64_t start =
                start_of(&d->night->data->views[trigger->view], items[i].row, items[i].event);
            if (kept && items[kept - 1].trigger == items[i].trigger && last == start)
                continue;
            last = start;
        }
        items[kept++] = items[i];
    }
    *items_out = items;
    *n_out = kept;
    return WF_OK;
}

/* ---- the order of what comes out ---- */

static int compare_ids(const struct wf_dataset *data, uint32_t a, uint32_t b)
{
    const struct wf_piece *x = &data->ids[a], *y = &data->ids[b];
    uint32_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(data->id_heap + x->at, data->id_heap + y->at, len);
    if (order != 0)
        return order;
    return x->len < y->len ? -1 : x->len > y->len;
}

static int compare_decisions(const struct wf_dataset *data, const struct wf_decision *x,
                             const struct wf_decision *y)
{
    int order;
    if (x->target != y->target && (order = compare_ids(data, x->target, y->target)) != 0)
        return order;
    if (x->trigger != y->trigger)
        return x->trigger < y->trigger ? -1 : 1;
    if (x->member != y->member && (order = compare_ids(data, x->member, y->member)) != 0)
        return order;
    if (x->occurred != y->occurred)
        return x->occurred < y->occurred ? -1 : 1;
    order = memcmp(x->key, y->key, sizeof(x->key));
    if (order != 0)
        return order;
    return x->position < y->position ? -1 : x->position > y->position;
}

/* What is sorted in place of a decision: the first bytes of its target's id tell most apart. */
struct sort_key {
    uint64_t prefix;
    const struct wf_decision *decision;
};

static int compare_keys(const void *a, const void *b, void *ctx)
{
    const struct sort_key *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return compare_decisions(ctx, x->decision, y->decision);
}

/* Eight bytes that compare as the id does; shorter ids are filled up with zeros. */
static uint64_t prefix_of(const struct wf_dataset *data, uint32_t row)
{
    unsigned char first[8] = {0};
    uint64_t prefix = 0;
    const struct wf_piece *id = &data->ids[row];
    memcpy(first, data->id_heap + id->at, id->len < 8 ? id->len : 8);
    for (int i = 0; i < 8; i++)
        prefix = prefix << 8 | first[i];
    return prefix;
}

static enum wf_status sort_decisions(const struct wf_night *night, struct wf_outcome *out)
{
    size_t n = out->n_decisions;
    void *data;
    memcpy(&data, &night->data, sizeof(data)); /* qsort_r hands its context on as it came */
    struct sort_key *keys = wf_calloc(night->alloc, n, sizeof(*keys));
    struct wf_decision *sorted = wf_calloc(night->alloc, n, sizeof(*sorted));
    if (!keys || !sorted) {
        wf_free(night->alloc, keys);
        wf_free(night->alloc, sorted);
        return WF_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++)
        keys[i] =
            (struct sort_key){prefix_of(night->data, out->decisions[i].target), &out->decisions[i]};
    qsort_r(keys, n, sizeof(*keys), compare_keys, data);
    for (size_t i = 0; i < n; i++)
        sorted[i] = *keys[i].decision;
    wf_free(night->alloc, keys);
    wf_free(night->alloc, out->decisions);
    out->decisions = sorted;
    out->room = n;
    return WF_OK;
}

static enum wf_status finish(struct deciding *d)
{
    struct wf_outcome *out = d->out;
    enum wf_status st = sort_decisions(d->night, out);
    if (st != WF_OK)
        return st;
    for (size_t i = 0, end; i < out->n_decisions; i = end) {
        for (end = i + 1;
             end < out->n_decisions && out->decisions[end].target == out->decisions[i].target;)
            end++;
        wf_gates_conflicts(d->ir, out->decisions + i, end - i);
    }
    for (size_t i = 0; i < out->n_decisions; i++) {
        struct wf_rule_counts *counts = &out->rules[out->decisions[i].trigger];
        if (out->decisions[i].gate == WF_GATE_NONE)
            counts->left++;
        else
            counts->stopped++;
    }
    return WF_OK;
}

/* A calendar date is decided for everybody at once. */
static void close_dates(struct deciding *d)
{
    int64_t today = wf_zone_day(d->night->zone, d->night->now);
    for (uint32_t i = 0; i < d->ir->n_triggers; i++) {
        struct wf_rule_state *rule = rule_of(d, i);
        if (d->ir->triggers[i].moment != WF_MOMENT_CALENDAR || rule->calendar_done >= today)
            continue;
        rule->calendar_done = (int32_t)today;
        rule->dirty = true;
    }
}

enum wf_status wf_decide(struct wf_collect *collect, struct wf_scalar *scalar,
                         struct wf_outcome *out, struct wf_buf *why)
{
    const struct wf_night *night = collect->night;
    struct deciding d = {.collect = collect,
                         .night = night,
                         .ir = &night->program->ir,
                         .scalar = scalar,
                         .out = out,
                         .gates = wf_gates_make(night),
                         .why = why};
    struct wf_candidate *items = NULL;
    size_t n = 0;
    enum wf_status st = gather(&d, &items, &n);
    for (size_t i = 0; st == WF_OK && i < n; i++)
        st = decide_one(&d, &items[i]);
    wf_free(night->alloc, items);
    if (st == WF_OK)
        st = wf_scalar_status(scalar);
    if (st != WF_OK)
        return st;
    close_dates(&d);
    st = finish(&d);
    if (st != WF_OK)
        return st;
    for (uint32_t i = 0; i < d.ir->n_triggers; i++) {
        out->rules[i].first = collect->rules[i].first;
        out->rules[i].id = rule_of(&d, i)->id;
    }
    return WF_OK;
}
