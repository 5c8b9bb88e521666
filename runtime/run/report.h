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

/* ---- report_more.c: a published page, told with more ---- */

/* Where a page can be added to: its language, and the place for more sections. */
#define WF_REPORT_LANGUAGE "<html lang=\"en\" data-lang=\"auto\">"
#define WF_REPORT_MORE "<!-- more -->\n"

/* A night of the past, as its manifest has it. */
struct wf_report_past {
    char night[32];
    uint64_t members, actions, suppressed, rejects;
};

/*
 * Reads the nights that stand beside this one in the same folder, itself included, oldest first, at
 * most WF_REPORT_NIGHTS; free them with wf_free. Folders that are no nights are passed over.
 */
enum { WF_REPORT_NIGHTS = 60 };
enum wf_status wf_report_nights(const struct wf_fs *fs, const char *folder,
                                struct wf_report_past **past_out, size_t *n_out);

/*
 * Reads the page that was published in a folder, held against the folder's manifest; `t_out`: the
 * night. WF_ERR_MISSING: no manifest, or no report in it. WF_ERR_STATE: the page is another.
 */
enum wf_status wf_report_published(const struct wf_fs *fs, const char *folder, struct wf_buf *page,
                                   int64_t *t_out, struct wf_buf *why);

/* report_forecast.c: a section of the page. */
struct wf_forecast;
enum wf_status wf_report_forecast(struct wf_html *html, const struct wf_forecast *forecast);

struct wf_report_extra {
    bool chinese; /* which language it opens in */
    const struct wf_report_past *past;
    size_t n_past;
    const struct wf_forecast *forecast; /* NULL: none */
};

/* Appends the page with the extra in its places. WF_ERR_DATA: it is no page of ours. */
enum wf_status wf_report_more(const struct wf_buf *page, const struct wf_report_extra *extra,
                              struct wf_buf *out);

#endif
