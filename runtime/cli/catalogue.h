/*
 * catalogue.h - the catalogues that coupons and messages come from.
 */
#ifndef WF_CLI_CATALOGUE_H
#define WF_CLI_CATALOGUE_H

#include "lang/lang.h"

/*
 * Adds a diagnostic for each coupon and message that an action names, no declaration has, and no
 * catalogue of the rules (`coupons from "..."`, read in `dir`) has, or that one marks unapproved.
 */
enum wf_status wf_check_catalogues(struct wf_compiled *compiled, const char *dir);

#endif
