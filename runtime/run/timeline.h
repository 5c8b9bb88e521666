/*
 * timeline.h - the exports that a shop would have made on each night of a test.
 *
 *   member m {...}   on D m EVENT {...}   on D m {...}        the test, as checked
 *        └───────────────────┴──────────────────┴─▶ night of day N: all that happened before N
 *
 * What is said of day D is in the exports of the night of D + 1. A member is in them from the night
 * after the day of its `joined`, or from the first night where it has none. An event happens at
 * noon (those of one member and day a second apart, as they stand) unless it says `at`; one that
 * repeats the unique fields of an earlier one takes its place. Cells are written as the schema
 * declares them; `missing` and what is not given are empty ones.
 */
#ifndef WF_RUN_TIMELINE_H
#define WF_RUN_TIMELINE_H

#include "lang/base/zone.h"
#include "lang/lang.h"
#include "runtime/data/memory.h"

struct wf_timeline {
    const struct wf_alloc *alloc;
    const struct wf_checked *checked;
    const struct wf_sources *sources;
    const struct wf_ir *ir;
    const struct wf_zone *zone;
    const struct wf_node *items; /* of the test */
    int64_t first, last;         /* the nights: local days */
    struct wf_feed_memory *feeds;
    struct wf_buf *texts; /* by feed */
    size_t n_feeds;
};

/*
 * Everything is borrowed and must outlive it. WF_ERR_RULES: the test cannot be played; `why` says
 * what it lacks. Release it in any case.
 */
enum wf_status wf_timeline_init(struct wf_timeline *timeline, const struct wf_compiled *compiled,
                                const struct wf_node *test, const struct wf_zone *zone,
                                const struct wf_alloc *alloc, struct wf_buf *why);
void wf_timeline_release(struct wf_timeline *timeline);

/* Writes the exports of the night of `day` into the feeds; they hold until the next night. */
enum wf_status wf_timeline_night(struct wf_timeline *timeline, int64_t day);

/* The member's id in the exports. */
const struct wf_str *wf_timeline_id(const struct wf_timeline *timeline,
                                    const struct wf_node *member);

/* What the night of `day` knows of a member's field: a literal, MISSING, or NULL: not given. */
const struct wf_node *wf_timeline_value(const struct wf_timeline *timeline,
                                        const struct wf_node *member, const struct wf_field *field,
                                        int64_t day);

/* Appends a value of a field as an export would hold it; nothing for MISSING and NULL. */
void wf_timeline_cell(const struct wf_timeline *timeline, const struct wf_field *field,
                      const struct wf_node *value, struct wf_buf *out);

#endif
