/*
 * The file's metrics: by section; those without groups as figures of their own, the others as one
 * table for each thing they are split by, a row a group and a column a metric.
 */
#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/figure.h"
#include "runtime/run/report_int.h"

struct rows {
    const struct wf_metric_row *at;
    size_t n;
};

/* A metric's rows stand together. */
static struct rows rows_of(const struct wf_outcome *out, uint32_t metric)
{
    struct rows rows = {NULL, 0};
    for (size_t i = 0; i < out->n_metrics; i++)
        if (out->metrics[i].metric == metric && rows.n++ == 0)
            rows.at = &out->metrics[i];
    return rows;
}

/* Digits of a decimal number in groups of three, as many decimals as it has but at most two. */
static void grouped(struct wf_buf *out, const char *value)
{
    size_t digits = strspn(value, "-0123456789"), from = *value == '-';
    wf_buf_add(out, value, from);
    for (size_t i = from; i < digits; i++) {
        wf_buf_addc(out, value[i]);
        if ((digits - i - 1) % 3 == 0 && i + 1 < digits)
            wf_buf_addc(out, ',');
    }
    size_t rest = strlen(value + digits);
    wf_buf_add(out, value + digits, rest > 3 ? 3 : rest);
}

/* The figure as a person reads it; `value` is as metrics.csv has it. */
static void shown(struct wf_buf *out, const struct wf_metric_row *row, const char *unit,
                  const char *value)
{
    if (strcmp(unit, "share") == 0)
        wf_buf_addf(out, "%.1f%%", row->value * 100);
    else
        grouped(out, value);
}

static void figure(struct wf_report *report, const struct wf_metric_row *row, const char *element,
                   const char *class_)
{
    struct wf_html *html = &report->html;
    const struct wf_ir_metric *metric = &report->ir->metrics[row->metric];
    struct wf_buf value;
    wf_buf_init(&value, report->alloc, 0);
    wf_figure_value(&value, report->ir, row);
    wf_buf_addf(html->out, "<%s class=\"%s\" data-v=\"%s\">", element, class_, wf_buf_str(&value));
    wf_html_link(html, metric->place);
    if (row->known)
        shown(html->out, row, wf_figure_unit(report->ir, metric), wf_buf_str(&value));
    else
        wf_html_raw(html, "\xe2\x80\x93");
    wf_html_link_end(html, metric->place);
    wf_buf_addf(html->out, "</%s>", element);
    html->out->failed |= value.failed;
    wf_buf_release(&value);
}

static const char *label_of(const struct wf_ir *ir, uint32_t metric)
{
    const struct wf_ir_metric *m = &ir->metrics[metric];
    return wf_ir_text(ir, m->label == WF_NONE ? m->name : m->label);
}

static const char *section_of(const struct wf_ir *ir, uint32_t metric)
{
    return wf_ir_text(ir, ir->metrics[metric].section);
}

static const char *by_of(const struct wf_ir *ir, uint32_t metric)
{
    return wf_ir_text(ir, ir->metrics[metric].by_text);
}

/* ---- figures of the whole house ---- */

static void alone(struct wf_report *report, const char *section)
{
    const struct wf_ir *ir = report->ir;
    bool any = false;
    for (uint32_t i = 0; i < ir->n_metrics; i++) {
        struct rows rows = rows_of(report->publish->outcome, i);
        if (ir->metrics[i].by != WF_NONE || strcmp(section_of(ir, i), section) != 0 || !rows.n)
            continue;
        wf_html_raw(&report->html, any ? "<div>" : "<dl class=\"facts\"><div>");
        wf_html_raw(&report->html, "<dt>");
        wf_html_text(&report->html, label_of(ir, i));
        wf_html_raw(&report->html, "</dt>");
        figure(report, rows.at, "dd", "v");
        wf_html_raw(&report->html, "</div>");
        any = true;
    }
    if (any)
        wf_html_raw(&report->html, "</dl>\n");
}

/* ---- split ones ---- */

struct split {
    uint32_t *metrics;
    struct rows *rows;
    size_t *at; /* by metric: the next row, which is mostly the one asked for */
    size_t n;
};

static const struct wf_metric_row *row_of(struct split *split, size_t k, const char *group)
{
    const struct rows *rows = &split->rows[k];
    for (size_t tried = 0; tried < rows->n; tried++) {
        size_t i = (split->at[k] + tried) % rows->n;
        if (strcmp(rows->at[i].group, group) == 0) {
            split->at[k] = i + 1;
            return &rows->at[i];
        }
    }
    return NULL;
}

/* Whether a metric before this one has the group: then its row is written already. */
static bool told(struct split *split, size_t k, const char *group)
{
    for (size_t before = 0; before < k; before++)
        if (row_of(split, before, group))
            return true;
    return false;
}

