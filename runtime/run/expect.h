/*
 * expect.h - whether one night of a test is what the test expects; if not, what came and why.
 */
#ifndef WF_RUN_EXPECT_H
#define WF_RUN_EXPECT_H

#include "runtime/run/timeline.h"
#include "runtime/run/why.h"

/* A night of a test. All is borrowed. */
struct wf_scene {
    const struct wf_timeline *timeline;
    int64_t day;
    struct wf_why why;
};

/*
 * Judges an EXPECTED node. Where it does not hold, appends lines "expected", "got" and "why".
 * WF_ERR_NOMEM, or why the evaluator could not answer.
 */
enum wf_status wf_expect(const struct wf_scene *scene, const struct wf_node *expected,
                         bool *holds_out, struct wf_buf *out);

#endif
