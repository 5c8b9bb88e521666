/*
 * simulate_say.c - a forecast for people.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/page.h"
#include "runtime/run/simulate.h"

struct saying {
    const struct wf_forecast *f;
    struct wf_page page;
    struct wf_buf text; /* one sentence */
};

static const char *said(struct saying *s)
{
    s->page.out->failed |= s->text.failed;
    return wf_buf_str(&s->text);
}

static void say_item(struct saying *s)
{
    wf_page_item(&s->page, said(s));
    wf_buf_reset(&s->text);
}

static const char *night_text(const struct saying *s, uint32_t night)
{
    return s->f->nights[night].night;
}

static void put_words(struct wf_buf *out, const struct wf_forecast_row *row)
{
    wf_buf_adds(out, row->kind);
    if (*row->name)
        wf_buf_addf(out, " %s", row->name);
    if (*row->channel)
        wf_buf_addf(out, " via %s", row->channel);
}

/* ---- what leaves, what is stopped ---- */

struct series {
    uint64_t total, most;
    uint32_t at; /* the first night with the most */
};

static struct series measure(const struct wf_forecast *f, const uint64_t *n)
{
    struct series s = {0};
    for (uint32_t i = 0; i < f->n_nights; i++) {
        s.total += n[i];
        if (n[i] > s.most) {
            s.most = n[i];
            s.at = i;
        }
    }
    return s;
}

static void add_average(struct saying *s, uint64_t total)
{
    uint64_t tenths = (total * 10 + s->f->n_nights / 2) / s->f->n_nights;
    wf_buf_addf(&s->text, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
    wf_page_cell(&s->page, said(s));
    wf_buf_reset(&s->text);
}

static void say_rows(struct saying *s, bool stopped, const char *heading)
{
    const struct wf_forecast *f = s->f;
    const char *const columns[] = {
        wf_word("rule"),    wf_word("action"), stopped ? wf_word("gate") : "", wf_word("in all"),
        wf_word("a night"), wf_word("most"),   wf_word("on the night of")};
    bool any = false;
    for (size_t i = 0; i < f->n_rows; i++)
        any |= (*f->rows[i].gate != 0) == stopped;
    if (!any)
        return;
    wf_page_heading(&s->page, heading);
    wf_page_table(&s->page, columns, "lllrrrl");
    for (size_t i = 0; i < f->n_rows; i++) {
        const struct wf_forecast_row *row = &f->rows[i];
        if ((*row->gate != 0) != stopped)
            continue;
        struct series of = measure(f, row->n);
        wf_page_cell(&s->page, row->rule);
        put_words(&s->text, row);
        wf_page_cell(&s->page, said(s));
        wf_buf_reset(&s->text);
        wf_page_cell(&s->page, row->gate);
        wf_page_number(&s->page, (int64_t)of.total);
        add_average(s, of.total);
        wf_page_number(&s->page, (int64_t)of.most);
        wf_page_cell(&s->page, night_text(s, of.at));
    }
    wf_page_table_end(&s->page);
}

/* Whether an earlier row that leaves names this channel. */
static bool seen_channel(const struct wf_forecast *f, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!*f->rows[i].gate && strcmp(f->rows[i].channel, f->rows[at].channel) == 0)
            return true;
    return false;
}

static void say_channels(struct saying *s)
{
    const struct wf_forecast *f = s->f;
    const char *const columns[] = {wf_word("channel"), wf_word("in all"), wf_word("a night")};
    bool named = false;
    for (size_t i = 0; i < f->n_rows; i++)
        named |= *f->rows[i].channel && !*f->rows[i].gate;
    if (!named)
        return;
    wf_page_heading(&s->page, wf_word("By channel"));
    wf_page_table(&s->page, columns, "lrr");
    for (size_t i = 0; i < f->n_rows; i++) {
        uint64_t total = 0;
        if (*f->rows[i].gate || seen_channel(f, i))
            continue;
        for (size_t k = i; k < f->n_rows; k++)
            if (!*f->rows[k].gate && strcmp(f->rows[k].channel, f->rows[i].channel) == 0)
                total += f->rows[k].total;
        wf_page_cell(&s->page, *f->rows[i].channel ? f->rows[i].channel : wf_word("(none)"));
        wf_page_number(&s->page, (int64_t)total);
        add_average(s, total);
    }
    wf_page_table_end(&s->page);
}

