/*
 * Reductions of many members at once, where every row is surely in or out and no value is lacking:
 * the common case, a few instructions a row.
 */
#include "lang/base/zone.h"
#include "runtime/vm/agg.h"

/* The segments to be reduced: whole members, one after the other of those who have rows. */
struct part_of {
    const struct wf_source *source;
    const struct wf_segment *segments;
    uint32_t n;
    struct wf_reduction *r;
};

/* A bit for each of the members. */
static void set_all(const struct part_of *part, uint64_t *bits)
{
    const uint64_t *idle = part->source->worker->idle;
    uint32_t from = part->segments[0].member, end = part->segments[part->n - 1].member + 1;
    for (uint32_t i = from; bits && i < end;) {
        uint32_t len = 64 - i % 64 < end - i ? 64 - i % 64 : end - i;
        bits[i / 64] |= wf_bit_mask(len) << (i % 64) & ~idle[i / 64];
        i += len;
    }
}

/* Everything is known: it is sure, and each part (of those that are read) is there. */
static void all_present(const struct part_of *part)
{
    for (int p = 0; p < 3; p++)
        set_all(part, part->r->part_k[p]);
    set_all(part, part->r->sure);
}

/* Each member's number, the same for VALUE, LO and HI. */
static void put_same(const struct part_of *part, const int64_t *numbers)
{
    const struct wf_segment *segments = part->segments;
    bool dense = segments[part->n - 1].member - segments[0].member == part->n - 1;
    for (int p = 0; p < 3; p++) {
        int64_t *lanes = part->r->part[p];
        if (!part->r->part_k[p])
            continue;
        if (dense)
            memcpy(lanes + segments[0].member, numbers, part->n * sizeof(*lanes));
        for (uint32_t i = 0; !dense && i < part->n; i++)
            lanes[segments[i].member] = numbers[i];
    }
}

/* One value that may not be there; the lanes are those of the aggregate's type. */
static void put_value(const struct part_of *part, uint32_t i, int64_t v)
{
    uint32_t member = part->segments[i].member;
    struct wf_reduction *r = part->r;
    if (!r->part_k[WF_PART_VALUE])
        return;
    wf_bit_set(r->part_k[WF_PART_VALUE], member);
    if (r->value_t && v)
        wf_bit_set(r->value_t, member);
    else if (!r->value_t && wf_kind_of_type(part->source->agg->type) == 'D')
        ((int32_t *)r->part[WF_PART_VALUE])[member] = (int32_t)v;
    else if (!r->value_t)
        ((int64_t *)r->part[WF_PART_VALUE])[member] = v;
}

/* ---- counts ---- */

/* How many of each member's rows have their bit set. */
static void rows_of(const struct part_of *part, const uint64_t *bits, uint32_t *rows)
{
    const struct wf_worker *worker = part->source->worker;
    uint32_t ends[WF_BATCH + 1];
    ends[0] = part->n ? part->segments[0].start : 0;
    for (uint32_t i = 0; i < part->n; i++)
        ends[i + 1] = part->segments[i].end;
    worker->bound->lanes->ranks(bits, ends, part->n + 1, rows);
    for (uint32_t i = 0; i < part->n; i++)
        rows[i] = rows[i + 1] - rows[i];
}

/* Of the n <= 64 low bits: how many runs, each starting at a bit of `begins`, hold a bit of t. */
static uint32_t runs_with(uint64_t t, uint64_t begins, uint32_t n)
{
    /* per run: adding all ones below its last bit carries into that bit iff a lower one is set */
    uint64_t ends = begins >> 1 | UINT64_C(1) << (n - 1), below = ~ends;
    return (uint32_t)wf_bit_count((((t & below) + below) | t) & ends & wf_bit_mask(n));
}

static uint32_t events_in(const struct wf_source *source, const struct wf_segment *segment)
{
    uint32_t n = segment->end - segment->start, events = 0;
    bool counted = false;
    if (n && n <= 64)
        return runs_with(wf_bit_range(source->t, segment->start, n),
                         wf_bit_range(source->begins, segment->start, n), n);
    for (uint32_t row = segment->start; row < segment->end; row++) {
        counted &= !wf_bit(source->begins, row);
        events += !counted && wf_bit(source->t, row);
        counted |= wf_bit(source->t, row);
    }
    return events;
}

