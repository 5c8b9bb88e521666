/*
 * simulate_data.c - a forecast as JSON and CSV: the same figures as the text's, night by night.
 */
#include <inttypes.h>
#include <string.h>

#include "runtime/run/sheet.h"
#include "runtime/run/simulate.h"

static void text(struct wf_buf *out, const char *name, const char *value)
{
    wf_buf_addf(out, "\"%s\":", name);
    wf_json_string(out, value, strlen(value));
}

static void numbers(const struct wf_forecast *f, struct wf_buf *out, const char *name,
                    const uint64_t *n)
{
    wf_buf_addf(out, ",\"%s\":[", name);
    for (uint32_t i = 0; i < f->n_nights; i++)
        wf_buf_addf(out, i ? ",%" PRIu64 : "%" PRIu64, n[i]);
    wf_buf_addc(out, ']');
}

static void add_night(const struct wf_forecast *f, struct wf_buf *out, const char *name,
                      int32_t night)
{
    wf_buf_addc(out, ',');
    if (night >= 0)
        text(out, name, f->nights[night].night);
    else
        wf_buf_addf(out, "\"%s\":null", name);
}

static void add_nights(const struct wf_forecast *f, struct wf_buf *out)
{
    wf_buf_adds(out, ",\"nights\":[");
    for (uint32_t i = 0; i < f->n_nights; i++) {
        const struct wf_forecast_night *n = &f->nights[i];
        wf_buf_adds(out, i ? ",\n  {" : "\n  {");
        text(out, "night", n->night);
        wf_buf_addf(out,
                    ",\"members\":%" PRIu64 ",\"newcomers\":%" PRIu64 ",\"actions\":%" PRIu64
                    ",\"suppressed\":%" PRIu64 ",",
                    n->members, n->newcomers, n->actions, n->suppressed);
        if (n->held)
            text(out, "held", n->held);
        else
            wf_buf_adds(out, "\"held\":null");
        wf_buf_addc(out, '}');
    }
    wf_buf_adds(out, "]");
}

static void add_rows(const struct wf_forecast *f, struct wf_buf *out)
{
    wf_buf_adds(out, ",\"rows\":[");
    for (size_t i = 0; i < f->n_rows; i++) {
        const struct wf_forecast_row *row = &f->rows[i];
        wf_buf_adds(out, i ? ",\n  {" : "\n  {");
        text(out, "rule", row->rule);
        wf_buf_addf(out, ",\"journey\":%s,", row->journey ? "true" : "false");
        text(out, "kind", row->kind);
        wf_buf_addc(out, ',');
        text(out, "name", row->name);
        wf_buf_addc(out, ',');
        text(out, "channel", row->channel);
        wf_buf_addc(out, ',');
        text(out, "gate", row->gate);
        wf_buf_addf(out, ",\"total\":%" PRIu64, row->total);
        numbers(f, out, "by_night", row->n);
        wf_buf_addc(out, '}');
    }
    wf_buf_addc(out, ']');
}

static void add_journeys(const struct wf_forecast *f, struct wf_buf *out)
{
    wf_buf_adds(out, ",\"journeys\":[");
    for (size_t i = 0; i < f->n_journeys; i++) {
        const struct wf_forecast_journey *j = &f->journeys[i];
        wf_buf_adds(out, i ? ",\n  {" : "\n  {");
        text(out, "journey", j->name);
        numbers(f, out, "entered", j->entered);
        numbers(f, out, "left", j->left);
        numbers(f, out, "goals", j->goals);
        numbers(f, out, "in_flight", j->in_flight);
        wf_buf_addc(out, '}');
    }
    wf_buf_adds(out, "],\"segments\":[");
    for (size_t i = 0; i < f->n_segments; i++) {
        wf_buf_adds(out, i ? ",\n  {" : "\n  {");
        text(out, "segment", f->segments[i].name);
        numbers(f, out, "size", f->segments[i].size);
        wf_buf_addc(out, '}');
    }
    wf_buf_addc(out, ']');
}

