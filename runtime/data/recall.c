#include "runtime/data/recall_int.h"

#include <string.h>

#include "runtime/data/parallel.h"

/* A place is which block, which row of it, and one more. */
enum { MOST_PASSED = 32 /* limits that have a bit */ };
enum { ROW_BITS = 13, MOST_BLOCKS = 1 << (31 - ROW_BITS) };
#define NOWHERE UINT32_C(0)
#define OF_NO_USE UINT32_MAX /* there is an entry, which does not hold */
_Static_assert(WF_BATCH < 1 << ROW_BITS, "a block's rows fit");

const char *wf_recall_name(const char *event, struct wf_buf *buf)
{
    wf_buf_addc(buf, WF_RECALL_MARK);
    wf_buf_adds(buf, event);
    return buf->failed ? NULL : wf_buf_str(buf);
}

/* ---- making one ---- */

static bool copy_feed(struct wf_recall *r, const struct wf_feed *feed)
{
    const struct wf_alloc *alloc = r->ctx.alloc;
    r->feed = *feed;
    r->feed.slots = wf_calloc(alloc, feed->n_slots, sizeof(*feed->slots));
    r->feed.uniques = wf_calloc(alloc, feed->n_uniques, sizeof(*feed->uniques));
    if (!r->feed.slots || !r->feed.uniques)
        return false;
    memcpy(r->feed.slots, feed->slots, feed->n_slots * sizeof(*feed->slots));
    if (feed->n_uniques)
        memcpy(r->feed.uniques, feed->uniques, feed->n_uniques * sizeof(*feed->uniques));
    return true;
}

static bool make_arrays(struct wf_recall *r)
{
    const struct wf_alloc *alloc = r->ctx.alloc;
    r->place = wf_calloc(alloc, r->n_members, sizeof(*r->place));
    r->count = wf_calloc(alloc, r->n_members, sizeof(*r->count));
    r->at = wf_calloc(alloc, r->n_members, sizeof(*r->at));
    if (r->ask->n_limits <= 8 * sizeof(*r->few))
        r->few = wf_calloc(alloc, r->n_members, sizeof(*r->few));
    else
        r->many = wf_calloc(alloc, r->n_members, sizeof(*r->many));
    r->asleep = wf_calloc(alloc, wf_column_room(r->n_members) / 64, sizeof(*r->asleep));
    return r->place && r->count && r->at && (r->few || r->many) && r->asleep;
}

struct wf_recall *wf_recall_new(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                                const struct wf_recall_ask *ask, uint32_t n_members)
{
    struct wf_recall *r = wf_calloc(ctx->alloc, 1, sizeof(*r));
    if (!r)
        return NULL;
    if (pthread_mutex_init(&r->lock, NULL) != 0) {
        wf_free(ctx->alloc, r);
        return NULL;
    }
    r->ctx = *ctx;
    r->ask = ask;
    r->n_members = n_members;
    if (copy_feed(r, feed) && make_arrays(r))
        return r;
    wf_recall_free(r);
    return NULL;
}

void wf_recall_free(struct wf_recall *r)
{
    if (!r)
        return;
    const struct wf_alloc *alloc = r->ctx.alloc;
    wf_past_view_release(&r->standing);
    wf_past_owners_release(&r->owners);
    wf_view_release(&r->view);
    for (uint32_t b = 0; b < r->n_blocks; b++)
        wf_free(alloc, r->blocks[b].columns);
    wf_free(alloc, r->blocks);
    wf_free(alloc, r->place);
    wf_free(alloc, r->count);
    wf_free(alloc, r->at);
    wf_free(alloc, r->few);
    wf_free(alloc, r->many);
    wf_free(alloc, r->asleep);
    wf_free(alloc, r->feed.slots);
    wf_free(alloc, r->feed.uniques);
    pthread_mutex_destroy(&r->lock);
    wf_free(alloc, r);
}

/* ---- whose entries they are ---- */

/* The blocks of a link that are opened. */
struct opening {
    struct wf_recall *r;
    const struct wf_ids *members;
    const struct wf_snap *snap;
    const struct wf_snap_block *blocks; /* of the feed: they stand together */
    uint32_t first;                     /* the first one's number in the recall */
};

/* What the margins of a block's entries say. */
struct margins {
    uint32_t passed[WF_BATCH]; /* limits, a bit each */
    bool of_no_use[WF_BATCH];
};

/* Whose margin a limit has passed. A column is read from its beginning to its end, for few have. */
static void find_passed(const struct opening *o, uint32_t number, uint32_t limit,
                        struct margins *out)
{
    const struct wf_recall_ask *ask = o->r->ask;
    const struct wf_recall_block *block = &o->r->blocks[number];
    const struct wf_snap_column *margin = &block->columns[WF_RECALL_MARGINS + limit];
    bool has_bit = limit < MOST_PASSED && ask->floor[limit] != WF_ALL_ROWS;
    uint64_t some, moved = ask->moved[(size_t)block->link * ask->n_limits + limit];
    uint8_t gone[WF_BATCH + sizeof(some)] = {0};
    wf_snap_at_most(margin, block->n, moved < INT64_MAX ? (int64_t)moved : INT64_MAX, gone);
    for (uint32_t first = 0; first < block->n; first += sizeof(some)) {
        memcpy(&some, gone + first, sizeof(some));
        for (uint32_t i = first; some; some >>= 8, i++) {
            if (!(some & 1) || !wf_snap_has(margin, i))
                continue;
            out->passed[i] |= has_bit ? UINT32_C(1) << limit : 0;
            out->of_no_use[i] |= !has_bit;
        }
    }
}

