#include "runtime/store/store.h"

#include <string.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "lang/base/limits.h"

enum { SET_CHUNK = WF_STORE_BITS / 8, MARK_SIZE = sizeof(struct wf_mark) };

void wf_store_close(struct wf_store *store)
{
    if (store)
        store->ops->close(store);
}

struct loading {
    struct wf_store *store;
    struct wf_state *state;
    struct wf_rule_state *rule; /* the owner of the blob before, most likely of the next */
    struct wf_column_state *column;
    unsigned char *plain; /* what a blob unpacks to */
    size_t room;
    ZSTD_DCtx *zstd; /* one for all blobs: to make it takes longer than to unpack a small one */
};

static enum wf_status damaged(struct loading *load, enum wf_blob_kind kind, uint32_t owner)
{
    wf_say(&load->store->why, "the state is damaged: blob of kind %d, owner %u", (int)kind,
           (unsigned)owner);
    return WF_ERR_STATE;
}

static enum wf_status take_rule(void *ctx, const struct wf_rule_state *row)
{
    struct wf_state *state = ((struct loading *)ctx)->state;
    struct wf_rule_state *rule;
    if (wf_state_rule(state, row->identity))
        return WF_ERR_STATE;
    enum wf_status st = wf_state_add_rule(state, row->born, &rule);
    if (st == WF_OK && strcmp(row->identity, row->born) != 0)
        st = wf_state_rename_rule(state, rule, row->identity);
    if (st != WF_OK)
        return st;
    rule->id = row->id;
    rule->first_t = row->first_t;
    rule->floor = row->floor;
    rule->calendar_done = row->calendar_done;
    rule->dirty = false;
    return WF_OK;
}

static enum wf_status take_column(void *ctx, const struct wf_column_state *row)
{
    struct wf_column_state *column;
    enum wf_status st = wf_state_add_column(((struct loading *)ctx)->state, row->name, &column);
    if (st != WF_OK)
        return st;
    column->id = row->id;
    column->t = row->t;
    return WF_OK;
}

static enum wf_status unpack(struct loading *load, const void *bytes, size_t len, size_t *out)
{
    unsigned long long size = ZSTD_getFrameContentSize(bytes, len);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
        size > (unsigned long long)WF_MAX_MEMBERS * MARK_SIZE)
        return WF_ERR_STATE;
    if (wf_grow(load->store->alloc, &load->plain, &load->room, (size_t)size + 8, 1) != 0 ||
        (!load->zstd && !(load->zstd = ZSTD_createDCtx())))
        return WF_ERR_NOMEM;
    size_t got = ZSTD_decompressDCtx(load->zstd, load->plain, (size_t)size, bytes, len);
    if (ZSTD_isError(got) && ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
        return WF_ERR_NOMEM;
    if (ZSTD_isError(got) || got != size)
        return WF_ERR_STATE;
    *out = got;
    return WF_OK;
}

static enum wf_status take_members(struct loading *load, uint32_t owner, int64_t part,
                                   const void *bytes, size_t len)
{
    struct wf_members *members = &load->state->members;
    uint64_t first = (uint64_t)part * (owner == WF_IDS_AS_WRITTEN ? 1 : WF_STORE_IDS);
    size_t size;
    if (owner > WF_IDS_AS_WRITTEN || first != members->n)
        return WF_ERR_STATE;
    if (owner != WF_IDS_AS_WRITTEN)
        return wf_members_read_hashes(members, bytes, len);
    enum wf_status st = unpack(load, bytes, len, &size);
    return st == WF_OK ? wf_members_read(members, load->plain, size) : st;
}

static enum wf_status take_bits(struct loading *load, struct wf_member_set *set, int64_t part,
                                const void *bytes, size_t len)
{
    size_t size;
    enum wf_status st = unpack(load, bytes, len, &size);
    if (st != WF_OK)
        return st;
    if (size > SET_CHUNK || size % 8 != 0 || part < 0 || part >= WF_MAX_MEMBERS / WF_STORE_BITS)
        return WF_ERR_STATE;
    size_t first = (size_t)part * SET_CHUNK;
    st = wf_set_room(set, (first + size) * 8, load->state->alloc);
    if (st == WF_OK && size)
        memcpy((unsigned char *)set->words + first, load->plain, size);
    return st;
}

