#include "runtime/cli/test_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/escape.h"
#include "lang/base/words.h"
#include "lang/syntax/diag_report.h"

/* ---- JUnit ---- */

static void add_junit(struct wf_buf *out, const struct wf_test_result *r)
{
    wf_junit_case(out, r->file, r->name);
    wf_buf_addf(out, " line=\"%" PRIu32 "\"", r->line);
    if (r->passed) {
        wf_buf_adds(out, "/>\n");
        return;
    }
    wf_buf_addf(out, ">\n    <failure message=\"%" PRIu32 " of %" PRIu32 " differ\">", r->differing,
                r->expected);
    wf_xml_text(out, wf_buf_str(&r->said));
    wf_buf_adds(out, "</failure>\n  </testcase>\n");
}

/* ---- JSON ---- */

static void add_json(struct wf_buf *out, const struct wf_test_result *r)
{
    wf_buf_adds(out, out->len ? ",\n  {\"name\":" : "\n  {\"name\":");
    wf_json_string(out, r->name, strlen(r->name));
    wf_buf_adds(out, ",\"file\":");
    wf_json_string(out, r->file, strlen(r->file));
    wf_buf_addf(out,
                ",\"line\":%" PRIu32 ",\"passed\":%s,\"nights\":%" PRIu32 ",\"expected\":%" PRIu32
                ",\"differing\":%" PRIu32 ",\"said\":",
                r->line, r->passed ? "true" : "false", r->nights, r->expected, r->differing);
    wf_json_string(out, wf_buf_str(&r->said), r->said.len);
    wf_buf_addc(out, '}');
}

/* ---- GitHub ---- */

static void add_github(struct wf_buf *out, const struct wf_test_result *r)
{
    if (r->passed)
        return;
    wf_buf_adds(out, "::error file=");
    wf_workflow_text(out, wf_report_path(r->file), true);
    wf_buf_addf(out, ",line=%" PRIu32 ",title=", r->line);
    wf_workflow_text(out, r->name, true);
    wf_buf_adds(out, "::");
    wf_workflow_text(out, wf_buf_str(&r->said), false);
    wf_buf_addc(out, '\n');
}

/* ---- text ---- */

static void print(const struct wf_test_report *report, const struct wf_test_result *r)
{
    if (!r->passed) {
        printf(wf_word("FAILED %s:%" PRIu32 ": %s\n"), r->file, r->line, r->name);
        fwrite(wf_buf_str(&r->said), 1, r->said.len, stdout);
    } else if (!report->quiet) {
        printf(wf_word_n("passed %s:%" PRIu32 ": %s (%" PRIu32 " night)\n",
                         "passed %s:%" PRIu32 ": %s (%" PRIu32 " nights)\n", r->nights),
               r->file, r->line, r->name, r->nights);
    }
}

/* ---- all ---- */

void wf_test_report_add(struct wf_test_report *report, const struct wf_test_result *result)
{
    report->passed += result->passed;
    report->failed += !result->passed;
    switch ((enum wf_test_form)report->form) {
    case WF_TEST_TEXT: print(report, result); break;
    case WF_TEST_JSON: add_json(&report->cases, result); break;
    case WF_TEST_JUNIT: add_junit(&report->cases, result); break;
    case WF_TEST_GITHUB: add_github(&report->cases, result); break;
    }
}

void wf_test_report_broken(struct wf_test_report *report, const char *path, const char *why)
{
    report->broken++;
    if (report->form != WF_TEST_JUNIT)
        return;
    wf_junit_case(&report->cases, path, "compile");
    wf_buf_adds(&report->cases, ">\n    <error message=\"cannot be played\">");
    wf_xml_text(&report->cases, why);
    wf_buf_adds(&report->cases, "</error>\n  </testcase>\n");
}

static void end_json(const struct wf_test_report *r, const struct wf_covered *covered)
{
    struct wf_buf missing;
    wf_buf_init(&missing, NULL, 0);
    wf_covered_json(covered, &missing);
    printf("{\"passed\":%" PRIu32 ",\"failed\":%" PRIu32
           ",\"branches\":%zu,\"seen\":%zu,\"unseen\":[%s],\"tests\":[%s\n]}\n",
           r->passed, r->failed, covered->n, covered->seen, wf_buf_str(&missing),
           wf_buf_str(&r->cases));
    wf_buf_release(&missing);
}

void wf_test_report_end(const struct wf_test_report *r, const struct wf_covered *covered)
{
    switch ((enum wf_test_form)r->form) {
    case WF_TEST_JSON: end_json(r, covered); break;
    case WF_TEST_JUNIT:
        printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"wayfare test\" "
               "tests=\"%" PRIu32 "\" failures=\"%" PRIu32 "\" errors=\"%" PRIu32
               "\" skipped=\"0\">\n%s</testsuite>\n",
               r->passed + r->failed + r->broken, r->failed, r->broken, wf_buf_str(&r->cases));
        break;
    case WF_TEST_GITHUB: fputs(wf_buf_str(&r->cases), stdout); break;
    default:
        if (!r->quiet || r->failed)
            printf(wf_word("%" PRIu32 " passed, %" PRIu32
                           " failed; %" PRIu64
                           " of %" PRIu64 " branches of the rules seen (%d%%)\n"),
                   r->passed, r->failed, (uint64_t)covered->seen, (uint64_t)covered->n,
                   wf_covered_percent(covered));
    }
}
