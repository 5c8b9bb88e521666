/*
 * reach.h - gate 5: by which channel a member can be reached at a given time.
 *
 * A channel's conditions are and-ed. They are judged for the action's not_before, as far as
 * tonight's data tell, and must stay true until its not_after, which else comes earlier.
 */
#ifndef WF_ENGINE_REACH_H
#define WF_ENGINE_REACH_H

#include "runtime/engine/policy.h"

struct wf_reach {
    const struct wf_ir *ir;
    struct wf_policies *policies;
    struct wf_vm_params params; /* of the evaluator: its now is when somebody is to be reached */
    struct wf_scalar *scalar;
    bool *moves; /* by node: its value may change with time */
    const struct wf_alloc *alloc;
};

/* Release it in any case. `params` are the night's; the arrays in them are borrowed. */
enum wf_status wf_reach_init(struct wf_reach *reach, const struct wf_night *night,
                             struct wf_policies *policies, const struct wf_vm_params *params,
                             const struct wf_pops *pops);
void wf_reach_release(struct wf_reach *reach);

struct wf_reached {
    bool yes;
    uint32_t channel; /* texts; WF_NONE: no channel is declared, the sender chooses */
    uint32_t item;    /* no: the row of `reaches` that failed, WF_NONE: none lets this member */
    int64_t until;    /* yes: not_after, or when the channel closes before it */
};

/*
 * By `via` (texts), or, where it is WF_NONE, by the first declared channel that is open: whether
 * the member of `row` can be reached at not_before.
 */
struct wf_reached wf_reach(struct wf_reach *reach, uint32_t row, uint32_t via, int64_t not_before,
                           int64_t not_after);

#endif
