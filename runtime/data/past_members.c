#include <string.h>

#include "runtime/data/past.h"

/* ---- from the snapshot ---- */

/* Rows of one id are told apart by their hashes. There are such only where ids became others: each
 * link has an id once, and tonight's row wins. */
static enum wf_status take_hashes(const struct wf_load_ctx *ctx, const struct wf_past_block *block,
                                  const struct wf_merged *merged, struct wf_chunk *chunk)
{
    if (!ctx->anew && !wf_merges_any(merged))
        return WF_OK;
    chunk->hash = wf_calloc(chunk->alloc, chunk->n, sizeof(*chunk->hash));
    if (!chunk->hash)
        return WF_ERR_NOMEM;
    wf_snap_numbers(&block->columns[WF_PAST_MEMBER_HASH], 0, chunk->n, chunk->hash);
    return WF_OK;
}

static enum wf_status take_flags(struct wf_past_block *block, const struct wf_merged *merged,
                                 struct wf_chunk *chunk)
{
    bool none = wf_snap_is_zero(&block->columns[WF_PAST_MEMBER_FLAGS]);
    if (none && !wf_merges_any(merged))
        return WF_OK;
    chunk->renamed = wf_calloc(chunk->alloc, chunk->n, 1);
    chunk->bad_row = wf_calloc(chunk->alloc, chunk->n, 1);
    if (!chunk->renamed || !chunk->bad_row)
        return WF_ERR_NOMEM;
    const uint64_t *flags = wf_past_numbers(block, WF_PAST_MEMBER_FLAGS);
    for (uint32_t i = 0; i < chunk->n; i++) {
        chunk->renamed[i] = (flags[i] & WF_PAST_RENAMED) != 0;
        chunk->bad_row[i] = (flags[i] & WF_PAST_DOUBT) != 0;
    }
    return WF_OK;
}

/* The order of serial numbers that are all written with the same digits. */
static void find_order(const uint64_t *numbers, unsigned digits, struct wf_chunk *chunk)
{
    uint64_t end = 1;
    uint32_t n = chunk->n;
    bool up = true;
    for (unsigned d = 0; d < digits; d++)
        end *= 10;
    for (uint32_t i = 1; i < n; i++)
        up &= numbers[i - 1] < numbers[i];
    up &= n == 0 || numbers[n - 1] < end;
    chunk->order = up ? WF_BY_BYTES | WF_BY_LENGTH : 0;
    chunk->counting = up && n && numbers[n - 1] - numbers[0] == n - 1;
}

/* Most ids are serial numbers and stay what they are: they wait until it is known where to. */
static enum wf_status take_serials(struct wf_past_block *block, struct wf_chunk *chunk)
{
    const struct wf_snap_column *ids = &block->columns[WF_PAST_MEMBER_ID];
    uint64_t *numbers = block->numbers;
    chunk->late_ids = wf_calloc(chunk->alloc, 1, sizeof(*ids));
    if (!chunk->late_ids)
        return WF_ERR_NOMEM;
    *chunk->late_ids = *ids;
    chunk->id_len = wf_snap_serial_len(ids);
    for (uint32_t i = 0; i < chunk->n; i++)
        numbers[i] = ids->base + wf_snap_above(ids, i);
    find_order(numbers, ids->len_width, chunk);
    return WF_OK;
}

static enum wf_status take_ids(struct wf_past_block *block, const struct wf_merged *merged,
                               struct wf_chunk *chunk)
{
    if (block->columns[WF_PAST_MEMBER_ID].kind == WF_SNAP_SERIALS && !wf_merges_any(merged))
        return take_serials(block, chunk);
    enum wf_status status = wf_past_texts(block, WF_PAST_MEMBER_ID);
    if (status)
        return status;
    if (wf_merges_any(merged))
        wf_follow_merges(merged, block->texts, block->n, chunk->renamed);
    return wf_chunk_put_ids(chunk, block->texts, block->n);
}

