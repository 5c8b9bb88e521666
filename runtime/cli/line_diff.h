/*
 * line_diff.h - what differs between two texts, line by line, as a unified diff.
 */
#ifndef WF_CLI_LINE_DIFF_H
#define WF_CLI_LINE_DIFF_H

#include "lang/base/buf.h"

/*
 * Appends the difference from a to b with three lines of context; nothing when they are alike.
 * Where the differing part is too long to compare line with line, it is shown as replaced whole.
 * `out` tells (failed) when memory ran out.
 */
void wf_line_diff(struct wf_buf *out, const char *name, const char *a, size_t a_len, const char *b,
                  size_t b_len);

#endif
