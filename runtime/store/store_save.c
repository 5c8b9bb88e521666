/* What a night changed of the state, as rows and blobs. */
#include <string.h>

#include <zstd.h>

#include "runtime/store/store.h"

/* HASTE looks through what will not pack at the speed of the memory. */
enum { SET_CHUNK = WF_STORE_BITS / 8, LEVEL = 1, HASTE = -1000 };

struct saving {
    struct wf_store *store;
    int64_t seq, forget;
    ZSTD_CCtx *zstd;
    void *packed;
    size_t room;
};

static enum wf_status put_packed(struct saving *save, enum wf_blob_kind kind, uint32_t owner,
                                 int64_t part, int64_t latest, const void *bytes, size_t len)
{
    size_t bound = ZSTD_compressBound(len);
    if (wf_grow(save->store->alloc, &save->packed, &save->room, bound, 1) != 0)
        return WF_ERR_NOMEM;
    size_t n = ZSTD_compress2(save->zstd, save->packed, save->room, bytes, len);
    if (ZSTD_isError(n))
        return WF_ERR_NOMEM;
    return save->store->ops->put_blob(save->store, kind, owner, part, latest, save->packed, n);
}

/* Bits are packed with care where three bytes in four hold none, or all of theirs: some of the
 * words tell of the others. */
static int level_of(const uint64_t *words, size_t n)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t mixed = 0, looked = 0;
    for (size_t i = 0; i < n; i += 16, looked += 8) {
        uint64_t differ = (words[i] ^ words[i] << 1) & ~ones; /* from the bit below, in its byte */
        differ |= differ >> 4;
        differ |= differ >> 2;
        differ |= differ >> 1;
        mixed += (size_t)((differ & ones) * ones >> 56);
    }
    return 4 * mixed < looked ? LEVEL : HASTE;
}

static enum wf_status save_set(struct saving *save, enum wf_blob_kind kind, uint32_t owner,
                               struct wf_member_set *set)
{
    if (!set->dirty)
        return WF_OK;
    size_t bytes = set->n_words * 8;
    for (size_t at = 0; at < bytes; at += SET_CHUNK) {
        size_t len = bytes - at < SET_CHUNK ? bytes - at : SET_CHUNK;
        ZSTD_CCtx_setParameter(save->zstd, ZSTD_c_compressionLevel,
                               level_of(set->words + at / 8, len / 8));
        enum wf_status st = put_packed(save, kind, owner, (int64_t)(at / SET_CHUNK), INT64_MAX,
                                       (const unsigned char *)set->words + at, len);
        if (st != WF_OK)
            return st;
    }
    ZSTD_CCtx_setParameter(save->zstd, ZSTD_c_compressionLevel, LEVEL);
    set->dirty = false;
    return WF_OK;
}

static enum wf_status save_marks(struct saving *save, enum wf_blob_kind kind, uint32_t owner,
                                 struct wf_marks *marks)
{
    const struct wf_store_ops *ops = save->store->ops;
    struct wf_store *store = save->store;
    enum wf_status st = WF_OK;
    if (kind == WF_BLOB_MARKS && marks->n_segments)
        st = ops->drop_blobs(store, kind, owner, false, save->forget);
    if (st != WF_OK || marks->n_added == 0)
        return st;
    if (marks->n_segments + 1 <= WF_STORE_SEGMENTS) {
        wf_marks_order(marks->added, marks->n_added);
        return put_packed(save, kind, owner, save->seq, marks->latest, marks->added,
                          marks->n_added * sizeof(*marks->items));
    }
    st = wf_marks_sort(marks, store->alloc);
    if (st != WF_OK)
        return st;
    int64_t latest = marks->latest > marks->latest_stored ? marks->latest : marks->latest_stored;
    st = ops->drop_blobs(store, kind, owner, true, 0);
    if (st == WF_OK)
        st = put_packed(save, kind, owner, save->seq, latest, marks->items,
                        marks->n * sizeof(*marks->items));
    return st;
}

/* Only who is new: what is stored of the others stays as it is. */
static enum wf_status save_members(struct saving *save, const struct wf_members *members)
{
    struct wf_buf buf;
    enum wf_status st = WF_OK;
    wf_buf_init(&buf, save->store->alloc, 0);
    for (size_t at = members->n_stored; st == WF_OK && at < members->n;) {
        int64_t first = (int64_t)at;
        wf_buf_reset(&buf);
        at = wf_members_write(members, at, &buf);
        st = buf.failed ? WF_ERR_NOMEM
                        : put_packed(save, WF_BLOB_IDS, WF_IDS_AS_WRITTEN, first, INT64_MAX,
                                     buf.data, buf.len);
    }
    wf_buf_release(&buf);
    return st;
}

