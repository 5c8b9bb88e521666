/*
 * journeys.h - what the state knows of a journey, in lines to be read.
 */
#ifndef WF_CLI_JOURNEYS_H
#define WF_CLI_JOURNEYS_H

#include "runtime/store/state.h"

/* Prints each journey: who is in it, by structure and step, and its totals. */
enum wf_status wf_cli_print_journeys(const struct wf_state *state);

#endif
