#include "runtime/engine/decide.h"

#include <string.h>

#include "lang/base/limits.h"
#include "runtime/data/parallel.h"
#include "runtime/engine/dues.h"

/* The candidates of a trigger, and how deciding them went wrong. */
struct trigger_candidates {
    struct wf_candidate *items;
    size_t n;
    const char *disagreed; /* the machine and the row evaluator, about what; NULL: about nothing */
};

/* How an instant that fell due stands to the night: most of a trigger's fall due at the same few.
 */
struct lateness {
    int64_t due; /* WF_NO_TIME: none was asked about yet */
    int64_t known_by;
    bool missed;
};

struct deciding {
    struct wf_collect *collect;
    const struct wf_night *night;
    const struct wf_ir *ir;
    struct wf_scalar *scalar;
    struct wf_outcome *out;
    struct wf_contend *contend;
    struct wf_journeys *journeys;
    struct trigger_candidates *candidates;
    struct lateness late;
    struct wf_dues dues; /* of the trigger at hand */
};

/* One occurrence, known and due. */
struct occurrence {
    uint32_t trigger, row;
    uint64_t event;
    int64_t due;
    unsigned char key[16];
};

static struct wf_rule_state *rule_of(const struct deciding *d, uint32_t trigger)
{
    return &d->night->state->rules[d->collect->rules[trigger].state];
}

/* ---- decisions ---- */

static void find_lateness(struct deciding *d, const struct wf_ir_trigger *trigger, int64_t due)
{
    if (d->late.due == due)
        return;
    d->late.due = due;
    d->late.known_by = wf_known_by(d->night->zone, due, trigger->missed_after);
    d->late.missed = wf_is_missed(d->night->zone, trigger, d->late.known_by, d->night->now);
}

static enum wf_status add_actions(struct deciding *d, const struct occurrence *o, bool missed)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[o->trigger];
    enum wf_status st = WF_OK;
    for (uint32_t k = 0; st == WF_OK && k < trigger->actions_count; k++) {
        struct wf_claim claim = {.member = o->row,
                                 .position = k & INT32_MAX,
                                 .event = o->event,
                                 .occurred = o->due,
                                 .missed = missed};
        memcpy(claim.key, o->key, sizeof(o->key));
        st = wf_contend_claim(d->contend, o->trigger, &claim);
    }
    return st;
}

/* The rule's first run with a backfill waives the grace; a crossing is never late. */
static enum wf_status act(struct deciding *d, const struct occurrence *o)
{
    const struct wf_ir_trigger *trigger = &d->ir->triggers[o->trigger];
    bool waived = d->collect->rules[o->trigger].first && trigger->backfill.unit != WF_T_NONE;
    find_lateness(d, trigger, o->due);
    bool missed = trigger->moment != WF_MOMENT_CROSSING && !waived && d->late.missed;
    struct wf_rule_counts *counts = &d->out->rules[o->trigger];
    if (missed)
        counts->missed++;
    else
        counts->acted++;
    if (trigger->journey == WF_NONE)
        return add_actions(d, o, missed);
    struct wf_entering entering = {
        .trigger = o->trigger, .row = o->row, .event = o->event, .due = o->due, .waived = waived};
    memcpy(entering.key, o->key, sizeof(o->key));
    return missed ? WF_OK : wf_journeys_enter(d->journeys, &entering);
}

