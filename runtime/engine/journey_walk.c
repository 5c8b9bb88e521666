#include "runtime/engine/journey_walk.h"

#include <math.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/data/holidays.h"
#include "runtime/engine/rules.h"

enum { WHOLE = 1000000 };

void wf_walk_release(struct wf_walk *walk)
{
    wf_free(walk->alloc, walk->pending);
    walk->pending = NULL;
    walk->room_pending = 0;
}

/* ---- parts ---- */

uint32_t wf_split_arm(const struct wf_ir *ir, const struct wf_ir_step *split, const char *salt,
                      const void *id, size_t len)
{
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, salt, strlen(salt) + 1);
    for (uint32_t i = 0; i < split->arms_count; i++) {
        const struct wf_str *label = ir->texts[ir->arms[split->arms_first + i].label];
        XXH3_64bits_update(&state, label->text, label->len);
        XXH3_64bits_update(&state, "", 1);
    }
    XXH3_64bits_update(&state, id, len);
    int64_t draw = (int64_t)(XXH3_64bits_digest(&state) % WHOLE), upto = 0;
    uint32_t arm = 0;
    for (; arm + 1 < split->arms_count; arm++) {
        upto += ir->arms[split->arms_first + arm].share;
        if (draw < upto)
            break;
    }
    return arm;
}

int64_t wf_until_clock(const struct wf_zone *zone, int64_t from, int64_t clock)
{
    int64_t day = wf_zone_day(zone, from);
    int64_t at = wf_zone_instant(zone, day, clock);
    return at >= from ? at : wf_zone_instant(zone, day + 1, clock);
}

int64_t wf_until_weekday(const struct wf_zone *zone, int64_t from, int64_t weekday)
{
    int64_t day = wf_zone_day(zone, from);
    int64_t ahead = (weekday - wf_weekday(day) + 7) % 7;
    return ahead ? wf_zone_midnight(zone, day + ahead) : from;
}

/* ---- waits ---- */

/* What a wait says tonight. */
enum wait { NOT_YET, CAME, OVER, DOUBT, FAILED };

struct resume {
    int64_t at;   /* the logical time of what follows */
    uint32_t to;  /* the step */
    uint64_t row; /* CAME: the event's, of the step's view */
    bool late;    /* what was awaited did not come in time */
};

static int64_t limit_of(const struct wf_walk *w, const struct wf_ir_step *step, int64_t from)
{
    return step->wait.unit == WF_T_NONE ? INT64_MAX : wf_time_shift(w->zone, from, step->wait, 1);
}

/*
 * The first of the awaited events after `from`, before T and not after the limit. One that may be
 * such an event leaves a limit that is due in doubt.
 */
static enum wait await_event(struct wf_walk *w, const struct wf_ir_step *step, int64_t from,
                             struct resume *out)
{
    const struct wf_events *events = &w->data->views[step->view];
    int64_t limit = limit_of(w, step, from);
    bool came = false, open = false;
    struct wf_event_span span = wf_events_of(events, w->row);
    for (uint64_t row = span.row; row < span.end; row++) {
        bool timed = !events->at_known || (events->at_known[row / 64] >> row % 64 & 1);
        int64_t at = timed ? events->at[row] : from;
        if (timed && (at <= from || at >= w->now || at > limit || (came && at >= out->at)))
            continue;
        wf_scalar_event(w->scalar, step->view, row);
        int truth = wf_scalar_truth(w->scalar, step->filter);
        open |= truth < 0;
        if (truth <= 0 || !timed)
            continue;
        came = true;
        *out = (struct resume){.at = at, .to = step->next, .row = row};
    }
    if (came)
        return CAME;
    if (limit > w->now)
        return NOT_YET;
    *out = (struct resume){.at = limit, .to = step->other, .late = true};
    return open ? DOUBT : OVER;
}

/* A condition holds at T or not at all; a limit before T was not held up by it. */
static enum wait await_condition(struct wf_walk *w, const struct wf_ir_step *step, int64_t from,
                                 struct resume *out)
{
    int64_t limit = limit_of(w, step, from);
    if (limit >= w->now && wf_scalar_truth(w->scalar, step->node) > 0) {
        *out = (struct resume){.at = w->now, .to = step->next};
        return OVER;
    }
    *out = (struct resume){.at = limit, .to = step->other, .late = true};
    return limit <= w->now ? OVER : NOT_YET;
}

/* From a business day on at once, else from the midnight of the next one. */
static bool until_business(struct wf_walk *w, const struct wf_ir_step *step, int64_t from,
                           int64_t *out)
{
    int64_t day = wf_zone_day(w->zone, from), next;
    w->calendar = step->holidays;
    if (!wf_holidays_next(&w->data->holidays[step->holidays], day, &next)) {
        w->day = next;
        return false;
    }
    *out = next == day ? from : wf_zone_midnight(w->zone, next);
    return true;
}

