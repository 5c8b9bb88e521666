/*
 * diff_json.c - a comparison for programs: one object, its members documented in runtime/README.md.
 */
#include <inttypes.h>
#include <string.h>

#include "runtime/run/diff_int.h"
#include "runtime/run/sheet.h"

/* The object or array that is written: what stands before its next member. */
struct json {
    struct wf_buf *out;
    const char *between;
};

static void open_(struct json *j, char bracket)
{
    wf_buf_addc(j->out, bracket);
    j->between = "";
}

static void close_(struct json *j, char bracket)
{
    wf_buf_addc(j->out, bracket);
    j->between = ",";
}

static void key(struct json *j, const char *name)
{
    wf_buf_addf(j->out, "%s\"%s\":", j->between, name);
    j->between = ",";
}

static void text(struct json *j, const char *name, const char *value)
{
    key(j, name);
    if (value)
        wf_json_string(j->out, value, strlen(value));
    else
        wf_buf_adds(j->out, "null");
}

static void number(struct json *j, const char *name, uint64_t n)
{
    key(j, name);
    wf_buf_addf(j->out, "%" PRIu64, n);
}

static void flag(struct json *j, const char *name, bool is)
{
    key(j, name);
    wf_buf_adds(j->out, is ? "true" : "false");
}

/* One number of each side: "old" and "new" within `name`. */
static void sides(struct json *j, const char *name, const uint64_t n[WF_DIFF_SIDES])
{
    key(j, name);
    wf_buf_addf(j->out, "{\"old\":%" PRIu64 ",\"new\":%" PRIu64 "}", n[WF_DIFF_OLD],
                n[WF_DIFF_NEW]);
}

static void item(struct json *j)
{
    wf_buf_addf(j->out, "%s\n  ", j->between);
    open_(j, '{');
}

static void begin(struct json *j, const char *name)
{
    key(j, name);
    open_(j, '[');
}

static void samples(struct json *j, const char *name, const struct wf_diff_samples *s)
{
    key(j, name);
    open_(j, '{');
    number(j, "members", s->n);
    begin(j, "samples");
    for (size_t i = 0; i < s->n_items; i++) {
        wf_buf_adds(j->out, j->between);
        open_(j, '{');
        text(j, "member", s->items[i].member);
        text(j, "why", s->items[i].why);
        close_(j, '}');
    }
    close_(j, ']');
    close_(j, '}');
}

static void decls(struct json *j, const struct wf_diff *d)
{
    static const char *const changes[] = {"added", "removed", "renamed", "changed"};
    begin(j, "rules");
    for (size_t i = 0; i < d->n_decls; i++) {
        const struct wf_diff_decl *decl = &d->decls[i];
        item(j);
        text(j, "kind", decl->kind);
        text(j, "name", decl->name);
        text(j, "change", changes[decl->change]);
        text(j, "was", decl->was);
        begin(j, "lines");
        for (size_t k = 0; k < decl->n; k++) {
            const char sign[2] = {decl->lines[k].sign, 0};
            wf_buf_adds(j->out, j->between);
            open_(j, '{');
            text(j, "sign", sign);
            text(j, "text", decl->lines[k].text);
            close_(j, '}');
        }
        close_(j, ']');
        close_(j, '}');
    }
    close_(j, ']');
}

static void segments(struct json *j, const struct wf_diff *d)
{
    begin(j, "segments");
    for (size_t i = 0; i < d->n_segments; i++) {
        const struct wf_diff_segment *g = &d->segments[i];
        item(j);
        text(j, "segment", g->name);
        flag(j, "old", g->there[WF_DIFF_OLD]);
        flag(j, "new", g->there[WF_DIFF_NEW]);
        sides(j, "size", g->size);
        sides(j, "unknown", g->unknown);
        samples(j, "entered", &g->entered);
        samples(j, "left", &g->left);
        samples(j, "doubt", &g->doubt);
        close_(j, '}');
    }
    close_(j, ']');
}

static void classes(struct json *j, const struct wf_diff *d)
{
    begin(j, "classes");
    for (size_t i = 0; i < d->n_classes; i++) {
        item(j);
        text(j, "classify", d->classes[i].classify);
        text(j, "class", d->classes[i].name);
        sides(j, "size", d->classes[i].size);
        close_(j, '}');
    }
    close_(j, ']');
    begin(j, "moves");
    for (size_t i = 0; i < d->n_moves; i++) {
        const struct wf_diff_move *m = &d->moves[i];
        item(j);
        text(j, "classify", m->classify);
        text(j, "from", *m->from ? m->from : NULL);
        text(j, "to", *m->to ? m->to : NULL);
        samples(j, "who", &m->who);
        close_(j, '}');
    }
    close_(j, ']');
}

