#include "runtime/cli/chart.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lang/base/utf8.h"

enum { PLAIN_WIDTH = 80, LEAST_BAR = 8, GAPS = 6 };

/* Of the environment: the program's own locale may be another one. */
static bool is_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale == (locale_t)0)
        return false;
    bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return utf8;
}

struct wf_chart_style wf_chart_style(void)
{
    struct winsize size = {0};
    const char *no_colour = getenv("NO_COLOR");
    bool terminal = isatty(STDOUT_FILENO);
    if (terminal)
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return (struct wf_chart_style){
        .width = size.ws_col ? size.ws_col : PLAIN_WIDTH,
        .blocks = is_utf8(),
        .colour = terminal && !(no_colour && *no_colour),
    };
}

static size_t digits(uint64_t n)
{
    size_t count = 1;
    while (n /= 10)
        count++;
    return count;
}

/* A bar of so many eighths of a column; whatever is there shows. */
static void add_bar(const struct wf_chart_style *style, uint64_t eighths, uint64_t room,
                    struct wf_buf *out)
{
    static const char *const PARTS[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    uint64_t columns = style->blocks ? (eighths + 7) / 8 : (eighths + 4) / 8;
    if (eighths && columns == 0)
        columns = 1;
    if (style->colour && eighths)
        wf_buf_adds(out, "\033[36m");
    for (uint64_t i = 0; i < (style->blocks ? eighths / 8 : columns); i++)
        wf_buf_adds(out, style->blocks ? "█" : "#");
    if (style->blocks)
        wf_buf_adds(out, PARTS[eighths % 8]);
    if (style->colour && eighths)
        wf_buf_adds(out, "\033[0m");
    for (uint64_t i = columns; i < room; i++)
        wf_buf_addc(out, ' ');
}

void wf_chart(const struct wf_chart_bar *bars, size_t n, const struct wf_chart_style *style,
              struct wf_buf *out)
{
    size_t labels = 0;
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++) {
        size_t width = wf_utf8_width(bars[i].label, strlen(bars[i].label));
        labels = width > labels ? width : labels;
        most = bars[i].value > most ? bars[i].value : most;
    }
    size_t taken = labels + digits(most) + GAPS;
    uint64_t room = style->width > taken + LEAST_BAR ? style->width - taken : LEAST_BAR;
    for (size_t i = 0; i < n; i++) {
        long double share = most ? (long double)bars[i].value / (long double)most : 0;
        uint64_t eighths = (uint64_t)(share * (long double)(room * 8));
        if (bars[i].value && eighths == 0)
            eighths = 1;
        size_t width = wf_utf8_width(bars[i].label, strlen(bars[i].label));
        wf_buf_addf(out, "  %s", bars[i].label);
        for (size_t k = width; k < labels + 2; k++)
            wf_buf_addc(out, ' ');
        add_bar(style, eighths, room, out);
        wf_buf_addf(out, "  %*" PRIu64 "\n", (int)digits(most), bars[i].value);
    }
}
