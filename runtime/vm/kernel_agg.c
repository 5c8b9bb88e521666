/*
 * Reductions. The rows of a piece come as segments, one a member; a member's state is begun, fed
 * and finished in one reduction record, so only the results are written to memory, and a member of
 * any number of rows is only more pieces. Meaning: scalar.h.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/base/zone.h"
#include "runtime/vm/agg.h"

static void fail(struct wf_worker *worker, enum wf_status status)
{
    if (!worker->status)
        worker->status = status;
}

/* ---- values ---- */

/* Sums while every addition is exact; from the first that is not, a wide sum holds everything. */
static void float_add(struct wf_float_sum *sum, double x)
{
    if (!sum->wide) {
        double s = sum->fast + x, part = s - sum->fast;
        double lost = (sum->fast - (s - part)) + (x - part);
        if (lost == 0) { /* not where s overflowed: then it is NaN */
            sum->fast = s;
            return;
        }
        wf_exact_init(&sum->exact);
        wf_exact_add(&sum->exact, sum->fast);
        sum->wide = true;
    }
    wf_exact_add(&sum->exact, x);
}

static double float_round(struct wf_float_sum *sum)
{
    return sum->wide ? wf_exact_round(&sum->exact) : sum->fast + 0.0;
}

static void collect(struct wf_worker *worker, struct wf_reduction *r, int64_t v)
{
    if (r->n_list == r->room_list &&
        wf_grow(worker->bound->alloc, &r->list, &r->room_list, r->n_list + 1, sizeof(*r->list))) {
        fail(worker, WF_ERR_NOMEM);
        return;
    }
    r->list[r->n_list++] = v;
}

/* A value that surely counts, or one that may. */
static void add_value(const struct wf_source *source, struct wf_reduction *r, int64_t v,
                      bool surely)
{
    if (source->type == WF_T_NUMBER) {
        double x = wf_number_of(v);
        if (surely)
            float_add(&r->fsum, x);
        if (surely || x < 0)
            float_add(&r->flow, x);
        if (surely || x > 0)
            float_add(&r->fhigh, x);
        return;
    }
    r->sum += surely ? v : 0;
    r->low += surely || v < 0 ? v : 0;
    r->high += surely || v > 0 ? v : 0;
}

/* ---- one row ---- */

static void take_value(const struct wf_source *source, struct wf_reduction *r, uint32_t row)
{
    int64_t v = wf_value_of(source, row);
    switch (source->agg->kind) {
    case WF_AGG_SUM:
    case WF_AGG_AVERAGE: add_value(source, r, v, true); break;
    case WF_AGG_MIN:
        if (!r->has_value || wf_value_less(source, v, r->value))
            r->value = v;
        break;
    case WF_AGG_MAX:
        if (!r->has_value || wf_value_less(source, r->value, v))
            r->value = v;
        break;
    case WF_AGG_DISTINCT:
        if (source->type == WF_T_NUMBER && wf_number_of(v) == 0)
            v = 0; /* -0.0 is 0.0 */
        collect(source->worker, r, v);
        break;
    default: break;
    }
    r->has_value = true;
}

static void row_counts(const struct wf_source *source, struct wf_reduction *r, uint32_t row)
{
    uint8_t kind = source->agg->kind;
    bool present = source->class_ && wf_bit(source->present, row);
    if (!r->rows++)
        r->first = source->worker->row + row;
    r->last = source->worker->row + row;
    if ((kind == WF_AGG_FIRST_OF && r->rows == 1) || kind == WF_AGG_LAST_OF) {
        r->has_value = present;
        r->value = present ? wf_value_of(source, row) : 0;
        return;
    }
    if (kind == WF_AGG_FIRST_OF)
        return;
    if (present)
        take_value(source, r, row);
    else
        r->lacking++;
}

static void row_open(const struct wf_source *source, struct wf_reduction *r, uint32_t row)
{
    r->open_rows++;
    if (!source->class_)
        return;
    if (!wf_bit(source->present, row))
        r->open_lacking++;
    else if (source->agg->kind == WF_AGG_SUM)
        add_value(source, r, wf_value_of(source, row), false);
}

/* ---- events ---- */

static void close_event(struct wf_reduction *r)
{
    r->events += r->in_true;
    r->open_events += r->in_open && !r->in_true;
    r->in_true = r->in_open = false;
}

