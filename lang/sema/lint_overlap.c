/*
 * lint_overlap.c - two rules that set one field of the same member in one night: only the first is
 * carried out. Said only with a witness: a member, written as a test would write it, whom both
 * mean. The witness is read off the state that the search left and then checked against both
 * conditions, literal by literal; where that fails nothing is said.
 */
#include <string.h>

#include "lang/base/calendar.h"
#include "lang/sema/lint.h"

enum { MOST_FIELDS = 24, MOST_STEPS = 4000, NIGHT = 20779 /* 2026-11-22 */ };

struct slot { /* what the witness has in one field */
    const struct wf_field *field;
    bool present;
    int64_t value; /* as a point of the variable's line */
};

struct witness {
    struct wf_abs *a;
    struct slot slots[MOST_FIELDS];
    uint32_t n;
    const struct wf_str *tags[MOST_FIELDS];
    uint32_t n_tags;
    uint32_t steps;
    bool failed, dated;
};

/* ---- from variables to fields ---- */

static const struct wf_field *field_of(const struct wf_var *v)
{
    const struct wf_node *node = v->node;
    bool named = node && (node->kind == WF_N_NAME || node->form == WF_FORM_OWN_FIELD);
    return v->role == WF_ROLE_PLAIN && named && node->sym && node->sym->kind == WF_SYM_FIELD
               ? node->sym->field
               : NULL;
}

static struct slot *slot_of(struct witness *w, const struct wf_field *field)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (w->slots[i].field == field)
            return &w->slots[i];
    return NULL;
}

static bool finite(int64_t point)
{
    return point > -(INT64_C(1) << 40) && point < INT64_C(1) << 40;
}

/* The end of the first range that is nearest to nothing. */
static int64_t some_point(struct wf_ranges values, bool late)
{
    int64_t lo = wf_ranges_least(values), hi = wf_ranges_most(values);
    if (late && finite(hi))
        return hi;
    if (wf_ranges_hold(values, 0))
        return 0;
    return finite(lo) ? lo : values.at[0].hi;
}

static int64_t some_text(struct witness *w, struct wf_ranges values)
{
    static const char *const words[] = {"A", "B", "C", "D"};
    for (uint32_t i = 0; i < values.n; i++)
        for (int64_t p = values.at[i].lo; p == values.at[i].lo || p == values.at[i].hi; p++)
            if (p >= 0 && p < (int64_t)w->a->n_terms && w->a->terms[p].kind == WF_N_STRING)
                return p;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        uint32_t text = wf_abs_text(w->a, wf_sema_name(w->a->s, words[i]));
        if (wf_ranges_hold(values, text))
            return text;
    }
    w->failed = true;
    return 0;
}

static double number_at(int64_t point)
{
    int64_t bits = point < 0 ? INT64_MIN - point : point;
    double number;
    memcpy(&number, &bits, sizeof(number));
    return number;
}

/* Numbers lie close together on their line: the next whole one reads better than the next. */
static int64_t some_number(const struct wf_var *v)
{
    struct wf_ranges values = v->now.values;
    bool bounded = wf_ranges_least(values) > wf_ranges_least(v->whole.values);
    if (wf_ranges_hold(values, 0))
        return 0;
    if (!bounded)
        return values.at[0].hi;
    double least = number_at(wf_ranges_least(values)), whole;
    if (least < 0 || least > 1e9)
        return wf_ranges_least(values);
    whole = (double)((int64_t)least + 1);
    int64_t point;
    memcpy(&point, &whole, sizeof(point));
    return wf_ranges_hold(values, point) ? point : wf_ranges_least(values);
}

/* A date that the state leaves. Who joins is in the exports from the next night on. */
static int64_t some_day(struct witness *w, const struct wf_var *v, bool joined)
{
    struct wf_room room = {&w->a->scratch, &w->a->s->nomem};
    int64_t most = !joined                    ? INT64_MAX
                   : v->axis == WF_AXIS_VALUE ? NIGHT - 1
                   : v->axis == WF_AXIS_TODAY ? -1
                                              : -2;
    struct wf_ranges values =
        wf_ranges_meet(room, v->now.values, wf_ranges_span(room, INT64_MIN, most));
    w->failed |= !values.n;
    int64_t point = values.n ? some_point(values, v->axis != WF_AXIS_VALUE) : 0;
    if (v->axis == WF_AXIS_VALUE)
        return point;
    if (v->axis == WF_AXIS_TODAY)
        return NIGHT + point;
    return NIGHT + (point >= 0 ? point / 2 : -((-point + 1) / 2));
}

