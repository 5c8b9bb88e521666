#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/json_text.h"
#include "runtime/run/html.h"
#include "runtime/run/release.h"
#include "runtime/run/report.h"
#include "runtime/run/simulate.h"

/* ---- manifests ---- */

static uint64_t number(const json_t *object, const char *name)
{
    json_int_t n = json_integer_value(json_object_get(object, name));
    return n < 0 ? 0 : (uint64_t)n;
}

/* The entry of the output whose name begins so; NULL: there is none. */
static const json_t *output(const json_t *manifest, const char *begins)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(manifest, "outputs"), i, one)
    {
        const char *name = json_string_value(json_object_get(one, "file"));
        if (name && strncmp(name, begins, strlen(begins)) == 0)
            return one;
    }
    return NULL;
}

/* WF_ERR_MISSING: there is none, or none that can be read as one. */
static enum wf_status read_manifest(const struct wf_fs *fs, const char *folder, json_t **out)
{
    struct wf_buf path, text;
    *out = NULL;
    wf_buf_init(&path, NULL, 0);
    wf_buf_init(&text, NULL, 0);
    wf_buf_addf(&path, "%s/manifest.json", folder);
    enum wf_status st = path.failed ? WF_ERR_NOMEM : fs->read(fs->ctx, wf_buf_str(&path), &text);
    if (st == WF_OK)
        st = wf_json_read(text.data, text.len, out);
    if (st == WF_OK && !json_is_object(*out))
        st = WF_ERR_MISSING;
    wf_buf_release(&path);
    wf_buf_release(&text);
    return st;
}

enum wf_status wf_report_published(const struct wf_fs *fs, const char *folder, struct wf_buf *page,
                                   int64_t *t_out, struct wf_buf *why)
{
    struct wf_buf path;
    json_t *manifest = NULL;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/report.html", folder);
    enum wf_status st = read_manifest(fs, folder, &manifest);
    const json_t *entry = st == WF_OK ? output(manifest, "report.html") : NULL;
    if (st == WF_ERR_MISSING)
        wf_say(why, "%s is no night's folder: it has no manifest.json", folder);
    else if (st == WF_OK && !entry) {
        wf_say(why, "%s was written by an engine that made no reports", folder);
        st = WF_ERR_MISSING;
    }
    if (st == WF_OK) {
        const char *sha256 = json_string_value(json_object_get(entry, "sha256"));
        *t_out = json_integer_value(json_object_get(manifest, "instant"));
        st = wf_prove_file(fs, wf_buf_str(&path), sha256 ? sha256 : "");
        if (st == WF_ERR_STATE)
            wf_say(why, "%s is not what was published: manifest.json has another digest",
                   wf_buf_str(&path));
        else if (st != WF_OK)
            wf_say(why, "%s cannot be read", wf_buf_str(&path));
    }
    if (st == WF_OK)
        st = fs->read(fs->ctx, wf_buf_str(&path), page);
    json_decref(manifest);
    wf_buf_release(&path);
    return st;
}

/* ---- the nights before ---- */

struct names {
    char (*list)[32];
    size_t n, room;
    const char *last; /* later ones do not count */
};

