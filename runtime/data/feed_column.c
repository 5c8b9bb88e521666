#include <string.h>

#include "lang/base/utf8.h"
#include "runtime/data/feed_data.h"
#include "runtime/data/narrow.h"
#include "runtime/data/parallel.h"
#include "runtime/data/quick.h"
#include "runtime/data/row_bits.h"

static uint64_t *new_bits(const struct wf_load_ctx *ctx, uint64_t n)
{
    return wf_keep_calloc(ctx->keep, wf_column_room(n) / 64, sizeof(uint64_t));
}

enum wf_status wf_column_blank(const struct wf_load_ctx *ctx, enum wf_type type,
                               enum wf_layout layout, uint64_t n, struct wf_column *column_out)
{
    struct wf_column column = {.type = (uint8_t)type, .layout = (uint8_t)layout};
    column.present = new_bits(ctx, n);
    column.data = layout == WF_LAY_BITS
                      ? new_bits(ctx, n)
                      : wf_keep_calloc(ctx->keep, wf_column_room(n), wf_layout_width(layout));
    if (!column.present || !column.data)
        return WF_ERR_NOMEM;
    /* code 0 of missing cells may be read: it must be there */
    if (layout == WF_LAY_CODE) {
        column.dict = wf_keep_calloc(ctx->keep, 1, sizeof(*column.dict));
        if (!column.dict)
            return WF_ERR_NOMEM;
        column.dict->at = wf_keep_calloc(ctx->keep, 2, sizeof(uint64_t));
        column.dict->bytes = wf_keep_calloc(ctx->keep, 1, 1);
        if (!column.dict->at || !column.dict->bytes)
            return WF_ERR_NOMEM;
    }
    if (layout == WF_LAY_STR && !(column.heap = wf_keep_calloc(ctx->keep, 1, 1)))
        return WF_ERR_NOMEM;
    *column_out = column;
    return WF_OK;
}

/* ---- dictionaries ---- */

static enum wf_status add_normal(const struct wf_load_ctx *ctx, struct wf_names *all,
                                 struct wf_cell name, uint32_t *code_out)
{
    if (wf_utf8_is_plain_nfc(name.text, name.len))
        return wf_names_add(all, name.text, name.len, code_out);
    struct wf_buf buf;
    wf_buf_init(&buf, ctx->alloc, 0);
    enum wf_status status = wf_utf8_nfc(&buf, name.text, name.len);
    if (!status)
        status = wf_names_add(all, wf_buf_str(&buf), buf.len, code_out);
    wf_buf_release(&buf);
    return status;
}

/* Copies the names in the order of their bytes; rank[code] is where one went. */
static enum wf_status sort_dict(const struct wf_load_ctx *ctx, const struct wf_names *all,
                                uint32_t *rank, struct wf_dict *dict)
{
    uint32_t *order = wf_calloc(ctx->alloc, all->n, sizeof(*order));
    dict->n = all->n;
    dict->at = wf_keep_calloc(ctx->keep, (size_t)all->n + 2, sizeof(uint64_t));
    dict->bytes = wf_keep_calloc(ctx->keep, all->n ? all->at[all->n] + 1 : 1, 1);
    enum wf_status status = order && dict->at && dict->bytes ? WF_OK : WF_ERR_NOMEM;
    if (!status)
        status = wf_names_sort(all, order);
    for (uint32_t i = 0; !status && i < all->n; i++) {
        struct wf_cell name = wf_names_text(all, order[i]);
        memcpy(dict->bytes + dict->at[i], name.text, name.len);
        dict->at[i + 1] = dict->at[i] + name.len;
        rank[order[i]] = i;
    }
    wf_free(ctx->alloc, order);
    return status;
}

