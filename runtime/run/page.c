#include "runtime/run/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/base/words.h"

void wf_page_init(struct wf_page *page, struct wf_buf *out, bool markdown)
{
    *page = (struct wf_page){.out = out, .markdown = markdown};
    wf_buf_init(&page->cells, out->alloc, 0);
}

void wf_page_release(struct wf_page *page)
{
    page->out->failed |= page->cells.failed;
    wf_buf_release(&page->cells);
}

/* What Markdown and GitHub would make something of: a person, an issue, a table's edge, HTML. */
static const char *entity(char c)
{
    switch (c) {
    case '@': return "&#64;";
    case '#': return "&#35;";
    case '|': return "&#124;";
    case '`': return "&#96;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    default: return NULL;
    }
}

/* `slashes`: what Markdown reads as marks is escaped; within HTML it reads none. */
static void escape(struct wf_page *page, const char *text, bool slashes)
{
    for (; *text; text++) {
        const char *as = page->markdown ? entity(*text) : NULL;
        if (as) {
            wf_buf_adds(page->out, as);
            continue;
        }
        if (page->markdown && slashes && strchr("\\*_[]~!", *text))
            wf_buf_addc(page->out, '\\');
        wf_buf_addc(page->out, *text == '\n' || *text == '\r' ? ' ' : *text);
    }
}

static void add_text(struct wf_page *page, const char *text)
{
    escape(page, text, true);
}

void wf_page_heading(struct wf_page *page, const char *text)
{
    wf_buf_adds(page->out, page->markdown ? "### " : "\n");
    add_text(page, text);
    wf_buf_adds(page->out, page->markdown ? "\n\n" : "\n");
}

void wf_page_line(struct wf_page *page, const char *text)
{
    add_text(page, text);
    wf_buf_adds(page->out, page->markdown ? "\n\n" : "\n");
}

void wf_page_item(struct wf_page *page, const char *text)
{
    wf_buf_adds(page->out, page->markdown ? "- " : "    ");
    add_text(page, text);
    wf_buf_addc(page->out, '\n');
}

void wf_page_list_end(struct wf_page *page)
{
    if (page->markdown)
        wf_buf_addc(page->out, '\n');
}

/* ---- tables ---- */

void wf_page_table(struct wf_page *page, const char *const *columns, const char *align)
{
    page->align = align;
    page->n_columns = (unsigned)strlen(align);
    page->n_rows = 0;
    page->at = 0;
    wf_buf_reset(&page->cells);
    for (unsigned i = 0; i < page->n_columns; i++)
        wf_page_cell(page, columns[i]);
}

void wf_page_cell(struct wf_page *page, const char *text)
{
    wf_buf_add(&page->cells, text, strlen(text) + 1);
    if (++page->at < page->n_columns)
        return;
    page->at = 0;
    page->n_rows++;
}

void wf_page_number(struct wf_page *page, int64_t n)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, n);
    wf_page_cell(page, text);
}

/* Calls for a cell tell the widths of the columns. */
static void measure(const struct wf_page *page, size_t widths[WF_PAGE_COLUMNS])
{
    const char *cell = wf_buf_str(&page->cells);
    memset(widths, 0, WF_PAGE_COLUMNS * sizeof(*widths));
    for (uint64_t row = 0; row < page->n_rows; row++)
        for (unsigned i = 0; i < page->n_columns; i++, cell += strlen(cell) + 1) {
            size_t width = wf_utf8_width(cell, strlen(cell));
            widths[i] = width > widths[i] ? width : widths[i];
        }
}

static void pad(struct wf_page *page, size_t n)
{
    while (n-- > 0)
        wf_buf_addc(page->out, ' ');
}

static void add_plain(struct wf_page *page)
{
    size_t widths[WF_PAGE_COLUMNS];
    const char *cell = wf_buf_str(&page->cells);
    measure(page, widths);
    for (uint64_t row = 0; row < page->n_rows; row++) {
        size_t owed = 0; /* blanks that only matter if something follows */
        for (unsigned i = 0; i < page->n_columns; i++, cell += strlen(cell) + 1) {
            size_t blank = widths[i] - wf_utf8_width(cell, strlen(cell));
            bool right = page->align[i] == 'r';
            owed += 2 + (right ? blank : 0);
            if (*cell) {
                pad(page, owed);
                owed = 0;
            }
            add_text(page, cell);
            owed += right ? 0 : blank;
        }
        wf_buf_addc(page->out, '\n');
    }
}

static void add_markdown(struct wf_page *page)
{
    const char *cell = wf_buf_str(&page->cells);
    uint64_t shown = page->n_rows > WF_PAGE_ROWS + 1 ? WF_PAGE_ROWS + 1 : page->n_rows;
    for (uint64_t row = 0; row < shown; row++) {
        wf_buf_addc(page->out, '|');
        for (unsigned i = 0; i < page->n_columns; i++, cell += strlen(cell) + 1) {
            wf_buf_addc(page->out, ' ');
            add_text(page, cell);
            wf_buf_adds(page->out, " |");
        }
        wf_buf_addc(page->out, '\n');
        for (unsigned i = 0; row == 0 && i < page->n_columns; i++)
            wf_buf_adds(page->out, page->align[i] == 'r' ? "| ---: " : "| --- ");
        if (row == 0)
            wf_buf_adds(page->out, "|\n");
    }
    wf_buf_addc(page->out, '\n');
    unsigned long more = (unsigned long)(page->n_rows - shown);
    char text[64];
    snprintf(text, sizeof(text), wf_word_n("(and %lu row more)", "(and %lu rows more)", more),
             more);
    if (more)
        wf_page_line(page, text);
}

void wf_page_table_end(struct wf_page *page)
{
    if (page->cells.failed)
        return;
    if (page->markdown)
        add_markdown(page);
    else
        add_plain(page);
}

/* ---- folds, differing lines ---- */

void wf_page_fold(struct wf_page *page, const char *summary)
{
    wf_buf_adds(page->out, page->markdown ? "<details><summary>" : "  ");
    escape(page, summary, false);
    wf_buf_adds(page->out, page->markdown ? "</summary>\n\n" : "\n");
}

void wf_page_fold_end(struct wf_page *page)
{
    if (page->markdown)
        wf_buf_adds(page->out, "\n</details>\n\n");
}

void wf_page_diff(struct wf_page *page)
{
    if (page->markdown)
        wf_buf_adds(page->out, "```diff\n");
}

/* In a fence nothing is escaped, so nothing may end it. */
void wf_page_diff_line(struct wf_page *page, char sign, const char *text)
{
    wf_buf_addf(page->out, page->markdown ? "%c " : "    %c ", sign);
    for (; *text; text++)
        wf_buf_addc(page->out, *text == '\n' || *text == '\r'   ? ' '
                               : page->markdown && *text == '`' ? '\''
                                                                : *text);
    wf_buf_addc(page->out, '\n');
}

void wf_page_diff_end(struct wf_page *page)
{
    if (page->markdown)
        wf_buf_adds(page->out, "```\n");
}
