#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/data/load_state.h"
#include "runtime/data/parallel.h"
#include "runtime/data/past_events.h"
#include "runtime/data/recall_int.h"
#include "runtime/data/row_cond.h"

/* An event feed from its files to its views. */
struct event_feed {
    struct wf_loading *l;
    const struct wf_feed *feed;
    struct wf_feed_data data;
    struct wf_stage_form form;
    struct wf_spill spill;       /* takes what goes beyond the budget */
    struct wf_stage *stages;     /* by worker */
    struct wf_row_cond cond;     /* of void_when; without ctx: none */
    struct wf_row_judge *judges; /* by worker */
    uint32_t **maps;             /* by worker * n_slots + slot */
    struct wf_dict **dicts;      /* by slot */
    struct wf_event_rows rows;
    struct wf_past_owners *owners; /* of rows of nights before */
    struct wf_past_view *standing; /* those of them of whom nothing is new */
    struct wf_recall *recall;      /* who may sleep, and then the home of these two; else NULL */
    struct wf_past_owners own_owners;
    struct wf_past_view own_standing;
    const struct wf_ids **refs;   /* by slot */
    bool *wanted, *learnt;        /* by slot: in the view by the rows' own members; or its key */
    bool keys, others;            /* that view has event keys; there are views by other members */
};

static bool is_view(const struct event_feed *e, uint32_t v)
{
    const struct wf_ir_view *view = &e->l->ctx.ir->views[v];
    return e->l->feeds.view_used[v] && !view->sent && view->event == e->feed->index;
}

/* ---- reading ---- */

/* The slots that the inputs of a view read. */
static void want_slots(const struct event_feed *e, uint32_t view, bool *wanted)
{
    const struct wf_ir *ir = e->l->ctx.ir;
    wanted[e->feed->at] = true;
    for (uint32_t i = 0; i < ir->n_inputs; i++)
        if (ir->inputs[i].domain == WF_DOM_EVENT + view)
            wanted[wf_feed_slot(e->feed, ir->inputs[i].field)] = true;
}

static enum wf_status make_form(struct event_feed *e)
{
    const struct wf_load_ctx *ctx = &e->l->ctx;
    bool *carried = wf_calloc(ctx->alloc, e->feed->n_slots, sizeof(*carried));
    if (!carried)
        return WF_ERR_NOMEM;
    carried[e->feed->at] = true;
    for (uint32_t u = 0; u < e->feed->n_uniques; u++)
        carried[e->feed->uniques[u]] = true;
    for (uint32_t v = 0; v < ctx->ir->n_views; v++)
        if (is_view(e, v))
            want_slots(e, v, carried);
    for (uint32_t s = 0; ctx->keeps && s < e->feed->n_slots; s++)
        carried[s] |= wf_past_is_kept(&e->feed->slots[s]);
    enum wf_status status =
        wf_stage_form_init(&e->form, ctx->alloc, e->feed, carried, e->l->data->n_members);
    wf_free(ctx->alloc, carried);
    return status;
}

/* The views by the rows' own members are one, whatever they are called. */
static void want_own(struct event_feed *e)
{
    for (uint32_t v = 0; v < e->l->ctx.ir->n_views; v++) {
        if (!is_view(e, v))
            continue;
        if (e->l->ctx.ir->views[v].by != WF_NONE)
            continue;
        e->keys |= e->l->feeds.view_keys[v];
        want_slots(e, v, e->wanted);
    }
    memcpy(e->learnt, e->wanted, e->feed->n_slots * sizeof(*e->learnt));
    if (e->keys && e->feed->n_uniques)
        e->learnt[e->feed->uniques[0]] = true;
}

/* What is seen through references is made of all rows, once. */
static bool sees_through(const struct event_feed *e)
{
    const struct wf_ir *ir = e->l->ctx.ir;
    for (uint32_t i = 0; i < ir->n_inputs; i++)
        if (ir->inputs[i].domain >= WF_DOM_EVENT && ir->inputs[i].via_field != WF_NONE &&
            is_view(e, ir->inputs[i].domain - (uint32_t)WF_DOM_EVENT))
            return true;
    return false;
}

