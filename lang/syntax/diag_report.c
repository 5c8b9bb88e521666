#include "lang/syntax/diag_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/escape.h"

void wf_report_init(struct wf_report *report, enum wf_report_form form,
                    const struct wf_alloc *alloc)
{
    *report = (struct wf_report){.form = form, .command = "wayfare check"};
    wf_buf_init(&report->body, alloc, 0);
}

void wf_report_release(struct wf_report *report)
{
    wf_free(report->body.alloc, report->seen);
    wf_buf_release(&report->body);
}

void wf_json_text_of(struct wf_buf *out, const char *text)
{
    wf_json_string(out, text, strlen(text));
}

const char *wf_report_path(const char *name)
{
    while (name[0] == '.' && name[1] == '/')
        name += 2;
    return name;
}

void wf_finding_words(struct wf_buf *out, const struct wf_finding *finding)
{
    wf_buf_adds(out, finding->diag->message);
    if (finding->diag->fix)
        wf_say(out, "\nfix: %s", finding->diag->fix);
    if (finding->diag->note)
        wf_say(out, "\nnote: %s", finding->diag->note);
}

/* ---- what makes a finding the same ---- */

static void hash_text(XXH3_state_t *state, const char *text)
{
    XXH3_64bits_update(state, text, strlen(text) + 1);
}

static void hash_head(XXH3_state_t *state, const struct wf_finding *f)
{
    XXH3_64bits_reset(state);
    hash_text(state, wf_code_text(f->diag->code));
    hash_text(state, f->source ? wf_report_path(f->source->name) : "");
}

/* The line without its white space: what an editor moves or fmt indents stays the same finding. */
static uint64_t hash_line(const struct wf_finding *f)
{
    XXH3_state_t state;
    hash_head(&state, f);
    size_t len = 0;
    const char *line = f->source ? wf_source_line(f->source, f->from.line, &len) : "";
    for (size_t i = 0; i < len; i++) {
        if (line[i] != ' ' && line[i] != '\t')
            XXH3_64bits_update(&state, line + i, 1);
    }
    return XXH3_64bits_digest(&state);
}

static uint64_t hash_finding(const struct wf_finding *f)
{
    XXH3_state_t state;
    uint32_t place[] = {f->diag->span.start, f->diag->span.end, f->from.line};
    hash_head(&state, f);
    XXH3_64bits_update(&state, place, sizeof(place));
    hash_text(&state, f->diag->message);
    return XXH3_64bits_digest(&state);
}

/* False: it was reported before. Else its fingerprint, numbered among those of like lines. */
static bool is_new(struct wf_report *report, struct wf_finding *f)
{
    struct wf_seen self = {.finding = hash_finding(f), .line = hash_line(f)};
    unsigned like = 1;
    for (size_t i = 0; i < report->n_seen; i++) {
        if (report->seen[i].finding == self.finding)
            return false;
        like += report->seen[i].line == self.line;
    }
    if (wf_grow(report->body.alloc, &report->seen, &report->room, report->n_seen + 1,
                sizeof(*report->seen))) {
        report->body.failed = true;
        return false;
    }
    report->seen[report->n_seen++] = self;
    snprintf(f->fingerprint, sizeof(f->fingerprint), "%016" PRIx64 ":%u", self.line, like);
    return true;
}

/* ---- the whole ---- */

static struct wf_finding finding_of(const struct wf_diags *diags, const struct wf_diag *diag)
{
    struct wf_finding f = {.diags = diags, .diag = diag};
    if (diag->span.file < diags->sources->n) {
        f.source = &diags->sources->files[diag->span.file];
        f.from = wf_source_place(f.source, diag->span.start);
        f.to = wf_source_place(f.source, diag->span.end);
    }
    return f;
}

static void write_finding(struct wf_report *report, const struct wf_finding *f)
{
    switch (report->form) {
    case WF_REPORT_JSON: wf_json_finding(report, f); break;
    case WF_REPORT_SARIF: wf_sarif_finding(report, f); break;
    case WF_REPORT_GITHUB: wf_github_finding(report, f); break;
    case WF_REPORT_GITLAB: wf_gitlab_finding(report, f); break;
    case WF_REPORT_JUNIT: wf_junit_finding(report, f); break;
    default: break;
    }
    report->n++;
}

void wf_report_add(struct wf_report *report, const struct wf_diags *diags, const char *path)
{
    for (size_t i = 0; i < diags->n; i++) {
        struct wf_finding f = finding_of(diags, diags->items[i]);
        if (is_new(report, &f))
            write_finding(report, &f);
    }
    if (!diags->n && report->form == WF_REPORT_JUNIT)
        wf_junit_clean(report, path);
}

void wf_report_end(const struct wf_report *report, struct wf_buf *out)
{
    switch (report->form) {
    case WF_REPORT_JSON:
    case WF_REPORT_GITLAB: wf_json_end(report, out); break;
    case WF_REPORT_SARIF: wf_sarif_end(report, out); break;
    case WF_REPORT_JUNIT: wf_junit_end(report, out); break;
    default: wf_buf_add(out, wf_buf_str(&report->body), report->body.len); break;
    }
    out->failed |= report->body.failed;
}