static void put_passed(struct wf_recall *r, uint32_t member, uint32_t passed)
{
    if (r->few)
        r->few[member] = (uint8_t)passed;
    else
        r->many[member] = passed;
}

static uint32_t passed_of(const struct wf_recall *r, uint32_t member)
{
    return r->few ? r->few[member] : r->many[member];
}

/*
 * Tasks of one link meet different members; those of newer links came before. The newest link's
 * find nothing there: to look first would map each page of zeros as the shared one, and the write
 * after it would then have to stop the other threads while a page of its own takes its place.
 */
static void place_entries(const struct opening *o, uint32_t number, const uint32_t *members)
{
    struct wf_recall *r = o->r;
    struct margins margins = {{0}, {0}};
    for (uint32_t limit = 0; limit < r->ask->n_limits; limit++)
        find_passed(o, number, limit, &margins);
    for (uint32_t i = 0; i < r->blocks[number].n; i++) {
        uint32_t member = members[i];
        if (member == WF_NONE || (o->first > 0 && r->place[member] != NOWHERE))
            continue;
        r->place[member] = margins.of_no_use[i] ? OF_NO_USE : (number << ROW_BITS | i) + 1;
        if (margins.passed[i])
            put_passed(r, member, margins.passed[i]);
    }
}

static bool is_sound(const struct wf_snap_column *columns, uint32_t n)
{
    bool sound = wf_snap_is_texts(&columns[WF_RECALL_ID]) && !columns[WF_RECALL_ID].present;
    for (uint32_t c = WF_RECALL_MARGINS; c < n; c++)
        sound &= columns[c].kind == WF_SNAP_NUMBERS;
    return sound;
}

/* Whose entries a block has: by their numbers, or by their ids. */
static enum wf_status find_members(const struct opening *o, const struct wf_recall_block *block,
                                   uint32_t *members)
{
    const struct wf_snap_column *column = &block->columns[WF_RECALL_ID];
    uint64_t numbers[WF_BATCH];
    struct wf_cell ids[WF_BATCH];
    if (column->kind == WF_SNAP_SERIALS) {
        struct wf_serial_head head = wf_snap_head(column);
        wf_snap_numbers(column, 0, block->n, numbers);
        if (wf_ids_find_serials(o->members, &head, numbers, block->n, members))
            return WF_OK;
    }
    char *room = wf_calloc(o->r->ctx.alloc, wf_snap_texts_room(column), 1);
    if (!room)
        return WF_ERR_NOMEM;
    wf_snap_texts(column, room, ids);
    wf_ids_find_many(o->members, ids, block->n, members);
    wf_free(o->r->ctx.alloc, room);
    return WF_OK;
}

static enum wf_status open_block(void *ctx, unsigned thread, uint32_t task)
{
    const struct opening *o = ctx;
    const struct wf_alloc *alloc = o->r->ctx.alloc;
    const struct wf_snap_block *from = &o->blocks[task];
    struct wf_recall_block *block = &o->r->blocks[o->first + task];
    uint32_t n_columns = o->r->ask->n_columns, members[WF_BATCH];
    (void)thread;
    block->columns = wf_calloc(alloc, n_columns, sizeof(*block->columns));
    block->n = from->rows;
    if (!block->columns)
        return WF_ERR_NOMEM;
    if (from->rows > WF_BATCH || from->owners)
        return WF_ERR_STATE;
    enum wf_status status = wf_snap_read(o->snap, from, block->columns);
    if (status || !is_sound(block->columns, n_columns))
        return status ? status : WF_ERR_STATE;
    status = find_members(o, block, members);
    if (!status)
        place_entries(o, o->first + task, members);
    return status;
}

/* The blocks of the feed in a snapshot: they stand together. */
static uint32_t blocks_of(const struct wf_snap *snap, uint32_t feed,
                          const struct wf_snap_block **blocks_out)
{
    uint32_t first = 0, n = 0;
    while (first < snap->n_blocks && snap->blocks[first].feed != feed)
        first++;
    while (first + n < snap->n_blocks && snap->blocks[first + n].feed == feed)
        n++;
    *blocks_out = snap->blocks + first;
    return n;
}