enum wf_status wf_dict_make(const struct wf_load_ctx *ctx, struct wf_names *const *names,
                            unsigned n, uint32_t **maps, struct wf_dict **dict_out)
{
    struct wf_names all;
    wf_names_init(&all, ctx->alloc, ctx->seed);
    enum wf_status status = WF_OK;
    for (unsigned t = 0; !status && t < n; t++)
        for (uint32_t code = 0; !status && code < names[t]->n; code++)
            status = add_normal(ctx, &all, wf_names_text(names[t], code), &maps[t][code]);
    struct wf_dict *dict = wf_keep_calloc(ctx->keep, 1, sizeof(*dict));
    uint32_t *rank = wf_calloc(ctx->alloc, all.n, sizeof(*rank));
    if (!status && (!dict || !rank))
        status = WF_ERR_NOMEM;
    if (!status)
        status = sort_dict(ctx, &all, rank, dict);
    for (unsigned t = 0; !status && t < n; t++)
        for (uint32_t code = 0; code < names[t]->n; code++)
            maps[t][code] = rank[maps[t][code]];
    wf_free(ctx->alloc, rank);
    wf_names_release(&all);
    *dict_out = dict;
    return status;
}

/* ---- from the grid ---- */

static enum wf_status copy_heap(void *ctx, unsigned thread, uint32_t c)
{
    struct wf_feed_data *data = ctx;
    struct wf_chunk *chunk = data->chunks[c];
    (void)thread;
    memcpy(data->heap + data->heap_base[c], chunk->heap.data, chunk->heap.len);
    if (chunk->late_ids)
        wf_snap_write_serials(chunk->late_ids, data->heap + data->heap_base[c] + chunk->ids_at);
    wf_buf_release(&chunk->heap);
    return WF_OK;
}

static size_t heap_of(const struct wf_chunk *chunk)
{
    return chunk->heap.len + (chunk->late_ids ? (size_t)chunk->n * chunk->id_len : 0);
}

enum wf_status wf_feed_heap(const struct wf_load_ctx *ctx, struct wf_feed_data *data)
{
    uint64_t total = 0;
    if (data->heap)
        return WF_OK;
    data->heap_base = wf_calloc(ctx->alloc, data->n_chunks, sizeof(*data->heap_base));
    if (!data->heap_base)
        return WF_ERR_NOMEM;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        data->heap_base[c] = total;
        total += heap_of(data->chunks[c]);
    }
    data->heap = wf_keep_alloc(ctx->keep, (size_t)total + WF_CELL_PAD, 1);
    if (!data->heap)
        return WF_ERR_NOMEM;
    memset(data->heap + total, 0, WF_CELL_PAD);
    return wf_parallel(ctx->threads, data->n_chunks, data, copy_heap);
}

enum wf_status wf_feed_dict(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                            uint32_t slot, uint32_t **maps, struct wf_dict **dict_out)
{
    struct wf_names *names[64]; /* a missing cell has code 0, also where no text was met: n + 1 */
    for (unsigned t = 0; t < data->threads; t++) {
        names[t] = &data->dicts[(size_t)t * data->feed->n_slots + slot];
        maps[t] = wf_calloc(ctx->alloc, (size_t)names[t]->n + 1, sizeof(uint32_t));
        if (!maps[t])
            return WF_ERR_NOMEM;
    }
    return wf_dict_make(ctx, names, data->threads, maps, dict_out);
}

/* The rows of a chunk: its worker's codes become the dictionary's. */
#define MAP(from, to)                                                                              \
    do {                                                                                           \
        const from *in = column->data;                                                             \
        to *codes = out;                                                                           \
        for (uint32_t i = first; i < end; i++)                                                     \
            codes[i] = (to)map[in[i]];                                                             \
    } while (0)

static void map_chunk(const struct wf_column *column, uint8_t width, const uint32_t *map,
                      uint32_t first, uint32_t end, void *out)
{
    unsigned from = column->width ? column->width : 4, to = width ? width : 4;
    switch (from * 8 + to) {
    case 1 * 8 + 1: MAP(uint8_t, uint8_t); break;
    case 1 * 8 + 2: MAP(uint8_t, uint16_t); break;
    case 1 * 8 + 4: MAP(uint8_t, uint32_t); break;
    case 2 * 8 + 1: MAP(uint16_t, uint8_t); break;
    case 2 * 8 + 2: MAP(uint16_t, uint16_t); break;
    case 2 * 8 + 4: MAP(uint16_t, uint32_t); break;
    case 4 * 8 + 1: MAP(uint32_t, uint8_t); break;
    case 4 * 8 + 2: MAP(uint32_t, uint16_t); break;
    default: MAP(uint32_t, uint32_t); break;
    }
}
#undef MAP

