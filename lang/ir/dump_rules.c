#include "lang/ir/dump_rules.h"

#include <inttypes.h>

#include "lang/base/intern.h"
#include "lang/ir/dump_journeys.h"

const char *wf_ir_dump_text_of(const struct wf_ir *ir, uint32_t text)
{
    return text == WF_NONE ? "-" : ir->texts[text]->text;
}

void wf_ir_dump_label(struct wf_buf *out, const struct wf_ir *ir, const char *label, uint32_t text)
{
    if (text == WF_NONE)
        return;
    wf_buf_addf(out, " %s ", label);
    wf_ir_dump_text(out, ir, text);
}

void wf_ir_dump_node_of(struct wf_buf *out, const char *label, uint32_t node)
{
    if (node != WF_NONE)
        wf_buf_addf(out, " %s %%%" PRIu32, label, node);
}

void wf_ir_dump_duration(struct wf_buf *out, const char *label, const struct wf_ir_duration *d)
{
    if (d->unit != WF_T_NONE)
        wf_buf_addf(out, " %s %" PRId64 " %s", label, d->count, wf_ir_type_name(d->unit));
}

static void add_constant(struct wf_buf *out, const struct wf_ir *ir, const char *label, uint32_t c)
{
    if (c == WF_NONE)
        return;
    wf_buf_addf(out, " %s ", label);
    wf_value_print(out, NULL, ir->consts[c]);
}

static void dump_field(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_field *f)
{
    wf_buf_addf(out, "  %s %s%s", wf_ir_dump_text_of(ir, f->name), wf_ir_type_name(f->type),
                f->optional ? "?" : "");
    for (uint32_t i = 0; i < f->enums_count; i++)
        wf_buf_addf(out, "%s%s%s", i ? ", " : " (",
                    wf_ir_dump_text_of(ir, ir->enum_names[f->enums_first + i]),
                    i + 1 == f->enums_count ? ")" : "");
    if (f->type == WF_T_REF)
        wf_buf_addf(out, " to %s",
                    f->ref ? wf_ir_dump_text_of(ir, ir->tables[f->ref - 1].name) : "member");
    wf_ir_dump_label(out, ir, "from", f->column);
    wf_buf_adds(out, f->key ? " key" : "");
    wf_buf_adds(out, f->private_ ? " private" : "");
    wf_ir_dump_label(out, ir, "format", f->format);
    add_constant(out, ir, "=", f->default_const);
    add_constant(out, ir, "missing as", f->missing_as);
    wf_buf_addc(out, '\n');
}

static void dump_record(struct wf_buf *out, const struct wf_ir *ir, const char *kind,
                        const struct wf_ir_record *r)
{
    wf_buf_addf(out, "%s %s", kind, wf_ir_dump_text_of(ir, r->name));
    wf_ir_dump_label(out, ir, "as", r->word);
    wf_ir_dump_label(out, ir, "from", r->pattern);
    wf_ir_dump_label(out, ir, "encoding", r->encoding);
    for (uint32_t i = 0; i < r->unique_count; i++)
        wf_buf_addf(out, "%s%s", i ? ", " : " unique ",
                    wf_ir_dump_text_of(
                        ir, ir->fields[r->fields_first + ir->uniques[r->unique_first + i]].name));
    wf_ir_dump_node_of(out, "void when", r->void_when);
    if (r->complete_since != INT32_MIN) {
        wf_buf_adds(out, " complete since ");
        wf_value_print(out, NULL, wf_int_value(WF_T_DATE, r->complete_since));
    }
    wf_buf_adds(out, r->may_be_empty ? " may be empty" : "");
    wf_buf_adds(out, r->delta ? " delta\n" : "\n");
    for (uint32_t i = 0; i < r->fields_count; i++)
        dump_field(out, ir, &ir->fields[r->fields_first + i]);
}

