/*
 * tally.h - how often something left for somebody: instants counted by limit and party.
 *
 *   (limit, party) ─▶ [at, count] ─▶ [at, count] ─▶ ...     by time
 *
 * A limit says "at most n in a window"; a party is whom it counts: a member, a contact, a member of
 * staff, a store, as a number. Only what is watched is counted, so that a long history costs what
 * tonight's contenders need of it.
 */
#ifndef WF_ENGINE_TALLY_H
#define WF_ENGINE_TALLY_H

#include "lang/base/zone.h"
#include "lang/code/program.h"

/* The stretch of time a limit counts in: rolling, or a calendar day, week (from Monday), month. */
struct wf_window {
    const struct wf_zone *zone;
    struct wf_ir_duration per; /* calendar: 1 day, 7 days or 1 month */
    bool calendar;
    int64_t asked, answer; /* the last question, most likely the next one too */
};
struct wf_window wf_window_make(const struct wf_zone *zone, struct wf_ir_duration per,
                                bool calendar);

/* The earliest instant that can share a window with `time`. */
int64_t wf_window_reach(struct wf_window *window, int64_t time);

struct wf_tally {
    const struct wf_alloc *alloc;
    struct wf_tally_slot *slots; /* open addressing, a power of two */
    size_t n_slots, n_used;
    struct wf_tally_node *nodes; /* [0] is nobody's */
    size_t n_nodes, room_nodes;
};
void wf_tally_init(struct wf_tally *tally, const struct wf_alloc *alloc);
void wf_tally_release(struct wf_tally *tally);

/* From now on (limit, party) is counted. */
enum wf_status wf_tally_watch(struct wf_tally *tally, uint32_t limit, uint64_t party);

/* One more at `at`, if it is watched. */
enum wf_status wf_tally_add(struct wf_tally *tally, uint32_t limit, uint64_t party, int64_t at);

struct wf_counted {
    int64_t have;  /* in the fullest window that holds t */
    int64_t since; /* where that window begins: rolling, just after it; calendar, at it */
};

/* Whether one more at `t` makes at most n in every window that holds it. A window is (s - W, s] for
 * any s, or the calendar's own. */
bool wf_tally_allows(const struct wf_tally *tally, uint32_t limit, uint64_t party, int64_t n,
                     struct wf_window *window, int64_t t, struct wf_counted *out);

#endif
