#include "runtime/data/entity.h"

#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/data/parallel.h"

/* Of an id that came more than once. */
struct again {
    uint32_t more; /* rows that could be read beside the one that stands: of its file in a delta
                      feed, else all */
    bool torn;     /* rows differ: none stands */
};

struct taking {
    const struct wf_load_ctx *ctx;
    const struct wf_feed_data *data;
    struct wf_entity *entity;
    uint32_t *row;       /* by name: the row that stands */
    struct again *again; /* by name; NULL as long as no row was beside another */
    uint32_t n_names, n_torn;
};

/* The chunk of a row; near: that of the one before it. */
static uint32_t chunk_of(const struct wf_feed_data *data, uint32_t near, uint32_t row)
{
    return row >= data->base[near] && row < data->base[near + 1] ? near : wf_feed_chunk(data, row);
}

/* Tonight's files come one after the other, all of them behind what was kept night by night. */
static bool is_newer(const struct wf_chunk *chunk, const struct wf_chunk *before)
{
    return chunk->past == before->past ? chunk->file > before->file : before->past;
}

/* A row beside the one that stands. */
static enum wf_status stand_beside(struct taking *t, uint32_t name, const struct wf_chunk *chunk,
                                   uint32_t i, const struct wf_chunk *standing, uint32_t stands)
{
    if (!t->again)
        t->again = wf_calloc(t->ctx->alloc, t->data->n_rows, sizeof(*t->again));
    if (!t->again)
        return WF_ERR_NOMEM;
    struct again *again = &t->again[name];
    again->more += !wf_chunk_is_bad(chunk, i);
    t->entity->duplicates += !wf_chunk_is_bad(chunk, i);
    if (!chunk->hash || !standing->hash) {
        t->entity->unsure = true;
    } else if (!again->torn && standing->hash[stands] != chunk->hash[i]) {
        again->torn = true;
        t->n_torn++;
    }
    return WF_OK;
}

/* One more row of an id that was seen already. */
static enum wf_status meet_again(struct taking *t, uint32_t name, uint32_t c, uint32_t i)
{
    const struct wf_feed_data *data = t->data;
    uint32_t b = wf_feed_chunk(data, t->row[name]), stands = t->row[name] - data->base[b];
    const struct wf_chunk *chunk = data->chunks[c], *before = data->chunks[b];
    bool was = wf_chunk_renamed(before, stands), is = wf_chunk_renamed(chunk, i);
    if (is && !was) { /* the row of the id itself goes before */
        t->entity->duplicates += !wf_chunk_is_bad(chunk, i);
        return WF_OK;
    }
    if ((was && !is) || (data->feed->delta && is_newer(chunk, before))) {
        t->entity->duplicates += !wf_chunk_is_bad(before, stands);
        t->n_torn -= t->again && t->again[name].torn;
        if (t->again)
            t->again[name] = (struct again){0, false};
        t->row[name] = data->base[c] + i;
        return WF_OK;
    }
    return stand_beside(t, name, chunk, i, before, stands);
}

static struct wf_cell id_of(const struct wf_feed_data *data, uint32_t c, uint32_t i)
{
    struct wf_cut cut = wf_chunk_id(data->chunks[c], i);
    return (struct wf_cell){data->heap + data->heap_base[c] + cut.at, cut.len, 0};
}

/* How many of the first chunks' ids come each behind the one before it, so that no two are alike.
 */
static uint32_t sorted_chunks(const struct wf_feed_data *data)
{
    unsigned order = WF_BY_BYTES | WF_BY_LENGTH;
    uint32_t last = WF_NONE; /* the last chunk that has rows */
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        if (data->chunks[c]->n == 0)
            continue;
        order &= data->chunks[c]->order;
        if (last != WF_NONE)
            order &= wf_order_of(id_of(data, last, data->chunks[last]->n - 1), id_of(data, c, 0));
        if (!order)
            return c;
        last = c;
    }
    return data->n_chunks;
}

