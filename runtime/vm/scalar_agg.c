/* The aggregates of the row evaluator: one walk over a member's rows for each. */
#include <math.h>
#include <stdlib.h>

#include "lang/base/limits.h"
#include "lang/base/zone.h"
#include "runtime/vm/exact.h"
#include "runtime/vm/reduce.h"
#include "runtime/vm/scalar_impl.h"

/* What a walk over the rows of one member gathers. */
struct tally {
    uint64_t events, open_events;      /* that count; that are undecided */
    uint64_t rows, open_rows;          /* likewise */
    uint64_t lacking, open_lacking;    /* rows without a value, of each sort */
    uint64_t first, last;              /* rows that count */
    wf_wide sum, low, high;            /* whole numbers */
    struct wf_exact fsum, flow, fhigh; /* numbers */
    struct wf_value least, most;
    struct wf_value *values; /* DISTINCT: values; GAP, HOUR: an instant an event */
    size_t n_values, room_values;
    bool timeless; /* a row that counts has no time */
};

static void fail(struct wf_scalar *scalar, enum wf_status status)
{
    if (!scalar->status)
        scalar->status = status;
}

static bool bit_of(const uint64_t *bits, uint64_t row)
{
    return !bits || (bits[row / 64] >> (row % 64) & 1);
}

static struct wf_value time_of(const struct wf_events *events, uint64_t row)
{
    return bit_of(events->at_known, row) ? wf_int_value(WF_T_TIME, events->at[row])
                                         : wf_missing(WF_T_TIME);
}

static void collect(struct wf_scalar *scalar, struct tally *tally, struct wf_value v)
{
    if (wf_grow(scalar->alloc, &tally->values, &tally->room_values, tally->n_values + 1,
                sizeof(*tally->values))) {
        fail(scalar, WF_ERR_NOMEM);
        return;
    }
    tally->values[tally->n_values++] = v;
}

/* Adds a value that surely counts, or (undecided) one that may. */
static void add_value(struct tally *tally, struct wf_value v, bool surely)
{
    if (v.type == WF_T_NUMBER) {
        if (surely)
            wf_exact_add(&tally->fsum, v.f);
        if (surely || v.f < 0)
            wf_exact_add(&tally->flow, v.f);
        if (surely || v.f > 0)
            wf_exact_add(&tally->fhigh, v.f);
        return;
    }
    if (v.type == WF_T_TEXT || v.type == WF_T_SET)
        return;
    tally->sum += surely ? v.i : 0;
    tally->low += surely || v.i < 0 ? v.i : 0;
    tally->high += surely || v.i > 0 ? v.i : 0;
}

static void count_row(struct wf_scalar *scalar, const struct wf_ir_agg *agg, struct tally *tally,
                      uint64_t row, int truth, struct wf_value v)
{
    if (truth < 0) {
        tally->open_rows++;
        tally->open_lacking += !v.present;
        if (v.present)
            add_value(tally, v, false);
        return;
    }
    if (!tally->rows++)
        tally->first = row;
    tally->last = row;
    if (!v.present) {
        tally->lacking++;
        return;
    }
    add_value(tally, v, true);
    if (agg->kind == WF_AGG_DISTINCT)
        collect(scalar, tally, v);
    if (agg->kind != WF_AGG_MIN && agg->kind != WF_AGG_MAX)
        return;
    if (!tally->least.present || wf_value_compare(v, tally->least) < 0)
        tally->least = v;
    if (!tally->most.present || wf_value_compare(v, tally->most) > 0)
        tally->most = v;
}

/* Walks the rows start .. end - 1 of one event. */
static void count_event(struct wf_scalar *scalar, const struct wf_ir_agg *agg, struct tally *tally,
                        uint64_t start, uint64_t end)
{
    const struct wf_events *events = &scalar->data->views[agg->view];
    bool counts = false, open = false;
    for (uint64_t row = start; row < end; row++) {
        wf_scalar_event(scalar, agg->view, row);
        int truth = wf_scalar_truth(scalar, agg->filter);
        if (truth == 0)
            continue;
        struct wf_value v = wf_missing(WF_T_NONE);
        if (agg->value != WF_NONE)
            v = wf_scalar_value(scalar, agg->value);
        count_row(scalar, agg, tally, row, truth, v);
        open |= truth < 0;
        if (truth < 0)
            continue;
        struct wf_value at = time_of(events, row);
        tally->timeless |= !at.present;
        if (!counts && (agg->kind == WF_AGG_GAP || agg->kind == WF_AGG_HOUR))
            collect(scalar, tally, at);
        counts = true;
    }
    tally->events += counts;
    tally->open_events += open && !counts;
}

static void walk(struct wf_scalar *scalar, const struct wf_ir_agg *agg, struct tally *tally)
{
    const struct wf_events *events = &scalar->data->views[agg->view];
    struct wf_event_span rows = wf_events_of(events, scalar->member);
    struct wf_standing standing = wf_scalar_leave(scalar, agg->view);
    for (uint64_t row = rows.row, next; row < rows.end; row = next) {
        next = row + 1;
        while (next < rows.end && !bit_of(events->begins, next))
            next++;
        if (!wf_scalar_is_marked(scalar, &scalar->hidden, agg->view, row))
            count_event(scalar, agg, tally, row, next);
    }
    wf_scalar_return(scalar, agg->view, standing);
}

