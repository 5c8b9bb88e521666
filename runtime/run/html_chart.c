/* Lines as SVG, plain enough to be drawn without a library: whole numbers only, so that every
 * compiler draws the same. */
#include <inttypes.h>

#include "lang/base/escape.h"
#include "runtime/run/html.h"

enum { WIDTH = 640, HEIGHT = 200, LEFT = 56, TOP = 8, BOTTOM = 24, RIGHT = 8 };

/* The first of 1, 2, 5, 10, 20, ... that is not less. */
static int64_t round_up(int64_t n)
{
    int64_t step = 1;
    for (int i = 0; step < n && step < INT64_MAX / 10; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

struct scale {
    int64_t most;
    size_t places;
};

static int across(const struct scale *scale, size_t i)
{
    size_t span = scale->places > 1 ? scale->places - 1 : 1;
    return LEFT + (int)((WIDTH - LEFT - RIGHT) * i / span);
}

static int down(const struct scale *scale, int64_t value)
{
    int64_t height = HEIGHT - TOP - BOTTOM;
    int64_t shown = value < 0 ? 0 : value;
    return (int)(TOP + height - (int64_t)((__int128)height * shown / scale->most));
}

static void axis_value(struct wf_html *html, int64_t value, bool percent)
{
    if (percent)
        wf_buf_addf(html->out, "%" PRId64 "%%", value / 100);
    else
        wf_html_digits(html->out, (uint64_t)value);
}

static void grid(struct wf_html *html, const struct scale *scale, const char *const *labels,
                 bool percent)
{
    for (int i = 0; i <= 2; i++) {
        int64_t value = scale->most / 2 * i;
        int y = down(scale, value);
        wf_buf_addf(html->out,
                    "<path class=\"grid\" d=\"M%d %dH%d\"/><text class=\"y\" x=\"%d\" y=\"%d\">",
                    LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 4);
        axis_value(html, value, percent);
        wf_buf_adds(html->out, "</text>");
    }
    size_t step = (scale->places + 5) / 6;
    for (size_t i = 0; i < scale->places; i += step ? step : 1) {
        wf_buf_addf(html->out, "<text class=\"x\" x=\"%d\" y=\"%d\">", across(scale, i),
                    HEIGHT - 6);
        wf_xml_text(html->out, labels[i]);
        wf_buf_adds(html->out, "</text>");
    }
}

static void values_attribute(struct wf_html *html, const struct wf_html_line *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        wf_buf_addf(html->out, "%s%" PRId64, i ? " " : "", line->values[i]);
}

/* What the page's script needs to draw it anew stands in the legend, which is read as well. */
static void legend(struct wf_html *html, const struct wf_html_line *lines, size_t n_lines, size_t n)
{
    wf_buf_adds(html->out, "<ul class=\"legend\">");
    for (size_t i = 0; i < n_lines; i++) {
        wf_buf_addf(html->out, "<li class=\"l%zu\" data-values=\"", i % 6);
        values_attribute(html, &lines[i], n);
        wf_buf_adds(html->out, "\"><i></i>");
        if (lines[i].text)
            wf_html_text(html, lines[i].text);
        else
            wf_html_say(html, lines[i].name.en, lines[i].name.zh);
        wf_buf_adds(html->out, "</li>");
    }
    wf_buf_adds(html->out, "</ul>\n");
}

static void draw(struct wf_html *html, const struct wf_html_line *line, const struct scale *scale,
                 size_t number)
{
    wf_buf_addf(html->out, "<path class=\"line l%zu\" d=\"", number % 6);
    for (size_t i = 0; i < scale->places; i++)
        wf_buf_addf(html->out, "%c%d %d", i ? 'L' : 'M', across(scale, i),
                    down(scale, line->values[i]));
    wf_buf_adds(html->out, "\"/>");
}

void wf_html_chart(struct wf_html *html, struct wf_html_words caption,
                   const struct wf_html_line *lines, size_t n_lines, const char *const *labels,
                   size_t n_labels, bool percent)
{
    struct scale scale = {.most = 1, .places = n_labels};
    for (size_t i = 0; i < n_lines; i++)
        for (size_t k = 0; k < n_labels; k++)
            scale.most = lines[i].values[k] > scale.most ? lines[i].values[k] : scale.most;
    scale.most = percent ? 10000 : round_up(scale.most);
    wf_buf_addf(html->out, "<figure class=\"chart\"%s data-labels=\"",
                percent ? " data-percent=\"1\"" : "");
    for (size_t i = 0; i < n_labels; i++) {
        wf_buf_adds(html->out, i ? "|" : "");
        wf_xml_text(html->out, labels[i]);
    }
    wf_buf_adds(html->out, "\">\n<figcaption>");
    wf_html_say(html, caption.en, caption.zh);
    wf_buf_addf(html->out,
                "</figcaption>\n<div class=\"plot\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
                "aria-hidden=\"true\">",
                WIDTH, HEIGHT);
    grid(html, &scale, labels, percent);
    for (size_t i = 0; i < n_lines; i++)
        draw(html, &lines[i], &scale, i);
    wf_buf_adds(html->out, "</svg></div>\n");
    legend(html, lines, n_lines, n_labels);
    wf_buf_adds(html->out, "</figure>\n");
}
