#include <string.h>

#include <utf8proc.h>

#include "lang/syntax/diag_text.h"

/* A JSON string is UTF-8: bytes that are not become U+FFFD. */
static void put_string(struct wf_buf *out, const char *text)
{
    size_t len = strlen(text);
    wf_buf_addc(out, '"');
    for (size_t i = 0; i < len;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(len - i), &c);
        if (n < 1)
            wf_buf_adds(out, "\\ufffd");
        else if (c < 0x20 || c == 0x7f)
            wf_buf_addf(out, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\')
            wf_buf_addf(out, "\\%c", (char)c);
        else
            wf_buf_add(out, text + i, (size_t)n);
        i += n < 1 ? 1 : (size_t)n;
    }
    wf_buf_addc(out, '"');
}

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
    put_string(out, source->name);
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
        put_string(out, l->text);
        wf_buf_addc(out, '}');
    }
    wf_buf_addc(out, ']');
}

static void put_fixes(struct wf_buf *out, const struct wf_diags *diags, const struct wf_diag *diag)
{
    wf_buf_adds(out, ", \"fixes\": [");
    if (diag->fix || diag->edits) {
        wf_buf_adds(out, "{\"message\": ");
        put_string(out, diag->fix ? diag->fix : "");
        wf_buf_adds(out, ", \"edits\": [");
        for (const struct wf_edit *e = diag->edits; e; e = e->next) {
            wf_buf_adds(out, e == diag->edits ? "{" : ", {");
            put_place(out, diags, e->span);
            wf_buf_adds(out, ", \"text\": ");
            put_string(out, e->text);
            wf_buf_addc(out, '}');
        }
        wf_buf_adds(out, "]}");
    }
    wf_buf_addc(out, ']');
}

static void put_diag(struct wf_buf *out, const struct wf_diags *diags, const struct wf_diag *diag)
{
    static const char *const severities[] = {"error", "warning", "note"};
    wf_buf_addf(out, "  {\"code\": \"%s\", \"severity\": \"%s\", \"message\": ",
                wf_code_text(diag->code), severities[diag->severity]);
    put_string(out, diag->message);
    wf_buf_adds(out, ", ");
    put_place(out, diags, diag->span);
    put_labels(out, diags, diag);
    put_fixes(out, diags, diag);
    wf_buf_adds(out, ", \"note\": ");
    if (diag->note)
        put_string(out, diag->note);
    else
        wf_buf_adds(out, "null");
    wf_buf_addc(out, '}');
}

void wf_diags_json(struct wf_buf *out, const struct wf_diags *diags)
{
    wf_buf_addc(out, '[');
    for (size_t i = 0; i < diags->n; i++) {
        wf_buf_adds(out, i ? ",\n" : "\n");
        put_diag(out, diags, diags->items[i]);
    }
    wf_buf_adds(out, diags->n ? "\n]\n" : "]\n");
}
