/*
 * group.h - event rows brought together by member, in the order that dataset.h promises.
 *
 *   rows of the feed ─ partition by member ─ per partition: by member ─ duplicates, future and
 *   (order of files)   (sequential writes)   void rows out, order within the member ─▶ grouped
 *
 * A partition is small enough for the cache. What comes out depends on the rows alone.
 */
#ifndef WF_DATA_GROUP_H
#define WF_DATA_GROUP_H

#include "runtime/data/entity.h"
#include "runtime/data/feed_data.h"

/* The rows of a whole event feed: most of what is known of them stays in their chunks. */
struct wf_event_rows {
    const struct wf_load_ctx *ctx;
    struct wf_feed_data *data;
    struct wf_raw *raw; /* by slot */
    uint8_t *doubt;     /* rejected: a bad cell, or another row of its key contradicts it */
    uint8_t *voids;     /* void_when is known true; NULL: no such condition */
};

/* Where a row lies. */
struct wf_event_place {
    const struct wf_chunk *chunk;
    uint32_t at;
};

static inline struct wf_event_place wf_event_place(const struct wf_event_rows *rows, uint32_t row)
{
    uint32_t c = wf_feed_chunk(rows->data, row);
    return (struct wf_event_place){rows->data->chunks[c], row - rows->data->base[c]};
}

struct wf_grouped {
    uint32_t *rows;  /* rows of the feed, by member and in order */
    uint32_t *first; /* n_members + 1 */
    uint8_t *begins; /* by place in rows: an event starts */
    uint32_t n;
    uint64_t duplicates, future, voids;
    struct wf_late_reject *late; /* by row */
    size_t n_late, room_late;
};

enum wf_status wf_event_rows_init(struct wf_event_rows *rows, const struct wf_load_ctx *ctx,
                                  struct wf_feed_data *data, struct wf_raw *raw);
void wf_event_rows_release(struct wf_event_rows *rows);

/*
 * Groups all rows under their own members and takes duplicates, future and void rows out; marks
 * contradicting rows as doubt.
 */
enum wf_status wf_group_own(struct wf_event_rows *rows, uint32_t n_members,
                            struct wf_grouped *grouped_out);

/*
 * Groups the rows of `own` under other members: owner[m] is whom member m's rows go to (WF_NONE:
 * nobody). salt[m] tells the events of different members apart.
 */
enum wf_status wf_group_by(struct wf_event_rows *rows, const struct wf_grouped *own,
                           const uint32_t *owner, const uint64_t *salt, uint32_t n_members,
                           struct wf_grouped *grouped_out);
void wf_grouped_release(const struct wf_alloc *alloc, struct wf_grouped *grouped);

#endif
