#include "runtime/engine/rules.h"

#include <string.h>

static int64_t clamp_time(int64_t time)
{
    return time < WF_MIN_TIME ? WF_MIN_TIME : time > WF_MAX_TIME ? WF_MAX_TIME : time;
}

int64_t wf_time_shift(const struct wf_zone *zone, int64_t time, struct wf_ir_duration duration,
                      int sign)
{
    int64_t out = 0, n = sign < 0 ? -duration.count : duration.count;
    bool inside = true;
    switch (duration.unit) {
    case WF_T_DAYS: inside = wf_zone_add_days(zone, time, n, &out); break;
    case WF_T_MONTHS: inside = wf_zone_add_months(zone, time, n, &out); break;
    case WF_T_SECONDS:
        if (__builtin_add_overflow(time, n, &out))
            inside = false;
        else
            out = clamp_time(out);
        break;
    default: return time;
    }
    if (!inside)
        return n < 0 ? WF_MIN_TIME : WF_MAX_TIME;
    return out;
}

struct wf_ir_duration wf_grace_of(const struct wf_ir_trigger *trigger)
{
    if (trigger->grace.unit != WF_T_NONE)
        return trigger->grace;
    return (struct wf_ir_duration){.count = 1, .unit = WF_T_DAYS};
}

int64_t wf_known_by(const struct wf_zone *zone, int64_t due, bool missed_after)
{
    int64_t day = wf_zone_day(zone, due), midnight = wf_zone_midnight(zone, day);
    return midnight < due || missed_after ? wf_zone_midnight(zone, day + 1) : midnight;
}

bool wf_is_missed(const struct wf_zone *zone, const struct wf_ir_trigger *trigger, int64_t known_by,
                  int64_t now)
{
    return now > wf_time_shift(zone, known_by, wf_grace_of(trigger), 1);
}

static bool falls_on(const struct wf_ir_calendar *calendar, int64_t day)
{
    struct wf_civil civil = wf_day_to_civil(day);
    switch (calendar->kind) {
    case WF_CAL_WEEKDAY: return calendar->weekdays >> wf_weekday(day) & 1;
    case WF_CAL_MONTH_DAY: {
        int last = wf_month_days(civil.year, civil.month);
        return civil.day == (calendar->n < last ? calendar->n : last);
    }
    case WF_CAL_EVERY_DAYS:
        return calendar->n > 0 && day >= calendar->from &&
               (day - calendar->from) % calendar->n == 0;
    case WF_CAL_ON_DATE: return day == calendar->from;
    default: return false;
    }
}

bool wf_calendar_next(const struct wf_ir_calendar *calendar, int64_t day, int64_t last,
                      int64_t *day_out)
{
    for (; day <= last; day++) {
        if (falls_on(calendar, day)) {
            *day_out = day;
            return true;
        }
    }
    return false;
}

static const char *text_of(const struct wf_ir *ir, uint32_t text)
{
    return ir->texts[text]->text;
}

static bool is_declared(const struct wf_ir *ir, const char *identity)
{
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        if (strcmp(text_of(ir, ir->triggers[i].identity), identity) == 0)
            return true;
    size_t front = strlen(WF_JOURNEY_RULE);
    for (uint32_t i = 0; i < ir->n_journeys && !strncmp(identity, WF_JOURNEY_RULE, front); i++)
        if (!ir->journeys[i].pinned &&
            strcmp(text_of(ir, ir->journeys[i].identity), identity + front) == 0)
            return true;
    return false;
}

struct wf_rule_state *wf_rule_before(const struct wf_ir *ir, struct wf_state *state,
                                     const char *was)
{
    struct wf_rule_state *rule = wf_state_rule(state, was);
    for (size_t i = 0; !rule && i < state->n_rules; i++)
        if (strcmp(state->rules[i].born, was) == 0 && !is_declared(ir, state->rules[i].identity))
            rule = &state->rules[i];
    return rule;
}

