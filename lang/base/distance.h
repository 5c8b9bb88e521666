/*
 * distance.h - how far one word is from another.
 */
#ifndef WF_BASE_DISTANCE_H
#define WF_BASE_DISTANCE_H

#include <stddef.h>

/*
 * How many characters must be inserted, dropped, replaced or swapped with their neighbour to make
 * b of a, letter case ignored for ASCII; anything over `most` answers most + 1.
 */
size_t wf_edit_distance(const char *a, size_t a_len, const char *b, size_t b_len, size_t most);

#endif
