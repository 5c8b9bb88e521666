/*
 * The merged schema: records, fields, and the columns that rules read of them.
 *
 * Every declared field is handed on with its column's name; inputs say which are read.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/ir/lower_int.h"

/* ---- literals ---- */

static int compare_texts(const void *a, const void *b)
{
    const struct wf_str *x, *y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    size_t shorter = x->len < y->len ? x->len : y->len;
    int order = shorter ? memcmp(x->text, y->text, shorter) : 0;
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static uint32_t join_set(struct lowering *l, const struct wf_str **items, size_t n)
{
    struct wf_buf text;
    wf_buf_init(&text, l->b.alloc, 0);
    for (size_t i = 0; i < n; i++) {
        if (i && items[i] == items[i - 1]) /* strings are interned */
            continue;
        if (text.len)
            wf_buf_addc(&text, ';');
        wf_buf_add(&text, items[i]->text, items[i]->len);
    }
    uint32_t constant =
        text.failed ? wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL)
                    : wf_irb_const(&l->b, wf_text_value(WF_T_SET, wf_buf_str(&text), text.len));
    wf_buf_release(&text);
    return constant;
}

/* A set is held as its members in order, joined by ';'. */
static uint32_t set_const(struct lowering *l, const struct wf_node *list)
{
    size_t n = 0, room = 0;
    const struct wf_str **items = NULL;
    for (const struct wf_node *i = list->kid[WF_K_LIST_ITEMS]; i; i = i->next) {
        if (i->kind != WF_N_STRING)
            refuse(l, "set of what is no text");
        else if (wf_grow(l->b.alloc, &items, &room, n + 1, sizeof(*items)))
            wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL);
        else
            items[n++] = i->name;
    }
    if (n > 1)
        qsort(items, n, sizeof(*items), compare_texts);
    uint32_t constant = l->b.status == WF_OK ? join_set(l, items, n) : WF_NONE;
    wf_free(l->b.alloc, items);
    return constant;
}

uint32_t lower_const(struct lowering *l, const struct wf_node *literal, enum wf_type type)
{
    if (literal->kind == WF_N_LIST)
        return set_const(l, literal);
    if (literal->kind == WF_N_DURATION) {
        struct wf_ir_duration d = duration_of(l, literal);
        return wf_irb_const(&l->b, wf_int_value((enum wf_type)d.unit, d.count));
    }
    return wf_irb_const(&l->b, wf_literal(literal, type));
}

/* ---- records ---- */

static uint32_t ref_of(const struct wf_type_info *type)
{
    if (type->base != WF_T_REF || type->ref->kind == WF_SYM_MEMBER)
        return 0;
    return 1 + type->ref->record->index;
}

static struct wf_ir_field field_row(struct lowering *l, const struct wf_field *f)
{
    struct wf_ir_field row = {.name = str_text(l, f->name),
                              .column = str_text(l, f->column ? f->column : f->name),
                              .type = f->type->base,
                              .optional = f->type->optional,
                              .private_ = f->private_,
                              .key = f->key,
                              .default_const = WF_NONE,
                              .missing_as = WF_NONE,
                              .format = str_text(l, f->format),
                              .enums_first = l->ir->n_enum_names,
                              .ref = ref_of(f->type)};
    if (f->default_value && f->default_value->kind != WF_N_MISSING) {
        row.has_default = true;
        row.default_const = lower_const(l, f->default_value, (enum wf_type)f->type->base);
    }
    if (f->missing_as)
        row.missing_as = lower_const(l, f->missing_as, (enum wf_type)f->type->base);
    if (f->type->base == WF_T_ENUM) {
        for (uint32_t i = 0; i < f->type->enums->n; i++) {
            uint32_t name = str_text(l, f->type->enums->names[i]);
            wf_irb_add_enum_names(&l->b, &name, 1);
        }
        row.enums_count = f->type->enums->n;
    }
    return row;
}

/* The field that holds the member's id: declared as `member from "column"`, it is no field of the
 * language, so it is added behind the others. */
static uint32_t add_member_field(struct lowering *l, const struct wf_record *r)
{
    if (!r->member_column)
        return WF_NONE;
    struct wf_ir_field row = {.name = wf_irb_textz(&l->b, "member"),
                              .column = str_text(l, r->member_column),
                              .type = WF_T_TEXT,
                              .default_const = WF_NONE,
                              .missing_as = WF_NONE,
                              .format = WF_NONE,
                              .enums_first = l->ir->n_enum_names};
    wf_irb_add_fields(&l->b, &row, 1);
    return r->n_fields;
}

