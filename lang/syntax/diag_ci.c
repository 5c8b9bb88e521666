/*
 * diag_ci.c - findings as continuous integration shows them: GitHub's workflow commands, GitLab's
 * code quality, JUnit's test cases.
 */
#include "lang/base/escape.h"
#include "lang/syntax/diag_report.h"
#include "lang/syntax/diag_text.h"

/* ---- GitHub: ::error file=F,line=L,...::message ---- */

static void put_title(struct wf_buf *out, enum wf_code code)
{
    wf_buf_addf(out, "title=%s ", wf_code_text(code));
    wf_workflow_text(out, wf_code_title(code), true);
}

/* Columns are only understood of a place within one line. */
static void put_properties(struct wf_buf *out, const struct wf_finding *f)
{
    wf_buf_adds(out, "file=");
    wf_workflow_text(out, wf_report_path(f->source->name), true);
    wf_buf_addf(out, ",line=%u,endLine=%u,", f->from.line, f->to.line);
    if (f->from.line == f->to.line)
        wf_buf_addf(out, "col=%u,endColumn=%u,", f->from.column, f->to.column);
}

void wf_github_finding(struct wf_report *report, const struct wf_finding *f)
{
    static const char *const commands[] = {"error", "warning", "notice"};
    struct wf_buf *out = &report->body, words;
    wf_buf_init(&words, out->alloc, 0);
    wf_finding_words(&words, f);
    for (const struct wf_label *l = f->diag->labels; l; l = l->next) {
        if (l->span.file >= f->diags->sources->n)
            continue;
        const struct wf_source *source = &f->diags->sources->files[l->span.file];
        struct wf_place at = wf_source_place(source, l->span.start);
        wf_buf_addf(&words, "\n%s:%u:%u: %s", source->name, at.line, at.column, l->text);
    }
    wf_buf_addf(out, "::%s ", commands[f->diag->severity]);
    if (f->source && !f->source->embedded)
        put_properties(out, f);
    put_title(out, f->diag->code);
    wf_buf_adds(out, "::");
    wf_workflow_text(out, wf_buf_str(&words), false);
    wf_buf_addc(out, '\n');
    out->failed |= words.failed;
    wf_buf_release(&words);
}

/* ---- GitLab ---- */

void wf_gitlab_finding(struct wf_report *report, const struct wf_finding *f)
{
    static const char *const severities[] = {"major", "minor", "info"};
    struct wf_buf *out = &report->body, words;
    wf_buf_init(&words, out->alloc, 0);
    wf_finding_words(&words, f);
    wf_buf_addf(out,
                "%s  {\"check_name\": \"%s\", \"severity\": \"%s\", \"fingerprint\": \"%s\",\n",
                report->n ? ",\n" : "", wf_code_text(f->diag->code), severities[f->diag->severity],
                f->fingerprint);
    wf_buf_adds(out, "   \"location\": {\"path\": ");
    wf_json_text_of(out, f->source ? wf_report_path(f->source->name) : "");
    wf_buf_addf(out, ", \"lines\": {\"begin\": %u, \"end\": %u}},\n   \"description\": ",
                f->source ? f->from.line : 1, f->source ? f->to.line : 1);
    wf_json_text_of(out, wf_buf_str(&words));
    wf_buf_addc(out, '}');
    out->failed |= words.failed;
    wf_buf_release(&words);
}

/* ---- JUnit ---- */

void wf_junit_case(struct wf_buf *out, const char *file, const char *name)
{
    wf_buf_adds(out, "  <testcase classname=\"");
    wf_xml_text(out, file);
    wf_buf_adds(out, "\" name=\"");
    wf_xml_text(out, name);
    wf_buf_adds(out, "\" file=\"");
    wf_xml_text(out, file);
    wf_buf_addc(out, '"');
}

void wf_junit_clean(struct wf_report *report, const char *path)
{
    wf_junit_case(&report->body, path, "check");
    wf_buf_adds(&report->body, "/>\n");
    report->n++;
}

void wf_junit_finding(struct wf_report *report, const struct wf_finding *f)
{
    struct wf_buf *out = &report->body, text;
    bool fails = f->diag->severity == WF_SEV_ERROR || report->strict;
    wf_buf_init(&text, out->alloc, 0);
    wf_buf_addf(&text, "%s: %s", wf_code_text(f->diag->code), f->diag->message);
    wf_junit_case(out, f->source ? f->source->name : "", wf_buf_str(&text));
    if (f->source)
        wf_buf_addf(out, " line=\"%u\"", f->from.line);
    wf_buf_adds(out, fails ? ">\n    <failure message=\"" : ">\n    <system-out>");
    if (fails) {
        wf_xml_text(out, f->diag->message);
        wf_buf_addf(out, "\" type=\"%s\">", wf_code_text(f->diag->code));
    }
    wf_buf_reset(&text);
    wf_diag_text(&text, f->diags, f->diag, false);
    wf_xml_text(out, wf_buf_str(&text));
    wf_buf_adds(out, fails ? "</failure>\n  </testcase>\n" : "</system-out>\n  </testcase>\n");
    report->failures += fails;
    out->failed |= text.failed;
    wf_buf_release(&text);
}

void wf_junit_end(const struct wf_report *report, struct wf_buf *out)
{
    wf_buf_addf(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"%s\" "
                "tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
                report->command, report->n, report->failures);
    wf_buf_add(out, wf_buf_str(&report->body), report->body.len);
    wf_buf_adds(out, "</testsuite>\n");
}
