#include "runtime/run/simulate_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/feed_data.h"
#include "runtime/engine/collect.h"
#include "runtime/engine/party.h"
#include "runtime/run/simulate_rows.h"

#define WEEK_SECONDS (7 * WF_DAY_SECONDS)

struct wf_shop_view {
    bool still;      /* every night is as the source is */
    int64_t *local;  /* by row of the source: its local time in seconds; INT64_MAX: not known */
    uint64_t *begin; /* by member of the source: where what happens again begins */
    uint64_t *end;   /* and where events begin whose time nobody knows */
    struct wf_rows_piece *pieces;
    size_t n, room;
    uint64_t rows; /* of the pieces */
};

static int64_t local_time(const struct wf_zone *zone, struct wf_stretch *stretch, int64_t time)
{
    return time + wf_stretch_offset(zone, stretch, time);
}

static int64_t period(const struct wf_shop *shop)
{
    return shop->replayed * (int64_t)WEEK_SECONDS;
}

static int64_t local_of(const struct wf_shop *shop, int64_t time)
{
    return local_time(shop->zone, &(struct wf_stretch){0}, time);
}

/* ---- reading, once ---- */

static bool known_at(const struct wf_events *view, uint64_t row)
{
    return !view->at_known || wf_bit(view->at_known, row);
}

static bool begins_at(const struct wf_events *view, uint64_t row)
{
    return !view->begins || wf_bit(view->begins, row);
}

static enum wf_status local_rows(struct wf_shop *shop, uint32_t v)
{
    const struct wf_events *from = &shop->source->views[v];
    struct wf_shop_view *view = &shop->views[v];
    struct wf_stretch stretch = {0};
    view->local = wf_calloc(shop->alloc, from->n, sizeof(*view->local));
    if (!view->local)
        return WF_ERR_NOMEM;
    view->still = true;
    for (uint64_t row = 0; row < from->n; row++) {
        bool known = known_at(from, row);
        view->local[row] = known ? local_time(shop->zone, &stretch, from->at[row]) : INT64_MAX;
        view->still &= !known || from->at[row] < shop->first;
    }
    return WF_OK;
}

/* As many whole weeks as are asked for, and as the exports hold. */
static unsigned weeks_held(const struct wf_shop *shop)
{
    int64_t first = local_of(shop, shop->first), earliest = INT64_MAX;
    for (uint32_t v = 0; v < shop->n_views; v++)
        for (uint64_t row = 0; !shop->ir_views[v].sent && row < shop->source->views[v].n; row++)
            if (shop->views[v].local[row] < earliest)
                earliest = shop->views[v].local[row];
    if (earliest == INT64_MAX || earliest >= first)
        return earliest == INT64_MAX ? shop->weeks : 0;
    uint64_t weeks = (uint64_t)(first - earliest) / (uint64_t)WEEK_SECONDS;
    return weeks < shop->weeks ? (unsigned)weeks : shop->weeks;
}

/* Each member's rows are in the order of their events' times; events of no time stand last. */
static enum wf_status find_windows(struct wf_shop *shop, uint32_t v)
{
    const struct wf_events *from = &shop->source->views[v];
    struct wf_shop_view *view = &shop->views[v];
    uint32_t n = shop->source->n_members;
    int64_t since = local_of(shop, shop->first) - period(shop);
    view->begin = wf_calloc(shop->alloc, n, sizeof(*view->begin));
    view->end = wf_calloc(shop->alloc, n, sizeof(*view->end));
    if (!view->begin || !view->end)
        return WF_ERR_NOMEM;
    view->still &= shop->replayed == 0;
    for (uint32_t m = 0; m < n; m++) {
        uint64_t first = from->first[m], last = from->first[m + 1];
        view->begin[m] = view->end[m] = last;
        for (uint64_t row = last; row-- > first;) {
            if (!begins_at(from, row))
                continue;
            if (view->local[row] == INT64_MAX)
                view->end[m] = view->begin[m] = row;
            else if (view->local[row] >= since)
                view->begin[m] = row;
            else
                break;
        }
    }
    return WF_OK;
}

