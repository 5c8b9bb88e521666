/*
 * record.c - members, events and tables: their fields, merged over all files that declare them.
 */
#include <string.h>

#include "lang/sema/check.h"

struct wf_field *wf_record_field(const struct wf_record *record, const struct wf_str *name)
{
    for (uint32_t i = 0; record && i < record->n_fields; i++) {
        if (record->fields[i]->name == name)
            return record->fields[i];
    }
    return NULL;
}

struct wf_field *wf_record_find(struct wf_sema *s, struct wf_module *module,
                                const struct wf_record *record, struct wf_node *node,
                                struct wf_span span)
{
    struct wf_field *field = wf_record_field(record, node->name);
    const struct wf_str *other = field ? NULL : wf_alias_of(s, module, node->name);
    if (other && (field = wf_record_field(record, other)))
        node->name = other;
    if (field)
        return field;
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, node->name);
    for (uint32_t i = 0; i < record->n_fields; i++)
        wf_suggest_offer(&suggest, record->fields[i]->name);
    if (wf_blind(module) && !suggest.best)
        return NULL;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0205, span, "`%s` has no field `%s`",
                                   record->name->text, node->name->text);
    wf_suggest_fix(s, diag, &suggest);
    if (!suggest.best && record->node)
        wf_diag_label(s->diags, diag, wf_name_span(record->node), "its fields are declared here");
    return NULL;
}

static void again(struct wf_sema *s, struct wf_symbol *sym, struct wf_module *module,
                  struct wf_node *node)
{
    struct wf_redeclared *more = wf_sema_alloc(s, sizeof(*more));
    if (!more)
        return;
    *more = (struct wf_redeclared){.module = module, .node = node, .next = sym->again};
    sym->again = more;
}

static struct wf_record *record_new(struct wf_sema *s, struct wf_symbol *sym)
{
    struct wf_record *record = wf_sema_alloc(s, sizeof(*record));
    if (!record || !sym)
        return NULL;
    record->sym = sym;
    record->name = sym->name;
    record->complete_since = INT32_MIN;
    record->index = UINT32_MAX;
    sym->record = record;
    return record;
}

static struct wf_field *field_new(struct wf_sema *s, struct wf_record *record,
                                  const struct wf_str *name, struct wf_node *decl,
                                  struct wf_module *module)
{
    enum wf_symbol_kind kind = record->sym->kind == WF_SYM_MEMBER  ? WF_SYM_FIELD
                               : record->sym->kind == WF_SYM_EVENT ? WF_SYM_EVENT_FIELD
                                                                   : WF_SYM_TABLE_FIELD;
    struct wf_field *field = wf_sema_alloc(s, sizeof(*field));
    struct wf_symbol *sym = wf_symbol_new(s, kind, name, decl, module);
    if (!field || !sym)
        return NULL;
    field->name = field->column = name;
    field->sym = sym;
    field->index = sym->index = record->n_fields;
    field->type = &wf_type_none;
    sym->record = record;
    sym->field = field;
    sym->type = field->type;
    if (kind == WF_SYM_FIELD && !wf_declare(s, WF_SCOPE_CONDITION, sym))
        return NULL; /* the name means something else: said */
    if (!wf_sema_push(s, &record->fields, &record->n_fields, &record->room_fields, &field,
                      sizeof(struct wf_field *)))
        return NULL;
    return field;
}

static void declare_invitees(struct wf_sema *s, struct wf_module *module, struct wf_field *field,
                             struct wf_node *name)
{
    if (field->invitees == name->name) {
        name->sym = wf_find(s, WF_SCOPE_CONDITION, NULL, name->name);
        return;
    }
    field->invitees = name->name;
    struct wf_symbol *sym = wf_symbol_new(s, WF_SYM_INVITEES, name->name, name, module);
    name->sym = sym;
    if (!sym)
        return;
    sym->field = field;
    sym->record = field->sym->record;
    wf_declare(s, WF_SCOPE_CONDITION, sym);
}

/* What a later declaration does not say stays as it was said before. */
static void merge_attrs(struct wf_sema *s, struct wf_module *module, struct wf_field *field,
                        struct wf_node *decl)
{
    for (struct wf_node *attr = decl->kid[WF_K_FIELD_DECL_ATTRS]; attr; attr = attr->next) {
        struct wf_node *value = attr->kid[WF_K_ATTR_VALUE];
        switch (attr->op) {
        case WF_OP_KEY: field->key = true; break;
        case WF_OP_PRIVATE: field->private_ = true; break;
        case WF_OP_FROM: field->column = value->name; break;
        case WF_OP_FORMAT: field->format = value->name; break;
        case WF_OP_DEFAULT: field->default_value = value; break;
        case WF_OP_MISSING_AS: field->missing_as = value; break;
        case WF_OP_AS: declare_invitees(s, module, field, value); break;
        default: break;
        }
    }
}

