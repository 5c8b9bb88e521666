/* The machine's sink: a batch's words of bits become bitmaps by row, counts, candidates. */
#include <string.h>

#include "lang/base/limits.h"
#include "runtime/engine/collect.h"

uint32_t wf_event_member(const struct wf_events *view, uint32_t low, uint32_t n_members,
                         uint64_t row)
{
    uint32_t high = n_members;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (view->first[mid] <= row)
            low = mid;
        else
            high = mid;
    }
    return low;
}

enum { WORDS = WF_BATCH / 64 };

struct batch {
    struct wf_collect *collect;
    struct wf_collect_worker *worker;
    const struct wf_bits *outs;
    uint32_t first, n, words;
    uint64_t mask; /* the rows of the last word */
    bool whole;    /* no word of a bitmap by row is of two batches */
};

static const uint64_t none[WORDS];
static const uint64_t all[WORDS] = {
#define FOUR UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX
    FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, FOUR,
#undef FOUR
};

/* The words of the batch where a source is known true; where it is known. */
static const uint64_t *truth_of(const struct batch *batch, const struct wf_source *source)
{
    if (source->kind == WF_SRC_OUT)
        return batch->outs[source->out].t;
    return source->kind == WF_SRC_TRUE || source->kind == WF_SRC_NONE ? all : none;
}

static const uint64_t *known_of(const struct batch *batch, const struct wf_source *source)
{
    if (source->kind == WF_SRC_OUT)
        return batch->outs[source->out].k;
    return source->kind == WF_SRC_UNKNOWN ? none : all;
}

static inline uint64_t mask_of(const struct batch *batch, uint32_t w)
{
    return w + 1 < batch->words ? UINT64_MAX : batch->mask;
}

/* 64 bits of a bitmap by row, from word w of the batch on. */
static inline uint64_t rows_at(const struct batch *batch, const uint64_t *bits, uint32_t w)
{
    return bits ? wf_bits_at(bits, batch->first + (uint64_t)w * 64) : 0;
}

/* Puts a word of the batch into a bitmap by row. Where batches are of whole words it is no other
 * batch's: see tonights_bits. */
static inline void put_rows(const struct batch *batch, uint64_t *bits, uint32_t w, uint64_t word)
{
    uint64_t at = batch->first + (uint64_t)w * 64;
    if (batch->whole)
        bits[at / 64] = word;
    else
        wf_bits_or(bits, at, word);
}

static enum wf_status push(const struct batch *batch, struct wf_candidate candidate)
{
    struct wf_collect_worker *worker = batch->worker;
    if (wf_grow(batch->collect->night->alloc, &worker->items, &worker->room, worker->n + 1,
                sizeof(candidate)) != 0)
        return WF_ERR_NOMEM;
    worker->items[worker->n++] = candidate;
    return WF_OK;
}

/* A candidate for each row of `word`, whose bit 0 is row `at`. */
static enum wf_status push_rows(const struct batch *batch, uint32_t trigger, uint32_t at,
                                uint64_t word, uint64_t guard)
{
    enum wf_status st = WF_OK;
    for (; word && st == WF_OK; word &= word - 1) {
        uint32_t bit = (uint32_t)__builtin_ctzll(word);
        st = push(batch, (struct wf_candidate){.trigger = trigger,
                                               .row = at + bit,
                                               .event = WF_NO_EVENT,
                                               .guard = guard >> bit & 1});
    }
    return st;
}

static enum wf_status take_time(const struct batch *batch, uint32_t i)
{
    const struct wf_trigger_bits *bits = &batch->collect->triggers[i];
    const struct wf_lanes *lanes = batch->collect->lanes;
    const uint64_t *due = truth_of(batch, &bits->due), *reach = truth_of(batch, &bits->reach);
    const uint64_t *guard = truth_of(batch, &bits->guard);
    struct wf_rule_counts *counts = &batch->worker->counts[i];
    uint64_t before[WORDS], unguarded[WORDS];
    enum wf_status st = WF_OK;
    for (uint32_t w = 0; w < batch->words && st == WF_OK; w++) {
        uint64_t fresh = due[w] & mask_of(batch, w) & ~rows_at(batch, bits->decided, w);
        uint64_t near = fresh & reach[w];
        put_rows(batch, bits->fresh, w, fresh);
        before[w] = fresh & ~near;
        unguarded[w] = near & ~guard[w];
        if (near)
            st = push_rows(batch, i, batch->first + w * 64, near & guard[w], guard[w]);
    }
    if (st != WF_OK)
        return st;
    counts->before += lanes->count(before, batch->words);
    counts->guard += lanes->count(unguarded, batch->words);
    return WF_OK;
}