static struct wf_ir_record record_row(struct lowering *l, const struct wf_record *r, bool event)
{
    struct wf_ir_record row = {.name = str_text(l, r->name),
                               .word = str_text(l, r->word),
                               .pattern = str_text(l, r->pattern),
                               .encoding = str_text(l, r->encoding),
                               .fields_first = l->ir->n_fields,
                               .fields_count = r->n_fields,
                               .unique_first = l->ir->n_uniques,
                               .unique_count = event ? r->n_unique : 0,
                               .void_when = WF_NONE,
                               .at_field = event && r->at ? r->at->index : WF_NONE,
                               .member_field = WF_NONE,
                               .complete_since = r->complete_since,
                               .may_be_empty = r->may_be_empty,
                               .delta = r->delta,
                               .place = r->node ? place_of(l, r->node->span) : WF_NONE};
    for (uint32_t i = 0; i < r->n_fields; i++) {
        struct wf_ir_field field = field_row(l, r->fields[i]);
        wf_irb_add_fields(&l->b, &field, 1);
    }
    if (event) {
        row.member_field = add_member_field(l, r);
        row.fields_count += row.member_field != WF_NONE;
        for (uint32_t i = 0; i < r->n_unique; i++)
            wf_irb_add_uniques(&l->b, &r->unique[i]->index, 1);
    }
    return row;
}

void lower_schema(struct lowering *l)
{
    const struct wf_checked *c = l->checked;
    l->ir->timezone = str_text(l, c->timezone);
    if (c->merges && c->merges->kid[WF_K_MERGES_FROM])
        l->ir->merges = str_text(l, c->merges->kid[WF_K_MERGES_FROM]->name);
    if (c->member)
        l->ir->member = record_row(l, c->member, false);
    for (uint32_t i = 0; i < c->n_tables; i++) {
        struct wf_ir_record row = record_row(l, c->tables[i], false);
        wf_irb_add_tables(&l->b, &row, 1);
    }
    for (uint32_t i = 0; i < c->n_events; i++) {
        struct wf_ir_record row = record_row(l, c->events[i], true);
        wf_irb_add_events(&l->b, &row, 1);
    }
}

/* Only events that a rule reads: `void when` alone asks for no feed. */
void lower_void_when(struct lowering *l)
{
    uint32_t n_views = l->ir->n_views;
    for (uint32_t v = 0; v < n_views && l->b.status == WF_OK; v++) {
        if (l->ir->views[v].sent)
            continue;
        uint32_t event = l->ir->views[v].event;
        const struct wf_record *r = l->checked->events[event];
        if (!r->void_when || l->ir->events[event].void_when != WF_NONE)
            continue;
        l->view = v;
        uint32_t cond = lower_cond(l, r->void_when->kid[WF_K_VOID_WHEN_COND]);
        l->view = WF_NONE;
        if (cond != WF_NONE && l->ir->nodes[cond].domain == WF_DOM_MEMBER)
            cond = wf_irb_2(&l->b, WF_IR_LIFT, cond, v);
        l->ir->events[event].void_when = cond;
    }
}

/* ---- columns ---- */

const struct wf_field *member_field(const struct lowering *l, const char *name)
{
    const struct wf_record *r = l->checked->member;
    for (uint32_t i = 0; r && i < r->n_fields; i++)
        if (strcmp(r->fields[i]->name->text, name) == 0)
            return r->fields[i];
    return NULL;
}

uint32_t member_input(struct lowering *l, const struct wf_field *field, const struct wf_field *via,
                      bool implied)
{
    struct wf_ir_input input = {.domain = WF_DOM_MEMBER,
                                .type = via ? via->type->base : field->type->base,
                                .implied = implied || l->spare,
                                .record = 0,
                                .field = field->index,
                                .via_field = via ? via->index : WF_NONE};
    return wf_irb_input(&l->b, &input);
}

const struct wf_field *referred_key(const struct wf_field *field)
{
    return field->type->base == WF_T_REF ? field->type->ref->record->key : NULL;
}

static uint32_t sent_column(struct lowering *l, uint32_t view, const struct wf_field *field)
{
    static const char *const names[] = {"at", "name", "kind", "channel", "journey", "step"};
    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct wf_ir_input input = {.domain = (uint16_t)(WF_DOM_EVENT + view),
                                    .type = i == WF_SENT_AT ? WF_T_TIME : WF_T_TEXT,
                                    .record = WF_NONE,
                                    .field = i,
                                    .via_field = WF_NONE};
        if (strcmp(field->name->text, names[i]) == 0)
            return wf_irb_col(&l->b, wf_irb_input(&l->b, &input));
    }
    return refuse(l, "field of sent");
}

uint32_t event_column(struct lowering *l, uint32_t view, const struct wf_record *record,
                      const struct wf_field *field, const struct wf_field *via)
{
    if (record->sent)
        return sent_column(l, view, field);
    struct wf_ir_input input = {.domain = (uint16_t)(WF_DOM_EVENT + view),
                                .type = via ? via->type->base : field->type->base,
                                .record = 1 + record->index,
                                .field = field->index,
                                .via_field = via ? via->index : WF_NONE};
    return wf_irb_col(&l->b, wf_irb_input(&l->b, &input));
}
