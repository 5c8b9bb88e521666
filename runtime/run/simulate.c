#include "runtime/run/simulate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/engine/collect.h"
#include "runtime/run/action.h"
#include "runtime/run/lapsed.h"
#include "runtime/run/running.h"
#include "runtime/run/simulate_copy.h"
#include "runtime/run/simulate_shop.h"
#include "runtime/run/volume.h"
#include "runtime/run/why.h"

/* Which row of the forecast counts decisions of one kind. */
struct known {
    uint32_t rule, action, channel;
    uint8_t gate;
    size_t row;
};

struct simulating {
    struct wf_forecast *out;
    const struct wf_simulate_options *options;
    const struct wf_program *program;
    const struct wf_alloc *alloc;
    struct wf_shop shop;
    struct wf_store *store;       /* the copy */
    struct wf_state prior;        /* before the first night */
    struct wf_member_set *capped; /* by cap: whom it stopped something for */
    uint32_t night;
    struct known *known; /* of tonight's program */
    size_t n_known, room_known;
};

static const char *keep(struct simulating *s, const char *text, enum wf_status *st)
{
    const char *kept = wf_arena_copy(&s->out->texts, text, strlen(text));
    if (!kept)
        *st = WF_ERR_NOMEM;
    return kept ? kept : "";
}

static uint64_t *by_night(struct simulating *s, enum wf_status *st)
{
    uint64_t *n = wf_arena_array(&s->out->texts, s->out->n_nights, sizeof(*n));
    if (!n)
        *st = WF_ERR_NOMEM;
    return n;
}

/* ---- what is counted ---- */

static const char *place_of(struct simulating *s, uint32_t place, enum wf_status *st)
{
    struct wf_buf text;
    wf_buf_init(&text, s->alloc, 0);
    wf_why_place(&s->program->ir, place, &text);
    const char *kept = keep(s, wf_buf_str(&text), st);
    wf_buf_release(&text);
    return kept;
}

static enum wf_status open_limits(struct simulating *s)
{
    const struct wf_ir *ir = &s->program->ir;
    struct wf_forecast *out = s->out;
    enum wf_status st = WF_OK;
    out->stocks = wf_arena_array(&out->texts, ir->n_contents, sizeof(*out->stocks));
    out->budgets = wf_arena_array(&out->texts, ir->n_budgets, sizeof(*out->budgets));
    out->caps = wf_arena_array(&out->texts, ir->n_caps, sizeof(*out->caps));
    s->capped = wf_calloc(s->alloc, ir->n_caps, sizeof(*s->capped));
    if (!out->stocks || !out->budgets || !out->caps || !s->capped)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_contents; i++) {
        const struct wf_ir_content *c = &ir->contents[i];
        if (!c->coupon || c->stock < 0)
            continue;
        const char *name = wf_ir_text(ir, c->name);
        out->stocks[out->n_stocks++] = (struct wf_forecast_stock){
            .coupon = keep(s, name, &st),
            .stock = c->stock,
            .issued = wf_rations_counted(&s->prior.rations, WF_COUNTER_ISSUED, name, 0, 1),
            .left = (int64_t *)by_night(s, &st),
            .first = -1,
        };
    }
    for (uint32_t i = 0; i < ir->n_budgets; i++)
        out->budgets[out->n_budgets++] = (struct wf_forecast_budget){
            .text = keep(s, wf_ir_text(ir, ir->budgets[i].text), &st),
            .place = place_of(s, ir->budgets[i].place, &st),
            .stopped = by_night(s, &st),
            .last_period = INT64_MIN,
        };
    for (uint32_t i = 0; i < ir->n_caps; i++)
        out->caps[out->n_caps++] = (struct wf_forecast_cap){
            .text = keep(s, wf_ir_text(ir, ir->caps[i].text), &st),
            .place = place_of(s, ir->caps[i].place, &st),
            .stopped = by_night(s, &st),
            .first = -1,
        };
    return st;
}

