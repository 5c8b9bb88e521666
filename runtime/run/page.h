/*
 * page.h - headings, tables and lists as text for a terminal or as Markdown.
 *
 *   wf_page_table(&page, columns, "lrr");             l: to the left, r: to the right
 *   wf_page_cell(&page, "FIRST20"); wf_page_number(&page, 12); wf_page_number(&page, 14);
 *   wf_page_table_end(&page);
 *
 * In Markdown every text is escaped: no member's name or rule's condition can break a table, close
 * a tag or call a person. A table longer than WF_PAGE_ROWS there ends by saying how many rows it
 * left out.
 */
#ifndef WF_RUN_PAGE_H
#define WF_RUN_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/buf.h"

enum { WF_PAGE_COLUMNS = 12, WF_PAGE_ROWS = 40 };

struct wf_page {
    struct wf_buf *out; /* its `failed` tells */
    bool markdown;
    const char *align;   /* of the table that is open */
    struct wf_buf cells; /* its cells, each with its NUL, the head's first */
    unsigned n_columns, at;
    uint64_t n_rows;
};

/* Release it in any case. */
void wf_page_init(struct wf_page *page, struct wf_buf *out, bool markdown);
void wf_page_release(struct wf_page *page);

void wf_page_heading(struct wf_page *page, const char *text);
/* A paragraph; in text a line. */
void wf_page_line(struct wf_page *page, const char *text);
/* A list's item: lists end by wf_page_list_end. */
void wf_page_item(struct wf_page *page, const char *text);
void wf_page_list_end(struct wf_page *page);

/* As many names as letters in `align`. */
void wf_page_table(struct wf_page *page, const char *const *columns, const char *align);
void wf_page_cell(struct wf_page *page, const char *text);
void wf_page_number(struct wf_page *page, int64_t n);
void wf_page_table_end(struct wf_page *page);

/* What may be folded away: in Markdown a details section, in text just what stands in it. */
void wf_page_fold(struct wf_page *page, const char *summary);
void wf_page_fold_end(struct wf_page *page);

/* Lines of a file that differ: each begins with its sign. */
void wf_page_diff(struct wf_page *page);
void wf_page_diff_line(struct wf_page *page, char sign, const char *text);
void wf_page_diff_end(struct wf_page *page);

#endif
