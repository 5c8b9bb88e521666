/*
 * state.h - what the commands over a state share: opening it, saying what failed, telling times.
 */
#ifndef WF_CLI_STATE_H
#define WF_CLI_STATE_H

#include <jansson.h>

#include "runtime/store/store.h"

typedef enum wf_status wf_cli_state_fn(void *ctx, struct wf_store *store, struct wf_state *state,
                                       struct wf_buf *why);

/* Opens and loads the state, calls fn, says on standard error what failed; the exit code. */
int wf_cli_with_state(const char *command, const char *path, wf_cli_state_fn *fn, void *ctx);

/* The state knows no zone: instants are told in UTC. */
enum { WF_UTC_TEXT = 24 };
void wf_cli_utc(int64_t time, char out[WF_UTC_TEXT]);

/* Prints a value as one line of JSON on standard output and frees it; NULL: no memory. */
enum wf_status wf_cli_json(json_t *value);

/* How much of a rule's identity people call it by: "gold" of "gold / member becomes loyal". */
int wf_cli_rule_width(const char *identity);

#endif
