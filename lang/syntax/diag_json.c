#include "lang/syntax/diag_report.h"

static void put_place(struct wf_buf *out, const struct wf_diags *diags, struct wf_span span)
{
    wf_buf_adds(out, "\"file\": ");
    if (span.file >= diags->sources->n) {
        wf_buf_adds(out, "null");
        return;
    }
    const struct wf_source *source = &diags->sources->files[span.file];
    struct wf_place from = wf_source_place(source, span.start);
    struct wf_place to = wf_source_place(source, span.end);
    wf_json_text_of(out, source->name);
    wf_buf_addf(out, ", \"line\": %u, \"column\": %u, \"end_line\": %u, \"end_column\": %u",
                from.line, from.column, to.line, to.column);
}

static void put_labels(struct wf_buf *out, const struct wf_diags *diags, const struct wf_diag *diag)
{
    wf_buf_adds(out, ", \"labels\": [");
    for (const struct wf_label *l = diag->labels; l; l = l->next) {
        wf_buf_adds(out, l == diag->labels ? "{" : ", {");
        put_place(out, diags, l->span);
        wf_buf_adds(out, ", \"message\": ");
        wf_json_text_of(out, l->text);
        wf_buf_addc(out, '}');
    }
    wf_buf_addc(out, ']');
}

static void put_fixes(struct wf_buf *out, const struct wf_diags *diags, const struct wf_diag *diag)
{
    wf_buf_adds(out, ", \"fixes\": [");
    if (diag->fix || diag->edits) {
        wf_buf_adds(out, "{\"message\": ");
        wf_json_text_of(out, diag->fix ? diag->fix : "");
        wf_buf_adds(out, ", \"edits\": [");
        for (const struct wf_edit *e = diag->edits; e; e = e->next) {
            wf_buf_adds(out, e == diag->edits ? "{" : ", {");
            put_place(out, diags, e->span);
            wf_buf_adds(out, ", \"text\": ");
            wf_json_text_of(out, e->text);
            wf_buf_addc(out, '}');
        }
        wf_buf_adds(out, "]}");
    }
    wf_buf_addc(out, ']');
}

void wf_json_finding(struct wf_report *report, const struct wf_finding *f)
{
    static const char *const severities[] = {"error", "warning", "note"};
    struct wf_buf *out = &report->body;
    wf_buf_addf(out, "%s  {\"code\": \"%s\", \"severity\": \"%s\", \"message\": ",
                report->n ? ",\n" : "", wf_code_text(f->diag->code), severities[f->diag->severity]);
    wf_json_text_of(out, f->diag->message);
    wf_buf_adds(out, ", ");
    put_place(out, f->diags, f->diag->span);
    put_labels(out, f->diags, f->diag);
    put_fixes(out, f->diags, f->diag);
    wf_buf_adds(out, ", \"note\": ");
    if (f->diag->note)
        wf_json_text_of(out, f->diag->note);
    else
        wf_buf_adds(out, "null");
    wf_buf_addc(out, '}');
}

void wf_json_end(const struct wf_report *report, struct wf_buf *out)
{
    if (report->n)
        wf_buf_addf(out, "[\n%s\n]\n", wf_buf_str(&report->body));
    else
        wf_buf_adds(out, "[]\n");
}