/* ---- what runs out ---- */

static void say_stocks(struct saying *s)
{
    const struct wf_forecast *f = s->f;
    for (size_t i = 0; i < f->n_stocks; i++) {
        const struct wf_forecast_stock *c = &f->stocks[i];
        if (c->first < 0)
            wf_say(&s->text,
                   "coupon %s: of a stock of %" PRId64 ", %" PRId64
                   " are left behind the last night",
                   c->coupon, c->stock, c->left[f->n_nights - 1]);
        else
            wf_say(&s->text,
                   "coupon %s: its stock of %" PRId64
                   " runs out on the night of %s; actions that this stops: %" PRIu64,
                   c->coupon, c->stock, night_text(s, (uint32_t)c->first), c->stopped);
        say_item(s);
    }
}

static void say_budgets(struct saying *s)
{
    for (size_t i = 0; i < s->f->n_budgets; i++) {
        const struct wf_forecast_budget *b = &s->f->budgets[i];
        if (b->n_ends == 0) {
            wf_say(&s->text, "%s (%s): it lasts", b->text, b->place);
        } else {
            struct wf_buf nights;
            wf_buf_init(&nights, s->text.alloc, 0);
            for (size_t k = 0; k < b->n_ends; k++)
                wf_buf_addf(&nights, k ? ", %s" : "%s", night_text(s, b->ends[k]));
            wf_say(&s->text,
                   "%s (%s): it is used up on the nights of %s; actions that this stops: %" PRIu64,
                   b->text, b->place, wf_buf_str(&nights), b->total);
            s->text.failed |= nights.failed;
            wf_buf_release(&nights);
        }
        say_item(s);
    }
}

static void say_caps(struct saying *s)
{
    for (size_t i = 0; i < s->f->n_caps; i++) {
        const struct wf_forecast_cap *c = &s->f->caps[i];
        if (c->first < 0)
            wf_say(&s->text, "cap %s (%s): it stops nothing", c->text, c->place);
        else
            wf_say(&s->text,
                   "cap %s (%s): actions that it stops: %" PRIu64
                   ", for this many members: %" PRIu64 ", from the night of %s on",
                   c->text, c->place, c->total, c->members, night_text(s, (uint32_t)c->first));
        say_item(s);
    }
}

static void say_limits(struct saying *s)
{
    const struct wf_forecast *f = s->f;
    if (f->n_stocks + f->n_budgets + f->n_caps == 0)
        return;
    wf_page_heading(&s->page, wf_word("What runs out"));
    say_stocks(s);
    say_budgets(s);
    say_caps(s);
    wf_page_list_end(&s->page);
}

/* ---- nights that would not just run ---- */

static void say_held(struct saying *s)
{
    const struct wf_forecast *f = s->f;
    bool any = f->n_pauses > 0;
    for (uint32_t i = 0; i < f->n_nights; i++)
        any |= f->nights[i].held != NULL;
    if (!any)
        return;
    wf_page_heading(&s->page, wf_word("Nights that would wait, rules that would stand still"));
    for (uint32_t i = 0; i < f->n_nights; i++) {
        if (!f->nights[i].held)
            continue;
        wf_say(&s->text, "the night of %s would be held for approval: %s", f->nights[i].night,
               f->nights[i].held);
        while (s->text.len && s->text.data[s->text.len - 1] == '\n')
            s->text.data[--s->text.len] = 0;
        say_item(s);
    }
    for (size_t i = 0; i < f->n_pauses; i++) {
        const struct wf_forecast_pause *p = &f->pauses[i];
        wf_say(&s->text, "on the night of %s this is paused until it is resumed: %s (%s)",
               night_text(s, p->night), p->what, p->why);
        say_item(s);
    }
    wf_page_list_end(&s->page);
}

/* ---- journeys, segments ---- */

