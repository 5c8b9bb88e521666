/*
 * diag_sarif.c - SARIF 2.1.0: one run, the rules that were met with their help, a result a finding.
 *
 * Files are named relative to %SRCROOT%, which whoever reads the log knows; a module that is built
 * in has no file, so it is a logical location.
 */
#include <string.h>

#include "lang/base/escape.h"
#include "lang/syntax/diag_report.h"

static const char *level_of(enum wf_severity severity)
{
    return severity == WF_SEV_ERROR ? "error" : severity == WF_SEV_WARNING ? "warning" : "note";
}

static void put_artifact(struct wf_buf *out, const char *name)
{
    struct wf_buf uri;
    wf_buf_init(&uri, out->alloc, 0);
    wf_buf_adds(&uri, name[0] == '/' ? "file://" : "");
    wf_uri_path(&uri, wf_report_path(name));
    wf_buf_adds(out, "\"artifactLocation\": {\"uri\": ");
    wf_json_text_of(out, wf_buf_str(&uri));
    wf_buf_adds(out, name[0] == '/' ? "}" : ", \"uriBaseId\": \"%SRCROOT%\"}");
    out->failed |= uri.failed;
    wf_buf_release(&uri);
}

static void put_region(struct wf_buf *out, const char *key, const struct wf_source *source,
                       struct wf_span span)
{
    struct wf_place from = wf_source_place(source, span.start);
    struct wf_place to = wf_source_place(source, span.end);
    wf_buf_addf(out,
                "\"%s\": {\"startLine\": %u, \"startColumn\": %u, \"endLine\": %u, "
                "\"endColumn\": %u}",
                key, from.line, from.column, to.line, to.column);
}

/* The members of a location object. */
static void put_location(struct wf_buf *out, const struct wf_source *source, struct wf_span span)
{
    if (source->embedded) {
        wf_buf_adds(out, "\"logicalLocations\": [{\"kind\": \"module\", \"fullyQualifiedName\": ");
        wf_json_text_of(out, source->name);
        wf_buf_adds(out, "}]");
        return;
    }
    wf_buf_adds(out, "\"physicalLocation\": {");
    put_artifact(out, source->name);
    wf_buf_adds(out, ", ");
    put_region(out, "region", source, span);
    wf_buf_addc(out, '}');
}

static void put_related(struct wf_buf *out, const struct wf_finding *f)
{
    unsigned id = 0;
    for (const struct wf_label *l = f->diag->labels; l; l = l->next) {
        if (l->span.file >= f->diags->sources->n)
            continue;
        wf_buf_adds(out, id ? ",\n" : ",\n      \"relatedLocations\": [\n");
        wf_buf_addf(out, "        {\"id\": %u, \"message\": {\"text\": ", ++id);
        wf_json_text_of(out, l->text);
        wf_buf_adds(out, "}, ");
        put_location(out, &f->diags->sources->files[l->span.file], l->span);
        wf_buf_addc(out, '}');
    }
    wf_buf_adds(out, id ? "\n      ]" : "");
}

static bool files_only(const struct wf_finding *f)
{
    for (const struct wf_edit *e = f->diag->edits; e; e = e->next) {
        if (e->span.file >= f->diags->sources->n || f->diags->sources->files[e->span.file].embedded)
            return false;
    }
    return f->diag->edits != NULL;
}

/* A change for each run of edits in one file. */
static void put_fix(struct wf_buf *out, const struct wf_finding *f)
{
    if (!files_only(f))
        return;
    wf_buf_adds(out, ",\n      \"fixes\": [{\"description\": {\"text\": ");
    wf_json_text_of(out, f->diag->fix ? f->diag->fix : f->diag->message);
    wf_buf_adds(out, "}, \"artifactChanges\": [");
    const struct wf_edit *before = NULL;
    for (const struct wf_edit *e = f->diag->edits; e; before = e, e = e->next) {
        const struct wf_source *source = &f->diags->sources->files[e->span.file];
        if (!before || before->span.file != e->span.file) {
            wf_buf_adds(out, before ? "]}, {" : "{");
            put_artifact(out, source->name);
            wf_buf_adds(out, ", \"replacements\": [{");
        } else {
            wf_buf_adds(out, ", {");
        }
        put_region(out, "deletedRegion", source, e->span);
        wf_buf_adds(out, ", \"insertedContent\": {\"text\": ");
        wf_json_text_of(out, e->text);
        wf_buf_adds(out, "}}");
    }
    wf_buf_adds(out, "]}]}]");
}

