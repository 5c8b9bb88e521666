#include <stdlib.h>
#include <string.h>

#include "runtime/data/group_member.h"
#include "runtime/data/known.h"
#include "runtime/data/parallel.h"
#include "runtime/data/past.h"

/* ---- from the snapshot ---- */

/* Whose the rows are: a look-up an id, not a row. */
static enum wf_status find_owners(const struct wf_past_events *e, struct wf_past_block *block,
                                  struct wf_chunk *chunk)
{
    const struct wf_snap_column *ids = &block->columns[WF_PAST_ID];
    enum wf_status status = WF_OK;
    wf_past_texts(block, WF_PAST_ID);
    wf_follow_merges(e->merged, block->texts, ids->n_texts, NULL);
    for (uint32_t t = 0; !status && t < ids->n_texts; t++) {
        struct wf_cell id = block->texts[t];
        block->map[t] = wf_ids_find(e->members, id.text, id.len);
        if (block->map[t] == WF_NONE)
            status = wf_stranger(e->ctx->strangers, id, &block->map[t]);
    }
    for (uint32_t i = 0; !status && i < block->n; i++)
        chunk->member[i] = block->map[block->codes[i]];
    return status;
}

/* Rows of which something is not known that rules read tonight are in doubt. */
static void take_facts(const struct wf_past_events *e, struct wf_past_block *block,
                       struct wf_chunk *chunk)
{
    bool lacking = e->past.lacking != WF_NONE;
    const uint64_t *from = wf_past_numbers(block, WF_PAST_HASH);
    memcpy(chunk->hash, from, block->n * sizeof(*from));
    for (uint32_t half = 0; chunk->key && half < 2; half++) {
        from = wf_past_numbers(block, WF_PAST_KEY_LOW + half);
        for (uint32_t i = 0; i < block->n; i++)
            memcpy(chunk->key[i] + 8 * half, &from[i], 8);
    }
    wf_snap_state(&block->columns[WF_PAST_KEY_LOW], block->n, block->state);
    from = wf_past_numbers(block, WF_PAST_FLAGS);
    for (uint32_t i = 0; i < block->n; i++) {
        chunk->line[i] = i;
        chunk->bad_row[i] = (from[i] & WF_PAST_DOUBT) != 0 || lacking;
    }
}

static void know_rows(const struct wf_past_events *e, const struct wf_names *dicts,
                      struct wf_past_block *block, struct wf_chunk *chunk)
{
    const struct wf_feed *feed = e->past.feed;
    const uint64_t *flags = block->numbers; /* as take_facts left them */
    for (uint32_t i = 0; i < block->n; i++) {
        bool first = feed->n_uniques && chunk->state[feed->uniques[0]][i];
        wf_known_row(feed, dicts, NULL, NULL, 0, i, chunk);
        if (chunk->full && !(flags[i] & WF_PAST_WHOLE))
            chunk->full[i] = chunk->hash[i];
        if (chunk->key && !first && !block->state[i])
            chunk->bad_row[i] = 1; /* nobody asked for keys when it came */
    }
}

static enum wf_status take_block(void *ctx, unsigned thread, uint32_t i)
{
    const struct wf_past_events *e = ctx;
    const struct wf_feed *feed = e->past.feed;
    struct wf_names *dicts = e->dicts + (size_t)thread * feed->n_slots;
    struct wf_past_block block;
    struct wf_chunk *chunk = NULL;
    enum wf_status status = wf_past_open(&e->past, i, &block);
    if (!status && !(chunk = wf_past_chunk(e->ctx->alloc, feed, i, block.n)))
        status = WF_ERR_NOMEM;
    if (!status) {
        chunk->worker = thread;
        chunk->first_line = (uint64_t)i * WF_SNAP_ROWS;
        status = find_owners(e, &block, chunk);
    }
    for (uint32_t s = 0; !status && s < feed->n_slots; s++) {
        struct wf_past_cells to = {chunk->data[s], chunk->state[s], &dicts[s],
                                   &chunk->heap,   e->refs[s],      e->merged};
        status = wf_past_cells(&block, s, &to);
    }
    if (!status) {
        take_facts(e, &block, chunk);
        know_rows(e, dicts, &block, chunk);
        status = e->taker->take(e->taker->ctx, thread, chunk, dicts);
    }
    wf_chunk_free(chunk);
    wf_past_close(&block);
    return status;
}

enum wf_status wf_past_events(struct wf_past_events *events)
{
    return wf_parallel(events->ctx->threads, events->past.n, events, take_block);
}

/* ---- into the snapshot ---- */

enum { TOGETHER = 1 << 13 }; /* rows of a block: they are gone over once a column, in the cache */

static struct wf_cell id_of(const struct wf_past_keeping *k, const struct wf_group_part *part,
                            uint32_t m)
{
    if (part->strangers)
        return wf_names_text(&k->ctx->strangers->names, part->low + m);
    const struct wf_id *id = &k->data->ids[part->low + m];
    return (struct wf_cell){k->data->id_heap + id->at, id->len, 0};
}

/* Rows that follow each other, and where each of a part's members ends among all of them. */
struct kept_rows {
    const struct wf_past_keeping *keeping;
    const struct wf_group_part *part;
    const struct wf_group_row *rows;
    const uint32_t *ends;
    uint32_t n;
};

static const struct wf_stage *stage_of(const struct kept_rows *k, const struct wf_group_row *row)
{
    return &k->keeping->rows->stages[wf_group_worker(row->mark)];
}

