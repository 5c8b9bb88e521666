/*
 * journey_int.h - what the files of a night's journeys share.
 */
#ifndef WF_ENGINE_JOURNEY_INT_H
#define WF_ENGINE_JOURNEY_INT_H

#include "runtime/engine/journey.h"

/* Moves the members of older structures as a journey's migrations say, at T. */
enum wf_status wf_journey_migrate(struct wf_journeys *journeys, uint32_t row);

/* The row of ir.journeys that a version of a journey of the state is; WF_NONE: none tonight. */
uint32_t wf_journey_row(const struct wf_journeys *journeys, uint32_t state, uint64_t hash);

/* The journey's version of that hash, a new one if need be. */
enum wf_status wf_journey_version(struct wf_journey_state *journey, uint64_t hash,
                                  const struct wf_alloc *alloc, struct wf_version **out);

/* The member leaves, at entry->reached: recorded and counted. */
enum wf_status wf_journey_leave(struct wf_journeys *journeys, uint32_t row, struct wf_entry *entry,
                                bool exited);

#endif
