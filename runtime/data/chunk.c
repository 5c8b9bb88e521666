#include "runtime/data/chunk.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/data/cell.h"
#include "runtime/data/dataset.h"
#include "runtime/data/known.h"

/* The work on one segment. */
struct making {
    const struct wf_chunk_rules *rules;
    struct wf_decoder *decoder;
    struct wf_rows *rows;
    struct wf_chunk_desk *desk;
    struct wf_chunk *chunk;
    bool fresh; /* the chunk's arrays are too small, or not there */
};

/* ---- reports ---- */

static enum wf_status report(struct making *m, uint32_t row, const char *column, const char *what,
                             bool unreadable)
{
    struct wf_chunk *chunk = m->chunk;
    struct wf_buf text;
    if (wf_grow(chunk->alloc, &chunk->bad, &chunk->room_bad, chunk->n_bad + 1, sizeof(*chunk->bad)))
        return WF_ERR_NOMEM;
    wf_buf_init(&text, chunk->alloc, 0);
    wf_rows_show(m->rows, row, &text);
    struct wf_bad_row bad = {.line = wf_rows_line(m->rows, row),
                             .column = column,
                             .what = what,
                             .unreadable = unreadable};
    bad.row = wf_buf_detach(&text, &bad.row_len);
    wf_buf_release(&text);
    if (!bad.row)
        return WF_ERR_NOMEM;
    chunk->bad[chunk->n_bad++] = bad;
    if (unreadable)
        chunk->counts.unreadable++;
    else
        chunk->counts.rejects++;
    return WF_OK;
}

static bool is_event(const struct making *m)
{
    return m->rules->feed->kind == WF_FEED_EVENT;
}

/* ---- whose row it is ---- */

/* A row without an id that can be read: an event is nobody's or unreadable, the rest rejects. */
static enum wf_status judge_id(struct making *m, uint32_t row, const struct wf_cell *cell,
                               bool *keep_out)
{
    const char *column = m->rules->feed->id_column;
    *keep_out = false;
    if (!cell->len) {
        if (!is_event(m))
            return report(m, row, column, N_("is empty"), false);
        m->chunk->counts.nobodys++;
        return WF_OK;
    }
    const char *what = wf_cell_id(cell->text, cell->len);
    if (what)
        return report(m, row, column, what, is_event(m));
    *keep_out = true;
    return WF_OK;
}

void wf_follow_merges(const struct wf_merged *merged, struct wf_cell *cells, uint32_t n,
                      uint8_t *renamed)
{
    if (!wf_merges_any(merged))
        return;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t code = wf_names_find(&merged->old, cells[i].text, cells[i].len);
        if (code == WF_NO_NAME)
            continue;
        cells[i] = merged->now[code];
        if (renamed)
            renamed[i] = 1;
    }
}

/* Which members the rows belong to; orphans fall out, unless strangers are numbered. */
static enum wf_status find_members(struct making *m, uint32_t n)
{
    const struct wf_ids *members = m->rules->members;
    enum wf_status status = WF_OK;
    wf_ids_find_many(members, m->desk->cells, n, m->desk->owners);
    uint32_t kept = 0;
    for (uint32_t i = 0; !status && i < n; i++) {
        uint32_t row = m->desk->owners[i];
        if (row == WF_NONE) {
            m->chunk->counts.orphans++;
            if (!m->rules->strangers)
                continue;
            status = wf_stranger(m->rules->strangers, m->desk->cells[i], &row);
        }
        m->desk->which[kept] = m->desk->which[i];
        m->chunk->member[kept++] = row;
    }
    m->chunk->n = kept;
    return status;
}

/* The bytes of all ids, and whether they are of one length. */
static size_t measure_ids(const struct wf_cell *ids, uint32_t n, bool *alike_out)
{
    size_t all = 0;
    uint32_t differ = 0;
    for (uint32_t i = 0; i < n; i++) {
        all += ids[i].len;
        differ |= ids[i].len ^ ids[0].len;
    }
    *alike_out = differ == 0;
    return all;
}

