/*
 * decide.h - from candidates to contenders: key, due, missed, act.
 */
#ifndef WF_ENGINE_DECIDE_H
#define WF_ENGINE_DECIDE_H

#include "runtime/engine/collect.h"
#include "runtime/engine/contend.h"
#include "runtime/engine/journey.h"

/* Decides every candidate: marks what is decided in the state, counts it in the outcome, and lets
 * the actions of what occurred contend; what enters a journey is handed to the journeys. An
 * evaluator for each of the night's threads, all of them at T. */
enum wf_status wf_decide(struct wf_collect *collect, struct wf_scalar *const *scalars,
                         struct wf_contend *contend, struct wf_journeys *journeys,
                         struct wf_buf *why);

#endif