static bool same_shape(const struct wf_shop *shop, const struct wf_ir *ir)
{
    bool same = shop->source && shop->n_inputs == ir->n_inputs && shop->n_views == ir->n_views;
    for (uint32_t i = 0; same && i < ir->n_inputs; i++) {
        const struct wf_ir_input *a = &shop->inputs[i], *b = &ir->inputs[i];
        same = a->domain == b->domain && a->type == b->type && a->needed == b->needed &&
               a->implied == b->implied && a->record == b->record && a->field == b->field &&
               a->via_field == b->via_field;
    }
    for (uint32_t v = 0; same && v < ir->n_views; v++) {
        const struct wf_ir_view *a = &shop->ir_views[v], *b = &ir->views[v];
        same = a->event == b->event && a->by == b->by && a->sent == b->sent;
    }
    return same;
}

static void forget_source(struct wf_shop *shop)
{
    for (uint32_t v = 0; shop->views && v < shop->n_views; v++) {
        wf_free(shop->alloc, shop->views[v].local);
        wf_free(shop->alloc, shop->views[v].begin);
        wf_free(shop->alloc, shop->views[v].end);
        wf_free(shop->alloc, shop->views[v].pieces);
    }
    wf_free(shop->alloc, shop->views);
    wf_free(shop->alloc, shop->inputs);
    wf_free(shop->alloc, shop->ir_views);
    wf_free(shop->alloc, shop->clones);
    wf_keep_free(shop->keep);
    if (shop->source)
        wf_dataset_free(shop->source);
    shop->views = NULL;
    shop->inputs = NULL;
    shop->ir_views = NULL;
    shop->clones = NULL;
    shop->n_clones = shop->room_clones = 0;
    shop->keep = NULL;
    shop->source = NULL;
}

static enum wf_status remember_shape(struct wf_shop *shop, const struct wf_ir *ir)
{
    shop->n_inputs = ir->n_inputs;
    shop->n_views = ir->n_views;
    shop->inputs = wf_calloc(shop->alloc, ir->n_inputs, sizeof(*shop->inputs));
    shop->ir_views = wf_calloc(shop->alloc, ir->n_views, sizeof(*shop->ir_views));
    shop->views = wf_calloc(shop->alloc, ir->n_views, sizeof(*shop->views));
    if (!shop->inputs || !shop->ir_views || !shop->views)
        return WF_ERR_NOMEM;
    if (ir->n_inputs)
        memcpy(shop->inputs, ir->inputs, ir->n_inputs * sizeof(*shop->inputs));
    if (ir->n_views)
        memcpy(shop->ir_views, ir->views, ir->n_views * sizeof(*shop->ir_views));
    return WF_OK;
}

static enum wf_status read_all(struct wf_shop *shop, const struct wf_program *program,
                               const struct wf_load_options *options)
{
    struct wf_load_options all = *options;
    struct wf_load_report report;
    forget_source(shop);
    all.now = shop->weeks ? shop->first : shop->last;
    all.n_sent = 0;
    enum wf_status st = remember_shape(shop, &program->ir);
    if (st != WF_OK)
        return st;
    st = wf_load(program, &all, &shop->source, &report);
    wf_load_report_release(&shop->report);
    shop->report = report;
    for (uint32_t v = 0; st == WF_OK && v < shop->n_views; v++)
        st = local_rows(shop, v);
    return st;
}

/* Where there is no week to replay, what is dated later is not left out for its sake. */
static enum wf_status read_source(struct wf_shop *shop, const struct wf_program *program,
                                  const struct wf_load_options *options)
{
    enum wf_status st = read_all(shop, program, options);
    if (st != WF_OK)
        return st;
    shop->replayed = weeks_held(shop);
    if (shop->weeks && shop->replayed == 0) {
        shop->weeks = 0;
        st = read_all(shop, program, options);
    }
    shop->left_out = 0;
    for (size_t i = 0; shop->weeks && i < shop->report.n_feeds; i++)
        shop->left_out += shop->report.feeds[i].future;
    for (uint32_t v = 0; st == WF_OK && v < shop->n_views; v++)
        st = find_windows(shop, v);
    return st;
}

