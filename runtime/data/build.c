#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"
#include "runtime/data/group.h"
#include "runtime/data/load_state.h"
#include "runtime/data/parallel.h"
#include "runtime/data/row_cond.h"

/* ---- reading ---- */

enum wf_status wf_load_feed(struct wf_loading *l, uint32_t f, struct wf_feed_data *data)
{
    const struct wf_feed *feed = &l->feeds.feeds[f];
    const struct wf_ids **refs = wf_calloc(l->ctx.alloc, feed->n_slots, sizeof(*refs));
    *data = (struct wf_feed_data){0};
    if (!refs)
        return WF_ERR_NOMEM;
    for (uint32_t s = 0; s < feed->n_slots; s++)
        if (feed->slots[s].type == WF_T_REF && !feed->slots[s].as_text)
            refs[s] = &l->loaded[wf_feeds_referred(&l->feeds, &feed->slots[s])].entity.ids;
    const struct wf_ids *members =
        feed->kind == WF_FEED_EVENT ? &l->loaded[l->feeds.member].entity.ids : NULL;
    enum wf_status status = wf_feed_read(&l->ctx, feed, members, &l->merged, refs, data);
    wf_free(l->ctx.alloc, refs);
    if (status) {
        l->fault = data->reader.fault;
        enum wf_status reported = wf_report_files(l, data);
        return reported ? reported : status;
    }
    return wf_feed_heap(&l->ctx, data);
}

struct joining {
    const struct wf_load_ctx *ctx;
    struct wf_feed_data *data;
    struct wf_raw *raw;
    struct wf_entity *entity; /* events: NULL */
};

/* The longest task goes first: numbering the ids of an entity, which needs no cells. */
static enum wf_status join_part(void *ctx, unsigned thread, uint32_t part)
{
    struct joining *j = ctx;
    (void)thread;
    if (part == 0)
        return j->entity ? wf_entity_make(j->ctx, j->data, j->entity) : WF_OK;
    return wf_feed_raw(j->ctx, j->data, part - 1, &j->raw[part - 1]);
}

static enum wf_status join_feed(const struct wf_load_ctx *ctx, struct wf_feed_data *data,
                                struct wf_entity *entity, struct wf_raw **raw_out)
{
    struct wf_raw *raw = wf_calloc(ctx->alloc, data->feed->n_slots, sizeof(*raw));
    struct joining j = {ctx, data, raw, entity};
    *raw_out = raw;
    return raw ? wf_parallel(ctx->threads, data->feed->n_slots + 1, &j, join_part) : WF_ERR_NOMEM;
}

static void free_raw(const struct wf_load_ctx *ctx, uint32_t n_slots, struct wf_raw *raw)
{
    for (uint32_t s = 0; raw && s < n_slots; s++)
        wf_raw_release(ctx->alloc, &raw[s]);
    wf_free(ctx->alloc, raw);
}

/* ---- members and tables ---- */

struct columns {
    const struct wf_load_ctx *ctx;
    struct wf_feed_data *data;
    struct wf_raw *raw;
    struct wf_loaded *loaded;
};

static enum wf_status make_column(void *ctx, unsigned thread, uint32_t slot)
{
    struct columns *c = ctx;
    const struct wf_entity *entity = &c->loaded->entity;
    struct wf_column *column = &c->loaded->columns[slot];
    (void)thread;
    if (entity->as_read)
        return wf_raw_become(c->ctx, c->data, slot, &c->raw[slot], column);
    return wf_raw_column(c->ctx, c->data, slot, &c->raw[slot], entity->rows, entity->n, column);
}

enum wf_status wf_build_entity(struct wf_loading *l, uint32_t f)
{
    struct wf_loaded *loaded = &l->loaded[f];
    struct wf_entity *entity = &loaded->entity;
    struct wf_feed_data data;
    struct wf_raw *raw = NULL;
    enum wf_status status = wf_load_feed(l, f, &data);
    if (!status)
        status = join_feed(&l->ctx, &data, entity, &raw);
    if (!status) {
        loaded->columns = wf_calloc(l->ctx.alloc, data.feed->n_slots, sizeof(*loaded->columns));
        struct columns c = {&l->ctx, &data, raw, loaded};
        status = loaded->columns ? wf_parallel(l->ctx.threads, data.feed->n_slots, &c, make_column)
                                 : WF_ERR_NOMEM;
    }
    if (!status) {
        struct wf_feed_end end = {.kept = entity->n,
                                  .duplicates = entity->duplicates,
                                  .late = entity->late,
                                  .n_late = entity->n_late};
        status = wf_report_feed(l, &data, &end);
    }
    free_raw(&l->ctx, l->feeds.feeds[f].n_slots, raw);
    wf_feed_data_release(&data);
    return status;
}