/* ---- the last step ---- */

static struct wf_value whole(uint8_t type, wf_wide sum)
{
    int64_t fits;
    return wf_sum_fits(sum, &fits) ? wf_int_value(type, fits) : wf_missing(type);
}

static void finish_sum(const struct wf_ir_agg *agg, struct tally *tally, struct wf_agg_memo *memo)
{
    struct wf_value *part = memo->part;
    if (tally->lacking || tally->open_lacking)
        return;
    if (agg->type == WF_T_NUMBER) {
        part[WF_PART_VALUE] = wf_number_value(wf_exact_round(&tally->fsum));
        part[WF_PART_LO] = wf_number_value(wf_exact_round(&tally->flow));
        part[WF_PART_HI] = wf_number_value(wf_exact_round(&tally->fhigh));
    } else {
        part[WF_PART_VALUE] = whole(agg->type, tally->sum);
        part[WF_PART_LO] = whole(agg->type, tally->low);
        part[WF_PART_HI] = whole(agg->type, tally->high);
    }
}

static struct wf_value average(struct wf_scalar *scalar, const struct wf_ir_agg *agg,
                               struct tally *tally)
{
    uint8_t type = scalar->ir->nodes[agg->value].type;
    if (type == WF_T_NUMBER)
        return wf_number_value(wf_exact_round(&tally->fsum) / (double)tally->rows);
    return wf_number_value(wf_mean_whole(tally->sum, tally->rows, type == WF_T_MONEY));
}

static int by_value(const void *a, const void *b)
{
    struct wf_value x = *(const struct wf_value *)a, y = *(const struct wf_value *)b;
    if (x.type == WF_T_SET)
        x.type = y.type = WF_T_TEXT;
    return wf_value_compare(x, y);
}

static uint64_t distinct(struct tally *tally)
{
    if (!tally->n_values)
        return 0;
    qsort(tally->values, tally->n_values, sizeof(*tally->values), by_value);
    uint64_t n = 1;
    for (size_t i = 1; i < tally->n_values; i++)
        n += by_value(&tally->values[i - 1], &tally->values[i]) != 0;
    return n;
}

/* Turns the instants into local dates or clocks; false: one is off the calendar. */
static bool localise(struct wf_scalar *scalar, struct tally *tally, bool date)
{
    const struct wf_zone *zone = scalar->params->zone;
    for (size_t i = 0; i < tally->n_values; i++) {
        struct wf_value *v = &tally->values[i];
        *v = date ? wf_value_date_of(zone, *v) : wf_value_clock_of(zone, *v);
        if (!v->present)
            return false;
    }
    return true;
}

static struct wf_value gap(struct wf_scalar *scalar, struct tally *tally)
{
    if (!localise(scalar, tally, true))
        return wf_missing(WF_T_DAYS);
    uint64_t days = distinct(tally);
    if (days < 2)
        return wf_missing(WF_T_DAYS);
    int64_t first = tally->values[0].i, last = tally->values[tally->n_values - 1].i;
    return wf_int_value(WF_T_DAYS, wf_mean_gap(first, last, days));
}

static struct wf_value hour(struct wf_scalar *scalar, struct tally *tally)
{
    uint64_t hours[24] = {0};
    if (!tally->n_values || !localise(scalar, tally, false))
        return wf_missing(WF_T_CLOCK);
    for (size_t i = 0; i < tally->n_values; i++)
        hours[tally->values[i].i / 3600]++;
    return wf_int_value(WF_T_CLOCK, wf_fullest_hour(hours));
}

static struct wf_value of_row(struct wf_scalar *scalar, const struct wf_ir_agg *agg, uint64_t row)
{
    struct wf_standing standing = wf_scalar_leave(scalar, agg->view);
    wf_scalar_event(scalar, agg->view, row);
    struct wf_value v = wf_scalar_value(scalar, agg->value);
    wf_scalar_return(scalar, agg->view, standing);
    return v;
}

/* The kinds that have no bounds and nothing to take when no row counts. */
static struct wf_value taken(struct wf_scalar *scalar, const struct wf_ir_agg *agg,
                             struct tally *tally)
{
    const struct wf_events *events = &scalar->data->views[agg->view];
    if (!tally->rows)
        return wf_missing(agg->type);
    switch (agg->kind) {
    case WF_AGG_AVERAGE: return average(scalar, agg, tally);
    case WF_AGG_MIN: return tally->least;
    case WF_AGG_MAX: return tally->most;
    case WF_AGG_FIRST: return time_of(events, tally->first);
    case WF_AGG_LAST: return time_of(events, tally->last);
    case WF_AGG_FIRST_OF: return of_row(scalar, agg, tally->first);
    case WF_AGG_LAST_OF: return of_row(scalar, agg, tally->last);
    case WF_AGG_GAP: return gap(scalar, tally);
    default: return hour(scalar, tally);
    }
}

