/*
 * test_report.h - what `wayfare test` has to say, as text or for machines.
 */
#ifndef WF_CLI_TEST_REPORT_H
#define WF_CLI_TEST_REPORT_H

#include "runtime/cli/covered.h"
#include "runtime/run/testrun.h"

enum wf_test_form { WF_TEST_TEXT, WF_TEST_JSON, WF_TEST_JUNIT, WF_TEST_GITHUB };
#define WF_TEST_FORMS "text|json|junit|github" /* in that order */

struct wf_test_report {
    int64_t form;                    /* enum wf_test_form */
    bool quiet;                      /* TEXT: say only what fails */
    uint32_t passed, failed, broken; /* broken: files whose tests could not be played */
    struct wf_buf cases;             /* what was written of each test so far, but for TEXT */
};

/* TEXT is printed at once. */
void wf_test_report_add(struct wf_test_report *report, const struct wf_test_result *result);

/* A file that could not be played: `why` is the whole story, as text. */
void wf_test_report_broken(struct wf_test_report *report, const char *path, const char *why);

/* Prints the end, or the whole document. */
void wf_test_report_end(const struct wf_test_report *report, const struct wf_covered *covered);

#endif
