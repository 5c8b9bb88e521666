/*
 * decide.h - from candidates to contenders: key, due, missed, act.
 */
#ifndef WF_ENGINE_DECIDE_H
#define WF_ENGINE_DECIDE_H

#include "runtime/engine/collect.h"
#include "runtime/engine/contend.h"

/* Decides every candidate: marks what is decided in the state, counts it in the outcome, and lets
 * the actions of what occurred contend. */
enum wf_status wf_decide(struct wf_collect *collect, struct wf_scalar *scalar,
                         struct wf_contend *contend, struct wf_buf *why);

#endif