/* The first row of an event that counts. */
static void event_counts(const struct wf_source *source, struct wf_reduction *r, uint32_t row)
{
    uint8_t kind = source->agg->kind;
    if (kind == WF_AGG_GAP || kind == WF_AGG_HOUR)
        collect(source->worker, r, source->events->at[source->worker->row + row]);
}

static void row_by_row(const struct wf_source *source, struct wf_reduction *r,
                       const struct wf_segment *segment)
{
    const uint64_t *known = source->events->at_known;
    for (uint32_t row = segment->start; row < segment->end; row++) {
        if (!source->begins || wf_bit(source->begins, row))
            close_event(r);
        if (!wf_bit(source->k, row)) {
            row_open(source, r, row);
            r->in_open = true;
        } else if (wf_bit(source->t, row)) {
            row_counts(source, r, row);
            r->timeless |= known && !wf_bit(known, source->worker->row + row);
            if (!r->in_true)
                event_counts(source, r, row);
            r->in_true = true;
        }
    }
}

/* ---- the last step ---- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void sort(int64_t *list, size_t n)
{
    if (n > 32) {
        qsort(list, n, sizeof(*list), by_size);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        int64_t v = list[i];
        size_t at = i;
        for (; at && list[at - 1] > v; at--)
            list[at] = list[at - 1];
        list[at] = v;
    }
}

/* How many different values there are; the list is sorted then. */
static uint64_t sorted_distinct(struct wf_reduction *r)
{
    sort(r->list, r->n_list);
    uint64_t n = r->n_list != 0;
    for (size_t i = 1; i < r->n_list; i++)
        n += r->list[i] != r->list[i - 1];
    return n;
}

/* Values that are small, as codes of texts mostly are, need no order: they have a bit each. */
static uint64_t distinct(struct wf_reduction *r)
{
    enum { SMALL = 512 };
    uint64_t seen[SMALL / 64] = {0}, n = 0;
    for (size_t i = 0; i < r->n_list; i++) {
        uint64_t value = (uint64_t)r->list[i], bit = UINT64_C(1) << value % 64;
        if (value >= SMALL)
            return sorted_distinct(r);
        n += !(seen[value / 64] & bit);
        seen[value / 64] |= bit;
    }
    return n;
}

static bool gap(const struct wf_worker *worker, struct wf_reduction *r, int64_t *out)
{
    const struct wf_zone *zone = worker->bound->params->zone;
    struct wf_stretch span = {0};
    for (size_t i = 0; i < r->n_list; i++) {
        r->list[i] = wf_stretch_day(zone, &span, r->list[i]);
        if (!wf_day_in_calendar(r->list[i]))
            return false;
    }
    uint64_t days = sorted_distinct(r);
    if (days < 2)
        return false;
    *out = wf_mean_gap(r->list[0], r->list[r->n_list - 1], days);
    return true;
}

static bool hour(const struct wf_worker *worker, struct wf_reduction *r, int64_t *out)
{
    const struct wf_zone *zone = worker->bound->params->zone;
    struct wf_stretch span = {0};
    uint64_t hours[24] = {0};
    for (size_t i = 0; i < r->n_list; i++) {
        int64_t local = r->list[i] + wf_stretch_offset(zone, &span, r->list[i]);
        hours[(local - wf_floor_day(local) * WF_DAY_SECONDS) / 3600]++;
    }
    *out = wf_fullest_hour(hours);
    return r->n_list != 0;
}

static bool average(const struct wf_source *source, struct wf_reduction *r, int64_t *out)
{
    double mean = source->type == WF_T_NUMBER
                      ? float_round(&r->fsum) / (double)r->rows
                      : wf_mean_whole(r->sum, r->rows, source->type == WF_T_MONEY);
    memcpy(out, &mean, sizeof(mean));
    return isfinite(mean);
}

/* The value of a kind that has no bounds; false: there is none. */
static bool taken(const struct wf_source *source, struct wf_reduction *r, int64_t *out)
{
    const int64_t *at = source->events->at;
    if (!r->rows)
        return false;
    switch (source->agg->kind) {
    case WF_AGG_AVERAGE: return average(source, r, out);
    case WF_AGG_FIRST: *out = at[r->first]; return true;
    case WF_AGG_LAST: *out = at[r->last]; return true;
    case WF_AGG_GAP: return gap(source->worker, r, out);
    case WF_AGG_HOUR: return hour(source->worker, r, out);
    default: *out = r->value; return r->has_value;
    }
}

