/*
 * catalogue.h - what may be given or said: `coupons from "..."`, `messages from "..."`.
 *
 *   code,approved,until
 *   SUMMER20,yes,2026-08-31       on the 31st of August it is given for the last time
 *
 * Only `code` must be there. Where the file has a column `approved`, it must say yes; a row that
 * leaves it empty does not. An empty `until` is no end. Of two rows of a code the stricter counts.
 */
#ifndef WF_DATA_CATALOGUE_H
#define WF_DATA_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WF_NO_UNTIL_DAY INT32_MAX

struct wf_listing {
    const char *code; /* not NUL-terminated; the dataset's */
    uint32_t len;
    bool approved;
    int32_t until; /* the last day, since 1970-01-01; WF_NO_UNTIL_DAY: it has no end */
};

struct wf_catalogue {
    struct wf_listing *listings; /* by code (bytes), each once */
    uint32_t n;
    bool read; /* false: no rule needs it, or it was left out */
};

/* NULL: it is not there. */
const struct wf_listing *wf_catalogue_find(const struct wf_catalogue *catalogue, const char *code,
                                           size_t len);

#endif
