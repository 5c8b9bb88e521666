#include <string.h>

#include "runtime/data/past.h"

/* ---- from the snapshot ---- */

static enum wf_status take_ids(struct wf_past_block *block, const struct wf_merged *merged,
                               struct wf_chunk *chunk)
{
    const uint64_t *flags = wf_past_numbers(block, WF_PAST_MEMBER_FLAGS);
    for (uint32_t i = 0; i < block->n; i++) {
        chunk->renamed[i] = (flags[i] & WF_PAST_RENAMED) != 0;
        chunk->bad_row[i] = (flags[i] & WF_PAST_DOUBT) != 0;
    }
    enum wf_status status = wf_past_texts(block, WF_PAST_MEMBER_ID);
    if (status)
        return status;
    wf_follow_merges(merged, block->texts, block->n, chunk->renamed);
    chunk->ids_at = (uint32_t)chunk->heap.len;
    chunk->order = WF_BY_BYTES | WF_BY_LENGTH;
    for (uint32_t i = 0; i < block->n; i++) {
        struct wf_cell id = block->texts[i];
        if (i)
            chunk->order &= wf_order_of(block->texts[i - 1], id);
        wf_buf_add(&chunk->heap, id.text, id.len);
        chunk->id_end[i] = (uint32_t)chunk->heap.len;
    }
    wf_snap_numbers(&block->columns[WF_PAST_MEMBER_HASH], 0, block->n, chunk->hash);
    return chunk->heap.failed ? WF_ERR_NOMEM : WF_OK;
}

static enum wf_status take_cells(struct wf_past_block *block, const struct wf_merged *merged,
                                 const struct wf_ids *const *refs, struct wf_names *dicts,
                                 struct wf_grid *grid, struct wf_chunk *chunk)
{
    const struct wf_past_feed *past = block->past;
    const struct wf_alloc *alloc = chunk->alloc;
    uint64_t *cells = wf_calloc(alloc, block->n, sizeof(*cells)); /* no slot has wider ones */
    uint8_t *state = wf_calloc(alloc, block->n, 1);
    enum wf_status status = cells && state ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t s = 0; !status && s < past->feed->n_slots; s++) {
        struct wf_past_cells to = {cells, state, &dicts[s], &chunk->heap, refs[s], merged};
        status = wf_past_cells(block, s, &to);
        if (!status)
            status = wf_grid_put(grid, s, chunk->place, block->n, past->rows, cells, state);
    }
    wf_free(alloc, cells);
    wf_free(alloc, state);
    return status;
}

enum wf_status wf_past_members(const struct wf_load_ctx *ctx, const struct wf_past_feed *past,
                               const struct wf_merged *merged, const struct wf_ids *const *refs,
                               struct wf_names *dicts, struct wf_grid *grid, uint32_t i,
                               struct wf_chunk **chunk_out)
{
    const struct wf_past_place *place = &past->places[i];
    uint32_t n = place->block->rows;
    struct wf_past_block block = {0};
    struct wf_chunk *chunk = wf_past_chunk(ctx->alloc, past->feed, i, n);
    struct wf_snap_column *columns = wf_calloc(ctx->alloc, past->n_columns, sizeof(*columns));
    enum wf_status status = chunk && columns ? WF_OK : WF_ERR_NOMEM;
    if (!status)
        status = wf_past_columns(past, i, columns);
    if (!status)
        status = wf_past_lay_out(&block, past, i, columns, NULL, n);
    if (!status) {
        chunk->place = place->row;
        chunk->file = place->link;
        status = take_ids(&block, merged, chunk);
    }
    if (!status)
        status = take_cells(&block, merged, refs, dicts, grid, chunk);
    wf_past_block_release(&block);
    wf_free(ctx->alloc, columns);
    if (status)
        wf_chunk_free(chunk);
    else
        *chunk_out = chunk;
    return status;
}

/* ---- into the snapshot ---- */

/* A row of the entity that is kept, or one by which an id is no member: then that is all of it. */
struct kept_row {
    uint32_t row; /* of the feed */
    uint32_t at;  /* of the entity; WF_NONE: it fell */
};

struct keeping {
    const struct wf_load_ctx *ctx;
    const struct wf_feed_data *data;
    const struct wf_entity *entity;
    const struct wf_column *columns;
    uint32_t index; /* of the feed in the snapshot */
    struct kept_row *rows;
    uint32_t n;
    const struct kept_row *block; /* the rows of the block at hand */
    struct wf_past_pack pack;
};

/* What nights before kept stays where it is, unless a new chain begins: tonight's rows come behind
 * it in the feed. */
static uint32_t first_to_keep(const struct keeping *k)
{
    uint32_t c = 0;
    while (!k->ctx->anew && c < k->data->n_chunks && k->data->chunks[c]->past)
        c++;
    return k->data->base[c];
}

