#include "lang/ir/link.h"

#include <string.h>

#include "lang/base/words.h"
#include "lang/ir/desc.h"
#include "lang/ir/opt.h"

struct linking {
    const struct wf_ir *tonight, *slice;
    const char *identity; /* of the slice's journey tonight */
    struct wf_ir *out;
    uint32_t shift[WF_IRT_COUNT_]; /* where the slice's rows begin; not of the schema's tables */
    struct wf_buf *why;
    enum wf_status status;
};

static const char *text(const struct wf_ir *ir, uint32_t row)
{
    return row == WF_NONE ? "" : ir->texts[row]->text;
}

static uint32_t refuse(struct linking *l, const char *what, const char *of, const char *name,
                       const char *why)
{
    if (l->status == WF_OK && l->why)
        wf_say(l->why, "members in the journey %s still need %s `%s%s%s`, which %s",
               text(l->slice, l->slice->journeys[0].name), wf_word(what), of, *of ? "." : "", name,
               wf_word(why));
    if (l->status == WF_OK)
        l->status = WF_ERR_RULES;
    return 0;
}

/* ---- the schema, by name ---- */

static uint32_t find_record(struct linking *l, const char *what, const struct wf_ir_record *old,
                            const struct wf_ir_record *rows, uint32_t n)
{
    const char *name = text(l->slice, old->name);
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(text(l->tonight, rows[i].name), name) == 0)
            return i;
    }
    return refuse(l, what, "", name, N_("the rules no longer declare"));
}

static uint32_t find_event(struct linking *l, uint32_t event)
{
    return find_record(l, N_("the event"), &l->slice->events[event], l->tonight->events,
                       l->tonight->n_events);
}

/* The record that a field refers to. */
static const struct wf_ir_record *referred(const struct wf_ir *ir, const struct wf_ir_field *field)
{
    return field->ref == 0 ? &ir->member : &ir->tables[field->ref - 1];
}

static bool same_type(const struct linking *l, const struct wf_ir_field *old,
                      const struct wf_ir_field *now)
{
    if (old->type != now->type || old->enums_count != now->enums_count)
        return false;
    for (uint32_t i = 0; i < old->enums_count; i++) {
        uint32_t was = l->slice->enum_names[old->enums_first + i];
        uint32_t is = l->tonight->enum_names[now->enums_first + i];
        if (strcmp(text(l->slice, was), text(l->tonight, is)) != 0)
            return false;
    }
    if (old->type != WF_T_REF)
        return true;
    if (old->ref == 0 || now->ref == 0)
        return old->ref == now->ref;
    return strcmp(text(l->slice, referred(l->slice, old)->name),
                  text(l->tonight, referred(l->tonight, now)->name)) == 0;
}

static uint32_t find_field(struct linking *l, const struct wf_ir_record *old,
                           const struct wf_ir_record *now, uint32_t field)
{
    const struct wf_ir_field *was = &l->slice->fields[old->fields_first + field];
    const char *of = text(l->slice, old->name), *name = text(l->slice, was->name);
    for (uint32_t i = 0; i < now->fields_count; i++) {
        const struct wf_ir_field *is = &l->tonight->fields[now->fields_first + i];
        if (strcmp(text(l->tonight, is->name), name) != 0)
            continue;
        return same_type(l, was, is)
                   ? i
                   : refuse(l, N_("the field"), of, name, N_("is of another type"));
    }
    return refuse(l, N_("the field"), of, name, N_("the rules no longer declare"));
}

