/*
 * diff_say.c - a comparison for people: on a terminal, or under a pull request.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/value.h"
#include "lang/base/words.h"
#include "runtime/run/diff_int.h"
#include "runtime/run/page.h"

struct saying {
    const struct wf_diff *diff;
    const char *const *names;
    struct wf_page page;
    struct wf_buf text; /* one sentence */
};

/* What was gathered in `text`, for one use. */
static const char *said(struct saying *s)
{
    s->page.out->failed |= s->text.failed;
    return wf_buf_str(&s->text);
}

static void say_line(struct saying *s)
{
    wf_page_line(&s->page, said(s));
    wf_buf_reset(&s->text);
}

static const char *money(int64_t hundredths, char out[32])
{
    uint64_t n = hundredths < 0 ? (uint64_t)0 - (uint64_t)hundredths : (uint64_t)hundredths;
    snprintf(out, 32, "%s%" PRIu64 ".%02" PRIu64, hundredths < 0 ? "-" : "", n / 100, n % 100);
    return out;
}

/* `format` is a translated sentence: whom the samples are of. */
__attribute__((format(printf, 3, 4))) static void
say_samples(struct saying *s, const struct wf_diff_samples *samples, const char *format, ...)
{
    va_list args;
    if (samples->n == 0)
        return;
    va_start(args, format);
    wf_buf_addv(&s->text, format, args);
    va_end(args);
    wf_page_fold(&s->page, said(s));
    wf_buf_reset(&s->text);
    for (size_t i = 0; i < samples->n_items; i++) {
        const struct wf_diff_sample *one = &samples->items[i];
        wf_buf_adds(&s->text, one->member);
        if (*one->why)
            wf_buf_addf(&s->text, "  %s", one->why);
        wf_page_item(&s->page, said(s));
        wf_buf_reset(&s->text);
    }
    unsigned long more = (unsigned long)(samples->n - samples->n_items);
    if (more) {
        wf_buf_addf(&s->text, wf_word_n("and %lu more", "and %lu more", more), more);
        wf_page_item(&s->page, said(s));
        wf_buf_reset(&s->text);
    }
    wf_page_fold_end(&s->page);
}

/* ---- the head ---- */

static void say_head(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    wf_buf_addf(&s->text, wf_word("From %s to %s"), s->names[WF_DIFF_OLD], s->names[WF_DIFF_NEW]);
    if (s->page.markdown) {
        wf_page_heading(&s->page, said(s));
        wf_buf_reset(&s->text);
    } else {
        say_line(s);
    }
    if (d->refused) {
        wf_buf_addf(&s->text, wf_word("The new rules cannot run on this state: %s"), d->refused);
        say_line(s);
    }
    if (!d->decided || d->refused)
        return;
    if (d->fresh)
        wf_page_line(&s->page, wf_word("The state is a new one: this would be its first night."));
    wf_buf_addf(&s->text,
                wf_word("Actions that leave on the night of %s: %" PRIu64
                        " by the old rules, %" PRIu64
                        " by the new ones; that the gates stop: %" PRIu64 " and %" PRIu64 "."),
                d->night, d->left[WF_DIFF_OLD], d->left[WF_DIFF_NEW], d->stopped[WF_DIFF_OLD],
                d->stopped[WF_DIFF_NEW]);
    say_line(s);
    if (d->only[WF_DIFF_OLD] || d->only[WF_DIFF_NEW]) {
        wf_buf_addf(&s->text,
                    wf_word("Members that are read: %" PRIu64 " by the old rules, %" PRIu64
                            " of them by these alone; %" PRIu64 " by the new ones, %" PRIu64
                            " of them by these alone."),
                    d->members[WF_DIFF_OLD], d->only[WF_DIFF_OLD], d->members[WF_DIFF_NEW],
                    d->only[WF_DIFF_NEW]);
        say_line(s);
    }
}

static void say_firsts(struct saying *s)
{
    for (size_t i = 0; i < s->diff->n_firsts; i++) {
        wf_buf_addf(&s->text, "%s: %s", s->diff->firsts[i].rule, wf_word(s->diff->firsts[i].why));
        wf_page_item(&s->page, said(s));
        wf_buf_reset(&s->text);
    }
    if (s->diff->n_firsts)
        wf_page_list_end(&s->page);
}

/* ---- declarations ---- */

static const char *const CHANGES[WF_DIFF_CHANGES_] = {
    [WF_DIFF_ADDED] = N_("new: %s %s"),
    [WF_DIFF_REMOVED] = N_("gone: %s %s"),
    [WF_DIFF_RENAMED] = N_("renamed: %s %s, which was %s"),
    [WF_DIFF_CHANGED] = N_("changed: %s %s"),
};

