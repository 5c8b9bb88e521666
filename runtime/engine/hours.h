/*
 * hours.h - gate 4: from when until when an action may leave.
 *
 * A quiet span reaches from a local clock to a local clock, over midnight if it begins later than
 * it ends. A clock that a day skips is the first instant after the gap; one that comes twice begins
 * a span at its first coming and ends one at its second, so that nothing leaves in either.
 */
#ifndef WF_ENGINE_HOURS_H
#define WF_ENGINE_HOURS_H

#include "lang/base/zone.h"

struct wf_quiet {
    int64_t from, to; /* seconds since local midnight; equal: none */
    bool drop;        /* an `at` in it is dropped; else deferred to its end */
    uint32_t item;    /* the caller's: what says so */
};

/* The hours of a house that declares none. */
#define WF_QUIET_DEFAULT ((struct wf_quiet){.from = 21 * 3600, .to = 9 * 3600, .item = UINT32_MAX})

enum wf_hours_verdict {
    WF_HOURS_OPEN,
    WF_HOURS_HELD,    /* not before the next night's run: to be asked again then */
    WF_HOURS_DROPPED, /* its `at` is in quiet hours that drop */
    WF_HOURS_NEVER,   /* the quiet hours leave no minute of any day */
};

struct wf_hours {
    int64_t not_before, not_after; /* it may leave at not_before <= t < not_after */
    uint32_t item;                 /* of the quiet hours that moved, held or dropped it */
};

/*
 * When an action of the run at `now` may leave: not before `at` (a local clock of that day, -1:
 * none), nor before `earliest` (WF_NO_TIME: none), never in quiet hours; until the next quiet hours
 * begin, at latest one day after `now`.
 */
enum wf_hours_verdict wf_hours(const struct wf_zone *zone, int64_t now, int64_t at,
                               int64_t earliest, const struct wf_quiet *quiet, size_t n,
                               struct wf_hours *out);

#endif
