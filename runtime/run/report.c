#include <inttypes.h>
#include <string.h>

#include "lang/base/escape.h"
#include "runtime/run/action.h"
#include "runtime/run/release.h"
#include "runtime/run/report_int.h"

static const struct wf_report_asset *file_called(const char *name)
{
    const struct wf_report_asset *file = wf_report_assets;
    while (file->name && strcmp(file->name, name) != 0)
        file++;
    return file->name ? file : NULL;
}

/* One of the page's own files inside an element. */
static void put_file(struct wf_html *html, const char *element, const char *name)
{
    const struct wf_report_asset *file = file_called(name);
    if (!file)
        return;
    wf_buf_addf(html->out, "<%s>\n", element);
    wf_buf_add(html->out, file->bytes, file->len);
    wf_buf_addf(html->out, "</%s>\n", element);
}

/* ---- the head ---- */

static void head(struct wf_report *report, const char *night)
{
    struct wf_html *html = &report->html;
    wf_buf_addf(html->out,
                "<!DOCTYPE html>\n" WF_REPORT_LANGUAGE "\n<head>\n"
                "<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<link rel=\"icon\" href=\"data:,\">\n"
                "<title>%s</title>\n",
                night);
    put_file(html, "style", "page.css");
    wf_html_raw(html, "</head>\n<body>\n");
}

static void meta(struct wf_report *report, const char *en, const char *zh, const char *value)
{
    struct wf_html *html = &report->html;
    wf_html_raw(html, "<span>");
    wf_html_say(html, en, zh);
    wf_html_raw(html, " ");
    wf_html_text(html, value);
    wf_html_raw(html, "</span> ");
}

static void title(struct wf_report *report, const char *night)
{
    struct wf_html *html = &report->html;
    const struct wf_publish *p = report->publish;
    char hash[33];
    wf_hex(hash, p->night->program->hash, sizeof(p->night->program->hash));
    hash[12] = 0;
    wf_html_raw(html, "<header>\n<nav class=\"language\">"
                      "<button type=\"button\" data-to=\"en\">English</button>"
                      "<button type=\"button\" data-to=\"zh\">中文</button></nav>\n"
                      "<p class=\"over\">");
    if (p->dry_run)
        wf_html_say(html, "Rehearsal: nothing of it counts", "演练：不作数");
    else if (*p->held && p->approved_at == WF_NO_TIME)
        wf_html_say(html, "Held: nothing has left", "暂缓：尚未发出");
    else
        wf_html_say(html, "Report of the night", "夜间运行报告");
    wf_buf_addf(html->out, "</p>\n<h1>%s</h1>\n<p class=\"meta\">", night);
    meta(report, "Zone", "时区", wf_ir_text(report->ir, report->ir->timezone));
    meta(report, "Rules", "规则版本", hash);
    meta(report, "Engine", "引擎", "wayfare " WF_VERSION);
    wf_html_raw(html, "</p>\n</header>\n<main>\n");
}

static void tile(struct wf_html *html, const char *en, const char *zh, uint64_t n, const char *to)
{
    wf_buf_addf(html->out, "<a class=\"tile\" href=\"#%s\"><span>", to);
    wf_html_say(html, en, zh);
    wf_buf_addf(html->out, "</span><b data-v=\"%" PRIu64 "\">", n);
    wf_html_digits(html->out, n);
    wf_html_raw(html, "</b></a>\n");
}

static void summary(struct wf_report *report)
{
    struct wf_html *html = &report->html;
    const struct wf_load_report *load = report->publish->report;
    uint64_t stopped = 0, rejected = 0;
    for (int gate = WF_GATE_NONE + 1; gate < WF_GATE_COUNT_; gate++)
        stopped += wf_report_total(&report->tally, (enum wf_gate)gate);
    for (size_t i = 0; i < load->n_feeds; i++)
        rejected += load->feeds[i].rejects;
    bool grouped = report->ir->n_segments + report->ir->n_classes > 0;
    wf_html_raw(html, "<div class=\"tiles\">\n");
    tile(html, "Members", "会员", report->publish->night->data->n_members,
         grouped ? "segments" : "exports");
    tile(html, "Actions that leave", "发出的动作", wf_report_total(&report->tally, WF_GATE_NONE),
         "left");
    tile(html, "Stopped by gates", "被拦下的动作", stopped, "left");
    tile(html, "Rejected rows", "被拒绝的行", rejected, "exports");
    wf_html_raw(html, "</div>\n");
    for (const char *line = report->publish->held; *line;) {
        size_t len = strcspn(line, "\n");
        struct wf_buf text;
        wf_buf_init(&text, report->alloc, 0);
        wf_buf_add(&text, line, len);
        wf_html_raw(html, "<p class=\"held\">");
        wf_html_text(html, wf_buf_str(&text));
        wf_html_raw(html, "</p>\n");
        html->out->failed |= text.failed;
        wf_buf_release(&text);
        line += len + (line[len] != 0);
    }
}

