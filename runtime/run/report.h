/*
 * report.h - a night as a page for people: report.html, one file that asks nobody for anything.
 *
 *   outcome, load report ─▶ wf_report_night ─▶ the page, in two languages     (publish.c)
 *   a published page ─▶ wf_report_more ─▶ the same with more said in it       (`wayfare report`)
 *
 * It holds sums, never a member: nothing private can be in it. It is made of the night alone, so
 * the same night has the same page, whatever the locale and the threads.
 */
#ifndef WF_RUN_REPORT_H
#define WF_RUN_REPORT_H

#include "runtime/run/publish.h"

/* The page's own files, made part of the program (report/): "page.css", "page.js", and where the
 * build had it, "chartist.js". The array ends with a NULL name. */
struct wf_report_asset {
    const char *name, *bytes;
    size_t len;
};
extern const struct wf_report_asset wf_report_assets[];

/* Appends the page. */
enum wf_status wf_report_night(const struct wf_publish *publish, struct wf_buf *out);

#endif
