/* FOLLOWED: what comes after a row, found in the sorted times of the member's marked rows. */
#include <stdlib.h>
#include <string.h>

#include "lang/base/zone.h"
#include "runtime/vm/machine.h"

static const struct wf_events *events_of(const struct wf_worker *worker,
                                         const struct wf_ir_follow *follow)
{
    return &worker->bound->data->views[follow->view];
}

enum wf_status wf_mark_reset(struct wf_worker *worker, uint32_t follow, uint64_t rows)
{
    struct wf_mark *mark = &worker->marks[follow];
    const struct wf_alloc *alloc = worker->bound->alloc;
    size_t words = wf_bit_words(rows) + 1, room_k = mark->room;
    if (wf_grow(alloc, &mark->k, &room_k, words, sizeof(uint64_t)) ||
        wf_grow(alloc, &mark->t, &mark->room, words, sizeof(uint64_t)))
        return WF_ERR_NOMEM;
    memset(mark->t, 0, words * sizeof(uint64_t));
    memset(mark->k, 0, words * sizeof(uint64_t));
    return WF_OK;
}

void wf_k_filter(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_ir_follow *follow = &worker->bound->program->ir.follows[insn->c];
    const struct wf_breg *a = &worker->b[insn->a];
    uint64_t at = worker->row - events_of(worker, follow)->first[worker->member];
    wf_bits_store(worker->marks[insn->c].t, at, a->t, worker->n);
    wf_bits_store(worker->marks[insn->c].k, at, a->k, worker->n);
}

/* ---- the times of one member ---- */

static bool push(struct wf_worker *worker, int64_t **list, size_t *n, size_t *room, int64_t time)
{
    if (wf_grow(worker->bound->alloc, list, room, *n + 1, sizeof(**list))) {
        worker->status = worker->status ? worker->status : WF_ERR_NOMEM;
        return false;
    }
    (*list)[(*n)++] = time;
    return true;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void sort_times(int64_t *list, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (list[i - 1] > list[i]) { /* rows stand by event, so mostly in order already */
            qsort(list, n, sizeof(*list), by_time);
            return;
        }
    }
}

static void gather_later(struct wf_worker *worker, uint32_t follow, uint32_t member)
{
    const struct wf_ir_follow *f = &worker->bound->program->ir.follows[follow];
    const struct wf_events *events = events_of(worker, f);
    const struct wf_mark *mark = &worker->marks[follow];
    struct wf_later *later = &worker->later;
    uint64_t base = events->first[worker->member];
    uint32_t who = worker->member + member;
    later->n_sure = later->n_open = 0;
    later->timeless = false;
    for (uint64_t row = events->first[who]; row < events->first[who + 1]; row++) {
        bool known = wf_bit(mark->k, row - base), truth = wf_bit(mark->t, row - base);
        if (known && !truth)
            continue;
        if (events->at_known && !wf_bit(events->at_known, row))
            later->timeless = true;
        else if (known &&
                 !push(worker, &later->sure, &later->n_sure, &later->room_sure, events->at[row]))
            return;
        else if (!known &&
                 !push(worker, &later->open, &later->n_open, &later->room_open, events->at[row]))
            return;
    }
    sort_times(later->sure, later->n_sure);
    sort_times(later->open, later->n_open);
}

/* The first of the list after `time`; false: none. */
static bool next_after(const int64_t *list, size_t n, int64_t time, int64_t *out)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle] > time)
            high = middle;
        else
            low = middle + 1;
    }
    if (low < n)
        *out = list[low];
    return low < n;
}

/* Whether something follows a row at `time`: 1, 0, or -1 where that is unknown. */
static int follows(const struct wf_worker *worker, const struct wf_ir_follow *f, int64_t time)
{
    const struct wf_later *later = &worker->later;
    struct wf_value at = wf_int_value(WF_T_TIME, time);
    int64_t sure = 0, open = 0;
    bool has_sure = next_after(later->sure, later->n_sure, time, &sure);
    bool has_open = next_after(later->open, later->n_open, time, &open);
    if (!has_sure && !has_open)
        return later->timeless ? -1 : 0;
    struct wf_value end =
        wf_value_time_add(worker->bound->params->zone, at, wf_int_value(f->unit, f->within));
    if (!end.present)
        return -1;
    if (has_sure && sure <= end.i)
        return 1;
    return later->timeless || (has_open && open <= end.i) ? -1 : 0;
}

void wf_k_followed(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_ir_follow *f = &worker->bound->program->ir.follows[insn->c];
    const struct wf_events *mine = &worker->bound->data->views[worker->domain - WF_DOM_EVENT];
    const struct wf_breg *a = &worker->b[insn->a];
    struct wf_breg *dst = &worker->b[insn->dst];
    const struct wf_later *later = &worker->later;
    uint64_t held_t[WF_OWN] = {0}, held_k[WF_OWN] = {0};
    for (uint32_t s = 0; s < worker->n_segments; s++) {
        const struct wf_segment *segment = &worker->segments[s];
        if (segment->start == segment->end)
            continue;
        gather_later(worker, insn->c, segment->member);
        for (uint32_t row = segment->start; row < segment->end; row++) {
            bool known = !mine->at_known || wf_bit(mine->at_known, worker->row + row);
            int held = later->n_sure || later->n_open || later->timeless ? -1 : 0;
            if (known)
                held = follows(worker, f, mine->at[worker->row + row]);
            held_t[row / 64] |= (uint64_t)(held > 0) << (row % 64);
            held_k[row / 64] |= (uint64_t)(held >= 0) << (row % 64);
        }
    }
    for (size_t i = 0; i < wf_bit_words(worker->n); i++) {
        uint64_t at = a->t[i], ak = a->k[i];
        dst->own_t[i] = at & held_t[i];
        dst->own_k[i] = dst->own_t[i] | (ak & ~at) | (held_k[i] & ~held_t[i]);
    }
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}