enum wf_status wf_chunk_put_ids(struct wf_chunk *chunk, const struct wf_cell *ids, uint32_t n)
{
    bool alike;
    size_t all = measure_ids(ids, n, &alike);
    if (wf_buf_reserve(&chunk->heap, all) || chunk->heap.len + all > UINT32_MAX)
        return WF_ERR_NOMEM;
    if (!alike && !(chunk->id_end = wf_calloc(chunk->alloc, n, sizeof(*chunk->id_end))))
        return WF_ERR_NOMEM;
    uint32_t at = (uint32_t)chunk->heap.len;
    char *heap = chunk->heap.data;
    chunk->ids_at = at;
    chunk->id_len = n ? ids[0].len : 0;
    chunk->order = WF_BY_BYTES | WF_BY_LENGTH;
    for (uint32_t i = 0; i < n; i++) {
        const struct wf_cell id = ids[i];
        if (i && chunk->order)
            chunk->order &= wf_order_of(ids[i - 1], id);
        wf_copy_bytes(heap + at, id.text, id.len);
        at += id.len;
        if (!alike)
            chunk->id_end[i] = at;
    }
    heap[at] = '\0';
    chunk->heap.len = at;
    chunk->n = n;
    return WF_OK;
}

/* The rows that can be split; the others are told. */
static enum wf_status take_whole(struct making *m, uint32_t *n_out)
{
    const struct wf_rows *rows = m->rows;
    enum wf_status status = WF_OK;
    uint32_t n = 0;
    for (uint32_t r = 0; !status && r < rows->n; r++) {
        const char *broken = rows->even ? NULL : rows->rows[r].broken;
        m->desk->which[n] = r;
        n += !broken;
        if (broken)
            status = report(m, r, "", broken, is_event(m));
    }
    *n_out = n;
    return status;
}

static enum wf_status take_ids(struct making *m)
{
    struct wf_rows *rows = m->rows;
    uint32_t *which = m->desk->which, whole, n = 0;
    struct wf_cell *cells = m->desk->cells;
    enum wf_status status = take_whole(m, &whole);
    m->chunk->counts.rows = rows->n;
    if (status)
        return status;
    wf_rows_cells(rows, rows->file->header.id, which, whole, cells);
    for (uint32_t i = 0; !status && i < whole; i++) {
        bool keep = wf_cell_id_is_plain(cells[i].text, cells[i].len);
        if (!keep)
            status = judge_id(m, which[i], &cells[i], &keep);
        which[n] = which[i];
        cells[n] = cells[i];
        n += keep;
    }
    if (status)
        return status;
    if (m->rules->feed->kind == WF_FEED_EVENT || m->rules->feed->kind == WF_FEED_MEMBER)
        wf_follow_merges(m->rules->merged, cells, n, m->chunk->renamed);
    if (!is_event(m))
        return wf_chunk_put_ids(m->chunk, m->desk->cells, n);
    return find_members(m, n);
}

/* ---- cells ---- */

/* An array of the chunk as zeros: a new one where the old one is too small. */
static bool renew(struct making *m, void *array, size_t size)
{
    void *cells;
    memcpy(&cells, array, sizeof(cells)); /* the caller's pointer has its own type */
    if (!m->fresh) {
        memset(cells, 0, m->rows->n * size);
        return true;
    }
    wf_free(m->chunk->alloc, cells);
    cells = wf_calloc(m->chunk->alloc, m->chunk->room, size);
    memcpy(array, &cells, sizeof(cells));
    return cells != NULL;
}

/* Where the cells of a slot are decoded to, all of them missing so far: an event's stay with the
 * chunk, others go from the desk to the grid. */
static enum wf_status place_cells(struct making *m, uint32_t slot, struct wf_decoded *out)
{
    struct wf_chunk *chunk = m->chunk;
    size_t size = m->rules->feed->slots[slot].size;
    *out = (struct wf_decoded){.heap = &chunk->heap, .bad = m->desk->bad};
    if (m->rules->grid) {
        out->data = m->desk->values;
        out->state = m->desk->states;
        if (chunk->n) { /* a desk that never had rows has no cells either */
            memset(out->data, 0, chunk->n * size);
            memset(out->state, 0, chunk->n);
        }
        return WF_OK;
    }
    if (!renew(m, &chunk->data[slot], size) || !renew(m, &chunk->state[slot], 1))
        return WF_ERR_NOMEM;
    out->data = chunk->data[slot];
    out->state = chunk->state[slot];
    return WF_OK;
}

