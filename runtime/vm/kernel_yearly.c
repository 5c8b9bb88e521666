/*
 * Comparisons of an anniversary's due instant with a constant of the run: a function of one date,
 * decided for every day of the last centuries when the program is bound, looked up by row.
 *
 * Of two dates of one month and day, the latest anniversary that is due falls in the same year, so
 * 366 questions to the calendar answer all: a date has that anniversary if it lies before its year.
 */
#include <string.h>

#include "lang/base/zone.h"
#include "runtime/vm/machine.h"

enum { YEARS_BACK = 130, YEARS_ON = 3, LEAP_YEAR = 1600, OUTSIDE = 0 };

/* The latest due anniversary of each month and day; year INT64_MIN: none. */
struct almanac {
    int64_t due[13][32], year[13][32];
};

static struct wf_anniv_offset offset_of(const struct wf_bound *bound, const struct wf_insn *insn)
{
    const struct wf_ir_anniv *anniv = &bound->program->ir.annivs[insn->d];
    return (struct wf_anniv_offset){anniv->months, anniv->days, anniv->seconds,
                                    (enum wf_feb29)anniv->feb29};
}

static void ask_calendar(const struct wf_bound *bound, const struct wf_anniv_offset *offset,
                         struct almanac *almanac)
{
    for (int month = 1; month <= 12; month++) {
        for (int day = 1; day <= wf_month_days(LEAP_YEAR, month); day++) {
            int64_t from = wf_civil_to_day(LEAP_YEAR, month, day);
            if (!wf_zone_anniversary(bound->params->zone, from, offset, bound->params->now,
                                     &almanac->due[month][day], &almanac->year[month][day]))
                almanac->year[month][day] = INT64_MIN;
        }
    }
}

static bool holds(uint16_t op, int64_t due, int64_t time)
{
    switch (op) {
    case WF_OP_LT_AK: return due < time;
    case WF_OP_LE_AK: return due <= time;
    case WF_OP_GT_AK: return due > time;
    default: return due >= time;
    }
}

static void set_bit(uint32_t *bits, uint32_t i)
{
    bits[i / 32] |= UINT32_C(1) << (i % 32);
}

enum { YEAR_WORDS = 366 / 32 + 1 };

/* The answers for a year all of whose days have their anniversary: one bit a day. */
struct whole_year {
    uint32_t t[YEAR_WORDS], k[YEAR_WORDS];
    bool all_true;
};

static void fill_whole(const struct almanac *almanac, const struct wf_insn *insn, int64_t time,
                       int64_t year, struct whole_year *whole)
{
    uint32_t i = 0;
    *whole = (struct whole_year){.all_true = true};
    for (int month = 1; month <= 12; month++)
        for (int day = 1; day <= wf_month_days(year, month); day++, i++) {
            set_bit(whole->k, i);
            if (holds(insn->op, almanac->due[month][day], time))
                set_bit(whole->t, i);
            else
                whole->all_true = false;
        }
}

/* Entry `at` and those behind it take the bits of a year; what lies beyond it is zero. */
static void put_year(uint32_t *bits, uint32_t at, const uint32_t *year)
{
    for (uint32_t w = 0; w < YEAR_WORDS; w++) {
        uint64_t word = (uint64_t)year[w] << (at % 32);
        bits[at / 32 + w] |= (uint32_t)word;
        if (word >> 32)
            bits[at / 32 + w + 1] |= (uint32_t)(word >> 32);
    }
}

/* The days of a year some of which have no anniversary that is due. */
static void put_days(const struct almanac *almanac, const struct wf_insn *insn, int64_t time,
                     int64_t year, uint32_t at, struct wf_days *days)
{
    for (int month = 1; month <= 12; month++)
        for (int day = 1; day <= wf_month_days(year, month); day++, at++) {
            int32_t number = days->first + (int32_t)at - 1;
            if (almanac->year[month][day] <= year) {
                days->known_before = number < days->known_before ? number : days->known_before;
                continue;
            }
            set_bit(days->k, at);
            if (holds(insn->op, almanac->due[month][day], time))
                set_bit(days->t, at);
            else
                days->all_true = false;
        }
}

