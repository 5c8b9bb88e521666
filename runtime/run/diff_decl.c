/*
 * diff_decl.c - what the two programs declare, as lines that people read, and which lines differ.
 *
 * Declarations are found again by kind and name, rules by identity or by `was`. A line that reads
 * the same may mean something else, because a `let`, a segment or a field it uses was changed: its
 * meaning (diff_meaning.c) tells.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/engine/party.h"
#include "runtime/run/action.h"
#include "runtime/run/diff_int.h"
#include "runtime/vm/text.h"

enum { LINES_SHOWN = 200 };

struct line {
    const char *text;
    uint64_t meaning;
    bool matched;
};

struct decl {
    const char *kind, *name;
    const char *identity, *was; /* rules: NULL where there is none */
    size_t first, n;            /* lines */
    bool matched;
};

/* All declarations of one side. */
struct side {
    const struct wf_ir *ir;
    struct wf_meaning *meaning;
    struct decl *decls;
    struct line *lines;
    size_t n_decls, room_decls, n_lines, room_lines;
};

struct comparing {
    struct wf_diff *out;
    const struct wf_alloc *alloc;
    struct side side[WF_DIFF_SIDES];
    struct wf_buf text; /* the line that is made */
    bool nomem;
};

static const char *keep(struct comparing *c, const char *text, size_t len)
{
    const char *kept = wf_arena_copy(&c->out->texts, text, len);
    c->nomem |= !kept;
    return kept ? kept : "";
}

/* ---- making lines ---- */

static void begin(struct comparing *c, struct side *s, const char *kind, const char *name)
{
    if (wf_grow(c->alloc, &s->decls, &s->room_decls, s->n_decls + 1, sizeof(*s->decls)) != 0) {
        c->nomem = true;
        return;
    }
    s->decls[s->n_decls++] = (struct decl){.kind = kind, .name = name, .first = s->n_lines};
}

/* The text that was gathered becomes a line of the last declaration. */
static void end_line(struct comparing *c, struct side *s, uint64_t meaning)
{
    bool grown =
        wf_grow(c->alloc, &s->lines, &s->room_lines, s->n_lines + 1, sizeof(*s->lines)) == 0;
    c->nomem |= !grown || c->text.failed || s->n_decls == 0;
    if (!c->nomem) {
        s->lines[s->n_lines++] =
            (struct line){.text = keep(c, wf_buf_str(&c->text), c->text.len), .meaning = meaning};
        s->decls[s->n_decls - 1].n++;
    }
    wf_buf_reset(&c->text);
}

static void add_line(struct comparing *c, struct side *s, const char *label, const char *value)
{
    wf_buf_addf(&c->text, *value ? "%s %s" : "%s", label, value);
    end_line(c, s, 0);
}

static void add_number(struct comparing *c, struct side *s, const char *label, int64_t n)
{
    wf_buf_addf(&c->text, "%s %" PRId64, label, n);
    end_line(c, s, 0);
}

static void put_money(struct wf_buf *out, int64_t hundredths)
{
    wf_value_print(out, NULL, wf_int_value(WF_T_MONEY, hundredths));
}

static void put_share(struct wf_buf *out, int32_t parts)
{
    wf_buf_addf(out, "%" PRId32, parts / 10000);
    if (parts % 10000)
        wf_buf_addf(out, ".%04" PRId32, parts % 10000);
    wf_buf_addc(out, '%');
}

/* As it is written: 3d, 2mo, 12h. */
static void put_duration(struct wf_buf *out, const struct wf_ir_duration *d)
{
    int64_t n = d->count;
    if (d->unit == WF_T_MONTHS)
        wf_buf_addf(out, n % 12 || n == 0 ? "%" PRId64 "mo" : "%" PRId64 "y", n % 12 ? n : n / 12);
    else if (d->unit == WF_T_DAYS)
        wf_buf_addf(out, "%" PRId64 "d", n);
    else if (n % 3600 == 0)
        wf_buf_addf(out, "%" PRId64 "h", n / 3600);
    else if (n % 60 == 0)
        wf_buf_addf(out, "%" PRId64 "min", n / 60);
    else
        wf_buf_addf(out, "%" PRId64 "s", n);
}