static void take(struct witness *w, const struct wf_var *v)
{
    const struct wf_field *field = field_of(v);
    struct slot *slot = field ? slot_of(w, field) : NULL;
    if (!field || (slot && v->axis == WF_AXIS_DAYS))
        return; /* the other axes say it more exactly */
    if (!slot) {
        if (w->n == MOST_FIELDS || field->type->base == WF_T_TIME ||
            field->type->base == WF_T_REF) {
            w->failed = true;
            return;
        }
        slot = &w->slots[w->n++];
    }
    slot->field = field;
    slot->present = v->now.values.n > 0;
    if (!slot->present)
        return;
    w->dated |= v->axis != WF_AXIS_VALUE;
    if (v->axis == WF_AXIS_MONTHS || v->axis == WF_AXIS_SECONDS)
        w->failed = true;
    else if (v->axis != WF_AXIS_VALUE || v->type == WF_T_DATE)
        slot->value = some_day(w, v, wf_is(field->name, "joined"));
    else if (v->type == WF_T_TEXT)
        slot->value = some_text(w, v->now.values);
    else if (v->type == WF_T_NUMBER)
        slot->value = some_number(v);
    else
        slot->value = some_point(v->now.values, false);
}

static void read_off(struct witness *w)
{
    const struct wf_abs *a = w->a;
    for (int hubs = 0; hubs < 2; hubs++) /* days last: they are there for the other axes */
        for (size_t i = 0; i < a->n_touched && !w->failed; i++) {
            const struct wf_var *v = &a->vars[a->touched[i]];
            if ((v->axis == WF_AXIS_DAYS) == (hubs == 1))
                take(w, v);
        }
    for (size_t i = 0; i < a->n_touched && !w->failed; i++) {
        const struct wf_var *v = &a->vars[a->touched[i]];
        const struct wf_term *term = &a->terms[v->term];
        if (term->kind == WF_N_TAGGED && wf_ranges_least(v->now.values) == 1 &&
            w->n_tags < MOST_FIELDS)
            w->tags[w->n_tags++] = term->ref;
    }
}

/* ---- the check ---- */

static bool is_tagged(const struct witness *w, const struct wf_str *tag)
{
    for (uint32_t i = 0; i < w->n_tags; i++)
        if (w->tags[i] == tag)
            return true;
    return false;
}

/* What the witness is on a variable's line. False: missing; what is not understood fails. */
static bool point_of(struct witness *w, uint32_t var, int64_t *point_out)
{
    const struct wf_var *v = &w->a->vars[var];
    const struct wf_term *term = &w->a->terms[v->term];
    *point_out = 0;
    if (v->role == WF_ROLE_COUNT || v->role == WF_ROLE_SUM)
        return true; /* nothing ever happened */
    if (v->role == WF_ROLE_FIRST || v->role == WF_ROLE_LAST || v->role == WF_ROLE_PICKED)
        return false;
    if (term->kind == WF_N_TAGGED) {
        *point_out = is_tagged(w, term->ref);
        return true;
    }
    int64_t x, y;
    if (v->role == WF_ROLE_ORDER) {
        if (!point_of(w, v->a, &x) || !point_of(w, v->b, &y))
            return false;
        if (v->type == WF_T_TEXT || w->a->vars[v->a].type != w->a->vars[v->b].type)
            w->failed = true;
        *point_out = (x > y) - (x < y);
        return true;
    }
    const struct wf_field *field = field_of(v);
    const struct slot *slot = field ? slot_of(w, field) : NULL;
    if (!slot) {
        w->failed = true;
        return false;
    }
    *point_out = v->axis == WF_AXIS_TODAY  ? slot->value - NIGHT
                 : v->axis == WF_AXIS_DAYS ? 2 * (slot->value - NIGHT)
                                           : slot->value;
    w->failed |= v->axis == WF_AXIS_MONTHS || v->axis == WF_AXIS_SECONDS;
    return slot->present;
}

