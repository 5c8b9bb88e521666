/*
 * ways.h - how members went on from the steps of a journey in one night.
 */
#ifndef WF_ENGINE_WAYS_H
#define WF_ENGINE_WAYS_H

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

#endif