/* ---- who joins ---- */

static bool joined_on(const struct wf_shop *shop, uint32_t input, uint32_t row, int64_t *day_out)
{
    struct wf_value value = wf_dataset_value(shop->source, input, row);
    if (!value.present || (value.type != WF_T_DATE && value.type != WF_T_TIME))
        return false;
    *day_out = value.type == WF_T_DATE ? value.i : wf_zone_day(shop->zone, value.i);
    return true;
}

static int compare_clones(const void *a, const void *b)
{
    const struct wf_shop_clone *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return x->of < y->of ? -1 : x->of > y->of;
}

static enum wf_status find_clones(struct wf_shop *shop)
{
    uint32_t joined = wf_joined_input(&shop->program->ir);
    int64_t today = wf_zone_day(shop->zone, shop->first),
            until = wf_zone_day(shop->zone, shop->last);
    int64_t days = (int64_t)shop->replayed * 7, day;
    for (uint32_t m = 0; joined != WF_NONE && days && m < shop->source->n_members; m++) {
        if (!joined_on(shop, joined, m, &day) || day < today - days || day >= today)
            continue;
        for (uint32_t times = 1; (day += days) < until; times++) {
            if (wf_grow(shop->alloc, &shop->clones, &shop->room_clones, shop->n_clones + 1,
                        sizeof(*shop->clones)) != 0)
                return WF_ERR_NOMEM;
            shop->clones[shop->n_clones++] = (struct wf_shop_clone){m, times, day};
        }
    }
    if (shop->n_clones)
        qsort(shop->clones, shop->n_clones, sizeof(*shop->clones), compare_clones);
    return WF_OK;
}

/* ---- a night's rows ---- */

static enum wf_status add_piece(struct wf_shop *shop, struct wf_shop_view *view, uint64_t from,
                                uint64_t n, uint32_t times)
{
    struct wf_rows_piece *last = view->n ? &view->pieces[view->n - 1] : NULL;
    view->rows += n;
    if (n == 0)
        return WF_OK;
    if (last && last->times == times && last->from + last->n == from) {
        last->n += (uint32_t)n;
        return WF_OK;
    }
    if (wf_grow(shop->alloc, &view->pieces, &view->room, view->n + 1, sizeof(*view->pieces)) != 0)
        return WF_ERR_NOMEM;
    view->pieces[view->n++] = (struct wf_rows_piece){from, (uint32_t)n, times};
    return WF_OK;
}

/* Those of some rows that have happened by `now` (local), moved by `times` periods. A row of no
 * time has happened when its event has. */
static enum wf_status add_rows(struct wf_shop *shop, uint32_t v, uint64_t from, uint64_t end,
                               uint32_t times, int64_t now)
{
    struct wf_shop_view *view = &shop->views[v];
    const struct wf_events *source = &shop->source->views[v];
    int64_t by = period(shop) * times;
    enum wf_status st = WF_OK;
    bool event = false;
    for (uint64_t row = from; st == WF_OK && row < end; row++) {
        bool known = view->local[row] != INT64_MAX;
        bool there = known && view->local[row] + by < now;
        if (begins_at(source, row))
            event = there;
        if (there || (event && !known))
            st = add_piece(shop, view, row, 1, times);
    }
    return st;
}