static void add_stocks(const struct wf_forecast *f, struct wf_buf *out)
{
    wf_buf_adds(out, ",\"stocks\":[");
    for (size_t i = 0; i < f->n_stocks; i++) {
        const struct wf_forecast_stock *s = &f->stocks[i];
        wf_buf_adds(out, i ? ",\n  {" : "\n  {");
        text(out, "coupon", s->coupon);
        wf_buf_addf(out, ",\"stock\":%" PRId64 ",\"issued_before\":%" PRId64, s->stock, s->issued);
        add_night(f, out, "runs_out", s->first);
        wf_buf_addf(out, ",\"stopped\":%" PRIu64, s->stopped);
        numbers(f, out, "left", (const uint64_t *)s->left);
        wf_buf_addc(out, '}');
    }
    wf_buf_addc(out, ']');
}

static void add_limits(const struct wf_forecast *f, struct wf_buf *out)
{
    wf_buf_adds(out, ",\"budgets\":[");
    for (size_t i = 0; i < f->n_budgets; i++) {
        const struct wf_forecast_budget *b = &f->budgets[i];
        wf_buf_adds(out, i ? ",\n  {" : "\n  {");
        text(out, "budget", b->text);
        wf_buf_addc(out, ',');
        text(out, "place", b->place);
        wf_buf_adds(out, ",\"used_up\":[");
        for (size_t k = 0; k < b->n_ends; k++)
            wf_buf_addf(out, k ? ",\"%s\"" : "\"%s\"", f->nights[b->ends[k]].night);
        wf_buf_adds(out, "]");
        numbers(f, out, "stopped", b->stopped);
        wf_buf_addc(out, '}');
    }
    wf_buf_adds(out, "],\"caps\":[");
    for (size_t i = 0; i < f->n_caps; i++) {
        const struct wf_forecast_cap *c = &f->caps[i];
        wf_buf_adds(out, i ? ",\n  {" : "\n  {");
        text(out, "cap", c->text);
        wf_buf_addc(out, ',');
        text(out, "place", c->place);
        add_night(f, out, "first", c->first);
        wf_buf_addf(out, ",\"members\":%" PRIu64, c->members);
        numbers(f, out, "stopped", c->stopped);
        wf_buf_addc(out, '}');
    }
    wf_buf_adds(out, "],\"pauses\":[");
    for (size_t i = 0; i < f->n_pauses; i++) {
        wf_buf_adds(out, i ? ",\n  {" : "\n  {");
        text(out, "what", f->pauses[i].what);
        wf_buf_addc(out, ',');
        text(out, "why", f->pauses[i].why);
        add_night(f, out, "night", (int32_t)f->pauses[i].night);
        wf_buf_addc(out, '}');
    }
    wf_buf_addc(out, ']');
}

void wf_forecast_json(const struct wf_forecast *f, struct wf_buf *out)
{
    wf_buf_addf(out, "{\"weeks_asked\":%u,\"weeks_replayed\":%u,\"joins\":%s,\"left_out\":%" PRIu64,
                f->weeks_asked, f->weeks, f->joined && f->weeks ? "true" : "false", f->left_out);
    add_nights(f, out);
    add_rows(f, out);
    add_stocks(f, out);
    add_limits(f, out);
    add_journeys(f, out);
    wf_buf_adds(out, "}\n");
}

/* RFC 4180: quoted where it must be. */
static void add_cell(struct wf_buf *out, const char *cell)
{
    if (!strpbrk(cell, ",\"\r\n")) {
        wf_buf_adds(out, cell);
        return;
    }
    wf_buf_addc(out, '"');
    for (; *cell; cell++) {
        if (*cell == '"')
            wf_buf_addc(out, '"');
        wf_buf_addc(out, *cell);
    }
    wf_buf_addc(out, '"');
}

void wf_forecast_csv(const struct wf_forecast *f, struct wf_buf *out)
{
    wf_buf_adds(out, "night,rule,kind,name,channel,gate,count\n");
    for (uint32_t night = 0; night < f->n_nights; night++)
        for (size_t i = 0; i < f->n_rows; i++) {
            const struct wf_forecast_row *row = &f->rows[i];
            const char *const cells[] = {f->nights[night].night, row->rule, row->kind, row->name,
                                         row->channel,           row->gate};
            if (row->n[night] == 0)
                continue;
            for (int k = 0; k < 6; k++) {
                add_cell(out, cells[k]);
                wf_buf_addc(out, ',');
            }
            wf_buf_addf(out, "%" PRIu64 "\n", row->n[night]);
        }
}
