/*
 * catalogue.h - whether the catalogues of the exports have what the rules name.
 */
#ifndef WF_CLI_CATALOGUE_H
#define WF_CLI_CATALOGUE_H

#include "lang/lang.h"
#include "runtime/data/dataset.h"

/*
 * Adds a diagnostic for each coupon and message that an action names, no declaration has, and no
 * catalogue has (`coupons from "..."`), or one marks as not approved. Catalogues that were not read
 * are not judged by.
 */
void wf_check_catalogues(struct wf_compiled *compiled, const struct wf_dataset *data);

#endif
