#include "runtime/run/publish.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "runtime/data/json_text.h"
#include "runtime/engine/lift.h"
#include "runtime/run/action.h"
#include "runtime/run/figure.h"
#include "runtime/run/journey_json.h"
#include "runtime/run/lift_sheet.h"
#include "runtime/run/relay.h"
#include "runtime/run/report.h"

static const char *const REJECT_COLUMNS[] = {"file", "line", "column", "what", "row", NULL};
static const char *const METRIC_COLUMNS[] = {"metric", "label", "section", "by",      "group",
                                             "value",  "unit",  "members", "unknown", NULL};
static const char *const SEGMENT_COLUMNS[] = {"segment", "size", "entered", "left", NULL};

struct output {
    const char *name;
    struct wf_sheet sheet; /* written; synced and closed when all are */
    char sha256[WF_HEX_SHA256];
};

enum { MAX_OUTPUTS = 8 };

struct staging {
    const struct wf_publish *publish;
    const struct wf_night *night;
    const struct wf_ir *ir;
    const struct wf_alloc *alloc;
    const char *folder;
    struct wf_relay *relay;
    struct wf_buf cell;
    struct output outputs[MAX_OUTPUTS];
    size_t n_outputs;
    struct wf_buf *why;
};

/* ---- files ---- */

static enum wf_status open_sheet(struct staging *s, struct wf_sheet *sheet, const char *name,
                                 bool json, const char *const *columns)
{
    struct wf_buf path;
    wf_buf_init(&path, s->alloc, 0);
    wf_buf_addf(&path, "%s/%s", s->folder, name);
    enum wf_status st = path.failed ? WF_ERR_NOMEM : WF_OK;
    if (st == WF_OK)
        wf_sheet_open(sheet, s->publish->fs, wf_buf_str(&path), json, columns, s->publish->aside,
                      s->alloc);
    wf_buf_release(&path);
    return st;
}

static enum wf_status told(const struct staging *s, enum wf_status st, const char *name)
{
    if (st != WF_OK && s->why)
        wf_say(s->why, "cannot write %s/%s: %s", s->folder, name, wf_status_text(st));
    return st;
}

static enum wf_status end_sheet(struct staging *s, struct wf_sheet *sheet, const char *name)
{
    enum wf_status st = wf_sheet_end(sheet);
    struct output *out = &s->outputs[s->n_outputs++];
    *out = (struct output){.name = name, .sheet = *sheet};
    wf_hex(out->sha256, sheet->sha256, sizeof(sheet->sha256));
    return told(s, st, name);
}

/* The first that cannot be synced or closed is told, unless something failed before. */
static enum wf_status close_sheets(struct staging *s, enum wf_status st)
{
    for (size_t i = 0; i < s->n_outputs; i++) {
        struct wf_sheet *sheet = &s->outputs[i].sheet;
        if (st != WF_OK && sheet->status == WF_OK)
            sheet->status = st; /* it need not last */
        enum wf_status closed = wf_sheet_close(sheet);
        if (st == WF_OK)
            st = told(s, closed, s->outputs[i].name);
    }
    return st;
}

static enum wf_status write_decisions(struct staging *s, bool stopped)
{
    bool json = s->publish->format == WF_FORMAT_JSONL;
    const char *name = stopped ? (json ? "suppressed.jsonl" : "suppressed.csv")
                               : (json ? "actions.jsonl" : "actions.csv");
    const char *const *columns = stopped ? WF_SUPPRESSED_COLUMNS : WF_ACTION_COLUMNS;
    struct wf_sheet sheet;
    enum wf_status st = open_sheet(s, &sheet, name, json, columns);
    if (st != WF_OK)
        return st;
    wf_relay_put(s->relay, &sheet, stopped);
    return end_sheet(s, &sheet, name);
}

/* ---- the other files ---- */

static enum wf_status write_rejects(struct staging *s)
{
    const struct wf_load_report *report = s->publish->report;
    struct wf_sheet sheet;
    enum wf_status st = open_sheet(s, &sheet, "rejects.csv", false, REJECT_COLUMNS);
    if (st != WF_OK)
        return st;
    for (size_t i = 0; sheet.status == WF_OK && i < report->n_rejects; i++) {
        const struct wf_load_reject *reject = &report->rejects[i];
        wf_sheet_text(&sheet, report->files[reject->file].name);
        wf_sheet_number(&sheet, (int64_t)reject->line);
        wf_sheet_text(&sheet, reject->column);
        wf_sheet_text(&sheet, reject->what);
        wf_sheet_cell(&sheet, reject->row, reject->row_len);
        wf_sheet_end_row(&sheet);
    }
    return end_sheet(s, &sheet, "rejects.csv");
}

