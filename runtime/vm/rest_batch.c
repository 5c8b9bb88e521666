/*
 * A batch's results: those of sleepers from where they were kept, those of members who are awake to
 * where they will be kept.
 */
#include <string.h>

#include "runtime/data/row_bits.h"
#include "runtime/vm/machine.h"
#include "runtime/vm/rest.h"

/* ---- out of the snapshot ---- */

/* Members from the first to the last of whom sleep, and their entries, as many and in the order of
 * theirs: those in between who are awake have one each that is of no use. */
struct run {
    uint32_t member, n, row; /* member: of the batch */
    const struct wf_snap_column *columns;
};

enum { LIMITS = 32 };
struct sleepers {
    uint64_t bits[WF_OWN];           /* by member of the batch */
    uint64_t passed[LIMITS][WF_OWN]; /* by limit: whose rows it has passed */
    uint32_t any;                    /* a bit for each limit that has */
    struct run runs[WF_BATCH];
    uint32_t n;
};

static void note_passed(struct sleepers *s, uint32_t member, uint32_t passed)
{
    for (; passed; passed &= passed - 1) {
        uint32_t limit = (uint32_t)__builtin_ctz(passed);
        if (!(s->any >> limit & 1))
            memset(s->passed[limit], 0, sizeof(s->passed[limit]));
        s->any |= UINT32_C(1) << limit;
        wf_bit_set(s->passed[limit], member);
    }
}

/* The n members from `member` of the batch on, the first and the last of whom sleep, have entries
 * that follow each other from the first one's on. */
static void add_run(struct sleepers *s, struct wf_recall_at entry, uint32_t member, uint32_t n)
{
    struct run *run = &s->runs[s->n];
    if (!s->n || run[-1].columns != entry.columns ||
        entry.row - run[-1].row != member - run[-1].member) {
        *run = (struct run){member, 0, entry.row, entry.columns};
        s->n++;
    }
    run = &s->runs[s->n - 1];
    run->n = member + n - run->member;
}

/* The sleepers of a word of the batch, which begins at member `at`. */
static void find_in_word(const struct wf_worker *worker, const struct wf_recall *recall,
                         uint32_t at, struct sleepers *s)
{
    uint64_t left = s->bits[at / 64];
    uint32_t low = at + (uint32_t)__builtin_ctzll(left);
    uint32_t n = at + 64 - (uint32_t)__builtin_clzll(left) - low;
    bool follow = wf_recall_follow(recall, worker->member + low, n);
    if (follow)
        add_run(s, wf_recall_find(recall, worker->member + low), low, n);
    for (; left; left &= left - 1) {
        uint32_t member = at + (uint32_t)__builtin_ctzll(left);
        note_passed(s, member, wf_recall_passed(recall, worker->member + member));
        if (!follow)
            add_run(s, wf_recall_find(recall, worker->member + member), member, 1);
    }
}

static void find_sleepers(const struct wf_worker *worker, const struct wf_recall *recall,
                          struct sleepers *s)
{
    s->n = s->any = 0;
    for (uint32_t at = 0; at < worker->n_members; at += 64) {
        uint32_t n = worker->n_members - at < 64 ? worker->n_members - at : 64;
        s->bits[at / 64] =
            wf_bit_range(wf_recall_asleep(recall), worker->member + (uint64_t)at, n);
        if (s->bits[at / 64])
            find_in_word(worker, recall, at, s);
    }
}

/* Where a part of an aggregate goes: its lanes, or bits; those of some members of the batch. */
struct part {
    void *lanes;
    uint64_t *t, *present; /* t: of a bool; present: NULL: always there */
    const uint64_t *bits;
    unsigned width;
};

static struct part part_of(const struct wf_worker *worker, const struct wf_rest_agg *agg)
{
    struct wf_reduction *r = &worker->reductions[agg->agg];
    char kind = wf_kind_of_type(worker->bound->program->ir.aggs[agg->agg].type);
    if (agg->part == WF_PART_SURE)
        return (struct part){.t = r->sure};
    return (struct part){r->part[agg->part], kind == 'B' ? r->value_t : NULL, r->part_k[agg->part],
                         NULL, kind == 'D' ? 4 : 8};
}

/* What stands in a part: 0 where it is missing. */
static uint64_t number_of(const struct part *part, uint32_t member)
{
    if (part->present && !wf_bit(part->present, member))
        return 0;
    if (part->t)
        return wf_bit(part->t, member);
    return part->width == 4 ? (uint64_t)(int64_t)((const int32_t *)part->lanes)[member]
                            : ((const uint64_t *)part->lanes)[member];
}

