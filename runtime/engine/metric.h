/*
 * metric.h - the figures over all members: the sink groups and reduces, finish computes.
 *
 *   metric NAME is FIGURE [among members where C] [by FIELD]
 *
 * A member is counted among whom C is known true, in the group of what FIELD holds (who lacks it:
 * in a group of their own). A figure over a group that nobody is in is not made; one that has no
 * value (an average of nobody, a division by zero) is known to have none.
 */
#ifndef WF_ENGINE_METRIC_H
#define WF_ENGINE_METRIC_H

#include "runtime/engine/engine.h"

struct wf_metric_worker;

struct wf_metrics {
    const struct wf_night *night;
    uint32_t *outs;                   /* by node: its output over members */
    struct wf_metric_worker *workers; /* one a thread, all metrics each */
    unsigned n_workers;
};

/* Release it in any case. */
enum wf_status wf_metrics_init(struct wf_metrics *metrics, const struct wf_night *night);
void wf_metrics_release(struct wf_metrics *metrics);

/* A batch of members, as the machine hands it to `worker`. */
enum wf_status wf_metrics_rows(struct wf_metrics *metrics, unsigned worker, uint32_t first,
                               uint32_t n, const struct wf_bits *outs);

/* After the run: the rows of `out`, by metric, then by the group's text. */
enum wf_status wf_metrics_finish(struct wf_metrics *metrics, struct wf_scalar *scalar,
                                 struct wf_outcome *out);

#endif