/* A wait that only time ends. */
static enum wait await_time(struct wf_walk *w, const struct wf_ir_step *step, int64_t from,
                            struct resume *out)
{
    struct wf_value point;
    *out = (struct resume){.at = from, .to = step->next};
    switch (step->kind) {
    case WF_STEP_WAIT: out->at = wf_time_shift(w->zone, from, step->wait, 1); break;
    case WF_STEP_UNTIL_CLOCK: out->at = wf_until_clock(w->zone, from, step->n); break;
    case WF_STEP_UNTIL_WEEKDAY: out->at = wf_until_weekday(w->zone, from, step->n); break;
    case WF_STEP_UNTIL_POINT:
        point = wf_scalar_value(w->scalar, step->node);
        if (!point.present)
            return DOUBT;
        out->at = point.i > from ? point.i : from;
        break;
    default:
        if (!until_business(w, step, from, &out->at))
            return FAILED;
    }
    return out->at <= w->now ? OVER : NOT_YET;
}

static bool is_wait(const struct wf_ir_step *step)
{
    switch (step->kind) {
    case WF_STEP_WAIT:
    case WF_STEP_UNTIL_CLOCK:
    case WF_STEP_UNTIL_WEEKDAY:
    case WF_STEP_UNTIL_POINT:
    case WF_STEP_UNTIL_BUSINESS:
    case WF_STEP_FOR_EVENT:
    case WF_STEP_FOR_COND: return true;
    default: return false;
    }
}

/* ---- the walk ---- */

/* Where the member is; `from`, `since` is the wait to go back to when in doubt. */
struct place {
    uint32_t step, from;
    int64_t at, since;
};

/* Everything else, an `if` behind the wait too, sees the event that ended it. */
static int exit_of(struct wf_walk *w)
{
    if (w->journey->exit == WF_NONE)
        return 0;
    if (w->awaited == WF_NONE)
        return wf_scalar_truth(w->scalar, w->journey->exit);
    wf_scalar_hide(w->scalar, w->awaited, w->awaited_row);
    int exit = wf_scalar_truth(w->scalar, w->journey->exit);
    wf_scalar_unhide(w->scalar);
    return exit;
}

static void count_passed(struct wf_walk *w)
{
    for (size_t i = 0; w->passed && i < w->n_pending; i++) {
        const struct wf_passing *passing = &w->pending[i];
        w->passed[passing->step].ways[passing->way]++;
        if (passing->arm != WF_NONE)
            w->drawn[passing->arm]++;
    }
    w->n_pending = 0;
}

/* The step was gone through; it counts unless the walk turns out to be in doubt. */
static bool note(struct wf_walk *w, uint32_t step, enum wf_way way, uint32_t arm)
{
    if (wf_grow(w->alloc, &w->pending, &w->room_pending, w->n_pending + 1, sizeof(*w->pending)))
        return false;
    w->pending[w->n_pending++] = (struct wf_passing){step, arm, way};
    return true;
}

/* Stands, or resumes: true with the place moved on. */
static bool stand(struct wf_walk *w, const struct wf_ir_step *step, struct place *p,
                  enum wf_walked *out, enum wf_status *st)
{
    struct resume resume = {.at = p->at, .to = p->step};
    enum wait wait = NOT_YET;
    count_passed(w);
    p->from = p->step;
    p->since = p->at;
    w->awaited = WF_NONE;
    if (step->kind == WF_STEP_FOR_EVENT)
        wait = await_event(w, step, p->at, &resume);
    if (wait == CAME) {
        w->awaited = step->view;
        w->awaited_row = resume.row;
    }
    if (wait != CAME || w->frozen) {
        int exit = exit_of(w);
        *out = exit > 0 ? WF_WALKED_EXITED : exit < 0 ? WF_WALKED_DOUBT : WF_WALKED_STANDS;
        if (exit || w->frozen)
            return false;
        if (step->kind == WF_STEP_FOR_COND)
            wait = await_condition(w, step, p->at, &resume);
        else if (step->kind != WF_STEP_FOR_EVENT)
            wait = await_time(w, step, p->at, &resume);
    }
    if (wait == DOUBT)
        *out = WF_WALKED_DOUBT;
    if (wait == FAILED)
        *st = WF_ERR_DATA;
    if (wait == DOUBT || wait == NOT_YET || wait == FAILED)
        return false;
    if (!note(w, p->step, resume.late ? WF_WAY_OTHER : WF_WAY_NEXT, WF_NONE))
        *st = WF_ERR_NOMEM;
    p->step = resume.to;
    p->at = resume.at;
    return *st == WF_OK;
}

/* An action: true with the place moved on, unless `exit` has a say. */
static bool perform(struct wf_walk *w, const struct wf_ir_step *step, struct place *p,
                    enum wf_walked *out, enum wf_status *st)
{
    int exit = exit_of(w);
    if (exit) {
        *out = exit > 0 ? WF_WALKED_EXITED : WF_WALKED_DOUBT;
        return false;
    }
    count_passed(w);
    *st = w->act(w->ctx, p->step, p->at);
    if (*st == WF_OK && !note(w, p->step, WF_WAY_NEXT, WF_NONE))
        *st = WF_ERR_NOMEM;
    count_passed(w);
    p->step = step->next;
    return *st == WF_OK;
}