/* Those of a run who are within 64 members of the batch. */
struct piece {
    uint32_t member, n, row;
    uint64_t bits; /* who of them is asked for */
};

/* The piece behind `p`, or the first one, if it is all zero. */
static bool next_piece(const struct run *run, const struct part *part, struct piece *p)
{
    uint32_t member = p->n ? p->member + p->n : run->member, end = run->member + run->n;
    uint32_t word = member / 64 * 64 + 64;
    if (member == end)
        return false;
    p->member = member;
    p->n = (word < end ? word : end) - member;
    p->row = run->row + (member - run->member);
    p->bits = wf_bit_range(part->bits, member, p->n);
    return true;
}

/* One by one; `first` is what the part is above, NULL where it is the first. */
static void recall_some(const struct piece *p, const struct wf_snap_column *from,
                        const struct wf_snap_column *first, const struct part *part)
{
    for (uint64_t bits = p->bits; bits; bits &= bits - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(bits), member = p->member + i;
        uint64_t value = wf_snap_number(from, p->row + i);
        if (first && wf_snap_has(from, p->row + i))
            value += wf_snap_number(first, p->row + i);
        if (part->t && value)
            wf_bit_set(part->t, member);
        else if (!part->t && part->width == 4)
            ((uint32_t *)part->lanes)[member] = (uint32_t)value;
        else if (!part->t)
            ((uint64_t *)part->lanes)[member] = value;
    }
}

/* Of the members that `mask` says, the lanes become `kept`. */
static void put_lanes(const struct wf_worker *worker, const struct part *part, const uint64_t *mask,
                      const uint64_t *kept)
{
    const struct wf_lanes *lanes = worker->bound->lanes;
    if (part->width == 4)
        lanes->blend_w(mask, (const int32_t *)kept, part->lanes, worker->n_members, part->lanes);
    else
        lanes->blend_v(mask, (const int64_t *)kept, part->lanes, worker->n_members, part->lanes);
}

static void recall_part(const struct wf_worker *worker, const struct sleepers *s, uint32_t column,
                        uint32_t first_column, const struct part *part)
{
    uint64_t kept[WF_BATCH], mask[WF_OWN] = {0};
    for (uint32_t i = 0; i < s->n; i++) {
        const struct run *run = &s->runs[i];
        const struct wf_snap_column *from = &run->columns[column];
        const struct wf_snap_column *first =
            column == first_column ? NULL : &run->columns[first_column];
        bool alike = !first || (from->base == 0 && from->span == 0), at_once = !part->t && alike;
        const struct wf_snap_cells to = {(char *)kept + (size_t)run->member * part->width,
                                         part->width, 0};
        if (at_once)
            wf_snap_copy_numbers(first ? first : from, run->row, run->n, &to);
        for (struct piece p = {0}; next_piece(run, part, &p);) {
            if (at_once)
                mask[p.member / 64] |= p.bits << p.member % 64;
            else
                recall_some(&p, from, first, part);
            if (part->present)
                part->present[p.member / 64] |= (wf_snap_present(from, p.row, p.n) & p.bits)
                                                << p.member % 64;
        }
    }
    if (part->lanes)
        put_lanes(worker, part, mask, kept);
}

/* Of who dozes nothing is recalled that a passed limit bears on. */
static void recall_agg(const struct wf_worker *worker, const struct wf_rest *rest,
                       const struct sleepers *s, uint32_t agg)
{
    uint32_t at = rest->columns[agg], first = WF_RECALL_MARGINS + rest->n_limits + at;
    uint64_t bits[WF_OWN];
    size_t words = wf_bit_words(worker->n_members);
    for (size_t i = 0; at != WF_NONE && i < words; i++) {
        bits[i] = s->bits[i];
        for (uint32_t left = rest->aggs[at].asks & s->any; left; left &= left - 1)
            bits[i] &= ~s->passed[__builtin_ctz(left)][i];
    }
    for (uint32_t p = at; p < rest->n_aggs && rest->aggs[p].agg == agg; p++) {
        struct part part = part_of(worker, &rest->aggs[p]);
        part.bits = bits;
        for (size_t i = 0; i < words; i++) {
            if (part.present)
                part.present[i] &= ~bits[i];
            if (part.t)
                part.t[i] &= ~bits[i];
        }
        uint32_t column = first + p - at;
        recall_part(worker, s, column, rest->aggs[p].part == WF_PART_SURE ? column : first, &part);
    }
}

static bool is_reduction(uint16_t op)
{
    return op >= WF_OP_REDUCE && op <= WF_OP_REDUCE_W;
}

