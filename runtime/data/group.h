/*
 * group.h - event rows brought together by member, in the order that dataset.h promises.
 *
 *   stages ─ one part at a time: by member ─ duplicates, future and void rows out, order within
 *   (by part)                                the member ─▶ the taker, which makes columns of them
 *
 * A part is small enough for the cache, and what is made of it is made while it is there. What
 * comes out depends on the rows alone.
 */
#ifndef WF_DATA_GROUP_H
#define WF_DATA_GROUP_H

#include "runtime/data/entity.h"
#include "runtime/data/feed_data.h"
#include "runtime/data/stage.h"

/* The rows of a whole event feed. */
struct wf_event_rows {
    const struct wf_load_ctx *ctx;
    const struct wf_feed *feed;
    const struct wf_stage_form *form;
    const struct wf_stage *stages; /* by worker */
    unsigned n_stages;
    uint32_t *const *maps; /* by worker * n_slots + slot: the joined code of its codes */
    bool keeps;            /* rows that are not seen tonight are wanted all the same */
};

/* A row that stands. */
struct wf_group_row {
    struct wf_staged *row;
    int64_t at;           /* INT64_MAX: unknown */
    int64_t event;        /* the time of its event: the earliest row's */
    uint64_t full, first; /* of its whole key, of the first field of it */
    uint32_t member;      /* whom it is grouped under */
    bool begins;          /* its event starts with it */
};

struct wf_grouped {
    uint32_t *first; /* n_members + 1: the keep's */
    uint32_t n;
    uint64_t duplicates, future, voids;
    struct wf_late_reject *late; /* by place */
    size_t n_late, room_late;
    struct wf_staged **unseen; /* future and void, in no order, where rows->keeps */
    size_t n_unseen, room_unseen;
};

/* A row on its way to be grouped; `salt` tells the events of different members apart. */
struct wf_group_row wf_group_row_of(const struct wf_stage_form *form, struct wf_staged *row,
                                    uint32_t member, uint64_t salt);

/* Gets the rows of each part, which are rows `base` and on of the view, on several threads. */
struct wf_group_taker {
    void *ctx;
    enum wf_status (*take)(void *ctx, const struct wf_group_row *rows, uint32_t n, uint32_t base);
};

/*
 * Groups all rows under their own members and takes duplicates, future and void rows out; marks
 * contradicting rows as doubt.
 */
enum wf_status wf_group_own(const struct wf_event_rows *rows, uint32_t n_members,
                            const struct wf_group_taker *taker, struct wf_grouped *grouped_out);

/*
 * Groups the n rows that stand under other members: owner[m] is whom member m's rows go to
 * (WF_NONE: nobody). salt[m] tells the events of different members apart.
 */
enum wf_status wf_group_by(const struct wf_event_rows *rows, struct wf_staged *const *own,
                           uint32_t n, const uint32_t *owner, const uint64_t *salt,
                           uint32_t n_members, const struct wf_group_taker *taker,
                           struct wf_grouped *grouped_out);
void wf_grouped_release(const struct wf_alloc *alloc, struct wf_grouped *grouped);

#endif
