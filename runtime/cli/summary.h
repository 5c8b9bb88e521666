/*
 * summary.h - what `wayfare run` says about the night it ran.
 */
#ifndef WF_CLI_SUMMARY_H
#define WF_CLI_SUMMARY_H

#include "runtime/run/night.h"

struct wf_summary {
    const char *rules, *state; /* the paths, as they were given */
    const struct wf_program *program;
    const struct wf_run_options *options;
    const struct wf_run_result *result;
    const struct wf_profile *profile; /* NULL: nobody asks */
    enum wf_status status;
};

/* Notes of the reader and counts of what it could not take: on standard error. */
void wf_summary_notes(const struct wf_summary *summary);

/* For people, on standard output: rule by rule. */
void wf_summary_print(const struct wf_summary *summary);

/* The same as one line of JSON, seconds and the profile included, on standard output. */
void wf_summary_json(const struct wf_summary *summary);

#endif
