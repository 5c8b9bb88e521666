/*
 * diag_text.h - diagnostics for people (for machines: diag_report.h).
 *
 *   shop.way:3:6: error[E0201]: nothing is called `jonied`
 *      3 | when jonied+7d then send coupon
 *        |      ^^^^^^
 *        = fix: write `joined`
 *
 * Carets stand under the characters meant, also after Chinese (two columns a character), tabs
 * (shown as spaces) and combining marks. Characters that would disturb a terminal are shown as
 * pictures. Very long lines are cut around the place.
 */
#ifndef WF_SYNTAX_DIAG_TEXT_H
#define WF_SYNTAX_DIAG_TEXT_H

#include "lang/base/buf.h"
#include "lang/syntax/diag.h"

/* Appends one diagnostic, ending in a line break. `out` reports failure as buffers do. */
void wf_diag_text(struct wf_buf *out, const struct wf_diags *diags, const struct wf_diag *diag,
                  bool colour);

#endif