/* What is known and not yes; the yes of that part came before, for blobs come by kind. */
static enum wf_status take_known(struct loading *load, struct wf_column_state *column, int64_t part,
                                 const void *bytes, size_t len)
{
    struct wf_member_set *no = &column->no;
    enum wf_status st = take_bits(load, no, part, bytes, len);
    size_t first = (size_t)part * SET_CHUNK / 8, end = first + SET_CHUNK / 8;
    for (size_t i = first; st == WF_OK && i < end && i < no->n_words && i < column->yes.n_words;
         i++)
        no->words[i] &= ~column->yes.words[i];
    return st;
}

static enum wf_status take_marks(struct loading *load, struct wf_marks *marks, int64_t latest,
                                 const void *bytes, size_t len)
{
    size_t size;
    enum wf_status st = unpack(load, bytes, len, &size);
    if (st != WF_OK)
        return st;
    if (size % MARK_SIZE != 0)
        return WF_ERR_STATE;
    size_t n = size / MARK_SIZE;
    if (wf_grow(load->state->alloc, &marks->items, &marks->room, marks->n + n,
                sizeof(*marks->items)) != 0)
        return WF_ERR_NOMEM;
    if (n)
        memcpy(marks->items + marks->n, load->plain, size);
    marks->n += n;
    marks->n_segments++;
    if (latest > marks->latest_stored)
        marks->latest_stored = latest;
    return WF_OK;
}

static enum wf_status take_united(struct loading *load, const void *bytes, size_t len)
{
    size_t size, n = 0;
    enum wf_status st = unpack(load, bytes, len, &size);
    for (size_t i = 0; st == WF_OK && i < size; i++)
        n += load->plain[i] == 0;
    if (st == WF_OK && (n % 2 != 0 || (size && load->plain[size - 1] != 0)))
        return WF_ERR_STATE;
    if (st == WF_OK)
        wf_buf_add(&load->state->united, load->plain, size);
    return load->state->united.failed ? WF_ERR_NOMEM : st;
}

static enum wf_status take_feeds(struct loading *load, const void *bytes, size_t len)
{
    size_t size;
    enum wf_status st = unpack(load, bytes, len, &size);
    for (size_t at = 0; st == WF_OK && at < size;) {
        uint64_t rows;
        const unsigned char *name = load->plain + at + sizeof(rows);
        const unsigned char *end =
            size - at > sizeof(rows) ? memchr(name, 0, size - at - sizeof(rows)) : NULL;
        if (!end)
            return WF_ERR_STATE;
        memcpy(&rows, load->plain + at, sizeof(rows));
        struct wf_feed_rows *feed =
            wf_state_feed(load->state, (const char *)name, (size_t)(end - name));
        if (!feed)
            return WF_ERR_NOMEM;
        feed->rows = rows;
        at = (size_t)(end - load->plain) + 1;
    }
    return st;
}

/* Parts of the state that read their own bytes. */
static enum wf_status take_part(struct loading *load, enum wf_blob_kind kind, const void *bytes,
                                size_t len)
{
    struct wf_state *state = load->state;
    size_t size;
    enum wf_status st = unpack(load, bytes, len, &size);
    if (st != WF_OK)
        return st;
    switch (kind) {
    case WF_BLOB_CONTROL: return wf_control_read(&state->control, load->plain, size);
    case WF_BLOB_PLANNED: return wf_planned_read(&state->control, load->plain, size);
    case WF_BLOB_RATIONS: return wf_rations_read(&state->rations, load->plain, size);
    default: return wf_held_read(&state->rations, load->plain, size, state->members.n);
    }
}

static enum wf_status take_journey(struct loading *load, enum wf_blob_kind kind, uint32_t owner,
                                   int64_t part, const void *bytes, size_t len)
{
    size_t size;
    enum wf_status st = unpack(load, bytes, len, &size);
    struct wf_journey_state *journey = wf_state_journey(load->state, owner);
    if (st == WF_OK && !wf_state_rule_of(load->state, owner))
        return WF_ERR_STATE;
    if (st == WF_OK && !journey)
        st = wf_state_add_journey(load->state, owner, &journey);
    if (st != WF_OK)
        return st;
    return wf_journey_read(journey, (enum wf_journey_blob)(kind - WF_BLOB_JOURNEY), part,
                           load->plain, size, load->state->alloc);
}