/* The row of a member by id; merged ids were followed when the cell was read. */
static enum wf_status resolve(struct wf_loading *l, const struct wf_ids *members, uint32_t n,
                              struct wf_column *column)
{
    struct wf_column refs;
    enum wf_status status = wf_column_blank(&l->ctx, WF_T_REF, WF_LAY_I32, n, &refs);
    for (uint32_t i = 0; !status && i < n; i++) {
        struct wf_piece piece = column->str[i];
        if (column->present && !(column->present[i / 64] >> (i % 64) & 1))
            continue;
        uint32_t row =
            wf_ids_row(members, wf_names_find(&members->names, column->heap + piece.at, piece.len));
        if (row == WF_NONE)
            continue;
        refs.i32[i] = (int32_t)row;
        refs.present[i / 64] |= UINT64_C(1) << (i % 64);
    }
    if (!status)
        *column = refs;
    return status;
}

enum wf_status wf_build_member_refs(struct wf_loading *l)
{
    const struct wf_ids *members = &l->loaded[l->feeds.member].entity.ids;
    enum wf_status status = WF_OK;
    for (uint32_t f = 0; f <= l->feeds.member; f++) {
        const struct wf_feed *feed = &l->feeds.feeds[f];
        for (uint32_t s = 0; !status && s < feed->n_slots; s++)
            if (feed->slots[s].as_text)
                status = resolve(l, members, l->loaded[f].entity.n, &l->loaded[f].columns[s]);
    }
    return status;
}

enum { ID_BLOCK = 65536 };

struct copying {
    const struct wf_ids *ids;
    struct wf_dataset *data;
};

static enum wf_status copy_id_block(void *ctx, unsigned thread, uint32_t block)
{
    const struct copying *c = ctx;
    const struct wf_names *names = &c->ids->names;
    uint32_t first = block * ID_BLOCK, n = names->n - first;
    uint32_t end = first + (n < ID_BLOCK ? n : ID_BLOCK);
    (void)thread;
    memcpy(c->data->id_heap + names->at[first], names->bytes + names->at[first],
           names->at[end] - names->at[first]);
    for (uint32_t code = first; code < end; code++) {
        uint32_t row = wf_ids_row(c->ids, code);
        if (row != WF_NONE)
            c->data->ids[row] = (struct wf_piece){
                names->at[code], (uint32_t)(names->at[code + 1] - names->at[code])};
    }
    return WF_OK;
}

static enum wf_status copy_ids(struct wf_loading *l)
{
    struct wf_dataset *data = l->data;
    struct copying c = {&l->loaded[l->feeds.member].entity.ids, data};
    const struct wf_names *names = &c.ids->names;
    data->n_members = l->loaded[l->feeds.member].entity.n;
    data->ids = wf_keep_calloc(l->ctx.keep, (size_t)data->n_members + 1, sizeof(*data->ids));
    data->id_heap = wf_keep_calloc(l->ctx.keep, names->n ? names->at[names->n] + 1 : 1, 1);
    if (!data->ids || !data->id_heap)
        return WF_ERR_NOMEM;
    uint32_t blocks = names->n / ID_BLOCK + (names->n % ID_BLOCK != 0);
    return wf_parallel(l->ctx.threads, blocks, &c, copy_id_block);
}

/* The column a reference leads to. */
static const struct wf_column *target_of(const struct wf_loading *l, const struct wf_slot *slot,
                                         uint32_t via_field)
{
    uint32_t f = wf_feeds_referred(&l->feeds, slot);
    uint32_t target = wf_feed_slot(&l->feeds.feeds[f], via_field);
    return &l->loaded[f].columns[target];
}

enum wf_status wf_build_members(struct wf_loading *l)
{
    const struct wf_ir *ir = l->ctx.ir;
    const struct wf_feed *feed = &l->feeds.feeds[l->feeds.member];
    const struct wf_loaded *loaded = &l->loaded[l->feeds.member];
    enum wf_status status = copy_ids(l);
    for (uint32_t i = 0; !status && i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        if (input->domain != WF_DOM_MEMBER)
            continue;
        uint32_t slot = wf_feed_slot(feed, input->field);
        const struct wf_column *column = &loaded->columns[slot];
        if (input->via_field == WF_NONE)
            l->data->inputs[i] = *column;
        else
            status = wf_column_through(&l->ctx, column,
                                       target_of(l, &feed->slots[slot], input->via_field),
                                       l->data->n_members, &l->data->inputs[i]);
    }
    return status;
}