/* The names of the ids of one chunk: by their numbers, or by their bytes. */
static enum wf_status name_ids(struct taking *t, struct wf_cell *cells, uint32_t n, uint32_t *codes)
{
    struct wf_ids *ids = &t->entity->ids;
    uint32_t next = t->n_names;
    if (!ids->numbered)
        return wf_names_add_many(&ids->names, cells, n, codes);
    for (uint32_t i = 0; i < n; i++) {
        codes[i] = wf_ids_name(ids, cells[i].text, cells[i].len, next);
        next += codes[i] == next;
    }
    return WF_OK;
}

/* Names the ids of one chunk and looks at each of its rows. */
static enum wf_status take_chunk(struct taking *t, uint32_t c, struct wf_cell *cells,
                                 uint32_t *codes)
{
    const struct wf_feed_data *data = t->data;
    const struct wf_chunk *chunk = data->chunks[c];
    for (uint32_t i = 0; i < chunk->n; i++)
        cells[i] = id_of(data, c, i);
    enum wf_status status = name_ids(t, cells, chunk->n, codes);
    for (uint32_t i = 0; !status && i < chunk->n; i++) {
        if (codes[i] < t->n_names)
            status = meet_again(t, codes[i], c, i);
        else
            t->row[t->n_names++] = data->base[c] + i;
    }
    return status;
}

/* A chunk of ids that nothing before it has: each row is a name of its own. */
static enum wf_status take_sorted_chunk(void *ctx, unsigned thread, uint32_t c)
{
    const struct taking *t = ctx;
    const struct wf_feed_data *data = t->data;
    const struct wf_chunk *chunk = data->chunks[c];
    (void)thread;
    for (uint32_t i = 0; i < chunk->n; i++) {
        uint32_t row = data->base[c] + i;
        t->row[row] = row;
        if (row < t->entity->ids.straight)
            continue;
        struct wf_cell id = id_of(data, c, i);
        wf_ids_name(&t->entity->ids, id.text, id.len, row);
    }
    return WF_OK;
}

/* Most rows are those of nights before, in order; where they are numbered they need not be taken
 * one after the other. Answers how many chunks they are. */
static uint32_t take_sorted(struct taking *t)
{
    uint32_t n = t->entity->ids.numbered ? sorted_chunks(t->data) : 0;
    wf_parallel(t->ctx->threads, n, t, take_sorted_chunk);
    t->n_names = t->data->base[n];
    return n;
}

static enum wf_status take_rows(struct taking *t)
{
    const struct wf_feed_data *data = t->data;
    const struct wf_alloc *alloc = t->ctx->alloc;
    uint32_t most = 0;
    uint64_t bytes = 0;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        most = data->chunks[c]->n > most ? data->chunks[c]->n : most;
        for (uint32_t i = 0; !t->entity->ids.numbered && i < data->chunks[c]->n; i++)
            bytes += wf_chunk_id(data->chunks[c], i).len;
    }
    struct wf_cell *cells = wf_calloc(alloc, most, sizeof(*cells));
    uint32_t *codes = wf_calloc(alloc, most, sizeof(*codes));
    t->row = wf_calloc(alloc, data->n_rows, sizeof(*t->row));
    enum wf_status status = cells && codes && t->row ? WF_OK : WF_ERR_NOMEM;
    if (!status && !t->entity->ids.numbered)
        status = wf_names_reserve(&t->entity->ids.names, data->n_rows, bytes);
    for (uint32_t c = status ? 0 : take_sorted(t); !status && c < data->n_chunks; c++)
        status = take_chunk(t, c, cells, codes);
    wf_free(alloc, cells);
    wf_free(alloc, codes);
    return status;
}

/* Rejects every readable row of the ids whose rows differ. */
static enum wf_status reject_torn(struct taking *t)
{
    const struct wf_feed_data *data = t->data;
    struct wf_entity *entity = t->entity;
    for (uint32_t c = 0; t->n_torn && c < data->n_chunks; c++) {
        const struct wf_chunk *chunk = data->chunks[c];
        for (uint32_t i = 0; i < chunk->n; i++) {
            struct wf_cell id = id_of(data, c, i);
            uint32_t code = wf_ids_find(&entity->ids, id.text, id.len); /* its name so far */
            if (!t->again[code].torn || wf_chunk_is_bad(chunk, i) || chunk->past)
                continue;
            uint32_t b = wf_feed_chunk(data, t->row[code]), stands = t->row[code] - data->base[b];
            bool newest = !data->feed->delta || !is_newer(data->chunks[b], chunk);
            if (!newest || wf_chunk_renamed(chunk, i) != wf_chunk_renamed(data->chunks[b], stands))
                continue;
            if (wf_grow(t->ctx->alloc, &entity->late, &entity->room_late, entity->n_late + 1,
                        sizeof(*entity->late)))
                return WF_ERR_NOMEM;
            entity->late[entity->n_late++] =
                (struct wf_late_reject){chunk->file, wf_chunk_line(chunk, i),
                                        N_("another row has the same id and says something else")};
        }
    }
    return WF_OK;
}