static void add_duration(struct comparing *c, struct side *s, const char *label,
                         const struct wf_ir_duration *d)
{
    if (d->unit == WF_T_NONE)
        return;
    wf_buf_addf(&c->text, "%s ", label);
    put_duration(&c->text, d);
    end_line(c, s, 0);
}

static void add_atoms(struct comparing *c, struct side *s, const char *label, uint32_t first,
                      uint32_t count, uint64_t meaning)
{
    wf_buf_addf(&c->text, "%s ", label);
    for (uint32_t i = 0; i < count; i++) {
        const struct wf_ir_atom *atom = &s->ir->atoms[first + i];
        wf_buf_addf(&c->text, i ? " and %s" : "%s", wf_ir_text(s->ir, atom->text));
        meaning = meaning * 31 + wf_meaning_node(s->meaning, atom->node);
    }
    end_line(c, s, meaning);
}

/* ---- contents, actions ---- */

static uint64_t put_template(struct side *s, uint32_t template_, struct wf_buf *out)
{
    const struct wf_ir_template *t = &s->ir->templates[template_];
    uint64_t meaning = 0;
    for (uint32_t i = 0; i < t->parts_count; i++) {
        const struct wf_ir_part_of_text *part = &s->ir->text_parts[t->parts_first + i];
        if (part->text != WF_NONE) {
            wf_buf_adds(out, wf_ir_text(s->ir, part->text));
            continue;
        }
        const struct wf_ir_field *field = wf_text_field(s->ir, part->node);
        meaning = meaning * 31 + wf_meaning_node(s->meaning, part->node);
        wf_buf_addf(out, "{%s", field ? wf_ir_text(s->ir, field->name) : "=");
        if (part->fallback != WF_NONE)
            wf_buf_addf(out, "|%s", wf_ir_text(s->ir, part->fallback));
        wf_buf_addc(out, '}');
    }
    return meaning;
}

static void add_action(struct comparing *c, struct side *s, uint32_t action)
{
    const struct wf_ir_action *a = &s->ir->actions[action];
    uint64_t meaning = wf_meaning_node(s->meaning, a->value);
    wf_buf_adds(&c->text, "then ");
    wf_action_words(s->ir, a, &c->text);
    if (a->channel != WF_NONE)
        wf_buf_addf(&c->text, " via %s", wf_ir_text(s->ir, a->channel));
    if (a->at != WF_NONE) {
        wf_buf_addf(&c->text, " at %s", wf_ir_text(s->ir, a->at_text));
        meaning = meaning * 31 + wf_meaning_node(s->meaning, a->at);
    }
    if (a->text != WF_NONE && a->kind != WF_ACT_SEND && a->kind != WF_ACT_COUPON) {
        wf_buf_adds(&c->text, " \"");
        meaning += put_template(s, a->text, &c->text);
        wf_buf_addc(&c->text, '"');
    }
    if (a->due.unit != WF_T_NONE) {
        wf_buf_adds(&c->text, " due ");
        put_duration(&c->text, &a->due);
    }
    for (uint32_t i = 0; i < a->pairs_count; i++) {
        const struct wf_ir_pair *pair = &s->ir->pairs[a->pairs_first + i];
        wf_buf_addf(&c->text, i ? ", %s" : " %s", wf_ir_text(s->ir, pair->key));
        meaning = meaning * 31 + wf_meaning_node(s->meaning, pair->node);
    }
    end_line(c, s, meaning);
}

static void add_content(struct comparing *c, struct side *s, const struct wf_ir_content *content)
{
    begin(c, s, content->coupon ? "coupon" : "message", wf_ir_text(s->ir, content->name));
    if (content->label != WF_NONE)
        add_line(c, s, "called", wf_ir_text(s->ir, content->label));
    if (content->coupon) {
        wf_buf_adds(&c->text, "value ");
        put_money(&c->text, content->value);
        end_line(c, s, 0);
        if (content->stock >= 0)
            add_number(c, s, "stock", content->stock);
    }
    add_duration(c, s, "valid", &content->valid);
    if (content->prefer != WF_NONE) {
        wf_buf_adds(&c->text, "prefer by");
        end_line(c, s, wf_meaning_node(s->meaning, content->prefer));
    }
    for (uint32_t t = content->text; t != WF_NONE; t = s->ir->templates[t].next) {
        wf_buf_addf(&c->text, "%s ", wf_ir_text(s->ir, s->ir->templates[t].language));
        uint64_t meaning = put_template(s, t, &c->text);
        end_line(c, s, meaning);
    }
}