static bool is_sure(const struct wf_source *source, const struct wf_reduction *r)
{
    switch (source->agg->kind) {
    case WF_AGG_COUNT: return !r->open_events;
    case WF_AGG_FIRST:
    case WF_AGG_LAST:
    case WF_AGG_GAP:
    case WF_AGG_HOUR: return !r->open_events && !r->timeless;
    case WF_AGG_SUM:
    case WF_AGG_AVERAGE:
    case WF_AGG_MIN:
    case WF_AGG_MAX: return !r->open_rows && !r->lacking;
    default: return !r->open_rows;
    }
}

static void put(const struct wf_source *source, struct wf_reduction *r, uint32_t member, int part,
                bool present, int64_t v)
{
    if (!present || !r->part_k[part])
        return;
    wf_bit_set(r->part_k[part], member);
    switch (wf_kind_of_type(source->agg->type)) {
    case 'B':
        if (v)
            wf_bit_set(r->value_t, member);
        break;
    case 'D': ((int32_t *)r->part[part])[member] = (int32_t)v; break;
    default: ((int64_t *)r->part[part])[member] = v; break;
    }
}

static void put_sum(const struct wf_source *source, struct wf_reduction *r, uint32_t member,
                    int part, wf_wide whole, struct wf_float_sum *number)
{
    int64_t v = 0;
    bool fits;
    if (source->type == WF_T_NUMBER) {
        double rounded = float_round(number);
        memcpy(&v, &rounded, sizeof(v));
        fits = isfinite(rounded);
    } else {
        fits = wf_sum_fits(whole, &v);
    }
    source->worker->undefined += part == WF_PART_VALUE && !fits;
    put(source, r, member, part, fits, v);
}

static void finish(const struct wf_source *source, struct wf_reduction *r, uint32_t member)
{
    close_event(r);
    bool sure = is_sure(source, r);
    int64_t v = 0;
    if (sure && r->sure)
        wf_bit_set(r->sure, member);
    switch (source->agg->kind) {
    case WF_AGG_COUNT:
        put(source, r, member, WF_PART_VALUE, sure, (int64_t)r->events);
        put(source, r, member, WF_PART_LO, true, (int64_t)r->events);
        put(source, r, member, WF_PART_HI, true, (int64_t)(r->events + r->open_events));
        break;
    case WF_AGG_DISTINCT:
        v = (int64_t)distinct(r);
        put(source, r, member, WF_PART_VALUE, sure, v);
        put(source, r, member, WF_PART_LO, true, v);
        put(source, r, member, WF_PART_HI, true, v + (int64_t)r->open_rows);
        break;
    case WF_AGG_SUM:
        if (r->lacking || r->open_lacking)
            break;
        if (sure)
            put_sum(source, r, member, WF_PART_VALUE, r->sum, &r->fsum);
        put_sum(source, r, member, WF_PART_LO, r->low, &r->flow);
        put_sum(source, r, member, WF_PART_HI, r->high, &r->fhigh);
        break;
    default: {
        bool some = sure && taken(source, r, &v);
        put(source, r, member, WF_PART_VALUE, some, v);
    }
    }
}

static void begin(struct wf_reduction *r)
{
    r->rows = r->open_rows = r->lacking = r->open_lacking = r->events = r->open_events = 0;
    r->in_true = r->in_open = r->timeless = r->has_value = false;
    r->sum = r->low = r->high = 0;
    r->fsum.fast = r->flow.fast = r->fhigh.fast = 0;
    r->fsum.wide = r->flow.wide = r->fhigh.wide = false;
    r->n_list = 0;
}

static void feed(const struct wf_source *source, struct wf_reduction *r,
                 const struct wf_segment *segment)
{
    if (segment->begins)
        begin(r);
    row_by_row(source, r, segment);
    if (segment->ends)
        finish(source, r, segment->member);
}

/* The rows that forbid the short way: undecided ones, and those that count but lack a value. */
static bool find_dirty(const struct wf_source *source, uint64_t *dirty)
{
    const struct wf_worker *worker = source->worker;
    uint8_t kind = source->agg->kind;
    bool values =
        kind == WF_AGG_SUM || kind == WF_AGG_AVERAGE || kind == WF_AGG_MIN || kind == WF_AGG_MAX;
    uint64_t any = 0;
    if (kind == WF_AGG_COUNT && !source->begins)
        return false; /* undecided rows are counted like the others */
    for (size_t i = 0; i < wf_bit_words(worker->n); i++) {
        dirty[i] = worker->ones[i] & ~source->k[i];
        if (values)
            dirty[i] |= source->t[i] & ~source->present[i];
        any |= dirty[i];
    }
    return any != 0;
}