/* An id is without a row until a better one comes, which may be on another night. */
static enum wf_status fall(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                           struct wf_entity *entity, uint32_t row)
{
    if (!data->feed->kept)
        return WF_OK;
    if (wf_grow(ctx->alloc, &entity->fallen, &entity->room_fallen, entity->n_fallen + 1,
                sizeof(*entity->fallen)) != 0)
        return WF_ERR_NOMEM;
    entity->fallen[entity->n_fallen++] = row;
    return WF_OK;
}

static bool stands(const struct taking *t, uint32_t name, uint32_t *near)
{
    *near = chunk_of(t->data, *near, t->row[name]);
    return !wf_chunk_is_bad(t->data->chunks[*near], t->row[name] - t->data->base[*near]) &&
           !(t->n_torn && t->again[name].torn);
}

/* Only those that stand keep their rows; the others' names lead nowhere. */
static enum wf_status leave_fallen(struct taking *t)
{
    struct wf_entity *entity = t->entity;
    uint32_t near = 0, n = 0;
    entity->ids.row = wf_calloc(t->ctx->alloc, t->n_names, sizeof(*entity->ids.row));
    if (!entity->ids.row)
        return WF_ERR_NOMEM;
    for (uint32_t name = 0; name < t->n_names; name++) {
        uint32_t row = t->row[name];
        entity->ids.row[name] = WF_NONE;
        if (stands(t, name, &near)) {
            entity->ids.row[name] = n;
            t->row[n++] = row; /* n is at most the name */
            continue;
        }
        entity->duplicates -= t->again ? t->again[name].more : 0;
        if (fall(t->ctx, t->data, entity, row) != WF_OK)
            return WF_ERR_NOMEM;
    }
    return WF_OK;
}

/* Those that stand get their rows in the order of the files. */
static enum wf_status settle(struct taking *t)
{
    struct wf_entity *entity = t->entity;
    uint32_t near = 0;
    bool may_fall = t->n_torn != 0;
    for (uint32_t c = 0; c < t->data->n_chunks; c++)
        may_fall |= wf_chunk_has_bad(t->data->chunks[c]);
    entity->n = may_fall ? 0 : t->n_names;
    for (uint32_t name = 0; may_fall && name < t->n_names; name++)
        entity->n += stands(t, name, &near);
    if (entity->n > WF_MAX_MEMBERS)
        return WF_ERR_LIMIT;
    entity->as_read = entity->n == t->data->n_rows; /* no id twice, and every row stands */
    if (entity->n < t->n_names && leave_fallen(t) != WF_OK)
        return WF_ERR_NOMEM;
    if (!entity->as_read) {
        entity->rows = t->row;
        t->row = NULL;
    }
    return WF_OK;
}

/* ---- ids in order ---- */

/* A list of the ids as they stand in the chunks; near: the chunk of the last one. */
static struct wf_cell get_id(const void *ctx, uint32_t *near, uint32_t row)
{
    const struct wf_feed_data *data = ctx;
    *near = chunk_of(data, *near, row);
    return id_of(data, *near, row - data->base[*near]);
}

/* Behind a row whose chunk is `near`. */
static uint32_t count_ids(const void *ctx, uint32_t near, uint32_t row)
{
    const struct wf_feed_data *data = ctx;
    return data->chunks[near]->counting ? data->base[near + 1] - row : 1;
}

