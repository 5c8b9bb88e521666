/*
 * asof.h - the night that --as-of means.
 */
#ifndef WF_CLI_ASOF_H
#define WF_CLI_ASOF_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/zone.h"

/* A date is its local midnight, a time itself; false: it is neither. */
bool wf_cli_as_of(const char *text, const struct wf_zone *zone, int64_t *now_out);

#endif