/* The undecided rows; false: there are none. */
static bool find_open(const struct wf_source *source, uint64_t *open)
{
    uint64_t any = 0;
    for (size_t i = 0; i < wf_bit_words(source->worker->n); i++) {
        open[i] = source->worker->ones[i] & ~source->k[i];
        any |= open[i];
    }
    return any != 0;
}

/* Each row an event: those that count, and up to so many more as are undecided. */
static void put_bounds(const struct part_of *part, const uint32_t *rows, const uint32_t *open)
{
    const struct wf_reduction *r = part->r;
    int64_t *low = r->part[WF_PART_LO], *high = r->part[WF_PART_HI];
    for (uint32_t i = 0; i < part->n; i++) {
        uint32_t member = part->segments[i].member;
        if (low)
            low[member] = rows[i];
        if (high)
            high[member] = (int64_t)rows[i] + open[i];
        if (open[i])
            continue;
        put_value(part, i, rows[i]);
        if (r->sure)
            wf_bit_set(r->sure, member);
    }
    set_all(part, r->part_k[WF_PART_LO]);
    set_all(part, r->part_k[WF_PART_HI]);
}

static bool count(const struct part_of *part)
{
    const struct wf_source *source = part->source;
    uint32_t rows[WF_BATCH + 1], more[WF_BATCH + 1];
    int64_t events[WF_BATCH];
    uint64_t open[WF_OWN];
    if (!source->begins) {
        rows_of(part, source->t, rows);
        if (find_open(source, open)) {
            rows_of(part, open, more);
            put_bounds(part, rows, more);
            return true;
        }
    }
    for (uint32_t i = 0; i < part->n; i++)
        events[i] = source->begins ? events_in(source, &part->segments[i]) : rows[i];
    put_same(part, events);
    all_present(part);
    return true;
}

/* ---- sums of whole numbers ---- */

/* Each member's sum is what was added up to its end less what was up to its start: one loop over
 * the rows of all, without a branch. Below 2^52 no piece of rows overflows 64 bits. */
static bool sums_of(const struct part_of *part, int64_t *sums)
{
    const int64_t *lanes = part->source->lanes;
    const uint64_t *t = part->source->t;
    uint32_t end = part->segments[part->n - 1].end;
    uint64_t before[WF_BATCH + 1], sum = 0, large = 0;
    for (uint32_t row = part->segments[0].start; row < end; row++) {
        uint64_t v = (uint64_t)lanes[row] & -(t[row / 64] >> (row % 64) & 1);
        large |= (v + (UINT64_C(1) << 52)) >> 53;
        before[row] = sum;
        sum += v;
    }
    before[end] = sum;
    for (uint32_t i = 0; i < part->n; i++)
        sums[i] = (int64_t)(before[part->segments[i].end] - before[part->segments[i].start]);
    return !large;
}

static bool sum(const struct part_of *part)
{
    int64_t sums[WF_BATCH + 1];
    if (part->source->type == WF_T_NUMBER || !sums_of(part, sums))
        return false;
    put_same(part, sums);
    all_present(part);
    return true;
}

static bool average(const struct part_of *part)
{
    int64_t sums[WF_BATCH + 1], bits;
    uint32_t rows[WF_BATCH + 1];
    if (part->source->type == WF_T_NUMBER || !sums_of(part, sums))
        return false;
    rows_of(part, part->source->t, rows);
    for (uint32_t i = 0; i < part->n; i++) {
        if (!rows[i])
            continue;
        double mean = wf_mean_whole(sums[i], rows[i], part->source->type == WF_T_MONEY);
        memcpy(&bits, &mean, sizeof(bits));
        put_value(part, i, bits);
    }
    set_all(part, part->r->sure);
    return true;
}

/* ---- one row of each member ---- */

static bool first_row(const uint64_t *t, const struct wf_segment *segment, uint32_t *row_out)
{
    for (uint32_t at = segment->start; at < segment->end; at += 64) {
        uint32_t left = segment->end - at;
        uint64_t word = wf_bit_range(t, at, left < 64 ? left : 64);
        if (!word)
            continue;
        *row_out = at + (uint32_t)__builtin_ctzll(word);
        return true;
    }
    return false;
}

static bool last_row(const uint64_t *t, const struct wf_segment *segment, uint32_t *row_out)
{
    for (uint32_t end = segment->end; end > segment->start;) {
        uint32_t n = end - segment->start < 64 ? end - segment->start : 64;
        uint64_t word = wf_bit_range(t, end - n, n);
        if (word) {
            *row_out = end - n + 63 - (uint32_t)__builtin_clzll(word);
            return true;
        }
        end -= n;
    }
    return false;
}