static enum wf_status pack_ids(const struct kept_rows *k, uint32_t from, struct wf_past_pack *pack)
{
    uint32_t m = 0;
    for (uint32_t i = 0; i < pack->n; i++) {
        while (k->ends[m] <= from + i)
            m++;
        pack->texts[i] = id_of(k->keeping, k->part, m);
    }
    return wf_past_pack_texts(pack, false, true);
}

static enum wf_status pack_facts(const struct kept_rows *k, const struct wf_group_row *rows,
                                 struct wf_past_pack *pack)
{
    const struct wf_stage_form *form = k->keeping->rows->form;
    const struct wf_feed *feed = form->feed;
    for (uint32_t i = 0; i < pack->n; i++)
        pack->numbers[i] = wf_staged_hash(form, rows[i].row);
    enum wf_status status = wf_past_pack_numbers(pack, false);
    for (uint32_t half = 0; !status && half < 2; half++) {
        for (uint32_t i = 0; i < pack->n; i++) {
            bool first = feed->n_uniques && wf_staged_state(rows[i].row, feed->uniques[0]);
            pack->state[i] = form->key && !first;
            if (pack->state[i])
                memcpy(&pack->numbers[i], wf_staged_at(rows[i].row, form->key + 8 * half), 8);
        }
        status = wf_past_pack_numbers(pack, true);
    }
    for (uint32_t i = 0; !status && i < pack->n; i++) {
        uint64_t first = form->full ? wf_staged_first(stage_of(k, &rows[i]), rows[i].row) : 0;
        bool whole = form->full ? wf_staged_full(form, rows[i].row, first) !=
                                      wf_staged_hash(form, rows[i].row)
                                : feed->n_uniques && wf_staged_state(rows[i].row, feed->uniques[0]);
        pack->numbers[i] =
            (rows[i].mark & WF_STAGED_DOUBT ? WF_PAST_DOUBT : 0u) | (whole ? WF_PAST_WHOLE : 0u);
    }
    return status ? status : wf_past_pack_numbers(pack, false);
}

static enum wf_status pack_slot(const struct kept_rows *k, const struct wf_group_row *rows,
                                uint32_t slot, struct wf_past_pack *pack)
{
    const struct wf_stage_form *form = k->keeping->rows->form;
    enum wf_stage_kind kind = (enum wf_stage_kind)form->cells[slot].kind;
    char(*rooms)[WF_SERIAL_ROOM] = NULL;
    if (kind == WF_STAGE_TEXT && !(rooms = wf_calloc(form->alloc, pack->n, sizeof(*rooms))))
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < pack->n; i++) {
        const struct wf_staged *row = rows[i].row;
        const struct wf_names *dicts =
            k->keeping->dicts + (size_t)wf_group_worker(rows[i].mark) * form->feed->n_slots;
        pack->state[i] = wf_staged_state(row, slot) != WF_STAGED_MISSING;
        if (!pack->state[i])
            continue;
        if (kind == WF_STAGE_TEXT)
            pack->texts[i] = wf_staged_text(stage_of(k, &rows[i]), row, slot, rooms[i]);
        else if (kind == WF_STAGE_CODE)
            pack->texts[i] =
                wf_names_text(&dicts[slot], (uint32_t)wf_staged_value(form, row, slot));
        else
            pack->numbers[i] = (uint64_t)wf_staged_value(form, row, slot);
    }
    enum wf_status status = kind == WF_STAGE_TEXT || kind == WF_STAGE_CODE
                                ? wf_past_pack_texts(pack, true, kind == WF_STAGE_CODE)
                                : wf_past_pack_numbers(pack, true);
    wf_free(form->alloc, rooms);
    return status;
}

/* Rows as blocks, from the place `order` on. */
static enum wf_status keep_rows(const struct kept_rows *k, uint64_t order)
{
    const struct wf_feed *feed = k->keeping->rows->feed;
    const struct wf_load_ctx *ctx = k->keeping->ctx;
    struct wf_past_pack pack;
    uint32_t room = k->n < TOGETHER ? k->n : TOGETHER;
    enum wf_status status = wf_past_pack_init(&pack, ctx->alloc, room);
    for (uint32_t from = 0; !status && from < k->n; from += pack.n) {
        wf_past_pack_begin(&pack, k->n - from < room ? k->n - from : room);
        status = pack_ids(k, from, &pack);
        if (!status)
            status = pack_facts(k, k->rows + from, &pack);
        for (uint32_t s = 0; !status && s < feed->n_slots; s++)
            if (wf_past_is_kept(&feed->slots[s]))
                status = pack_slot(k, k->rows + from, s, &pack);
        if (!status)
            status =
                wf_snap_put_block(ctx->keeps, k->keeping->index, order + from, &pack.block, pack.n);
    }
    wf_past_pack_release(&pack);
    return status;
}

/* Behind the rows that members have tonight: the place's upper half. */
enum { UNSEEN = 1, STRANGERS = 2 };

enum wf_status wf_past_take(void *ctx, const struct wf_group_part *part)
{
    const struct wf_past_keeping *k = ctx;
    struct kept_rows seen = {k, part, part->rows, part->ends, part->n};
    struct kept_rows unseen = {k, part, part->unseen, part->unseen_ends, part->n_unseen};
    uint64_t place = (uint64_t)part->low << 32; /* its blocks, whatever other parts have */
    uint64_t order = part->strangers ? (uint64_t)STRANGERS << 62 | place : part->base;
    enum wf_status status = part->strangers ? WF_OK : wf_view_take(k->view, part);
    if (!status && seen.n)
        status = keep_rows(&seen, order);
    order = (uint64_t)(part->strangers ? STRANGERS | UNSEEN : UNSEEN) << 62 | place;
    return status || !unseen.n ? status : keep_rows(&unseen, order);
}