/* ---- the rules, which every number leads to ---- */

static void rule_lines(struct wf_report *report, size_t file)
{
    struct wf_html *html = &report->html;
    struct wf_buf line;
    uint32_t number = 1;
    wf_buf_init(&line, report->alloc, 0);
    for (const char *at = html->rules[file].text; *at; number++) {
        size_t len = strcspn(at, "\n");
        wf_buf_reset(&line);
        wf_buf_add(&line, at, len && at[len - 1] == '\r' ? len - 1 : len);
        wf_buf_addf(html->out, "<span class=\"line\" id=\"f%zu-%" PRIu32 "\">", file, number);
        wf_xml_text(html->out, wf_buf_str(&line));
        wf_html_raw(html, "\n</span>");
        html->out->failed |= line.failed;
        at += len + (at[len] != 0);
    }
    wf_buf_release(&line);
}

static void rules(struct wf_report *report)
{
    struct wf_html *html = &report->html;
    bool any = false;
    for (size_t i = 0; i < html->n_rules; i++)
        any |= html->linked[i];
    if (!any)
        return;
    wf_html_section(html, "rules", (struct wf_html_words){"Rules", "规则"},
                    (struct wf_html_words){"Every number above leads to the line that defines it.",
                                           "上面的每个数字都指向定义它的那一行。"});
    for (size_t i = 0; i < html->n_rules; i++) {
        if (!html->linked[i])
            continue;
        wf_html_raw(html, "<details><summary>");
        wf_html_text(html, html->rules[i].file);
        wf_html_raw(html, "</summary>\n<pre translate=\"no\">");
        rule_lines(report, i);
        wf_html_raw(html, "</pre></details>\n");
    }
    wf_html_section_end(html);
}

/* ---- the page ---- */

static enum wf_status body(struct wf_report *report)
{
    summary(report);
    wf_report_left(report);
    enum wf_status st = wf_report_metrics(report);
    wf_report_curves(report);
    wf_report_segments(report);
    if (st == WF_OK)
        st = wf_report_journeys(report);
    if (st == WF_OK)
        st = wf_report_lift(report);
    if (st == WF_OK)
        st = wf_report_exports(report);
    wf_html_raw(&report->html, WF_REPORT_MORE);
    rules(report);
    return st;
}

enum wf_status wf_report_night(const struct wf_publish *publish, struct wf_buf *out)
{
    const struct wf_night *night = publish->night;
    struct wf_report report = {
        .publish = publish,
        .ir = &night->program->ir,
        .alloc = night->alloc,
        .html = {.out = out,
                 .ir = &night->program->ir,
                 .rules = publish->rules,
                 .n_rules = publish->n_rules},
    };
    char folder[WF_FOLDER_NAME];
    wf_night_folder(night->zone, night->now, folder);
    report.html.linked = wf_calloc(night->alloc, publish->n_rules, sizeof(bool));
    enum wf_status st = wf_report_count(publish, &report.tally);
    if (st == WF_OK && !report.html.linked)
        st = WF_ERR_NOMEM;
    if (st == WF_OK) {
        head(&report, folder);
        title(&report, folder);
        st = body(&report);
        wf_html_raw(&report.html, "</main>\n");
        put_file(&report.html, "script", "chartist.js");
        put_file(&report.html, "script", "page.js");
        wf_html_raw(&report.html, "</body>\n</html>\n");
    }
    wf_report_tally_release(&report.tally);
    wf_free(night->alloc, report.html.linked);
    return st == WF_OK && out->failed ? WF_ERR_NOMEM : st;
}
