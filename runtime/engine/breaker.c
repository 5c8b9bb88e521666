#include "runtime/engine/breaker.h"

#include <inttypes.h>

#include "lang/base/calendar.h"
#include "runtime/engine/party.h"
#include "runtime/engine/roster.h"

static const struct wf_ir_side *side_of(const struct wf_ir *ir, uint32_t at)
{
    const struct wf_ir_breaker *breaker = &ir->breakers[at / 2];
    return at % 2 ? &breaker->right : &breaker->left;
}

static uint64_t *row_bits(const struct wf_night *night, uint32_t view)
{
    uint64_t n = night->data->views[view].n;
    return wf_calloc(night->alloc, (size_t)(n / 64 + 2), sizeof(uint64_t));
}

enum wf_status wf_breakers_init(struct wf_breakers *breakers, const struct wf_night *night,
                                struct wf_scalar *scalar)
{
    const struct wf_ir *ir = &night->program->ir;
    *breakers = (struct wf_breakers){.night = night};
    breakers->sides = wf_calloc(night->alloc, 2 * (size_t)ir->n_breakers, sizeof(*breakers->sides));
    enum wf_status st = breakers->sides ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t i = 0; st == WF_OK && i < 2 * ir->n_breakers; i++) {
        struct wf_breaker_side *side = &breakers->sides[i];
        uint32_t view = side_of(ir, i)->view;
        if (view == WF_NONE)
            continue;
        st = wf_source_make(night->program, scalar, side_of(ir, i)->filter, &side->source);
        side->sure = row_bits(night, view);
        side->perhaps = row_bits(night, view);
        if (st == WF_OK && (!side->sure || !side->perhaps))
            st = WF_ERR_NOMEM;
    }
    return st;
}

void wf_breakers_release(struct wf_breakers *breakers)
{
    if (!breakers->night)
        return;
    const struct wf_alloc *alloc = breakers->night->alloc;
    for (uint32_t i = 0; breakers->sides && i < 2 * breakers->night->program->ir.n_breakers; i++) {
        wf_free(alloc, breakers->sides[i].sure);
        wf_free(alloc, breakers->sides[i].perhaps);
    }
    wf_free(alloc, breakers->sides);
}

void wf_breakers_rows(struct wf_breakers *breakers, uint32_t view, uint64_t first, uint32_t n,
                      const struct wf_bits *outs)
{
    const struct wf_ir *ir = &breakers->night->program->ir;
    for (uint32_t i = 0; i < 2 * ir->n_breakers; i++) {
        struct wf_breaker_side *side = &breakers->sides[i];
        if (side_of(ir, i)->view != view)
            continue;
        for (uint32_t w = 0; w * 64 < n; w++) {
            uint64_t mask = wf_word_mask(n, w);
            uint64_t known = wf_source_known(&side->source, outs, w);
            uint64_t sure = wf_source_true(&side->source, outs, w) & mask;
            wf_bits_or(side->sure, first + w * 64, sure);
            wf_bits_or(side->perhaps, first + w * 64, ~known & mask);
        }
    }
}

/* What happened before `since` does not count, whatever the window; nor does it leave a doubt. */
static bool is_before(const struct wf_events *view, uint64_t row, int64_t since)
{
    bool timed = !view->at_known || wf_bit(view->at_known, row);
    return timed && view->at[row] < since;
}

/* Rows alike in the first unique field are one event: it counts if any of them does. */
static struct wf_range count_events(const struct wf_events *view, uint32_t n_members,
                                    const struct wf_breaker_side *side, int64_t since)
{
    struct wf_range range = {0, 0};
    bool sure = false, perhaps = false;
    for (uint32_t member = 0; member < n_members; member++) {
        for (uint64_t row = view->first[member]; row < view->first[member + 1]; row++) {
            bool starts = row == view->first[member] || !view->begins || wf_bit(view->begins, row);
            if (starts) {
                range.least += sure;
                range.most += sure || perhaps;
                sure = perhaps = false;
            }
            if (is_before(view, row, since))
                continue;
            sure |= wf_bit(side->sure, row);
            perhaps |= wf_bit(side->perhaps, row);
        }
    }
    range.least += sure;
    range.most += sure || perhaps;
    return range;
}

