/*
 * A batch's results: those of sleepers from where they were kept, those of members who are awake to
 * where they will be kept.
 */
#include <string.h>

#include "runtime/vm/machine.h"
#include "runtime/vm/rest.h"

/* ---- out of the snapshot ---- */

/* Sleepers who follow each other, as their entries do; within 64 members of the batch. */
struct run {
    uint32_t member, n, row; /* member: of the batch */
    const struct wf_snap_column *columns;
};

struct sleepers {
    uint64_t bits[WF_OWN]; /* by member of the batch */
    struct run runs[WF_BATCH];
    uint32_t n;
};

static void find_sleepers(const struct wf_worker *worker, const struct wf_recall *recall,
                          struct sleepers *s)
{
    s->n = 0;
    for (uint32_t at = 0; at < worker->n_members; at += 64) {
        uint32_t n = worker->n_members - at < 64 ? worker->n_members - at : 64;
        uint64_t left = wf_bit_range(wf_recall_asleep(recall), worker->member + (uint64_t)at, n);
        s->bits[at / 64] = left;
        for (struct run *run = NULL; left; left &= left - 1) {
            uint32_t member = at + (uint32_t)__builtin_ctzll(left);
            struct wf_recall_at entry = wf_recall_find(recall, worker->member + member);
            if (!run || run->columns != entry.columns || run->member + run->n != member ||
                run->row + run->n != entry.row) {
                run = &s->runs[s->n++];
                *run = (struct run){member, 0, entry.row, entry.columns};
            }
            run->n++;
        }
    }
}

static void recall_bools(const struct run *run, const struct wf_snap_column *from, uint64_t *t)
{
    for (uint32_t i = 0; i < run->n; i++)
        if (wf_snap_number(from, run->row + i))
            wf_bit_set(t, run->member + i);
}

/* One part of an aggregate, which for a sleeper is what every other part is. */
static void recall_part(const struct sleepers *s, uint32_t column, bool wide, void *lanes,
                        uint64_t *present, uint64_t *t)
{
    unsigned width = wide ? 8 : 4;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct run *run = &s->runs[i];
        const struct wf_snap_column *from = &run->columns[column];
        const struct wf_snap_cells to = {(char *)lanes + (size_t)run->member * width, width, 0};
        if (t)
            recall_bools(run, from, t);
        else
            wf_snap_copy_numbers(from, run->row, run->n, &to);
        present[run->member / 64] |= wf_snap_present(from, run->row, run->n) << run->member % 64;
    }
}

static void recall_agg(const struct wf_worker *worker, const struct sleepers *s, uint32_t agg,
                       uint32_t column)
{
    struct wf_reduction *r = &worker->reductions[agg];
    char kind = wf_kind_of_type(worker->bound->program->ir.aggs[agg].type);
    size_t words = wf_bit_words(worker->n_members);
    for (size_t i = 0; i < words; i++) {
        for (int part = 0; part < 3; part++)
            if (r->part_k[part])
                r->part_k[part][i] &= ~s->bits[i];
        if (r->sure)
            r->sure[i] |= s->bits[i];
        if (r->value_t)
            r->value_t[i] &= ~s->bits[i];
    }
    for (int part = 0; part < 3; part++)
        if (r->part_k[part])
            recall_part(s, column, kind != 'D', r->part[part], r->part_k[part], r->value_t);
}

/* ---- which of them may be kept ---- */

static bool is_reduction(uint16_t op)
{
    return op >= WF_OP_REDUCE && op <= WF_OP_REDUCE_W;
}

/* A value as it is kept. */
static uint64_t number_of(const struct wf_reduction *r, char kind, int part, uint32_t member)
{
    if (kind == 'B')
        return wf_bit(r->value_t, member);
    if (kind == 'D')
        return (uint64_t)(int64_t)((const int32_t *)r->part[part])[member];
    return (uint64_t)((const int64_t *)r->part[part])[member];
}

/* The first part that something reads; -1: nothing reads any. */
static int some_part(const struct wf_reduction *r)
{
    for (int part = 0; part < 3; part++)
        if (r->part_k[part])
            return part;
    return -1;
}

