#include "runtime/data/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/data/load_state.h"

enum { SLOT_APPROVED, SLOT_UNTIL };

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int by_code(const void *a, const void *b)
{
    const struct wf_listing *x = a, *y = b;
    return compare(x->code, x->len, y->code, y->len);
}

const struct wf_listing *wf_catalogue_find(const struct wf_catalogue *catalogue, const char *code,
                                           size_t len)
{
    struct wf_listing sought = {.code = code, .len = (uint32_t)len};
    if (catalogue->n == 0 || len > UINT32_MAX)
        return NULL;
    return bsearch(&sought, catalogue->listings, catalogue->n, sizeof(sought), by_code);
}

/* ---- reading ---- */

struct reading {
    struct wf_loading *l;
    struct wf_feed_data data;
    struct wf_raw approved, until;
};

/* Whether a file says it at all: a column of JSON is there where some row has it. */
static bool has_column(const struct wf_feed_file *file, uint32_t slot)
{
    const struct wf_header *header = &file->header;
    return header->slot[slot] != WF_NONE && (!header->seen || header->seen[slot]);
}

static void take_chunk(struct reading *r, uint32_t c, struct wf_catalogue *to)
{
    const struct wf_chunk *chunk = r->data.chunks[c];
    bool asks = has_column(&r->data.reader.files[chunk->file], SLOT_APPROVED);
    for (uint32_t i = 0; i < chunk->n; i++) {
        uint32_t row = r->data.base[c] + i;
        struct wf_listing *listing = &to->listings[to->n++];
        struct wf_cut id = wf_chunk_id(chunk, i);
        struct wf_value approved = wf_column_value(&r->approved.column, row);
        listing->code = r->data.heap + r->data.heap_base[c] + id.at;
        listing->len = id.len;
        listing->approved = !asks || (approved.present && approved.i);
        listing->until = wf_column_has(&r->until.column, row)
                             ? (int32_t)wf_column_int(&r->until.column, row)
                             : WF_NO_UNTIL_DAY;
    }
}

/* Each code once: as the strictest of its rows says. */
static void settle(struct wf_catalogue *c)
{
    uint32_t kept = 0;
    if (c->n)
        qsort(c->listings, c->n, sizeof(*c->listings), by_code);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct wf_listing *listing = &c->listings[i];
        struct wf_listing *last = kept ? &c->listings[kept - 1] : NULL;
        if (!last || by_code(last, listing) != 0) {
            c->listings[kept++] = *listing;
            continue;
        }
        last->approved &= listing->approved;
        last->until = listing->until < last->until ? listing->until : last->until;
    }
    c->n = kept;
}

/* What a row that cannot be read would have withdrawn, nobody knows. */
static enum wf_status take_rows(struct reading *r, struct wf_catalogue *to)
{
    enum wf_status refused = wf_refuse_rejects(r->l);
    if (refused)
        return refused;
    to->listings = wf_keep_calloc(r->l->ctx.keep, (size_t)r->data.n_rows, sizeof(*to->listings));
    if (!to->listings)
        return WF_ERR_NOMEM;
    for (uint32_t c = 0; c < r->data.n_chunks; c++)
        take_chunk(r, c, to);
    settle(to);
    to->read = !r->data.feed->memory || r->data.feed->memory->bytes;
    return WF_OK;
}

enum wf_status wf_build_catalogue(struct wf_loading *l, uint32_t f)
{
    struct reading r = {.l = l};
    enum wf_status status = wf_load_feed(l, f, NULL, &r.data);
    if (!status)
        status = wf_feed_raw(&l->ctx, &r.data, SLOT_APPROVED, &r.approved);
    if (!status)
        status = wf_feed_raw(&l->ctx, &r.data, SLOT_UNTIL, &r.until);
    if (!status) {
        struct wf_feed_end end = {.kept = r.data.n_rows - r.data.counts.rejects};
        status = wf_report_feed(l, &r.data, &end);
    }
    if (!status)
        status = take_rows(&r, &l->data->catalogues[l->feeds.feeds[f].index]);
    wf_raw_release(l->ctx.alloc, &r.approved);
    wf_raw_release(l->ctx.alloc, &r.until);
    wf_feed_data_release(&r.data);
    return status;
}