/* Of all ids. */
static uint32_t shortest_of(const struct wf_feed_data *data)
{
    uint32_t shortest = UINT32_MAX;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        const struct wf_chunk *chunk = data->chunks[c];
        uint32_t n = chunk->id_end || !chunk->n ? chunk->n : 1; /* else they are all alike */
        for (uint32_t i = 0; i < n; i++) {
            uint32_t len = wf_chunk_id(chunk, i).len;
            shortest = len < shortest ? len : shortest;
        }
    }
    return shortest;
}

/* Each row is its own, unless a cell of it is bad. */
static enum wf_status take_in_order(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                                    bool looked_up, struct wf_entity *entity)
{
    uint32_t n_bad = 0;
    for (uint32_t c = 0; c < data->n_chunks; c++)
        for (uint32_t i = 0; data->chunks[c]->bad_row && i < data->chunks[c]->n; i++)
            n_bad += data->chunks[c]->bad_row[i];
    entity->as_read = n_bad == 0;
    entity->n = data->n_rows - n_bad;
    if (entity->n > WF_MAX_MEMBERS)
        return WF_ERR_LIMIT;
    if (entity->as_read)
        return WF_OK;
    entity->rows = wf_calloc(ctx->alloc, entity->n, sizeof(*entity->rows));
    if (looked_up)
        entity->ids.row = wf_calloc(ctx->alloc, data->n_rows, sizeof(*entity->ids.row));
    if (!entity->rows || (looked_up && !entity->ids.row))
        return WF_ERR_NOMEM;
    for (uint32_t c = 0, n = 0; c < data->n_chunks; c++)
        for (uint32_t i = 0; i < data->chunks[c]->n; i++) {
            bool bad = wf_chunk_is_bad(data->chunks[c], i);
            if (looked_up)
                entity->ids.row[data->base[c] + i] = bad ? WF_NONE : n;
            if (!bad)
                entity->rows[n++] = data->base[c] + i;
            else if (fall(ctx, data, entity, data->base[c] + i) != WF_OK)
                return WF_ERR_NOMEM;
        }
    return WF_OK;
}

enum wf_status wf_entity_make(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                              bool looked_up, struct wf_entity *entity_out)
{
    struct taking t = {.ctx = ctx, .data = data, .entity = entity_out};
    const struct wf_id_list list = {data,         get_id,       count_ids,
                                    data->n_rows, ctx->threads, shortest_of(data)};
    struct wf_ids *ids = &entity_out->ids;
    enum wf_status status = WF_OK;
    *entity_out = (struct wf_entity){0};
    wf_ids_init(ids, ctx->alloc, ctx->seed);
    bool sorted = sorted_chunks(data) == data->n_chunks;
    if (sorted && looked_up) /* numbers are found without a table of names */
        status = wf_ids_number(ids, &list);
    if (status || (sorted && (!looked_up || ids->numbered)))
        return status ? status : take_in_order(ctx, data, looked_up, entity_out);
    if (!sorted)
        status = wf_ids_number_any(ids, &list);
    if (!status)
        status = take_rows(&t);
    if (!status)
        status = reject_torn(&t);
    if (!status)
        status = settle(&t);
    if (!status && !ids->numbered)
        status = wf_ids_number_names(ids);
    wf_free(ctx->alloc, t.row);
    wf_free(ctx->alloc, t.again);
    return status;
}

void wf_entity_ids(const struct wf_feed_data *data, const struct wf_entity *entity, uint32_t first,
                   uint32_t end, struct wf_id *ids)
{
    uint32_t c = 0;
    for (uint32_t i = first; i < end; i++) {
        uint32_t row = entity->as_read ? i : entity->rows[i];
        c = chunk_of(data, c, row);
        struct wf_cut cut = wf_chunk_id(data->chunks[c], row - data->base[c]);
        /* As a whole: bit fields one by one would read the fresh page first, and it would then be
         * given twice, the second time with a word to every other processor. */
        struct wf_id id = wf_id_at(data->heap_base[c] + cut.at, cut.len);
        memcpy(&ids[i], &id, sizeof(id));
    }
}

void wf_entity_release(const struct wf_alloc *alloc, struct wf_entity *entity)
{
    wf_ids_release(&entity->ids);
    wf_free(alloc, entity->rows);
    wf_free(alloc, entity->late);
    wf_free(alloc, entity->fallen);
    *entity = (struct wf_entity){0};
}