static enum wf_status take_name(void *ctx, const char *name)
{
    struct names *names = ctx;
    int64_t day;
    size_t len = strlen(name);
    if ((len != 10 && len != 17) || !wf_date_parse(name, 10, &day) || strcmp(name, names->last) > 0)
        return WF_OK;
    if (wf_grow(NULL, &names->list, &names->room, names->n + 1, sizeof(*names->list)) != 0)
        return WF_ERR_NOMEM;
    snprintf(names->list[names->n++], sizeof(*names->list), "%s", name);
    return WF_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static enum wf_status read_past(const struct wf_fs *fs, const char *parent, const char *name,
                                struct wf_report_past *past, bool *is_one)
{
    struct wf_buf path;
    json_t *manifest = NULL;
    size_t i;
    const json_t *feed;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/%s", parent, name);
    enum wf_status st =
        path.failed ? WF_ERR_NOMEM : read_manifest(fs, wf_buf_str(&path), &manifest);
    *is_one = st == WF_OK;
    if (st == WF_OK) {
        *past =
            (struct wf_report_past){.members = number(manifest, "members"),
                                    .actions = number(output(manifest, "actions."), "rows"),
                                    .suppressed = number(output(manifest, "suppressed."), "rows")};
        snprintf(past->night, sizeof(past->night), "%s", name);
        json_array_foreach(json_object_get(manifest, "feeds"), i, feed) past->rejects +=
            number(feed, "rejects");
    }
    json_decref(manifest);
    wf_buf_release(&path);
    return st == WF_ERR_MISSING ? WF_OK : st;
}

enum wf_status wf_report_nights(const struct wf_fs *fs, const char *folder,
                                struct wf_report_past **past_out, size_t *n_out)
{
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        len--;
    size_t base = len;
    while (base > 0 && folder[base - 1] != '/')
        base--;
    struct wf_buf parent, name;
    wf_buf_init(&parent, NULL, 0);
    wf_buf_init(&name, NULL, 0);
    wf_buf_add(&parent, base ? folder : ".", base ? base : 1);
    wf_buf_add(&name, folder + base, len - base);
    struct names names = {.last = wf_buf_str(&name)};
    enum wf_status st = parent.failed || name.failed ? WF_ERR_NOMEM : WF_OK;
    *n_out = 0;
    *past_out = wf_calloc(NULL, WF_REPORT_NIGHTS, sizeof(**past_out));
    if (!*past_out)
        st = WF_ERR_NOMEM;
    if (st == WF_OK)
        st = fs->list(fs->ctx, wf_buf_str(&parent), take_name, &names);
    if (st == WF_OK && names.n)
        qsort(names.list, names.n, sizeof(*names.list), by_name);
    for (size_t i = names.n > WF_REPORT_NIGHTS ? names.n - WF_REPORT_NIGHTS : 0;
         st == WF_OK && i < names.n; i++) {
        bool is_one = false;
        st = read_past(fs, wf_buf_str(&parent), names.list[i], &(*past_out)[*n_out], &is_one);
        *n_out += is_one;
    }
    wf_free(NULL, names.list);
    wf_buf_release(&parent);
    wf_buf_release(&name);
    return st;
}

static enum wf_status put_past(struct wf_html *html, const struct wf_report_extra *extra)
{
    static const struct wf_html_column COLUMNS[] = {{{"Night", "夜"}, false},
                                                    {{"Members", "会员"}, true},
                                                    {{"Left", "发出"}, true},
                                                    {{"Stopped", "拦下"}, true},
                                                    {{"Rejected rows", "被拒绝的行"}, true}};
    size_t n = extra->n_past;
    const char **labels = wf_calloc(NULL, n, sizeof(*labels));
    int64_t *values = wf_calloc(NULL, 2 * n, sizeof(*values));
    enum wf_status st = labels && values ? WF_OK : WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < n; i++) {
        labels[i] = extra->past[i].night + 5;
        values[i] = (int64_t)extra->past[i].actions;
        values[n + i] = (int64_t)extra->past[i].suppressed;
    }
    if (st == WF_OK) {
        const struct wf_html_line lines[] = {{{"Left", "发出"}, NULL, values},
                                             {{"Stopped", "拦下"}, NULL, values + n}};
        wf_html_section(html, "nights", (struct wf_html_words){"The nights before", "此前各夜"},
                        (struct wf_html_words){NULL, NULL});
        wf_html_chart(html, (struct wf_html_words){"Actions a night", "每夜动作数"}, lines, 2,
                      labels, n, false);
        wf_html_table(html, (struct wf_html_words){NULL, NULL}, COLUMNS, 5);
        for (size_t i = n; i-- > 0;) {
            const struct wf_report_past *past = &extra->past[i];
            wf_html_row(html);
            wf_html_cell(html, past->night);
            wf_html_count(html, past->members, WF_NONE);
            wf_html_count(html, past->actions, WF_NONE);
            wf_html_count(html, past->suppressed, WF_NONE);
            wf_html_count(html, past->rejects, WF_NONE);
        }
        wf_html_table_end(html);
        wf_html_section_end(html);
    }
    wf_free(NULL, labels);
    wf_free(NULL, values);
    return st;
}

/* ---- the page ---- */

static const char *find(const struct wf_buf *page, const char *what)
{
    return memmem(page->data ? page->data : "", page->len, what, strlen(what));
}

enum wf_status wf_report_more(const struct wf_buf *page, const struct wf_report_extra *extra,
                              struct wf_buf *out)
{
    struct wf_html html = {.out = out};
    const char *language = find(page, WF_REPORT_LANGUAGE), *more = find(page, WF_REPORT_MORE);
    if (!language || !more || more < language)
        return WF_ERR_DATA;
    const char *said = extra->chinese ? "zh" : "en";
    const char *rest = language + strlen(WF_REPORT_LANGUAGE);
    wf_buf_add(out, page->data, (size_t)(language - page->data));
    wf_buf_addf(out, "<html lang=\"%s\" data-lang=\"%s\">", said, said);
    wf_buf_add(out, rest, (size_t)(more - rest));
    enum wf_status st = extra->n_past > 1 ? put_past(&html, extra) : WF_OK;
    if (st == WF_OK && extra->forecast)
        st = wf_report_forecast(&html, extra->forecast);
    wf_buf_add(out, more, (size_t)(page->data + page->len - more));
    return st == WF_OK && out->failed ? WF_ERR_NOMEM : st;
}
