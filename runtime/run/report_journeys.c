/* Each journey: its night, how far those who entered have come, its picture with counts. */
#include <inttypes.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/graph.h"
#include "runtime/run/report_int.h"

/* ---- the picture's words: they do not come from a catalogue, which may be there or not ---- */

static const char *in_english(const char *text)
{
    return text;
}

static const char *in_chinese(const char *text)
{
    static const char *const WORDS[][2] = {
        {"%" PRIu64 " member waits", "等待中 %" PRIu64},
        {"%" PRIu64 " members wait", "等待中 %" PRIu64},
        {"tonight %" PRIu64, "今晚 %" PRIu64},
        {"stopped by gates %" PRIu64, "被拦下 %" PRIu64},
        {"leaves", "离开"},
        {"in all %" PRIu64, "累计 %" PRIu64},
        {"it comes", "等到"},
        {"not within %s", "%s内未等到"},
        {"yes", "是"},
        {"no", "否"},
        {"unknown", "未知"},
        {"enter when %s", "进入：%s"},
        {"held out %g%%", "对照组 %g%%"},
        {"entered %" PRIu64, "累计进入 %" PRIu64},
        {"%" PRIu64 " more walk an older version", "另有 %" PRIu64 " 人走旧版本"},
        {"at any time, when %s", "任何时候：%s"},
        {"exit", "退出"},
        {"goal", "目标"},
        {"%s: the edges tell how many went that way on the night of %s",
         "%s：线旁的数字是 %s 当晚走这条路的人数"},
        {"reached %" PRIu64, "累计达成 %" PRIu64},
    };
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++)
        if (strcmp(WORDS[i][0], text) == 0)
            return WORDS[i][1];
    return text;
}

static enum wf_status picture(struct wf_report *report, uint32_t journey,
                              const struct wf_graph_figures *figures, bool chinese)
{
    struct wf_html *html = &report->html;
    struct wf_graph graph;
    wf_graph_init(&graph, report->alloc);
    graph.word = chinese ? in_chinese : in_english;
    wf_graph_journey(&graph, report->ir, journey, figures);
    wf_html_raw(html, chinese ? "<div class=\"wide picture\" lang=\"zh\">"
                              : "<div class=\"wide picture\" lang=\"en\">");
    enum wf_status st = wf_graph_svg(&graph, html->out);
    wf_html_raw(html, "</div>\n");
    wf_graph_release(&graph);
    return st;
}

/* ---- figures ---- */

static const struct wf_html_column STAGES[] = {{{"Since it began", "开始以来"}, false},
                                               {{"Treated", "发送组"}, true},
                                               {{"Held out", "对照组"}, true},
                                               {{"Of those who entered", "占进入人数"}, false}};

static void stage(struct wf_report *report, uint32_t place, struct wf_html_words name,
                  const uint64_t n[2], uint64_t of)
{
    struct wf_html *html = &report->html;
    wf_html_row(html);
    wf_html_raw(html, "<td>");
    wf_html_say(html, name.en, name.zh);
    wf_html_raw(html, "</td>");
    wf_html_count(html, n[0], place);
    wf_html_count(html, n[1], place);
    wf_html_bar(html, wf_html_parts(n[0] + n[1], of));
}

static void funnel(struct wf_report *report, const struct wf_ir_journey *j,
                   const struct wf_journey_totals *t)
{
    const uint64_t all = t->entered[0] + t->entered[1];
    uint64_t in_it[2];
    for (int i = 0; i < 2; i++) {
        uint64_t gone = t->left[i] + t->exited[i];
        in_it[i] = t->entered[i] > gone ? t->entered[i] - gone : 0;
    }
    wf_html_table(&report->html, (struct wf_html_words){"How far they came", "走到哪一步"}, STAGES,
                  4);
    stage(report, j->place, (struct wf_html_words){"Entered", "进入"}, t->entered, all);
    stage(report, j->place, (struct wf_html_words){"In it now", "正在旅程中"}, in_it, all);
    stage(report, j->place, (struct wf_html_words){"Came to its end", "走到终点"}, t->left, all);
    stage(report, j->place, (struct wf_html_words){"Left by its exit", "因退出条件离开"}, t->exited,
          all);
    if (j->goal_kind != WF_GOAL_NONE && j->goal_kind != WF_GOAL_VALUE)
        stage(report, j->place, (struct wf_html_words){"Reached the goal", "达成目标"}, t->goals,
              all);
    wf_html_table_end(&report->html);
}

static void fact(struct wf_report *report, const char *en, const char *zh, uint64_t n,
                 uint32_t place)
{
    struct wf_html *html = &report->html;
    wf_html_raw(html, "<div><dt>");
    wf_html_say(html, en, zh);
    wf_html_raw(html, "</dt><dd>");
    wf_html_link(html, place);
    wf_html_digits(html->out, n);
    wf_html_link_end(html, place);
    wf_html_raw(html, "</dd></div>");
}

static void tonight(struct wf_report *report, uint32_t place, const struct wf_journey_counts *c)
{
    wf_html_raw(&report->html, "<dl class=\"facts\">");
    fact(report, "Entered tonight", "今晚进入", c->entered, place);
    fact(report, "At its end tonight", "今晚走到终点", c->left, place);
    fact(report, "Exited tonight", "今晚退出", c->exited, place);
    fact(report, "Goals tonight", "今晚达成目标", c->goals[0] + c->goals[1], place);
    fact(report, "In it now", "正在旅程中", c->in_flight, place);
    if (c->doubt)
        fact(report, "Standing still in doubt", "存疑未动", c->doubt, place);
    wf_html_raw(&report->html, "</dl>\n");
}

static enum wf_status journey(struct wf_report *report, uint32_t row)
{
    const struct wf_ir_journey *j = &report->ir->journeys[row];
    const struct wf_publish *p = report->publish;
    struct wf_html *html = &report->html;
    struct wf_graph_figures figures;
    enum wf_status st = wf_graph_tonight(p->night, p->outcome, row, &figures);
    wf_html_raw(html, "<h3>");
    wf_html_text(html, wf_ir_text(report->ir, j->name));
    wf_html_raw(html, " ");
    wf_html_place(html, j->place);
    wf_html_raw(html, "</h3>\n");
    tonight(report, j->place, &p->outcome->journeys[row]);
    if (st == WF_OK) {
        funnel(report, j, &figures.totals);
        st = picture(report, row, &figures, false);
    }
    if (st == WF_OK)
        st = picture(report, row, &figures, true);
    wf_graph_figures_release(&figures);
    return st;
}

enum wf_status wf_report_journeys(struct wf_report *report)
{
    enum wf_status st = WF_OK;
    bool any = false;
    for (uint32_t i = 0; i < report->ir->n_journeys; i++)
        any |= !report->ir->journeys[i].pinned;
    if (!any || !report->publish->outcome->journeys)
        return WF_OK;
    wf_html_section(&report->html, "journeys", (struct wf_html_words){"Journeys", "旅程"},
                    (struct wf_html_words){NULL, NULL});
    for (uint32_t i = 0; st == WF_OK && i < report->ir->n_journeys; i++)
        if (!report->ir->journeys[i].pinned)
            st = journey(report, i);
    wf_html_section_end(&report->html);
    return st;
}