static void say_remark(struct saying *s, const char *line)
{
    if (*line)
        wf_buf_addf(&s->text, wf_word("%s (reads the same, but something it uses has changed)"),
                    line);
    else
        wf_buf_adds(&s->text, wf_word("(its lines stand in another order)"));
}

static void say_decl(struct saying *s, const struct wf_diff_decl *decl)
{
    wf_buf_addf(&s->text, wf_word(CHANGES[decl->change]), decl->kind, decl->name, decl->was);
    while (s->text.len && s->text.data[s->text.len - 1] == ' ') /* what has no name */
        s->text.data[--s->text.len] = 0;
    wf_page_fold(&s->page, said(s));
    wf_buf_reset(&s->text);
    if (decl->n)
        wf_page_diff(&s->page);
    for (size_t i = 0; i < decl->n; i++) {
        if (decl->lines[i].sign == '~')
            say_remark(s, decl->lines[i].text);
        else
            wf_buf_adds(&s->text, decl->lines[i].text);
        wf_page_diff_line(&s->page, decl->lines[i].sign == '~' ? ' ' : decl->lines[i].sign,
                          said(s));
        wf_buf_reset(&s->text);
    }
    if (decl->n)
        wf_page_diff_end(&s->page);
    wf_page_fold_end(&s->page);
}

static void say_decls(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    size_t most = s->page.markdown ? WF_PAGE_ROWS : SIZE_MAX;
    if (d->n_decls == 0 && !d->same_rules) {
        wf_page_heading(&s->page, wf_word("Rules"));
        wf_page_line(&s->page,
                     wf_word("The rules are not the same, but in nothing that is compared "
                             "here: in the order of declarations, or in what nothing uses."));
    }
    if (d->n_decls == 0)
        return;
    wf_page_heading(&s->page, wf_word("Rules"));
    for (size_t i = 0; i < d->n_decls && i < most; i++)
        say_decl(s, &d->decls[i]);
    if (d->n_decls > most) {
        unsigned long more = (unsigned long)(d->n_decls - most);
        wf_buf_addf(&s->text,
                    wf_word_n("and %lu declaration more", "and %lu declarations more", more), more);
        say_line(s);
    }
}

/* ---- segments and classes ---- */

static void say_segments(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    const char *const columns[] = {wf_word("segment"),     wf_word("old"),  wf_word("new"),
                                   wf_word("entered"),     wf_word("left"), wf_word("unknown, old"),
                                   wf_word("unknown, new")};
    if (d->n_segments == 0)
        return;
    wf_page_heading(&s->page, wf_word("Segments"));
    wf_page_table(&s->page, columns, "lrrrrrr");
    for (size_t i = 0; i < d->n_segments; i++) {
        const struct wf_diff_segment *g = &d->segments[i];
        wf_page_cell(&s->page, g->name);
        for (int side = 0; side < WF_DIFF_SIDES; side++) {
            if (g->there[side])
                wf_page_number(&s->page, (int64_t)g->size[side]);
            else
                wf_page_cell(&s->page, "-");
        }
        wf_page_number(&s->page, (int64_t)g->entered.n);
        wf_page_number(&s->page, (int64_t)g->left.n);
        wf_page_number(&s->page, (int64_t)g->unknown[WF_DIFF_OLD]);
        wf_page_number(&s->page, (int64_t)g->unknown[WF_DIFF_NEW]);
    }
    wf_page_table_end(&s->page);
    for (size_t i = 0; i < d->n_segments; i++) {
        const struct wf_diff_segment *g = &d->segments[i];
        say_samples(s, &g->entered, wf_word("%s: in it now, and what kept them out before"),
                    g->name);
        say_samples(s, &g->left, wf_word("%s: no longer in it, and what keeps them out now"),
                    g->name);
        say_samples(s, &g->doubt, wf_word("%s: known to be out of it on one side only"), g->name);
    }
}

static const char *class_name(const char *name)
{
    return *name ? name : wf_word("(none known)");
}

