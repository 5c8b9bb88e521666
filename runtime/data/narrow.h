/*
 * narrow.h - whole numbers in as few bytes as they need.
 *
 * A night's time is memory's time: most columns hold days, flags, codes of a few texts and small
 * counts. A column begins with the narrowest cells of its kind and takes the next form when a value
 * does not fit.
 *
 *   I64   1, 2 bytes from 0 on; 4 bytes around 0 (TIME: 1970 to 2106); 8
 *   I32   2 bytes from 1900-01-01 on (DATE); 1, 2 bytes (ENUM, REF); 4
 *   CODE  1, 2, 4 bytes
 */
#ifndef WF_DATA_NARROW_H
#define WF_DATA_NARROW_H

#include "runtime/data/dataset.h"

/* How the cells of a column are held: as struct wf_column says. */
struct wf_narrow {
    uint8_t width;
    int64_t base;
};

/* The first form for a type; for layouts without whole numbers the only one, of width 0. */
struct wf_narrow wf_narrow_first(enum wf_type type, enum wf_layout layout);

/* The form behind one that has a width. */
struct wf_narrow wf_narrow_next(enum wf_type type, enum wf_layout layout, struct wf_narrow form);

/* n values, each as wide as the layout says, to `out`. False where one does not fit: what was
 * written is void then. */
bool wf_narrow_put(const void *values, enum wf_layout layout, size_t n, struct wf_narrow form,
                   void *out);

/* n cells of one form to another that holds whatever the first does. */
void wf_narrow_widen(const void *cells, enum wf_layout layout, size_t n, struct wf_narrow from,
                     struct wf_narrow to, void *out);

#endif