void wf_ir_dump_schema(struct wf_buf *out, const struct wf_ir *ir)
{
    wf_buf_addf(out, "timezone %s\n", wf_ir_dump_text_of(ir, ir->timezone));
    if (ir->merges != WF_NONE)
        wf_buf_addf(out, "merges from %s\n", wf_ir_dump_text_of(ir, ir->merges));
    dump_record(out, ir, "schema", &ir->member);
    for (uint32_t i = 0; i < ir->n_events; i++)
        dump_record(out, ir, "event", &ir->events[i]);
    for (uint32_t i = 0; i < ir->n_tables; i++)
        dump_record(out, ir, "table", &ir->tables[i]);
}

static void dump_template(struct wf_buf *out, const struct wf_ir *ir, uint32_t t)
{
    for (; t != WF_NONE; t = ir->templates[t].next) {
        const struct wf_ir_template *tpl = &ir->templates[t];
        wf_buf_addf(out, "      text %s:", wf_ir_dump_text_of(ir, tpl->language));
        for (uint32_t i = 0; i < tpl->parts_count; i++) {
            const struct wf_ir_part_of_text *p = &ir->text_parts[tpl->parts_first + i];
            wf_buf_addc(out, ' ');
            if (p->text != WF_NONE) {
                wf_ir_dump_text(out, ir, p->text);
                continue;
            }
            wf_buf_addf(out, "{%%%" PRIu32, p->node);
            if (p->fallback != WF_NONE) {
                wf_buf_addc(out, '|');
                wf_ir_dump_text(out, ir, p->fallback);
            }
            wf_buf_addc(out, '}');
        }
        wf_buf_addc(out, '\n');
    }
}

void wf_ir_dump_action(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_action *a)
{
    static const char *const kinds[WF_ACT_COUNT_] = {
        "send", "send coupon", "grant", "points", "tag", "untag", "set", "task", "invite", "emit"};
    wf_buf_addf(out, "    %s", kinds[a->kind]);
    if (a->kind == WF_ACT_TASK)
        wf_buf_adds(out, a->to_store ? " store" : " owner");
    wf_ir_dump_label(out, ir, "name", a->name);
    wf_ir_dump_label(out, ir, "with coupon", a->coupon);
    wf_ir_dump_label(out, ir, "via", a->channel);
    wf_ir_dump_node_of(out, "value", a->value);
    wf_ir_dump_node_of(out, "at", a->at);
    wf_ir_dump_duration(out, "due", &a->due);
    wf_buf_adds(out, a->to_inviter ? " to inviter" : "");
    for (uint32_t i = 0; i < a->pairs_count; i++)
        wf_buf_addf(out, " %s = %%%" PRIu32,
                    wf_ir_dump_text_of(ir, ir->pairs[a->pairs_first + i].key),
                    ir->pairs[a->pairs_first + i].node);
    wf_buf_addc(out, '\n');
    dump_template(out, ir, a->text);
}

void wf_ir_dump_atom(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_atom *atom)
{
    wf_buf_addf(out, "    because %s: %%%" PRIu32, wf_ir_dump_text_of(ir, atom->text), atom->node);
    for (uint32_t i = 0; i < atom->shows_count; i++) {
        const struct wf_ir_show *show = &ir->shows[atom->shows_first + i];
        wf_buf_addf(out, ", %s %%%" PRIu32, wf_ir_dump_text_of(ir, show->label), show->node);
    }
    wf_buf_addc(out, '\n');
}