static enum wf_status save_control(struct saving *save, const struct wf_control *control)
{
    const struct wf_store_ops *ops = save->store->ops;
    struct wf_buf buf;
    wf_buf_init(&buf, save->store->alloc, 0);
    enum wf_status st = WF_OK;
    if (control->dirty) {
        wf_control_write(control, &buf);
        st = buf.failed ? WF_ERR_NOMEM
                        : put_packed(save, WF_BLOB_CONTROL, 0, 0, INT64_MAX, buf.data, buf.len);
    }
    if (st == WF_OK && control->plan_dirty) {
        wf_buf_reset(&buf);
        wf_planned_write(&control->plan, &buf);
        if (buf.failed)
            st = WF_ERR_NOMEM;
        else if (buf.len)
            st = put_packed(save, WF_BLOB_PLANNED, 0, 0, INT64_MAX, buf.data, buf.len);
        else
            st = ops->drop_blobs(save->store, WF_BLOB_PLANNED, 0, true, 0);
    }
    wf_buf_release(&buf);
    return st;
}

static enum wf_status save_counters(struct saving *save, struct wf_rations *rations)
{
    if (!rations->counters_dirty)
        return WF_OK;
    struct wf_buf buf;
    wf_buf_init(&buf, save->store->alloc, 0);
    wf_rations_write(rations, &buf);
    enum wf_status st = buf.failed
                            ? WF_ERR_NOMEM
                            : put_packed(save, WF_BLOB_RATIONS, 0, 0, INT64_MAX, buf.data, buf.len);
    wf_buf_release(&buf);
    rations->counters_dirty = st != WF_OK;
    return st;
}

static enum wf_status save_held(struct saving *save, struct wf_rations *rations)
{
    if (!rations->held_dirty)
        return WF_OK;
    enum wf_status st = save->store->ops->drop_blobs(save->store, WF_BLOB_HELD, 0, true, 0);
    for (size_t at = 0; st == WF_OK && at < rations->n_held; at += WF_HELD_PART) {
        size_t n = rations->n_held - at < WF_HELD_PART ? rations->n_held - at : WF_HELD_PART;
        st = put_packed(save, WF_BLOB_HELD, 0, (int64_t)(at / WF_HELD_PART), INT64_MAX,
                        rations->held + at, n * sizeof(*rations->held));
    }
    rations->held_dirty = st != WF_OK;
    return st;
}

static enum wf_status save_feeds(struct saving *save, const struct wf_state *state)
{
    struct wf_buf buf;
    wf_buf_init(&buf, save->store->alloc, 0);
    for (size_t i = 0; i < state->n_feeds; i++) {
        wf_buf_add(&buf, &state->feeds[i].rows, sizeof(state->feeds[i].rows));
        wf_buf_add(&buf, state->feeds[i].name, strlen(state->feeds[i].name) + 1);
    }
    enum wf_status st = buf.failed ? WF_ERR_NOMEM : WF_OK;
    if (st == WF_OK && buf.len)
        st = put_packed(save, WF_BLOB_FEEDS, 0, 0, INT64_MAX, buf.data, buf.len);
    wf_buf_release(&buf);
    return st;
}

static enum wf_status save_rule(struct saving *save, struct wf_rule_state *rule)
{
    enum wf_status st = WF_OK;
    if (rule->dirty)
        st = save->store->ops->put_rule(save->store, rule);
    if (st == WF_OK)
        st = save_set(save, WF_BLOB_DECIDED, rule->id, &rule->decided);
    if (st == WF_OK)
        st = save_marks(save, WF_BLOB_MARKS, rule->id, &rule->marks);
    if (st == WF_OK)
        st = save_marks(save, WF_BLOB_ACTED, rule->id, &rule->acted);
    return st;
}

/* What a journey's blobs are called here. */
static enum wf_blob_kind kind_of(enum wf_journey_blob what)
{
    return (enum wf_blob_kind)(WF_BLOB_JOURNEY + what);
}

struct saving_journey {
    struct saving *save;
    uint32_t owner;
};

static enum wf_status put_journey_blob(void *ctx, enum wf_journey_blob what, int64_t part,
                                       const void *bytes, size_t len)
{
    const struct saving_journey *journey = ctx;
    return put_packed(journey->save, kind_of(what), journey->owner, part, INT64_MAX, bytes, len);
}

static enum wf_status drop_journey_blobs(void *ctx, enum wf_journey_blob what)
{
    const struct saving_journey *journey = ctx;
    struct wf_store *store = journey->save->store;
    return store->ops->drop_blobs(store, kind_of(what), journey->owner, true, 0);
}

