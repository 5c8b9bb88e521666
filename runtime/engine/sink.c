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
    bool whole;           /* no word of a bitmap by row is of two batches */
    uint64_t mask;        /* the rows of the last word */
    uint64_t rows[WORDS]; /* all of the batch */
};

static const uint64_t none[WORDS];

/* The words of the batch where a source is known true; where it is known. */
static const uint64_t *truth_of(const struct batch *batch, const struct wf_source *source)
{
    if (source->kind == WF_SRC_OUT)
        return batch->outs[source->out].t;
    return source->kind == WF_SRC_TRUE || source->kind == WF_SRC_NONE ? batch->rows : none;
}

static const uint64_t *known_of(const struct batch *batch, const struct wf_source *source)
{
    if (source->kind == WF_SRC_OUT)
        return batch->outs[source->out].k;
    return source->kind == WF_SRC_UNKNOWN ? none : batch->rows;
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

/*
 * The words of the batch in a bitmap by row: they themselves where batches are of whole words, else
 * a copy in `own`, which put_rows takes back; see tonights_bits.
 */
static uint64_t *words_of(const struct batch *batch, uint64_t *bits, uint64_t *own)
{
    if (batch->whole)
        return bits + batch->first / 64;
    for (uint32_t w = 0; w < batch->words; w++)
        own[w] = rows_at(batch, bits, w) & mask_of(batch, w);
    return own;
}

static void put_rows(const struct batch *batch, uint64_t *bits, const uint64_t *own)
{
    for (uint32_t w = 0; !batch->whole && w < batch->words; w++)
        wf_bits_or(bits, batch->first + (uint64_t)w * 64, own[w]);
}

static enum wf_status make_room(const struct batch *batch, uint64_t more)
{
    struct wf_collect_worker *worker = batch->worker;
    bool fits = wf_grow(batch->collect->night->alloc, &worker->items, &worker->room,
                        worker->n + more, sizeof(*worker->items)) == 0;
    return fits ? WF_OK : WF_ERR_NOMEM;
}

static enum wf_status push(const struct batch *batch, struct wf_candidate candidate)
{
    struct wf_collect_worker *worker = batch->worker;
    enum wf_status st = make_room(batch, 1);
    if (st == WF_OK)
        worker->items[worker->n++] = candidate;
    return st;
}

/* A candidate for each row of the words that `some` has a bit for; `guard`: known true of whom. */
static enum wf_status push_rows(const struct batch *batch, uint32_t trigger, const uint64_t *words,
                                uint64_t some, const uint64_t *guard)
{
    struct wf_collect_worker *worker = batch->worker;
    unsigned number = (unsigned)(worker - batch->collect->workers);
    enum wf_status st = some ? make_room(batch, batch->n) : WF_OK;
    for (; some && st == WF_OK; some &= some - 1) {
        uint32_t w = (uint32_t)__builtin_ctzll(some);
        for (uint64_t word = words[w]; word && st == WF_OK; word &= word - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(word);
            worker->items[worker->n++] =
                (struct wf_candidate){.trigger = trigger & INT32_MAX,
                                      .row = batch->first + w * 64 + bit,
                                      .event = WF_NO_EVENT,
                                      .guard = (uint32_t)(guard[w] >> bit) & 1};
            st = wf_noted_keep(batch->collect->noted, number, trigger, batch->first + w * 64 + bit);
        }
    }
    return st;
}

static struct wf_sift sift_of(const struct batch *batch, const struct wf_trigger_bits *bits,
                              struct wf_tallies *tallies)
{
    return (struct wf_sift){.due = truth_of(batch, &bits->due),
                            .reach = truth_of(batch, &bits->reach),
                            .guard = truth_of(batch, &bits->guard),
                            .early = tallies->early,
                            .barred = tallies->barred};
}

static enum wf_status take_time(const struct batch *batch, uint32_t i)
{
    const struct wf_trigger_bits *bits = &batch->collect->triggers[i];
    uint64_t decided[WORDS], fresh[WORDS], hits[WORDS];
    struct wf_sift sift = sift_of(batch, bits, &batch->worker->tallies[i]);
    if (bits->decided)
        sift.decided = words_of(batch, bits->decided, decided);
    sift.fresh = batch->whole ? words_of(batch, bits->fresh, NULL) : fresh;
    sift.hits = hits;
    uint64_t some = batch->collect->lanes->sift(&sift, batch->words);
    put_rows(batch, bits->fresh, fresh);
    batch->worker->tallies[i].hit |= some != 0;
    return push_rows(batch, i, hits, some, hits);
}

static bool is_decided(const struct batch *batch, uint32_t i, uint32_t row,
                       const unsigned char key[16])
{
    struct wf_mark mark = {.member = wf_roster_ordinal(batch->collect->roster, row)};
    memcpy(mark.key, key, sizeof(mark.key));
    return wf_marks_seek(batch->collect->triggers[i].marks, &batch->worker->cursors[i], &mark);
}

/* Moments whose occurrences have keys of their own: who may have one is looked at one by one. */
static enum wf_status take_keyed(const struct batch *batch, uint32_t i)
{
    const struct wf_trigger_bits *bits = &batch->collect->triggers[i];
    uint64_t fresh[WORDS], hits[WORDS];
    struct wf_sift sift = sift_of(batch, bits, &(struct wf_tallies){.early = {0}});
    const uint64_t *guard = sift.guard;
    sift.guard = batch->rows; /* it is asked when the occurrence is decided */
    sift.fresh = fresh;
    sift.hits = hits;
    uint64_t some = batch->collect->lanes->sift(&sift, batch->words);
    for (uint64_t words = bits->marks ? some : 0; words; words &= words - 1) {
        uint32_t w = (uint32_t)__builtin_ctzll(words);
        for (uint64_t left = hits[w]; left; left &= left - 1) {
            uint32_t row = batch->first + w * 64 + (uint32_t)__builtin_ctzll(left);
            if (is_decided(batch, i, row, bits->year))
                hits[w] &= ~(left & -left);
        }
    }
    return push_rows(batch, i, hits, some, guard);
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
    uint64_t crossed[WORDS], some = 0;
    if (!collect->rules[i].may_cross || !column->compared || (from && !from->compared))
        return WF_OK;
    for (uint32_t w = 0; w < batch->words; w++) {
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
        crossed[w] = cross & guard[w];
        some |= (uint64_t)(crossed[w] != 0) << w;
    }
    return push_rows(batch, i, crossed, some, crossed);
}

static enum wf_status take_calendar(const struct batch *batch, uint32_t i)
{
    const uint64_t *guard = truth_of(batch, &batch->collect->triggers[i].guard);
    uint64_t n_dates = (uint64_t)batch->collect->rules[i].n_dates;
    if (!n_dates)
        return WF_OK;
    uint64_t yes = batch->collect->lanes->count(guard, batch->words);
    batch->worker->counts[i].guard += (batch->n - yes) * n_dates;
    return push_rows(batch, i, guard, yes ? wf_bit_mask(batch->words) : 0, guard);
}

static void take_column(const struct batch *batch, uint32_t i)
{
    const struct wf_lanes *lanes = batch->collect->lanes;
    struct wf_column_bits *column = &batch->collect->columns[i];
    struct wf_column_tally *tally = &batch->worker->columns[i];
    struct wf_pair cond = {truth_of(batch, &column->cond), known_of(batch, &column->cond)};
    uint64_t yes[WORDS], no[WORDS];
    tally->yes += lanes->count(cond.t, batch->words);
    tally->known += lanes->count(cond.k, batch->words);
    if (batch->whole) {
        lanes->split(cond, batch->words, words_of(batch, column->yes, NULL),
                     words_of(batch, column->no, NULL));
        return;
    }
    lanes->split(cond, batch->words, yes, no);
    put_rows(batch, column->yes, yes);
    put_rows(batch, column->no, no);
}

static struct batch batch_of(struct wf_collect *collect, unsigned worker,
                             const struct wf_bits *outs, uint32_t first, uint32_t n)
{
    struct batch batch = {.collect = collect,
                          .worker = &collect->workers[worker],
                          .outs = outs,
                          .first = first,
                          .n = n,
                          .words = (uint32_t)wf_bit_words(n),
                          .whole = collect->night->vm.batch % 64 == 0,
                          .mask = wf_bit_mask(n % 64 ? n % 64 : 64)};
    for (uint32_t w = 0; w < batch.words; w++)
        batch.rows[w] = mask_of(&batch, w);
    return batch;
}

static enum wf_status take_members(void *ctx, unsigned worker, uint32_t first, uint32_t n,
                                   const struct wf_bits *outs)
{
    struct wf_collect *collect = ctx;
    const struct wf_ir *ir = &collect->night->program->ir;
    struct batch batch = batch_of(collect, worker, outs, first, n);
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; i < collect->n_columns; i++)
        take_column(&batch, i);
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
            st = push(batch, (struct wf_candidate){.trigger = i & INT32_MAX,
                                                   .row = member,
                                                   .event = row,
                                                   .guard = (uint32_t)(guard[w] >> bit) & 1});
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
