/* Concentration: of what members bring, what the first of them have. */
#include <stdio.h>

#include "runtime/run/action.h"
#include "runtime/run/report_int.h"

static const unsigned TOLD[] = {1, 5, 7, 10, 20, 30, 50};
enum { N_TOLD = sizeof(TOLD) / sizeof(*TOLD), STEP = 5, POINTS = (WF_POP_CURVE - 1) / STEP + 1 };

/* Two figures of one X among the same members have one curve. */
static bool told_before(const struct wf_ir *ir, const struct wf_pops *pops, uint32_t pop)
{
    for (uint32_t i = 0; i < pop; i++)
        if (pops->figures[i].curved && ir->pops[i].x == ir->pops[pop].x &&
            ir->pops[i].among == ir->pops[pop].among)
            return true;
    return false;
}

/* What the rules call it, where some condition shows its value. */
static const char *name_of(const struct wf_ir *ir, uint32_t node)
{
    for (uint32_t i = 0; i < ir->n_shows; i++)
        if (ir->shows[i].node == node)
            return wf_ir_text(ir, ir->shows[i].label);
    return NULL;
}

static void shares(struct wf_report *report, const uint16_t *curve, uint32_t place)
{
    static const struct wf_html_column COLUMNS[] = {{{"The first", "排名前"}, true},
                                                    {{"have", "所占比例"}, false}};
    struct wf_html *html = &report->html;
    wf_html_table(html, (struct wf_html_words){NULL, NULL}, COLUMNS, 2);
    for (size_t i = 0; i < N_TOLD; i++) {
        wf_html_row(html);
        wf_buf_addf(html->out, "<td class=\"n\" data-v=\"%u\">", TOLD[i]);
        wf_html_link(html, place);
        wf_buf_addf(html->out, "%u%%", TOLD[i]);
        wf_html_link_end(html, place);
        wf_html_raw(html, "</td>");
        wf_html_bar(html, curve[TOLD[i]] / 10u);
    }
    wf_html_table_end(html);
}

static void curve(struct wf_report *report, uint32_t pop)
{
    const struct wf_ir *ir = report->ir;
    struct wf_html *html = &report->html;
    const uint16_t *points = report->publish->outcome->pops.figures[pop].curve;
    uint32_t place = ir->nodes[ir->pops[pop].x].place;
    const char *name = name_of(ir, ir->pops[pop].x), *labels[POINTS];
    char texts[POINTS][8];
    int64_t values[POINTS], equal[POINTS];
    for (size_t i = 0; i < POINTS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%zu%%", i * STEP);
        labels[i] = texts[i];
        values[i] = points[i * STEP];
        equal[i] = (int64_t)(i * STEP * 100);
    }
    const struct wf_html_line lines[] = {
        {{"What the first have", "前列会员所占"}, name, values},
        {{"If all had the same", "若人人相同"}, NULL, equal},
    };
    wf_html_raw(html, "<h3>");
    if (name)
        wf_html_text(html, name);
    else
        wf_html_source(html, place);
    wf_html_raw(html, " ");
    wf_html_place(html, place);
    wf_html_raw(html, "</h3>\n<div class=\"pair\">\n");
    wf_html_chart(html,
                  (struct wf_html_words){"Share of the total (up) by share of the members (right)",
                                         "纵轴：占总额；横轴：占会员人数，由高到低"},
                  lines, 2, labels, POINTS, true);
    shares(report, points, place);
    wf_html_raw(html, "</div>\n");
}

void wf_report_curves(struct wf_report *report)
{
    const struct wf_pops *pops = &report->publish->outcome->pops;
    bool any = false;
    for (uint32_t i = 0; i < pops->n; i++) {
        if (!pops->figures[i].curved || told_before(report->ir, pops, i))
            continue;
        if (!any)
            wf_html_section(
                &report->html, "curves", (struct wf_html_words){"Concentration", "集中度"},
                (struct wf_html_words){"How much of a figure the members with most of it have.",
                                       "某项数值最高的会员占总数的多少。"});
        any = true;
        curve(report, i);
    }
    if (any)
        wf_html_section_end(&report->html);
}
