/*
 * Comparisons of an anniversary's due instant with a constant of the run: a function of one date,
 * decided for every day of the last centuries when the program is bound, looked up by row.
 *
 * Of two dates of one month and day, the latest anniversary that is due falls in the same year, so
 * 366 questions to the calendar answer all: a date has that anniversary if it lies before its year.
 * Years all of whose days have theirs are alike, and share 366 places; each later day is one of its
 * own.
 */
#include <string.h>

#include "lang/base/zone.h"
#include "runtime/vm/machine.h"

enum { YEARS_BACK = 130, YEARS_ON = 3, LEAP_YEAR = 1600, LEAP_DAYS = 366, FEB_29 = 59 };

/* The latest due anniversary of each month and day; year INT64_MIN: none. */
struct almanac {
    int64_t due[13][32], year[13][32];
};

/* The days that there is a table for, and where they stand in it. */
struct span {
    int64_t from, open, to; /* years; those before `open` are alike */
    int32_t first, own;     /* days: the first of all; the first that has a place of its own */
    uint32_t days, places;
};

static struct wf_anniv_offset offset_of(const struct wf_bound *bound, uint32_t anniv)
{
    const struct wf_ir_anniv *by = &bound->program->ir.annivs[anniv];
    return (struct wf_anniv_offset){by->months, by->days, by->seconds, (enum wf_feb29)by->feb29};
}

