/*
 * rest.h - aggregates that need not be taken anew: which they are, how long they stay what they
 * are, and how they get into a snapshot and out of it again.
 *
 * An aggregate is made of the member's rows, and its conditions hold a row against constants, and
 * against a few limits that move from night to night (`at >= now - 30d`). As long as the rows are
 * the same ones and no limit has passed a row, the aggregate is the same:
 *
 *      row           limit of that night                      limit tonight
 *   ────●──────────────────┼──────────●───────────────────────────┼──────●────▶
 *                          ├─ margin ─┤ this row changed sides
 *                          ├──────── moved ────────────────────────┤
 *
 * A margin is the least distance from a limit up to one of the member's rows; what was kept holds
 * while no limit has moved back, and none that it is asked of as far as its margin. A window's
 * results are then taken anew over the rows that lie within it, the others stay.
 *
 * Nothing is kept where the program asks more of an event than that: rows that are seen through
 * references, or looked at for all members.
 */
#ifndef WF_VM_REST_H
#define WF_VM_REST_H

#include "runtime/data/recall.h"
#include "runtime/vm/vm.h"

/* What a cell of a row is held against, in an instruction or more. */
struct wf_limit {
    uint32_t input, node; /* the cell; a RUN node */
    bool above;           /* < and >=: a row that is as large as the limit is above it */
    bool of_time;         /* the cell is the time of the row */
    int64_t at;           /* tonight */
};

/* A part of an aggregate, which is kept. Those of one aggregate stand together: numbers behind the
 * first as what they are above it. */
struct wf_rest_agg {
    uint32_t agg;
    uint8_t part;     /* enum wf_ir_part */
    uint32_t block;   /* the last block of code that reduces it */
    uint32_t asks;    /* limits, a bit for each of the first 32 */
    uint32_t from;    /* the limit whose time a row has to have reached to count; WF_NONE: none */
    int64_t *early;   /* by member: results, where that is not the event's last one; else NULL */
    uint64_t *known;  /* bits by member, of `early` */
};

/* Of one event. */
struct wf_rest {
    bool may;
    uint32_t event, view;
    uint32_t block; /* the last that reduces an aggregate */
    struct wf_rest_agg *aggs;
    struct wf_limit *limits;
    uint32_t n_aggs, n_limits;
    uint32_t *columns;  /* by aggregate of the program: its first of `aggs`; WF_NONE */
    uint64_t *meanings; /* by column of an entry */
    uint64_t *unfit;    /* bits by member: tonight's results are not to be kept */
    uint32_t feed;      /* of the writer */
};

struct wf_rests {
    const struct wf_alloc *alloc;
    const struct wf_program *program;
    struct wf_rest *of; /* by event of the program */
    uint32_t n;
    struct wf_recall_ask *asks; /* the same, for the loader */
    struct wf_snap_writer *keeps;
};

/* What may rest of a program tonight, after the nights of the chain. WF_ERR_NOMEM. Release it in
 * any case, after the dataset that was loaded with its asks. */
enum wf_status wf_rests_init(struct wf_rests *rests, const struct wf_program *program,
                             const struct wf_zone *zone, int64_t now, const struct wf_snap *past,
                             uint32_t n_past, const struct wf_alloc *alloc);
void wf_rests_release(struct wf_rests *rests);

/* Before the machine runs: what it finds of members who are awake goes into the writer. */
enum wf_status wf_rests_keep(struct wf_rests *rests, uint32_t n_members,
                             struct wf_snap_writer *keeps);

/* The margin of rows row .. end - 1 of the event; UINT64_MAX: the limit can pass none any more. */
uint64_t wf_rest_margin(const struct wf_limit *limit, const struct wf_dataset *data, uint64_t row,
                        uint64_t end);

/* A block of event code was run for the batch: the results of sleepers come in, those of others are
 * noted. `clean`: no arithmetic became unknown in it. Any worker. */
struct wf_worker;
struct wf_block;
enum wf_status wf_rest_block(struct wf_worker *worker, const struct wf_block *block, bool clean);

#endif
