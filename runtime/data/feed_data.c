#include "runtime/data/feed_data.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/parallel.h"
#include "runtime/data/past.h"

/* One thread's tools. */
struct reading {
    struct wf_rows rows;
    struct wf_decoder decoder;
    struct wf_segment segment;
    struct wf_chunk_desk desk;
    struct wf_past_desk past;
    struct wf_chunk **chunks;
    size_t n, room;
    struct wf_fault fault;
    uint64_t fault_seq;
};

struct crew {
    const struct wf_load_ctx *ctx;
    struct wf_feed_data *data;
    struct wf_chunk_rules rules;
    const struct wf_chunk_taker *taker;
    struct reading *hands; /* by thread */
    struct wf_past_feed past;
};

static enum wf_status add_chunk(struct crew *crew, struct reading *hand, struct wf_chunk *chunk)
{
    if (wf_grow(crew->ctx->alloc, &hand->chunks, &hand->room, hand->n + 1, sizeof(void *))) {
        wf_chunk_free(chunk);
        return WF_ERR_NOMEM;
    }
    hand->chunks[hand->n++] = chunk;
    return WF_OK;
}

static enum wf_status keep_chunk(struct crew *crew, struct reading *hand, struct wf_chunk *chunk)
{
    struct wf_reader *reader = &crew->data->reader;
    const struct wf_header *header = &reader->files[chunk->file].header;
    if (header->json) {
        pthread_mutex_lock(&reader->lock);
        for (uint32_t c = 0; c < header->n_columns; c++)
            header->seen[c] |= hand->rows.seen[c];
        pthread_mutex_unlock(&reader->lock);
    }
    return add_chunk(crew, hand, chunk);
}

static enum wf_status make_chunk(struct crew *crew, uint32_t worker)
{
    struct reading *hand = &crew->hands[worker];
    struct wf_chunk *chunk = NULL;
    enum wf_status status =
        wf_chunk_make(&crew->rules, &hand->decoder, &hand->desk, &hand->rows, &chunk);
    if (status)
        return status;
    chunk->worker = worker;
    if (crew->taker) {
        enum wf_status taken =
            crew->taker->take(crew->taker->ctx, worker, chunk, hand->decoder.dicts);
        status = wf_chunk_leave(&hand->desk, chunk, &chunk);
        if (status)
            return status;
        status = taken;
    }
    enum wf_status kept = keep_chunk(crew, hand, chunk);
    return status ? status : kept;
}

/* A task is a thread here: it takes segments until there are none. */
static enum wf_status read_segments(void *ctx, unsigned thread, uint32_t task)
{
    struct crew *crew = ctx;
    struct wf_reader *reader = &crew->data->reader;
    struct reading *hand = &crew->hands[task];
    enum wf_status status = WF_OK;
    (void)thread;
    for (bool more = true; !status;) {
        status = wf_reader_next(reader, &hand->segment, &more);
        if (status || !more)
            break;
        hand->fault_seq = hand->segment.seq;
        status = wf_rows_split(&hand->rows, &hand->segment, &reader->files[hand->segment.file],
                               &hand->fault);
        if (!status)
            status = make_chunk(crew, task);
    }
    if (status)
        wf_reader_stop(reader);
    return status;
}

static bool new_recent(const struct wf_alloc *alloc, const struct wf_feed *feed,
                       struct wf_decoder *decoder)
{
    bool ok = (decoder->recent = wf_calloc(alloc, feed->n_slots, sizeof(*decoder->recent)));
    for (uint32_t s = 0; ok && s < feed->n_slots; s++)
        if (feed->slots[s].layout == WF_LAY_CODE)
            ok = (decoder->recent[s] = wf_calloc(alloc, WF_RECENT, sizeof(**decoder->recent)));
    return ok;
}

static void free_recent(const struct wf_alloc *alloc, const struct wf_feed *feed,
                        struct wf_decoder *decoder)
{
    for (uint32_t s = 0; decoder->recent && s < feed->n_slots; s++)
        wf_free(alloc, decoder->recent[s]);
    wf_free(alloc, decoder->recent);
}

static enum wf_status set_up(struct crew *crew, const struct wf_ids *const *refs)
{
    const struct wf_load_ctx *ctx = crew->ctx;
    struct wf_feed_data *data = crew->data;
    enum wf_status status = WF_OK;
    for (unsigned t = 0; t < ctx->threads; t++) {
        struct reading *hand = &crew->hands[t];
        wf_rows_init(&hand->rows, ctx->alloc, ctx->scanner);
        hand->decoder = (struct wf_decoder){.ir = ctx->ir,
                                            .feed = data->feed,
                                            .zone = ctx->zone,
                                            .c_locale = ctx->c_locale,
                                            .refs = refs,
                                            .plain = ctx->plain};
        hand->decoder.dicts = data->dicts + (size_t)t * data->feed->n_slots;
        wf_buf_init(&hand->decoder.scratch, ctx->alloc, 0);
        for (uint32_t s = 0; s < data->feed->n_slots; s++)
            wf_names_init(&hand->decoder.dicts[s], ctx->alloc, ctx->seed);
        if (!new_recent(ctx->alloc, data->feed, &hand->decoder))
            status = WF_ERR_NOMEM;
    }
    return status;
}

