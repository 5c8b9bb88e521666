/* What left and what did not: by rule, by channel, by gate. */
#include <stdlib.h>
#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/report_int.h"

enum { MOST_COLUMNS = 8 + WF_GATE_COUNT_ };

/* The gates that stopped anything tonight. */
struct gates {
    enum wf_gate gate[WF_GATE_COUNT_];
    size_t n;
};

static struct gates gates_of(const struct wf_report *report)
{
    struct gates gates = {.n = 0};
    for (int gate = WF_GATE_NONE + 1; gate < WF_GATE_COUNT_; gate++)
        if (wf_report_total(&report->tally, (enum wf_gate)gate))
            gates.gate[gates.n++] = (enum wf_gate)gate;
    return gates;
}

static size_t gate_columns(const struct gates *gates, struct wf_html_column *columns)
{
    size_t n = 0;
    columns[n++] = (struct wf_html_column){{"Left", "发出"}, true};
    columns[n++] = (struct wf_html_column){{"Stopped", "拦下"}, true};
    for (size_t i = 0; i < gates->n; i++)
        columns[n++] = (struct wf_html_column){wf_report_gate_words(gates->gate[i]), true};
    return n;
}

static void gate_cells(struct wf_report *report, const struct gates *gates,
                       const struct wf_report_row *sum)
{
    wf_html_count(&report->html, sum->n[WF_GATE_NONE], sum->place);
    wf_html_count(&report->html, wf_report_stopped(sum), sum->place);
    for (size_t i = 0; i < gates->n; i++)
        wf_html_count(&report->html, sum->n[gates->gate[i]], sum->place);
}

static void add_to(struct wf_report_row *sum, const struct wf_report_row *row)
{
    for (int gate = 0; gate < WF_GATE_COUNT_; gate++)
        sum->n[gate] += row->n[gate];
}

/* ---- by rule ---- */

static void rule_row(struct wf_report *report, const struct gates *gates,
                     const struct wf_report_row *sum, const struct wf_rule_counts *counts)
{
    struct wf_html *html = &report->html;
    wf_html_row(html);
    wf_html_raw(html, "<td class=\"name\">");
    wf_html_text(html, sum->name);
    wf_html_raw(html, " ");
    wf_html_place(html, sum->place);
    wf_html_raw(html, "</td>");
    gate_cells(report, gates, sum);
    if (!counts) {
        wf_html_none(html);
        wf_html_none(html);
        return;
    }
    wf_html_count(html, counts->guard, sum->place);
    wf_html_count(html, counts->before, sum->place);
}

static void by_rule(struct wf_report *report, const struct gates *gates)
{
    const struct wf_ir *ir = report->ir;
    struct wf_html_column columns[MOST_COLUMNS] = {{{"Rule", "规则"}, false}};
    size_t n = 1 + gate_columns(gates, columns + 1);
    columns[n++] = (struct wf_html_column){{"Condition not true", "条件不成立"}, true};
    columns[n++] = (struct wf_html_column){{"Before its first run", "早于首次运行"}, true};
    wf_html_table(&report->html, (struct wf_html_words){"By rule", "按规则"}, columns, n);
    for (uint32_t i = 0; i < wf_n_rules(ir); i++) {
        struct wf_rule_view rule = wf_rule_view(ir, i);
        struct wf_report_row sum = {.place = rule.place, .name = wf_ir_text(ir, rule.name)};
        if (i < ir->n_triggers && ir->triggers[i].journey != WF_NONE)
            continue; /* a journey's entry: what leaves is the journey's */
        for (size_t k = 0; k < report->tally.n; k++)
            if (report->tally.rows[k].rule == i)
                add_to(&sum, &report->tally.rows[k]);
        rule_row(report, gates, &sum, rule.journey ? NULL : &report->publish->outcome->rules[i]);
    }
    for (size_t k = 0; k < report->tally.n; k++)
        if (report->tally.rows[k].rule == WF_NONE)
            rule_row(report, gates, &report->tally.rows[k], NULL);
    wf_html_table_end(&report->html);
}

/* ---- by channel ---- */

static int by_words(const void *a, const void *b)
{
    const struct wf_report_row *x = a, *y = b;
    int by = strcmp(x->channel, y->channel);
    by = by ? by : strcmp(x->kind, y->kind);
    return by ? by : strcmp(x->what, y->what);
}

