/*
 * The calendar, row by row where a value is present. A zone's stretch is kept beside each loop, so
 * an instant costs a lookup only when the offset changes between neighbours.
 */
#include <string.h>

#include "lang/base/checked.h"
#include "lang/base/zone.h"
#include "runtime/vm/latest.h"
#include "runtime/vm/machine.h"

/*
 * A register holds any number as far as the verifier can tell, and the zone's arithmetic may only
 * see what lies about the calendar (a midnight may fall a day outside of it): other lanes are
 * missing.
 */
static bool is_instant(int64_t time)
{
    return time >= WF_MIN_TIME - 2 * WF_DAY_SECONDS && time <= WF_MAX_TIME + 2 * WF_DAY_SECONDS;
}

/* Sets bit i of ok where lane i is present in `both` and EXPRESSION answers true. */
#define EACH_PRESENT(both, EXPRESSION)                                                             \
    do {                                                                                           \
        for (size_t word_ = 0; word_ < wf_bit_words(worker->n); word_++) {                         \
            uint64_t fine_ = 0;                                                                    \
            for (uint64_t left_ = (both)[word_]; left_; left_ &= left_ - 1) {                      \
                unsigned bit_ = (unsigned)__builtin_ctzll(left_);                                  \
                size_t i = word_ * 64 + bit_;                                                      \
                fine_ |= (uint64_t)(EXPRESSION) << bit_;                                           \
            }                                                                                      \
            ok[word_] = fine_;                                                                     \
        }                                                                                          \
    } while (0)

static void both_present(const struct wf_worker *worker, const uint64_t *a, const uint64_t *b,
                         uint64_t *out)
{
    for (size_t i = 0; i < wf_bit_words(worker->n); i++)
        out[i] = a[i] & b[i];
}

/* dst holds the lanes of `ok`; those of `before` that are not are counted as undefined. */
static void conclude(struct wf_worker *worker, struct wf_vreg *dst, const uint64_t *before,
                     const uint64_t *ok)
{
    wf_count_undefined(worker, before, ok);
    memcpy(dst->own_present, ok, wf_bit_words(worker->n) * sizeof(uint64_t));
    dst->data = dst->own;
    dst->present = dst->own_present;
}

/* ---- dates ---- */

static bool shift_date(int32_t day, int64_t by, bool months, int32_t *out)
{
    int64_t sum;
    if (!wf_day_in_calendar(day))
        return false;
    bool fits = months ? wf_day_add_months(day, by, &sum) : wf_day_add_days(day, by, &sum);
    if (fits)
        *out = (int32_t)sum;
    return fits;
}

static void date_add(struct wf_worker *worker, const struct wf_insn *insn, bool months)
{
    const struct wf_vreg a = worker->w[insn->a], b = worker->v[insn->b];
    struct wf_vreg *dst = &worker->w[insn->dst];
    const int32_t *day = a.data;
    const int64_t *by = b.data;
    int32_t *out = dst->own;
    uint64_t both[WF_OWN], ok[WF_OWN];
    both_present(worker, a.present, b.present, both);
    EACH_PRESENT(both, shift_date(day[i], by[i], months, &out[i]));
    conclude(worker, dst, both, ok);
}

void wf_k_date_add_d(struct wf_worker *worker, const struct wf_insn *insn)
{
    date_add(worker, insn, false);
}

void wf_k_date_add_m(struct wf_worker *worker, const struct wf_insn *insn)
{
    date_add(worker, insn, true);
}

static const uint64_t none[WF_OWN] = {0};