static void group_row(struct wf_report *report, struct split *split, const struct wf_metric_row *of)
{
    struct wf_html *html = &report->html;
    wf_html_row(html);
    wf_html_raw(html, "<td class=\"name\">");
    if (of->lacking)
        wf_html_say(html, "not known", "未知");
    else
        wf_html_text(html, of->group);
    wf_html_raw(html, "</td>");
    for (size_t k = 0; k < split->n; k++) {
        const struct wf_metric_row *row = row_of(split, k, of->group);
        if (row)
            figure(report, row, "td", "n");
        else
            wf_html_none(html);
    }
}

static void split_table(struct wf_report *report, struct split *split, const char *by)
{
    struct wf_html *html = &report->html;
    wf_html_raw(html, split->n > 2 ? "<div class=\"wide\">" : "<div class=\"wide few\">");
    wf_html_raw(html, "<table>\n<thead><tr><th scope=\"col\">");
    wf_html_text(html, by);
    wf_html_raw(html, "</th>");
    for (size_t k = 0; k < split->n; k++) {
        wf_html_raw(html, "<th scope=\"col\" class=\"n\">");
        wf_html_text(html, label_of(report->ir, split->metrics[k]));
        wf_html_raw(html, "</th>");
    }
    wf_html_raw(html, "</tr></thead>\n<tbody>");
    for (size_t k = 0; k < split->n; k++)
        for (size_t i = 0; i < split->rows[k].n; i++)
            if (!told(split, k, split->rows[k].at[i].group))
                group_row(report, split, &split->rows[k].at[i]);
    wf_html_table_end(html);
}

/* The metrics of the section that are split as this one is; this is the first of them. */
static enum wf_status split_as(struct wf_report *report, uint32_t first)
{
    const struct wf_ir *ir = report->ir;
    struct split split = {.n = 0};
    split.metrics = wf_calloc(report->alloc, ir->n_metrics, sizeof(*split.metrics));
    split.rows = wf_calloc(report->alloc, ir->n_metrics, sizeof(*split.rows));
    split.at = wf_calloc(report->alloc, ir->n_metrics, sizeof(*split.at));
    enum wf_status st = split.metrics && split.rows && split.at ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t i = first; st == WF_OK && i < ir->n_metrics; i++) {
        if (ir->metrics[i].by == WF_NONE || strcmp(by_of(ir, i), by_of(ir, first)) != 0 ||
            strcmp(section_of(ir, i), section_of(ir, first)) != 0)
            continue;
        split.metrics[split.n] = i;
        split.rows[split.n++] = rows_of(report->publish->outcome, i);
    }
    if (st == WF_OK)
        split_table(report, &split, by_of(ir, first));
    wf_free(report->alloc, split.metrics);
    wf_free(report->alloc, split.rows);
    wf_free(report->alloc, split.at);
    return st;
}

static bool first_of(const struct wf_ir *ir, uint32_t metric, bool splits)
{
    for (uint32_t i = 0; i < metric; i++)
        if (strcmp(section_of(ir, i), section_of(ir, metric)) == 0 &&
            (!splits ||
             (ir->metrics[i].by != WF_NONE && strcmp(by_of(ir, i), by_of(ir, metric)) == 0)))
            return false;
    return true;
}

/* Sections that the library names are translated, others are the rules' own words. */
static void heading(struct wf_html *html, const char *section)
{
    static const struct wf_html_words KNOWN[] = {
        {"resources", "资源"}, {"service", "服务"}, {"consumption", "消费"}};
    if (!*section)
        return;
    wf_html_raw(html, "<h3>");
    for (size_t i = 0; i < sizeof(KNOWN) / sizeof(*KNOWN); i++) {
        if (strcmp(KNOWN[i].en, section) == 0 || strcmp(KNOWN[i].zh, section) == 0) {
            wf_html_say(html, KNOWN[i].en, KNOWN[i].zh);
            section = "";
        }
    }
    wf_html_text(html, section);
    wf_html_raw(html, "</h3>\n");
}

enum wf_status wf_report_metrics(struct wf_report *report)
{
    const struct wf_ir *ir = report->ir;
    enum wf_status st = WF_OK;
    if (ir->n_metrics == 0)
        return WF_OK;
    wf_html_section(&report->html, "figures", (struct wf_html_words){"Figures", "经营指标"},
                    (struct wf_html_words){NULL, NULL});
    for (uint32_t i = 0; st == WF_OK && i < ir->n_metrics; i++) {
        if (!first_of(ir, i, false))
            continue;
        heading(&report->html, section_of(ir, i));
        alone(report, section_of(ir, i));
        wf_html_raw(&report->html, "<div class=\"tables\">\n");
        for (uint32_t k = i; st == WF_OK && k < ir->n_metrics; k++)
            if (ir->metrics[k].by != WF_NONE && first_of(ir, k, true) &&
                strcmp(section_of(ir, k), section_of(ir, i)) == 0)
                st = split_as(report, k);
        wf_html_raw(&report->html, "</div>\n");
    }
    wf_html_section_end(&report->html);
    return st;
}