/* ---- into the snapshot ---- */

/* Members of a batch who are awake and have rows, on their way into a block. */
struct keeping {
    const struct wf_worker *worker;
    const struct wf_rests *rests;
    const struct wf_rest *rest;
    uint32_t n, members[WF_BATCH]; /* of the batch */
    bool every;                    /* member i is the i-th of them */
    uint64_t numbers[WF_BATCH];
    uint8_t state[WF_BATCH];
    struct wf_cell texts[WF_BATCH];
    struct wf_buf block;
};

static bool is_dozing(const struct wf_events *events, uint32_t member)
{
    return events->recall && wf_recall_passed(events->recall, member);
}

/* Those of whom something was taken anew, or all. */
static void list_some(struct keeping *k, bool all)
{
    const struct wf_worker *worker = k->worker;
    const struct wf_events *events = &worker->bound->data->views[k->rest->view];
    const uint32_t *first = events->first + worker->member;
    k->n = 0;
    for (uint32_t m = 0; m < worker->n_members; m++)
        if ((all || first[m] != first[m + 1] || is_dozing(events, worker->member + m)) &&
            !wf_bit(k->rest->unfit, worker->member + (uint64_t)m))
            k->members[k->n++] = m;
}

/* Where nobody sleeps and most have rows, those who have none are put beside them, though nobody
 * will ask: entries that follow each other as the members do are recalled many at once. */
static void list_members(struct keeping *k)
{
    list_some(k, false);
    if (!k->worker->bound->data->views[k->rest->view].recall && 2 * k->n > k->worker->n_members)
        list_some(k, true);
    k->every = k->n == k->worker->n_members;
}

/* Of the least that a value is above the limit; below it the difference is negative. */
static uint64_t margin_of(const struct wf_limit *limit, uint64_t least)
{
    if (least > INT64_MAX)
        return UINT64_MAX;
    least += limit->above;
    return least ? least : 1;
}

uint64_t wf_rest_margin(const struct wf_limit *limit, const struct wf_dataset *data, uint64_t row,
                        uint64_t end)
{
    const struct wf_column *column = &data->inputs[limit->input];
    uint64_t least = UINT64_MAX;
    for (; row < end; row++) {
        if (!wf_column_has(column, row))
            continue;
        uint64_t up = (uint64_t)wf_column_int(column, row) - (uint64_t)limit->at;
        least = up < least ? up : least;
    }
    return margin_of(limit, least);
}

/* The same of times that go up: the first that has reached the limit is the least above it. */
static uint64_t margin_in_order(const struct wf_limit *limit, const int64_t *at, uint64_t row,
                                uint64_t end)
{
    uint64_t reached = end;
    while (reached > row && at[reached - 1] >= limit->at)
        reached--;
    return margin_of(limit, reached < end ? (uint64_t)at[reached] - (uint64_t)limit->at
                                          : UINT64_MAX);
}

/* Whether the limit is for the times of the rows, which go up where each row is an event. */
static bool in_order(const struct wf_limit *limit, const struct wf_dataset *data,
                     const struct wf_events *events)
{
    const struct wf_column *column = &data->inputs[limit->input];
    return !events->begins && !events->at_known && !column->present && !column->width &&
           column->layout == WF_LAY_I64 && column->i64 == events->at;
}