void wf_k_date_add_dk(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->w[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    const uint64_t *both = k->present ? a.present : none;
    struct wf_vreg *dst = &worker->w[insn->dst];
    uint64_t ok[WF_OWN], kept[WF_OWN];
    worker->bound->lanes->date_add(a.data, k->i, worker->n, dst->own, ok);
    both_present(worker, both, ok, kept);
    conclude(worker, dst, both, kept);
}

void wf_k_date_add_mk(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->w[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    const uint64_t *both = k->present ? a.present : none;
    struct wf_vreg *dst = &worker->w[insn->dst];
    const int32_t *day = a.data;
    int32_t *out = dst->own;
    uint64_t ok[WF_OWN];
    EACH_PRESENT(both, shift_date(day[i], k->i, true, &out[i]));
    conclude(worker, dst, both, ok);
}

void wf_k_date_diff(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->w[insn->a], b = worker->w[insn->b];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int32_t *x = a.data, *y = b.data;
    int64_t *out = dst->own;
    uint64_t both[WF_OWN];
    for (uint32_t i = 0; i < worker->n; i++)
        out[i] = (int64_t)x[i] - y[i];
    both_present(worker, a.present, b.present, both);
    conclude(worker, dst, both, both);
}

/* ---- instants ---- */

struct zoned {
    const struct wf_zone *zone;
    struct wf_stretch at, to; /* where the lookups of instants and of local times stand */
};

/* Moves along the calendar and keeps the wall clock. */
static bool shift_local(struct zoned *zoned, int64_t time, int64_t by, bool months, int64_t *out)
{
    if (!is_instant(time))
        return false;
    int64_t local = time + wf_stretch_offset(zoned->zone, &zoned->at, time);
    int64_t day = wf_floor_day(local), clock = local - day * WF_DAY_SECONDS;
    if (!(months ? wf_day_add_months(day, by, &day) : wf_day_add_days(day, by, &day)))
        return false;
    *out = wf_stretch_instant(zoned->zone, &zoned->to, day, clock);
    return wf_time_in_calendar(*out);
}

static bool shift_time(struct zoned *zoned, int64_t time, int64_t by, uint8_t unit, int64_t *out)
{
    if (unit == WF_T_SECONDS)
        return wf_add_i64(time, by, out) && wf_time_in_calendar(*out);
    return shift_local(zoned, time, by, unit == WF_T_MONTHS, out);
}

static uint8_t unit_of(uint16_t op)
{
    switch (op) {
    case WF_OP_TIME_ADD_D:
    case WF_OP_TIME_ADD_DK: return WF_T_DAYS;
    case WF_OP_TIME_ADD_M:
    case WF_OP_TIME_ADD_MK: return WF_T_MONTHS;
    default: return WF_T_SECONDS;
    }
}

void wf_k_time_add(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a], b = worker->v[insn->b];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int64_t *time = a.data, *by = b.data;
    int64_t *out = dst->own;
    uint8_t unit = unit_of(insn->op);
    struct zoned zoned = {.zone = worker->bound->params->zone};
    uint64_t both[WF_OWN], ok[WF_OWN];
    both_present(worker, a.present, b.present, both);
    EACH_PRESENT(both, shift_time(&zoned, time[i], by[i], unit, &out[i]));
    conclude(worker, dst, both, ok);
}

void wf_k_time_add_k(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    const uint64_t *both = k->present ? a.present : none;
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int64_t *time = a.data;
    int64_t *out = dst->own;
    uint8_t unit = unit_of(insn->op);
    struct zoned zoned = {.zone = worker->bound->params->zone};
    uint64_t ok[WF_OWN];
    EACH_PRESENT(both, shift_time(&zoned, time[i], k->i, unit, &out[i]));
    conclude(worker, dst, both, ok);
}

void wf_k_time_diff(struct wf_worker *worker, const struct wf_insn *insn)
{
    wf_k_arith_i(worker, insn);
}

static bool midnight(struct zoned *zoned, int32_t day, int64_t *out)
{
    if (!wf_day_in_calendar(day))
        return false;
    *out = wf_stretch_instant(zoned->zone, &zoned->to, day, 0);
    return true;
}

void wf_k_midnight(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->w[insn->a];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int32_t *day = a.data;
    int64_t *out = dst->own;
    struct zoned zoned = {.zone = worker->bound->params->zone};
    uint64_t ok[WF_OWN];
    EACH_PRESENT(a.present, midnight(&zoned, day[i], &out[i]));
    conclude(worker, dst, a.present, ok);
}

static bool local_date(struct zoned *zoned, int64_t time, int32_t *out)
{
    if (!is_instant(time))
        return false;
    int64_t day = wf_stretch_day(zoned->zone, &zoned->at, time);
    *out = (int32_t)day;
    return wf_day_in_calendar(day);
}

void wf_k_date_of(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    struct wf_vreg *dst = &worker->w[insn->dst];
    const int64_t *time = a.data;
    int32_t *out = dst->own;
    struct zoned zoned = {.zone = worker->bound->params->zone};
    uint64_t ok[WF_OWN];
    EACH_PRESENT(a.present, local_date(&zoned, time[i], &out[i]));
    conclude(worker, dst, a.present, ok);
}

static bool local_clock(struct zoned *zoned, int64_t time, int64_t *out)
{
    if (!is_instant(time))
        return false;
    int64_t local = time + wf_stretch_offset(zoned->zone, &zoned->at, time);
    *out = local - wf_floor_day(local) * WF_DAY_SECONDS;
    return true;
}

void wf_k_clock_of(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int64_t *time = a.data;
    int64_t *out = dst->own;
    struct zoned zoned = {.zone = worker->bound->params->zone};
    uint64_t ok[WF_OWN];
    EACH_PRESENT(a.present, local_clock(&zoned, time[i], &out[i]));
    conclude(worker, dst, a.present, ok);
}

/* ---- anniversaries ---- */

struct asked {
    const struct wf_bound *bound;
    uint32_t anniv;
    bool year;
    struct wf_latest latest;
};

static bool anniversary(struct asked *asked, int32_t day, int64_t *out)
{
    int64_t due, year;
    bool some = wf_latest_anniversary(&asked->latest, &asked->bound->program->ir,
                                      asked->bound->params, asked->anniv, day, &due, &year);
    *out = asked->year ? year : due;
    return some;
}

void wf_k_anniversary(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->w[insn->a];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int32_t *day = a.data;
    int64_t *out = dst->own;
    uint64_t ok[WF_OWN];
    struct asked asked = {
        .bound = worker->bound, .anniv = insn->c, .year = insn->op == WF_OP_ANNIV_YEAR};
    EACH_PRESENT(a.present, anniversary(&asked, day[i], &out[i]));
    conclude(worker, dst, ok, ok); /* none yet is not undefined */
}
