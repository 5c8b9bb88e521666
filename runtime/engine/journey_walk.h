/*
 * journey_walk.h - one member's way through one journey in one night.
 *
 *   stands at a wait
 *     an awaited event came          it resumes the wait, at its own time; until the next wait it
 *                                    is hidden from `exit`
 *     else `exit` is judged          true: leaves at T; unknown: stands still tonight
 *     else the wait is due           resumes at its due time, the logical time of what follows
 *     else                           stands
 *   between waits                    `exit` is judged before every action, the rest takes no time
 *
 * Conditions read tonight's data. The walk changes the entry and calls `act` for every action it
 * comes to; nothing else.
 */
#ifndef WF_ENGINE_JOURNEY_WALK_H
#define WF_ENGINE_JOURNEY_WALK_H

#include "lang/base/zone.h"
#include "runtime/data/dataset.h"
#include "runtime/engine/ways.h"
#include "runtime/store/entries.h"
#include "runtime/vm/scalar.h"

enum wf_walked {
    WF_WALKED_STANDS, /* at a wait that is not due */
    WF_WALKED_LEFT,   /* through the end or `leave`, at `left` */
    WF_WALKED_EXITED, /* at T */
    WF_WALKED_DOUBT,  /* stands: `exit` is unknown, or an undecided event may have ended the wait */
};

/* An action that was come to, at its logical time. */
typedef enum wf_status wf_walk_act_fn(void *ctx, uint32_t step, int64_t at);

struct wf_passing {
    uint32_t step, arm; /* arm: row of ir.arms, WF_NONE: not a split */
    enum wf_way way;
};

struct wf_walk {
    const struct wf_ir *ir;
    const struct wf_dataset *data;
    const struct wf_zone *zone;
    const struct wf_alloc *alloc;
    int64_t now;
    struct wf_scalar *scalar; /* stands on the member */
    uint32_t row;             /* of the member */
    const void *id;           /* the member's */
    size_t id_len;
    const struct wf_ir_journey *journey;
    const char *salt;
    bool frozen;      /* nobody moves; exits are seen */
    uint32_t awaited; /* view of the event that ended the last wait tonight; WF_NONE: none did */
    uint64_t awaited_row; /* `exit` is judged without it until the next wait (the walk's own) */
    wf_walk_act_fn *act;
    void *ctx;
    struct wf_step_counts *passed; /* by step of the journey; NULL: nobody asks */
    uint64_t *drawn;               /* by row of ir.arms; there if passed is */
    struct wf_passing *pending;    /* not counted yet (the walk's own; wf_walk_release) */
    size_t n_pending, room_pending;
    uint32_t calendar; /* WF_ERR_DATA: this one of ir.holidays does not know the year of `day` */
    int64_t day;
};
void wf_walk_release(struct wf_walk *walk);

/* Walks as far as tonight allows. Sets the entry's step (WF_LEFT) and reached. WF_ERR_DATA: a
 * calendar of business days ends too early. */
enum wf_status wf_walk_entry(struct wf_walk *walk, struct wf_entry *entry, enum wf_walked *out);

/*
 * Looks whether the goal was reached, or measures it. *over_out: nothing can change any more, the
 * entry is no longer watched once the member has left.
 */
void wf_walk_goal(struct wf_walk *walk, struct wf_entry *entry, bool *over_out);

/* ---- the parts ---- */

/* The arm of a split: xxh3-64 of salt NUL label NUL label NUL ... id, modulo 1,000,000, falls into
 * the shares as they stand one after the other. */
uint32_t wf_split_arm(const struct wf_ir *ir, const struct wf_ir_step *split, const char *salt,
                      const void *id, size_t len);

/* When a wait that was reached at `from` is over: a clock, a weekday (0 = Monday). */
int64_t wf_until_clock(const struct wf_zone *zone, int64_t from, int64_t clock);
int64_t wf_until_weekday(const struct wf_zone *zone, int64_t from, int64_t weekday);

#endif