/* Plain cells together as far as that is worth while, others as they are. */
static enum wf_status decode_column(struct making *m, uint32_t s, uint32_t column,
                                    struct wf_decoded *out)
{
    const struct wf_slot *slot = &m->rules->feed->slots[s];
    const uint32_t *which = m->desk->which;
    uint32_t n = m->chunk->n, done = 0;
    enum wf_status status = WF_OK;
    struct wf_table table;
    if (wf_rows_table(m->rows, column, which, n, &table))
        status = wf_column_plain(m->decoder, s, &table, n, out, &done);
    if (status || done == n)
        return status;
    struct wf_decoded rest = {(char *)out->data + (size_t)done * slot->size, out->state + done,
                              out->heap, out->bad + done};
    wf_rows_cells(m->rows, column, which + done, n - done, m->desk->cells);
    if (slot->type == WF_T_REF && slot->def->ref == 0)
        wf_follow_merges(m->rules->merged, m->desk->cells, n - done, NULL);
    return wf_column_decode(m->decoder, s, m->desk->cells, n - done, &rest);
}

static enum wf_status decode_slot(struct making *m, uint32_t s)
{
    struct wf_chunk *chunk = m->chunk;
    uint32_t column = m->rows->file->header.slot[s], n = chunk->n;
    struct wf_decoded out;
    enum wf_status status = place_cells(m, s, &out);
    if (!status && column != WF_NONE) /* else a unique field that this export lacks */
        status = decode_column(m, s, column, &out);
    if (!status && s == m->rules->feed->deleted)
        for (uint32_t i = 0; i < n; i++)
            chunk->bad_row[i] |= out.state[i] && ((const uint8_t *)out.data)[i];
    if (!status && m->rules->grid)
        status = wf_grid_put(m->rules->grid, s, chunk->place, n, m->rows->segment->guess, out.data,
                             out.state);
    return status;
}

static enum wf_status decode_slots(struct making *m)
{
    struct wf_chunk *chunk = m->chunk;
    const struct wf_feed *feed = m->rules->feed;
    enum wf_status status = WF_OK;
    for (uint32_t s = 0; !status && s < feed->n_slots; s++)
        status = decode_slot(m, s);
    for (uint32_t i = 0; !status && i < chunk->n; i++) {
        const struct wf_bad_cell *bad = &m->desk->bad[i];
        if (!bad->what)
            continue;
        chunk->bad_row[i] = 1;
        status = report(m, m->desk->which[i], feed->slots[bad->slot].column, bad->what, false);
    }
    return status;
}

/* ---- what a row is known by ---- */

/* Events always say their lines; for others nothing is kept where row i is line i, which the last
 * row tells: no row starts before its number, nor two in one line. */
static bool keep_lines(struct making *m)
{
    struct wf_chunk *chunk = m->chunk;
    const uint32_t *which = m->desk->which;
    uint32_t n = chunk->n;
    if (!is_event(m)) {
        if (n == 0 || wf_rows_row(m->rows, which[n - 1]).line == n - 1)
            return true;
        chunk->line = wf_calloc(chunk->alloc, n, sizeof(*chunk->line));
        if (!chunk->line)
            return false;
    }
    for (uint32_t i = 0; i < n; i++)
        chunk->line[i] = wf_rows_row(m->rows, which[i]).line;
    return true;
}

static void know_rows(struct making *m)
{
    struct wf_chunk *chunk = m->chunk;
    for (uint32_t i = 0; !m->rules->unhashed && i < chunk->n; i++) {
        const struct wf_row row = wf_rows_row(m->rows, m->desk->which[i]);
        const char *text = m->rows->segment->text + row.start;
        chunk->hash[i] = XXH3_64bits(text, row.end - row.start);
        if (chunk->first || chunk->full || chunk->key)
            wf_known_row(m->rules->feed, m->decoder->dicts, m->rows->file->header.slot, text,
                         row.end - row.start, i, chunk);
    }
}

