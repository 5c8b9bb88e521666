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

/* Rows that stand as nights before kept them, beside those of the stages: no member has both. */
struct wf_standing {
    const uint32_t *count; /* by member */
    uint64_t rows;
    bool *missing;       /* by slot: some row has no value */
    int64_t *low, *high; /* by slot: between these all numbers are; low > high: there is none */
    uint64_t *bytes;     /* by slot: of all texts */
    bool shared, doubted; /* some row does not begin an event; some row is doubt */
};

/* The rows of a whole event feed. */
struct wf_event_rows {
    const struct wf_load_ctx *ctx;
    const struct wf_feed *feed;
    const struct wf_stage_form *form;
    struct wf_stage *stages; /* by worker */
    unsigned n_stages;
    uint32_t *const *maps; /* by worker * n_slots + slot: the joined code of its codes */
    bool keeps;            /* rows that are not seen tonight are wanted all the same */
    bool stay;             /* the rows are wanted when they are grouped, too */
    const struct wf_standing *standing; /* NULL: none do */
};

/* A row that was grouped: what it says is in its stage. */
struct wf_group_row {
    const struct wf_staged *row;
    uint32_t at;   /* the time's cell, while rows are put in order */
    uint32_t mark; /* WF_STAGED flags, BEGINS, its worker; above them, at first, what the row's key
                      may be told apart by */
};
enum { WF_GROUP_BEGINS = 4, WF_GROUP_WORKER = 3, WF_GROUP_KEY = 9 }; /* the last two: shifts */

static inline unsigned wf_group_worker(uint32_t mark)
{
    return mark >> WF_GROUP_WORKER & ((1u << (WF_GROUP_KEY - WF_GROUP_WORKER)) - 1);
}

/* One part, on its thread. */
struct wf_group_part {
    unsigned thread;
    bool strangers;
    uint32_t low, n_members; /* its members: m of the part is low + m; or strangers' numbers */
    const struct wf_group_row *rows; /* that stand: rows `base` and on of the view */
    const uint32_t *ends;            /* by member of the part */
    uint32_t n, base; /* base: standing rows are counted too */
    const struct wf_group_row *unseen; /* future and void ones, where rows->keeps */
    const uint32_t *unseen_ends;
    uint32_t n_unseen;
};

/* Gets each part, on several threads. */
struct wf_group_taker {
    void *ctx;
    enum wf_status (*take)(void *ctx, const struct wf_group_part *part);
};

struct wf_grouped {
    uint32_t *first; /* n_members + 1: the keep's; NULL: of strangers */
    uint32_t n;
    uint64_t duplicates, future, voids;
    struct wf_late_reject *late; /* by place */
    size_t n_late, room_late;
};

/*
 * Groups all rows under their own members and takes duplicates, future and void rows out; marks
 * contradicting rows as doubt. Unless the rows shall stay, they are gone behind it.
 */
enum wf_status wf_group_own(const struct wf_event_rows *rows, uint32_t n_members,
                            const struct wf_group_taker *taker, struct wf_grouped *grouped_out);

/* The same for rows of ids that are no member's. */
enum wf_status wf_group_strangers(const struct wf_event_rows *rows, uint32_t n_strangers,
                                  const struct wf_group_taker *taker,
                                  struct wf_grouped *grouped_out);

/* A row of a view, and whose it is. */
struct wf_own_row {
    const struct wf_staged *row;
    uint32_t member, mark;
};

/*
 * Groups the n rows that stand under other members: owner[m] is whom member m's rows go to
 * (WF_NONE: nobody). salt[m] tells the events of different members apart.
 */
enum wf_status wf_group_by(const struct wf_event_rows *rows, const struct wf_own_row *own,
                           uint32_t n, const uint32_t *owner, const uint64_t *salt,
                           uint32_t n_members, const struct wf_group_taker *taker,
                           struct wf_grouped *grouped_out);
void wf_grouped_release(const struct wf_alloc *alloc, struct wf_grouped *grouped);

#endif