static enum wf_status save_journey(struct saving *save, struct wf_journey_state *journey)
{
    struct saving_journey ctx = {.save = save, .owner = journey->rule};
    return wf_journey_write(journey, put_journey_blob, drop_journey_blobs, &ctx,
                            save->store->alloc);
}

/* Nearly everything is known: where yes is full of holes, known is full, and packs to nothing. */
static enum wf_status save_known(struct saving *save, struct wf_column_state *column)
{
    struct wf_store *store = save->store;
    struct wf_member_set known = {.dirty = column->yes.dirty || column->no.dirty};
    enum wf_status st = store->ops->drop_blobs(store, WF_BLOB_NO, column->id, true, 0);
    size_t yes = column->yes.n_words, no = column->no.n_words;
    if (st == WF_OK)
        st = wf_set_room(&known, 64 * (yes > no ? yes : no), store->alloc);
    for (size_t i = 0; st == WF_OK && i < known.n_words; i++)
        known.words[i] = (i < yes ? column->yes.words[i] : 0) | (i < no ? column->no.words[i] : 0);
    if (st == WF_OK)
        st = save_set(save, WF_BLOB_KNOWN, column->id, &known);
    wf_free(store->alloc, known.words);
    column->no.dirty &= st != WF_OK;
    return st;
}

static enum wf_status save_column(struct saving *save, struct wf_column_state *column, int64_t t)
{
    const struct wf_store_ops *ops = save->store->ops;
    if (column->t != t)
        return ops->drop_column(save->store, column->id);
    enum wf_status st = ops->put_column(save->store, column);
    if (st == WF_OK && (column->yes.dirty || column->no.dirty))
        st = save_known(save, column);
    if (st == WF_OK)
        st = save_set(save, WF_BLOB_YES, column->id, &column->yes);
    return st;
}

static enum wf_status start_saving(struct saving *save)
{
    save->zstd = ZSTD_createCCtx();
    if (!save->zstd)
        return WF_ERR_NOMEM;
    ZSTD_CCtx_setParameter(save->zstd, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(save->zstd, ZSTD_c_checksumFlag, 1);
    return WF_OK;
}

static void end_saving(struct saving *save)
{
    ZSTD_freeCCtx(save->zstd);
    wf_free(save->store->alloc, save->packed);
}

enum wf_status wf_store_save(struct wf_store *store, struct wf_state *state,
                             const struct wf_run_row *run, int64_t forget)
{
    struct saving save = {.store = store, .seq = run->seq, .forget = forget};
    enum wf_status st = start_saving(&save);
    if (st == WF_OK)
        st = save_members(&save, &state->members);
    if (st == WF_OK)
        st = save_marks(&save, WF_BLOB_MERGED, 0, &state->merged);
    if (st == WF_OK && state->united.len)
        st = put_packed(&save, WF_BLOB_UNITED, 0, 0, INT64_MAX, state->united.data,
                        state->united.len);
    if (st == WF_OK)
        st = save_feeds(&save, state);
    if (st == WF_OK)
        st = save_control(&save, &state->control);
    if (st == WF_OK)
        st = save_counters(&save, &state->rations);
    if (st == WF_OK)
        st = save_held(&save, &state->rations);
    for (size_t i = 0; st == WF_OK && i < state->n_rules; i++)
        st = save_rule(&save, &state->rules[i]);
    for (size_t i = 0; st == WF_OK && i < state->n_journeys; i++)
        st = save_journey(&save, &state->journeys[i]);
    for (size_t i = 0; st == WF_OK && i < state->n_columns; i++)
        st = save_column(&save, &state->columns[i], run->t);
    end_saving(&save);
    return st;
}

enum wf_status wf_store_save_control(struct wf_store *store, struct wf_state *state)
{
    struct saving save = {.store = store};
    enum wf_status st = start_saving(&save);
    if (st == WF_OK)
        st = store->ops->begin(store);
    if (st == WF_OK)
        st = save_control(&save, &state->control);
    for (size_t i = 0; st == WF_OK && i < state->n_journeys; i++)
        st = save_journey(&save, &state->journeys[i]);
    for (size_t i = 0; st == WF_OK && i < state->n_rules; i++) {
        save.seq = -(int64_t)state->rules[i].acted.n_segments - 1; /* a part that no night has */
        st = save_marks(&save, WF_BLOB_ACTED, state->rules[i].id, &state->rules[i].acted);
    }
    if (st == WF_OK)
        st = store->ops->commit(store);
    if (st != WF_OK)
        store->ops->rollback(store);
    end_saving(&save);
    return st;
}
