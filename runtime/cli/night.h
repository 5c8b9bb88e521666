/*
 * night.h - what `run` and `approve` share: their arguments, and the night itself.
 */
#ifndef WF_CLI_NIGHT_H
#define WF_CLI_NIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/cli/options.h"

struct wf_night_arguments {
    const char *command; /* "run", "approve" */
    const char *rules, *data, *state, *out, *max_rejects;
    const char *as_of;      /* run: T */
    const char *plan, *now; /* approve: the plan's id; when, NULL: the machine's clock */
    int64_t threads, batch, memory, format, unreadable, max_actions;
    bool accept_volume, accept_repeat, full, sha256, dry_run, quiet, json, profile, scalar;
};

enum { WF_NIGHT_OPTIONS = 32 }; /* room for a table: these, the command's own, the end */

/* Fills in what is not said otherwise, and the options that both commands have; answers how many.
 */
size_t wf_night_options(struct wf_night_arguments *a, struct wf_option *table);

/* Reads rules and state, runs the night and says what came of it; the exit code. */
int wf_night_command(const struct wf_night_arguments *a);

#endif