static enum wf_status open_link(struct opening *o, uint32_t link, uint32_t n)
{
    struct wf_recall *r = o->r;
    o->first = r->n_blocks;
    struct wf_recall_block *blocks =
        wf_calloc(r->ctx.alloc, (size_t)r->n_blocks + n, sizeof(*blocks));
    if (!blocks)
        return WF_ERR_NOMEM;
    if (r->n_blocks)
        memcpy(blocks, r->blocks, r->n_blocks * sizeof(*blocks));
    wf_free(r->ctx.alloc, r->blocks);
    r->blocks = blocks;
    for (uint32_t b = 0; b < n; b++)
        r->blocks[r->n_blocks++].link = link;
    return wf_parallel(r->ctx.threads, n, o, open_block);
}

enum wf_status wf_recall_open(struct wf_recall *r, const struct wf_ids *members)
{
    struct opening opening = {.r = r, .members = members};
    struct wf_buf name;
    wf_buf_init(&name, r->ctx.alloc, 0);
    const char *text = wf_recall_name(r->feed.noun, &name);
    enum wf_status status = text ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t link = r->ctx.n_past; !status && link-- > 0;) {
        if (!r->ask->usable[link])
            break;
        uint32_t feed = wf_snap_find(&r->ctx.past[link], text);
        const struct wf_snap_feed *kept =
            feed == WF_SNAP_NONE ? NULL : &r->ctx.past[link].feeds[feed];
        if (!kept || kept->n_columns != r->ask->n_columns || kept->n_owner_columns)
            break;
        opening.snap = &r->ctx.past[link];
        uint32_t n = blocks_of(opening.snap, feed, &opening.blocks);
        if (n > MOST_BLOCKS - r->n_blocks)
            break;
        status = open_link(&opening, link, n);
    }
    wf_buf_release(&name);
    return status;
}

uint64_t wf_recall_left(const struct wf_recall *r, uint32_t member, uint32_t limit)
{
    uint32_t place = r->place[member] - 1, row = place & ((1u << ROW_BITS) - 1);
    const struct wf_recall_block *block = &r->blocks[place >> ROW_BITS];
    const struct wf_snap_column *margin = &block->columns[WF_RECALL_MARGINS + limit];
    uint64_t moved = r->ask->moved[(size_t)block->link * r->ask->n_limits + limit];
    if (!wf_snap_has(margin, row))
        return UINT64_MAX;
    uint64_t wide = wf_snap_number(margin, row);
    return wide > moved ? wide - moved : 0;
}

static bool is_asleep(const struct wf_recall *r, uint32_t member)
{
    return r->asleep[member / 64] >> member % 64 & 1;
}

uint32_t wf_recall_passed(const struct wf_recall *r, uint32_t member)
{
    return is_asleep(r, member) ? passed_of(r, member) : 0;
}

void wf_recall_put(struct wf_recall *r, struct wf_recall_word *word)
{
    if (word->bits)
        __atomic_fetch_or(&r->asleep[word->at], word->bits, __ATOMIC_RELAXED);
    word->bits = 0;
}

bool wf_recall_rest(struct wf_recall *r, struct wf_recall_word *word, uint32_t member,
                    uint32_t link, uint32_t count, int64_t *floor_out)
{
    uint32_t place = r->place[member];
    *floor_out = INT64_MAX;
    if (place == NOWHERE || place == OF_NO_USE || !count ||
        r->blocks[(place - 1) >> ROW_BITS].link < link)
        return false;
    for (uint32_t passed = passed_of(r, member); passed; passed &= passed - 1) {
        int64_t floor = r->ask->floor[__builtin_ctz(passed)];
        *floor_out = floor < *floor_out ? floor : *floor_out;
    }
    if (member / 64 != word->at)
        wf_recall_put(r, word);
    word->at = member / 64;
    word->bits |= UINT64_C(1) << member % 64;
    r->count[member] = count;
    return true;
}

const uint64_t *wf_recall_asleep(const struct wf_recall *r)
{
    return r->asleep;
}

struct wf_recall_at wf_recall_find(const struct wf_recall *r, uint32_t member)
{
    uint32_t place = r->place[member] - 1;
    return (struct wf_recall_at){r->blocks[place >> ROW_BITS].columns,
                                 place & ((1u << ROW_BITS) - 1)};
}

/* Places of a block that follow each other do so in it: no block has as many rows as it could. */
bool wf_recall_follow(const struct wf_recall *r, uint32_t first, uint32_t n)
{
    uint32_t other = 0;
    for (uint32_t i = 1; i < n; i++)
        other |= (r->place[first + i] - r->place[first]) ^ i;
    return other == 0;
}

/* ---- rows, for who asks ---- */

struct wf_event_span wf_events_of(const struct wf_events *events, uint32_t member)
{
    struct wf_recall *r = events->recall;
    if (!r || !is_asleep(r, member))
        return (struct wf_event_span){events->first[member], events->first[member + 1]};
    pthread_mutex_lock(&r->lock);
    if (!r->at[member]) {
        uint32_t before = r->count[member] - r->owners.count[member];
        wf_past_view_copy(&r->standing, r->owners.from[member] - before, r->count[member], r->used);
        r->at[member] = r->used + 1;
        r->used += r->count[member];
    }
    struct wf_event_span span = {r->at[member] - 1, (uint64_t)r->at[member] - 1 + r->count[member]};
    pthread_mutex_unlock(&r->lock);
    return span;
}