static enum wf_status open_forecast(struct simulating *s)
{
    const struct wf_ir *ir = &s->program->ir;
    struct wf_forecast *out = s->out;
    enum wf_status st = WF_OK;
    out->nights = wf_arena_array(&out->texts, out->n_nights, sizeof(*out->nights));
    out->journeys = wf_arena_array(&out->texts, ir->n_journeys, sizeof(*out->journeys));
    out->segments =
        wf_arena_array(&out->texts, ir->n_segments + ir->n_classes, sizeof(*out->segments));
    if (!out->nights || !out->journeys || !out->segments)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        out->journeys[out->n_journeys++] = (struct wf_forecast_journey){
            .name = keep(s, wf_ir_text(ir, ir->journeys[i].name), &st),
            .entered = by_night(s, &st),
            .left = by_night(s, &st),
            .goals = by_night(s, &st),
            .in_flight = by_night(s, &st),
        };
    for (uint32_t i = 0; i < ir->n_segments + ir->n_classes; i++) {
        struct wf_buf name;
        wf_buf_init(&name, s->alloc, 0);
        if (i < ir->n_segments)
            wf_buf_adds(&name, wf_ir_text(ir, ir->segments[i].name));
        else
            wf_buf_addf(&name, "%s=%s", wf_ir_text(ir, ir->classes[i - ir->n_segments].classify),
                        wf_ir_text(ir, ir->classes[i - ir->n_segments].name));
        out->segments[out->n_segments++] = (struct wf_forecast_segment){
            .name = keep(s, wf_buf_str(&name), &st), .size = by_night(s, &st)};
        wf_buf_release(&name);
    }
    return st == WF_OK ? open_limits(s) : st;
}

/* ---- a night, looked at ---- */

static int compare_row(const struct wf_forecast_row *a, const struct wf_forecast_row *b)
{
    const char *const x[] = {a->rule, a->kind, a->name, a->channel, a->gate};
    const char *const y[] = {b->rule, b->kind, b->name, b->channel, b->gate};
    if (a->journey != b->journey)
        return a->journey ? 1 : -1;
    for (int i = 0; i < 5; i++) {
        int order = strcmp(x[i], y[i]);
        if (order)
            return order;
    }
    return 0;
}

static int compare_rows(const void *a, const void *b)
{
    return compare_row(a, b);
}

static enum wf_status find_row(struct simulating *s, const struct wf_forecast_row *like,
                               size_t *row_out)
{
    struct wf_forecast *out = s->out;
    enum wf_status st = WF_OK;
    for (size_t i = 0; i < out->n_rows; i++)
        if (compare_row(&out->rows[i], like) == 0) {
            *row_out = i;
            return WF_OK;
        }
    if (wf_grow(s->alloc, &out->rows, &out->room_rows, out->n_rows + 1, sizeof(*out->rows)) != 0)
        return WF_ERR_NOMEM;
    *row_out = out->n_rows++;
    out->rows[*row_out] = (struct wf_forecast_row){
        .rule = keep(s, like->rule, &st),
        .kind = keep(s, like->kind, &st),
        .name = keep(s, like->name, &st),
        .channel = keep(s, like->channel, &st),
        .gate = keep(s, like->gate, &st),
        .journey = like->journey,
        .n = by_night(s, &st),
    };
    return st;
}

static enum wf_status row_of(struct simulating *s, const struct wf_ir *ir,
                             const struct wf_decision *d, size_t *row_out)
{
    const struct wf_ir_action *action = wf_decision_action(ir, d);
    const struct wf_rule_view rule = wf_rule_view(ir, d->rule);
    const struct wf_forecast_row like = {
        .rule = wf_ir_text(ir, rule.name),
        .kind = wf_action_kind(action),
        .name = wf_ir_text(ir, action->name),
        .channel = wf_ir_text(ir, d->channel),
        .gate = d->gate == WF_GATE_NONE ? "" : wf_gate_text((enum wf_gate)d->gate),
        .journey = rule.journey,
    };
    return find_row(s, &like, row_out);
}

/* The same decision comes by thousands: its row is found by its numbers. */
static enum wf_status known_row(struct simulating *s, const struct wf_ir *ir,
                                const struct wf_decision *d, size_t *row_out)
{
    for (size_t i = s->n_known; i-- > 0;) {
        const struct known *k = &s->known[i];
        if (k->rule == d->rule && k->action == d->action && k->channel == d->channel &&
            k->gate == d->gate) {
            *row_out = k->row;
            return WF_OK;
        }
    }
    enum wf_status st = row_of(s, ir, d, row_out);
    if (st == WF_OK &&
        wf_grow(s->alloc, &s->known, &s->room_known, s->n_known + 1, sizeof(*s->known)) != 0)
        st = WF_ERR_NOMEM;
    if (st == WF_OK)
        s->known[s->n_known++] = (struct known){d->rule, d->action, d->channel, d->gate, *row_out};
    return st;
}

