/*
 * profile.h - where the time of a night went, as `wayfare run --profile` says it.
 */
#ifndef WF_CLI_PROFILE_H
#define WF_CLI_PROFILE_H

#include "runtime/cli/summary.h"

/* For people, on standard error: phases with their rows and bytes, the most memory used, the
 * dearest rules and steps of the machine. */
void wf_profile_print(const struct wf_summary *summary);

/* The same as an object of JSON, on standard output. */
void wf_profile_json(const struct wf_summary *summary);

#endif