static unsigned rule_index(struct wf_report *report, enum wf_code code)
{
    if (!report->rules[code])
        report->rules[code] = ++report->n_rules;
    return report->rules[code] - 1U;
}

void wf_sarif_finding(struct wf_report *report, const struct wf_finding *f)
{
    struct wf_buf *out = &report->body, words;
    wf_buf_init(&words, out->alloc, 0);
    wf_finding_words(&words, f);
    wf_buf_addf(out, "%s    {\"ruleId\": \"%s\", \"ruleIndex\": %u, \"level\": \"%s\",\n",
                report->n ? ",\n" : "", wf_code_text(f->diag->code),
                rule_index(report, f->diag->code), level_of(f->diag->severity));
    wf_buf_adds(out, "      \"message\": {\"text\": ");
    wf_json_text_of(out, wf_buf_str(&words));
    wf_buf_adds(out, "},\n      \"locations\": [");
    if (f->source) {
        wf_buf_addc(out, '{');
        put_location(out, f->source, f->diag->span);
        wf_buf_addc(out, '}');
    }
    wf_buf_addf(out, "],\n      \"partialFingerprints\": {\"codeAndLine/v1\": \"%s\"}",
                f->fingerprint);
    put_related(out, f);
    put_fix(out, f);
    wf_buf_addc(out, '}');
    out->failed |= words.failed;
    wf_buf_release(&words);
}

static void put_rule(struct wf_buf *out, enum wf_code code)
{
    const char *id = wf_code_text(code);
    wf_buf_addf(out, "      {\"id\": \"%s\", \"shortDescription\": {\"text\": ", id);
    wf_json_text_of(out, wf_code_title(code));
    wf_buf_adds(out, "},\n       \"fullDescription\": {\"text\": ");
    wf_json_text_of(out, wf_code_help(code));
    wf_buf_adds(out, "},\n       \"help\": {\"text\": ");
    wf_json_text_of(out, wf_code_help(code));
    wf_buf_addf(out, "},\n       \"defaultConfiguration\": {\"level\": \"%s\"}}",
                level_of(wf_code_severity(code)));
}

void wf_sarif_end(const struct wf_report *report, struct wf_buf *out)
{
    wf_buf_adds(
        out, "{\"$schema\": \"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"
             "schemas/sarif-schema-2.1.0.json\",\n"
             " \"version\": \"2.1.0\",\n \"runs\": [{\n"
             "  \"tool\": {\"driver\": {\"name\": \"wayfare\", \"semanticVersion\": \"" WF_VERSION
             "\",\n    \"rules\": [\n");
    for (uint16_t i = 0; i < report->n_rules; i++) {
        int code = 0;
        while (report->rules[code] != i + 1)
            code++;
        put_rule(out, (enum wf_code)code);
        wf_buf_adds(out, i + 1 < report->n_rules ? ",\n" : "\n");
    }
    wf_buf_adds(out, "    ]}},\n  \"columnKind\": \"unicodeCodePoints\",\n"
                     "  \"originalUriBaseIds\": {\"%SRCROOT%\": {\"description\": {\"text\": "
                     "\"The folder that wayfare was called in.\"}}},\n"
                     "  \"results\": [\n");
    wf_buf_add(out, wf_buf_str(&report->body), report->body.len);
    wf_buf_adds(out, report->n ? "\n  ]\n }]}\n" : "  ]\n }]}\n");
}