static bool one_row(const struct part_of *part)
{
    const struct wf_source *source = part->source;
    uint8_t kind = source->agg->kind;
    bool last = kind == WF_AGG_LAST || kind == WF_AGG_LAST_OF;
    bool of_value = kind == WF_AGG_FIRST_OF || kind == WF_AGG_LAST_OF;
    const int64_t *at = source->events->at + source->worker->row;
    if (!of_value && source->events->at_known)
        return false;
    for (uint32_t i = 0; i < part->n; i++) {
        uint32_t row;
        if (last ? last_row(source->t, &part->segments[i], &row)
                 : first_row(source->t, &part->segments[i], &row)) {
            if (!of_value || wf_bit(source->present, row))
                put_value(part, i, of_value ? wf_value_of(source, row) : at[row]);
        }
    }
    set_all(part, part->r->sure);
    return true;
}

/* ---- the least, the most, and how many different ---- */

/* Of whole numbers: each row is looked at, without a branch. The least of the complements is the
 * complement of the most. */
static bool whole_extreme(const struct wf_source *source, const struct wf_segment *segment,
                          int64_t flip, int64_t *out)
{
    const int64_t *lanes = source->lanes;
    int64_t best = INT64_MAX;
    uint64_t any = 0;
    for (uint32_t row = segment->start; row < segment->end; row++) {
        uint64_t bit = source->t[row / 64] >> (row % 64) & 1;
        int64_t v = bit ? lanes[row] ^ flip : INT64_MAX;
        best = v < best ? v : best;
        any |= bit;
    }
    *out = best ^ flip;
    return any != 0;
}

static bool any_extreme(const struct wf_source *source, const struct wf_segment *segment, bool most,
                        int64_t *out)
{
    int64_t best = 0;
    bool any = false;
    for (uint32_t at = segment->start; at < segment->end; at += 64) {
        uint32_t left = segment->end - at;
        uint64_t word = wf_bit_range(source->t, at, left < 64 ? left : 64);
        for (; word; word &= word - 1) {
            int64_t v = wf_value_of(source, at + (uint32_t)__builtin_ctzll(word));
            if (!any || wf_value_less(source, most ? best : v, most ? v : best))
                best = v;
            any = true;
        }
    }
    *out = best;
    return any;
}

static bool extreme(const struct part_of *part)
{
    const struct wf_source *source = part->source;
    bool most = source->agg->kind == WF_AGG_MAX;
    bool whole = source->class_ == 'V' && source->type != WF_T_NUMBER;
    for (uint32_t i = 0; i < part->n; i++) {
        const struct wf_segment *segment = &part->segments[i];
        int64_t best;
        if (whole ? whole_extreme(source, segment, -(int64_t)most, &best)
                  : any_extreme(source, segment, most, &best))
            put_value(part, i, best);
    }
    set_all(part, part->r->sure);
    return true;
}

/* Distinct numbers, ascending. */
struct distinct {
    int64_t seen[64];
    uint32_t n;
};

static void note(struct distinct *distinct, int64_t v)
{
    int64_t *seen = distinct->seen;
    uint32_t at = distinct->n;
    while (at && seen[at - 1] >= v)
        at--;
    if (at < distinct->n && seen[at] == v)
        return;
    memmove(seen + at + 1, seen + at, (distinct->n - at) * sizeof(*seen));
    seen[at] = v;
    distinct->n++;
}

/* Of at most 64 rows. */
static uint32_t different_in(const struct wf_source *source, uint32_t start, uint64_t rows)
{
    struct distinct distinct = {.n = 0};
    for (; rows; rows &= rows - 1) {
        int64_t v = wf_value_of(source, start + (uint32_t)__builtin_ctzll(rows));
        if (source->type == WF_T_NUMBER && wf_number_of(v) == 0)
            v = 0; /* -0.0 is 0.0 */
        note(&distinct, v);
    }
    return distinct.n;
}

/* Codes of texts, enums, small numbers: for each, the member of whom it was seen last. */
struct small {
    uint16_t seen[1024];
};