static bool is_decided(const struct batch *batch, uint32_t i, uint32_t row,
                       const unsigned char key[16])
{
    struct wf_mark mark = {.member = batch->collect->roster->ordinal[row]};
    memcpy(mark.key, key, sizeof(mark.key));
    return wf_marks_seek(batch->collect->triggers[i].marks, &batch->worker->cursors[i], &mark);
}

/* Moments whose occurrences have keys of their own: who may have one is looked at one by one. */
static enum wf_status take_keyed(const struct batch *batch, uint32_t i)
{
    const struct wf_trigger_bits *bits = &batch->collect->triggers[i];
    const uint64_t *due = truth_of(batch, &bits->due), *reach = truth_of(batch, &bits->reach);
    const uint64_t *guard = truth_of(batch, &bits->guard);
    enum wf_status st = WF_OK;
    for (uint32_t w = 0; w < batch->words && st == WF_OK; w++) {
        uint64_t rows = due[w] & reach[w] & mask_of(batch, w);
        for (uint64_t left = bits->marks ? rows : 0; left; left &= left - 1) {
            uint32_t row = batch->first + w * 64 + (uint32_t)__builtin_ctzll(left);
            if (is_decided(batch, i, row, bits->year))
                rows &= ~(left & -left);
        }
        st = push_rows(batch, i, batch->first + w * 64, rows, guard[w]);
    }
    return st;
}

static enum wf_status take_crossing(const struct batch *batch, uint32_t i)
{
    const struct wf_collect *collect = batch->collect;
    const struct wf_trigger_bits *bits = &collect->triggers[i];
    const struct wf_column_bits *column = &collect->columns[bits->column];
    const struct wf_column_bits *from =
        bits->from == WF_NONE ? NULL : &collect->columns[bits->from];
    const uint64_t *t = truth_of(batch, &column->cond), *k = known_of(batch, &column->cond);
    const uint64_t *guard = truth_of(batch, &bits->guard);
    bool leaves = collect->night->program->ir.triggers[i].leaves;
    enum wf_status st = WF_OK;
    if (!collect->rules[i].may_cross || !column->compared || (from && !from->compared))
        return WF_OK;
    for (uint32_t w = 0; w < batch->words && st == WF_OK; w++) {
        uint64_t cross;
        if (leaves)
            cross = rows_at(batch, column->was_yes, w) & k[w] & ~t[w];
        else
            cross =
                t[w] & (rows_at(batch, column->was_no, w) | rows_at(batch, collect->newcomers, w));
        if (from)
            cross &= rows_at(batch, from->was_yes, w);
        cross &= mask_of(batch, w) & ~rows_at(batch, collect->roster->merged, w);
        batch->worker->counts[i].guard += wf_bit_count(cross & ~guard[w]);
        st = push_rows(batch, i, batch->first + w * 64, cross & guard[w], guard[w]);
    }
    return st;
}

static enum wf_status take_calendar(const struct batch *batch, uint32_t i)
{
    const struct wf_trigger_bits *bits = &batch->collect->triggers[i];
    const uint64_t *guard = truth_of(batch, &bits->guard);
    uint64_t n_dates = (uint64_t)batch->collect->rules[i].n_dates;
    enum wf_status st = WF_OK;
    for (uint32_t w = 0; n_dates && w < batch->words && st == WF_OK; w++) {
        uint64_t yes = guard[w] & mask_of(batch, w);
        batch->worker->counts[i].guard += wf_bit_count(mask_of(batch, w) & ~yes) * n_dates;
        st = push_rows(batch, i, batch->first + w * 64, yes, yes);
    }
    return st;
}

