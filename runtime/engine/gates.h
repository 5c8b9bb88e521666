/*
 * gates.h - what may stop an action that a rule asks for. The first gate that does is its reason:
 *
 *   1 valid    2 holdout    3 paused    4 hours    5 reach    6 cap    7 stock, budget
 *
 * Gates 1 to 5 look at one action alone (wf_gates_pass). Two sets of one field are settled among a
 * member's own actions (wf_gates_conflicts). Caps, stocks and budgets are passed one by one in the
 * order of contention (wf_gates_take), and only what leaves uses anything up.
 */
#ifndef WF_ENGINE_GATES_H
#define WF_ENGINE_GATES_H

#include "runtime/engine/cap.h"
#include "runtime/engine/hours.h"
#include "runtime/engine/party.h"
#include "runtime/engine/policy.h"
#include "runtime/engine/reach.h"
#include "runtime/engine/stock.h"

/* Whether a member is held out: xxh3-64(salt NUL "holdout" NUL id) modulo 1,000,000 is below
 * `parts`. */
bool wf_held_out(const char *salt, const void *id, size_t len, int32_t parts);

/* The salt of the house's own holdout. */
#define WF_HOUSE_SALT "house"

struct wf_gates {
    const struct wf_night *night;
    const char *const *born; /* by rule: the identity it had first */
    struct wf_scalar *scalar;
    struct wf_parties parties;
    struct wf_policies policies;
    struct wf_reach reach;
    struct wf_caps caps;
    struct wf_stocks stocks;
    struct wf_quiet *quiet; /* the quiet hours of the member asked about last */
    size_t n_quiet;
    bool asked; /* the last question about hours, and its answer */
    int64_t asked_at, asked_earliest;
    enum wf_hours_verdict verdict;
    struct wf_hours hours;
    uint32_t *paused;            /* by rule: a row of the state's pauses, or WF_NONE */
    struct wf_gate_note *listed; /* by action: what the catalogues say against it (listed.h) */
};

/* Release it in any case. `scalar` stands at T, as `params` do. */
enum wf_status wf_gates_init(struct wf_gates *gates, const struct wf_night *night,
                             const char *const *born, struct wf_scalar *scalar,
                             const struct wf_vm_params *params, const struct wf_pops *pops);
void wf_gates_release(struct wf_gates *gates);

/* WF_OK, or why some value could not be computed (it was taken for missing). */
enum wf_status wf_gates_status(const struct wf_gates *gates);

/* Fills target, channel, not_before, not_after, gate and note; what an earlier part has stopped
 * (gate) stays so. */
void wf_gates_pass(struct wf_gates *gates, struct wf_contender *decision);

/* Two rules set one field of one member: the larger priority wins, then the rule's name. The
 * decisions of one receiver. */
void wf_gates_conflicts(const struct wf_ir *ir, struct wf_contender *decisions, size_t n);

/* Gates 6 and 7 for one that passed the others. */
enum wf_status wf_gates_take(struct wf_gates *gates, struct wf_contender *decision);

#endif