static void say_classes(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    const char *const sizes[] = {wf_word("class"), wf_word("old"), wf_word("new")};
    const char *const moves[] = {wf_word("class"), wf_word("from"), wf_word("to"),
                                 wf_word("members")};
    if (d->n_moves == 0)
        return;
    wf_page_heading(&s->page, wf_word("Classes"));
    wf_page_table(&s->page, sizes, "lrr");
    for (size_t i = 0; i < d->n_classes; i++) {
        const struct wf_diff_class *c = &d->classes[i];
        wf_buf_addf(&s->text, "%s = %s", c->classify, c->name);
        wf_page_cell(&s->page, said(s));
        wf_buf_reset(&s->text);
        wf_page_number(&s->page, (int64_t)c->size[WF_DIFF_OLD]);
        wf_page_number(&s->page, (int64_t)c->size[WF_DIFF_NEW]);
    }
    wf_page_table_end(&s->page);
    wf_page_table(&s->page, moves, "lllr");
    for (size_t i = 0; i < d->n_moves; i++) {
        const struct wf_diff_move *m = &d->moves[i];
        wf_page_cell(&s->page, m->classify);
        wf_page_cell(&s->page, class_name(m->from));
        wf_page_cell(&s->page, class_name(m->to));
        wf_page_number(&s->page, (int64_t)m->who.n);
    }
    wf_page_table_end(&s->page);
    for (size_t i = 0; i < d->n_moves; i++) {
        const struct wf_diff_move *m = &d->moves[i];
        say_samples(s, &m->who, wf_word("%s: from %s to %s"), m->classify, class_name(m->from),
                    class_name(m->to));
    }
}

/* ---- metrics ---- */

static const char *figure(const char *value)
{
    return !value ? "-" : *value ? value : wf_word("none");
}

static void say_metrics(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    const char *const columns[] = {wf_word("metric"),       wf_word("of"),
                                   wf_word("old"),          wf_word("new"),
                                   wf_word("members, old"), wf_word("members, new")};
    if (d->n_metrics == 0)
        return;
    wf_page_heading(&s->page, wf_word("Metrics"));
    wf_page_table(&s->page, columns, "llrrrr");
    for (size_t i = 0; i < d->n_metrics; i++) {
        const struct wf_diff_metric *m = &d->metrics[i];
        wf_page_cell(&s->page, m->name);
        wf_page_cell(&s->page, !m->split   ? wf_word("all")
                               : *m->group ? m->group
                                           : wf_word("(missing)"));
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            wf_page_cell(&s->page, figure(m->value[side]));
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            wf_page_number(&s->page, (int64_t)m->members[side]);
    }
    wf_page_table_end(&s->page);
}

/* ---- actions ---- */

static const char *action_words(const struct wf_diff_action *a, struct wf_buf *out)
{
    wf_buf_adds(out, a->what);
    if (*a->channel)
        wf_buf_addf(out, " via %s", a->channel);
    return wf_buf_str(out);
}

static void say_actions(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    const char *const columns[] = {wf_word("rule"),   wf_word("action"), wf_word("old"),
                                   wf_word("new"),    wf_word("added"),  wf_word("lost"),
                                   wf_word("changed")};
    if (d->n_actions == 0)
        return;
    wf_page_heading(&s->page, wf_word("Actions"));
    wf_page_table(&s->page, columns, "llrrrrr");
    for (size_t i = 0; i < d->n_actions; i++) {
        const struct wf_diff_action *a = &d->actions[i];
        wf_page_cell(&s->page, a->rule);
        wf_page_cell(&s->page, action_words(a, &s->text));
        wf_buf_reset(&s->text);
        wf_page_number(&s->page, (int64_t)a->n[WF_DIFF_OLD]);
        wf_page_number(&s->page, (int64_t)a->n[WF_DIFF_NEW]);
        wf_page_number(&s->page, (int64_t)a->added.n);
        wf_page_number(&s->page, (int64_t)a->lost.n);
        wf_page_number(&s->page, (int64_t)a->changed.n);
    }
    wf_page_table_end(&s->page);
    struct wf_buf words;
    wf_buf_init(&words, s->text.alloc, 0);
    for (size_t i = 0; i < d->n_actions; i++) {
        const struct wf_diff_action *a = &d->actions[i];
        wf_buf_reset(&words);
        const char *what = action_words(a, &words);
        say_samples(s, &a->added, wf_word("%s: %s is added, and why it did not leave before"),
                    a->rule, what);
        say_samples(s, &a->lost, wf_word("%s: %s is lost, and why it does not leave now"), a->rule,
                    what);
        say_samples(s, &a->changed, wf_word("%s: %s says something else"), a->rule, what);
    }
    s->page.out->failed |= words.failed;
    wf_buf_release(&words);
}

static void say_gates(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    const char *const columns[] = {wf_word("rule"), wf_word("action"), wf_word("old"),
                                   wf_word("new"), wf_word("actions")};
    if (d->n_gates == 0)
        return;
    wf_page_heading(&s->page, wf_word("What the gates stop"));
    wf_page_table(&s->page, columns, "llllr");
    for (size_t i = 0; i < d->n_gates; i++) {
        const struct wf_diff_gate *g = &d->gates[i];
        wf_page_cell(&s->page, g->rule);
        wf_page_cell(&s->page, g->what);
        wf_page_cell(&s->page, wf_word(g->from));
        wf_page_cell(&s->page, wf_word(g->to));
        wf_page_number(&s->page, (int64_t)g->who.n);
    }
    wf_page_table_end(&s->page);
    for (size_t i = 0; i < d->n_gates; i++) {
        const struct wf_diff_gate *g = &d->gates[i];
        say_samples(s, &g->who, wf_word("%s: %s, from \"%s\" to \"%s\""), g->rule, g->what,
                    wf_word(g->from), wf_word(g->to));
    }
}