/* Members of whom another part says something else: their results are of rows in doubt. */
static void part_ways(const struct wf_worker *worker, const struct wf_reduction *r, char kind,
                      int one, int other, uint64_t *unfit)
{
    uint32_t n = worker->n_members;
    size_t width = kind == 'D' ? 4 : 8;
    for (size_t i = 0; i < wf_bit_words(n); i++)
        unfit[i] |= r->part_k[one][i] ^ r->part_k[other][i];
    if (kind == 'B' || memcmp(r->part[one], r->part[other], n * width) == 0)
        return;
    for (uint32_t m = 0; m < n; m++)
        if (wf_bit(r->part_k[one], m) &&
            number_of(r, kind, one, m) != number_of(r, kind, other, m))
            wf_bit_set(unfit, m);
}

static void find_unfit(const struct wf_worker *worker, uint32_t agg, uint64_t *unfit)
{
    const struct wf_reduction *r = &worker->reductions[agg];
    char kind = wf_kind_of_type(worker->bound->program->ir.aggs[agg].type);
    int one = some_part(r);
    for (int other = one + 1; one >= 0 && other < 3; other++)
        if (r->part_k[other])
            part_ways(worker, r, kind, one, other, unfit);
    for (size_t i = 0; r->sure && i < wf_bit_words(worker->n_members); i++)
        unfit[i] |= ~r->sure[i];
}

/* ---- into the snapshot ---- */

/* Members of a batch who are awake and have rows, on their way into a block. */
struct keeping {
    const struct wf_worker *worker;
    const struct wf_rests *rests;
    const struct wf_rest *rest;
    uint32_t n, members[WF_BATCH]; /* of the batch */
    uint64_t numbers[WF_BATCH];
    uint8_t state[WF_BATCH];
    struct wf_cell texts[WF_BATCH];
    struct wf_buf block;
};

static void list_members(struct keeping *k, const uint64_t *unfit)
{
    const struct wf_worker *worker = k->worker;
    const uint32_t *first = worker->bound->data->views[k->rest->view].first + worker->member;
    k->n = 0;
    for (uint32_t m = 0; m < worker->n_members; m++)
        if (first[m] != first[m + 1] && !wf_bit(unfit, m))
            k->members[k->n++] = m;
}

/* The least distance from a limit up to a cell of the rows; UINT64_MAX: all are below it. */
static uint64_t distance(const struct wf_column *column, const struct wf_limit *limit,
                         uint64_t row, uint64_t end)
{
    uint64_t least = UINT64_MAX;
    for (; row < end; row++) {
        if (!wf_column_has(column, row))
            continue;
        uint64_t up = (uint64_t)wf_column_int(column, row) - (uint64_t)limit->at;
        least = up < least ? up : least;
    }
    if (least > INT64_MAX)
        return UINT64_MAX; /* below the limit the difference is negative */
    least += limit->above;
    return least ? least : 1;
}

uint64_t wf_rest_margin(const struct wf_rest *rest, const struct wf_dataset *data, uint64_t row,
                        uint64_t end)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t l = 0; l < rest->n_limits; l++) {
        const struct wf_limit *limit = &rest->limits[l];
        uint64_t up = distance(&data->inputs[limit->input], limit, row, end);
        least = up < least ? up : least;
    }
    return least;
}

static enum wf_status put_margins(struct keeping *k)
{
    const struct wf_dataset *data = k->worker->bound->data;
    const uint32_t *first = data->views[k->rest->view].first + k->worker->member;
    for (uint32_t i = 0; i < k->n; i++) {
        const uint32_t *rows = first + k->members[i];
        uint64_t least = wf_rest_margin(k->rest, data, rows[0], rows[1]);
        k->state[i] = least <= INT64_MAX;
        k->numbers[i] = least;
    }
    return wf_snap_put_numbers(&k->block, k->state, k->numbers, k->n);
}

static enum wf_status put_ids(struct keeping *k)
{
    const struct wf_dataset *data = k->worker->bound->data;
    for (uint32_t i = 0; i < k->n; i++) {
        struct wf_id id = data->ids[k->worker->member + k->members[i]];
        k->texts[i] = (struct wf_cell){data->id_heap + id.at, id.len, 0};
    }
    return wf_snap_put_texts(&k->block, NULL, k->texts, k->n, false, k->rests->alloc);
}

static enum wf_status put_results(struct keeping *k, const struct wf_rest_agg *agg)
{
    const struct wf_worker *worker = k->worker;
    const struct wf_reduction *r = &worker->reductions[agg->agg];
    char kind = wf_kind_of_type(worker->bound->program->ir.aggs[agg->agg].type);
    int part = some_part(r);
    for (uint32_t i = 0; i < k->n; i++) {
        uint32_t m = k->members[i];
        uint64_t row = worker->member + (uint64_t)m;
        bool known =
            agg->early ? wf_bit(agg->known, row) : part >= 0 && wf_bit(r->part_k[part], m);
        k->state[i] = known;
        k->numbers[i] = !known       ? 0
                        : agg->early ? (uint64_t)agg->early[row]
                                     : number_of(r, kind, part, m);
    }
    return wf_snap_put_numbers(&k->block, k->state, k->numbers, k->n);
}

