/*
 * supplies.h - what is left of stocks and budgets, and who is at a cap: in lines, and as JSON.
 */
#ifndef WF_CLI_SUPPLIES_H
#define WF_CLI_SUPPLIES_H

#include <jansson.h>

#include "runtime/run/supply.h"

/* A line each. WF_ERR_NOMEM. */
enum wf_status wf_cli_print_supplies(const struct wf_supply *supply, const struct wf_ir *ir);

/* Puts "stocks", "budgets" and "caps" into an object; amounts are in hundredths. */
void wf_cli_supplies_json(const struct wf_supply *supply, const struct wf_ir *ir, json_t *out,
                          bool *bad);

#endif