/* Counted from `since` on, as far as the side's window reaches. */
static struct wf_range range_of(const struct wf_breakers *breakers, uint32_t at, int64_t since,
                                struct wf_scalar *scalar)
{
    const struct wf_dataset *data = breakers->night->data;
    const struct wf_ir_side *side = side_of(&breakers->night->program->ir, at);
    if (side->view == WF_NONE)
        return (struct wf_range){side->constant, side->constant};
    struct wf_range range =
        count_events(&data->views[side->view], data->n_members, &breakers->sides[at], since);
    bool seen = !data->since_known[side->view] || data->since[side->view] <= since;
    if (!seen && side->seen != WF_NONE && wf_scalar_truth(scalar, side->seen) <= 0)
        range.most = INT64_MAX; /* what came before the exports began, nobody here knows */
    return range;
}

bool wf_breaker_trips(const struct wf_ir_breaker *breaker, struct wf_range left,
                      struct wf_range right, int64_t *right_out)
{
    /* the smallest right side that is possible and large enough is the one that trips first */
    int64_t asked = breaker->base_left ? 0 : breaker->at_least;
    int64_t least = right.least > asked ? right.least : asked;
    *right_out = least;
    if (least > right.most || (breaker->base_left && left.most < breaker->at_least))
        return false;
    if (left.most == INT64_MAX)
        return true;
    __int128 a = (__int128)left.most * breaker->left.times;
    __int128 b = (__int128)least * breaker->right.times;
    return breaker->or_equal ? a >= b : a > b;
}

static void add_count(struct wf_buf *out, struct wf_range range)
{
    wf_buf_addf(out, "%" PRId64, range.least);
    if (range.most == INT64_MAX)
        wf_buf_adds(out, " or more, some of it was never seen");
    else if (range.most != range.least)
        wf_buf_addf(out, " to %" PRId64 ", some are undecided", range.most);
}

static void add_resumed(struct wf_buf *out, const struct wf_zone *zone, int64_t since)
{
    char day[WF_DATE_TEXT];
    wf_date_text(wf_zone_day(zone, since), day);
    wf_buf_addf(out, ", counted from %s on: it was resumed after that night", day);
}

/* What a breaker pauses, as the state's control names it. */
static enum wf_status name_paused(const struct wf_ir *ir, const struct wf_ir_breaker *breaker,
                                  struct wf_buf *what)
{
    wf_buf_reset(what);
    if (breaker->journey == WF_NONE)
        wf_buf_adds(what, "all");
    else
        wf_buf_addf(what, "journey %s", ir->texts[ir->journeys[breaker->journey].name]->text);
    return what->failed ? WF_ERR_NOMEM : WF_OK;
}

/* One that was resumed starts anew: what tripped it then does not trip it again. */
static enum wf_status judge(const struct wf_breakers *breakers, uint32_t i, const char *what,
                            struct wf_scalar *scalar)
{
    const struct wf_night *night = breakers->night;
    const struct wf_ir_breaker *breaker = &night->program->ir.breakers[i];
    struct wf_control *control = &night->state->control;
    int64_t since = wf_control_resumed(control, what), at;
    struct wf_range left = range_of(breakers, 2 * i, since, scalar);
    struct wf_range right = range_of(breakers, 2 * i + 1, since, scalar);
    struct wf_buf why;
    if (!wf_breaker_trips(breaker, left, right, &at))
        return WF_OK;
    wf_buf_init(&why, night->alloc, 0);
    wf_buf_addf(&why, "%s: ", night->program->ir.texts[breaker->text]->text);
    add_count(&why, left);
    wf_buf_adds(&why, " against ");
    add_count(&why, right);
    if (since != INT64_MIN)
        add_resumed(&why, night->zone, since);
    enum wf_status st = why.failed ? WF_ERR_NOMEM : WF_OK;
    if (st == WF_OK)
        st = wf_control_pause(control, what, wf_buf_str(&why), night->now, false);
    wf_buf_release(&why);
    return st;
}

enum wf_status wf_breakers_trip(const struct wf_breakers *breakers, struct wf_scalar *scalar)
{
    const struct wf_night *night = breakers->night;
    const struct wf_ir *ir = &night->program->ir;
    enum wf_status st = WF_OK;
    struct wf_buf what;
    wf_buf_init(&what, night->alloc, 0);
    for (uint32_t i = 0; st == WF_OK && i < ir->n_breakers; i++) {
        st = name_paused(ir, &ir->breakers[i], &what);
        if (st == WF_OK)
            st = judge(breakers, i, wf_buf_str(&what), scalar);
    }
    wf_buf_release(&what);
    return st;
}