/* What a member of the source has done by `now`; a clone only does again from its first time on. */
static enum wf_status add_member(struct wf_shop *shop, uint32_t v, uint32_t of, uint32_t times,
                                 int64_t now)
{
    struct wf_shop_view *view = &shop->views[v];
    const struct wf_events *source = &shop->source->views[v];
    int64_t length = period(shop), first = local_of(shop, shop->first);
    enum wf_status st = WF_OK;
    if (times == 0)
        st = length ? add_piece(shop, view, source->first[of], view->end[of] - source->first[of], 0)
                    : add_rows(shop, v, source->first[of], view->end[of], 0, now);
    uint64_t from = view->begin[of], n = view->end[of] - from;
    bool own = shop->ir_views[v].by == WF_NONE || times == 0;
    for (uint32_t k = times ? times : 1;
         own && n && length && st == WF_OK && first + (k - 1) * length < now; k++)
        st = first + k * length <= now ? add_piece(shop, view, from, n, k)
                                       : add_rows(shop, v, from, from + n, k, now);
    if (st == WF_OK && times == 0)
        st = add_piece(shop, view, view->end[of], source->first[of + 1] - view->end[of], 0);
    return st;
}

static enum wf_status add_all(struct wf_shop *shop, uint32_t v, size_t n_clones, int64_t now,
                              uint32_t *first)
{
    struct wf_shop_view *view = &shop->views[v];
    uint32_t n = shop->source->n_members;
    enum wf_status st = WF_OK;
    view->n = 0;
    view->rows = 0;
    for (uint32_t m = 0; st == WF_OK && m < n + n_clones; m++) {
        const struct wf_shop_clone *clone = m < n ? NULL : &shop->clones[m - n];
        first[m] = (uint32_t)view->rows;
        st = add_member(shop, v, clone ? clone->of : m, clone ? clone->times : 0, now);
    }
    first[n + n_clones] = (uint32_t)view->rows;
    return st == WF_OK && view->rows >= UINT32_MAX ? WF_ERR_LIMIT : st;
}

static uint32_t view_of(const struct wf_ir_input *input)
{
    return input->domain - (uint32_t)WF_DOM_EVENT;
}

static enum wf_status fill_view(struct wf_shop *shop, uint32_t v, int64_t now)
{
    uint32_t n = shop->tonight.n_members;
    enum wf_status st =
        add_all(shop, v, n - shop->source->n_members, now, shop->tonight.views[v].first);
    if (st != WF_OK)
        return st;
    const struct wf_shop_view *view = &shop->views[v];
    const struct wf_rows_night rows = {shop->zone, (int64_t)shop->replayed * 7, view->pieces,
                                       view->n, view->rows};
    wf_rows_events(&rows, &shop->source->views[v], &shop->tonight.views[v]);
    for (uint32_t i = 0; i < shop->n_inputs; i++)
        if (shop->inputs[i].domain >= WF_DOM_EVENT && view_of(&shop->inputs[i]) == v)
            wf_rows_column(&rows, &shop->source->inputs[i], shop->inputs[i].via_field == WF_NONE,
                           &shop->tonight.inputs[i]);
    return WF_OK;
}

/* ---- members ---- */

static enum wf_status open_members(struct wf_shop *shop)
{
    const struct wf_dataset *from = shop->source;
    struct wf_dataset *to = &shop->tonight;
    uint64_t used = 0, room = from->n_members + shop->n_clones;
    enum { CLONE_ID = 16, PAD = 64 };
    for (uint32_t m = 0; m < from->n_members; m++)
        if (from->ids[m].at + from->ids[m].len > used)
            used = from->ids[m].at + from->ids[m].len;
    uint64_t more = 0;
    for (size_t i = 0; i < shop->n_clones; i++)
        more += from->ids[shop->clones[i].of].len + CLONE_ID;
    to->ids = wf_keep_calloc(shop->keep, (size_t)room, sizeof(*to->ids));
    to->id_heap = wf_keep_calloc(shop->keep, (size_t)(used + more) + PAD, 1);
    if (!to->ids || !to->id_heap)
        return WF_ERR_NOMEM;
    if (from->n_members)
        memcpy(to->ids, from->ids, from->n_members * sizeof(*to->ids));
    if (used)
        memcpy(to->id_heap, from->id_heap, (size_t)used);
    for (size_t i = 0; i < shop->n_clones; i++) { /* no id of an export holds a NUL */
        const struct wf_id *id = &from->ids[shop->clones[i].of];
        char *name = to->id_heap + used;
        memcpy(name, from->id_heap + id->at, id->len);
        int tail = snprintf(name + id->len + 1, CLONE_ID - 1, "%u", shop->clones[i].times);
        to->ids[from->n_members + i] = wf_id_at(used, id->len + 1 + (uint32_t)tail);
        used += id->len + CLONE_ID;
    }
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; st == WF_OK && i < shop->n_inputs; i++) {
        struct wf_column *column = &to->inputs[i];
        if (shop->inputs[i].domain != WF_DOM_MEMBER)
            continue;
        st = wf_rows_open(shop->keep, &from->inputs[i], room, true, column);
        if (st == WF_OK)
            wf_rows_copy(&from->inputs[i], 0, column, 0, from->n_members, NULL);
        if (st == WF_OK && !from->inputs[i].present)
            wf_rows_set_bits(column->present, from->n_members);
    }
    return st;
}

