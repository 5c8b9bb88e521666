/*
 * testrun.h - plays one test of a rule file: every night from the one before its first date to its
 * last, each read from the timeline's exports, decided and committed as any night, over a state in
 * memory. Nothing is written to a disk.
 *
 *   timeline ─ exports of night N ─▶ wf_run_night ─ look ─▶ expectations of day N ─▶ differences
 *                                        └─ state in memory ─▶ night N + 1
 */
#ifndef WF_RUN_TESTRUN_H
#define WF_RUN_TESTRUN_H

#include "lang/base/zone.h"
#include "lang/lang.h"
#include "runtime/run/coverage.h"

struct wf_test_options {
    const struct wf_zone *zone;
    const char *data; /* folder of the tables that the rules read; NULL: none */
    const struct wf_alloc *alloc;
};

struct wf_test_result {
    const char *name, *file; /* borrowed from the compilation */
    uint32_t line;
    bool passed;
    uint32_t nights, expected, differing; /* nights played; expectations judged, not met */
    struct wf_buf said;                   /* the differences, or why it could not be played */
};

/*
 * Plays a TEST node of a program compiled for its tests. WF_OK also where the test fails; else
 * WF_ERR_NOMEM or WF_ERR_INTERNAL. Release the result in any case.
 */
enum wf_status wf_test_run(const struct wf_compiled *compiled, const struct wf_node *test,
                           const struct wf_test_options *options, struct wf_coverage *coverage,
                           struct wf_test_result *result);
void wf_test_result_release(struct wf_test_result *result);

const char *wf_test_name(const struct wf_node *test);

/* The tests of the main file: the next after `after` (NULL: the first), NULL behind the last. */
const struct wf_node *wf_test_next(const struct wf_compiled *compiled, const struct wf_node *after);

#endif
