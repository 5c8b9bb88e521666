/*
 * turns.h - gates 6 and 7 (caps, stocks, budgets): one contender after the other, in the order of
 * contention (contend.h) where something can run out.
 */
#ifndef WF_ENGINE_TURNS_H
#define WF_ENGINE_TURNS_H

#include "runtime/engine/contend.h"
#include "runtime/engine/gates.h"

/* Every decision of the outcome that nothing has stopped. */
enum wf_status wf_turns_take(struct wf_contend *contend, struct wf_gates *gates);

#endif