/* False: not all values are small. */
static bool small_in(const struct wf_source *source, const struct wf_segment *segment,
                     struct small *small, uint16_t member, int64_t *n_out)
{
    uint32_t different = 0;
    for (uint32_t at = segment->start; at < segment->end; at += 64) {
        uint32_t n = segment->end - at < 64 ? segment->end - at : 64;
        uint64_t rows = wf_bit_range(source->t, at, n) & wf_bit_range(source->present, at, n);
        for (; rows; rows &= rows - 1) {
            uint64_t v = (uint64_t)wf_value_of(source, at + (uint32_t)__builtin_ctzll(rows));
            if (v >= sizeof(small->seen) / sizeof(*small->seen))
                return false;
            different += small->seen[v] != member;
            small->seen[v] = member;
        }
    }
    *n_out = different;
    return true;
}

static bool all_short(const struct part_of *part)
{
    for (uint32_t i = 0; i < part->n; i++)
        if (part->segments[i].end - part->segments[i].start > 64)
            return false;
    return true;
}

static bool different(const struct part_of *part)
{
    const struct wf_source *source = part->source;
    int64_t counts[WF_BATCH];
    struct small small = {{0}};
    for (uint32_t i = 0; i < part->n; i++) {
        const struct wf_segment *segment = &part->segments[i];
        uint32_t n = segment->end - segment->start;
        if (small_in(source, segment, &small, (uint16_t)(i + 1), &counts[i]))
            continue;
        if (n > 64)
            return false;
        counts[i] = different_in(source, segment->start,
                                 wf_bit_range(source->t, segment->start, n) &
                                     wf_bit_range(source->present, segment->start, n));
    }
    put_same(part, counts);
    all_present(part);
    return true;
}

/* ---- days and hours; each row an event ---- */

static bool gap_of(const struct part_of *part, struct wf_stretch *stretch, uint32_t start,
                   uint64_t rows, int64_t *gap_out)
{
    const struct wf_zone *zone = part->source->worker->bound->params->zone;
    const int64_t *at = part->source->events->at + part->source->worker->row + start;
    struct distinct days = {.n = 0};
    for (; rows; rows &= rows - 1) {
        int64_t day = wf_stretch_day(zone, stretch, at[__builtin_ctzll(rows)]);
        if (!wf_day_in_calendar(day))
            return false;
        note(&days, day);
    }
    if (days.n < 2)
        return false;
    *gap_out = wf_mean_gap(days.seen[0], days.seen[days.n - 1], days.n);
    return true;
}

static bool hour_of(const struct part_of *part, struct wf_stretch *stretch, uint32_t start,
                    uint64_t rows, int64_t *hour_out)
{
    const struct wf_zone *zone = part->source->worker->bound->params->zone;
    const int64_t *at = part->source->events->at + part->source->worker->row + start;
    uint64_t hours[24] = {0};
    if (!rows)
        return false;
    for (; rows; rows &= rows - 1) {
        int64_t time = at[__builtin_ctzll(rows)];
        int64_t local = time + wf_stretch_offset(zone, stretch, time);
        hours[(local - wf_floor_day(local) * WF_DAY_SECONDS) / 3600]++;
    }
    *hour_out = wf_fullest_hour(hours);
    return true;
}

static bool habit(const struct part_of *part)
{
    const struct wf_source *source = part->source;
    struct wf_stretch stretch = {0};
    if (source->begins || source->events->at_known || !all_short(part))
        return false;
    for (uint32_t i = 0; i < part->n; i++) {
        const struct wf_segment *segment = &part->segments[i];
        uint64_t rows = wf_bit_range(source->t, segment->start, segment->end - segment->start);
        int64_t v;
        if (source->agg->kind == WF_AGG_GAP ? gap_of(part, &stretch, segment->start, rows, &v)
                                            : hour_of(part, &stretch, segment->start, rows, &v))
            put_value(part, i, v);
    }
    set_all(part, part->r->sure);
    return true;
}

bool wf_reduce_at_once(const struct wf_source *source, struct wf_reduction *r, uint32_t first,
                       uint32_t end)
{
    const struct wf_segment *segments = source->worker->segments + first;
    struct part_of part = {source, segments, end - first, r};
    if (first == end)
        return true;
    switch (source->agg->kind) {
    case WF_AGG_COUNT: return count(&part);
    case WF_AGG_SUM: return sum(&part);
    case WF_AGG_AVERAGE: return average(&part);
    case WF_AGG_MIN:
    case WF_AGG_MAX: return extreme(&part);
    case WF_AGG_DISTINCT: return different(&part);
    case WF_AGG_FIRST:
    case WF_AGG_LAST:
    case WF_AGG_FIRST_OF:
    case WF_AGG_LAST_OF: return one_row(&part);
    case WF_AGG_GAP:
    case WF_AGG_HOUR: return habit(&part);
    default: return false;
    }
}