static void link_input(struct linking *l, struct wf_ir_input *input)
{
    const struct wf_ir_record *old = &l->slice->member, *now = &l->tonight->member;
    if (input->domain >= WF_DOM_EVENT)
        input->domain = (uint16_t)(input->domain + l->shift[WF_IRT_views]);
    if (input->record == WF_NONE)
        return; /* `sent` has its fields for ever */
    if (input->record > 0) {
        uint32_t event = find_event(l, input->record - 1);
        if (l->status != WF_OK)
            return;
        old = &l->slice->events[input->record - 1];
        now = &l->tonight->events[event];
        input->record = 1 + event;
    }
    const struct wf_ir_field *via = &l->slice->fields[old->fields_first + input->field];
    input->field = find_field(l, old, now, input->field);
    if (input->via_field == WF_NONE || l->status != WF_OK)
        return;
    input->via_field =
        find_field(l, referred(l->slice, via),
                   referred(l->tonight, &l->tonight->fields[now->fields_first + input->field]),
                   input->via_field);
}

static void link_view(struct linking *l, struct wf_ir_view *view)
{
    if (!view->sent)
        view->event = find_event(l, view->event);
    if (view->by != WF_NONE)
        view->by = find_field(l, &l->slice->member, &l->tonight->member, view->by);
}

/* ---- rows ---- */

/* What a node's arguments number depends on its operation. */
static void link_node(struct linking *l, struct wf_ir_node *node)
{
    const char *args = wf_ir_op_args(node->op);
    uint32_t *const arg[3] = {&node->a, &node->b, &node->c};
    for (int i = 0; i < 3; i++) {
        if (args[i] == 'n')
            *arg[i] += l->shift[WF_IRT_nodes];
        else if (args[i] == 'k')
            *arg[i] += l->shift[WF_IRT_consts];
    }
    switch (node->op) {
    case WF_IR_PARAM: node->b += node->a == WF_PARAM_SINCE ? l->shift[WF_IRT_views] : 0; break;
    case WF_IR_COL: node->a += l->shift[WF_IRT_inputs]; break;
    case WF_IR_ENTERED: node->a += l->shift[WF_IRT_views]; break;
    case WF_IR_LIFT: node->b += l->shift[WF_IRT_views]; break;
    case WF_IR_AGG: node->a += l->shift[WF_IRT_aggs]; break;
    case WF_IR_POP: node->a += l->shift[WF_IRT_pops]; break;
    case WF_IR_IN: node->b += l->shift[WF_IRT_lists]; break;
    case WF_IR_ANNIVERSARY:
    case WF_IR_ANNIV_YEAR: node->b += l->shift[WF_IRT_annivs]; break;
    case WF_IR_FOLLOWED: node->b += l->shift[WF_IRT_follows]; break;
    default: break;
    }
    if (node->domain >= WF_DOM_EVENT)
        node->domain = (uint16_t)(node->domain + l->shift[WF_IRT_views]);
}

static bool is_schema(int table)
{
    return table == WF_IRT_fields || table == WF_IRT_enum_names || table == WF_IRT_uniques ||
           table == WF_IRT_events || table == WF_IRT_tables;
}

static void link_row(struct linking *l, int table, void *row)
{
    const struct wf_ir_td *td = &wf_ir_td[table];
    for (int f = 0; f < td->n_fields; f++) {
        const struct wf_ir_fd *fd = &td->fields[f];
        if (fd->kind < WF_FK_REF || fd->kind == WF_FK_COUNT || is_schema(fd->table))
            continue;
        uint32_t *index = wf_ir_index(row, fd);
        if (*index != WF_NONE)
            *index += l->shift[fd->table];
    }
    if (table == WF_IRT_nodes)
        link_node(l, row);
    else if (table == WF_IRT_inputs)
        link_input(l, row);
    else if (table == WF_IRT_views)
        link_view(l, row);
}

/* The text of the slice's journey as tonight's rules know it: itself, or renamed. */
static const struct wf_ir_journey *namesake(const struct linking *l)
{
    for (uint32_t i = 0; i < l->tonight->n_journeys; i++) {
        const struct wf_ir_journey *j = &l->tonight->journeys[i];
        if (strcmp(text(l->tonight, j->identity), l->identity) == 0 ||
            (j->was != WF_NONE && strcmp(text(l->tonight, j->was), l->identity) == 0))
            return j;
    }
    return NULL;
}