static void say_costs(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    const char *const columns[] = {wf_word("cost of"),  wf_word("each, old"), wf_word("each, new"),
                                   wf_word("old"),      wf_word("new"),       wf_word("cost, old"),
                                   wf_word("cost, new")};
    char text[32];
    if (d->n_costs == 0)
        return;
    wf_page_heading(&s->page, wf_word("Cost"));
    wf_page_table(&s->page, columns, "lrrrrrr");
    for (size_t i = 0; i < d->n_costs; i++) {
        const struct wf_diff_cost *c = &d->costs[i];
        wf_buf_addf(&s->text, c->coupon ? "coupon %s" : "channel %s", c->name);
        wf_page_cell(&s->page, said(s));
        wf_buf_reset(&s->text);
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            wf_page_cell(&s->page, money(c->each[side], text));
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            wf_page_number(&s->page, (int64_t)c->n[side]);
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            wf_page_cell(&s->page, money(c->total[side], text));
    }
    wf_page_table_end(&s->page);
    wf_page_line(&s->page, wf_word("A coupon's cost is its face value for each that leaves this "
                                   "night, as if all were redeemed; a channel's is what its sends "
                                   "cost where the rules name the channel."));
}

/* ---- journeys ---- */

static void say_kept(struct saying *s, const struct wf_diff_journey *j)
{
    if (!j->restructured)
        return;
    wf_buf_addf(
        &s->text,
        wf_word("%s has other steps, waits or conditions now: of the members in it, %" PRIu64
                " go on by the ones they entered with, and %" PRIu64
                " are moved by `migrate from`."),
        j->name, j->kept, j->migrated);
    say_line(s);
}

static void say_journeys(struct saying *s)
{
    const struct wf_diff *d = s->diff;
    const char *const columns[] = {wf_word("journey"),          wf_word("in it before"),
                                   wf_word("in it after, old"), wf_word("after, new"),
                                   wf_word("entered, old"),     wf_word("entered, new"),
                                   wf_word("left, old"),        wf_word("left, new")};
    if (d->n_journeys == 0)
        return;
    wf_page_heading(&s->page, wf_word("Members in journeys"));
    wf_page_table(&s->page, columns, "lrrrrrrr");
    for (size_t i = 0; i < d->n_journeys; i++) {
        const struct wf_diff_journey *j = &d->journeys[i];
        wf_page_cell(&s->page, j->name);
        wf_page_number(&s->page, (int64_t)j->before);
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            wf_page_number(&s->page, (int64_t)j->in_flight[side]);
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            wf_page_number(&s->page, (int64_t)j->entered[side]);
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            wf_page_number(&s->page, (int64_t)j->left[side]);
    }
    wf_page_table_end(&s->page);
    for (size_t i = 0; i < d->n_journeys; i++) {
        const struct wf_diff_journey *j = &d->journeys[i];
        say_kept(s, j);
        for (size_t k = 0; k < j->n_stands; k++) {
            const struct wf_diff_stand *t = &j->stands[k];
            say_samples(
                s, &t->who,
                wf_word_n("%s: %lu member stands at %s by the old rules, at %s by the new ones",
                          "%s: %lu members stand at %s by the old rules, at %s by the new ones",
                          (unsigned long)t->who.n),
                j->name, (unsigned long)t->who.n, *t->from ? t->from : wf_word("no step"),
                *t->to ? t->to : wf_word("no step"));
        }
    }
}

void wf_diff_write(const struct wf_diff *diff, enum wf_diff_format format,
                   const char *const names[WF_DIFF_SIDES], struct wf_buf *out)
{
    struct saying s = {.diff = diff, .names = names};
    if (format == WF_DIFF_JSON) {
        wf_diff_json(diff, names, out);
        return;
    }
    if (!wf_diff_any(diff))
        return;
    wf_page_init(&s.page, out, format == WF_DIFF_MARKDOWN);
    wf_buf_init(&s.text, out->alloc, 0);
    say_head(&s);
    say_firsts(&s);
    say_decls(&s);
    say_segments(&s);
    say_classes(&s);
    say_metrics(&s);
    say_actions(&s);
    say_gates(&s);
    say_costs(&s);
    say_journeys(&s);
    wf_page_release(&s.page);
    wf_buf_release(&s.text);
}