static bool has_attr(const struct wf_node *decl, enum wf_op op)
{
    for (const struct wf_node *attr = decl->kid[WF_K_FIELD_DECL_ATTRS]; attr; attr = attr->next) {
        if (attr->op == op)
            return true;
    }
    return false;
}

static void merge_field(struct wf_sema *s, struct wf_module *module, struct wf_record *record,
                        struct wf_node *decl)
{
    struct wf_field *field = wf_record_field(record, decl->name);
    if (!field && record->n_fields >= WF_MAX_COLUMNS)
        wf_diag(s->diags, WF_E0108, decl->span, "more than %d fields", WF_MAX_COLUMNS);
    else if (!field)
        field = field_new(s, record, decl->name, decl, module);
    else
        again(s, field->sym, module, decl);
    if (!field)
        return;
    const struct wf_node *type = decl->kid[WF_K_FIELD_DECL_TYPE];
    if (type && (type->flags & WF_F_OPTIONAL) && !has_attr(decl, WF_OP_DEFAULT))
        field->default_value = NULL;
    field->decl = decl;
    decl->sym = field->sym;
    merge_attrs(s, module, field, decl);
}

static bool twice_in_list(struct wf_sema *s, struct wf_node *first, struct wf_node *decl)
{
    for (struct wf_node *other = first; other != decl; other = other->next) {
        if (other->kind == WF_N_FIELD_DECL && other->name == decl->name) {
            struct wf_diag *diag = wf_diag(s->diags, WF_E0202, wf_name_span(decl),
                                           "the field `%s` is declared twice", decl->name->text);
            wf_diag_label(s->diags, diag, wf_name_span(other), "first declared here");
            return true;
        }
    }
    return false;
}

static void merge_option(struct wf_record *record, const struct wf_node *item)
{
    const struct wf_node *value = item->kid[WF_K_RECORD_OPTION_VALUE];
    if (item->op == WF_OP_ENCODING)
        record->encoding = value->name;
    else if (item->op == WF_OP_MAY_BE_EMPTY)
        record->may_be_empty = true;
    else if (item->op == WF_OP_COMPLETE_SINCE)
        record->complete_since = (int32_t)value->num;
}

static void merge_items(struct wf_sema *s, struct wf_module *module, struct wf_record *record,
                        struct wf_node *first)
{
    for (struct wf_node *item = first; item; item = item->next) {
        switch (item->kind) {
        case WF_N_FIELD_DECL:
            if (!item->name || twice_in_list(s, first, item))
                break;
            if (!item->kid[WF_K_FIELD_DECL_TYPE] && item->kid[WF_K_FIELD_DECL_ATTRS])
                record->member_column =
                    item->kid[WF_K_FIELD_DECL_ATTRS]->kid[WF_K_ATTR_VALUE]->name;
            else
                merge_field(s, module, record, item);
            break;
        case WF_N_UNIQUE: record->unique_node = item; break;
        case WF_N_VOID_WHEN:
            record->void_when = item;
            record->void_module = module;
            break;
        case WF_N_RECORD_OPTION: merge_option(record, item); break;
        default: break;
        }
    }
}

static void declare_member(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct wf_checked *c = s->checked;
    if (!c->member) {
        const struct wf_str *name = wf_sema_name(s, "member");
        c->member_symbol = wf_symbol_new(s, WF_SYM_MEMBER, name, node, module);
        c->member = record_new(s, c->member_symbol);
    } else {
        again(s, c->member_symbol, module, node);
    }
    if (!c->member)
        return;
    struct wf_record *member = c->member;
    member->node = node;
    member->delta |= (node->flags & WF_F_DELTA) != 0;
    if (node->kid[WF_K_MEMBER_FROM])
        member->pattern = node->kid[WF_K_MEMBER_FROM]->name;
    merge_items(s, module, member, node->kid[WF_K_MEMBER_ITEMS]);
}

