#include <string.h>

#include "runtime/data/load_state.h"
#include "runtime/data/parallel.h"
#include "runtime/data/past.h"

/* ---- reading ---- */

const struct wf_ids **wf_load_refs(const struct wf_loading *l, uint32_t f)
{
    const struct wf_feed *feed = &l->feeds.feeds[f];
    const struct wf_ids **refs = wf_calloc(l->ctx.alloc, feed->n_slots, sizeof(*refs));
    for (uint32_t s = 0; refs && s < feed->n_slots; s++)
        if (feed->slots[s].type == WF_T_REF && !feed->slots[s].as_text)
            refs[s] = &l->loaded[wf_feeds_referred(&l->feeds, &feed->slots[s])].entity.ids;
    return refs;
}

enum wf_status wf_load_feed(struct wf_loading *l, uint32_t f, const struct wf_chunk_taker *taker,
                            struct wf_feed_data *data)
{
    const struct wf_feed *feed = &l->feeds.feeds[f];
    const struct wf_ids **refs = wf_load_refs(l, f);
    *data = (struct wf_feed_data){0};
    if (!refs)
        return WF_ERR_NOMEM;
    const struct wf_ids *members =
        feed->kind == WF_FEED_EVENT ? &l->loaded[l->feeds.member].entity.ids : NULL;
    enum wf_status status = wf_feed_read(&l->ctx, feed, members, &l->merged, refs, taker, data);
    wf_free(l->ctx.alloc, refs);
    if (status) {
        l->fault = data->reader.fault;
        enum wf_status reported = wf_report_files(l, data);
        return reported ? reported : status;
    }
    return taker ? WF_OK : wf_feed_heap(&l->ctx, data);
}

/* Whether anything asks for a row by its id. Tables are read for nothing else. */
static bool is_looked_up(const struct wf_loading *l, uint32_t f)
{
    if (f != l->feeds.member || l->options->n_sent)
        return true;
    for (uint32_t g = 0; g < l->feeds.n_feeds; g++) {
        const struct wf_feed *feed = &l->feeds.feeds[g];
        if (feed->kind == WF_FEED_EVENT)
            return true;
        for (uint32_t s = 0; s < feed->n_slots; s++)
            if (feed->slots[s].type == WF_T_REF && feed->slots[s].def->ref == 0)
                return true;
    }
    return false;
}

struct joining {
    const struct wf_load_ctx *ctx;
    struct wf_feed_data *data;
    struct wf_raw *raw;
    bool looked_up;
    struct wf_entity *entity;
};

/* The longest task goes first: numbering the ids of an entity, which needs no cells. */
static enum wf_status join_part(void *ctx, unsigned thread, uint32_t part)
{
    struct joining *j = ctx;
    (void)thread;
    if (part == 0)
        return wf_entity_make(j->ctx, j->data, j->looked_up, j->entity);
    return wf_feed_raw(j->ctx, j->data, part - 1, &j->raw[part - 1]);
}

static enum wf_status join_feed(struct wf_loading *l, uint32_t f, struct wf_feed_data *data,
                                struct wf_raw **raw_out)
{
    struct wf_raw *raw = wf_calloc(l->ctx.alloc, data->feed->n_slots, sizeof(*raw));
    struct joining j = {&l->ctx, data, raw, is_looked_up(l, f), &l->loaded[f].entity};
    *raw_out = raw;
    return raw ? wf_parallel(l->ctx.threads, data->feed->n_slots + 1, &j, join_part) : WF_ERR_NOMEM;
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
    struct wf_id *ids; /* of members; tables: NULL */
};

enum { ID_PARTS = 16 }; /* ids take longest, and their pages are fresh */

/* The first tasks are the ids; then comes a slot each. */
static enum wf_status make_column(void *ctx, unsigned thread, uint32_t task)
{
    struct columns *c = ctx;
    const struct wf_entity *entity = &c->loaded->entity;
    (void)thread;
    if (task < ID_PARTS) {
        uint32_t part = entity->n / ID_PARTS + 1, first = task * part, left = entity->n - first;
        if (c->ids && first < entity->n)
            wf_entity_ids(c->data, entity, first, first + (left < part ? left : part), c->ids);
        return WF_OK;
    }
    uint32_t slot = task - ID_PARTS;
    struct wf_column *column = &c->loaded->columns[slot];
    const uint32_t *rows = entity->as_read ? NULL : entity->rows;
    return wf_raw_become(c->ctx, &c->raw[slot], rows, entity->n, column);
}