/* ---- rules ---- */

static void add_shares(struct comparing *c, struct side *s, uint32_t rule)
{
    const struct wf_rule_view view = wf_rule_view(s->ir, rule);
    if (view.priority)
        add_number(c, s, "priority", view.priority);
    add_duration(c, s, "grace", &view.grace);
    if (view.holdout) {
        wf_buf_adds(&c->text, "holdout ");
        put_share(&c->text, view.holdout);
        end_line(c, s, 0);
    }
    if (view.salt != WF_NONE)
        add_line(c, s, "salt", wf_ir_text(s->ir, view.salt));
}

static uint64_t moment_meaning(struct side *s, const struct wf_ir_trigger *t)
{
    uint64_t meaning = t->moment * UINT64_C(31) + t->leaves;
    meaning = meaning * 31 + wf_meaning_node(s->meaning, t->due);
    meaning = meaning * 31 + wf_meaning_node(s->meaning, t->filter);
    meaning = meaning * 31 + wf_meaning_node(s->meaning, t->guard);
    if (t->watch != WF_NONE)
        meaning = meaning * 31 + s->ir->watches[t->watch].hash;
    if (t->from_watch != WF_NONE)
        meaning = meaning * 31 + s->ir->watches[t->from_watch].hash;
    return meaning;
}

static void add_trigger(struct comparing *c, struct side *s, uint32_t i)
{
    const struct wf_ir_trigger *t = &s->ir->triggers[i];
    begin(c, s, "trigger", wf_why_rule_name(s->ir, i));
    if (c->nomem)
        return;
    s->decls[s->n_decls - 1].identity = wf_ir_text(s->ir, t->identity);
    s->decls[s->n_decls - 1].was = t->was == WF_NONE ? NULL : wf_ir_text(s->ir, t->was);
    add_atoms(c, s, "when", t->atoms_first, t->atoms_count, moment_meaning(s, t));
    for (uint32_t a = 0; a < t->actions_count; a++)
        add_action(c, s, t->actions_first + a);
    add_shares(c, s, i);
    add_duration(c, s, "backfill", &t->backfill);
    add_duration(c, s, "again after", &t->again_after);
}

static uint64_t step_meaning(struct side *s, const struct wf_ir_step *step)
{
    uint64_t meaning = step->kind * UINT64_C(31) + (uint64_t)step->n;
    meaning = meaning * 31 + wf_meaning_view(s->meaning, step->view);
    meaning = meaning * 31 + wf_meaning_node(s->meaning, step->filter);
    return meaning * 31 + wf_meaning_node(s->meaning, step->node);
}

static void add_steps(struct comparing *c, struct side *s, const struct wf_ir_journey *j)
{
    for (uint32_t i = 0; i < j->steps_count; i++) {
        const struct wf_ir_step *step = &s->ir->steps[j->steps_first + i];
        wf_buf_adds(&c->text, wf_ir_text(s->ir, step->text));
        for (uint32_t a = 0; a < step->arms_count; a++) {
            const struct wf_ir_arm *arm = &s->ir->arms[step->arms_first + a];
            wf_buf_adds(&c->text, a ? ", " : " ");
            put_share(&c->text, arm->share);
            wf_buf_addf(&c->text, " \"%s\"", wf_ir_text(s->ir, arm->label));
        }
        end_line(c, s, step_meaning(s, step));
    }
}