static bool is_dirty(const uint64_t *dirty, const struct wf_segment *segment)
{
    uint64_t any = 0;
    for (uint32_t at = segment->start; at < segment->end; at += 64)
        any |= wf_bit_range(dirty, at, segment->end - at < 64 ? segment->end - at : 64);
    return any != 0;
}

/* None of no rows counts, what they add up to is 0, there is no first of them, and all of that is
 * sure. */
static void settle_idle(const struct wf_source *source, struct wf_reduction *r)
{
    const struct wf_worker *worker = source->worker;
    size_t words = wf_bit_words(worker->n_members);
    uint8_t kind = source->agg->kind;
    bool zero = kind == WF_AGG_COUNT || kind == WF_AGG_DISTINCT || kind == WF_AGG_SUM;
    for (int p = 0; zero && p < 3; p++) {
        for (size_t i = 0; r->part_k[p] && i < words; i++)
            r->part_k[p][i] |= worker->idle[i];
        if (r->part_k[p])
            memset(r->part[p], 0, worker->n_members * sizeof(int64_t));
    }
    for (size_t i = 0; r->sure && i < words; i++)
        r->sure[i] |= worker->idle[i];
}

/* Members that are here in whole and clean are done many at once, the others row by row. */
static void reduce(const struct wf_source *source, struct wf_reduction *r)
{
    const struct wf_worker *worker = source->worker;
    const struct wf_segment *segments = worker->segments;
    uint64_t dirty[WF_OWN];
    bool some = find_dirty(source, dirty);
    if (worker->n_idle &&
        worker->row == source->events->first[worker->member]) /* the first piece */
        settle_idle(source, r);
    for (uint32_t i = 0, end; i < worker->n_segments; i = end) {
        for (end = i; end < worker->n_segments && segments[end].begins && segments[end].ends &&
                      !(some && is_dirty(dirty, &segments[end]));)
            end++;
        if (end > i && wf_reduce_at_once(source, r, i, end))
            continue;
        end += end == i;
        for (uint32_t j = i; j < end; j++)
            feed(source, r, &segments[j]);
    }
}

void wf_k_reduce(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_bound *bound = worker->bound;
    struct wf_reduction *r = &worker->reductions[insn->c];
    struct wf_source source = {.worker = worker, .agg = &bound->program->ir.aggs[insn->c]};
    const struct wf_breg *filter = &worker->b[insn->a];
    uint64_t begins[WF_OWN];
    source.events = &bound->data->views[source.agg->view];
    source.t = filter->t;
    source.k = filter->k;
    if (insn->op != WF_OP_REDUCE)
        source.type = bound->program->ir.nodes[source.agg->value].type;
    if (insn->op == WF_OP_REDUCE_B) {
        source.class_ = 'B';
        source.bits = worker->b[insn->b].t;
        source.present = worker->b[insn->b].k;
    } else if (insn->op != WF_OP_REDUCE) {
        const struct wf_vreg *v =
            insn->op == WF_OP_REDUCE_V ? &worker->v[insn->b] : &worker->w[insn->b];
        source.class_ = insn->op == WF_OP_REDUCE_V ? 'V' : 'W';
        source.lanes = v->data;
        source.present = v->present;
    }
    if (source.events->begins && worker->n) {
        wf_bits_load(begins, source.events->begins, worker->row, worker->n);
        source.begins = begins;
    }
    reduce(&source, r);
}

void wf_reductions_reset(struct wf_worker *worker)
{
    const struct wf_ir *ir = &worker->bound->program->ir;
    size_t bytes = WF_OWN * sizeof(uint64_t);
    for (uint32_t i = 0; i < ir->n_aggs; i++) {
        struct wf_reduction *r = &worker->reductions[i];
        for (int part = 0; part < 3; part++)
            if (r->part_k[part])
                memset(r->part_k[part], 0, bytes);
        if (r->value_t)
            memset(r->value_t, 0, bytes);
        if (r->sure)
            memset(r->sure, 0, bytes);
    }
}