static void dump_moment(struct wf_buf *out, const struct wf_ir_trigger *t)
{
    static const char *const moments[WF_MOMENT_COUNT_] = {"time", "anniversary", "event",
                                                          "last", "crossing",    "calendar"};
    static const char *const calendars[WF_CAL_COUNT_] = {"weekdays", "month day", "every days",
                                                         "on date"};
    wf_buf_addf(out, "    on %s", moments[t->moment]);
    if (t->view != WF_NONE)
        wf_buf_addf(out, " v%" PRIu32, t->view);
    wf_ir_dump_node_of(out, "where", t->filter);
    wf_ir_dump_node_of(out, "due", t->due);
    wf_ir_dump_node_of(out, "year", t->year);
    if (t->agg_last != WF_NONE)
        wf_buf_addf(out, " of a%" PRIu32, t->agg_last);
    wf_ir_dump_node_of(out, "due<=now", t->due_le_now);
    wf_ir_dump_node_of(out, "due>=floor", t->due_ge_floor);
    if (t->watch != WF_NONE)
        wf_buf_addf(out, " w%" PRIu32 "%s", t->watch, t->leaves ? " leaves" : "");
    if (t->from_watch != WF_NONE)
        wf_buf_addf(out, " from w%" PRIu32, t->from_watch);
    if (t->moment == WF_MOMENT_CALENDAR) {
        wf_buf_addf(out, " %s %u %" PRId32 " ", calendars[t->calendar.kind], t->calendar.weekdays,
                    t->calendar.n);
        wf_value_print(out, NULL, wf_int_value(WF_T_DATE, t->calendar.from));
    }
    wf_buf_adds(out, t->due_is_date ? " at midnight" : "");
    wf_buf_adds(out, t->missed_after ? " missed after its day" : "");
    wf_buf_addc(out, '\n');
}

static void dump_trigger(struct wf_buf *out, const struct wf_ir *ir, uint32_t i)
{
    const struct wf_ir_trigger *t = &ir->triggers[i];
    wf_buf_addf(out, "  t%" PRIu32, i);
    if (t->journey != WF_NONE)
        wf_buf_addf(out, " enters j%" PRIu32, t->journey);
    wf_ir_dump_label(out, ir, "name", t->name);
    wf_ir_dump_label(out, ir, "identity", t->identity);
    wf_ir_dump_label(out, ir, "was", t->was);
    wf_ir_dump_duration(out, "grace", &t->grace);
    wf_ir_dump_duration(out, "backfill", &t->backfill);
    wf_ir_dump_duration(out, "again after", &t->again_after);
    if (t->holdout)
        wf_buf_addf(out, " holdout %" PRId32, t->holdout);
    if (t->priority)
        wf_buf_addf(out, " priority %" PRId64, t->priority);
    wf_ir_dump_label(out, ir, "salt", t->salt);
    wf_buf_addc(out, '\n');
    dump_moment(out, t);
    if (t->guard != WF_NONE)
        wf_buf_addf(out, "    guard %%%" PRIu32 "\n", t->guard);
    for (uint32_t k = 0; k < t->atoms_count; k++)
        wf_ir_dump_atom(out, ir, &ir->atoms[t->atoms_first + k]);
    for (uint32_t k = 0; k < t->actions_count; k++)
        wf_ir_dump_action(out, ir, &ir->actions[t->actions_first + k]);
}

static void dump_content(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_content *c)
{
    wf_buf_addf(out, "  %s %s", c->coupon ? "coupon" : "message", wf_ir_dump_text_of(ir, c->name));
    wf_ir_dump_label(out, ir, "label", c->label);
    if (c->coupon) {
        wf_buf_adds(out, " value ");
        wf_value_print(out, NULL, wf_int_value(WF_T_MONEY, c->value));
        if (c->stock >= 0)
            wf_buf_addf(out, " stock %" PRId64, c->stock);
    }
    wf_ir_dump_duration(out, "valid", &c->valid);
    wf_ir_dump_node_of(out, "prefer", c->prefer);
    wf_buf_addc(out, '\n');
    dump_template(out, ir, c->text);
}

