/*
 * trial.h - which journeys try something out, and what became of their members.
 *
 * A journey does if it has a goal with a time (`goal ... within D`), and holds members out or has a
 * split. A member counts in the arm that the draw gives, whether they came as far or not, so that
 * who left early does not bend the comparison.
 */
#ifndef WF_ENGINE_TRIAL_H
#define WF_ENGINE_TRIAL_H

#include "runtime/engine/journey_walk.h"

/* Whether there is something to compare where that share is held out. */
bool wf_is_trial(const struct wf_ir *ir, const struct wf_ir_journey *journey, uint32_t holdout);

/* Where an arm of a split has its cell for the treated; behind it is that of who is held out. */
uint32_t wf_trial_cell(const struct wf_ir *ir, const struct wf_ir_journey *journey, uint32_t arm);

/* Counts the entry that the walk stands on if the time of its goal is over and it was not counted.
 * WF_ERR_NOMEM, WF_ERR_STATE. */
enum wf_status wf_trial_count(const struct wf_walk *walk, struct wf_entry *entry,
                              struct wf_trials *trials, const struct wf_alloc *alloc);

#endif