static void add_journey(struct comparing *c, struct side *s, uint32_t i)
{
    const struct wf_ir_journey *j = &s->ir->journeys[i];
    const struct wf_ir_trigger *t = &s->ir->triggers[j->trigger];
    begin(c, s, "journey", wf_ir_text(s->ir, j->name));
    if (c->nomem)
        return;
    s->decls[s->n_decls - 1].identity = wf_ir_text(s->ir, j->identity);
    s->decls[s->n_decls - 1].was = j->was == WF_NONE ? NULL : wf_ir_text(s->ir, j->was);
    add_atoms(c, s, "enter when", t->atoms_first, t->atoms_count, moment_meaning(s, t));
    if (j->again_kind == WF_AGAIN_AFTER)
        add_duration(c, s, "again after", &j->again);
    else
        add_line(c, s, j->again_kind == WF_AGAIN_ONCE ? "once" : "again always", "");
    if (j->exit != WF_NONE)
        add_atoms(c, s, "exit when", j->exit_first, j->exit_count,
                  wf_meaning_node(s->meaning, j->exit));
    if (j->goal_text != WF_NONE)
        add_line(c, s, "goal", wf_ir_text(s->ir, j->goal_text));
    add_duration(c, s, "goal within", &j->goal_within);
    add_shares(c, s, s->ir->n_triggers + i);
    add_duration(c, s, "backfill", &t->backfill);
    add_steps(c, s, j);
}

/* ---- schema, policies ---- */

static void add_record(struct comparing *c, struct side *s, const char *kind,
                       const struct wf_ir_record *r)
{
    begin(c, s, kind, wf_ir_text(s->ir, r->name));
    add_line(c, s, r->delta ? "delta from" : "from", wf_ir_text(s->ir, r->pattern));
    if (r->encoding != WF_NONE)
        add_line(c, s, "encoding", wf_ir_text(s->ir, r->encoding));
    for (uint32_t i = 0; i < r->unique_count; i++) {
        uint32_t field = s->ir->uniques[r->unique_first + i];
        add_line(c, s, "unique", wf_ir_text(s->ir, s->ir->fields[r->fields_first + field].name));
    }
    if (r->void_when != WF_NONE) {
        wf_buf_adds(&c->text, "void when");
        end_line(c, s, wf_meaning_node(s->meaning, r->void_when));
    }
    if (r->complete_since != INT32_MIN) {
        wf_buf_adds(&c->text, "complete since ");
        wf_value_print(&c->text, NULL, wf_int_value(WF_T_DATE, r->complete_since));
        end_line(c, s, 0);
    }
    if (r->may_be_empty)
        add_line(c, s, "may be empty", "");
}

static void add_policy_line(struct comparing *c, struct side *s, uint32_t policy, uint32_t text)
{
    const struct wf_ir_policy *p = &s->ir->policies[policy];
    wf_buf_adds(&c->text, wf_ir_text(s->ir, text));
    if (p->name != WF_NONE)
        wf_buf_addf(&c->text, " (policy %s)", wf_ir_text(s->ir, p->name));
    if (p->scope != WF_NONE)
        wf_buf_adds(&c->text, " (for members where ...)");
    end_line(c, s, wf_meaning_node(s->meaning, p->scope));
}

static void add_policies(struct comparing *c, struct side *s)
{
    const struct wf_ir *ir = s->ir;
    begin(c, s, "policy", "");
    for (uint32_t i = 0; i < ir->n_policies; i++) {
        const struct wf_ir_policy *p = &ir->policies[i];
        if (p->holdout) {
            wf_buf_adds(&c->text, "holdout ");
            put_share(&c->text, p->holdout);
            add_policy_line(c, s, i, WF_NONE);
        }
        if (p->volume >= 0) {
            wf_buf_addf(&c->text, "volume %" PRId64, p->volume);
            add_policy_line(c, s, i, WF_NONE);
        }
    }
    for (uint32_t i = 0; i < ir->n_reaches; i++)
        add_policy_line(c, s, ir->reaches[i].policy, ir->reaches[i].text);
    for (uint32_t i = 0; i < ir->n_quiets; i++)
        add_policy_line(c, s, ir->quiets[i].policy, ir->quiets[i].text);
    for (uint32_t i = 0; i < ir->n_caps; i++) {
        wf_buf_adds(&c->text, "cap ");
        add_policy_line(c, s, ir->caps[i].policy, ir->caps[i].text);
    }
    for (uint32_t i = 0; i < ir->n_budgets; i++)
        add_policy_line(c, s, ir->budgets[i].policy, ir->budgets[i].text);
    for (uint32_t i = 0; i < ir->n_breakers; i++)
        add_policy_line(c, s, ir->breakers[i].policy, ir->breakers[i].text);
    for (uint32_t i = 0; i < ir->n_freezes; i++) {
        wf_buf_addf(&c->text, "pause journey %s",
                    wf_ir_text(ir, ir->journeys[ir->freezes[i].journey].name));
        add_policy_line(c, s, ir->freezes[i].policy, WF_NONE);
    }
    for (uint32_t i = 0; i < ir->n_costs; i++) {
        wf_buf_addf(&c->text, "cost %s ", wf_ir_text(ir, ir->costs[i].channel));
        put_money(&c->text, ir->costs[i].amount);
        end_line(c, s, 0);
    }
}