static void dump_figure(struct wf_buf *out, const struct wf_ir *ir, uint32_t i)
{
    static const char *const overs[] = {"share", "count", "sum", "average", "median", "total"};
    static const char *const ops[] = {"", "", "+", "-", "*", "/"};
    const struct wf_ir_figure *f = &ir->figures[i];
    wf_buf_addf(out, "    f%" PRIu32 " ", i);
    if (f->op == WF_FIGURE_OVER) {
        const struct wf_ir_over *over = &ir->overs[f->over];
        wf_buf_adds(out, overs[over->kind]);
        wf_ir_dump_node_of(out, "of", over->of);
        wf_ir_dump_node_of(out, "where", over->where);
        if (over->table != WF_NONE) {
            const struct wf_ir_record *table = &ir->tables[over->table];
            wf_buf_addf(out, " of %s", wf_ir_dump_text_of(ir, table->name));
            wf_buf_addf(out, ".%s",
                        wf_ir_dump_text_of(ir, ir->fields[table->fields_first + over->field].name));
        }
    } else if (f->op == WF_FIGURE_CONST) {
        wf_value_print(out, NULL, ir->consts[f->constant]);
    } else {
        wf_buf_addf(out, "f%" PRIu32 " %s f%" PRIu32, f->a, ops[f->op], f->b);
    }
    wf_buf_addf(out, " %s\n", wf_ir_type_name(f->type));
}

static void dump_metric(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_metric *m)
{
    wf_buf_addf(out, "  metric %s", wf_ir_dump_text_of(ir, m->name));
    wf_ir_dump_label(out, ir, "label", m->label);
    wf_ir_dump_label(out, ir, "section", m->section);
    wf_ir_dump_node_of(out, "among", m->among);
    wf_ir_dump_node_of(out, "by", m->by);
    wf_buf_addc(out, '\n');
    for (uint32_t i = 0; i < m->figures_count; i++)
        dump_figure(out, ir, m->figures_first + i);
}

void wf_ir_dump_rules(struct wf_buf *out, const struct wf_ir *ir)
{
    wf_buf_adds(out, "segments\n");
    for (uint32_t i = 0; i < ir->n_segments; i++)
        wf_buf_addf(out, "  %s %%%" PRIu32 "\n", wf_ir_dump_text_of(ir, ir->segments[i].name),
                    ir->segments[i].cond);
    for (uint32_t i = 0; i < ir->n_classes; i++)
        wf_buf_addf(out, "  %s=%s %%%" PRIu32 "\n", wf_ir_dump_text_of(ir, ir->classes[i].classify),
                    wf_ir_dump_text_of(ir, ir->classes[i].name), ir->classes[i].match);
    wf_buf_adds(out, "watches\n");
    for (uint32_t i = 0; i < ir->n_watches; i++)
        wf_buf_addf(out, "  w%" PRIu32 " %s %%%" PRIu32 " %016" PRIx64 "\n", i,
                    wf_ir_dump_text_of(ir, ir->watches[i].name), ir->watches[i].cond,
                    ir->watches[i].hash);
    wf_buf_adds(out, "content\n");
    for (uint32_t i = 0; i < ir->n_contents; i++)
        dump_content(out, ir, &ir->contents[i]);
    for (uint32_t i = 0; i < ir->n_catalogues; i++)
        wf_buf_addf(out, "  catalogue %s from %s\n", wf_ir_dump_text_of(ir, ir->catalogues[i].name),
                    wf_ir_dump_text_of(ir, ir->catalogues[i].pattern));
    for (uint32_t i = 0; i < ir->n_listed; i++)
        wf_buf_addf(out, "  listed %s %s\n", ir->listed[i].coupon ? "coupon" : "message",
                    wf_ir_dump_text_of(ir, ir->listed[i].name));
    for (uint32_t i = 0; i < ir->n_metrics; i++)
        dump_metric(out, ir, &ir->metrics[i]);
    wf_buf_adds(out, "triggers\n");
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        dump_trigger(out, ir, i);
    wf_ir_dump_journeys(out, ir);
    wf_ir_dump_policies(out, ir);
}
