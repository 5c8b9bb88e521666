/*
 * diag_report.h - the diagnostics of one or several compilations, in a form for machines.
 *
 *   struct wf_report report;
 *   wf_report_init(&report, WF_REPORT_SARIF, NULL);
 *   wf_report_add(&report, &front.diags, "rules.way");   ... for each main file
 *   wf_report_end(&report, &out);
 *   wf_report_release(&report);
 *
 * Places are 1-based, columns in characters, an end is the place behind the last character. What
 * two main files say alike of a file that both import is reported once. A finding's fingerprint is
 * made of its code, its file and the text of its line, so that it stays when lines move.
 */
#ifndef WF_SYNTAX_DIAG_REPORT_H
#define WF_SYNTAX_DIAG_REPORT_H

#include "lang/base/buf.h"
#include "lang/syntax/diag.h"

enum wf_report_form {
    WF_REPORT_TEXT,   /* not of a report: see diag_text.h */
    WF_REPORT_JSON,   /* an array of {code, severity, message, file, line, ... fixes, note} */
    WF_REPORT_SARIF,  /* 2.1.0 */
    WF_REPORT_GITHUB, /* a workflow command a line */
    WF_REPORT_JUNIT,  /* a test case a finding, and one for a main file without any */
    WF_REPORT_GITLAB, /* code quality */
};
#define WF_REPORT_FORMS "text|json|sarif|github|junit|gitlab" /* in that order */

enum { WF_FINGERPRINT = 40 };

/* A finding as a form is asked to write it. */
struct wf_finding {
    const struct wf_diags *diags;
    const struct wf_diag *diag;
    const struct wf_source *source; /* NULL: it has no place */
    struct wf_place from, to;
    char fingerprint[WF_FINGERPRINT];
};

struct wf_seen {
    uint64_t finding, line;
};

struct wf_report {
    enum wf_report_form form;
    const char *command; /* JUNIT: the name of its suite; "wayfare check" unless it is set */
    bool strict;         /* JUNIT: warnings fail too */
    struct wf_buf body;  /* what was written of each finding so far */
    size_t n, failures;  /* findings; JUNIT: test cases, and those that fail */
    struct wf_seen *seen;
    size_t n_seen, room;
    uint16_t rules[WF_CODE_COUNT_]; /* SARIF: 1 + its place among the rules; 0: not met yet */
    uint16_t n_rules;
};

void wf_report_init(struct wf_report *report, enum wf_report_form form,
                    const struct wf_alloc *alloc);
void wf_report_release(struct wf_report *report);

/* Takes in what was found by way of the main file `path`. Failures show in `body.failed`. */
void wf_report_add(struct wf_report *report, const struct wf_diags *diags, const char *path);

/* Appends the whole document; `out` reports failure as buffers do. */
void wf_report_end(const struct wf_report *report, struct wf_buf *out);

/* ---- the forms, one file each ---- */

void wf_json_finding(struct wf_report *report, const struct wf_finding *finding);
void wf_json_end(const struct wf_report *report, struct wf_buf *out);
void wf_sarif_finding(struct wf_report *report, const struct wf_finding *finding);
void wf_sarif_end(const struct wf_report *report, struct wf_buf *out);
void wf_github_finding(struct wf_report *report, const struct wf_finding *finding);
void wf_gitlab_finding(struct wf_report *report, const struct wf_finding *finding);
void wf_junit_finding(struct wf_report *report, const struct wf_finding *finding);
void wf_junit_clean(struct wf_report *report, const char *path);
void wf_junit_end(const struct wf_report *report, struct wf_buf *out);

/* Appends `text` as a JSON string. */
void wf_json_text_of(struct wf_buf *out, const char *text);

/* Appends the beginning of a test case, up to where its next attribute or its end may follow. */
void wf_junit_case(struct wf_buf *out, const char *file, const char *name);

/* Appends the message, what mends it and the note, each on its line. */
void wf_finding_words(struct wf_buf *out, const struct wf_finding *finding);

/* A file's name as CI systems know it: relative to where they began. */
const char *wf_report_path(const char *name);

#endif
