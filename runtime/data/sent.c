#include <stdlib.h>
#include <string.h>

#include "runtime/data/load_state.h"

struct ledger_row {
    uint32_t member;
    const struct wf_sent_row *sent;
};

static const struct wf_text *text_field(const struct wf_sent_row *row, uint32_t field)
{
    switch (field) {
    case WF_SENT_NAME: return &row->name;
    case WF_SENT_KIND: return &row->kind;
    case WF_SENT_CHANNEL: return &row->channel;
    case WF_SENT_JOURNEY: return &row->journey;
    default: return &row->step;
    }
}

static int compare_texts(const struct wf_text *a, const struct wf_text *b)
{
    if (!a->text || !b->text)
        return (a->text != NULL) - (b->text != NULL);
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Of one member. */
static int by_time(const void *a, const void *b)
{
    const struct ledger_row *x = a, *y = b;
    int order = (x->sent->at > y->sent->at) - (x->sent->at < y->sent->at);
    for (uint32_t field = WF_SENT_NAME; !order && field <= WF_SENT_STEP; field++)
        order = compare_texts(text_field(x->sent, field), text_field(y->sent, field));
    return order;
}

static uint32_t member_of(const struct wf_loading *l, const struct wf_text *id)
{
    const struct wf_ids *members = &l->loaded[l->feeds.member].entity.ids;
    struct wf_cell cell = {id->text, (uint32_t)id->len, 0};
    uint32_t old = wf_names_find(&l->merged.old, cell.text, cell.len);
    if (old != WF_NO_NAME)
        cell = l->merged.now[old];
    return wf_ids_find(members, cell.text, cell.len);
}

/* A member's rows come mostly as they left: what is in order is left alone. */
static void order_own(struct ledger_row *rows, uint32_t n)
{
    uint32_t sorted = 1;
    while (sorted < n && by_time(&rows[sorted - 1], &rows[sorted]) <= 0)
        sorted++;
    if (sorted < n)
        qsort(rows, n, sizeof(*rows), by_time);
}

/* The visible rows by member, then time; each member's are counted first, then put in their place.
 * `spare` has as much room as `rows`. */
static enum wf_status collect(const struct wf_loading *l, struct ledger_row *spare,
                              struct ledger_row *rows, uint32_t *n_out)
{
    uint32_t n = 0, n_members = l->data->n_members;
    uint32_t *ends = wf_calloc(l->ctx.alloc, (size_t)n_members + 1, sizeof(*ends));
    if (!ends)
        return WF_ERR_NOMEM;
    for (uint64_t i = 0; i < l->options->n_sent; i++) {
        const struct wf_sent_row *sent = &l->options->sent[i];
        uint32_t member = sent->member.text ? member_of(l, &sent->member) : WF_NONE;
        if (member != WF_NONE && sent->at < l->ctx.now)
            spare[n++] = (struct ledger_row){member, sent};
    }
    for (uint32_t i = 0; i < n; i++)
        ends[spare[i].member + 1]++;
    for (uint32_t m = 0; m < n_members; m++)
        ends[m + 1] += ends[m];
    for (uint32_t i = 0; i < n; i++)
        rows[ends[spare[i].member]++] = spare[i];
    for (uint32_t m = 0; m < n_members; m++) /* each end has moved on to the next one's */
        order_own(rows + (m ? ends[m - 1] : 0), ends[m] - (m ? ends[m - 1] : 0));
    wf_free(l->ctx.alloc, ends);
    *n_out = n;
    return WF_OK;
}

static enum wf_status fill_codes(struct wf_loading *l, const struct ledger_row *rows, uint32_t n,
                                 uint32_t field, struct wf_column *column)
{
    struct wf_names names, *list[1] = {&names};
    uint32_t *maps[1] = {NULL};
    wf_names_init(&names, l->ctx.alloc, l->ctx.seed);
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; !status && i < n; i++) {
        const struct wf_text *text = text_field(rows[i].sent, field);
        if (text->text)
            status = wf_names_add(&names, text->text, text->len, &column->code[i]);
    }
    maps[0] = wf_calloc(l->ctx.alloc, names.n, sizeof(uint32_t));
    if (!status)
        status = maps[0] ? wf_dict_make(&l->ctx, list, 1, maps, &column->dict) : WF_ERR_NOMEM;
    for (uint32_t i = 0; !status && i < n; i++)
        if (text_field(rows[i].sent, field)->text)
            column->code[i] = maps[0][column->code[i]];
    wf_free(l->ctx.alloc, maps[0]);
    wf_names_release(&names);
    return status;
}

static enum wf_status fill_texts(struct wf_loading *l, const struct ledger_row *rows, uint32_t n,
                                 uint32_t field, struct wf_column *column)
{
    uint64_t used = 0;
    for (uint32_t i = 0; i < n; i++)
        used += text_field(rows[i].sent, field)->len;
    column->heap = wf_keep_calloc(l->ctx.keep, (size_t)used + 1, 1);
    if (!column->heap)
        return WF_ERR_NOMEM;
    used = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct wf_text *text = text_field(rows[i].sent, field);
        if (!text->text)
            continue;
        memcpy(column->heap + used, text->text, text->len);
        column->str[i] = (struct wf_piece){used, (uint32_t)text->len};
        used += text->len;
    }
    return WF_OK;
}