/* Members may sleep where the chain goes on and nothing wants the rows of all of them. */
static enum wf_status set_up_recall(struct event_feed *e)
{
    const struct wf_load_ctx *ctx = &e->l->ctx;
    const struct wf_recall_ask *ask = e->l->options->recall;
    if (!ask || !ask[e->feed->index].may || !ctx->n_past || ctx->anew || e->others ||
        sees_through(e))
        return WF_OK;
    e->recall = wf_recall_new(ctx, e->feed, &ask[e->feed->index], e->l->data->n_members);
    if (!e->recall)
        return WF_ERR_NOMEM;
    return wf_recall_open(e->recall, &e->l->loaded[e->l->feeds.member].entity.ids);
}

static enum wf_status set_up_past(struct event_feed *e, uint32_t f)
{
    struct wf_loading *l = e->l;
    e->wanted = wf_calloc(l->ctx.alloc, e->feed->n_slots, sizeof(*e->wanted));
    e->learnt = wf_calloc(l->ctx.alloc, e->feed->n_slots, sizeof(*e->learnt));
    e->refs = wf_load_refs(l, f);
    if (!e->wanted || !e->learnt || !e->refs)
        return WF_ERR_NOMEM;
    want_own(e);
    enum wf_status status = set_up_recall(e);
    struct wf_recall *recall = e->recall;
    e->owners = recall ? &recall->owners : &e->own_owners;
    e->standing = recall ? &recall->standing : &e->own_standing;
    if (!status)
        status = wf_past_owners_init(e->owners, recall ? &recall->ctx : &l->ctx,
                                     recall ? &recall->feed : e->feed,
                                     &l->loaded[l->feeds.member].entity.ids, &l->merged,
                                     l->data->n_members);
    e->owners->recall = recall;
    if (!status)
        status = wf_past_view_init(e->standing, e->owners);
    e->standing->learnt = e->learnt;
    e->standing->refs = e->refs;
    return status;
}

/* Views by another member bring the same rows together once more. */
static bool has_others(const struct event_feed *e)
{
    bool others = false;
    for (uint32_t v = 0; v < e->l->ctx.ir->n_views; v++)
        others |= is_view(e, v) && e->l->ctx.ir->views[v].by != WF_NONE;
    return others;
}

static enum wf_status set_up(struct event_feed *e)
{
    const struct wf_load_ctx *ctx = &e->l->ctx;
    size_t n_maps = (size_t)ctx->threads * e->feed->n_slots;
    e->stages = wf_calloc(ctx->alloc, ctx->threads, sizeof(*e->stages));
    e->judges = wf_calloc(ctx->alloc, ctx->threads, sizeof(*e->judges));
    e->maps = wf_calloc(ctx->alloc, n_maps, sizeof(*e->maps));
    e->dicts = wf_calloc(ctx->alloc, e->feed->n_slots, sizeof(*e->dicts));
    enum wf_status status =
        e->stages && e->judges && e->maps && e->dicts ? make_form(e) : WF_ERR_NOMEM;
    e->others = has_others(e);
    if (!status)
        status =
            wf_spill_init(&e->spill, ctx->alloc, ctx->scratch, e->others ? 0 : ctx->event_memory);
    for (unsigned t = 0; !status && t < ctx->threads; t++)
        status = wf_stage_init(&e->stages[t], &e->form, &e->spill, ctx->threads);
    uint32_t when = e->feed->record->void_when;
    if (!status && when != WF_NONE)
        status = wf_row_cond_init(&e->cond, ctx, e->feed, when);
    e->rows = (struct wf_event_rows){.ctx = ctx,
                                     .feed = e->feed,
                                     .form = &e->form,
                                     .stages = e->stages,
                                     .n_stages = ctx->threads,
                                     .maps = e->maps,
                                     .keeps = ctx->keeps != NULL,
                                     .stay = e->others};
    return status;
}

