/*
 * load_state.h - what the loader's files share while a night is read.
 */
#ifndef WF_DATA_LOAD_STATE_H
#define WF_DATA_LOAD_STATE_H

#include "runtime/data/entity.h"
#include "runtime/data/exporter.h"
#include "runtime/data/feed_data.h"
#include "runtime/data/load.h"

/* Members or a table, ready to be referred to. */
struct wf_loaded {
    struct wf_entity entity;
    struct wf_column *columns; /* by slot of the feed */
};

struct wf_loading {
    struct wf_load_ctx ctx;
    const struct wf_load_options *options;
    struct wf_feeds feeds;
    struct wf_loaded *loaded; /* by feed */
    struct wf_merged merged;
    struct wf_exporter exporter; /* who wrote the files vouches for them */
    struct wf_dataset *data;
    struct wf_load_report *report;
    struct wf_fault fault;
    uint64_t unreadable; /* event rows so far */
    struct wf_strangers strangers;
};

/* ---- build.c ---- */

/* Reads a feed and joins its heap, unless a taker (may be NULL) has the rows; tables come before
 * members, members before events. On failure the fault is in loading. The caller releases data in
 * any case. */
enum wf_status wf_load_feed(struct wf_loading *loading, uint32_t feed,
                            const struct wf_chunk_taker *taker, struct wf_feed_data *data);

/* By slot of a feed: the ids that a reference leads to. The caller frees them; NULL: no memory. */
const struct wf_ids **wf_load_refs(const struct wf_loading *loading, uint32_t feed);

/* The column that the slot of a record's field, a reference, leads to through `via_field`. */
const struct wf_column *wf_load_target(const struct wf_loading *loading, const struct wf_slot *slot,
                                       uint32_t via_field);

/* Reads a feed of members or of a table into loading->loaded[feed]. */
enum wf_status wf_build_entity(struct wf_loading *loading, uint32_t feed);

/* Hands the columns of a table that metrics sum to the dataset. */
void wf_build_totals(struct wf_loading *loading, uint32_t feed);

/* Turns the texts of references to members into their rows. */
enum wf_status wf_build_member_refs(struct wf_loading *loading);

/* Fills the dataset's ids and its member columns. */
enum wf_status wf_build_members(struct wf_loading *loading);

/* ---- events.c ---- */

/* Reads an event feed and fills the views and columns that come from it. */
enum wf_status wf_build_events(struct wf_loading *loading, uint32_t feed);

/* ---- merges.c ---- */

/* Reads the pairs of old and new ids; chains lead to their end, circles are refused. */
enum wf_status wf_build_merges(struct wf_loading *loading, uint32_t feed);
void wf_merged_release(const struct wf_alloc *alloc, struct wf_merged *merged);

/* ---- holidays.c ---- */

/* Reads the calendar of business days of a feed; a row that cannot be read refuses it. */
enum wf_status wf_build_holidays(struct wf_loading *loading, uint32_t feed);

/* A row of the feed that is being reported was rejected: the file as a whole is refused, as what
 * follows from half of it would be wrong. */
enum wf_status wf_refuse_rejects(struct wf_loading *loading);

/* ---- catalogue.c ---- */

/* Reads a list of coupons or messages; a row that cannot be read refuses it. */
enum wf_status wf_build_catalogue(struct wf_loading *loading, uint32_t feed);

/* ---- sent.c ---- */

/* Fills the views and columns of the built-in event `sent` from the caller's rows. */
enum wf_status wf_build_sent(struct wf_loading *loading);

/* ---- report.c ---- */

/* What became of a feed's rows beyond what its chunks say. */
struct wf_feed_end {
    uint64_t kept, duplicates, voids, future;
    const struct wf_late_reject *late;
    size_t n_late;
};

/* Adds a feed's files, counts, rejects and notes to the report, then judges the counts. */
enum wf_status wf_report_feed(struct wf_loading *loading, const struct wf_feed_data *data,
                              const struct wf_feed_end *end);

/* Notes that rules read a column which rows of nights before were kept without. */
enum wf_status wf_report_lacking(struct wf_loading *loading, const struct wf_feed *feed,
                                 uint32_t slot);

/* Adds the files of a feed that could not be read to its end. */
enum wf_status wf_report_files(struct wf_loading *loading, const struct wf_feed_data *data);

#endif