/* The first year that some month and day has no due anniversary of. */
static int64_t first_open_year(const struct almanac *almanac)
{
    int64_t first = INT64_MAX;
    for (int month = 1; month <= 12; month++)
        for (int day = 1; day <= wf_month_days(LEAP_YEAR, month); day++)
            first = almanac->year[month][day] < first ? almanac->year[month][day] : first;
    return first;
}

/* Entry 0 stands for every day outside; entry i for day first + i - 1. */
static void fill_days(const struct almanac *almanac, const struct wf_insn *insn, int64_t time,
                      int64_t from, int64_t to, struct wf_days *days)
{
    struct whole_year whole[2]; /* common, leap */
    int64_t open = first_open_year(almanac);
    uint32_t at = 1;
    fill_whole(almanac, insn, time, LEAP_YEAR + 1, &whole[0]);
    fill_whole(almanac, insn, time, LEAP_YEAR, &whole[1]);
    days->all_true = true;
    days->known_before = days->first + (int32_t)days->n - 1;
    for (int64_t year = from; year < to; year++) {
        uint32_t n = (uint32_t)(wf_civil_to_day(year + 1, 1, 1) - wf_civil_to_day(year, 1, 1));
        if (year < open) {
            put_year(days->k, at, whole[n - 365].k);
            put_year(days->t, at, whole[n - 365].t);
            days->all_true &= whole[n - 365].all_true;
        } else {
            put_days(almanac, insn, time, year, at, days);
        }
        at += n;
    }
}

enum wf_status wf_tabulate_anniversary(struct wf_bound *bound, const struct wf_insn *insn,
                                       struct wf_aux *aux)
{
    const struct wf_held *held = &bound->held[insn->c];
    struct wf_anniv_offset offset = offset_of(bound, insn);
    struct almanac almanac;
    aux->known = held->present;
    if (!held->present || !wf_time_in_calendar(bound->params->now))
        return WF_OK;
    int64_t year = wf_day_to_civil(wf_floor_day(bound->params->now)).year;
    int64_t from = year - YEARS_BACK, to = year + YEARS_ON;
    if (from <= LEAP_YEAR || to > 9999)
        return WF_OK; /* no table: day by day */
    struct wf_days *days = wf_arena_alloc(&bound->arena, sizeof(*days));
    if (!days)
        return WF_ERR_NOMEM;
    days->first = (int32_t)wf_civil_to_day(from, 1, 1);
    days->n = (uint32_t)(wf_civil_to_day(to, 1, 1) - days->first) + 1;
    days->t = wf_arena_array(&bound->arena, days->n / 32 + YEAR_WORDS, sizeof(uint32_t));
    days->k = wf_arena_array(&bound->arena, days->n / 32 + YEAR_WORDS, sizeof(uint32_t));
    if (!days->t || !days->k)
        return WF_ERR_NOMEM;
    ask_calendar(bound, &offset, &almanac);
    fill_days(&almanac, insn, held->i, from, to, days);
    aux->days = days;
    return WF_OK;
}

/* ---- by row ---- */

/* One date that no table holds. */
static void ask_row(struct wf_worker *worker, const struct wf_insn *insn, int32_t day, uint32_t row,
                    struct wf_breg *dst)
{
    const struct wf_bound *bound = worker->bound;
    struct wf_anniv_offset offset = offset_of(bound, insn);
    int64_t due, year;
    if (!wf_day_in_calendar(day) ||
        !wf_zone_anniversary(bound->params->zone, day, &offset, bound->params->now, &due, &year))
        return;
    wf_bit_set(dst->own_k, row);
    if (holds(insn->op, due, bound->held[insn->c].i))
        wf_bit_set(dst->own_t, row);
}