/* The steps that take no time and ask nobody. */
static enum wf_status pass(struct wf_walk *w, const struct wf_ir_step *step, struct place *p)
{
    uint32_t at = p->step, arm = WF_NONE;
    enum wf_way way = WF_WAY_NEXT;
    if (step->kind == WF_STEP_IF) {
        int truth = wf_scalar_truth(w->scalar, step->node);
        way = truth > 0 ? WF_WAY_NEXT : truth == 0 ? WF_WAY_OTHER : WF_WAY_UNKNOWN;
        p->step = truth > 0 ? step->next : truth == 0 ? step->other : step->after;
    } else if (step->kind == WF_STEP_SPLIT) {
        arm = step->arms_first + wf_split_arm(w->ir, step, w->salt, w->id, w->id_len);
        p->step = w->ir->arms[arm].next;
    } else {
        p->step = step->kind == WF_STEP_LEAVE ? WF_NONE : step->next;
    }
    return note(w, at, way, arm) ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_walk_entry(struct wf_walk *w, struct wf_entry *entry, enum wf_walked *out)
{
    const struct wf_ir_step *steps = w->ir->steps + w->journey->steps_first;
    struct place p = {entry->step, entry->step, entry->reached, entry->reached};
    enum wf_status st = WF_OK;
    bool on = true;
    w->n_pending = 0;
    w->awaited = WF_NONE;
    while (on && st == WF_OK && p.step < w->journey->steps_count) {
        const struct wf_ir_step *step = &steps[p.step];
        if (is_wait(step) || w->frozen)
            on = stand(w, step, &p, out, &st);
        else if (step->kind == WF_STEP_ACT)
            on = perform(w, step, &p, out, &st);
        else
            st = pass(w, step, &p);
    }
    if (st != WF_OK)
        return st;
    if (on) {
        *out = WF_WALKED_LEFT;
        p.step = WF_LEFT;
    } else if (*out == WF_WALKED_EXITED) {
        p.step = WF_LEFT;
        p.at = w->now;
    } else if (*out == WF_WALKED_DOUBT) {
        p.step = p.from; /* nothing moved */
        p.at = p.since;
        w->n_pending = 0;
    }
    count_passed(w);
    entry->step = p.step;
    entry->reached = p.at;
    return WF_OK;
}

/* ---- goals ---- */

static int64_t hundredths(struct wf_value value)
{
    int64_t out;
    if (value.type == WF_T_MONEY)
        return value.i;
    if (value.type == WF_T_INT)
        return __builtin_mul_overflow(value.i, (int64_t)100, &out)
                   ? (value.i < 0 ? INT64_MIN : INT64_MAX)
                   : out;
    double scaled = round(value.f * 100.0);
    if (!(scaled > -9e18 && scaled < 9e18))
        return scaled > 0 ? INT64_MAX : INT64_MIN;
    return (int64_t)scaled;
}

static void goal_by_event(struct wf_walk *w, struct wf_entry *entry, int64_t until)
{
    const struct wf_events *events = &w->data->views[w->journey->goal_view];
    struct wf_event_span span = wf_events_of(events, w->row);
    for (uint64_t row = span.row; row < span.end; row++) {
        bool timed = !events->at_known || (events->at_known[row / 64] >> row % 64 & 1);
        int64_t at = events->at[row];
        bool first = !(entry->flags & WF_ENTRY_GOAL) || at < entry->goal;
        if (!timed || at < entry->entry || at >= w->now || at >= until || !first)
            continue;
        wf_scalar_event(w->scalar, w->journey->goal_view, row);
        if (wf_scalar_truth(w->scalar, w->journey->goal_filter) <= 0)
            continue;
        entry->flags |= WF_ENTRY_GOAL;
        entry->goal = at;
    }
}

void wf_walk_goal(struct wf_walk *w, struct wf_entry *entry, bool *over_out)
{
    const struct wf_ir_journey *j = w->journey;
    bool within = j->goal_within.unit != WF_T_NONE;
    int64_t until = within ? wf_time_shift(w->zone, entry->entry, j->goal_within, 1) : INT64_MAX;
    bool reached = entry->flags & WF_ENTRY_GOAL;
    *over_out = j->goal_kind == WF_GOAL_NONE || !within || w->now >= until;
    if (j->goal_kind == WF_GOAL_NONE || (reached && j->goal_kind != WF_GOAL_VALUE))
        return;
    if (j->goal_kind == WF_GOAL_EVENT) {
        goal_by_event(w, entry, until);
        return;
    }
    if (w->now > until && !j->goal_clamped)
        return; /* tonight's figure is of another span */
    struct wf_value value = wf_scalar_value(w->scalar, j->goal_node);
    if (!value.present || (j->goal_kind == WF_GOAL_COND && !value.i))
        return;
    entry->flags |= WF_ENTRY_GOAL;
    entry->goal = w->now;
    entry->value = j->goal_kind == WF_GOAL_VALUE ? hundredths(value) : 0;
}