/* First of all, so that a new rule may take the name that another one has laid down. */
static enum wf_status rename_rules(const struct wf_night *night)
{
    const struct wf_ir *ir = &night->program->ir;
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; st == WF_OK && i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *trigger = &ir->triggers[i];
        const char *identity = text_of(ir, trigger->identity);
        if (trigger->was == WF_NONE || wf_state_rule(night->state, identity))
            continue;
        struct wf_rule_state *rule = wf_rule_before(ir, night->state, text_of(ir, trigger->was));
        if (rule)
            st = wf_state_rename_rule(night->state, rule, identity);
    }
    return st;
}

/* The state's rule, or a new one. */
static enum wf_status find_rule(const struct wf_night *night, const struct wf_ir_trigger *trigger,
                                struct wf_rule_state **out)
{
    const struct wf_ir *ir = &night->program->ir;
    const char *identity = text_of(ir, trigger->identity);
    *out = wf_state_rule(night->state, identity);
    if (*out)
        return WF_OK;
    enum wf_status st = wf_state_add_rule(night->state, identity, out);
    if (st != WF_OK)
        return st;
    (*out)->first_t = night->now;
    (*out)->floor = wf_time_shift(night->zone, night->now, trigger->backfill, -1);
    return WF_OK;
}

int64_t wf_rule_floor(const struct wf_night *night, const struct wf_ir_trigger *trigger,
                      const struct wf_rule_state *rule)
{
    if (rule->first_t == night->now || trigger->moment == WF_MOMENT_TIME ||
        night->state->last.status == WF_RUN_NONE)
        return rule->floor;
    struct wf_ir_duration late = {.count = WF_LATE_DAYS, .unit = WF_T_DAYS};
    int64_t last = night->state->last.t;
    int64_t from = last < night->now ? last : night->now;
    from = wf_time_shift(night->zone, from, wf_grace_of(trigger), -1);
    from = wf_time_shift(night->zone, from, late, -1);
    return from > rule->floor ? from : rule->floor;
}

static void find_dates(const struct wf_night *night, const struct wf_ir_trigger *trigger,
                       const struct wf_rule_state *rule, struct wf_rule_night *out)
{
    int64_t today = wf_zone_day(night->zone, night->now), day = today;
    int64_t first = wf_zone_day(night->zone, rule->floor);
    if (wf_zone_midnight(night->zone, first) < rule->floor)
        first++;
    if (rule->calendar_done != INT32_MIN && rule->calendar_done + 1 > first)
        first = (int64_t)rule->calendar_done + 1;
    out->date_first = (int32_t)first;
    while (wf_calendar_next(&trigger->calendar, first, today, &day)) {
        out->n_dates++;
        first = day + 1;
    }
}

bool wf_near_enough(const struct wf_night *night, const struct wf_ir_trigger *trigger,
                    const struct wf_rule_state *rule)
{
    const struct wf_run_row *last = &night->state->last;
    struct wf_ir_duration day = {.count = 1, .unit = WF_T_DAYS};
    if (last->status == WF_RUN_NONE || rule->first_t > last->t)
        return false;
    int64_t until = wf_time_shift(night->zone, last->t, day, 1);
    return night->now <= wf_time_shift(night->zone, until, wf_grace_of(trigger), 1);
}

enum wf_status wf_rules_begin(const struct wf_night *night, struct wf_rule_night *rules)
{
    const struct wf_ir *ir = &night->program->ir;
    enum wf_status st = rename_rules(night);
    if (st != WF_OK)
        return st;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *trigger = &ir->triggers[i];
        struct wf_rule_state *rule;
        st = find_rule(night, trigger, &rule);
        if (st != WF_OK)
            return st;
        struct wf_rule_night *out = &rules[i];
        *out = (struct wf_rule_night){.state = (uint32_t)(rule - night->state->rules)};
        out->first = rule->first_t == night->now;
        out->floor = wf_rule_floor(night, trigger, rule);
        if (trigger->moment == WF_MOMENT_CALENDAR)
            find_dates(night, trigger, rule, out);
        if (trigger->moment == WF_MOMENT_CROSSING)
            out->may_cross = wf_near_enough(night, trigger, rule);
    }
    return WF_OK;
}