static void channel_row(struct wf_report *report, const struct gates *gates,
                        const struct wf_report_row *sum)
{
    struct wf_html *html = &report->html;
    struct wf_html_words kind = wf_report_kind_words(sum->kind);
    wf_html_row(html);
    wf_html_raw(html, "<td>");
    if (*sum->channel)
        wf_html_text(html, sum->channel);
    else
        wf_html_say(html, "any", "不限");
    wf_html_raw(html, "</td><td>");
    wf_html_say(html, kind.en, kind.zh);
    wf_html_raw(html, "</td>");
    wf_html_cell(html, sum->what);
    gate_cells(report, gates, sum);
}

/* The same thing by the same channel is one row, whichever rules ask for it. The rows are sorted
 * for it: nobody needs their order, or the ways between them, any more. */
static void by_channel(struct wf_report *report, const struct gates *gates)
{
    struct wf_report_tally *tally = &report->tally;
    struct wf_html_column columns[MOST_COLUMNS] = {
        {{"Channel", "渠道"}, false}, {{"Kind", "类型"}, false}, {{"What", "内容"}, false}};
    size_t n = 3 + gate_columns(gates, columns + 3);
    qsort(tally->rows, tally->n, sizeof(*tally->rows), by_words);
    wf_html_table(&report->html, (struct wf_html_words){"By channel", "按渠道"}, columns, n);
    for (size_t i = 0, end; i < tally->n; i = end) {
        struct wf_report_row sum = tally->rows[i];
        for (end = i + 1; end < tally->n && by_words(&sum, &tally->rows[end]) == 0; end++)
            add_to(&sum, &tally->rows[end]);
        channel_row(report, gates, &sum);
    }
    wf_html_table_end(&report->html);
}

/* ---- by gate ---- */

static const struct wf_html_words WHY[WF_GATE_COUNT_] = {
    [WF_GATE_VALID] = {"What it was about is over: the member left the journey, the content was "
                       "withdrawn, or another rule came first.",
                       "事由已不存在：会员已退出旅程，内容已撤回，或另一条规则在先。"},
    [WF_GATE_HOLDOUT] = {"Held out on purpose, so that the effect on the others can be told.",
                         "特意留作对照，用来看清其他人的效果。"},
    [WF_GATE_PAUSED] = {"Paused by a person, a policy or a breaker.", "由人、策略或熔断暂停。"},
    [WF_GATE_HOURS] = {"No open hour before the next night.", "下一次运行前没有可发送的时段。"},
    [WF_GATE_REACH] = {"No channel reaches this member.", "没有渠道能触达该会员。"},
    [WF_GATE_CAP] = {"The member, staff member or store has had enough already.",
                     "该会员、员工或门店已达到上限。"},
    [WF_GATE_STOCK] = {"All coupons are issued.", "券已发完。"},
    [WF_GATE_BUDGET] = {"The budget is spent.", "预算已用完。"},
    [WF_GATE_MISSED] = {"Due too long ago to be said now.", "到期太久，现在说已经不合适。"},
};

static void by_gate(struct wf_report *report, const struct gates *gates)
{
    static const struct wf_html_column COLUMNS[] = {{{"Stopped by", "拦下原因"}, false},
                                                    {{"Actions", "动作数"}, true},
                                                    {{"Share", "占比"}, false},
                                                    {{"Why", "说明"}, false}};
    struct wf_html *html = &report->html;
    uint64_t all = 0;
    for (size_t i = 0; i < gates->n; i++)
        all += wf_report_total(&report->tally, gates->gate[i]);
    wf_html_table(html, (struct wf_html_words){"Why not", "为何未发"}, COLUMNS, 4);
    for (size_t i = 0; i < gates->n; i++) {
        struct wf_html_words name = wf_report_gate_words(gates->gate[i]);
        uint64_t n = wf_report_total(&report->tally, gates->gate[i]);
        wf_html_row(html);
        wf_html_raw(html, "<td>");
        wf_html_say(html, name.en, name.zh);
        wf_html_raw(html, "</td>");
        wf_html_count(html, n, WF_NONE);
        wf_html_bar(html, wf_html_parts(n, all));
        wf_html_raw(html, "<td class=\"why\">");
        wf_html_say(html, WHY[gates->gate[i]].en, WHY[gates->gate[i]].zh);
        wf_html_raw(html, "</td>");
    }
    wf_html_table_end(html);
}

void wf_report_left(struct wf_report *report)
{
    struct gates gates = gates_of(report);
    wf_html_section(&report->html, "left",
                    (struct wf_html_words){"What leaves, and what does not", "发了什么，为何不发"},
                    (struct wf_html_words){NULL, NULL});
    by_rule(report, &gates);
    if (report->tally.n)
        by_channel(report, &gates);
    if (gates.n)
        by_gate(report, &gates);
    wf_html_section_end(&report->html);
}