static void metrics(struct json *j, const struct wf_diff *d)
{
    begin(j, "metrics");
    for (size_t i = 0; i < d->n_metrics; i++) {
        const struct wf_diff_metric *m = &d->metrics[i];
        item(j);
        text(j, "metric", m->name);
        text(j, "group", m->split ? m->group : NULL);
        text(j, "unit", m->unit);
        text(j, "old", m->value[WF_DIFF_OLD]);
        text(j, "new", m->value[WF_DIFF_NEW]);
        sides(j, "members", m->members);
        close_(j, '}');
    }
    close_(j, ']');
}

static void actions(struct json *j, const struct wf_diff *d)
{
    begin(j, "actions");
    for (size_t i = 0; i < d->n_actions; i++) {
        const struct wf_diff_action *a = &d->actions[i];
        item(j);
        text(j, "rule", a->rule);
        text(j, "action", a->what);
        text(j, "channel", *a->channel ? a->channel : NULL);
        sides(j, "leave", a->n);
        samples(j, "added", &a->added);
        samples(j, "lost", &a->lost);
        samples(j, "changed", &a->changed);
        close_(j, '}');
    }
    close_(j, ']');
    begin(j, "gates");
    for (size_t i = 0; i < d->n_gates; i++) {
        const struct wf_diff_gate *g = &d->gates[i];
        item(j);
        text(j, "rule", g->rule);
        text(j, "action", g->what);
        text(j, "from", g->from);
        text(j, "to", g->to);
        samples(j, "who", &g->who);
        close_(j, '}');
    }
    close_(j, ']');
}

static void costs(struct json *j, const struct wf_diff *d)
{
    begin(j, "costs");
    for (size_t i = 0; i < d->n_costs; i++) {
        const struct wf_diff_cost *c = &d->costs[i];
        const uint64_t each[] = {(uint64_t)c->each[0], (uint64_t)c->each[1]};
        const uint64_t total[] = {(uint64_t)c->total[0], (uint64_t)c->total[1]};
        item(j);
        text(j, "of", c->coupon ? "coupon" : "channel");
        text(j, "name", c->name);
        sides(j, "each_hundredths", each);
        sides(j, "leave", c->n);
        sides(j, "total_hundredths", total);
        close_(j, '}');
    }
    close_(j, ']');
}

static void journeys(struct json *j, const struct wf_diff *d)
{
    begin(j, "journeys");
    for (size_t i = 0; i < d->n_journeys; i++) {
        const struct wf_diff_journey *t = &d->journeys[i];
        item(j);
        text(j, "journey", t->name);
        flag(j, "old", t->there[WF_DIFF_OLD]);
        flag(j, "new", t->there[WF_DIFF_NEW]);
        flag(j, "restructured", t->restructured);
        number(j, "before", t->before);
        sides(j, "in_flight", t->in_flight);
        sides(j, "entered", t->entered);
        sides(j, "left", t->left);
        number(j, "kept", t->kept);
        number(j, "migrated", t->migrated);
        begin(j, "stands");
        for (size_t k = 0; k < t->n_stands; k++) {
            wf_buf_adds(j->out, j->between);
            open_(j, '{');
            text(j, "from", *t->stands[k].from ? t->stands[k].from : NULL);
            text(j, "to", *t->stands[k].to ? t->stands[k].to : NULL);
            samples(j, "who", &t->stands[k].who);
            close_(j, '}');
        }
        close_(j, ']');
        close_(j, '}');
    }
    close_(j, ']');
}

void wf_diff_json(const struct wf_diff *d, const char *const names[WF_DIFF_SIDES],
                  struct wf_buf *out)
{
    struct json j = {.out = out, .between = ""};
    open_(&j, '{');
    text(&j, "old", names[WF_DIFF_OLD]);
    text(&j, "new", names[WF_DIFF_NEW]);
    flag(&j, "differs", wf_diff_any(d));
    flag(&j, "same_rules", d->same_rules);
    flag(&j, "decided", d->decided && !d->refused);
    flag(&j, "fresh", d->fresh);
    text(&j, "night", d->decided ? d->night : NULL);
    text(&j, "refused", d->refused);
    sides(&j, "members", d->members);
    sides(&j, "members_of_one_side", d->only);
    sides(&j, "leave", d->left);
    sides(&j, "stopped", d->stopped);
    begin(&j, "first_nights");
    for (size_t i = 0; i < d->n_firsts; i++) {
        item(&j);
        text(&j, "rule", d->firsts[i].rule);
        text(&j, "why", d->firsts[i].why);
        close_(&j, '}');
    }
    close_(&j, ']');
    decls(&j, d);
    segments(&j, d);
    classes(&j, d);
    metrics(&j, d);
    actions(&j, d);
    costs(&j, d);
    journeys(&j, d);
    close_(&j, '}');
    wf_buf_addc(out, '\n');
}