static void tear_down(struct event_feed *e)
{
    const struct wf_alloc *alloc = e->l->ctx.alloc;
    for (unsigned t = 0; t < e->l->ctx.threads; t++) {
        if (e->stages)
            wf_stage_release(&e->stages[t]);
        if (e->judges)
            wf_row_judge_release(&e->judges[t]);
    }
    for (size_t i = 0; e->maps && i < (size_t)e->l->ctx.threads * e->feed->n_slots; i++)
        wf_free(alloc, e->maps[i]);
    wf_recall_free(e->recall);
    wf_past_view_release(&e->own_standing);
    wf_past_owners_release(&e->own_owners);
    wf_free(alloc, e->refs);
    wf_free(alloc, e->wanted);
    wf_free(alloc, e->learnt);
    wf_row_cond_release(&e->cond);
    wf_spill_release(&e->spill);
    wf_stage_form_release(&e->form);
    wf_free(alloc, e->stages);
    wf_free(alloc, e->judges);
    wf_free(alloc, e->maps);
    wf_free(alloc, e->dicts);
    wf_feed_data_release(&e->data);
}

static enum wf_status take_chunk(void *ctx, unsigned worker, const struct wf_chunk *chunk,
                                 const struct wf_names *dicts)
{
    struct event_feed *e = ctx;
    struct wf_row_judge *judge = &e->judges[worker];
    enum wf_status status = WF_OK;
    if (!chunk->past)
        status = wf_past_touch(e->owners, chunk->member, chunk->n);
    if (!status && e->cond.ctx && !judge->cond)
        status = wf_row_judge_init(judge, &e->cond, dicts);
    if (!status && e->cond.ctx)
        status = wf_row_judge_chunk(judge, chunk);
    return status ? status : wf_stage_add(&e->stages[worker], chunk, judge->marks);
}

/* One dictionary of each slot that is carried as codes. */
static enum wf_status join_dict(void *ctx, unsigned thread, uint32_t slot)
{
    struct event_feed *e = ctx;
    uint32_t *maps[WF_MAX_THREADS] = {NULL};
    (void)thread;
    if (e->form.cells[slot].kind != WF_STAGE_CODE)
        return WF_OK;
    enum wf_status status = wf_feed_dict(&e->l->ctx, &e->data, slot, maps, &e->dicts[slot]);
    for (unsigned t = 0; t < e->l->ctx.threads; t++)
        e->maps[(size_t)t * e->feed->n_slots + slot] = maps[t];
    return status;
}

/* The rows of nights before: those of whom something is new as tonight's were taken. */
static enum wf_status take_past(struct event_feed *e, const struct wf_chunk_taker *taker)
{
    const struct wf_past_events events = {
        .owners = e->owners, .refs = e->refs, .dicts = e->data.dicts, .taker = taker};
    if (!e->owners->ctx || !e->owners->past.n)
        return WF_OK;
    if (e->owners->past.rows + e->data.n_rows >= UINT32_MAX)
        return WF_ERR_LIMIT;
    enum wf_status status = wf_past_events(&events);
    e->standing->dicts = e->data.dicts;
    if (!status)
        status = wf_past_view_learn(e->standing);
    e->rows.standing = e->standing->standing.rows ? &e->standing->standing : NULL;
    if (!status && e->owners->past.lacking != WF_NONE)
        status = wf_report_lacking(e->l, e->feed, e->owners->past.lacking);
    return status;
}

static enum wf_status read_rows(struct event_feed *e, uint32_t f)
{
    struct wf_chunk_taker taker = {e, take_chunk};
    enum wf_status status = wf_load_feed(e->l, f, &taker, &e->data);
    if (!status)
        status = take_past(e, &taker);
    for (unsigned t = 0; !status && t < e->l->ctx.threads; t++)
        wf_stage_finish(&e->stages[t]);
    if (!status)
        status = wf_parallel(e->l->ctx.threads, e->feed->n_slots, e, join_dict);
    return status ? status : wf_past_view_join(e->standing, e->maps);
}

/* ---- views ---- */

struct view_inputs {
    const struct event_feed *e;
    const struct wf_view *made;
    uint32_t view, n;
};

static enum wf_status view_input(void *ctx, unsigned thread, uint32_t i)
{
    const struct view_inputs *v = ctx;
    struct wf_loading *l = v->e->l;
    const struct wf_ir_input *input = &l->ctx.ir->inputs[i];
    (void)thread;
    if (input->domain != WF_DOM_EVENT + v->view)
        return WF_OK;
    uint32_t slot = wf_feed_slot(v->e->feed, input->field);
    const struct wf_column *column = &v->made->columns[slot];
    l->data->inputs[i] = *column;
    if (input->via_field == WF_NONE)
        return WF_OK;
    return wf_column_through(&l->ctx, column,
                             wf_load_target(l, &v->e->feed->slots[slot], input->via_field), v->n,
                             &l->data->inputs[i]);
}