/* An event of this name in any file: all of them are one. */
static struct wf_symbol *event_anywhere(struct wf_sema *s, const struct wf_str *name)
{
    struct wf_symbol *sym = wf_find(s, WF_SCOPE_CONDITION, NULL, name);
    while (sym && sym->kind != WF_SYM_EVENT)
        sym = sym->next;
    return sym;
}

static void declare_word(struct wf_sema *s, struct wf_module *module, struct wf_record *record,
                         struct wf_node *word)
{
    if (record->word == word->name) {
        word->sym = wf_find(s, WF_SCOPE_CONDITION, NULL, word->name);
        return;
    }
    struct wf_symbol *sym = wf_symbol_new(s, WF_SYM_WORD, word->name, word, module);
    word->sym = sym;
    if (!sym)
        return;
    sym->event = record->sym;
    sym->record = record;
    record->word = word->name;
    wf_declare(s, WF_SCOPE_CONDITION, sym);
}

static struct wf_record *event_record(struct wf_sema *s, struct wf_module *module,
                                      struct wf_node *node)
{
    struct wf_symbol *sym = event_anywhere(s, node->name);
    if (sym && sym->node) {
        again(s, sym, module, node);
        return sym->record;
    }
    sym = wf_symbol_new(s, WF_SYM_EVENT, node->name, node, module);
    if (!wf_declare(s, WF_SCOPE_CONDITION, sym))
        return NULL;
    struct wf_record *record = record_new(s, sym);
    struct wf_checked *c = s->checked;
    if (!record || !wf_sema_push(s, &c->events, &c->n_events, &c->room_events, &record,
                                 sizeof(struct wf_record *)))
        return NULL;
    record->index = sym->index = c->n_events - 1;
    record->member_column = wf_sema_name(s, "member_id");
    return record;
}

static void declare_event(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct wf_record *record = event_record(s, module, node);
    if (!record)
        return;
    node->sym = record->sym;
    record->node = node;
    if (node->kid[WF_K_EVENT_FROM])
        record->pattern = node->kid[WF_K_EVENT_FROM]->name;
    if (node->kid[WF_K_EVENT_WORD])
        declare_word(s, module, record, node->kid[WF_K_EVENT_WORD]);
    merge_items(s, module, record, node->kid[WF_K_EVENT_ITEMS]);
}

static void declare_table(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct wf_symbol *sym = wf_symbol_new(s, WF_SYM_TABLE, node->name, node, module);
    if (!wf_declare(s, WF_SCOPE_TABLE, sym))
        return;
    struct wf_record *record = record_new(s, sym);
    struct wf_checked *c = s->checked;
    if (!record || !wf_sema_push(s, &c->tables, &c->n_tables, &c->room_tables, &record,
                                 sizeof(struct wf_record *)))
        return;
    record->index = sym->index = c->n_tables - 1;
    record->node = node;
    node->sym = sym;
    if (node->kid[WF_K_TABLE_FROM])
        record->pattern = node->kid[WF_K_TABLE_FROM]->name;
    merge_items(s, module, record, node->kid[WF_K_TABLE_ITEMS]);
}

void wf_declare_record(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    if (node->kind == WF_N_MEMBER)
        declare_member(s, module, node);
    else if (node->name && node->kind == WF_N_EVENT)
        declare_event(s, module, node);
    else if (node->name)
        declare_table(s, module, node);
}

/* `sent`: what left, as the ledger remembers it. */
void wf_declare_sent(struct wf_sema *s)
{
    static const struct {
        const char *name;
        enum wf_type type;
        bool optional;
    } fields[] = {
        {"at", WF_T_TIME, false},     {"name", WF_T_TEXT, true},    {"kind", WF_T_TEXT, false},
        {"channel", WF_T_TEXT, true}, {"journey", WF_T_TEXT, true}, {"step", WF_T_TEXT, true},
    };
    struct wf_symbol *sym = wf_symbol_new(s, WF_SYM_EVENT, wf_sema_name(s, "sent"), NULL, NULL);
    struct wf_record *record = record_new(s, sym);
    if (!record)
        return;
    wf_declare_quietly(s, WF_SCOPE_CONDITION, sym);
    record->sent = true;
    s->checked->sent = record;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct wf_str *name = wf_sema_name(s, fields[i].name);
        struct wf_field *field = field_new(s, record, name, NULL, NULL);
        if (!field)
            return;
        field->type = field->sym->type = wf_type_plain(fields[i].type, fields[i].optional);
    }
    record->at = record->fields[0];
}