static enum wf_status count_cap(struct simulating *s, const struct wf_outcome *outcome,
                                const struct wf_decision *d)
{
    struct wf_forecast_cap *cap = &s->out->caps[d->rare->note.item];
    struct wf_member_set *whom = &s->capped[d->rare->note.item];
    uint32_t member = wf_roster_ordinal(&outcome->roster, d->target);
    cap->stopped[s->night]++;
    cap->total++;
    if (cap->first < 0)
        cap->first = (int32_t)s->night;
    if (wf_set_has(whom, member))
        return WF_OK;
    if (wf_set_room(whom, (size_t)member + 1, s->alloc) != WF_OK)
        return WF_ERR_NOMEM;
    whom->words[member / 64] |= (uint64_t)1 << member % 64;
    cap->members++;
    return WF_OK;
}

/* The number of a budget's day, week or month. */
static int64_t period_of(const struct wf_ir_budget *budget, int64_t day)
{
    struct wf_civil civil = wf_day_to_civil(day);
    if (budget->period == WF_PER_WEEK)
        return day - wf_weekday(day);
    return budget->period == WF_PER_MONTH ? day - civil.day : day;
}

static enum wf_status count_budget(struct simulating *s, const struct wf_night *night,
                                   const struct wf_decision *d)
{
    struct wf_forecast_budget *budget = &s->out->budgets[d->rare->note.item];
    int64_t at = d->not_before == WF_NO_TIME ? night->now : d->not_before;
    int64_t period =
        period_of(&night->program->ir.budgets[d->rare->note.item], wf_zone_day(night->zone, at));
    budget->stopped[s->night]++;
    budget->total++;
    if (budget->last_period == period)
        return WF_OK;
    if (wf_grow(s->alloc, &budget->ends, &budget->room_ends, budget->n_ends + 1,
                sizeof(*budget->ends)) != 0)
        return WF_ERR_NOMEM;
    budget->last_period = period;
    budget->ends[budget->n_ends++] = s->night;
    return WF_OK;
}

static void count_stock(struct simulating *s, const struct wf_ir *ir, const struct wf_decision *d)
{
    const char *name = wf_ir_text(ir, ir->contents[d->rare->note.item].name);
    for (size_t i = 0; i < s->out->n_stocks; i++) {
        struct wf_forecast_stock *stock = &s->out->stocks[i];
        if (strcmp(stock->coupon, name) != 0)
            continue;
        stock->stopped++;
        if (stock->first < 0)
            stock->first = (int32_t)s->night;
    }
}

static enum wf_status count_decision(struct simulating *s, const struct wf_night *night,
                                     const struct wf_outcome *outcome, const struct wf_decision *d)
{
    struct wf_forecast_night *tonight = &s->out->nights[s->night];
    size_t row;
    enum wf_status st = known_row(s, &night->program->ir, d, &row);
    if (st != WF_OK)
        return st;
    s->out->rows[row].n[s->night]++;
    s->out->rows[row].total++;
    tonight->actions += d->gate == WF_GATE_NONE;
    tonight->suppressed += d->gate != WF_GATE_NONE;
    if (!d->rare || d->rare->note.item == WF_NONE)
        return WF_OK;
    if (d->rare->note.what == WF_NOTE_CAP)
        return count_cap(s, outcome, d);
    if (d->rare->note.what == WF_NOTE_BUDGET)
        return count_budget(s, night, d);
    if (d->rare->note.what == WF_NOTE_STOCK)
        count_stock(s, &night->program->ir, d);
    return WF_OK;
}

/* Held actions that no rule asks for any more, or whose member is gone: they are stopped for good.
 */
static enum wf_status count_lapsed(struct simulating *s, const struct wf_night *night,
                                   const struct wf_outcome *outcome)
{
    struct wf_lapsed_row *rows;
    struct wf_arena arena;
    wf_arena_init(&arena, s->alloc);
    enum wf_status st = wf_lapsed_rows(s->store, night, outcome, &arena, &rows);
    for (size_t i = 0; st == WF_OK && i < outcome->n_lapsed; i++) {
        const struct wf_ledger_row *row = &rows[i].row;
        const struct wf_forecast_row like = {.rule = rows[i].rule.text,
                                             .kind = row->kind.text,
                                             .name = row->name.text,
                                             .channel = row->channel.text,
                                             .gate = row->gate,
                                             .journey = row->journey.len > 0};
        size_t at;
        st = find_row(s, &like, &at);
        if (st != WF_OK)
            break;
        s->out->rows[at].n[s->night]++;
        s->out->rows[at].total++;
        s->out->nights[s->night].suppressed++;
    }
    wf_arena_release(&arena);
    return st;
}

