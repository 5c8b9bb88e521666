/* What the night was decided from: the feeds, and the rows that could not be taken. */
#include <stdlib.h>
#include <string.h>

#include "runtime/run/report_int.h"

static void feeds(struct wf_report *report)
{
    static const struct wf_html_column COLUMNS[] = {{{"Feed", "数据"}, false},
                                                    {{"Rows", "行数"}, true},
                                                    {{"Taken", "采用"}, true},
                                                    {{"Rejected", "拒绝"}, true},
                                                    {{"Duplicates", "重复"}, true},
                                                    {{"Of nobody", "无会员号"}, true},
                                                    {{"Of strangers", "未知会员"}, true},
                                                    {{"Not yet", "尚未发生"}, true}};
    const struct wf_load_report *load = report->publish->report;
    struct wf_html *html = &report->html;
    wf_html_table(html, (struct wf_html_words){NULL, NULL}, COLUMNS, 8);
    for (size_t i = 0; i < load->n_feeds; i++) {
        const struct wf_load_feed *feed = &load->feeds[i];
        const uint64_t cells[] = {feed->rows,    feed->kept,    feed->rejects, feed->duplicates,
                                  feed->nobodys, feed->orphans, feed->future};
        wf_html_row(html);
        wf_html_cell(html, feed->name);
        for (size_t k = 0; k < sizeof(cells) / sizeof(*cells); k++)
            wf_html_count(html, cells[k], WF_NONE);
    }
    wf_html_table_end(html);
}

static int order(const struct wf_load_reject *a, const struct wf_load_reject *b)
{
    int by = a->file < b->file ? -1 : a->file > b->file;
    by = by ? by : strcmp(a->column, b->column);
    return by ? by : strcmp(a->what, b->what);
}

static int by_cause(const void *a, const void *b)
{
    return order(*(const struct wf_load_reject *const *)a,
                 *(const struct wf_load_reject *const *)b);
}

/* By file, column and cause: the rows themselves are in rejects.csv, for who may see them. */
static enum wf_status rejects(struct wf_report *report)
{
    static const struct wf_html_column COLUMNS[] = {{{"File", "文件"}, false},
                                                    {{"Column", "列"}, false},
                                                    {{"Cause", "原因"}, false},
                                                    {{"Rows", "行数"}, true},
                                                    {{"First line", "首行号"}, true}};
    const struct wf_load_report *load = report->publish->report;
    struct wf_html *html = &report->html;
    const struct wf_load_reject **list = wf_calloc(report->alloc, load->n_rejects, sizeof(*list));
    if (!list)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < load->n_rejects; i++)
        list[i] = &load->rejects[i];
    qsort(list, load->n_rejects, sizeof(*list), by_cause);
    wf_html_table(html, (struct wf_html_words){"Rejected rows", "被拒绝的行"}, COLUMNS, 5);
    for (size_t i = 0, end; i < load->n_rejects; i = end) {
        uint64_t line = list[i]->line;
        for (end = i; end < load->n_rejects && order(list[i], list[end]) == 0; end++)
            line = list[end]->line < line ? list[end]->line : line;
        wf_html_row(html);
        wf_html_cell(html, load->files[list[i]->file].name);
        wf_html_cell(html, list[i]->column);
        wf_html_cell(html, list[i]->what);
        wf_html_count(html, end - i, WF_NONE);
        wf_html_count(html, line, WF_NONE);
    }
    wf_html_table_end(html);
    wf_free(report->alloc, list);
    return WF_OK;
}

enum wf_status wf_report_exports(struct wf_report *report)
{
    wf_html_section(&report->html, "exports",
                    (struct wf_html_words){"What it was decided from", "数据来源"},
                    (struct wf_html_words){NULL, NULL});
    feeds(report);
    enum wf_status st = report->publish->report->n_rejects ? rejects(report) : WF_OK;
    wf_html_section_end(&report->html);
    return st;
}