/* What a sleeper is left with of a margin is known without its rows. */
static enum wf_status put_margins(struct keeping *k, uint32_t limit)
{
    const struct wf_dataset *data = k->worker->bound->data;
    const struct wf_events *events = &data->views[k->rest->view];
    const struct wf_limit *at = &k->rest->limits[limit];
    const bool ordered = in_order(at, data, events);
    for (uint32_t i = 0; i < k->n; i++) {
        uint32_t member = k->worker->member + k->members[i];
        uint64_t row = events->first[member], end = events->first[member + 1];
        uint64_t left =
            is_dozing(events, member) ? wf_recall_left(events->recall, member, limit) : 0;
        if (!left)
            left = ordered ? margin_in_order(at, events->at, row, end)
                           : wf_rest_margin(at, data, row, end);
        k->state[i] = left <= INT64_MAX;
        k->numbers[i] = left;
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

static void get_early(struct keeping *k, const struct wf_rest_agg *agg,
                      const struct wf_rest_agg *first)
{
    for (uint32_t i = 0; i < k->n; i++) {
        uint64_t row = k->worker->member + (uint64_t)k->members[i];
        k->state[i] = wf_bit(agg->known, row);
        k->numbers[i] = (uint64_t)agg->early[row];
        if (agg != first && k->state[i])
            k->numbers[i] -= (uint64_t)first->early[row];
    }
}

static inline __attribute__((always_inline)) void get_lanes(struct keeping *k, const void *lanes,
                                                            unsigned width)
{
    const int64_t *wide = lanes;
    const int32_t *narrow = lanes;
    const uint32_t n = k->n;
    if (k->every)
        for (uint32_t i = 0; i < n; i++)
            k->numbers[i] = (uint64_t)(width == 4 ? narrow[i] : wide[i]);
    else
        for (uint32_t i = 0; i < n; i++)
            k->numbers[i] = (uint64_t)(width == 4 ? narrow[k->members[i]] : wide[k->members[i]]);
}

/* Who of those who are kept has a bit. */
static void get_bits(struct keeping *k, const uint64_t *bits)
{
    const uint32_t n = k->n;
    if (k->every)
        for (uint32_t i = 0; i < n; i += 64)
            wf_row_bits_spread(bits[i / 64], k->state + i, n - i < 64 ? n - i : 64);
    else
        for (uint32_t i = 0; i < n; i++)
            k->state[i] = wf_bit(bits, k->members[i]);
}

static void get_truths(struct keeping *k, const uint64_t *bits)
{
    get_bits(k, bits);
    for (uint32_t i = 0; i < k->n; i++)
        k->numbers[i] = k->state[i];
}

/* A part of those who are kept, 0 where it is missing; less `above`, unless that is NULL. */
static void get_part(struct keeping *k, const struct part *part, const struct part *above)
{
    if (part->t)
        get_truths(k, part->t);
    else if (part->width == 4)
        get_lanes(k, part->lanes, 4);
    else
        get_lanes(k, part->lanes, 8);
    if (part->present)
        get_bits(k, part->present);
    else
        memset(k->state, 1, k->n);
    for (uint32_t i = 0; part->present && i < k->n; i++)
        k->numbers[i] &= -(uint64_t)k->state[i];
    for (uint32_t i = 0; above && i < k->n; i++)
        if (k->state[i])
            k->numbers[i] -= number_of(above, k->members[i]);
}

static enum wf_status put_results(struct keeping *k, uint32_t at)
{
    const struct wf_worker *worker = k->worker;
    const struct wf_rest_agg *agg = &k->rest->aggs[at];
    const struct wf_rest_agg *first =
        agg->part == WF_PART_SURE ? agg : &k->rest->aggs[k->rest->columns[agg->agg]];
    const struct part part = part_of(worker, agg), above = part_of(worker, first);
    if (agg->early)
        get_early(k, agg, first);
    else
        get_part(k, &part, agg == first ? NULL : &above);
    return wf_snap_put_numbers(&k->block, k->state, k->numbers, k->n);
}

static enum wf_status keep_batch(const struct wf_worker *worker, const struct wf_rests *rests,
                                 const struct wf_rest *rest)
{
    struct keeping *k = wf_calloc(rests->alloc, 1, sizeof(*k));
    if (!k)
        return WF_ERR_NOMEM;
    k->worker = worker;
    k->rests = rests;
    k->rest = rest;
    wf_buf_init(&k->block, rests->alloc, 0);
    list_members(k);
    enum wf_status status = WF_OK;
    if (k->n) {
        status = put_ids(k);
        for (uint32_t l = 0; !status && l < rest->n_limits; l++)
            status = put_margins(k, l);
        for (uint32_t i = 0; !status && i < rest->n_aggs; i++)
            status = put_results(k, i);
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
    const struct part part = part_of(worker, agg);
    for (uint32_t m = 0; m < worker->n_members; m++) {
        uint64_t row = worker->member + (uint64_t)m;
        agg->early[row] = (int64_t)number_of(&part, m);
        if (!part.present || wf_bit(part.present, m))
            wf_bit_set(agg->known, row);
    }
}

static enum wf_status keep_block(const struct wf_worker *worker, const struct wf_rest *rest,
                                 uint32_t block, bool clean)
{
    const struct wf_rests *rests = worker->bound->rests;
    for (uint32_t i = 0; i < rest->n_aggs; i++)
        if (rest->aggs[i].block == block && rest->aggs[i].early)
            note_early(worker, &rest->aggs[i]);
    for (uint32_t m = 0; !clean && m < worker->n_members; m++)
        wf_bit_set(rest->unfit, worker->member + (uint64_t)m);
    return block == rest->block ? keep_batch(worker, rests, rest) : WF_OK;
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
            recall_agg(worker, rest, &sleepers, insn->c);
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