static enum wf_status write_segments(struct staging *s)
{
    struct wf_sheet sheet;
    enum wf_status st = open_sheet(s, &sheet, "segments.csv", false, SEGMENT_COLUMNS);
    if (st != WF_OK)
        return st;
    for (uint32_t i = 0; i < s->ir->n_segments + s->ir->n_classes; i++) {
        const struct wf_segment_counts *counts = &s->publish->outcome->segments[i];
        if (i < s->ir->n_segments) {
            wf_buf_adds(&s->cell, wf_ir_text(s->ir, s->ir->segments[i].name));
        } else {
            const struct wf_ir_class *class_ = &s->ir->classes[i - s->ir->n_segments];
            wf_buf_addf(&s->cell, "%s=%s", wf_ir_text(s->ir, class_->classify),
                        wf_ir_text(s->ir, class_->name));
        }
        wf_sheet_built(&sheet, &s->cell);
        wf_sheet_number(&sheet, (int64_t)counts->size);
        if (counts->compared) {
            wf_sheet_number(&sheet, (int64_t)counts->entered);
            wf_sheet_number(&sheet, (int64_t)counts->left);
        } else {
            wf_sheet_text(&sheet, "");
            wf_sheet_text(&sheet, "");
        }
        wf_sheet_end_row(&sheet);
    }
    return end_sheet(s, &sheet, "segments.csv");
}

static enum wf_status write_metrics(struct staging *s)
{
    struct wf_sheet sheet;
    if (s->ir->n_metrics == 0)
        return WF_OK;
    enum wf_status st = open_sheet(s, &sheet, "metrics.csv", false, METRIC_COLUMNS);
    if (st != WF_OK)
        return st;
    for (size_t i = 0; i < s->publish->outcome->n_metrics; i++) {
        const struct wf_metric_row *row = &s->publish->outcome->metrics[i];
        const struct wf_ir_metric *metric = &s->ir->metrics[row->metric];
        wf_sheet_text(&sheet, wf_ir_text(s->ir, metric->name));
        wf_sheet_text(&sheet, wf_ir_text(s->ir, metric->label));
        wf_sheet_text(&sheet, wf_ir_text(s->ir, metric->section));
        wf_sheet_text(&sheet, wf_ir_text(s->ir, metric->by_text));
        wf_sheet_text(&sheet, row->group);
        wf_figure_value(&s->cell, s->ir, row);
        wf_sheet_built(&sheet, &s->cell);
        wf_sheet_text(&sheet, wf_figure_unit(s->ir, metric));
        wf_sheet_number(&sheet, (int64_t)row->members);
        wf_sheet_number(&sheet, (int64_t)row->unknown);
        wf_sheet_end_row(&sheet);
    }
    return end_sheet(s, &sheet, "metrics.csv");
}

/* What is no rows: written at one go. */
static enum wf_status write_text(struct staging *s, const char *name, const struct wf_buf *text)
{
    struct wf_sheet sheet;
    enum wf_status st = open_sheet(s, &sheet, name, false, NULL);
    if (st != WF_OK)
        return st;
    wf_sheet_raw(&sheet, text->data, text->len);
    return end_sheet(s, &sheet, name);
}

static enum wf_status write_lift(struct staging *s)
{
    struct wf_sheet sheet;
    if (!wf_lift_asked(s->ir))
        return WF_OK;
    enum wf_status st = open_sheet(s, &sheet, "lift.csv", false, WF_LIFT_COLUMNS);
    if (st != WF_OK)
        return st;
    st = wf_lift_rows(s->night, &sheet);
    if (sheet.status == WF_OK)
        sheet.status = st;
    return end_sheet(s, &sheet, "lift.csv");
}

static enum wf_status write_report(struct staging *s)
{
    struct wf_buf page;
    wf_buf_init(&page, s->alloc, 0);
    enum wf_status st = wf_report_night(s->publish, &page);
    if (st == WF_OK)
        st = write_text(s, "report.html", &page);
    wf_buf_release(&page);
    return st;
}