/* Rules and columns are few; blobs come by owner, so the one before is tried first. */
static bool find_owner(struct loading *load, enum wf_blob_kind kind, uint32_t id)
{
    struct wf_state *state = load->state;
    bool rule = kind == WF_BLOB_DECIDED || kind == WF_BLOB_MARKS || kind == WF_BLOB_ACTED;
    if (rule && load->rule && load->rule->id == id)
        return true;
    if (!rule && load->column && load->column->id == id)
        return true;
    for (size_t i = 0; rule && i < state->n_rules; i++)
        if (state->rules[i].id == id) {
            load->rule = &state->rules[i];
            return true;
        }
    for (size_t i = 0; !rule && i < state->n_columns; i++)
        if (state->columns[i].id == id) {
            load->column = &state->columns[i];
            return true;
        }
    return false;
}

static enum wf_status take_blob(void *ctx, enum wf_blob_kind kind, uint32_t owner, int64_t part,
                                int64_t latest, const void *bytes, size_t len)
{
    struct loading *load = ctx;
    enum wf_status st = WF_ERR_STATE;
    if (kind == WF_BLOB_SEAL)
        return WF_OK; /* looked at when the state was opened */
    if (kind == WF_BLOB_IDS) {
        st = take_members(load, owner, part, bytes, len);
    } else if (kind == WF_BLOB_MERGED) {
        st = take_marks(load, &load->state->merged, latest, bytes, len);
    } else if (kind == WF_BLOB_UNITED) {
        st = take_united(load, bytes, len);
    } else if (kind == WF_BLOB_FEEDS) {
        st = take_feeds(load, bytes, len);
    } else if (kind == WF_BLOB_CONTROL || kind == WF_BLOB_PLANNED || kind == WF_BLOB_RATIONS ||
               kind == WF_BLOB_HELD) {
        st = take_part(load, kind, bytes, len);
    } else if (kind >= WF_BLOB_JOURNEY && kind <= WF_BLOB_ENTRIES) {
        st = take_journey(load, kind, owner, part, bytes, len);
    } else if (find_owner(load, kind, owner)) {
        switch (kind) {
        case WF_BLOB_DECIDED: st = take_bits(load, &load->rule->decided, part, bytes, len); break;
        case WF_BLOB_MARKS: st = take_marks(load, &load->rule->marks, latest, bytes, len); break;
        case WF_BLOB_ACTED: st = take_marks(load, &load->rule->acted, latest, bytes, len); break;
        case WF_BLOB_YES: st = take_bits(load, &load->column->yes, part, bytes, len); break;
        case WF_BLOB_NO: st = take_bits(load, &load->column->no, part, bytes, len); break;
        case WF_BLOB_KNOWN: st = take_known(load, load->column, part, bytes, len); break;
        default: break;
        }
    }
    return st == WF_ERR_STATE ? damaged(load, kind, owner) : st;
}

enum wf_status wf_store_load(struct wf_store *store, struct wf_state *state)
{
    struct loading load = {.store = store, .state = state};
    enum wf_status st = store->ops->last_run(store, &state->last);
    if (st == WF_OK)
        st = store->ops->first_run(store, &state->began);
    if (st == WF_OK)
        st = store->ops->each_rule(store, take_rule, &load);
    if (st == WF_OK)
        st = store->ops->each_column(store, take_column, &load);
    if (st == WF_OK)
        st = store->ops->each_blob(store, take_blob, &load);
    if (st == WF_OK)
        st = wf_marks_sort(&state->merged, state->alloc);
    for (size_t i = 0; st == WF_OK && i < state->n_rules; i++) {
        st = wf_marks_sort(&state->rules[i].marks, state->alloc);
        if (st == WF_OK)
            st = wf_marks_sort(&state->rules[i].acted, state->alloc);
    }
    wf_free(store->alloc, load.plain);
    ZSTD_freeDCtx(load.zstd); /* NULL is fine */
    return st;
}