/* ---- events ---- */

struct view_job {
    struct wf_loading *l;
    const struct wf_event_rows *rows;
    const struct wf_grouped *grouped;
    uint32_t view;
};

static enum wf_status view_column(void *ctx, unsigned thread, uint32_t i)
{
    const struct view_job *job = ctx;
    struct wf_loading *l = job->l;
    const struct wf_ir_input *input = &l->ctx.ir->inputs[i];
    (void)thread;
    if (input->domain != WF_DOM_EVENT + job->view)
        return WF_OK;
    const struct wf_feed *feed = job->rows->data->feed;
    uint32_t slot = wf_feed_slot(feed, input->field);
    struct wf_column column;
    enum wf_status status = wf_raw_column(&l->ctx, job->rows->data, slot, &job->rows->raw[slot],
                                          job->grouped->rows, job->grouped->n, &column);
    if (!status && input->via_field != WF_NONE)
        status =
            wf_column_through(&l->ctx, &column, target_of(l, &feed->slots[slot], input->via_field),
                              job->grouped->n, &column);
    if (!status)
        l->data->inputs[i] = column;
    return status;
}

static uint64_t *bits_of(struct wf_keep *keep, const uint8_t *bytes, const uint32_t *rows,
                         uint32_t n)
{
    uint64_t *bits = wf_keep_calloc(keep, (size_t)(n / WF_BATCH + 2) * (WF_BATCH / 64), 8);
    for (uint32_t i = 0; bits && i < n; i++)
        bits[i / 64] |= (uint64_t)(bytes[rows ? rows[i] : i] & 1) << (i % 64);
    return bits;
}

static enum wf_status copy_keys(struct wf_keep *keep, const struct view_job *job,
                                struct wf_events *events)
{
    events->key = wf_keep_calloc(keep, (size_t)job->grouped->n + 1, 16);
    if (!events->key)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < job->grouped->n; i++) {
        struct wf_event_place place = wf_event_place(job->rows, job->grouped->rows[i]);
        memcpy(events->key[i], place.chunk->key[place.at], 16);
    }
    return WF_OK;
}

static enum wf_status fill_events(const struct view_job *job)
{
    struct wf_loading *l = job->l;
    const struct wf_grouped *grouped = job->grouped;
    const struct wf_feed *feed = job->rows->data->feed;
    struct wf_events *events = &l->data->views[job->view];
    struct wf_column at;
    bool shared = memchr(grouped->begins, 0, grouped->n);
    bool doubted = memchr(job->rows->doubt, 1, job->rows->data->n_rows);
    enum wf_status status =
        wf_raw_column(&l->ctx, job->rows->data, feed->at, &job->rows->raw[feed->at], grouped->rows,
                      grouped->n, &at);
    if (status)
        return status;
    events->n = grouped->n;
    events->at = at.i64;
    events->at_known = at.present;
    events->first = wf_keep_calloc(l->ctx.keep, (size_t)l->data->n_members + 1, sizeof(uint32_t));
    if (!events->first)
        return WF_ERR_NOMEM;
    memcpy(events->first, grouped->first, ((size_t)l->data->n_members + 1) * sizeof(uint32_t));
    if (shared && !(events->begins = bits_of(l->ctx.keep, grouped->begins, NULL, grouped->n)))
        return WF_ERR_NOMEM;
    if (doubted &&
        !(events->doubt = bits_of(l->ctx.keep, job->rows->doubt, grouped->rows, grouped->n)))
        return WF_ERR_NOMEM;
    return l->feeds.view_keys[job->view] ? copy_keys(l->ctx.keep, job, events) : WF_OK;
}

/* The first task is the view itself, the others are its columns. */
static enum wf_status view_part(void *ctx, unsigned thread, uint32_t task)
{
    return task ? view_column(ctx, thread, task - 1) : fill_events(ctx);
}

static enum wf_status fill_view(struct view_job *job)
{
    const struct wf_load_ctx *ctx = &job->l->ctx;
    return wf_parallel(ctx->threads, ctx->ir->n_inputs + 1, job, view_part);
}