/* A keyed occurrence: decided once for ever, whatever the decision. */
static enum wf_status decide_keyed(struct deciding *d, const struct occurrence *o, bool guard)
{
    struct wf_rule_state *rule = rule_of(d, o->trigger);
    struct wf_mark mark = {.member = wf_roster_ordinal(d->collect->roster, o->row)};
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

static enum wf_status broken(struct deciding *d, uint32_t trigger, const char *what)
{
    if (wf_scalar_status(d->scalar) != WF_OK)
        return wf_scalar_status(d->scalar); /* it lacked memory, not agreement */
    d->candidates[trigger].disagreed = what;
    return WF_ERR_INTERNAL;
}

static enum wf_status decide_time(struct deciding *d, const struct wf_candidate *c)
{
    struct occurrence o = {.trigger = c->trigger, .row = c->row, .event = WF_NO_EVENT};
    struct wf_value due = wf_dues_of(&d->dues, c->row).due;
    if (!due.present || due.i > d->night->now)
        return broken(d, c->trigger, "a due time");
    o.due = due.i;
    return act(d, &o);
}

static enum wf_status decide_year(struct deciding *d, const struct wf_candidate *c)
{
    struct occurrence o = {.trigger = c->trigger, .row = c->row, .event = WF_NO_EVENT};
    struct wf_due of = wf_dues_of(&d->dues, c->row);
    if (!of.due.present || of.due.i > d->night->now || !of.year.present)
        return broken(d, c->trigger, "an anniversary");
    o.due = of.due.i;
    wf_mark_number(o.key, of.year.i);
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
        return broken(d, c->trigger, "a last event");
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
        return broken(d, c->trigger, "an event");
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
    struct wf_mark mark = {.member = wf_roster_ordinal(d->collect->roster, c->row)};
    size_t n;
    wf_mark_number(o.key, d->night->now);
    if (trigger->journey != WF_NONE)
        return act(d, &o); /* the journey says how often */
    const struct wf_mark *acts = wf_marks_of(&rule->acted, mark.member, &n);
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

/*
 * The worker whose next candidate comes first, WF_NONE: none has any left. Each hands over blocks
 * of WF_BATCH rows in ascending order, and no block is of two workers.
 */
static unsigned first_worker(const struct wf_collect *collect, const size_t *at)
{
    unsigned first = WF_NONE;
    for (unsigned k = 0; k < collect->n_workers; k++)
        if (at[k] < collect->workers[k].n &&
            (first == WF_NONE ||
             collect->workers[k].items[at[k]].row < collect->workers[first].items[at[first]].row))
            first = k;
    return first;
}

struct gathering { /* on as many threads as there are shares */
    struct deciding *deciding;
    unsigned shares;
};

/* A share of the triggers gets its candidates, in the order of rows, from among everybody's. */
static enum wf_status gather_share(void *ctx, unsigned thread, uint32_t share)
{
    const struct gathering *g = ctx;
    const struct wf_collect *collect = g->deciding->collect;
    struct trigger_candidates *of = g->deciding->candidates;
    uint64_t n_triggers = g->deciding->ir->n_triggers;
    uint32_t first = (uint32_t)(n_triggers * share / g->shares);
    uint32_t end = (uint32_t)(n_triggers * (share + 1) / g->shares);
    size_t taken[WF_MAX_THREADS] = {0};
    (void)thread;
    for (unsigned k; (k = first_worker(collect, taken)) != WF_NONE;) {
        const struct wf_collect_worker *worker = &collect->workers[k];
        uint32_t block = worker->items[taken[k]].row / WF_BATCH;
        for (; taken[k] < worker->n && worker->items[taken[k]].row / WF_BATCH == block;
             taken[k]++) {
            const struct wf_candidate *c = &worker->items[taken[k]];
            if (c->trigger >= first && c->trigger < end)
                of[c->trigger].items[of[c->trigger].n++] = *c;
        }
    }
    return WF_OK;
}

/* All workers' candidates, by trigger and then row; `items` holds them all. NULL: no memory. */
static struct wf_candidate *gather(struct deciding *d)
{
    struct wf_collect *collect = d->collect;
    struct trigger_candidates *of = d->candidates;
    struct gathering gathering = {d, d->night->vm.threads};
    size_t n = 0;
    for (unsigned k = 0; k < collect->n_workers; k++) {
        n += collect->workers[k].n;
        for (size_t i = 0; i < collect->workers[k].n; i++)
            of[collect->workers[k].items[i].trigger].n++;
    }
    struct wf_candidate *items = wf_realloc(d->night->alloc, NULL, (n + !n) * sizeof(*items));
    struct wf_candidate *at = items;
    for (uint32_t t = 0; items && t < d->ir->n_triggers; t++) {
        of[t].items = at;
        at += of[t].n;
        of[t].n = 0;
    }
    if (items)
        wf_parallel(gathering.shares, gathering.shares, &gathering, gather_share);
    for (unsigned k = 0; items && k < collect->n_workers; k++) {
        wf_free(d->night->alloc, collect->workers[k].items);
        collect->workers[k].items = NULL;
    }
    return items;
}

/* An event of several rows stands once, for its first row. */
static void unite_rows(const struct deciding *d, struct trigger_candidates *of)
{
    size_t kept = 0;
    uint64_t last = WF_NO_EVENT;
    for (size_t i = 0; i < of->n; i++) {
        const struct wf_candidate *c = &of->items[i];
        uint32_t view = d->ir->triggers[c->trigger].view;
        uint64_t start = start_of(&d->night->data->views[view], c->row, c->event);
        if (last == start)
            continue;
        last = start;
        of->items[kept++] = of->items[i];
    }
    of->n = kept;
}

/* Room for what the candidates of a trigger will claim, where their guards are known already. */
static enum wf_status reserve(const struct deciding *d, uint32_t trigger)
{
    const struct trigger_candidates *of = &d->candidates[trigger];
    size_t n = 0;
    for (size_t i = 0; i < of->n; i++)
        n += of->items[i].guard;
    return wf_contend_reserve(d->contend, trigger, n * d->ir->triggers[trigger].actions_count);
}

static enum wf_status decide_trigger(const struct deciding *common, struct wf_scalar *scalar,
                                     uint32_t trigger)
{
    struct deciding d = *common;
    struct trigger_candidates *of = &d.candidates[trigger];
    enum wf_status st = reserve(common, trigger);
    d.scalar = scalar;
    d.late.due = WF_NO_TIME;
    wf_dues_init(&d.dues, d.ir, &d.ir->triggers[trigger], d.night->data, scalar);
    if (d.ir->triggers[trigger].moment == WF_MOMENT_EVENT)
        unite_rows(&d, of);
    for (size_t i = 0; st == WF_OK && i < of->n; i++) {
        const struct wf_candidate *c = &of->items[i];
        if (i + WF_IDS_AHEAD < of->n) {
            wf_dues_fetch(&d.dues, c[WF_IDS_AHEAD].row);
            wf_roster_fetch(d.collect->roster, c[WF_IDS_AHEAD].row);
        }
        st = decide_one(&d, c);
    }
    return st == WF_OK ? wf_scalar_status(scalar) : st;
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

struct crew {
    const struct deciding *deciding;
    struct wf_scalar *const *scalars; /* by thread */
};

/* Triggers have nothing in common, but for those of journeys. */
static enum wf_status decide_alone(void *ctx, unsigned thread, uint32_t trigger)
{
    const struct crew *crew = ctx;
    if (crew->deciding->ir->triggers[trigger].journey != WF_NONE)
        return WF_OK;
    return decide_trigger(crew->deciding, crew->scalars[thread], trigger);
}

static enum wf_status decide_all(struct deciding *d, struct wf_scalar *const *scalars)
{
    struct crew crew = {d, scalars};
    enum wf_status st = wf_parallel(d->night->vm.threads, d->ir->n_triggers, &crew, decide_alone);
    for (uint32_t i = 0; st == WF_OK && i < d->ir->n_triggers; i++)
        if (d->ir->triggers[i].journey != WF_NONE)
            st = decide_trigger(d, scalars[0], i);
    return st;
}

enum wf_status wf_decide(struct wf_collect *collect, struct wf_scalar *const *scalars,
                         struct wf_contend *contend, struct wf_journeys *journeys,
                         struct wf_buf *why)
{
    const struct wf_night *night = collect->night;
    struct wf_outcome *out = contend->out;
    struct deciding d = {.collect = collect,
                         .night = night,
                         .ir = &night->program->ir,
                         .out = out,
                         .contend = contend,
                         .journeys = journeys};
    d.candidates = wf_calloc(night->alloc, d.ir->n_triggers, sizeof(*d.candidates));
    struct wf_candidate *items = d.candidates ? gather(&d) : NULL;
    enum wf_status st = items ? decide_all(&d, scalars) : WF_ERR_NOMEM;
    for (uint32_t i = 0; why && why->len == 0 && d.candidates && i < d.ir->n_triggers; i++)
        if (d.candidates[i].disagreed)
            wf_buf_addf(why, "the machine and the row evaluator disagree: %s",
                        d.candidates[i].disagreed);
    wf_free(night->alloc, items);
    wf_free(night->alloc, d.candidates);
    if (st != WF_OK)
        return st;
    close_dates(&d);
    for (uint32_t i = 0; i < d.ir->n_triggers; i++) {
        out->rules[i].first = collect->rules[i].first;
        out->rules[i].id = rule_of(&d, i)->id;
    }
    return WF_OK;
}
