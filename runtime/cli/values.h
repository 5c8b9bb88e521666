/*
 * values.h - what the values of options mean.
 */
#ifndef WF_CLI_VALUES_H
#define WF_CLI_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/zone.h"
#include "runtime/run/night.h"

/* --as-of: a date is its local midnight, a time itself; false: it is neither. */
bool wf_cli_as_of(const char *text, const struct wf_zone *zone, int64_t *now_out);

/* --max-rejects: "0.1%" or a share like 0.001, in parts of 1,000,000; false: it is neither. */
bool wf_cli_share(const char *text, uint32_t *out);

/* --memory, where nobody says otherwise: a quarter of the machine's. */
int64_t wf_cli_memory(void);

/* A night that is looked at and dropped, over the exports in `data`: rejects in millionths. Its
 * zone and hour are still to be filled in. */
struct wf_run_options wf_cli_look(const char *data, uint32_t rejects, int64_t unreadable);

#endif
