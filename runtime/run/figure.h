/*
 * figure.h - a metric's figure in words: as metrics.csv and the summary show it.
 */
#ifndef WF_RUN_FIGURE_H
#define WF_RUN_FIGURE_H

#include "runtime/engine/engine.h"

/*
 * Appends the value, nothing where there is none: whole numbers as they are, amounts with two
 * decimals, numbers with at most six. Halves are rounded away from zero.
 */
void wf_figure_value(struct wf_buf *out, const struct wf_ir *ir, const struct wf_metric_row *row);

/* A number alone, as above. */
void wf_figure_number(struct wf_buf *out, double value);

/* "share" (a part of the members, 0 to 1), "count", "money" or "number". */
const char *wf_figure_unit(const struct wf_ir *ir, const struct wf_ir_metric *metric);

#endif