/* ---- the manifest ---- */

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *inputs_json(const struct wf_load_report *report, bool *bad)
{
    json_t *inputs = json_array();
    for (size_t i = 0; i < report->n_files; i++) {
        const struct wf_load_file *file = &report->files[i];
        json_t *one = json_object();
        char hex[WF_HEX_SHA256];
        wf_hex(hex, file->fingerprint.xxh128, sizeof(file->fingerprint.xxh128));
        wf_json_put(one, "file", json_string(file->name), bad);
        wf_json_put(one, "feed", json_string(report->feeds[file->feed].name), bad);
        wf_json_put(one, "rows", count(file->rows), bad);
        wf_json_put(one, "bytes", count(file->bytes), bad);
        wf_json_put(one, "xxh128", json_string(hex), bad);
        if (file->fingerprint.has_sha256) {
            wf_hex(hex, file->fingerprint.sha256, sizeof(file->fingerprint.sha256));
            wf_json_put(one, "sha256", json_string(hex), bad);
        }
        wf_json_append(inputs, one, bad);
    }
    return inputs;
}

static json_t *feeds_json(const struct wf_load_report *report, bool *bad)
{
    json_t *feeds = json_array();
    for (size_t i = 0; i < report->n_feeds; i++) {
        const struct wf_load_feed *feed = &report->feeds[i];
        json_t *one = json_object();
        wf_json_put(one, "feed", json_string(feed->name), bad);
        wf_json_put(one, "rows", count(feed->rows), bad);
        wf_json_put(one, "kept", count(feed->kept), bad);
        wf_json_put(one, "rejects", count(feed->rejects), bad);
        wf_json_put(one, "unreadable", count(feed->unreadable), bad);
        wf_json_put(one, "nobodys", count(feed->nobodys), bad);
        wf_json_put(one, "orphans", count(feed->orphans), bad);
        wf_json_put(one, "duplicates", count(feed->duplicates), bad);
        wf_json_put(one, "voids", count(feed->voids), bad);
        wf_json_put(one, "future", count(feed->future), bad);
        wf_json_append(feeds, one, bad);
    }
    return feeds;
}

static json_t *outputs_json(const struct staging *s, bool *bad)
{
    json_t *outputs = json_array();
    for (size_t i = 0; i < s->n_outputs; i++) {
        json_t *one = json_object();
        wf_json_put(one, "file", json_string(s->outputs[i].name), bad);
        wf_json_put(one, "rows", count(s->outputs[i].sheet.rows), bad);
        wf_json_put(one, "bytes", count(s->outputs[i].sheet.bytes), bad);
        wf_json_put(one, "sha256", json_string(s->outputs[i].sha256), bad);
        wf_json_append(outputs, one, bad);
    }
    return outputs;
}

static json_t *rules_json(const struct staging *s, bool *bad)
{
    json_t *rules = json_array();
    for (uint32_t i = 0; i < wf_n_rules(s->ir); i++) {
        const struct wf_rule_counts *counts = &s->publish->outcome->rules[i];
        if (i < s->ir->n_triggers && s->ir->triggers[i].journey != WF_NONE)
            continue; /* a journey's entry: its actions are the journey's */
        json_t *one = json_object();
        wf_json_put(one, "rule", json_string(wf_ir_text(s->ir, wf_rule_view(s->ir, i).name)), bad);
        wf_json_put(one, "first_run", json_boolean(counts->first), bad);
        wf_json_put(one, "acted", count(counts->acted), bad);
        wf_json_put(one, "guard_not_true", count(counts->guard), bad);
        wf_json_put(one, "missed", count(counts->missed), bad);
        wf_json_put(one, "not_reaching_back", count(counts->before), bad);
        wf_json_put(one, "acted_before", count(counts->again), bad);
        wf_json_put(one, "actions", count(counts->left), bad);
        wf_json_put(one, "suppressed", count(counts->stopped), bad);
        wf_json_put(one, "held", count(counts->held), bad);
        wf_json_append(rules, one, bad);
    }
    return rules;
}

static json_t *time_json(struct staging *s, int64_t time)
{
    if (time == WF_NO_TIME)
        return json_null();
    wf_local_time(&s->cell, s->night->zone, time);
    json_t *text = s->cell.failed ? NULL : json_string(wf_buf_str(&s->cell));
    wf_buf_reset(&s->cell);
    return text;
}

