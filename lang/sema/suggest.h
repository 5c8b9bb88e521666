/*
 * suggest.h - which known name may have been meant by an unknown one.
 */
#ifndef WF_SEMA_SUGGEST_H
#define WF_SEMA_SUGGEST_H

#include <stddef.h>

#include "lang/base/intern.h"

/* Keeps the nearest of the names offered to it; ties go to the name that sorts first. */
struct wf_suggest {
    const struct wf_str *wanted;
    const struct wf_str *best; /* NULL: none is near enough */
    size_t distance;
};

void wf_suggest_init(struct wf_suggest *suggest, const struct wf_str *wanted);

/* A name is near when the distance is at most max(1, characters of the wanted name / 3). */
void wf_suggest_offer(struct wf_suggest *suggest, const struct wf_str *name);

/*
 * How many characters must be inserted, dropped, replaced or swapped with their neighbour to make
 * b of a, letter case ignored for ASCII; anything over `most` answers most + 1.
 */
size_t wf_edit_distance(const char *a, size_t a_len, const char *b, size_t b_len, size_t most);

#endif
