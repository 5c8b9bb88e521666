#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/load_state.h"
#include "runtime/data/quick.h"

struct pairs {
    struct wf_loading *l;
    const struct wf_feed_data *data;
    struct wf_raw now; /* slot 0: the new ids */
    uint32_t *row;     /* by old name: the row that said so */
};

static enum wf_status refuse(struct pairs *p, uint32_t row, const char *why)
{
    if (row == WF_NONE)
        return wf_fault_set(&p->l->fault, WF_ERR_DATA, NULL, 0,
                            "with the merges of earlier nights %s", why);
    uint32_t c = wf_feed_chunk(p->data, row);
    const struct wf_chunk *chunk = p->data->chunks[c];
    return wf_fault_set(&p->l->fault, WF_ERR_DATA, p->data->reader.files[chunk->file].name,
                        wf_chunk_line(chunk, row - p->data->base[c]), "%s", why);
}

static struct wf_cell new_id(const struct pairs *p, uint32_t row)
{
    struct wf_piece piece = p->now.column.str[row];
    return (struct wf_cell){p->data->heap + piece.at, piece.len, 0};
}

static bool same(struct wf_cell a, struct wf_cell b)
{
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

static enum wf_status take_pairs(struct pairs *p)
{
    struct wf_merged *merged = &p->l->merged;
    const struct wf_feed_data *data = p->data;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        const struct wf_chunk *chunk = data->chunks[c];
        for (uint32_t i = 0; i < chunk->n; i++) {
            uint32_t row = data->base[c] + i, code, before = merged->old.n;
            struct wf_cut id = wf_chunk_id(chunk, i);
            const char *old = data->heap + data->heap_base[c] + id.at;
            if (!wf_column_has(&p->now.column, row))
                continue; /* it was rejected */
            enum wf_status status = wf_names_add(&merged->old, old, id.len, &code);
            if (status)
                return status;
            if (merged->old.n == before && !same(merged->now[code], new_id(p, row)))
                return refuse(p, row, N_("this old id was merged into another id already"));
            merged->now[code] = new_id(p, row);
            p->row[code] = row;
        }
    }
    return WF_OK;
}

/* A text of the caller's as a cell: with WF_CELL_PAD bytes to read behind it. */
static bool known_cell(const struct pairs *p, const char *text, struct wf_cell *out)
{
    size_t len = strlen(text);
    char *copied = wf_keep_alloc(p->l->ctx.keep, len + WF_CELL_PAD, 1);
    if (!copied)
        return false;
    memcpy(copied, text, len);
    memset(copied + len, 0, WF_CELL_PAD);
    *out = (struct wf_cell){copied, (uint32_t)len, 0};
    return true;
}

/* What earlier nights merged stays so; tonight's rows, which come first, may lead it further. */
static enum wf_status take_known(struct pairs *p)
{
    struct wf_merged *merged = &p->l->merged;
    const struct wf_load_options *options = p->l->options;
    for (size_t i = 0; i < options->n_merges; i++) {
        const struct wf_load_merge *known = &options->merges[i];
        uint32_t code, before = merged->old.n;
        enum wf_status status =
            wf_names_add(&merged->old, known->old_id, (uint32_t)strlen(known->old_id), &code);
        if (status)
            return status;
        if (merged->old.n == before)
            continue;
        if (!known_cell(p, known->new_id, &merged->now[code]))
            return WF_ERR_NOMEM;
        p->row[code] = WF_NONE;
    }
    return WF_OK;
}

/* Old ids that lead to old ids lead to the end of the chain. */
static enum wf_status follow_chains(struct pairs *p)
{
    struct wf_merged *merged = &p->l->merged;
    for (uint32_t code = 0; code < merged->old.n; code++) {
        struct wf_cell now = merged->now[code];
        uint32_t next = code;
        for (uint32_t steps = 0;; steps++) {
            next = wf_names_find(&merged->old, now.text, now.len);
            if (next == WF_NO_NAME)
                break;
            if (steps > merged->old.n || next == code)
                return refuse(p, p->row[code], N_("this merge leads back to where it began"));
            now = merged->now[next];
        }
        merged->now[code] = now;
    }
    return WF_OK;
}

static int by_old_id(const void *a, const void *b)
{
    return strcmp(((const struct wf_load_merge *)a)->old_id,
                  ((const struct wf_load_merge *)b)->old_id);
}

static char *copy(const struct wf_alloc *alloc, struct wf_cell cell)
{
    char *text = wf_realloc(alloc, NULL, (size_t)cell.len + 1);
    if (text) {
        memcpy(text, cell.text, cell.len);
        text[cell.len] = '\0';
    }
    return text;
}

static enum wf_status report_merges(struct wf_loading *l)
{
    struct wf_load_report *report = l->report;
    const struct wf_merged *merged = &l->merged;
    report->merges = wf_calloc(l->ctx.alloc, merged->old.n, sizeof(*report->merges));
    if (!report->merges)
        return WF_ERR_NOMEM;
    for (uint32_t code = 0; code < merged->old.n; code++) {
        struct wf_load_merge *merge = &report->merges[report->n_merges++];
        merge->old_id = copy(l->ctx.alloc, wf_names_text(&merged->old, code));
        merge->new_id = copy(l->ctx.alloc, merged->now[code]);
        if (!merge->old_id || !merge->new_id)
            return WF_ERR_NOMEM;
    }
    qsort(report->merges, report->n_merges, sizeof(*report->merges), by_old_id);
    return WF_OK;
}

static enum wf_status read_pairs(struct pairs *p, uint32_t f, struct wf_feed_data *data)
{
    struct wf_loading *l = p->l;
    enum wf_status status = wf_load_feed(l, f, NULL, data);
    if (!status)
        status = wf_feed_raw(&l->ctx, data, 0, &p->now);
    if (!status) {
        struct wf_feed_end end = {.kept = data->n_rows - data->counts.rejects};
        status = wf_report_feed(l, data, &end);
    }
    return status;
}

enum wf_status wf_build_merges(struct wf_loading *l, uint32_t f)
{
    struct wf_feed_data data = {0};
    struct pairs p = {.l = l, .data = &data};
    enum wf_status status = f == WF_NONE ? WF_OK : read_pairs(&p, f, &data);
    size_t room = data.n_rows + l->options->n_merges;
    p.row = wf_calloc(l->ctx.alloc, room, sizeof(*p.row));
    l->merged.now = wf_calloc(l->ctx.alloc, room, sizeof(*l->merged.now));
    if (!status && (!p.row || !l->merged.now))
        status = WF_ERR_NOMEM;
    if (!status && f != WF_NONE)
        status = take_pairs(&p);
    if (!status)
        status = take_known(&p);
    if (!status)
        status = follow_chains(&p);
    if (!status)
        status = report_merges(l);
    wf_raw_release(l->ctx.alloc, &p.now);
    wf_free(l->ctx.alloc, p.row);
    if (f != WF_NONE)
        wf_feed_data_release(&data);
    return status;
}

void wf_merged_release(const struct wf_alloc *alloc, struct wf_merged *merged)
{
    wf_names_release(&merged->old);
    wf_free(alloc, merged->now);
    merged->now = NULL;
}
