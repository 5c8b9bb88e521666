/* The nights to come, as `simulate` tells them. */
#include <inttypes.h>
#include <string.h>

#include "runtime/run/report.h"
#include "runtime/run/simulate.h"

/* Lines for the channels by which most leaves, and one for all. */
enum { MOST_LINES = 5 };

struct channel {
    const char *name;
    int64_t *n; /* by night */
};

/* `values`: room for each of them. Answers how many. */
static size_t channels_of(const struct wf_forecast *f, int64_t *values, struct channel *channels)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_rows; i++) {
        const struct wf_forecast_row *row = &f->rows[i];
        size_t k = 0;
        if (*row->gate)
            continue;
        while (k < n && strcmp(channels[k].name, row->channel) != 0)
            k++;
        if (k == MOST_LINES)
            continue; /* it is in the sum */
        if (k == n)
            channels[n++] = (struct channel){row->channel, values + k * f->n_nights};
        for (uint32_t night = 0; night < f->n_nights; night++)
            channels[k].n[night] += (int64_t)row->n[night];
    }
    return n;
}

static enum wf_status volumes(struct wf_html *html, const struct wf_forecast *f)
{
    struct channel channels[MOST_LINES];
    struct wf_html_line lines[MOST_LINES + 1];
    size_t n = 0, nights = f->n_nights;
    const char **labels = wf_calloc(NULL, nights, sizeof(*labels));
    int64_t *values = wf_calloc(NULL, nights * (MOST_LINES + 1), sizeof(*values));
    enum wf_status st = labels && values ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK) {
        int64_t *all = values + nights * MOST_LINES;
        for (size_t i = 0; i < nights; i++) {
            labels[i] = f->nights[i].night + 5;
            all[i] = (int64_t)f->nights[i].actions;
        }
        n = channels_of(f, values, channels);
        lines[0] = (struct wf_html_line){{"All that leaves", "全部发出"}, NULL, all};
        for (size_t i = 0; i < n; i++)
            lines[i + 1] = (struct wf_html_line){{"Channel left open", "不限渠道"},
                                                 *channels[i].name ? channels[i].name : NULL,
                                                 channels[i].n};
        wf_html_chart(html, (struct wf_html_words){"Actions a night", "每夜动作数"}, lines,
                      n == 1 ? 1 : n + 1, labels, nights, false);
    }
    wf_free(NULL, labels);
    wf_free(NULL, values);
    return st;
}

static void rows(struct wf_html *html, const struct wf_forecast *f)
{
    static const struct wf_html_column COLUMNS[] = {
        {{"Rule", "规则"}, false},    {{"Kind", "类型"}, false}, {{"What", "内容"}, false},
        {{"Channel", "渠道"}, false}, {{"Gate", "关卡"}, false}, {{"In all", "合计"}, true}};
    wf_html_table(html, (struct wf_html_words){"By rule", "按规则"}, COLUMNS, 6);
    for (size_t i = 0; i < f->n_rows; i++) {
        const struct wf_forecast_row *row = &f->rows[i];
        wf_html_row(html);
        wf_html_cell(html, row->rule);
        wf_html_cell(html, row->kind);
        wf_html_cell(html, row->name);
        wf_html_cell(html, row->channel);
        wf_html_cell(html, row->gate);
        wf_html_count(html, row->total, WF_NONE);
    }
    wf_html_table_end(html);
}

/* On which night something runs out, and how much it then stops. */
static void ends(struct wf_html *html, const char *what, const struct wf_forecast *f, int64_t first,
                 uint64_t stopped)
{
    if (first < 0)
        return;
    wf_html_row(html);
    wf_html_cell(html, what);
    wf_html_cell(html, f->nights[first].night);
    wf_html_count(html, stopped, WF_NONE);
}

static void limits(struct wf_html *html, const struct wf_forecast *f)
{
    static const struct wf_html_column COLUMNS[] = {{{"What ends", "何者用尽"}, false},
                                                    {{"First night", "首夜"}, false},
                                                    {{"Actions it stops", "拦下的动作"}, true}};
    bool any = false;
    for (size_t i = 0; i < f->n_stocks; i++)
        any |= f->stocks[i].first >= 0;
    for (size_t i = 0; i < f->n_budgets; i++)
        any |= f->budgets[i].n_ends > 0;
    for (size_t i = 0; i < f->n_caps; i++)
        any |= f->caps[i].first >= 0;
    if (!any)
        return;
    wf_html_table(html, (struct wf_html_words){"Stocks, budgets and caps", "库存、预算与上限"},
                  COLUMNS, 3);
    for (size_t i = 0; i < f->n_stocks; i++)
        ends(html, f->stocks[i].coupon, f, f->stocks[i].first, f->stocks[i].stopped);
    for (size_t i = 0; i < f->n_budgets; i++)
        if (f->budgets[i].n_ends)
            ends(html, f->budgets[i].text, f, f->budgets[i].ends[0], f->budgets[i].total);
    for (size_t i = 0; i < f->n_caps; i++)
        ends(html, f->caps[i].text, f, f->caps[i].first, f->caps[i].total);
    wf_html_table_end(html);
}

enum wf_status wf_report_forecast(struct wf_html *html, const struct wf_forecast *forecast)
{
    wf_html_section(
        html, "forecast", (struct wf_html_words){"The nights to come", "未来各夜"},
        forecast->weeks
            ? (struct wf_html_words){"As if the last weeks came again; nobody answers "
                                     "what is sent.",
                                     "假设最近几周重演，且发送不引起任何反应。"}
            : (struct wf_html_words){"As if nothing new happened.", "假设没有新的事件发生。"});
    enum wf_status st = volumes(html, forecast);
    rows(html, forecast);
    limits(html, forecast);
    wf_html_section_end(html);
    return st;
}
