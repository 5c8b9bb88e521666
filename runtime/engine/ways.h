/*
 * ways.h - how members went on from the steps of a journey in one night.
 */
#ifndef WF_ENGINE_WAYS_H
#define WF_ENGINE_WAYS_H

#include <stddef.h>
#include <stdint.h>

enum wf_way {
    WF_WAY_NEXT,  /* FOR_EVENT, FOR_COND: it came; IF: known true; SPLIT: any arm; else: through */
    WF_WAY_OTHER, /* FOR_EVENT, FOR_COND: it did not come in time; IF: known false */
    WF_WAY_UNKNOWN, /* IF */
    WF_WAY_COUNT_,
};
struct wf_step_counts {
    uint64_t ways[WF_WAY_COUNT_];
};

/*
 * What the state keeps of a night (entries.h: wf_journey_flow.ways): a number for each way of each
 * step, then one for each arm of each split, all in the order of the steps. wf_flow_size: how many.
 */
struct wf_ir;
struct wf_ir_journey;
size_t wf_flow_size(const struct wf_ir *ir, const struct wf_ir_journey *journey);

#endif