static bool holds(struct witness *w, const struct wf_formula *f)
{
    if (++w->steps > MOST_STEPS)
        w->failed = true;
    int64_t point;
    switch (w->failed ? WF_F_FAILS : f->op) {
    case WF_F_HOLDS: return true;
    case WF_F_FAILS: return false;
    case WF_F_BOTH: return holds(w, f->a) && holds(w, f->b);
    case WF_F_EITHER: return holds(w, f->a) || holds(w, f->b);
    default: break;
    }
    if (!point_of(w, f->var, &point))
        return !w->failed && (f->states.without & WF_ABS_MISSING);
    return wf_ranges_hold(f->states.values, point);
}

/* ---- as a test writes it ---- */

static void write_text(struct witness *w, struct wf_buf *out, const struct wf_str *text)
{
    w->failed |= strpbrk(text->text, "\"\\{}\n") != NULL;
    wf_buf_addf(out, "\"%s\"", text->text);
}

static void write_slot(struct witness *w, struct wf_buf *out, const struct slot *slot)
{
    const struct wf_type_info *type = slot->field->type;
    struct wf_value v = wf_int_value((enum wf_type)type->base, slot->value);
    wf_buf_addf(out, "%s ", slot->field->name->text);
    if (!slot->present) {
        wf_buf_adds(out, "missing");
        return;
    }
    switch (type->base) {
    case WF_T_TEXT: write_text(w, out, w->a->terms[slot->value].ref); break;
    case WF_T_ENUM: wf_buf_adds(out, type->enums->names[slot->value]->text); break;
    case WF_T_NUMBER:
        v.f = number_at(slot->value);
        wf_value_print(out, NULL, v);
        break;
    case WF_T_BOOL:
    case WF_T_INT:
    case WF_T_MONEY:
    case WF_T_DATE: wf_value_print(out, NULL, v); break;
    default: w->failed = true; break;
    }
}

/* A test plays no member whose `joined` is not said where some rule counts events. */
static void add_joined(struct witness *w)
{
    const struct wf_record *member = w->a->s->checked->member;
    const struct wf_field *joined = wf_record_field(member, wf_sema_name(w->a->s, "joined"));
    if (!joined || slot_of(w, joined) || joined->type->base != WF_T_DATE || w->n == MOST_FIELDS)
        return;
    w->slots[w->n++] = (struct slot){joined, true, NIGHT - 1};
    w->dated = true;
}

static void write_witness(struct witness *w, struct wf_buf *out)
{
    add_joined(w);
    wf_buf_adds(out, "member m {");
    for (uint32_t i = 0; i < w->n; i++) {
        wf_buf_adds(out, i ? ", " : " ");
        write_slot(w, out, &w->slots[i]);
    }
    for (uint32_t i = 0; i < w->n_tags; i++) {
        wf_buf_adds(out, i ? ", " : w->n ? ", tags (" : " tags (");
        write_text(w, out, w->tags[i]);
    }
    wf_buf_adds(out, w->n_tags ? ") }" : " }");
}

/* A member of whom both formulas hold, as text; false: none is found. */
static bool find_witness(struct wf_lint *l, const struct wf_formula *const *all, uint32_t n,
                         struct wf_buf *out, bool *dated_out)
{
    struct witness w = {.a = &l->abs};
    if (wf_abs_solve(&l->abs, all, n) != WF_ABS_POSSIBLE)
        return false;
    read_off(&w);
    for (uint32_t i = 0; i < n && !w.failed; i++)
        w.failed |= !holds(&w, all[i]);
    if (!w.failed)
        write_witness(&w, out);
    *dated_out = w.dated;
    return !w.failed && !out->failed;
}

/* ---- rules that set one field ---- */

static const struct wf_node *setting(const struct wf_rule *rule, const struct wf_node *from)
{
    const struct wf_node *action = from ? from->next : rule->node->kid[WF_K_TRIGGER_ACTIONS];
    while (action && action->op != WF_OP_DO_SET)
        action = action->next;
    return action;
}

static int64_t priority_of(const struct wf_rule *rule)
{
    const struct wf_node *option = rule->node->kid[WF_K_TRIGGER_OPTIONS];
    for (; option; option = option->next)
        if (option->kind == WF_N_OPTION && option->op == WF_OP_PRIORITY)
            return wf_literal(option->kid[WF_K_OPTION_VALUE], WF_T_INT).i;
    return 0;
}

static bool plain(const struct wf_node *value)
{
    return value->kind == WF_N_STRING || value->kind == WF_N_INT || value->kind == WF_N_BOOL ||
           value->kind == WF_N_NUMBER || value->form == WF_FORM_ENUM_VALUE;
}