static void add_metric(struct comparing *c, struct side *s, const struct wf_ir_metric *m)
{
    uint64_t meaning = wf_meaning_node(s->meaning, m->among);
    meaning = meaning * 31 + wf_meaning_node(s->meaning, m->by);
    for (uint32_t i = 0; i < m->overs_count; i++) {
        const struct wf_ir_over *over = &s->ir->overs[m->overs_first + i];
        meaning = meaning * 31 + wf_meaning_node(s->meaning, over->of);
        meaning = meaning * 31 + wf_meaning_node(s->meaning, over->where);
    }
    const char *name = wf_ir_text(s->ir, m->name), *text = wf_ir_text(s->ir, m->text);
    size_t front = strlen("metric ") + strlen(name);
    begin(c, s, "metric", name);
    wf_buf_adds(&c->text, strlen(text) > front ? text + front + 1 : text); /* what it is */
    end_line(c, s, meaning);
}

static void add_all(struct comparing *c, struct side *s)
{
    const struct wf_ir *ir = s->ir;
    begin(c, s, "timezone", "");
    add_line(c, s, "timezone", wf_ir_text(ir, ir->timezone));
    add_record(c, s, "member", &ir->member);
    for (uint32_t i = 0; i < ir->n_events; i++)
        add_record(c, s, "event", &ir->events[i]);
    for (uint32_t i = 0; i < ir->n_tables; i++)
        add_record(c, s, "table", &ir->tables[i]);
    for (uint32_t i = 0; i < ir->n_contents; i++)
        add_content(c, s, &ir->contents[i]);
    for (uint32_t i = 0; i < ir->n_segments; i++) {
        const struct wf_ir_segment *g = &ir->segments[i];
        begin(c, s, "segment", wf_ir_text(ir, g->name));
        add_atoms(c, s, "is", g->atoms_first, g->atoms_count, wf_meaning_node(s->meaning, g->cond));
    }
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        const struct wf_ir_class *k = &ir->classes[i];
        wf_buf_addf(&c->text, "%s = %s", wf_ir_text(ir, k->classify), wf_ir_text(ir, k->name));
        const char *name = keep(c, wf_buf_str(&c->text), c->text.len);
        wf_buf_reset(&c->text);
        begin(c, s, "class", name);
        if (k->atoms_count)
            add_atoms(c, s, "when", k->atoms_first, k->atoms_count, 0);
        else
            add_line(c, s, "otherwise", "");
    }
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        if (ir->triggers[i].journey == WF_NONE)
            add_trigger(c, s, i);
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        if (!ir->journeys[i].pinned && ir->journeys[i].trigger != WF_NONE)
            add_journey(c, s, i);
    add_policies(c, s);
    for (uint32_t i = 0; i < ir->n_metrics; i++)
        add_metric(c, s, &ir->metrics[i]);
}

/* ---- comparing ---- */

static void note_line(struct comparing *c, struct wf_diff_decl *decl, char sign, const char *text)
{
    if (decl->n >= LINES_SHOWN)
        return;
    if (wf_grow(c->alloc, &decl->lines, &decl->room, decl->n + 1, sizeof(*decl->lines)) != 0) {
        c->nomem = true;
        return;
    }
    decl->lines[decl->n++] = (struct wf_diff_line){sign, text};
}