/* Only the structure is kept of what a member entered under. */
static void take_tonights(const struct linking *l, struct wf_ir_journey *row)
{
    const struct wf_ir_journey *now = namesake(l);
    if (!now)
        return;
    row->name = now->name;
    row->identity = now->identity;
    row->salt = now->salt;
    row->holdout = now->holdout;
    row->priority = now->priority;
    row->grace = now->grace;
}

/* What a message says is tonight's; one that is no longer declared says nothing, and no gate lets
 * it pass. */
static void take_message(const struct linking *l, struct wf_ir_action *action)
{
    if (action->kind != WF_ACT_SEND || action->name == WF_NONE)
        return;
    const char *name = text(l->out, action->name);
    action->text = WF_NONE;
    for (uint32_t i = 0; i < l->tonight->n_contents; i++) {
        const struct wf_ir_content *content = &l->tonight->contents[i];
        if (!content->coupon && strcmp(text(l->tonight, content->name), name) == 0)
            action->text = content->text;
    }
}

static void add_slice(struct linking *l)
{
    for (int t = 0; t < WF_IRT_COUNT_; t++)
        l->shift[t] = wf_ir_table_n(l->out, (enum wf_ir_table)t);
    for (int t = 0; t < WF_IRT_COUNT_; t++) {
        const struct wf_ir_td *td = &wf_ir_td[t];
        uint32_t n = is_schema(t) ? 0 : wf_ir_table_n(l->slice, (enum wf_ir_table)t);
        *(uint32_t *)(void *)((char *)l->out + td->n) += n;
        for (uint32_t i = 0; i < n && l->status == WF_OK; i++) {
            void *row = wf_ir_row(l->out, (enum wf_ir_table)t, l->shift[t] + i);
            memcpy(row, wf_ir_row(l->slice, (enum wf_ir_table)t, i), td->row_size);
            link_row(l, t, row);
        }
    }
    take_tonights(l, &l->out->journeys[l->out->n_journeys - 1]);
    for (uint32_t i = l->shift[WF_IRT_actions]; i < l->out->n_actions && l->status == WF_OK; i++)
        take_message(l, &l->out->actions[i]);
}

/* Tonight's rows, in arrays that have room for the slices' too. */
static bool make_room(struct linking *l, const struct wf_slice *slices, size_t n)
{
    struct wf_arena *arena = l->out->arena;
    *l->out = *l->tonight;
    l->out->arena = arena;
    for (int t = 0; t < WF_IRT_COUNT_; t++) {
        const struct wf_ir_td *td = &wf_ir_td[t];
        uint32_t own = wf_ir_table_n(l->tonight, (enum wf_ir_table)t);
        size_t all = own;
        for (size_t i = 0; i < n && !is_schema(t); i++)
            all += wf_ir_table_n(slices[i].ir, (enum wf_ir_table)t);
        if (all == 0)
            continue;
        void *rows = all < WF_NONE ? wf_arena_alloc(arena, all * td->row_size) : NULL;
        if (!rows)
            return false;
        if (own)
            memcpy(rows, wf_ir_row(l->tonight, (enum wf_ir_table)t, 0), (size_t)own * td->row_size);
        memcpy((char *)l->out + td->rows, &rows, sizeof(rows));
        *(uint32_t *)(void *)((char *)l->out + td->room) = (uint32_t)all;
    }
    return true;
}

enum wf_status wf_ir_link(const struct wf_ir *tonight, const struct wf_slice *slices, size_t n,
                          const struct wf_alloc *alloc, struct wf_ir *out, struct wf_buf *why)
{
    struct linking l = {.tonight = tonight, .out = out, .why = why};
    if (!make_room(&l, slices, n))
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n && l.status == WF_OK; i++) {
        l.slice = slices[i].ir;
        l.identity =
            slices[i].identity ? slices[i].identity : text(l.slice, l.slice->journeys[0].identity);
        add_slice(&l);
    }
    return l.status == WF_OK ? wf_ir_tidy(out, alloc) : l.status;
}