/* A view by another member: owner and salt of every member. */
static enum wf_status fill_by(struct wf_loading *l, struct wf_event_rows *rows,
                              const struct wf_grouped *own, uint32_t view)
{
    const struct wf_alloc *alloc = l->ctx.alloc;
    const struct wf_dataset *data = l->data;
    uint32_t slot = wf_feed_slot(&l->feeds.feeds[l->feeds.member], l->ctx.ir->views[view].by);
    const struct wf_column *ref = &l->loaded[l->feeds.member].columns[slot];
    uint32_t *owner = wf_calloc(alloc, data->n_members, sizeof(*owner));
    uint64_t *salt = wf_calloc(alloc, data->n_members, sizeof(*salt));
    struct wf_grouped grouped = {0};
    enum wf_status status = owner && salt ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t m = 0; !status && m < data->n_members; m++) {
        bool known = !ref->present || (ref->present[m / 64] >> (m % 64) & 1);
        owner[m] = known ? (uint32_t)ref->i32[m] : WF_NONE;
        salt[m] = XXH3_64bits(data->id_heap + data->ids[m].at, data->ids[m].len);
    }
    if (!status)
        status = wf_group_by(rows, own, owner, salt, data->n_members, &grouped);
    struct view_job job = {l, rows, &grouped, view};
    if (!status)
        status = fill_view(&job);
    wf_grouped_release(alloc, &grouped);
    wf_free(alloc, owner);
    wf_free(alloc, salt);
    return status;
}

static enum wf_status fill_views(struct wf_loading *l, struct wf_event_rows *rows,
                                 const struct wf_grouped *own)
{
    const struct wf_ir *ir = l->ctx.ir;
    const struct wf_feed *feed = rows->data->feed;
    enum wf_status status = WF_OK;
    for (uint32_t v = 0; !status && v < ir->n_views; v++) {
        if (!l->feeds.view_used[v] || ir->views[v].sent || ir->views[v].event != feed->index)
            continue;
        struct view_job job = {l, rows, own, v};
        status = ir->views[v].by == WF_NONE ? fill_view(&job) : fill_by(l, rows, own, v);
        if (feed->record->complete_since == INT32_MIN)
            continue;
        l->data->since_known[v] = true;
        l->data->since[v] = wf_zone_midnight(l->ctx.zone, feed->record->complete_since);
    }
    return status;
}

static enum wf_status mark_voids(struct wf_loading *l, struct wf_event_rows *rows)
{
    struct wf_row_cond cond;
    uint32_t node = rows->data->feed->record->void_when;
    if (node == WF_NONE)
        return WF_OK;
    rows->voids = wf_calloc(l->ctx.alloc, rows->data->n_rows, 1);
    if (!rows->voids)
        return WF_ERR_NOMEM;
    enum wf_status status = wf_row_cond_init(&cond, &l->ctx, rows->data, rows->raw, node);
    if (!status) {
        status = wf_row_cond_mark(&cond, rows->voids);
        wf_row_cond_release(&cond);
    }
    return status;
}

/* Views by another member and events with keys look at the chunks' rows again; no other does. */
static void thin_chunks(const struct wf_loading *l, struct wf_feed_data *data)
{
    const struct wf_ir *ir = l->ctx.ir;
    bool again = data->feed->keys;
    for (uint32_t v = 0; v < ir->n_views; v++)
        again |= ir->views[v].by != WF_NONE && ir->views[v].event == data->feed->index;
    for (uint32_t c = 0; c < data->n_chunks && !again; c++)
        wf_chunk_thin(data->chunks[c]);
}

enum wf_status wf_build_events(struct wf_loading *l, uint32_t f)
{
    struct wf_feed_data data;
    struct wf_raw *raw = NULL;
    struct wf_event_rows rows = {0};
    struct wf_grouped own = {0};
    enum wf_status status = wf_load_feed(l, f, &data);
    if (!status)
        status = join_feed(&l->ctx, &data, NULL, &raw);
    if (!status)
        status = wf_event_rows_init(&rows, &l->ctx, &data, raw);
    if (!status)
        status = mark_voids(l, &rows);
    if (!status)
        status = wf_group_own(&rows, l->data->n_members, &own);
    if (!status) {
        struct wf_feed_end end = {own.n,      own.duplicates, own.voids,
                                  own.future, own.late,       own.n_late};
        status = wf_report_feed(l, &data, &end);
    }
    if (!status) {
        thin_chunks(l, &data);
        status = fill_views(l, &rows, &own);
    }
    wf_grouped_release(l->ctx.alloc, &own);
    wf_event_rows_release(&rows);
    free_raw(&l->ctx, l->feeds.feeds[f].n_slots, raw);
    wf_feed_data_release(&data);
    return status;
}