static enum wf_status keep_batch(const struct wf_worker *worker, const struct wf_rests *rests,
                                 const struct wf_rest *rest, const uint64_t *unfit)
{
    struct keeping *k = wf_calloc(rests->alloc, 1, sizeof(*k));
    if (!k)
        return WF_ERR_NOMEM;
    k->worker = worker;
    k->rests = rests;
    k->rest = rest;
    wf_buf_init(&k->block, rests->alloc, 0);
    list_members(k, unfit);
    enum wf_status status = WF_OK;
    if (k->n) {
        status = put_ids(k);
        if (!status)
            status = put_margins(k);
        for (uint32_t i = 0; !status && i < rest->n_aggs; i++)
            status = put_results(k, &rest->aggs[i]);
        if (!status)
            status =
                wf_snap_put_block(rests->keeps, rest->feed, worker->member, &k->block, 0, k->n);
    }
    wf_buf_release(&k->block);
    wf_free(rests->alloc, k);
    return status;
}

/* Results that the last block of the event no longer has. */
static void note_early(const struct wf_worker *worker, const struct wf_rest_agg *agg)
{
    const struct wf_reduction *r = &worker->reductions[agg->agg];
    char kind = wf_kind_of_type(worker->bound->program->ir.aggs[agg->agg].type);
    int part = some_part(r);
    for (uint32_t m = 0; part >= 0 && m < worker->n_members; m++) {
        if (!wf_bit(r->part_k[part], m))
            continue;
        wf_bit_set(agg->known, worker->member + (uint64_t)m);
        agg->early[worker->member + m] = (int64_t)number_of(r, kind, part, m);
    }
}

static enum wf_status keep_block(const struct wf_worker *worker, const struct wf_rest *rest,
                                 uint32_t block, bool clean)
{
    const struct wf_rests *rests = worker->bound->rests;
    uint64_t unfit[WF_OWN] = {0};
    for (uint32_t i = 0; i < rest->n_aggs; i++) {
        const struct wf_rest_agg *agg = &rest->aggs[i];
        if (agg->block != block)
            continue;
        find_unfit(worker, agg->agg, unfit);
        if (agg->early)
            note_early(worker, agg);
    }
    for (size_t i = 0; !clean && i < WF_OWN; i++)
        unfit[i] = UINT64_MAX;
    for (uint32_t m = 0; m < worker->n_members; m++) {
        uint64_t row = worker->member + (uint64_t)m;
        if (wf_bit(unfit, m))
            wf_bit_set(rest->unfit, row);
        else if (wf_bit(rest->unfit, row))
            wf_bit_set(unfit, m);
    }
    return block == rest->block ? keep_batch(worker, rests, rest, unfit) : WF_OK;
}

/* ---- a block ---- */

static const struct wf_rest *rest_of(const struct wf_rests *rests, uint32_t view)
{
    for (uint32_t e = 0; e < rests->n; e++)
        if (rests->of[e].may && rests->of[e].view == view)
            return &rests->of[e];
    return NULL;
}

static void recall_block(const struct wf_worker *worker, const struct wf_rest *rest,
                         const struct wf_block *block, const struct wf_recall *recall)
{
    struct sleepers sleepers;
    find_sleepers(worker, recall, &sleepers);
    for (uint32_t i = 0; sleepers.n && i < block->count; i++) {
        const struct wf_insn *insn = &worker->bound->program->insns[block->first + i];
        if (is_reduction(insn->op))
            recall_agg(worker, &sleepers, insn->c, WF_RECALL_COLUMNS + rest->columns[insn->c]);
    }
}

enum wf_status wf_rest_block(struct wf_worker *worker, const struct wf_block *block, bool clean)
{
    const struct wf_bound *bound = worker->bound;
    uint32_t view = block->domain - (uint32_t)WF_DOM_EVENT;
    const struct wf_rest *rest = rest_of(bound->rests, view);
    const struct wf_recall *recall = bound->data->views[view].recall;
    if (!rest)
        return WF_OK;
    if (recall)
        recall_block(worker, rest, block, recall);
    return bound->rests->keeps
               ? keep_block(worker, rest, (uint32_t)(block - bound->program->blocks), clean)
               : WF_OK;
}