/* ---- strangers ---- */

enum wf_status wf_stranger(struct wf_strangers *strangers, struct wf_cell id, uint32_t *member_out)
{
    uint32_t code = 0;
    pthread_mutex_lock(&strangers->lock);
    enum wf_status status = wf_names_add(&strangers->names, id.text, id.len, &code);
    if (!status && code >= WF_MAX_MEMBERS)
        status = WF_ERR_LIMIT;
    pthread_mutex_unlock(&strangers->lock);
    *member_out = WF_STRANGER | code;
    return status;
}

/* ---- a chunk ---- */

/* Room for n rows on the desk. */
static enum wf_status clear_desk(struct making *m, uint32_t n)
{
    const struct wf_alloc *alloc = m->chunk->alloc;
    struct wf_chunk_desk *desk = m->desk;
    if (n > desk->room) {
        wf_free(alloc, desk->which);
        wf_free(alloc, desk->cells);
        wf_free(alloc, desk->owners);
        wf_free(alloc, desk->bad);
        wf_free(alloc, desk->values);
        wf_free(alloc, desk->states);
        desk->room = 0;
        desk->which = wf_calloc(alloc, n, sizeof(*desk->which));
        desk->cells = wf_calloc(alloc, n, sizeof(*desk->cells));
        desk->owners = wf_calloc(alloc, n, sizeof(*desk->owners));
        desk->bad = wf_calloc(alloc, n, sizeof(*desk->bad));
        desk->values = wf_calloc(alloc, n, sizeof(*desk->values));
        desk->states = wf_calloc(alloc, n, sizeof(*desk->states));
        if (!desk->which || !desk->cells || !desk->owners || !desk->bad || !desk->values ||
            !desk->states)
            return WF_ERR_NOMEM;
        desk->room = n;
    } else if (n) {
        memset(desk->bad, 0, n * sizeof(*desk->bad));
    }
    return WF_OK;
}

/* What the arrays of a chunk are for: everything about it that does not depend on its rows. */
static enum wf_status reserve(struct making *m)
{
    struct wf_chunk *chunk = m->chunk;
    const struct wf_feed *feed = m->rules->feed;
    bool event = is_event(m);
    bool text = feed->n_uniques && feed->slots[feed->uniques[0]].layout == WF_LAY_STR;
    bool merged = m->rules->merged && m->rules->merged->old.n;
    bool ok = renew(m, &chunk->bad_row, 1);
    if (ok && !m->rules->unhashed)
        ok = renew(m, &chunk->hash, sizeof(*chunk->hash));
    if (ok && event)
        ok = renew(m, &chunk->line, sizeof(*chunk->line)) &&
             renew(m, &chunk->member, sizeof(*chunk->member));
    if (ok && merged && feed->kind == WF_FEED_MEMBER)
        ok = renew(m, &chunk->renamed, 1);
    if (ok && event && feed->n_uniques > 0 && !text)
        ok = renew(m, &chunk->first, sizeof(*chunk->first));
    if (ok && event && feed->n_uniques > 1)
        ok = renew(m, &chunk->full, sizeof(*chunk->full));
    if (ok && event && feed->keys)
        ok = renew(m, &chunk->key, sizeof(*chunk->key));
    return ok ? clear_desk(m, m->rows->n) : WF_ERR_NOMEM;
}

/* A chunk without rows; the arrays of one that was left stay with it. */
static struct wf_chunk *begin(struct making *m)
{
    const struct wf_alloc *alloc = m->rules->alloc;
    const struct wf_segment *segment = m->rows->segment;
    struct wf_chunk *chunk = m->desk->spare;
    m->desk->spare = NULL;
    if (!chunk) {
        chunk = wf_calloc(alloc, 1, sizeof(*chunk));
        if (!chunk)
            return NULL;
        chunk->alloc = alloc;
        chunk->n_slots = m->rules->feed->n_slots;
        wf_buf_init(&chunk->heap, alloc, 0);
        chunk->data = wf_calloc(alloc, chunk->n_slots, sizeof(void *));
        chunk->state = wf_calloc(alloc, chunk->n_slots, sizeof(uint8_t *));
        if (!chunk->data || !chunk->state) {
            wf_chunk_free(chunk);
            return NULL;
        }
    }
    chunk->seq = segment->seq;
    chunk->place = segment->place;
    chunk->first_line = segment->line;
    chunk->file = segment->file;
    chunk->n = 0;
    chunk->counts = (struct wf_counts){0};
    wf_buf_reset(&chunk->heap);
    wf_buf_addc(&chunk->heap, '\0'); /* so that the heap is never NULL */
    m->fresh = chunk->room < m->rows->n || !chunk->bad_row;
    if (m->fresh) /* the arrays of events are used again: some more rows shall not renew them */
        chunk->room = m->rows->n + (is_event(m) ? m->rows->n / 8 : 0);
    return chunk;
}