/* Lines that only one side has, in the order of the sides; what reads alike and is not alike. */
static void compare_lines(struct comparing *c, const struct decl *old, const struct decl *now,
                          struct wf_diff_decl *decl)
{
    struct line *a = c->side[WF_DIFF_OLD].lines + (old ? old->first : 0);
    struct line *b = c->side[WF_DIFF_NEW].lines + (now ? now->first : 0);
    size_t n = old ? old->n : 0, m = now ? now->n : 0;
    bool moved = false;
    for (size_t i = 0, after = 0; i < n; i++) {
        for (size_t k = 0; k < m && !a[i].matched; k++)
            if (!b[k].matched && strcmp(a[i].text, b[k].text) == 0) {
                a[i].matched = b[k].matched = true;
                moved |= k < after;
                after = k + 1;
                if (a[i].meaning != b[k].meaning)
                    note_line(c, decl, '~', a[i].text);
            }
        if (!a[i].matched)
            note_line(c, decl, '-', a[i].text);
    }
    for (size_t k = 0; k < m; k++)
        if (!b[k].matched)
            note_line(c, decl, '+', b[k].text);
    if (moved)
        note_line(c, decl, '~', "");
}

static void note_decl(struct comparing *c, struct decl *old, struct decl *now)
{
    const struct decl *one = now ? now : old;
    bool renamed = old && now && strcmp(old->name, now->name) != 0;
    struct wf_diff *out = c->out;
    struct wf_diff_decl decl = {
        .kind = one->kind,
        .name = one->name,
        .was = renamed ? old->name : NULL,
        .change = !old      ? WF_DIFF_ADDED
                  : !now    ? WF_DIFF_REMOVED
                  : renamed ? WF_DIFF_RENAMED
                            : WF_DIFF_CHANGED,
    };
    compare_lines(c, old, now, &decl);
    if (old)
        old->matched = true;
    if (now)
        now->matched = true;
    if (old && now && !renamed && decl.n == 0)
        return;
    if (wf_grow(c->alloc, &out->decls, &out->room_decls, out->n_decls + 1, sizeof(decl)) != 0) {
        wf_free(c->alloc, decl.lines);
        c->nomem = true;
        return;
    }
    out->decls[out->n_decls++] = decl;
}

/* What the new side's declaration was before; NULL: it is new. */
static struct decl *found_again(struct comparing *c, const struct decl *now)
{
    struct side *old = &c->side[WF_DIFF_OLD];
    struct decl *renamed = NULL;
    for (size_t i = 0; i < old->n_decls; i++) {
        struct decl *d = &old->decls[i];
        if (d->matched || strcmp(d->kind, now->kind) != 0)
            continue;
        if (strcmp(d->identity ? d->identity : d->name,
                   now->identity ? now->identity : now->name) == 0)
            return d;
        if (now->was && d->identity &&
            (strcmp(d->identity, now->was) == 0 || (d->was && strcmp(d->was, now->was) == 0)))
            renamed = d; /* a second rename may keep the name it had at first */
    }
    return renamed;
}

static void compare(struct comparing *c)
{
    struct side *old = &c->side[WF_DIFF_OLD], *now = &c->side[WF_DIFF_NEW];
    for (size_t i = 0; i < now->n_decls; i++)
        note_decl(c, found_again(c, &now->decls[i]), &now->decls[i]);
    for (size_t i = 0; i < old->n_decls; i++)
        if (!old->decls[i].matched)
            note_decl(c, &old->decls[i], NULL);
}

enum wf_status wf_diff_decls(struct wf_diff *diff,
                             const struct wf_program *const programs[WF_DIFF_SIDES])
{
    struct comparing c = {.out = diff, .alloc = diff->alloc};
    wf_buf_init(&c.text, diff->alloc, 0);
    for (int i = 0; i < WF_DIFF_SIDES; i++) {
        c.side[i].ir = &programs[i]->ir;
        c.side[i].meaning = wf_meaning_new(&programs[i]->ir, diff->alloc);
        c.nomem |= !c.side[i].meaning;
    }
    for (int i = 0; i < WF_DIFF_SIDES && !c.nomem; i++)
        add_all(&c, &c.side[i]);
    if (!c.nomem)
        compare(&c);
    for (int i = 0; i < WF_DIFF_SIDES; i++) {
        wf_meaning_free(c.side[i].meaning);
        wf_free(diff->alloc, c.side[i].decls);
        wf_free(diff->alloc, c.side[i].lines);
    }
    wf_buf_release(&c.text);
    return c.nomem ? WF_ERR_NOMEM : WF_OK;
}
