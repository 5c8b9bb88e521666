/*
 * chart.h - bars on a terminal: a line a value, as wide as there is room.
 *
 *   2026-11-22  ██████████▌           1204
 */
#ifndef WF_CLI_CHART_H
#define WF_CLI_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/buf.h"

struct wf_chart_bar {
    const char *label;
    uint64_t value;
};

struct wf_chart_style {
    unsigned width; /* columns of a line */
    bool blocks;    /* eighths of block characters; else # */
    bool colour;
};

/* What standard output can show: its width on a terminal (else 80), blocks where the locale is
 * UTF-8, colour on a terminal unless NO_COLOR is set. */
struct wf_chart_style wf_chart_style(void);

/* Appends the bars; the longest takes what room the labels and values leave. */
void wf_chart(const struct wf_chart_bar *bars, size_t n, const struct wf_chart_style *style,
              struct wf_buf *out);

#endif