static enum wf_status take_cells(struct wf_past_desk *desk, const struct wf_merged *merged,
                                 const struct wf_ids *const *refs, struct wf_names *dicts,
                                 struct wf_grid *grid, struct wf_chunk *chunk)
{
    const struct wf_past_feed *past = desk->block.past;
    enum wf_status status = WF_OK;
    for (uint32_t s = 0; !status && s < past->feed->n_slots; s++) {
        struct wf_past_cells to = {desk->cells,  desk->state, &dicts[s],
                                   &chunk->heap, refs[s],     merged};
        status = wf_past_cells(&desk->block, s, &to);
        if (!status)
            status =
                wf_grid_put(grid, s, chunk->place, chunk->n, past->rows, desk->cells, desk->state);
    }
    return status;
}

static enum wf_status make_room(struct wf_past_desk *desk, const struct wf_past_feed *past,
                                uint32_t n)
{
    const struct wf_alloc *alloc = past->alloc;
    if (!desk->columns)
        desk->columns = wf_calloc(alloc, past->n_columns, sizeof(*desk->columns));
    if (n > desk->room || !desk->cells) {
        wf_free(alloc, desk->cells);
        wf_free(alloc, desk->state);
        desk->cells = wf_calloc(alloc, n, sizeof(*desk->cells));
        desk->state = wf_calloc(alloc, n, 1);
        desk->room = n;
    }
    return desk->columns && desk->cells && desk->state ? WF_OK : WF_ERR_NOMEM;
}

void wf_past_desk_release(struct wf_past_desk *desk, const struct wf_alloc *alloc)
{
    wf_past_block_release(&desk->block);
    wf_free(alloc, desk->columns);
    wf_free(alloc, desk->cells);
    wf_free(alloc, desk->state);
    *desk = (struct wf_past_desk){0};
}

enum wf_status wf_past_members(const struct wf_load_ctx *ctx, const struct wf_past_feed *past,
                               const struct wf_merged *merged, const struct wf_ids *const *refs,
                               struct wf_names *dicts, struct wf_grid *grid,
                               struct wf_past_desk *desk, uint32_t i, struct wf_chunk **chunk_out)
{
    const struct wf_past_place *place = &past->places[i];
    uint32_t n = place->block->rows;
    struct wf_chunk *chunk = wf_past_chunk(ctx->alloc, past->feed, i, n);
    enum wf_status status = chunk ? make_room(desk, past, n) : WF_ERR_NOMEM;
    if (!status)
        status = wf_past_columns(past, i, desk->columns);
    if (!status)
        status = wf_past_lay_out(&desk->block, past, i, desk->columns, NULL, n);
    if (!status) {
        chunk->place = place->row;
        chunk->file = place->link;
        status = take_hashes(ctx, &desk->block, merged, chunk);
    }
    if (!status)
        status = take_flags(&desk->block, merged, chunk);
    if (!status)
        status = take_ids(&desk->block, merged, chunk);
    if (!status)
        status = take_cells(desk, merged, refs, dicts, grid, chunk);
    if (!status && chunk->late_ids)
        chunk->ids_at = (uint32_t)chunk->heap.len;
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
    const uint32_t *row_of = entity->as_read ? NULL : entity->rows;
    const uint32_t first = first_to_keep(k), from = row_of ? 0 : first, end = entity->n;
    const uint32_t most = k->data->n_rows - first; /* no two of the entity are one of the feed */
    uint32_t n = 0;
    struct kept_row *rows = k->rows = wf_calloc(k->ctx->alloc, most, sizeof(*rows));
    if (!rows)
        return WF_ERR_NOMEM;
    for (uint32_t i = from; i < end && n < most; i++) {
        uint32_t row = row_of ? row_of[i] : i;
        if (row >= first)
            rows[n++] = (struct kept_row){row, i};
    }
    k->n = n;
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
