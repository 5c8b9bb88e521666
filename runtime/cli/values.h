/*
 * values.h - what the values of options mean.
 */
#ifndef WF_CLI_VALUES_H
#define WF_CLI_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/zone.h"

/* --as-of: a date is its local midnight, a time itself; false: it is neither. */
bool wf_cli_as_of(const char *text, const struct wf_zone *zone, int64_t *now_out);

/* --max-rejects: "0.1%" or a share like 0.001, in parts of 1,000,000; false: it is neither. */
bool wf_cli_share(const char *text, uint32_t *out);

#endif