static struct wf_forecast_journey *journey_named(struct wf_forecast *out, const char *name)
{
    for (size_t i = 0; i < out->n_journeys; i++)
        if (strcmp(out->journeys[i].name, name) == 0)
            return &out->journeys[i];
    return NULL;
}

/* Older structures count with the journey they are of. */
static void count_journeys(struct simulating *s, const struct wf_ir *ir,
                           const struct wf_outcome *outcome)
{
    for (uint32_t i = 0; outcome->journeys && i < ir->n_journeys; i++) {
        const struct wf_journey_counts *counts = &outcome->journeys[i];
        struct wf_forecast_journey *j = journey_named(s->out, wf_ir_text(ir, ir->journeys[i].name));
        if (!j)
            continue;
        j->entered[s->night] += counts->entered;
        j->left[s->night] += counts->left;
        j->goals[s->night] += counts->goals[0] + counts->goals[1];
        j->in_flight[s->night] += counts->in_flight;
    }
}

static enum wf_status count_pauses(struct simulating *s, const struct wf_control *control)
{
    struct wf_forecast *out = s->out;
    enum wf_status st = WF_OK;
    for (size_t i = 0; i < control->n_pauses; i++) {
        const struct wf_pause *pause = &control->pauses[i];
        bool known = wf_control_paused(&s->prior.control, pause->what) != NULL;
        for (size_t k = 0; k < out->n_pauses; k++)
            known |= strcmp(out->pauses[k].what, pause->what) == 0;
        if (known)
            continue;
        if (wf_grow(s->alloc, &out->pauses, &out->room_pauses, out->n_pauses + 1,
                    sizeof(*out->pauses)) != 0)
            return WF_ERR_NOMEM;
        out->pauses[out->n_pauses++] = (struct wf_forecast_pause){
            keep(s, pause->what, &st), keep(s, pause->why, &st), s->night};
    }
    return st;
}

/* Would it have to wait for an operator? The forecast goes on as if it were approved at once. */
static enum wf_status judge_guards(struct simulating *s, const struct wf_night *night,
                                   const struct wf_outcome *outcome)
{
    struct wf_buf held;
    wf_buf_init(&held, s->alloc, 0);
    enum wf_status st = wf_guard_volume(night, outcome, s->options->night->max_actions, &held);
    if (s->night == 0)
        wf_odd_volumes(&s->prior, &s->shop.report,
                       wf_zone_day(s->options->night->zone, s->options->night->now), &held);
    if (st == WF_OK && held.len)
        s->out->nights[s->night].held = keep(s, wf_buf_str(&held), &st);
    st = st == WF_OK && held.failed ? WF_ERR_NOMEM : st;
    wf_buf_release(&held);
    return st;
}

static enum wf_status look(void *ctx, const struct wf_night *night,
                           const struct wf_outcome *outcome)
{
    struct simulating *s = ctx;
    const struct wf_ir *ir = &night->program->ir;
    struct wf_forecast *out = s->out;
    struct wf_forecast_night *tonight = &out->nights[s->night];
    enum wf_status st = WF_OK;
    tonight->members = night->data->n_members;
    tonight->newcomers = night->data->n_members - s->shop.source->n_members;
    s->n_known = 0; /* numbers of tonight's program, older journeys may be gone from it */
    for (size_t i = 0; st == WF_OK && i < outcome->n_decisions; i++)
        st = count_decision(s, night, outcome, &outcome->decisions[i]);
    if (st == WF_OK)
        st = count_lapsed(s, night, outcome);
    count_journeys(s, ir, outcome);
    for (size_t i = 0; i < out->n_segments; i++)
        out->segments[i].size[s->night] = outcome->segments[i].size;
    for (size_t i = 0; i < out->n_stocks; i++) {
        struct wf_forecast_stock *stock = &out->stocks[i];
        int64_t issued =
            wf_rations_counted(&night->state->rations, WF_COUNTER_ISSUED, stock->coupon, 0, 1);
        stock->left[s->night] = issued < stock->stock ? stock->stock - issued : 0;
    }
    if (st == WF_OK)
        st = count_pauses(s, &night->state->control);
    return st == WF_OK ? judge_guards(s, night, outcome) : st;
}

/* ---- all nights ---- */

