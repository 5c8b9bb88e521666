/*
 * journey_json.h - what became of a night's journeys, for the manifest.
 */
#ifndef WF_RUN_JOURNEY_JSON_H
#define WF_RUN_JOURNEY_JSON_H

#include <jansson.h>

#include "runtime/engine/engine.h"

/* A list, one object a journey; one of an older structure that members still walk is its own. *bad
 * is set where memory lacked. */
json_t *wf_journeys_json(const struct wf_ir *ir, const struct wf_outcome *outcome, bool *bad);

#endif
