/*
 * plan.h - when each node can be known: its stage and its level.
 *
 *   stage    population figures are barriers: a node that reads one belongs to a later stage than
 *            the nodes the figure is taken of
 *   level    within a stage: member block 0, event blocks 0, member block 1, event blocks 1, ...
 *            A MEMBER node that reads an aggregate of level-l rows has level l + 1; an event node
 *            that lifts a MEMBER node of level l has level l; one that reads marks (FOLLOWED) made
 *            at level l has level l + 1
 */
#ifndef WF_CODE_PLAN_H
#define WF_CODE_PLAN_H

#include "lang/base/status.h"
#include "lang/ir/ir.h"

struct wf_plan {
    uint32_t *level;     /* by node */
    uint32_t *stage;     /* by node: the first stage it can be computed in */
    uint32_t *pop_stage; /* by population figure: the stage that feeds it */
    uint32_t n_stages;   /* every population figure is known in the last one */
};

/* All arrays are in `arena`. */
enum wf_status wf_plan_make(const struct wf_ir *ir, struct wf_arena *arena, struct wf_plan *plan);

static inline uint32_t wf_plan_agg_level(const struct wf_plan *plan, const struct wf_ir_agg *agg)
{
    uint32_t filter = plan->level[agg->filter];
    uint32_t value = agg->value == WF_NONE ? 0 : plan->level[agg->value];
    return filter > value ? filter : value;
}

#endif