enum wf_status wf_chunk_make(const struct wf_chunk_rules *rules, struct wf_decoder *decoder,
                             struct wf_chunk_desk *desk, struct wf_rows *rows,
                             struct wf_chunk **chunk_out)
{
    struct making m = {.rules = rules, .decoder = decoder, .desk = desk, .rows = rows};
    struct wf_chunk *chunk = m.chunk = begin(&m);
    if (!chunk)
        return WF_ERR_NOMEM;
    enum wf_status status = reserve(&m);
    if (!status)
        status = take_ids(&m);
    if (!status)
        status = decode_slots(&m);
    if (!status && !keep_lines(&m))
        status = WF_ERR_NOMEM;
    if (!status)
        know_rows(&m);
    if (status)
        wf_chunk_free(chunk);
    else
        *chunk_out = chunk;
    return status;
}

enum wf_status wf_chunk_leave(struct wf_chunk_desk *desk, struct wf_chunk *chunk,
                              struct wf_chunk **report_out)
{
    struct wf_chunk *report = wf_calloc(chunk->alloc, 1, sizeof(*report));
    if (!report) {
        wf_chunk_free(chunk);
        return WF_ERR_NOMEM;
    }
    report->alloc = chunk->alloc;
    report->seq = chunk->seq;
    report->file = chunk->file;
    report->worker = chunk->worker;
    report->n = chunk->n;
    report->counts = chunk->counts;
    report->bad = chunk->bad;
    report->n_bad = chunk->n_bad;
    report->room_bad = chunk->room_bad;
    wf_buf_init(&report->heap, chunk->alloc, 0);
    chunk->bad = NULL;
    chunk->n_bad = chunk->room_bad = 0;
    desk->spare = chunk;
    *report_out = report;
    return WF_OK;
}

void wf_chunk_desk_release(const struct wf_alloc *alloc, struct wf_chunk_desk *desk)
{
    wf_free(alloc, desk->which);
    wf_free(alloc, desk->cells);
    wf_free(alloc, desk->owners);
    wf_free(alloc, desk->bad);
    wf_free(alloc, desk->values);
    wf_free(alloc, desk->states);
    wf_chunk_free(desk->spare);
    *desk = (struct wf_chunk_desk){0};
}

void wf_chunk_free(struct wf_chunk *chunk)
{
    if (!chunk)
        return;
    const struct wf_alloc *alloc = chunk->alloc;
    for (uint32_t s = 0; s < chunk->n_slots; s++) {
        if (chunk->data)
            wf_free(alloc, chunk->data[s]);
        if (chunk->state)
            wf_free(alloc, chunk->state[s]);
    }
    for (size_t i = 0; i < chunk->n_bad; i++)
        wf_free(alloc, chunk->bad[i].row);
    wf_free(alloc, chunk->data);
    wf_free(alloc, chunk->state);
    wf_free(alloc, chunk->id_end);
    wf_free(alloc, chunk->line);
    wf_free(alloc, chunk->renamed);
    wf_free(alloc, chunk->bad);
    wf_free(alloc, chunk->member);
    wf_free(alloc, chunk->bad_row);
    wf_free(alloc, chunk->hash);
    wf_free(alloc, chunk->late_ids);
    wf_free(alloc, chunk->key);
    wf_free(alloc, chunk->first);
    wf_free(alloc, chunk->full);
    wf_buf_release(&chunk->heap);
    wf_free(alloc, chunk);
}