static void ask_calendar(const struct wf_bound *bound, uint32_t anniv, struct almanac *almanac)
{
    struct wf_anniv_offset offset = offset_of(bound, anniv);
    for (int month = 1; month <= 12; month++) {
        for (int day = 1; day <= wf_month_days(LEAP_YEAR, month); day++) {
            int64_t from = wf_civil_to_day(LEAP_YEAR, month, day);
            if (!wf_zone_anniversary(bound->params->zone, from, &offset, bound->params->now,
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

/* The first year that some month and day has no due anniversary of. */
static int64_t first_open_year(const struct almanac *almanac)
{
    int64_t first = INT64_MAX;
    for (int month = 1; month <= 12; month++)
        for (int day = 1; day <= wf_month_days(LEAP_YEAR, month); day++)
            first = almanac->year[month][day] < first ? almanac->year[month][day] : first;
    return first;
}

static bool is_asked(const struct wf_bound *bound, uint32_t i)
{
    uint16_t op = bound->program->insns[i].op;
    return op >= WF_OP_LT_AK && op <= WF_OP_GE_AK && bound->aux[i].known;
}

/* One almanac for each anniversary that is asked about. NULL: no memory. */
static struct almanac **make_almanacs(struct wf_bound *bound, struct span *span)
{
    const struct wf_program *program = bound->program;
    struct almanac **of =
        wf_arena_array(&bound->arena, program->ir.n_annivs + (size_t)1, sizeof(*of));
    for (uint32_t i = 0; of && i < program->n_insns; i++) {
        uint32_t anniv = program->insns[i].d;
        if (!is_asked(bound, i) || of[anniv])
            continue;
        of[anniv] = wf_arena_alloc(&bound->arena, sizeof(**of));
        if (!of[anniv])
            return NULL;
        ask_calendar(bound, anniv, of[anniv]);
        int64_t open = first_open_year(of[anniv]);
        span->open = open < span->open ? open : span->open;
    }
    return of;
}

/* ---- places ---- */

/* False: the calendar does not reach far enough; then it is asked day by day. */
static bool span_years(const struct wf_bound *bound, struct span *span)
{
    if (!wf_time_in_calendar(bound->params->now))
        return false;
    int64_t year = wf_day_to_civil(wf_floor_day(bound->params->now)).year;
    *span = (struct span){.from = year - YEARS_BACK, .to = year + YEARS_ON};
    span->open = span->to;
    return span->from > LEAP_YEAR && span->to <= 9999;
}

static void lay_out(struct span *span)
{
    span->open = span->open < span->from ? span->from : span->open;
    span->first = (int32_t)wf_civil_to_day(span->from, 1, 1);
    span->own = (int32_t)wf_civil_to_day(span->open, 1, 1);
    span->days = (uint32_t)(wf_civil_to_day(span->to, 1, 1) - span->first);
    span->places = LEAP_DAYS + span->days - (uint32_t)(span->own - span->first);
}

/* The kinds of places become the kinds of days. */
static enum wf_status spread(struct wf_bound *bound, const struct span *span,
                             struct wf_kinds *kinds)
{
    uint8_t *of = wf_arena_array(&bound->arena, (size_t)span->days + 1, 1), *to = of;
    if (!of)
        return WF_ERR_NOMEM;
    for (int64_t year = span->from; year < span->open; year++) {
        bool leap = wf_month_days(year, 2) == 29;
        memcpy(to, kinds->of, FEB_29);
        to += FEB_29;
        memcpy(to, kinds->of + FEB_29 + !leap, (size_t)(LEAP_DAYS - FEB_29 - !leap));
        to += LEAP_DAYS - FEB_29 - !leap;
    }
    memcpy(to, kinds->of + LEAP_DAYS, span->places - LEAP_DAYS);
    of[span->days] = WF_KIND_OUTSIDE;
    kinds->of = of;
    kinds->n = span->days;
    return WF_OK;
}

/* ---- the answers ---- */

/* By place: a bit where the anniversary is known, where it holds. */
struct answers {
    uint32_t *t, *k;
};

static void answer(struct answers *answers, uint32_t place, bool is)
{
    answers->k[place / 32] |= UINT32_C(1) << (place % 32);
    answers->t[place / 32] |= (uint32_t)is << (place % 32);
}

static bool answer_all(struct wf_bound *bound, const struct wf_insn *insn, const struct span *span,
                       const struct almanac *almanac, struct answers *answers)
{
    int64_t time = bound->held[insn->c].i;
    size_t words = span->places / 32 + 1;
    uint32_t place = 0;
    answers->t = wf_arena_array(&bound->arena, words, sizeof(uint32_t));
    answers->k = wf_arena_array(&bound->arena, words, sizeof(uint32_t));
    if (!answers->t || !answers->k)
        return false;
    for (int month = 1; month <= 12; month++)
        for (int day = 1; day <= wf_month_days(LEAP_YEAR, month); day++)
            answer(answers, place++, holds(insn->op, almanac->due[month][day], time));
    for (int64_t year = span->open; year < span->to; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= wf_month_days(year, month); day++, place++)
                if (almanac->year[month][day] > year)
                    answer(answers, place, holds(insn->op, almanac->due[month][day], time));
    return true;
}

/* What instruction i asks, of kinds that tell all its answers apart. */
static enum wf_status ask(struct wf_bound *bound, uint32_t i, const struct wf_kinds *kinds,
                          const struct span *span, const struct answers *answers)
{
    struct wf_asked *asked = wf_arena_alloc(&bound->arena, sizeof(*asked));
    if (!asked)
        return WF_ERR_NOMEM;
    *asked = (struct wf_asked){
        .kinds = kinds, .count = kinds->count, .first = span->first, .sure = true};
    asked->sorting = wf_sorting_of(bound, bound->aux[i].column, kinds, span->first);
    wf_kinds_table(kinds, answers->t, asked->t);
    wf_kinds_table(kinds, answers->k, asked->k);
    for (uint32_t kind = WF_KIND_OUTSIDE + 1; kind < kinds->count; kind++)
        asked->sure &= wf_bit(asked->k, kind);
    asked->always = memcmp(asked->t, asked->k, sizeof(asked->t)) == 0;
    bound->aux[i].asked = asked;
    return WF_OK;
}

/* Those from instruction i on that the same kinds can serve. */
static enum wf_status share_kinds(struct wf_bound *bound, uint32_t i, const struct span *span,
                                  const struct answers *answers, bool *done)
{
    uint32_t n = bound->program->n_insns;
    struct wf_kinds *kinds = wf_arena_alloc(&bound->arena, sizeof(*kinds));
    if (!kinds || wf_kinds_init(kinds, span->places, &bound->arena))
        return WF_ERR_NOMEM;
    uint32_t from = i, end = i;
    for (; i < n; i++) {
        if (!answers[i].t || done[i])
            continue;
        if (!wf_kinds_tell(kinds, answers[i].t, answers[i].k))
            break; /* the next kinds begin here */
        done[i] = true;
        end = i + 1;
    }
    enum wf_status status = WF_OK;
    for (i = from; i < end && !status; i++)
        if (answers[i].t && !bound->aux[i].asked)
            status = ask(bound, i, kinds, span, &answers[i]);
    return status ? status : spread(bound, span, kinds);
}

enum wf_status wf_tabulate_anniversaries(struct wf_bound *bound)
{
    const struct wf_program *program = bound->program;
    size_t n = program->n_insns;
    struct span span;
    bool any = false;
    for (uint32_t i = 0; i < n; i++)
        any |= is_asked(bound, i);
    if (!any || !span_years(bound, &span))
        return WF_OK;
    struct almanac **almanacs = make_almanacs(bound, &span);
    struct answers *answers = wf_arena_array(&bound->arena, n, sizeof(*answers));
    bool *done = wf_arena_array(&bound->arena, n, sizeof(*done));
    if (!almanacs || !answers || !done)
        return WF_ERR_NOMEM;
    lay_out(&span);
    for (uint32_t i = 0; i < n; i++) {
        const struct wf_insn *insn = &program->insns[i];
        if (is_asked(bound, i) && !answer_all(bound, insn, &span, almanacs[insn->d], &answers[i]))
            return WF_ERR_NOMEM;
    }
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; i < n && !status; i++)
        if (answers[i].t && !done[i])
            status = share_kinds(bound, i, &span, answers, done);
    return status;
}

/* ---- by row ---- */

/* One date that no table holds. */
static void ask_row(struct wf_worker *worker, const struct wf_insn *insn, int32_t day, uint32_t row,
                    struct wf_breg *dst)
{
    const struct wf_bound *bound = worker->bound;
    struct wf_anniv_offset offset = offset_of(bound, insn->d);
    int64_t due, year;
    if (!wf_day_in_calendar(day) ||
        !wf_zone_anniversary(bound->params->zone, day, &offset, bound->params->now, &due, &year))
        return;
    wf_bit_set(dst->own_k, row);
    if (holds(insn->op, due, bound->held[insn->c].i))
        wf_bit_set(dst->own_t, row);
}

/* Asks of the rows that are present and (kinds NULL: all) OUTSIDE. */
static void ask_rows(struct wf_worker *worker, const struct wf_insn *insn, const uint8_t *kinds,
                     struct wf_breg *dst)
{
    const struct wf_bound *bound = worker->bound;
    const struct wf_vreg *a = &worker->w[insn->a];
    uint32_t input = bound->aux[insn - bound->program->insns].column;
    const int32_t *lanes = a->data;
    for (uint32_t i = 0; i < worker->n; i++) {
        if (!wf_bit(a->present, i) || (kinds && kinds[i] != WF_KIND_OUTSIDE))
            continue;
        int64_t day = input == WF_NONE
                          ? lanes[i]
                          : wf_column_int(&bound->data->inputs[input], worker->row + i);
        ask_row(worker, insn, (int32_t)day, i, dst);
    }
}

static void look_up(struct wf_worker *worker, const struct wf_insn *insn,
                    const struct wf_asked *asked, struct wf_breg *dst)
{
    const struct wf_lanes *lanes = worker->bound->lanes;
    const struct wf_vreg *a = &worker->w[insn->a];
    uint8_t own[WF_BATCH];
    const uint8_t *kinds = own;
    size_t bytes = wf_bit_words(worker->n) * sizeof(uint64_t);
    bool outside = true;
    if (asked->sorting != WF_NONE)
        kinds = wf_sorted_kinds(worker, asked->sorting, &outside);
    else
        wf_kinds_sort(asked->kinds->of, asked->kinds->n, a->data, sizeof(int32_t),
                      (uint32_t)asked->first, worker->n, own);
    if (asked->sure && !outside)
        memcpy(dst->own_k, a->present, bytes);
    else
        lanes->pick(kinds, asked->k, asked->count, worker->n, a->present, dst->own_k);
    if (asked->always)
        memcpy(dst->own_t, dst->own_k, bytes);
    else
        lanes->pick(kinds, asked->t, asked->count, worker->n, dst->own_k, dst->own_t);
    if (outside)
        ask_rows(worker, insn, kinds, dst);
}

void wf_k_cmp_ak(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_aux *aux = &worker->bound->aux[insn - worker->bound->program->insns];
    struct wf_breg *dst = &worker->b[insn->dst];
    if (aux->asked) {
        look_up(worker, insn, aux->asked, dst);
    } else {
        wf_unknown(worker, dst);
        if (aux->known)
            ask_rows(worker, insn, NULL, dst);
    }
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}
