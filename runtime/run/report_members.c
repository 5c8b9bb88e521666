/* Who the members are: segments, classes, who moved from one class to another. */
#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/report_int.h"

static const struct wf_html_column COLUMNS[] = {
    {{"Name", "名称"}, false},   {{"Members", "人数"}, true}, {{"Share", "占比"}, false},
    {{"Entered", "进入"}, true}, {{"Left", "离开"}, true},    {{"Unknown", "未知"}, true}};
enum { N_COLUMNS = sizeof(COLUMNS) / sizeof(*COLUMNS) };

static void row(struct wf_report *report, const char *name, uint32_t place,
                const struct wf_segment_counts *counts)
{
    struct wf_html *html = &report->html;
    wf_html_row(html);
    wf_html_raw(html, "<td class=\"name\">");
    wf_html_text(html, name);
    wf_html_raw(html, " ");
    wf_html_place(html, place);
    wf_html_raw(html, "</td>");
    wf_html_count(html, counts->size, place);
    wf_html_bar(html, wf_html_parts(counts->size, report->publish->night->data->n_members));
    if (counts->compared) {
        wf_html_count(html, counts->entered, place);
        wf_html_count(html, counts->left, place);
    } else {
        wf_html_none(html);
        wf_html_none(html);
    }
    wf_html_count(html, counts->unknown, place);
}

static void segments(struct wf_report *report)
{
    const struct wf_ir *ir = report->ir;
    if (ir->n_segments == 0)
        return;
    wf_html_table(&report->html, (struct wf_html_words){"Segments", "分群"}, COLUMNS, N_COLUMNS);
    for (uint32_t i = 0; i < ir->n_segments; i++)
        row(report, wf_ir_text(ir, ir->segments[i].name), ir->segments[i].place,
            &report->publish->outcome->segments[i]);
    wf_html_table_end(&report->html);
}

/* A caption that is a name of the rules. */
static void named(struct wf_html *html, const char *name)
{
    wf_html_raw(html, "<h3>");
    wf_html_text(html, name);
    wf_html_raw(html, "</h3>\n");
}

static void moves(struct wf_report *report, uint32_t first, uint32_t end)
{
    const struct wf_ir *ir = report->ir;
    const uint64_t *n = report->publish->outcome->moves;
    struct wf_html *html = &report->html;
    wf_html_raw(html, "<div class=\"wide\"><table class=\"moves\">\n<caption>");
    wf_html_say(html, "From one class (rows) to another (columns) since the night before",
                "与前一晚相比，从哪一类（行）到哪一类（列）");
    wf_html_raw(html, "</caption>\n<thead><tr><td></td>");
    for (uint32_t to = first; to < end; to++) {
        wf_html_raw(html, "<th scope=\"col\" class=\"n\">");
        wf_html_text(html, wf_ir_text(ir, ir->classes[to].name));
        wf_html_raw(html, "</th>");
    }
    wf_html_raw(html, "</tr></thead>\n<tbody>");
    for (uint32_t from = first; from < end; from++) {
        wf_html_row(html);
        wf_html_raw(html, "<th scope=\"row\">");
        wf_html_text(html, wf_ir_text(ir, ir->classes[from].name));
        wf_html_raw(html, "</th>");
        for (uint32_t to = first; to < end; to++)
            wf_html_count(html, n[(size_t)from * ir->n_classes + to], ir->classes[to].place);
    }
    wf_html_table_end(html);
}

static void classes(struct wf_report *report)
{
    const struct wf_ir *ir = report->ir;
    const struct wf_segment_counts *counts = report->publish->outcome->segments + ir->n_segments;
    for (uint32_t i = 0, end; i < ir->n_classes; i = end) {
        for (end = i; end < ir->n_classes && ir->classes[end].classify == ir->classes[i].classify;)
            end++;
        named(&report->html, wf_ir_text(ir, ir->classes[i].classify));
        wf_html_table(&report->html, (struct wf_html_words){NULL, NULL}, COLUMNS, N_COLUMNS);
        for (uint32_t k = i; k < end; k++)
            row(report, wf_ir_text(ir, ir->classes[k].name), ir->classes[k].place, &counts[k]);
        wf_html_table_end(&report->html);
        if (report->publish->outcome->moves && counts[i].compared)
            moves(report, i, end);
    }
}

void wf_report_segments(struct wf_report *report)
{
    if (report->ir->n_segments + report->ir->n_classes == 0)
        return;
    wf_html_section(&report->html, "segments",
                    (struct wf_html_words){"Who the members are", "会员构成"},
                    (struct wf_html_words){NULL, NULL});
    classes(report);
    segments(report);
    wf_html_section_end(&report->html);
}