static void say_journeys(struct saying *s)
{
    const struct wf_forecast *f = s->f;
    const char *const columns[] = {
        wf_word("journey"), wf_word("entered"),          wf_word("left"),
        wf_word("goals"),   wf_word("in it at the end"), wf_word("most")};
    if (f->n_journeys == 0)
        return;
    wf_page_heading(&s->page, wf_word("Journeys"));
    wf_page_table(&s->page, columns, "lrrrrr");
    for (size_t i = 0; i < f->n_journeys; i++) {
        const struct wf_forecast_journey *j = &f->journeys[i];
        wf_page_cell(&s->page, j->name);
        wf_page_number(&s->page, (int64_t)measure(f, j->entered).total);
        wf_page_number(&s->page, (int64_t)measure(f, j->left).total);
        wf_page_number(&s->page, (int64_t)measure(f, j->goals).total);
        wf_page_number(&s->page, (int64_t)j->in_flight[f->n_nights - 1]);
        wf_page_number(&s->page, (int64_t)measure(f, j->in_flight).most);
    }
    wf_page_table_end(&s->page);
}

static void say_segments(struct saying *s)
{
    const struct wf_forecast *f = s->f;
    const char *const columns[] = {wf_word("segment"), wf_word("first night"),
                                   wf_word("last night"), wf_word("most")};
    if (f->n_segments == 0)
        return;
    wf_page_heading(&s->page, wf_word("Segments"));
    wf_page_table(&s->page, columns, "lrrr");
    for (size_t i = 0; i < f->n_segments; i++) {
        const struct wf_forecast_segment *g = &f->segments[i];
        wf_page_cell(&s->page, g->name);
        wf_page_number(&s->page, (int64_t)g->size[0]);
        wf_page_number(&s->page, (int64_t)g->size[f->n_nights - 1]);
        wf_page_number(&s->page, (int64_t)measure(f, g->size).most);
    }
    wf_page_table_end(&s->page);
}

/* ---- what it assumes ---- */

static void say_replayed(struct saying *s)
{
    const struct wf_forecast *f = s->f;
    if (f->weeks == 0) {
        wf_say(&s->text, "Nothing new happens: no events, nobody joins. Only what the exports hold "
                         "by the night counts.");
        say_item(s);
        return;
    }
    wf_say(&s->text,
           "Whole weeks before the first night that happen again and again: %u. Each member does "
           "then what they "
           "did in them, at the same hour of the same weekday; who did nothing in them "
           "does nothing.",
           f->weeks);
    say_item(s);
    if (f->joined)
        wf_say(&s->text,
               "As many join as joined in these weeks (new members by the last night: %" PRIu64
               "), each a copy of one of those, who then does what that one did.",
               f->nights[f->n_nights - 1].newcomers);
    else
        wf_say(&s->text, "Nobody joins: the rules do not read when members joined.");
    say_item(s);
    if (f->left_out) {
        wf_say(&s->text,
               "Events that the exports date at or after the first night are left out: %" PRIu64,
               f->left_out);
        say_item(s);
    }
}

static void say_assumptions(struct saying *s)
{
    const struct wf_forecast *f = s->f;
    wf_page_heading(&s->page, wf_word("What this assumes"));
    if (f->weeks < f->weeks_asked) {
        wf_say(&s->text,
               "Weeks to be replayed: %u; the exports hold only this many whole ones: %u.",
               f->weeks_asked, f->weeks);
        say_item(s);
    }
    say_replayed(s);
    wf_say(&s->text, "Fields of members stay as they are tonight: nobody's points, tier or channel "
                     "changes, and nothing that leaves changes what members do.");
    say_item(s);
    wf_say(&s->text, "Every night runs, at its hour, by these rules; one that would be held is "
                     "approved at once; what is paused stays paused.");
    say_item(s);
    wf_page_list_end(&s->page);
}

void wf_forecast_text(const struct wf_forecast *forecast, struct wf_buf *out)
{
    struct saying s = {.f = forecast};
    wf_page_init(&s.page, out, false);
    wf_buf_init(&s.text, out->alloc, 0);
    say_rows(&s, false, wf_word("What leaves"));
    say_channels(&s);
    say_rows(&s, true, wf_word("What the gates stop"));
    say_limits(&s);
    say_held(&s);
    say_journeys(&s);
    say_segments(&s);
    say_assumptions(&s);
    out->failed |= s.text.failed;
    wf_buf_release(&s.text);
    wf_page_release(&s.page);
}