/* Whether a date of somebody new is one of their membership: it is not before they joined. */
static bool moves_along(const struct wf_shop *shop, uint32_t input, uint32_t row, int64_t joined)
{
    int64_t day;
    return shop->inputs[input].via_field == WF_NONE && joined_on(shop, input, row, &day) &&
           day >= joined;
}

static uint32_t contact_input(const struct wf_shop *shop)
{
    const struct wf_night night = {.program = shop->program, .data = shop->source};
    return wf_parties_make(&night).contact;
}

static void admit(struct wf_shop *shop, const struct wf_shop_clone *clone)
{
    const struct wf_dataset *from = shop->source;
    uint64_t at = shop->tonight.n_members++;
    uint32_t contact = contact_input(shop);
    struct wf_moving moving = {.zone = shop->zone,
                               .days = (int64_t)clone->times * shop->replayed * 7};
    for (uint32_t i = 0; i < shop->n_inputs; i++) {
        struct wf_column *to = &shop->tonight.inputs[i];
        const struct wf_column *column = &from->inputs[i];
        if (shop->inputs[i].domain != WF_DOM_MEMBER || i == contact)
            continue;
        bool moves =
            wf_rows_have_days(column) && moves_along(shop, i, clone->of, clone->day - moving.days);
        wf_rows_copy(column, clone->of, to, at, 1, moves ? &moving : NULL);
        if (!column->present)
            to->present[at / 64] |= (uint64_t)1 << at % 64;
    }
}

/* ---- nights ---- */

static enum wf_status open_tonight(struct wf_shop *shop)
{
    struct wf_dataset *to = &shop->tonight;
    const struct wf_dataset *from = shop->source;
    shop->keep = wf_keep_new(shop->alloc);
    if (!shop->keep)
        return WF_ERR_NOMEM;
    *to = *from;
    to->owner = NULL;
    to->inputs = wf_keep_calloc(shop->keep, shop->n_inputs, sizeof(*to->inputs));
    to->views = wf_keep_calloc(shop->keep, shop->n_views, sizeof(*to->views));
    if (!to->inputs || !to->views)
        return WF_ERR_NOMEM;
    if (shop->n_inputs)
        memcpy(to->inputs, from->inputs, shop->n_inputs * sizeof(*to->inputs));
    if (shop->n_views)
        memcpy(to->views, from->views, shop->n_views * sizeof(*to->views));
    enum wf_status st = shop->replayed ? open_members(shop) : WF_OK;
    uint32_t members = from->n_members + (uint32_t)shop->n_clones;
    uint32_t *first = wf_calloc(shop->alloc, (size_t)members + 1, sizeof(*first));
    st = st == WF_OK && !first ? WF_ERR_NOMEM : st;
    int64_t last = local_of(shop, shop->last);
    for (uint32_t v = 0; st == WF_OK && v < shop->n_views; v++) {
        if (shop->views[v].still || shop->ir_views[v].sent)
            continue;
        st = add_all(shop, v, shop->n_clones, last, first); /* tells how much room it takes */
        if (st == WF_OK)
            st = wf_rows_open_events(shop->keep, &from->views[v], shop->views[v].rows, members,
                                     &to->views[v]);
        for (uint32_t i = 0; st == WF_OK && i < shop->n_inputs; i++)
            if (shop->inputs[i].domain >= WF_DOM_EVENT && view_of(&shop->inputs[i]) == v)
                st = wf_rows_open(shop->keep, &from->inputs[i], shop->views[v].rows, false,
                                  &to->inputs[i]);
    }
    wf_free(shop->alloc, first);
    return st;
}