/* Missing cells have code 0 as well, whatever the map made of them. */
static void clear_missing(struct wf_column *column, uint32_t n)
{
    for (uint32_t first = 0; first < n; first += 64) {
        uint64_t none = ~column->present[first / 64];
        if (n - first < 64)
            none &= (UINT64_C(1) << (n - first)) - 1;
        for (; none; none &= none - 1) {
            uint32_t i = first + (uint32_t)__builtin_ctzll(none);
            switch (column->width) {
            case 1: ((uint8_t *)column->data)[i] = 0; break;
            case 2: ((uint16_t *)column->data)[i] = 0; break;
            default: column->code[i] = 0; break;
            }
        }
    }
}

/* Codes of the threads become those of the dictionary, which may need wider cells. */
static enum wf_status map_codes(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                                uint32_t *const *maps, const struct wf_dict *dict,
                                struct wf_column *column)
{
    uint8_t width = dict->n <= UINT8_MAX + 1 ? 1 : dict->n <= UINT16_MAX + 1 ? 2 : 0;
    void *codes = column->data;
    if (width != column->width)
        codes = wf_calloc(ctx->alloc, wf_column_room(data->n_rows), width ? width : 4);
    if (!codes)
        return WF_ERR_NOMEM;
    for (uint32_t c = 0; c < data->n_chunks; c++)
        map_chunk(column, width, maps[data->chunks[c]->worker], data->base[c], data->base[c + 1],
                  codes);
    if (codes != column->data)
        wf_free(ctx->alloc, column->data);
    column->data = codes;
    column->width = width;
    clear_missing(column, data->n_rows);
    return WF_OK;
}

/* Places in the chunks' heaps become places in the feed's. */
static enum wf_status widen_cuts(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                                 struct wf_column *column)
{
    const struct wf_cut *cuts = column->data;
    struct wf_piece *pieces = wf_calloc(ctx->alloc, wf_column_room(data->n_rows), sizeof(*pieces));
    for (uint32_t c = 0; pieces && c < data->n_chunks; c++)
        for (uint32_t i = data->base[c]; i < data->base[c + 1]; i++)
            pieces[i] = (struct wf_piece){data->heap_base[c] + cuts[i].at, cuts[i].len};
    wf_free(ctx->alloc, column->data);
    column->data = pieces;
    return pieces ? WF_OK : WF_ERR_NOMEM;
}

/* The cells lie in the grid, with gaps where rows fell out. */
static enum wf_status close_gaps(const struct wf_load_ctx *ctx, struct wf_feed_data *data,
                                 uint32_t slot, uint32_t *const *maps, struct wf_column *column)
{
    struct wf_grid_slot cells;
    for (uint32_t c = 0; c < data->n_chunks; c++)
        wf_grid_shift(&data->grid, slot, data->chunks[c]->place, data->base[c], data->chunks[c]->n);
    enum wf_status status =
        wf_grid_take(&data->grid, slot, data->n_rows, wf_column_room(data->n_rows), &cells);
    if (status)
        return status;
    column->data = cells.cells;
    column->present = cells.present;
    column->width = cells.form.width;
    column->base = cells.form.base;
    if (column->layout == WF_LAY_CODE)
        status = map_codes(ctx, data, maps, column->dict, column);
    else if (column->layout == WF_LAY_STR)
        status = widen_cuts(ctx, data, column);
    return status;
}

static bool all_set(const uint64_t *bits, uint32_t n)
{
    uint64_t all = ~UINT64_C(0);
    for (uint32_t w = 0; w < n / 64; w++)
        all &= bits[w];
    if (n % 64)
        all &= bits[n / 64] | ~UINT64_C(0) << n % 64;
    return all == ~UINT64_C(0);
}

enum wf_status wf_feed_raw(const struct wf_load_ctx *ctx, struct wf_feed_data *data, uint32_t slot,
                           struct wf_raw *raw_out)
{
    const struct wf_slot *s = &data->feed->slots[slot];
    uint32_t *maps[64] = {0};
    struct wf_raw raw = {.column = {.type = s->type, .layout = s->layout, .heap = data->heap}};
    enum wf_status status = WF_OK;
    if (s->layout == WF_LAY_CODE)
        status = wf_feed_dict(ctx, data, slot, maps, &raw.column.dict);
    if (!status)
        status = close_gaps(ctx, data, slot, maps, &raw.column);
    for (unsigned t = 0; t < 64; t++)
        wf_free(ctx->alloc, maps[t]);
    raw.whole = !status && all_set(raw.column.present, data->n_rows);
    if (status)
        wf_raw_release(ctx->alloc, &raw);
    else
        *raw_out = raw;
    return status;
}

