/*
 * suggest.h - which known name may have been meant by an unknown one.
 */
#ifndef WF_SEMA_SUGGEST_H
#define WF_SEMA_SUGGEST_H

#include <stddef.h>

#include "lang/base/distance.h"
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

#endif