static bool is_sure(const struct wf_ir_agg *agg, const struct tally *tally)
{
    switch (agg->kind) {
    case WF_AGG_COUNT: return !tally->open_events;
    case WF_AGG_FIRST:
    case WF_AGG_LAST:
    case WF_AGG_GAP:
    case WF_AGG_HOUR: return !tally->open_events && !tally->timeless;
    case WF_AGG_SUM:
    case WF_AGG_AVERAGE:
    case WF_AGG_MIN:
    case WF_AGG_MAX: return !tally->open_rows && !tally->lacking;
    default: return !tally->open_rows;
    }
}

static void finish(struct wf_scalar *scalar, const struct wf_ir_agg *agg, struct tally *tally,
                   struct wf_agg_memo *memo)
{
    struct wf_value *part = memo->part;
    bool sure = is_sure(agg, tally);
    for (int p = 0; p < 3; p++)
        part[p] = wf_missing(agg->type);
    part[WF_PART_SURE] = wf_bool_value(sure);
    memo->row = agg->kind == WF_AGG_FIRST ? tally->first : tally->last;
    if (agg->kind == WF_AGG_SUM) {
        finish_sum(agg, tally, memo);
    } else if (agg->kind == WF_AGG_COUNT) {
        part[WF_PART_VALUE] = part[WF_PART_LO] = whole(WF_T_INT, (wf_wide)tally->events);
        part[WF_PART_HI] = whole(WF_T_INT, (wf_wide)(tally->events + tally->open_events));
    } else if (agg->kind == WF_AGG_DISTINCT) {
        uint64_t n = distinct(tally);
        part[WF_PART_VALUE] = part[WF_PART_LO] = whole(WF_T_INT, (wf_wide)n);
        part[WF_PART_HI] = whole(WF_T_INT, (wf_wide)(n + tally->open_rows));
    } else if (sure) {
        part[WF_PART_VALUE] = taken(scalar, agg, tally);
    }
    if (!sure)
        part[WF_PART_VALUE] = wf_missing(agg->type);
}

const struct wf_agg_memo *wf_scalar_agg(struct wf_scalar *scalar, uint32_t index)
{
    const struct wf_ir_agg *agg = &scalar->ir->aggs[index];
    struct wf_agg_memo *memo = &scalar->aggs[index];
    uint64_t now = scalar->serial[WF_DOM_MEMBER];
    if (memo->stamp == now)
        return memo;
    struct tally tally = {0};
    struct wf_agg_memo made = {.stamp = now};
    if (scalar->depth >= WF_MAX_NESTING) {
        fail(scalar, WF_ERR_LIMIT);
    } else {
        scalar->depth++;
        walk(scalar, agg, &tally);
        finish(scalar, agg, &tally, &made);
        scalar->depth--;
    }
    wf_free(scalar->alloc, tally.values);
    *memo = made;
    return memo;
}

/* ---- FOLLOWED ---- */

/* Whether a later row at `then` is within reach of one at `at`: 1, 0, or -1 where unknown. */
static int reaches(struct wf_value at, struct wf_value end, struct wf_value then)
{
    if (!at.present || !then.present)
        return -1;
    if (then.i <= at.i)
        return 0;
    if (!end.present)
        return -1;
    return then.i <= end.i;
}

struct wf_value wf_scalar_followed(struct wf_scalar *scalar, uint32_t view,
                                   const struct wf_ir_follow *follow, struct wf_value first)
{
    const struct wf_events *mine = &scalar->data->views[view];
    const struct wf_events *other = &scalar->data->views[follow->view];
    if (first.present && !first.i)
        return first;
    if (scalar->depth >= WF_MAX_NESTING) {
        fail(scalar, WF_ERR_LIMIT);
        return wf_missing(WF_T_BOOL);
    }
    scalar->depth++;
    struct wf_value at = time_of(mine, scalar->row[view]);
    struct wf_value end =
        wf_value_time_add(scalar->params->zone, at, wf_int_value(follow->unit, follow->within));
    struct wf_value held = wf_bool_value(false);
    struct wf_standing standing = wf_scalar_leave(scalar, follow->view);
    struct wf_event_span rows = wf_events_of(other, scalar->member);
    for (uint64_t row = rows.row; row < rows.end; row++) {
        int reach = reaches(at, end, time_of(other, row));
        if (!reach || wf_scalar_is_marked(scalar, &scalar->hidden, follow->view, row))
            continue;
        wf_scalar_event(scalar, follow->view, row);
        int truth = wf_scalar_truth(scalar, follow->filter);
        if (truth == 0)
            continue;
        held = truth > 0 && reach > 0 ? wf_bool_value(true) : wf_missing(WF_T_BOOL);
        if (held.present)
            break;
    }
    wf_scalar_return(scalar, follow->view, standing);
    scalar->depth--;
    return wf_value_and(first, held);
}