static enum wf_status fill_sent(struct wf_shop *shop, const struct wf_program *program,
                                const struct wf_load_options *options)
{
    bool used = false;
    for (uint32_t v = 0; v < shop->n_views; v++)
        used |= shop->ir_views[v].sent;
    if (!used)
        return WF_OK;
    wf_keep_free(shop->sent);
    shop->sent = wf_keep_new(shop->alloc);
    return shop->sent ? wf_load_sent(program, options, &shop->tonight, shop->sent) : WF_ERR_NOMEM;
}

/* What merged, as the exports say each night. */
static enum wf_status report_merges(const struct wf_shop *shop, struct wf_load_report *report)
{
    size_t n = shop->report.n_merges;
    if (n == 0)
        return WF_OK;
    report->merges = wf_calloc(shop->alloc, n, sizeof(*report->merges));
    if (!report->merges)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct wf_load_merge *merge = &report->merges[report->n_merges++];
        merge->old_id = wf_strdup(shop->alloc, shop->report.merges[i].old_id);
        merge->new_id = wf_strdup(shop->alloc, shop->report.merges[i].new_id);
        if (!merge->old_id || !merge->new_id)
            return WF_ERR_NOMEM;
    }
    return WF_OK;
}

static enum wf_status load_night(void *ctx, const struct wf_program *program,
                                 const struct wf_load_options *options,
                                 struct wf_dataset **dataset_out, struct wf_load_report *report_out)
{
    struct wf_shop *shop = ctx;
    enum wf_status st = WF_OK;
    *report_out = (struct wf_load_report){.alloc = shop->alloc, .until = WF_NO_UNTIL};
    shop->program = program;
    if (!same_shape(shop, &program->ir)) {
        st = read_source(shop, program, options);
        if (st == WF_OK)
            st = find_clones(shop);
        if (st == WF_OK)
            st = open_tonight(shop);
    }
    if (st != WF_OK) {
        if (shop->report.error)
            report_out->error = wf_strdup(shop->alloc, shop->report.error);
        return st;
    }
    size_t admitted = shop->tonight.n_members - shop->source->n_members;
    int64_t today = wf_zone_day(shop->zone, options->now), now = local_of(shop, options->now);
    for (; admitted < shop->n_clones && shop->clones[admitted].day < today; admitted++)
        admit(shop, &shop->clones[admitted]);
    for (uint32_t v = 0; st == WF_OK && v < shop->n_views; v++)
        if (!shop->views[v].still && !shop->ir_views[v].sent)
            st = fill_view(shop, v, now);
    if (st == WF_OK)
        st = fill_sent(shop, program, options);
    if (st == WF_OK)
        st = report_merges(shop, report_out);
    *dataset_out = st == WF_OK ? &shop->tonight : NULL;
    return st;
}

void wf_shop_init(struct wf_shop *shop, const struct wf_zone *zone, int64_t first, int64_t last,
                  unsigned weeks, const struct wf_alloc *alloc)
{
    *shop = (struct wf_shop){
        .alloc = alloc, .zone = zone, .first = first, .last = last, .weeks = weeks};
}

void wf_shop_release(struct wf_shop *shop)
{
    forget_source(shop);
    wf_keep_free(shop->sent);
    wf_load_report_release(&shop->report);
    *shop = (struct wf_shop){0};
}

struct wf_night_source wf_shop_source(struct wf_shop *shop)
{
    return (struct wf_night_source){shop, load_night};
}
