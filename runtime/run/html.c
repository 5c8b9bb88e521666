#include "runtime/run/html.h"

#include <inttypes.h>
#include <string.h>

#include "lang/base/escape.h"
#include "lang/base/intern.h"

void wf_html_raw(struct wf_html *html, const char *markup)
{
    wf_buf_adds(html->out, markup);
}

void wf_html_say(struct wf_html *html, const char *en, const char *zh)
{
    wf_buf_adds(html->out, "<span lang=\"en\">");
    wf_xml_text(html->out, en);
    wf_buf_adds(html->out, "</span><span lang=\"zh\">");
    wf_xml_text(html->out, zh);
    wf_buf_adds(html->out, "</span>");
}

static void say(struct wf_html *html, struct wf_html_words words)
{
    wf_html_say(html, words.en, words.zh);
}

void wf_html_text(struct wf_html *html, const char *text)
{
    if (*text && strchr("=+-@\t\r", *text))
        wf_buf_addc(html->out, '\'');
    wf_xml_text(html->out, text);
}

void wf_html_digits(struct wf_buf *out, uint64_t n)
{
    if (n >= 1000) {
        wf_html_digits(out, n / 1000);
        wf_buf_addf(out, ",%03" PRIu64, n % 1000);
    } else {
        wf_buf_addf(out, "%" PRIu64, n);
    }
}

/* ---- definitions ---- */

/* The number of the file of rules where the place is; n_rules: its text is not at hand. */
static size_t file_of(const struct wf_html *html, const char *name)
{
    size_t i = 0;
    while (i < html->n_rules && strcmp(html->rules[i].file, name) != 0)
        i++;
    return i;
}

static const char *name_of(const struct wf_html *html, uint32_t place)
{
    return html->ir->texts[html->ir->places[place].file]->text;
}

static bool open_link(struct wf_html *html, uint32_t place, const char *class_)
{
    size_t file = place == WF_NONE ? html->n_rules : file_of(html, name_of(html, place));
    if (file == html->n_rules)
        return false;
    html->linked[file] = true;
    wf_buf_addf(html->out, "<a class=\"%s\" href=\"#f%zu-%" PRIu32 "\" title=\"", class_, file,
                html->ir->places[place].line);
    wf_xml_text(html->out, html->rules[file].file);
    wf_buf_addf(html->out, ":%" PRIu32 "\">", html->ir->places[place].line);
    return true;
}

void wf_html_link(struct wf_html *html, uint32_t place)
{
    open_link(html, place, "by");
}

void wf_html_link_end(struct wf_html *html, uint32_t place)
{
    if (place != WF_NONE && file_of(html, name_of(html, place)) < html->n_rules)
        wf_buf_adds(html->out, "</a>");
}

void wf_html_place(struct wf_html *html, uint32_t place)
{
    if (place == WF_NONE)
        return;
    bool linked = open_link(html, place, "at");
    wf_xml_text(html->out, name_of(html, place));
    wf_buf_addf(html->out, ":%" PRIu32, html->ir->places[place].line);
    if (linked)
        wf_buf_adds(html->out, "</a>");
}

void wf_html_source(struct wf_html *html, uint32_t place)
{
    size_t file = place == WF_NONE ? html->n_rules : file_of(html, name_of(html, place));
    if (file == html->n_rules)
        return;
    const char *at = html->rules[file].text;
    for (uint32_t line = 1; line < html->ir->places[place].line && *at; line++)
        at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != 0);
    struct wf_buf text;
    wf_buf_init(&text, html->out->alloc, 0);
    wf_buf_add(&text, at, strcspn(at, "\r\n"));
    wf_buf_adds(html->out, "<code>");
    wf_xml_text(html->out, wf_buf_str(&text));
    wf_buf_adds(html->out, "</code>");
    html->out->failed |= text.failed;
    wf_buf_release(&text);
}

/* ---- sections and tables ---- */

void wf_html_section(struct wf_html *html, const char *id, struct wf_html_words head,
                     struct wf_html_words about)
{
    wf_buf_addf(html->out, "<section id=\"%s\">\n<h2>", id);
    say(html, head);
    wf_buf_adds(html->out, "</h2>\n");
    if (!about.en)
        return;
    wf_buf_adds(html->out, "<p class=\"about\">");
    say(html, about);
    wf_buf_adds(html->out, "</p>\n");
}

void wf_html_section_end(struct wf_html *html)
{
    wf_buf_adds(html->out, "</section>\n");
}

void wf_html_table(struct wf_html *html, struct wf_html_words caption,
                   const struct wf_html_column *columns, size_t n)
{
    wf_buf_adds(html->out, "<div class=\"wide\"><table>\n");
    if (caption.en) {
        wf_buf_adds(html->out, "<caption>");
        say(html, caption);
        wf_buf_adds(html->out, "</caption>\n");
    }
    wf_buf_adds(html->out, "<thead><tr>");
    for (size_t i = 0; i < n; i++) {
        wf_buf_adds(html->out,
                    columns[i].number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        say(html, columns[i].head);
        wf_buf_adds(html->out, "</th>");
    }
    wf_buf_adds(html->out, "</tr></thead>\n<tbody>");
}

void wf_html_row(struct wf_html *html)
{
    wf_buf_adds(html->out, "\n<tr>");
}

void wf_html_cell(struct wf_html *html, const char *text)
{
    wf_buf_adds(html->out, "<td>");
    wf_html_text(html, text);
    wf_buf_adds(html->out, "</td>");
}

void wf_html_count(struct wf_html *html, uint64_t n, uint32_t place)
{
    wf_buf_addf(html->out, "<td class=\"%s\" data-v=\"%" PRIu64 "\">", n ? "n" : "n zero", n);
    wf_html_link(html, place);
    wf_html_digits(html->out, n);
    wf_html_link_end(html, place);
    wf_buf_adds(html->out, "</td>");
}

void wf_html_none(struct wf_html *html)
{
    wf_buf_adds(html->out, "<td class=\"n zero\" data-v=\"\">\xe2\x80\x93</td>");
}

unsigned wf_html_parts(uint64_t n, uint64_t of)
{
    if (of == 0)
        return 0;
    return n >= of ? 1000 : (unsigned)((unsigned __int128)n * 1000 / of);
}

void wf_html_bar(struct wf_html *html, unsigned parts)
{
    wf_buf_addf(html->out,
                "<td class=\"bar\" data-v=\"%u\"><span><i style=\"width:%u.%u%%\"></i></span>"
                "<b>%u.%u%%</b></td>",
                parts, parts / 10, parts % 10, parts / 10, parts % 10);
}

void wf_html_table_end(struct wf_html *html)
{
    wf_buf_adds(html->out, "\n</tbody></table></div>\n");
}