/* Their occurrences come on the same nights: the same moment, or none. */
static bool meet(const struct wf_rule *x, const struct wf_rule *y)
{
    if (!x->moment || !y->moment)
        return !x->moment && !y->moment;
    bool data = x->kind == WF_RULE_EVENT || x->kind == WF_RULE_LAST;
    return x->kind == y->kind && !data && wf_ast_equal(x->moment, y->moment);
}

static uint32_t formulas_of(struct wf_lint *l, const struct wf_rule *rule,
                            const struct wf_formula **all, uint32_t n)
{
    wf_give_moment(l, rule);
    if (l->n_given)
        all[n++] = l->given[0].formula;
    l->n_given = 0;
    for (uint32_t i = 0; i < rule->n_guard && n < WF_MOST_FACTS; i++)
        all[n++] = wf_abs_formula(&l->abs, rule->guard[i], WF_ABS_TRUE, false);
    return n;
}

/* The conditions of both: of some member they do hold together. */
static void claim(struct wf_lint *l, const struct wf_rule *x, const struct wf_rule *y,
                  struct wf_span span)
{
    struct wf_given all[WF_MOST_FACTS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n_guard && n < WF_MOST_FACTS; i++)
        all[n++] = (struct wf_given){.fact = {.node = x->guard[i]}};
    for (uint32_t i = 0; i < y->n_guard && n < WF_MOST_FACTS; i++)
        all[n++] = (struct wf_given){.fact = {.node = y->guard[i]}};
    wf_lint_claim(l, WF_W0507, span, all, n);
}

/* False: the same was said of another pair. */
static bool say(struct wf_lint *l, const struct wf_node *one, const struct wf_node *two,
                const char *witness, bool dated)
{
    struct wf_sema *s = l->s;
    struct wf_diag *diag = wf_diag(s->diags, WF_W0507, two->span,
                                   "another rule of the same priority sets `%s` in the same night, "
                                   "and only one of them is carried out",
                                   two->kid[WF_K_ACTION_TARGET]->name->text);
    wf_diag_label(s->diags, diag, one->span, "the other");
    if (dated)
        wf_diag_note(s->diags, diag,
                     "both mean, in the night of 2026-11-22: %s; say who goes first: priority 1",
                     witness);
    else
        wf_diag_note(s->diags, diag, "both mean: %s; say who goes first: priority 1", witness);
    return diag != NULL;
}

static void look_at_pair(struct wf_lint *l, const struct wf_rule *x, const struct wf_rule *y)
{
    const struct wf_formula *all[2 * WF_MOST_FACTS + 2];
    const struct wf_node *one = NULL, *two = NULL;
    bool clash = false, dated = false;
    while (!clash && (one = setting(x, one)))
        for (two = NULL; !clash && (two = setting(y, two));)
            clash = one->kid[WF_K_ACTION_TARGET]->name == two->kid[WF_K_ACTION_TARGET]->name &&
                    plain(one->kid[WF_K_ACTION_WITH]) && plain(two->kid[WF_K_ACTION_WITH]) &&
                    !wf_ast_equal(one->kid[WF_K_ACTION_WITH], two->kid[WF_K_ACTION_WITH]);
    if (!clash || !meet(x, y) || priority_of(x) != priority_of(y))
        return;
    struct wf_buf text;
    wf_buf_init(&text, l->s->alloc, 0);
    uint32_t n = formulas_of(l, y, all, formulas_of(l, x, all, 0));
    if (n <= WF_MOST_FACTS && find_witness(l, all, n, &text, &dated) &&
        say(l, one, two, wf_buf_str(&text), dated))
        claim(l, x, y, two->span);
    wf_buf_release(&text);
}

void wf_lint_overlaps(struct wf_lint *l)
{
    const struct wf_checked *c = l->s->checked;
    for (uint32_t i = 0; i < c->n_rules && !l->s->nomem; i++) {
        const struct wf_rule *x = &c->rules[i];
        if (x->module->embedded || !setting(x, NULL))
            continue;
        for (uint32_t k = i + 1; k < c->n_rules && !l->s->nomem; k++)
            if (!c->rules[k].module->embedded && setting(&c->rules[k], NULL))
                look_at_pair(l, x, &c->rules[k]);
    }
}