/* The rows of sleepers stay where they are, for whoever asks for one's. */
static void lay_to_rest(struct event_feed *e, struct wf_view *own, uint32_t n)
{
    struct wf_recall *recall = e->recall;
    if (!recall || !recall->owners.fetched)
        return;
    recall->used = n;
    recall->view = *own;
    recall->view.ctx = &recall->ctx;
    recall->standing.view = &recall->view;
    *own = (struct wf_view){0};
    for (uint32_t v = 0; v < e->l->ctx.ir->n_views; v++)
        if (is_view(e, v))
            e->l->data->views[v].recall = recall;
    e->recall = NULL;
}

/* Hands what was made over to a view of the dataset. */
static enum wf_status hand_over(const struct event_feed *e, const struct wf_view *made,
                                const struct wf_grouped *grouped, uint32_t view)
{
    struct wf_loading *l = e->l;
    const struct wf_column *at = &made->columns[e->feed->at];
    l->data->views[view] = (struct wf_events){
        .n = grouped->n,
        .first = grouped->first,
        .begins = made->shared || e->standing->standing.shared ? made->begins : NULL,
        .doubt = made->doubted || e->standing->standing.doubted ? made->doubt : NULL,
        .at = at->i64,
        .at_known = at->present,
        .key = l->feeds.view_keys[view] ? made->key : NULL,
    };
    struct view_inputs inputs = {e, made, view, grouped->n};
    return wf_parallel(l->ctx.threads, l->ctx.ir->n_inputs, &inputs, view_input);
}

/* A view by another member: owner and salt of every member. */
static enum wf_status fill_by(struct event_feed *e, const struct wf_view *own, uint32_t n,
                              uint32_t view)
{
    struct wf_loading *l = e->l;
    const struct wf_alloc *alloc = l->ctx.alloc;
    const struct wf_dataset *data = l->data;
    uint32_t slot = wf_feed_slot(&l->feeds.feeds[l->feeds.member], l->ctx.ir->views[view].by);
    const struct wf_column *ref = &l->loaded[l->feeds.member].columns[slot];
    uint32_t *owner = wf_calloc(alloc, data->n_members, sizeof(*owner));
    uint64_t *salt = wf_calloc(alloc, data->n_members, sizeof(*salt));
    bool *wanted = wf_calloc(alloc, e->feed->n_slots, sizeof(*wanted));
    struct wf_view made = {0};
    struct wf_grouped grouped = {0};
    enum wf_status status = owner && salt && wanted ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t m = 0; !status && m < data->n_members; m++) {
        owner[m] = wf_column_has(ref, m) ? (uint32_t)wf_column_int(ref, m) : WF_NONE;
        salt[m] = XXH3_64bits(data->id_heap + data->ids[m].at, data->ids[m].len);
    }
    if (!status) {
        want_slots(e, view, wanted);
        status =
            wf_view_init(&made, &l->ctx, &e->rows, e->dicts, wanted, l->feeds.view_keys[view], n);
    }
    struct wf_group_taker taker = {&made, wf_view_take};
    if (!status)
        status = wf_group_by(&e->rows, own->own, n, owner, salt, data->n_members, &taker, &grouped);
    if (!status)
        wf_view_finish(&made, grouped.n);
    if (!status)
        status = hand_over(e, &made, &grouped, view);
    wf_grouped_release(alloc, &grouped);
    wf_view_release(&made);
    wf_free(alloc, owner);
    wf_free(alloc, salt);
    wf_free(alloc, wanted);
    return status;
}

/* Rows there may be in the view by the rows' own members; the others come from it. */
static enum wf_status make_own(struct event_feed *e, struct wf_view *made)
{
    const struct wf_load_ctx *ctx = &e->l->ctx;
    uint64_t n = e->owners->standing + e->owners->fetched;
    for (unsigned t = 0; t < ctx->threads; t++)
        n += e->stages[t].rows;
    enum wf_status status =
        wf_view_init(made, ctx, &e->rows, e->dicts, e->wanted, e->keys, (uint32_t)n);
    if (!status && e->others && !(made->own = wf_calloc(ctx->alloc, n, sizeof(*made->own))))
        status = WF_ERR_NOMEM;
    return status;
}

