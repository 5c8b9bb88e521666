/*
 * html.h - a page in two languages, written from the top down.
 *
 * Both languages stand in it and the page's own style shows one, so a page has the same bytes
 * whoever makes it: gettext, whose catalogues may be there or not, has no say in it.
 *
 *   wf_html_say(&html, "Members", "会员");            a literal of ours, in both
 *   wf_html_text(&html, store);                       anybody's text: escaped, no formula
 *   wf_html_table(&html, columns, 3);
 *   wf_html_row(&html); wf_html_cell(&html, "S01"); wf_html_count(&html, 12, place); ...
 *   wf_html_table_end(&html);
 */
#ifndef WF_RUN_HTML_H
#define WF_RUN_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/buf.h"
#include "lang/code/program.h"

/* A file of rules as it was compiled; all borrowed. */
struct wf_rule_text {
    const char *file, *text;
};

struct wf_html {
    struct wf_buf *out; /* its `failed` tells */
    const struct wf_ir *ir;
    const struct wf_rule_text *rules;
    size_t n_rules;
    bool *linked; /* by file of rules: some definition stands there; may be NULL: none has texts */
};

/* A heading, a column: what stands there in each language. */
struct wf_html_words {
    const char *en, *zh;
};
struct wf_html_column {
    struct wf_html_words head;
    bool number; /* to the right */
};

void wf_html_raw(struct wf_html *html, const char *markup);
void wf_html_say(struct wf_html *html, const char *en, const char *zh);

/*
 * A text of the rules or the exports. What a spreadsheet would take for a formula when the page's
 * tables are pasted into one gets an apostrophe before it.
 */
void wf_html_text(struct wf_html *html, const char *text);

/* "1,234,567". */
void wf_html_digits(struct wf_buf *out, uint64_t n);

/* A link to the declaration at this place (WF_NONE: nowhere), around what comes until its end. */
void wf_html_link(struct wf_html *html, uint32_t place);
void wf_html_link_end(struct wf_html *html, uint32_t place);

/* The place itself as a small link: "rules.way:12". */
void wf_html_place(struct wf_html *html, uint32_t place);

/* The line of the rules that stands there, if its text is at hand. */
void wf_html_source(struct wf_html *html, uint32_t place);

/* Sections of the page: each has its name for links. */
void wf_html_section(struct wf_html *html, const char *id, struct wf_html_words head,
                     struct wf_html_words about);
void wf_html_section_end(struct wf_html *html);

/* Tables; `caption` may be all NULL. */
void wf_html_table(struct wf_html *html, struct wf_html_words caption,
                   const struct wf_html_column *columns, size_t n);
void wf_html_row(struct wf_html *html);
void wf_html_cell(struct wf_html *html, const char *text);
void wf_html_count(struct wf_html *html, uint64_t n, uint32_t place);
void wf_html_none(struct wf_html *html); /* a cell without a value */
/* A share of 0 to 1000 parts as a bar, and what it is of as text. */
void wf_html_bar(struct wf_html *html, unsigned parts);
void wf_html_table_end(struct wf_html *html);

/* n / of in thousandths, at most 1000; 0 of 0 is 0. */
unsigned wf_html_parts(uint64_t n, uint64_t of);

/* One line of a chart: a value for each place along the way. */
struct wf_html_line {
    struct wf_html_words name;
    const char *text; /* instead of a name: a text of the exports or rules */
    const int64_t *values;
};

/*
 * Lines over the same places, drawn into the page; `labels` names the places, `percent` says that
 * values are hundredths of a percent. The page's script may draw it anew for the width it has.
 */
void wf_html_chart(struct wf_html *html, struct wf_html_words caption,
                   const struct wf_html_line *lines, size_t n_lines, const char *const *labels,
                   size_t n_labels, bool percent);

#endif
