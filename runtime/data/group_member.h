/*
 * group_member.h - the rows of one member: which stand, and in what order.
 */
#ifndef WF_DATA_GROUP_MEMBER_H
#define WF_DATA_GROUP_MEMBER_H

#include "runtime/data/group.h"

/*
 * `dedupe`: takes duplicates, future and void rows out first. recs and *n become the rows that
 * stand, ordered; counts and contradictions are added to tally.
 */
enum wf_status wf_group_member(const struct wf_event_rows *rows, bool dedupe,
                               struct wf_group_row *recs, uint32_t *n, struct wf_grouped *tally);

#endif