static enum wf_status fill_views(struct event_feed *e, const struct wf_view *own,
                                 const struct wf_grouped *grouped)
{
    const struct wf_ir *ir = e->l->ctx.ir;
    enum wf_status status = WF_OK;
    for (uint32_t v = 0; !status && v < ir->n_views; v++)
        if (is_view(e, v))
            status = ir->views[v].by == WF_NONE ? hand_over(e, own, grouped, v)
                                                : fill_by(e, own, grouped->n, v);
    return status;
}

/* Where the rows of a part go: into the view and, if they are kept, the next snapshot. */
struct sharing_out {
    struct wf_past_view *view;
    const struct wf_past_keeping *keeping; /* NULL: they are not */
};

static enum wf_status share_out(void *ctx, const struct wf_group_part *part)
{
    const struct sharing_out *s = ctx;
    enum wf_status status = part->strangers ? WF_OK : wf_past_view_take(s->view, part);
    return status || !s->keeping ? status : wf_past_keep(s->keeping, part);
}

static enum wf_status group_own(struct event_feed *e, struct wf_view *own,
                                struct wf_grouped *grouped)
{
    const struct wf_loading *l = e->l;
    struct wf_past_keeping keeping = {
        .ctx = &l->ctx, .rows = &e->rows, .data = l->data, .dicts = e->data.dicts};
    struct sharing_out sharing = {e->standing, l->ctx.keeps ? &keeping : NULL};
    struct wf_group_taker taker = {&sharing, share_out};
    struct wf_grouped strangers = {0};
    enum wf_status status = WF_OK;
    e->standing->view = own;
    if (l->ctx.keeps)
        status = wf_past_announce(&l->ctx, e->feed, &keeping.index);
    if (!status)
        status = wf_group_own(&e->rows, l->data->n_members, &taker, grouped);
    if (!status && l->ctx.keeps) {
        status = wf_group_strangers(&e->rows, l->strangers.names.n, &taker, &strangers);
        wf_grouped_release(l->ctx.alloc, &strangers);
    }
    if (!status && l->ctx.keeps)
        status = wf_past_keep_gone(&keeping, &e->owners->gone);
    return status;
}

static void tell_part(const struct wf_loading *l, enum wf_night_part part)
{
    if (l->options->progress)
        l->options->progress->part = part;
}

enum wf_status wf_build_events(struct wf_loading *l, uint32_t f)
{
    struct event_feed e = {.l = l, .feed = &l->feeds.feeds[f]};
    struct wf_view own = {0};
    struct wf_grouped grouped = {0};
    struct wf_profile *profile = l->options->profile;
    unsigned phase = wf_profile_begin(profile, WF_PHASE_ROWS, f);
    enum wf_status status = set_up(&e);
    if (!status)
        status = set_up_past(&e, f);
    if (!status)
        status = read_rows(&e, f);
    wf_profile_end(profile, phase);
    tell_part(l, WF_PART_GROUP);
    phase = wf_profile_begin(profile, WF_PHASE_GROUP, f);
    if (!status)
        status = make_own(&e, &own);
    if (!status)
        status = group_own(&e, &own, &grouped);
    if (!status) {
        wf_view_finish(&own, grouped.n);
        struct wf_feed_end end = {.kept = grouped.n + e.owners->sleeping,
                                  .duplicates = grouped.duplicates,
                                  .voids = grouped.voids + e.owners->voids,
                                  .future = grouped.future + e.owners->future,
                                  .late = grouped.late,
                                  .n_late = grouped.n_late};
        status = wf_report_feed(l, &e.data, &end);
    }
    if (!status)
        status = fill_views(&e, &own, &grouped);
    if (!status)
        lay_to_rest(&e, &own, grouped.n);
    wf_profile_end(profile, phase);
    tell_part(l, WF_PART_READ);
    if (status == WF_ERR_IO && e.spill.error)
        wf_fault_set(&l->fault, status, NULL, 0,
                     "the temporary file beside %s, for what --memory has no room for: %s",
                     l->ctx.scratch, strerror(e.spill.error));
    wf_grouped_release(l->ctx.alloc, &grouped);
    wf_view_release(&own);
    tear_down(&e);
    return status;
}