static enum wf_status make_columns(struct wf_loading *l, struct wf_feed_data *data,
                                   struct wf_raw *raw, struct wf_loaded *loaded, bool member)
{
    struct columns c = {&l->ctx, data, raw, loaded, NULL};
    uint32_t n = loaded->entity.n;
    loaded->columns = wf_calloc(l->ctx.alloc, data->feed->n_slots, sizeof(*loaded->columns));
    if (member)
        c.ids = wf_keep_alloc(l->ctx.keep, (size_t)n + 1, sizeof(*c.ids));
    if (!loaded->columns || (member && !c.ids))
        return WF_ERR_NOMEM;
    enum wf_status status =
        wf_parallel(l->ctx.threads, data->feed->n_slots + ID_PARTS, &c, make_column);
    if (status || !member)
        return status;
    c.ids[n] = (struct wf_id){0};
    l->data->ids = c.ids;
    l->data->n_members = n;
    l->data->id_heap = data->heap;
    l->data->n_counting = loaded->entity.ids.row ? 0 : (uint32_t)loaded->entity.ids.straight;
    return WF_OK;
}

/* Reads a feed; its cells are gone again. */
static enum wf_status read_entity(struct wf_loading *l, uint32_t f, bool unhashed,
                                  struct wf_feed_data *data, struct wf_raw **raw_out)
{
    *raw_out = NULL;
    l->ctx.unhashed = unhashed;
    enum wf_status status = wf_load_feed(l, f, NULL, data);
    if (!status)
        status = join_feed(l, f, data, raw_out);
    l->ctx.unhashed = false;
    return status;
}

static bool can_be_read_again(const struct wf_loading *l, uint32_t f)
{
    const char *pattern = l->feeds.feeds[f].pattern;
    bool kept = l->ctx.n_past || l->ctx.keeps;
    return !kept && !l->ctx.from_stdin && !(pattern && strcmp(pattern, "-") == 0);
}

/* Rows of one id are told apart by their hashes. Ids hardly ever come twice, so that hashes are not
 * made unless they do: then all is read once more. */
static enum wf_status read_distinct(struct wf_loading *l, uint32_t f, struct wf_feed_data *data,
                                    struct wf_raw **raw_out)
{
    struct wf_entity *entity = &l->loaded[f].entity;
    enum wf_status status = read_entity(l, f, can_be_read_again(l, f), data, raw_out);
    if (status || !entity->unsure)
        return status;
    free_raw(&l->ctx, l->feeds.feeds[f].n_slots, *raw_out);
    wf_feed_data_release(data);
    wf_entity_release(l->ctx.alloc, entity);
    return read_entity(l, f, false, data, raw_out);
}

enum wf_status wf_build_entity(struct wf_loading *l, uint32_t f)
{
    struct wf_loaded *loaded = &l->loaded[f];
    struct wf_entity *entity = &loaded->entity;
    struct wf_feed_data data;
    struct wf_raw *raw = NULL;
    enum wf_status status = read_distinct(l, f, &data, &raw);
    if (!status) {
        bool member = data.feed->kind == WF_FEED_MEMBER;
        status = make_columns(l, &data, raw, loaded, member);
        if (member && !status && l->ctx.keeps && data.feed->kept)
            status = wf_past_keep_members(&l->ctx, &data, entity, loaded->columns);
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

void wf_build_totals(struct wf_loading *l, uint32_t f)
{
    const struct wf_feed *feed = &l->feeds.feeds[f];
    for (uint32_t i = 0; i < l->ctx.ir->n_overs; i++) {
        const struct wf_ir_over *over = &l->ctx.ir->overs[i];
        if (over->table == feed->index) /* WF_NONE is no index */
            l->data->totals[i] =
                (struct wf_total){.n = l->loaded[f].entity.n,
                                  .column = l->loaded[f].columns[wf_feed_slot(feed, over->field)]};
    }
}

/* The row of a member by id; merged ids were followed when the cell was read. */
static enum wf_status resolve(struct wf_loading *l, const struct wf_ids *members, uint32_t n,
                              struct wf_column *column)
{
    struct wf_column refs;
    enum wf_status status = wf_column_blank(&l->ctx, WF_T_REF, WF_LAY_I32, n, &refs);
    for (uint32_t i = 0; !status && i < n; i++) {
        struct wf_piece piece = column->str[i];
        if (!wf_column_has(column, i))
            continue;
        uint32_t row = wf_ids_find(members, column->heap + piece.at, piece.len);
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
            if (feed->slots[s].as_text && feed->slots[s].layout == WF_LAY_STR)
                status = resolve(l, members, l->loaded[f].entity.n, &l->loaded[f].columns[s]);
    }
    return status;
}

const struct wf_column *wf_load_target(const struct wf_loading *l, const struct wf_slot *slot,
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
    enum wf_status status = WF_OK;
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
                                       wf_load_target(l, &feed->slots[slot], input->via_field),
                                       l->data->n_members, &l->data->inputs[i]);
    }
    return status;
}