static enum wf_status fill_input(struct wf_loading *l, const struct ledger_row *rows, uint32_t n,
                                 uint32_t i)
{
    const struct wf_ir_input *input = &l->ctx.ir->inputs[i];
    struct wf_column *column = &l->data->inputs[i];
    bool at = input->field == WF_SENT_AT;
    enum wf_layout layout = at ? WF_LAY_I64 : input->needed ? WF_LAY_CODE : WF_LAY_STR;
    enum wf_status status = wf_column_blank(&l->ctx, at ? WF_T_TIME : WF_T_TEXT, layout, n, column);
    for (uint32_t r = 0; !status && r < n; r++) {
        if (at)
            column->i64[r] = rows[r].sent->at;
        if (at || text_field(rows[r].sent, input->field)->text)
            column->present[r / 64] |= UINT64_C(1) << (r % 64);
    }
    if (status || at)
        return status;
    return layout == WF_LAY_CODE ? fill_codes(l, rows, n, input->field, column)
                                 : fill_texts(l, rows, n, input->field, column);
}

static enum wf_status fill_view(struct wf_loading *l, const struct ledger_row *rows, uint32_t n,
                                uint32_t view)
{
    struct wf_events *events = &l->data->views[view];
    struct wf_column at;
    enum wf_status status = wf_column_blank(&l->ctx, WF_T_TIME, WF_LAY_I64, n, &at);
    events->first = wf_keep_calloc(l->ctx.keep, (size_t)l->data->n_members + 1, sizeof(uint32_t));
    if (status || !events->first)
        return WF_ERR_NOMEM;
    events->n = n;
    events->at = at.i64;
    for (uint32_t i = 0; i < n; i++) {
        events->at[i] = rows[i].sent->at;
        events->first[rows[i].member + 1]++;
    }
    for (uint32_t m = 0; m < l->data->n_members; m++)
        events->first[m + 1] += events->first[m];
    l->data->since_known[view] = l->options->sent_since_known;
    l->data->since[view] = l->options->sent_since;
    for (uint32_t i = 0; !status && i < l->ctx.ir->n_inputs; i++)
        if (l->ctx.ir->inputs[i].domain == WF_DOM_EVENT + view)
            status = fill_input(l, rows, n, i);
    return status;
}

enum wf_status wf_build_sent(struct wf_loading *l)
{
    const struct wf_ir *ir = l->ctx.ir;
    bool used = false;
    for (uint32_t v = 0; v < ir->n_views; v++)
        used |= ir->views[v].sent && l->feeds.view_used[v];
    if (!used)
        return WF_OK;
    if (l->options->n_sent >= UINT32_MAX)
        return WF_ERR_LIMIT;
    size_t most = (size_t)l->options->n_sent;
    struct ledger_row *rows = wf_calloc(l->ctx.alloc, most, sizeof(*rows));
    struct ledger_row *spare = wf_calloc(l->ctx.alloc, most, sizeof(*spare));
    uint32_t n = 0;
    enum wf_status status = rows && spare ? collect(l, spare, rows, &n) : WF_ERR_NOMEM;
    wf_free(l->ctx.alloc, spare);
    for (uint32_t v = 0; !status && v < ir->n_views; v++)
        if (ir->views[v].sent && l->feeds.view_used[v])
            status = fill_view(l, rows, n, v);
    wf_free(l->ctx.alloc, rows);
    return status;
}

/* The ids of a dataset that is there already, and what merged, as reading them would leave them. */
static enum wf_status know_members(struct wf_loading *l)
{
    const struct wf_dataset *data = l->data;
    struct wf_ids *ids = &l->loaded[l->feeds.member].entity.ids;
    enum wf_status status = WF_OK;
    uint32_t code;
    wf_ids_init(ids, l->ctx.alloc, l->ctx.seed);
    for (uint32_t m = 0; !status && m < data->n_members; m++)
        status =
            wf_names_add(&ids->names, data->id_heap + data->ids[m].at, data->ids[m].len, &code);
    wf_names_init(&l->merged.old, l->ctx.alloc, l->ctx.seed);
    l->merged.now = wf_calloc(l->ctx.alloc, l->options->n_merges, sizeof(*l->merged.now));
    if (!status && !l->merged.now)
        status = WF_ERR_NOMEM;
    for (size_t i = 0; !status && i < l->options->n_merges; i++) {
        const struct wf_load_merge *merge = &l->options->merges[i];
        status = wf_names_add(&l->merged.old, merge->old_id, strlen(merge->old_id), &code);
        if (!status)
            l->merged.now[code] =
                (struct wf_cell){merge->new_id, (uint32_t)strlen(merge->new_id), 0};
    }
    return status;
}

enum wf_status wf_load_sent(const struct wf_program *program, const struct wf_load_options *options,
                            struct wf_dataset *data, struct wf_keep *keep)
{
    struct wf_loading l = {.options = options, .data = data};
    l.ctx = (struct wf_load_ctx){
        .alloc = options->alloc, .ir = &program->ir, .now = options->now, .keep = keep};
    enum wf_status status = wf_feeds_make(options->alloc, &program->ir, false, &l.feeds);
    if (status)
        return status;
    l.loaded = wf_calloc(options->alloc, l.feeds.n_feeds, sizeof(*l.loaded));
    status = l.loaded ? know_members(&l) : WF_ERR_NOMEM;
    if (!status)
        status = wf_build_sent(&l);
    if (l.loaded) {
        wf_ids_release(&l.loaded[l.feeds.member].entity.ids);
        wf_merged_release(options->alloc, &l.merged);
    }
    wf_free(options->alloc, l.loaded);
    wf_feeds_release(&l.feeds);
    return status;
}