void wf_raw_release(const struct wf_alloc *alloc, struct wf_raw *raw)
{
    wf_free(alloc, raw->column.data);
    wf_free(alloc, raw->column.present);
    *raw = (struct wf_raw){0};
}

/* ---- columns ---- */

/* Row rows[i] becomes row i, which is not behind it: what is read was not yet written over. */
static void take_bits(uint64_t *bits, const uint32_t *rows, uint64_t n)
{
    for (uint64_t first = 0; first < n; first += 64) {
        uint64_t word = 0, end = n - first < 64 ? n : first + 64;
        for (uint64_t i = first; i < end; i++)
            word |= (bits[rows[i] / 64] >> (rows[i] % 64) & 1) << (i - first);
        bits[first / 64] = word;
    }
    wf_row_bits_clear(bits, n, wf_column_room(n));
}

#define TAKE(type)                                                                                 \
    do {                                                                                           \
        type *cells = column->data;                                                                \
        for (uint64_t i = 0; i < n; i++)                                                           \
            cells[i] = cells[rows[i]];                                                             \
    } while (0)

static void take_rows(struct wf_column *column, const uint32_t *rows, uint64_t n)
{
    size_t cell = wf_column_cell(column);
    switch (cell) {
    case 0: take_bits(column->data, rows, n); return;
    case 1: TAKE(uint8_t); break;
    case 2: TAKE(uint16_t); break;
    case 4: TAKE(uint32_t); break;
    case 8: TAKE(uint64_t); break;
    default: TAKE(struct wf_piece); break;
    }
    memset((char *)column->data + n * cell, 0, (wf_column_room(n) - n) * cell);
}
#undef TAKE

enum wf_status wf_raw_become(const struct wf_load_ctx *ctx, struct wf_raw *raw,
                             const uint32_t *rows, uint64_t n, struct wf_column *column_out)
{
    struct wf_column column = raw->column;
    raw->column.data = NULL;
    if (wf_keep_add(ctx->keep, column.data))
        return WF_ERR_NOMEM;
    if (rows)
        take_rows(&column, rows, n);
    if (!raw->whole && rows) {
        take_bits(raw->column.present, rows, n);
        raw->whole = all_set(raw->column.present, (uint32_t)n);
    }
    if (raw->whole) {
        column.present = NULL; /* the raw frees it */
    } else {
        raw->column.present = NULL;
        if (wf_keep_add(ctx->keep, column.present))
            return WF_ERR_NOMEM;
    }
    *column_out = column;
    return WF_OK;
}

enum wf_status wf_column_through(const struct wf_load_ctx *ctx, const struct wf_column *ref,
                                 const struct wf_column *target, uint64_t n,
                                 struct wf_column *column_out)
{
    struct wf_column column;
    enum wf_status status = wf_column_blank(ctx, (enum wf_type)target->type,
                                            (enum wf_layout)target->layout, n, &column);
    size_t cell = wf_column_cell(target);
    if (status)
        return status;
    if (target->dict)
        column.dict = target->dict;
    if (target->heap)
        column.heap = target->heap;
    column.width = target->width; /* the blank one has more than the room */
    column.base = target->base;
    const struct wf_narrow form = {target->width, target->base};
    const int64_t none = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint32_t from = wf_column_has(ref, i) ? (uint32_t)wf_column_int(ref, i) : WF_NONE;
        char *to = (char *)column.data + i * cell;
        if (from == WF_NONE || !wf_column_has(target, from)) {
            if (column.width)
                wf_narrow_put(&none, (enum wf_layout)target->layout, 1, form, to);
            continue;
        }
        column.present[i / 64] |= UINT64_C(1) << (i % 64);
        if (cell)
            memcpy(to, (const char *)target->data + from * cell, cell);
        else
            column.bits[i / 64] |= (target->bits[from / 64] >> (from % 64) & 1) << (i % 64);
    }
    *column_out = column;
    return WF_OK;
}