/* Places in the table; OUTSIDE where it has none. Answers whether some row, present or not, is. */
static bool find_places(const struct wf_worker *worker, const struct wf_vreg *a,
                        const struct wf_days *days, uint32_t *places)
{
    const int32_t *lanes = a->data;
    uint32_t base = (uint32_t)days->first - 1, n = days->n, low = UINT32_MAX;
    for (uint32_t i = 0; i < worker->n; i++) {
        uint32_t place = (uint32_t)lanes[i] - base;
        places[i] = place < n ? place : OUTSIDE;
        low = places[i] < low ? places[i] : low;
    }
    return low == OUTSIDE;
}

static bool some_present_outside(const struct wf_worker *worker, const struct wf_vreg *a,
                                 const uint32_t *places)
{
    for (size_t w = 0; w < wf_bit_words(worker->n); w++)
        for (uint64_t left = a->present[w]; left; left &= left - 1)
            if (places[w * 64 + (size_t)__builtin_ctzll(left)] == OUTSIDE)
                return true;
    return false;
}

/*
 * Rules ask many anniversaries of one date: a column's places serve all of them in a piece. Which
 * rows are present is not kept with them: one column's data may stand in registers that differ in
 * that.
 */
static const uint32_t *places_of(struct wf_worker *worker, const struct wf_vreg *a,
                                 const struct wf_days *days, bool *outside)
{
    struct wf_places *kept = &worker->places;
    if (a->data == a->own || kept->of != a->data || kept->row != worker->row ||
        kept->n != worker->n || kept->first != days->first) {
        kept->outside = find_places(worker, a, days, kept->place);
        kept->of = a->data == a->own ? NULL : a->data;
        kept->row = worker->row;
        kept->n = worker->n;
        kept->first = days->first;
    }
    *outside = kept->outside && some_present_outside(worker, a, kept->place);
    return kept->place;
}

/* Whether all that is present lies before the first day without an anniversary. */
static bool all_known(const struct wf_worker *worker, const struct wf_vreg *a,
                      const struct wf_days *days)
{
    uint64_t early[WF_OWN];
    worker->bound->lanes->cmp_w(WF_CMP_LT, a->data, &days->known_before, true, worker->n, early);
    for (size_t i = 0; i < wf_bit_words(worker->n); i++)
        if (a->present[i] & ~early[i])
            return false;
    return true;
}

static void look_up(struct wf_worker *worker, const struct wf_vreg *a, const struct wf_days *days,
                    const uint32_t *places, struct wf_breg *dst)
{
    const struct wf_lanes *lanes = worker->bound->lanes;
    size_t words = wf_bit_words(worker->n);
    if (all_known(worker, a, days))
        memcpy(dst->own_k, worker->ones, words * sizeof(uint64_t));
    else
        lanes->lookup(days->k, places, worker->n, dst->own_k);
    if (days->all_true)
        memcpy(dst->own_t, dst->own_k, words * sizeof(uint64_t));
    else
        lanes->lookup(days->t, places, worker->n, dst->own_t);
    for (size_t i = 0; i < words; i++) {
        dst->own_k[i] &= a->present[i];
        dst->own_t[i] &= dst->own_k[i];
    }
}

void wf_k_cmp_ak(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->w[insn->a];
    const struct wf_aux *aux = &worker->bound->aux[insn - worker->bound->program->insns];
    const int32_t *lanes = a->data;
    struct wf_breg *dst = &worker->b[insn->dst];
    const uint32_t *places = NULL;
    bool outside = aux->known;
    if (aux->days) {
        places = places_of(worker, a, aux->days, &outside);
        look_up(worker, a, aux->days, places, dst);
    } else {
        memset(dst->own_t, 0, wf_bit_words(worker->n) * sizeof(uint64_t));
        memset(dst->own_k, 0, wf_bit_words(worker->n) * sizeof(uint64_t));
    }
    for (uint32_t i = 0; outside && i < worker->n; i++) {
        if (!wf_bit(a->present, i) || (places && places[i] != OUTSIDE))
            continue;
        if (places) { /* all_known may have said more than it knew */
            dst->own_t[i / 64] &= ~(UINT64_C(1) << (i % 64));
            dst->own_k[i / 64] &= ~(UINT64_C(1) << (i % 64));
        }
        ask_row(worker, insn, lanes[i], i, dst);
    }
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}