static enum wf_status list_rows(struct keeping *k)
{
    const struct wf_entity *entity = k->entity;
    uint32_t first = first_to_keep(k);
    k->rows = wf_calloc(k->ctx->alloc, entity->n + entity->n_fallen, sizeof(*k->rows));
    if (!k->rows)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < entity->n; i++) {
        uint32_t row = entity->as_read ? i : entity->rows[i];
        if (row >= first)
            k->rows[k->n++] = (struct kept_row){row, i};
    }
    for (size_t i = 0; i < entity->n_fallen; i++)
        if (entity->fallen[i] >= first)
            k->rows[k->n++] = (struct kept_row){entity->fallen[i], WF_NONE};
    return WF_OK;
}

static uint64_t fact_of(const struct keeping *k, uint32_t column, const struct kept_row *kept)
{
    uint32_t c = wf_feed_chunk(k->data, kept->row), at = kept->row - k->data->base[c];
    if (column == WF_PAST_MEMBER_HASH)
        return k->data->chunks[c]->hash[at];
    return (wf_chunk_renamed(k->data->chunks[c], at) ? WF_PAST_RENAMED : 0u) |
           (kept->at == WF_NONE ? WF_PAST_DOUBT : 0u);
}

static enum wf_status pack_facts(struct keeping *k)
{
    struct wf_past_pack *pack = &k->pack;
    const struct wf_feed_data *data = k->data;
    for (uint32_t i = 0; i < pack->n; i++) {
        uint32_t row = k->block[i].row, c = wf_feed_chunk(data, row);
        struct wf_cut id = wf_chunk_id(data->chunks[c], row - data->base[c]);
        pack->texts[i] = (struct wf_cell){data->heap + data->heap_base[c] + id.at, id.len, 0};
    }
    enum wf_status status = wf_past_pack_texts(pack, false, false);
    for (uint32_t c = WF_PAST_MEMBER_HASH; !status && c < WF_PAST_MEMBER_COLUMNS; c++) {
        for (uint32_t i = 0; i < pack->n; i++)
            pack->numbers[i] = fact_of(k, c, &k->block[i]);
        status = wf_past_pack_numbers(pack, false);
    }
    return status;
}

static uint64_t number_of(const struct wf_column *column, uint64_t row)
{
    uint64_t bits;
    switch ((enum wf_layout)column->layout) {
    case WF_LAY_BITS: return column->bits[row / 64] >> (row % 64) & 1;
    case WF_LAY_F64: memcpy(&bits, &column->f64[row], sizeof(bits)); return bits;
    default: return (uint64_t)wf_column_int(column, row);
    }
}

static struct wf_cell text_of(const struct wf_column *column, uint64_t row)
{
    if (column->layout == WF_LAY_STR)
        return (struct wf_cell){column->heap + column->str[row].at, column->str[row].len, 0};
    const uint64_t *at = &column->dict->at[wf_column_int(column, row)];
    return (struct wf_cell){column->dict->bytes + at[0], (uint32_t)(at[1] - at[0]), 0};
}

static enum wf_status pack_column(struct keeping *k, const struct wf_column *column)
{
    struct wf_past_pack *pack = &k->pack;
    bool text = column->layout == WF_LAY_STR || column->layout == WF_LAY_CODE;
    for (uint32_t i = 0; i < pack->n; i++) {
        uint32_t row = k->block[i].at;
        pack->state[i] = row != WF_NONE && wf_column_has(column, row);
        if (!pack->state[i])
            continue;
        if (text)
            pack->texts[i] = text_of(column, row);
        else
            pack->numbers[i] = number_of(column, row);
    }
    return text ? wf_past_pack_texts(pack, true, column->layout == WF_LAY_CODE)
                : wf_past_pack_numbers(pack, true);
}

static enum wf_status keep_block(struct keeping *k, uint32_t first, uint32_t n)
{
    const struct wf_feed *feed = k->data->feed;
    wf_buf_reset(&k->pack.block);
    k->block = k->rows + first;
    enum wf_status status = wf_past_pack_begin(&k->pack, n);
    if (!status)
        status = pack_facts(k);
    for (uint32_t s = 0; !status && s < feed->n_slots; s++)
        if (wf_past_is_kept(&feed->slots[s]))
            status = pack_column(k, &k->columns[s]);
    return status ? status
                  : wf_snap_put_block(k->ctx->keeps, k->index, first, &k->pack.block, 0, n);
}

enum wf_status wf_past_keep_members(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                                    const struct wf_entity *entity, const struct wf_column *columns)
{
    struct keeping k = {.ctx = ctx, .data = data, .entity = entity, .columns = columns};
    enum wf_status status = wf_past_announce(ctx, data->feed, &k.index);
    if (!status)
        status = list_rows(&k);
    wf_past_pack_init(&k.pack, ctx->alloc);
    for (uint32_t first = 0, n; !status && first < k.n; first += n) {
        n = k.n - first < WF_SNAP_ROWS ? k.n - first : WF_SNAP_ROWS;
        status = keep_block(&k, first, n);
    }
    wf_past_pack_release(&k.pack);
    wf_free(ctx->alloc, k.rows);
    return status;
}