/* ---- members of nights before ---- */

/* A change says all of a member, but what never was a change cannot be made up. */
static enum wf_status check_past(struct crew *crew)
{
    const struct wf_past_feed *past = &crew->past;
    struct wf_fault *fault = &crew->data->reader.fault;
    if (!past->kept)
        return wf_fault_set(fault, WF_ERR_STATE, NULL, 0,
                            "%s holds changes only, and the snapshot beside the state has no "
                            "members: run once with --full, from exports that hold everything",
                            crew->data->feed->noun);
    if (past->lacking != WF_NONE)
        return wf_fault_set(fault, WF_ERR_STATE, NULL, 0,
                            "the rules read \"%s\" anew or otherwise, and the snapshot beside the "
                            "state does not hold it of members who did not change: run once with "
                            "--full, from exports that hold everything",
                            crew->data->feed->slots[past->lacking].column);
    return WF_OK;
}

static enum wf_status take_member_block(void *ctx, unsigned thread, uint32_t i)
{
    struct crew *crew = ctx;
    struct reading *hand = &crew->hands[thread];
    struct wf_chunk *chunk = NULL;
    enum wf_status status =
        wf_past_members(crew->ctx, &crew->past, crew->rules.merged, hand->decoder.refs,
                        hand->decoder.dicts, &crew->data->grid, &hand->past, i, &chunk);
    if (status)
        return status;
    chunk->worker = thread;
    return add_chunk(crew, hand, chunk);
}

/* They go before the rows of tonight's files. */
static enum wf_status take_members(struct crew *crew)
{
    const struct wf_load_ctx *ctx = crew->ctx;
    struct wf_feed_data *data = crew->data;
    if (!ctx->n_past || !data->feed->kept)
        return WF_OK;
    enum wf_status status = wf_past_feed_init(&crew->past, ctx, data->feed);
    if (!status)
        status = check_past(crew);
    if (!status)
        status = wf_parallel(ctx->threads, crew->past.n, crew, take_member_block);
    for (unsigned t = 0; t < ctx->threads; t++)
        wf_past_desk_release(&crew->hands[t].past, ctx->alloc);
    data->reader.seq = crew->past.n;
    data->reader.place = crew->past.rows;
    wf_past_feed_release(&crew->past);
    return status;
}

static int by_seq(const void *a, const void *b)
{
    const struct wf_chunk *const *x = a, *const *y = b;
    return ((*x)->seq > (*y)->seq) - ((*x)->seq < (*y)->seq);
}

static void add_counts(struct wf_counts *sum, const struct wf_counts *counts)
{
    sum->rows += counts->rows;
    sum->rejects += counts->rejects;
    sum->unreadable += counts->unreadable;
    sum->nobodys += counts->nobodys;
    sum->orphans += counts->orphans;
}

/* All chunks, in the order of the files. */
static enum wf_status collect(struct crew *crew)
{
    struct wf_feed_data *data = crew->data;
    size_t n = 0;
    for (unsigned t = 0; t < crew->ctx->threads; t++)
        n += crew->hands[t].n;
    if (n >= UINT32_MAX)
        return WF_ERR_LIMIT;
    data->chunks = wf_calloc(data->alloc, n, sizeof(*data->chunks));
    data->base = wf_calloc(data->alloc, n + 1, sizeof(*data->base));
    if (!data->chunks || !data->base)
        return WF_ERR_NOMEM;
    for (unsigned t = 0; t < crew->ctx->threads; t++) {
        struct reading *hand = &crew->hands[t];
        for (size_t i = 0; i < hand->n; i++)
            data->chunks[data->n_chunks++] = hand->chunks[i];
        hand->n = 0;
    }
    qsort(data->chunks, data->n_chunks, sizeof(*data->chunks), by_seq);
    uint64_t rows = 0;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        add_counts(&data->counts, &data->chunks[c]->counts);
        if (!data->chunks[c]->past)
            data->reader.files[data->chunks[c]->file].rows += data->chunks[c]->counts.rows;
        rows += data->chunks[c]->n;
        if (rows >= UINT32_MAX)
            return wf_fault_set(&data->reader.fault, WF_ERR_LIMIT, NULL, 0,
                                "%s has more than 4294967294 rows", data->feed->noun);
        data->base[c + 1] = (uint32_t)rows;
    }
    data->n_rows = (uint32_t)rows;
    return WF_OK;
}