static enum wf_status run_night(struct simulating *s, int64_t now, struct wf_buf *why)
{
    struct wf_run_options options = *s->options->night;
    struct wf_run_result result;
    char text[WF_DATE_TEXT];
    enum wf_status st = WF_OK;
    options.now = now;
    options.out = NULL;
    options.dry_run = false;
    options.accept_volume = true;
    options.max_actions = 0;
    options.look = (struct wf_night_look){s, look};
    options.source = wf_shop_source(&s->shop);
    wf_date_text(wf_zone_day(options.zone, now), text);
    s->out->nights[s->night].night = keep(s, text, &st);
    if (st != WF_OK)
        return st;
    st = wf_run_night(s->program, s->store, &options, &result, why);
    wf_run_result_release(&result);
    if (st != WF_OK && s->night > 0 && why->len) {
        struct wf_buf said;
        wf_buf_init(&said, s->alloc, 0);
        wf_say(&said, "the forecast cannot go on beyond the night of %s: %s", text,
               wf_buf_str(why));
        wf_buf_reset(why);
        wf_buf_adds(why, wf_buf_str(&said));
        wf_buf_release(&said);
    }
    return st;
}

static bool night_at(const struct simulating *s, uint32_t night, int64_t *now_out)
{
    const struct wf_run_options *o = s->options->night;
    return wf_zone_add_days(o->zone, o->now, night, now_out);
}

static enum wf_status run_nights(struct simulating *s, struct wf_buf *why)
{
    enum wf_status st = WF_OK;
    int64_t last, now;
    if (!night_at(s, s->out->n_nights - 1, &last))
        return WF_ERR_USAGE;
    wf_shop_init(&s->shop, s->options->night->zone, s->options->night->now, last, s->options->weeks,
                 s->alloc);
    for (s->night = 0; st == WF_OK && s->night < s->out->n_nights; s->night++) {
        if (!night_at(s, s->night, &now))
            return WF_ERR_USAGE;
        st = run_night(s, now, why);
    }
    s->out->weeks = s->shop.replayed;
    s->out->left_out = s->shop.left_out;
    s->out->report = s->shop.report;
    s->shop.report = (struct wf_load_report){.alloc = s->alloc};
    return st;
}

static enum wf_status open_copy(struct simulating *s, struct wf_store *store, struct wf_buf *why)
{
    enum wf_status st = wf_store_load(store, &s->prior);
    if (st != WF_OK) {
        wf_buf_adds(why, wf_buf_str(&store->why));
        return st;
    }
    if (s->prior.last.status != WF_RUN_NONE && s->prior.last.t >= s->options->night->now) {
        wf_say(why,
               "the state has run the night of %s already: a forecast begins with a night that is "
               "still to come",
               s->prior.last.folder);
        return WF_ERR_DATA;
    }
    return wf_simulate_copy(store, &s->prior, s->alloc, &s->store);
}

enum wf_status wf_simulate(const struct wf_program *program, struct wf_store *store,
                           const struct wf_simulate_options *options, struct wf_forecast *forecast,
                           struct wf_buf *why)
{
    struct simulating s = {
        .out = forecast, .options = options, .program = program, .alloc = options->night->alloc};
    *forecast = (struct wf_forecast){.alloc = s.alloc,
                                     .n_nights = options->nights,
                                     .weeks_asked = options->weeks,
                                     .joined = wf_joined_input(&program->ir) != WF_NONE};
    forecast->report.alloc = s.alloc;
    wf_arena_init(&forecast->texts, s.alloc);
    if (options->nights < 1 || options->nights > WF_SIMULATE_NIGHTS ||
        options->weeks > WF_SIMULATE_WEEKS)
        return WF_ERR_USAGE;
    wf_state_init(&s.prior, s.alloc);
    enum wf_status st = open_copy(&s, store, why);
    if (st == WF_OK)
        st = open_forecast(&s);
    if (st == WF_OK)
        st = run_nights(&s, why);
    if (forecast->n_rows)
        qsort(forecast->rows, forecast->n_rows, sizeof(*forecast->rows), compare_rows);
    for (size_t i = 0; s.capped && i < forecast->n_caps; i++)
        wf_free(s.alloc, s.capped[i].words);
    wf_free(s.alloc, s.capped);
    wf_free(s.alloc, s.known);
    wf_shop_release(&s.shop);
    if (s.store)
        wf_store_close(s.store);
    wf_state_release(&s.prior);
    return st;
}

void wf_forecast_release(struct wf_forecast *forecast)
{
    for (size_t i = 0; i < forecast->n_budgets; i++)
        wf_free(forecast->alloc, forecast->budgets[i].ends);
    wf_free(forecast->alloc, forecast->rows);
    wf_free(forecast->alloc, forecast->pauses);
    wf_load_report_release(&forecast->report);
    wf_arena_release(&forecast->texts);
    *forecast = (struct wf_forecast){0};
}
