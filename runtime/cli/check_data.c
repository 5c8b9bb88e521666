#include "runtime/cli/check_data.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/catalogue.h"
#include "runtime/cli/table.h"
#include "runtime/data/load.h"
#include "runtime/run/zonefile.h"

enum {
    MOST_SHOWN = 10,    /* rows of a file; the rest is counted */
    MOST_LEFT_OUT = 32, /* feeds that cannot be read */
};

static const char LAST_DAY[] = "9999-01-01"; /* nothing in an export has not happened yet */

struct checking {
    struct wf_compiled *compiled;
    struct wf_diags *diags;
    const char *dir;
    struct wf_load_report report;
};

/* A source that holds `text`, line `line` of a file of the folder; 0: the file as a whole. */
static uint32_t excerpt(struct checking *c, const char *name, uint64_t line, const char *text,
                        size_t len)
{
    struct wf_sources *sources = &c->compiled->front.sources;
    uint32_t file = UINT32_MAX;
    struct wf_buf path;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/%s", c->dir, name);
    if (!path.failed && wf_sources_add(sources, path.data, text, len, false, &file) == WF_OK) {
        sources->files[file].excerpt = true;
        sources->files[file].before = line > 1 && line < UINT32_MAX ? (uint32_t)(line - 1) : 0;
    }
    wf_buf_release(&path);
    return file;
}

/* ---- rows ---- */

/* Where the cell of a column stands in a row; the whole row where that is not to be told. */
static struct wf_span cell_span(const struct wf_cli_table *header, const char *column,
                                struct wf_span row, const char *text)
{
    struct wf_piece_of at;
    for (size_t i = 0; i < header->n_columns; i++) {
        if (strcmp(header->columns[i], column) != 0)
            continue;
        if (wf_cli_cell(text, row.end, header->delimiter, i, &at))
            return (struct wf_span){row.file, at.start, at.end};
    }
    return row;
}

static void say_reject(struct checking *c, const struct wf_cli_table *header,
                       const struct wf_load_reject *reject)
{
    const char *name = c->report.files[reject->file].name;
    uint32_t file = excerpt(c, name, reject->line, reject->row, reject->row_len);
    struct wf_span span = {file, 0, (uint32_t)reject->row_len};
    if (*reject->column && header->n_columns)
        span = cell_span(header, reject->column, span, reject->row);
    if (*reject->column)
        wf_diag(c->diags, WF_W0701, span, "`%s` %s", reject->column, wf_word(reject->what));
    else
        wf_diag(c->diags, WF_W0701, span, "%s", wf_word(reject->what));
}

/* Those of one file are next to each other. */
static void say_rejects(struct checking *c)
{
    const struct wf_load_report *report = &c->report;
    for (size_t i = 0, end; i < report->n_rejects; i = end) {
        uint32_t file = report->rejects[i].file;
        struct wf_cli_table header = {0};
        wf_cli_table_header(&header, c->dir, report->files[file].name);
        for (end = i; end < report->n_rejects && report->rejects[end].file == file; end++) {
            if (end - i < MOST_SHOWN)
                say_reject(c, &header, &report->rejects[end]);
        }
        if (end - i > MOST_SHOWN) {
            struct wf_span whole = {excerpt(c, report->files[file].name, 0, "", 0), 0, 0};
            wf_diag(c->diags, WF_W0701, whole, "%zu more rows of this file are rejected",
                    end - i - MOST_SHOWN);
        }
        wf_cli_table_release(&header);
    }
}

/* ---- whole files ---- */

/* "orders.csv:1: what is wrong": the place and the sentence. */
static const char *split_place(const char *text, char *name, size_t room, uint64_t *line_out)
{
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    *line_out = 0;
    if (!len || len >= room || memchr(text, ' ', len))
        return text;
    memcpy(name, text, len);
    name[len] = '\0';
    char *end = (char *)(uintptr_t)colon;
    if (colon[1] >= '0' && colon[1] <= '9')
        *line_out = strtoull(colon + 1, &end, 10);
    if (end[0] == ':' && end[1] == ' ')
        return end + 2;
    name[0] = '\0';
    return text;
}

static void say_whole(struct checking *c, enum wf_code code, const char *text)
{
    char name[256] = "";
    uint64_t line;
    const char *what = split_place(text, name, sizeof(name), &line);
    struct wf_cli_table header = {0};
    if (strcmp(name, c->dir) == 0) { /* the folder itself */
        what = text;
        *name = '\0';
    }
    if (*name && line == 1)
        wf_cli_table_header(&header, c->dir, name);
    const char *shown = header.line ? header.line : "";
    struct wf_span span = {UINT32_MAX, 0, 0};
    if (*name)
        span = (struct wf_span){excerpt(c, name, line, shown, strlen(shown)), 0,
                                (uint32_t)strlen(shown)};
    wf_diag(c->diags, code, span, "%s", what);
    wf_cli_table_release(&header);
}

/* What a run of the loader says: all of it, or, where a feed failed, what concerns that one. */
static void say_report(struct checking *c, enum wf_status st)
{
    const struct wf_load_report *report = &c->report;
    bool catalogue = report->of_feed && report->failed_kind == WF_FEED_CATALOGUE;
    if (st != WF_OK)
        say_whole(c, catalogue ? WF_E0702 : WF_E0701,
                  report->error ? report->error : wf_status_text(st));
    if (st != WF_OK && report->of_feed)
        return;
    say_rejects(c);
    for (size_t i = 0; i < report->n_notes; i++)
        say_whole(c, WF_W0702, report->notes[i]);
}

/* The feed that failed is left out of the next run. */
static bool leave_out(const struct wf_load_report *report, struct wf_load_options *options,
                      struct wf_feed_memory *left_out)
{
    if (!report->of_feed || options->n_memory == MOST_LEFT_OUT)
        return false;
    left_out[options->n_memory++] = (struct wf_feed_memory){
        .kind = report->failed_kind, .index = report->failed_index, .name = ""};
    return true;
}

/* One feed that cannot be read is no reason not to look at the others. */
static enum wf_status read_all(struct checking *c, const struct wf_zone *zone)
{
    struct wf_feed_memory left_out[MOST_LEFT_OUT];
    struct wf_dataset *data = NULL;
    enum wf_status st = WF_OK;
    int64_t day = 0;
    bool again = true;
    wf_date_parse(LAST_DAY, strlen(LAST_DAY), &day);
    struct wf_load_options options = {
        .dir = c->dir,
        .memory = left_out,
        .now = wf_zone_midnight(zone, day),
        .zone = zone,
        .threads = 1,
        .max_rejects = 1000000,
        .accept_unreadable = UINT64_MAX,
    };
    while (again) {
        wf_load_report_release(&c->report);
        st = wf_load(c->compiled->program, &options, &data, &c->report);
        if (st == WF_ERR_NOMEM || st == WF_ERR_INTERNAL)
            return st;
        say_report(c, st);
        if (st == WF_OK)
            wf_check_catalogues(c->compiled, data);
        if (st == WF_OK)
            wf_dataset_free(data);
        again = st != WF_OK && leave_out(&c->report, &options, left_out);
    }
    return WF_OK;
}

enum wf_status wf_check_data(struct wf_compiled *compiled, const char *dir)
{
    struct checking c = {.compiled = compiled, .diags = &compiled->front.diags, .dir = dir};
    const struct wf_ir *ir = &compiled->program->ir;
    struct wf_zone *zone = NULL;
    enum wf_status st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, NULL);
    if (st == WF_OK)
        st = read_all(&c, zone);
    if (zone)
        wf_zone_free(zone);
    wf_load_report_release(&c.report);
    return st;
}