/* The failure that comes first in the files, whichever thread met it: all segments before the one
 * where the reader itself failed were handed out and done. */
static enum wf_status first_fault(struct crew *crew, enum wf_status status)
{
    const struct reading *first = NULL;
    for (unsigned t = 0; t < crew->ctx->threads; t++) {
        const struct reading *hand = &crew->hands[t];
        if (hand->fault.status && (!first || hand->fault_seq < first->fault_seq))
            first = hand;
    }
    if (first)
        crew->data->reader.fault = first->fault;
    return first ? first->fault.status : status;
}

/* A column that no row of a file of JSON Lines has is absent, as one that a header lacks. */
static enum wf_status judge_seen(struct wf_feed_data *data)
{
    struct wf_reader *reader = &data->reader;
    for (uint32_t f = 0; f < reader->n_files; f++) {
        const struct wf_header *header = &reader->files[f].header;
        for (uint32_t c = 0; header->json && reader->files[f].rows && c < header->n_columns; c++) {
            bool read = c == header->id || data->feed->slots[c].read;
            if (read && !header->seen[c])
                return wf_fault_set(&reader->fault, WF_ERR_DATA, reader->files[f].name, 0,
                                    "no row has \"%s\", and the rules read it (%s)",
                                    header->names[c], data->feed->noun);
        }
    }
    return WF_OK;
}

static void tear_down(struct crew *crew)
{
    for (unsigned t = 0; t < crew->ctx->threads; t++) {
        struct reading *hand = &crew->hands[t];
        for (size_t i = 0; i < hand->n; i++)
            wf_chunk_free(hand->chunks[i]);
        wf_free(crew->ctx->alloc, hand->chunks);
        wf_chunk_desk_release(crew->ctx->alloc, &hand->desk);
        wf_rows_release(&hand->rows);
        wf_buf_release(&hand->decoder.scratch);
        free_recent(crew->ctx->alloc, crew->data->feed, &hand->decoder);
        wf_segment_release(crew->ctx->alloc, &hand->segment);
    }
    wf_free(crew->ctx->alloc, crew->hands);
}

enum wf_status wf_feed_read(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                            const struct wf_ids *members, const struct wf_merged *merged,
                            const struct wf_ids *const *refs, const struct wf_chunk_taker *taker,
                            struct wf_feed_data *data)
{
    *data = (struct wf_feed_data){.alloc = ctx->alloc, .feed = feed, .threads = ctx->threads};
    struct crew crew = {.ctx = ctx, .data = data, .taker = taker};
    crew.rules = (struct wf_chunk_rules){.alloc = ctx->alloc,
                                         .feed = feed,
                                         .members = members,
                                         .merged = merged,
                                         .unhashed = ctx->unhashed};
    crew.rules.strangers = feed->kind == WF_FEED_EVENT ? ctx->strangers : NULL;
    enum wf_status status = wf_reader_open(&data->reader, ctx->alloc, ctx->ir, feed, ctx->dir,
                                           ctx->from_stdin, ctx->scanner);
    data->reader.progress = ctx->progress;
    data->reader.exporter = ctx->exporter;
    data->reader.sha256 = ctx->sha256;
    if (status)
        return status;
    crew.hands = wf_calloc(ctx->alloc, ctx->threads, sizeof(*crew.hands));
    data->dicts = wf_calloc(ctx->alloc, (size_t)ctx->threads * feed->n_slots, sizeof(*data->dicts));
    if (!crew.hands || !data->dicts) {
        wf_free(ctx->alloc, crew.hands);
        return WF_ERR_NOMEM;
    }
    status = set_up(&crew, refs);
    if (!status && feed->kind != WF_FEED_EVENT) {
        crew.rules.grid = &data->grid;
        status = wf_grid_init(&data->grid, ctx->alloc, feed);
        if (!status)
            status = take_members(&crew);
    }
    if (!status)
        status = wf_parallel(ctx->threads, ctx->threads, &crew, read_segments);
    if (status)
        status = first_fault(&crew, status);
    if (!status)
        status = collect(&crew);
    if (!status)
        status = judge_seen(data);
    tear_down(&crew);
    return status;
}

void wf_feed_data_release(struct wf_feed_data *data)
{
    for (uint32_t c = 0; c < data->n_chunks; c++)
        wf_chunk_free(data->chunks[c]);
    wf_free(data->alloc, data->chunks);
    wf_free(data->alloc, data->base);
    wf_free(data->alloc, data->heap_base);
    for (size_t i = 0; data->dicts && i < (size_t)data->threads * data->feed->n_slots; i++)
        wf_names_release(&data->dicts[i]);
    wf_free(data->alloc, data->dicts);
    wf_grid_release(&data->grid);
    if (data->feed)
        wf_reader_close(&data->reader);
    *data = (struct wf_feed_data){0};
}