static void take_column(const struct batch *batch, struct wf_column_bits *column)
{
    const uint64_t *t = truth_of(batch, &column->cond), *k = known_of(batch, &column->cond);
    for (uint32_t w = 0; w < batch->words; w++) {
        put_rows(batch, column->yes, w, t[w] & mask_of(batch, w));
        put_rows(batch, column->no, w, k[w] & ~t[w] & mask_of(batch, w));
    }
}

static struct batch batch_of(struct wf_collect *collect, unsigned worker,
                             const struct wf_bits *outs, uint32_t first, uint32_t n)
{
    return (struct batch){.collect = collect,
                          .worker = &collect->workers[worker],
                          .outs = outs,
                          .first = first,
                          .n = n,
                          .words = (uint32_t)wf_bit_words(n),
                          .mask = wf_bit_mask(n % 64 ? n % 64 : 64),
                          .whole = collect->night->vm.batch % 64 == 0};
}

static enum wf_status take_members(void *ctx, unsigned worker, uint32_t first, uint32_t n,
                                   const struct wf_bits *outs)
{
    struct wf_collect *collect = ctx;
    const struct wf_ir *ir = &collect->night->program->ir;
    struct batch batch = batch_of(collect, worker, outs, first, n);
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; i < collect->n_columns; i++)
        take_column(&batch, &collect->columns[i]);
    for (uint32_t i = 0; i < ir->n_triggers && st == WF_OK; i++) {
        switch (ir->triggers[i].moment) {
        case WF_MOMENT_TIME: st = take_time(&batch, i); break;
        case WF_MOMENT_ANNIVERSARY:
        case WF_MOMENT_LAST: st = take_keyed(&batch, i); break;
        case WF_MOMENT_CROSSING: st = take_crossing(&batch, i); break;
        case WF_MOMENT_CALENDAR: st = take_calendar(&batch, i); break;
        default: break; /* events come by themselves */
        }
    }
    return st == WF_OK ? wf_metrics_rows(&collect->metrics, worker, first, n, outs) : st;
}

/* The rows of one trigger's events in a batch of a view. */
static enum wf_status take_rows(const struct batch *batch, uint32_t i, uint64_t first)
{
    const struct wf_collect *collect = batch->collect;
    const struct wf_trigger_bits *bits = &collect->triggers[i];
    const struct wf_events *view =
        &collect->night->data->views[collect->night->program->ir.triggers[i].view];
    uint32_t member = 0, n_members = collect->roster->n;
    enum wf_status st = WF_OK;
    const uint64_t *due = truth_of(batch, &bits->due), *reach = truth_of(batch, &bits->reach);
    const uint64_t *filter = truth_of(batch, &bits->filter);
    const uint64_t *guard = truth_of(batch, &bits->guard);
    for (uint32_t w = 0; w < batch->words && st == WF_OK; w++) {
        uint64_t rows = due[w] & reach[w] & filter[w] & mask_of(batch, w);
        for (; rows && st == WF_OK; rows &= rows - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(rows);
            uint64_t row = first + w * 64 + bit;
            if (view->first[member + 1] <= row)
                member = wf_event_member(view, member, n_members, row);
            if (bits->marks && is_decided(batch, i, member, view->key[row]))
                continue;
            st = push(batch,
                      (struct wf_candidate){
                          .trigger = i, .row = member, .event = row, .guard = guard[w] >> bit & 1});
        }
    }
    return st;
}

static enum wf_status take_events(void *ctx, unsigned worker, uint32_t view, uint64_t first,
                                  uint32_t n, const struct wf_bits *outs)
{
    struct wf_collect *collect = ctx;
    const struct wf_ir *ir = &collect->night->program->ir;
    struct batch batch = batch_of(collect, worker, outs, 0, n);
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; i < ir->n_triggers && st == WF_OK; i++)
        if (ir->triggers[i].moment == WF_MOMENT_EVENT && ir->triggers[i].view == view)
            st = take_rows(&batch, i, first);
    wf_breakers_rows(&collect->breakers, view, first, n, outs);
    return st;
}

struct wf_vm_sink wf_collect_sink(struct wf_collect *collect)
{
    return (struct wf_vm_sink){.ctx = collect, .members = take_members, .events = take_events};
}
