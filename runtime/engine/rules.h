/*
 * rules.h - what a night knows of each rule before it looks at anybody.
 */
#ifndef WF_ENGINE_RULES_H
#define WF_ENGINE_RULES_H

#include "runtime/engine/engine.h"

/* Occurrences of events and years that come to light later than this after their grace are not
 * even recorded as missed: so long are their keys kept. */
enum { WF_LATE_DAYS = 35 };

struct wf_rule_night {
    uint32_t state;              /* index into state->rules */
    bool first;                  /* its first run */
    int64_t floor;               /* the earliest due that is looked at tonight */
    bool may_cross;              /* crossings: there is a run to compare with, near enough */
    int32_t date_first, n_dates; /* calendar: dates falling due since the last run that saw it */
};

/* Finds, renames or adds the state's rules. `rules` has one element a trigger. */
enum wf_status wf_rules_begin(const struct wf_night *night, struct wf_rule_night *rules);

/* time + sign * duration along the calendar; clamps at the calendar's ends. */
int64_t wf_time_shift(const struct wf_zone *zone, int64_t time, struct wf_ir_duration duration,
                      int sign);

/* The grace of a trigger: one day unless it says otherwise. */
struct wf_ir_duration wf_grace_of(const struct wf_ir_trigger *trigger);

/* The first local midnight by which an occurrence could be known. */
int64_t wf_known_by(const struct wf_zone *zone, int64_t due, bool missed_after);

/* Whether an occurrence known by that midnight and decided at `now` is missed. */
bool wf_is_missed(const struct wf_zone *zone, const struct wf_ir_trigger *trigger, int64_t known_by,
                  int64_t now);

/* The next date from `day` on (at most `last`) on which a calendar moment occurs; false: none. */
bool wf_calendar_next(const struct wf_ir_calendar *calendar, int64_t day, int64_t last,
                      int64_t *day_out);

/* The earliest due that a night looks at: moments whose keys are kept for a while only are not
 * looked at further back. */
int64_t wf_rule_floor(const struct wf_night *night, const struct wf_ir_trigger *trigger,
                      const struct wf_rule_state *rule);

/* A crossing is seen between two runs at most one day and the grace apart. */
bool wf_near_enough(const struct wf_night *night, const struct wf_ir_trigger *trigger,
                    const struct wf_rule_state *rule);

#define WF_JOURNEY_RULE "journey " /* before a journey's identity, in the state's rules */

/*
 * The rule of the state that one of tonight goes on with, which says `was` and is not known by its
 * own name; NULL: there is none. It is the one of that name, or else the one that had that name at
 * first and whose later name no rule has any more: between two renames there may have been nights
 * or none.
 */
struct wf_rule_state *wf_rule_before(const struct wf_ir *ir, struct wf_state *state,
                                     const char *was);

#endif
