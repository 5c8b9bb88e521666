/* What treatment did: who was treated against who was held out, arm against arm, with intervals. */
#include <math.h>

#include "runtime/engine/lift.h"
#include "runtime/run/action.h"
#include "runtime/run/report_int.h"

/* Differences are drawn from -MOST to MOST points of a hundred; what lies beyond ends at the edge.
 */
enum { WIDTH = 200, MOST = 50 };

static double across(double share)
{
    double x = WIDTH / 2.0 * (1 + share * 100 / MOST);
    return x < 2 ? 2 : x > WIDTH - 2 ? WIDTH - 2 : x;
}

static void points(struct wf_buf *out, double share)
{
    wf_buf_addf(out, "%+.1f", share * 100);
}

/* The difference as a dot on its interval; the middle line is none. */
static void whisker(struct wf_html *html, const struct wf_interval *i)
{
    wf_buf_addf(html->out,
                "<td data-v=\"%.6f\"><svg class=\"whisker\" viewBox=\"0 0 %d 20\" "
                "aria-hidden=\"true\"><path class=\"zero\" d=\"M%d 2V18\"/>",
                i->value, WIDTH, WIDTH / 2);
    if (i->sure)
        wf_buf_addf(html->out, "<path class=\"span\" d=\"M%.1f 10H%.1fM%.1f 6V14M%.1f 6V14\"/>",
                    across(i->low), across(i->high), across(i->low), across(i->high));
    wf_buf_addf(html->out, "<circle cx=\"%.1f\" cy=\"10\" r=\"3.5\"/></svg></td>",
                across(i->value));
}

static void difference(struct wf_html *html, const struct wf_interval *i, uint32_t place)
{
    if (!i->known) {
        wf_html_none(html);
        wf_html_none(html);
        return;
    }
    wf_buf_addf(html->out, "<td class=\"n\" data-v=\"%.6f\">", i->value);
    wf_html_link(html, place);
    points(html->out, i->value);
    wf_html_link_end(html, place);
    if (i->sure) {
        wf_html_raw(html, " <small>");
        points(html->out, i->low);
        wf_html_raw(html, " \xe2\x80\xa6 ");
        points(html->out, i->high);
        wf_html_raw(html, "</small>");
    }
    wf_html_raw(html, "</td>");
    whisker(html, i);
}

static void rate(struct wf_html *html, bool known, double value, uint32_t place)
{
    if (!known) {
        wf_html_none(html);
        return;
    }
    wf_buf_addf(html->out, "<td class=\"n\" data-v=\"%.6f\">", value);
    wf_html_link(html, place);
    wf_buf_addf(html->out, "%.1f%%", value * 100);
    wf_html_link_end(html, place);
    wf_html_raw(html, "</td>");
}

/* A mean is in hundredths. */
static void amount(struct wf_buf *out, double value)
{
    wf_buf_addf(out, "%+.2f", round(value) / 100);
}

static void mean(struct wf_html *html, const struct wf_interval *i, uint32_t place)
{
    if (!i->known) {
        wf_html_none(html);
        return;
    }
    wf_buf_addf(html->out, "<td class=\"n\" data-v=\"%.2f\">", round(i->value) / 100);
    wf_html_link(html, place);
    amount(html->out, i->value);
    wf_html_link_end(html, place);
    if (i->sure) {
        wf_html_raw(html, " <small>");
        amount(html->out, i->low);
        wf_html_raw(html, " \xe2\x80\xa6 ");
        amount(html->out, i->high);
        wf_html_raw(html, "</small>");
    }
    wf_html_raw(html, "</td>");
}

static void side(struct wf_report *report, uint32_t arm, const char *en, const char *zh)
{
    struct wf_html *html = &report->html;
    wf_html_raw(html, "<td>");
    if (arm == WF_NONE)
        wf_html_say(html, en, zh);
    else
        wf_html_text(html, wf_ir_text(report->ir, report->ir->arms[arm].label));
    wf_html_raw(html, "</td>");
}

static enum wf_status compared(void *ctx, const struct wf_compared *c)
{
    struct wf_report *report = ctx;
    struct wf_html *html = &report->html;
    const struct wf_ir_journey *j = &report->ir->journeys[c->journey];
    wf_html_row(html);
    wf_html_raw(html, "<td class=\"name\">");
    wf_html_text(html, wf_ir_text(report->ir, j->name));
    wf_html_raw(html, " ");
    wf_html_place(html, j->place);
    wf_html_raw(html, "</td>");
    side(report, c->arm, "treated", "发送组");
    side(report, c->base, "held out", "对照组");
    wf_html_count(html, c->cells[0]->members, j->place);
    rate(html, c->lift.rated[0], c->lift.rate[0], j->place);
    wf_html_count(html, c->cells[1]->members, j->place);
    rate(html, c->lift.rated[1], c->lift.rate[1], j->place);
    difference(html, &c->lift.rates, j->place);
    mean(html, &c->lift.means, j->place);
    return WF_OK;
}

enum wf_status wf_report_lift(struct wf_report *report)
{
    static const struct wf_html_column COLUMNS[] = {{{"Journey", "旅程"}, false},
                                                    {{"Group", "组"}, false},
                                                    {{"Held against", "对比组"}, false},
                                                    {{"Members", "人数"}, true},
                                                    {{"Reached the goal", "达成目标"}, true},
                                                    {{"Members there", "对比组人数"}, true},
                                                    {{"Reached it there", "对比组达成"}, true},
                                                    {{"Difference in points", "相差百分点"}, true},
                                                    {{"With its interval", "连同区间"}, false},
                                                    {{"Difference a member", "人均差额"}, true}};
    if (!wf_lift_asked(report->ir))
        return WF_OK;
    wf_html_section(
        &report->html, "lift", (struct wf_html_words){"What treatment did", "效果"},
        (struct wf_html_words){
            "Only members whose time for the goal is over count. Intervals are of 95%: one "
            "that holds zero may be chance.",
            "只计达成目标期限已过的会员。区间为 95%：包含零的，可能只是偶然。"});
    wf_html_table(&report->html, (struct wf_html_words){NULL, NULL}, COLUMNS,
                  sizeof(COLUMNS) / sizeof(*COLUMNS));
    enum wf_status st = wf_lift_each(report->ir, report->publish->night->state, compared, report);
    wf_html_table_end(&report->html);
    wf_html_section_end(&report->html);
    return st;
}
