/*
 * group_member.h - the rows of one member: which stand, and in what order.
 */
#ifndef WF_DATA_GROUP_MEMBER_H
#define WF_DATA_GROUP_MEMBER_H

#include "runtime/data/group.h"

/* Most members did nothing odd: rows of keys and times of their own, of which some are not seen.
 * False: that is not so, or cannot be told here. Rows that are seen go to the front, in order, *n
 * of them; those that are not follow. */
bool wf_group_plain(const struct wf_event_rows *rows, struct wf_group_row *mine, uint32_t *n,
                    struct wf_grouped *tally);

/* A row with all that may tell it apart from others. */
struct wf_group_rec {
    const struct wf_staged *row;
    int64_t at;           /* INT64_MAX: unknown */
    int64_t event;        /* the time of its event: the earliest row's */
    uint64_t full, first; /* of its whole key, of the first field of it */
    uint64_t hash, place;
    uint32_t mark;
};

/* `salt` tells the events of different members apart. */
struct wf_group_rec wf_group_rec_of(const struct wf_event_rows *rows, const struct wf_staged *row,
                                    uint32_t mark, uint64_t salt);

/*
 * Any member. `dedupe`: duplicates, future and void rows go first. The *n rows that stand come out
 * in order, then *n_unseen that are not seen; counts and contradictions are added to tally.
 */
enum wf_status wf_group_member(const struct wf_event_rows *rows, bool dedupe,
                               struct wf_group_rec *recs, uint32_t *n, uint32_t *n_unseen,
                               struct wf_grouped *tally);

#endif