/* Why the night is held; or when it was approved, as which plan. */
static json_t *plan_json(struct staging *s, bool *bad)
{
    const struct wf_publish *publish = s->publish;
    json_t *plan = json_object(), *why = json_array();
    wf_json_put(plan, "plan", json_string(publish->plan), bad);
    if (publish->approved_at != WF_NO_TIME)
        wf_json_put(plan, "approved_at", time_json(s, publish->approved_at), bad);
    for (const char *line = publish->held; *line;) {
        size_t len = strcspn(line, "\n");
        wf_json_append(why, json_stringn(line, len), bad);
        line += len + (line[len] != 0);
    }
    if (*publish->held)
        wf_json_put(plan, "why", json_incref(why), bad);
    json_decref(why);
    return plan;
}

static json_t *manifest_json(struct staging *s, bool *bad)
{
    const struct wf_publish *publish = s->publish;
    char hash[33];
    json_t *manifest = json_object();
    wf_hex(hash, s->night->program->hash, sizeof(s->night->program->hash));
    wf_json_put(manifest, "t", time_json(s, s->night->now), bad);
    wf_json_put(manifest, "zone", json_string(wf_ir_text(s->ir, s->ir->timezone)), bad);
    wf_json_put(manifest, "instant", json_integer(s->night->now), bad);
    wf_json_put(manifest, "previous", time_json(s, publish->previous_t), bad);
    wf_json_put(manifest, "engine", json_string("wayfare " WF_VERSION), bad);
    wf_json_put(manifest, "rules_hash", json_string(hash), bad);
    wf_json_put(manifest, "dry_run", json_boolean(publish->dry_run), bad);
    if (*publish->plan)
        wf_json_put(manifest, "held", plan_json(s, bad), bad);
    wf_json_put(manifest, "members", count(s->night->data->n_members), bad);
    wf_json_put(manifest, "inputs", inputs_json(publish->report, bad), bad);
    wf_json_put(manifest, "feeds", feeds_json(publish->report, bad), bad);
    wf_json_put(manifest, "rules", rules_json(s, bad), bad);
    if (s->ir->n_journeys)
        wf_json_put(manifest, "journeys", wf_journeys_json(s->ir, s->publish->outcome, bad), bad);
    wf_json_put(manifest, "undefined", count(publish->outcome->stats.undefined), bad);
    wf_json_put(manifest, "outputs", outputs_json(s, bad), bad);
    return manifest;
}

static enum wf_status write_manifest(struct staging *s)
{
    struct wf_buf text;
    bool bad = false;
    json_t *manifest = manifest_json(s, &bad);
    wf_buf_init(&text, s->alloc, 0);
    enum wf_status st = bad ? WF_ERR_NOMEM : wf_json_text(manifest, JSON_INDENT(2), &text);
    wf_buf_addc(&text, '\n');
    if (st == WF_OK)
        st = text.failed ? WF_ERR_NOMEM : write_text(s, "manifest.json", &text);
    wf_buf_release(&text);
    json_decref(manifest);
    return st;
}

static enum wf_status sync_staging(struct staging *s)
{
    enum wf_status st = s->publish->fs->sync_folder(s->publish->fs->ctx, s->folder);
    if (st != WF_OK && s->why)
        wf_say(s->why, "cannot sync %s: %s", s->folder, wf_status_text(st));
    return st;
}

enum wf_status wf_publish_stage(const struct wf_publish *publish, struct wf_relay *relay,
                                const char *folder, char manifest_out[WF_HEX_SHA256],
                                struct wf_buf *why)
{
    const struct wf_night *night = publish->night;
    struct staging s = {.publish = publish,
                        .night = night,
                        .ir = &night->program->ir,
                        .alloc = night->alloc,
                        .folder = folder,
                        .relay = relay,
                        .why = why};
    wf_buf_init(&s.cell, night->alloc, 0);
    enum wf_status st = write_decisions(&s, false);
    if (st == WF_OK)
        st = write_decisions(&s, true);
    wf_relay_stop(relay);
    if (st == WF_OK)
        st = write_rejects(&s);
    if (st == WF_OK)
        st = write_segments(&s);
    if (st == WF_OK)
        st = write_metrics(&s);
    if (st == WF_OK)
        st = write_lift(&s);
    if (st == WF_OK)
        st = write_report(&s);
    if (st == WF_OK)
        st = write_manifest(&s);
    st = close_sheets(&s, st);
    if (st == WF_OK)
        st = sync_staging(&s);
    if (st == WF_OK)
        memcpy(manifest_out, s.outputs[s.n_outputs - 1].sha256, WF_HEX_SHA256);
    wf_buf_release(&s.cell);
    return st;
}
