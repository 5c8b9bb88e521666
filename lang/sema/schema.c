/*
 * schema.c - after all records are merged: the types of their fields, defaults, keys.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

static struct wf_enum *enum_of(struct wf_sema *s, const struct wf_node *type)
{
    struct wf_enum *enums = wf_sema_alloc(s, sizeof(*enums));
    uint32_t room = 0;
    if (!enums)
        return NULL;
    enums->ordered = (type->flags & WF_F_ORDERED) != 0;
    for (struct wf_node *v = type->kid[WF_K_TYPE_VALUES]; v; v = v->next) {
        for (uint32_t i = 0; i < enums->n; i++) {
            if (enums->names[i] == v->name)
                wf_diag(s->diags, WF_E0202, v->span, "`%s` stands twice in this list",
                        v->name->text);
        }
        wf_sema_push(s, &enums->names, &enums->n, &room, &v->name, sizeof(const struct wf_str *));
    }
    return enums;
}

static struct wf_symbol *reference_of(struct wf_sema *s, struct wf_module *module,
                                      struct wf_node *type)
{
    if (wf_is(type->name, "member"))
        return s->checked->member_symbol;
    struct wf_symbol *table = wf_find_node(s, WF_SCOPE_TABLE, module, type);
    if (table) {
        table->used = true;
        type->sym = table;
        return table;
    }
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, type->name);
    static const char *const words[] = {"bool", "int",   "number",   "money", "text",  "date",
                                        "time", "clock", "duration", "set",   "member"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        wf_suggest_offer(&suggest, wf_sema_name(s, words[i]));
    wf_suggest_scope(s, &suggest, WF_SCOPE_TABLE, module);
    if (wf_blind(module) && !suggest.best)
        return NULL;
    struct wf_span at = wf_name_span(type);
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0401, at, "there is no type or table `%s`", type->name->text);
    wf_suggest_fix(s, diag, &suggest);
    if (!suggest.best)
        wf_diag_note(s->diags, diag,
                     "the types are bool, int, number, money, text, date, time, "
                     "clock, duration, set, one of (...), member, and tables");
    return NULL;
}

static const struct wf_type_info *type_of(struct wf_sema *s, struct wf_module *module,
                                          struct wf_node *node, bool has_default)
{
    bool optional = (node->flags & WF_F_OPTIONAL) && !has_default;
    if (node->kind != WF_N_TYPE)
        return &wf_type_none;
    enum wf_type base = (enum wf_type)node->num;
    if (base != WF_T_ENUM && base != WF_T_REF)
        return wf_type_plain(base, optional && base != WF_T_SET);
    struct wf_type_info *type = wf_sema_alloc(s, sizeof(*type));
    if (!type)
        return &wf_type_none;
    *type = (struct wf_type_info){.sort = WF_SORT_VALUE, .base = (uint8_t)base};
    type->optional = optional;
    if (base == WF_T_ENUM)
        type->enums = enum_of(s, node);
    else if (!(type->ref = reference_of(s, module, node)))
        return &wf_type_none;
    return type;
}

static struct wf_module *module_of(struct wf_sema *s, const struct wf_node *node)
{
    for (uint32_t i = 0; i < s->checked->n_modules; i++) {
        if (s->checked->modules[i]->file == node->span.file)
            return s->checked->modules[i];
    }
    return NULL;
}

static struct wf_span attr_span(const struct wf_field *field, enum wf_op op)
{
    const struct wf_node *attr = field->decl->kid[WF_K_FIELD_DECL_ATTRS];
    for (; attr; attr = attr->next) {
        if (attr->op == op)
            return attr->span;
    }
    return field->decl->span;
}

/* A default, or what stands for "missing": a literal of the field's type. */
static void check_constant(struct wf_sema *s, struct wf_module *module, struct wf_field *field,
                           struct wf_node *value)
{
    struct wf_ctx ctx = {.s = s, .module = module, .no_members = N_("a default is a plain value")};
    if (value->kind == WF_N_MISSING)
        return;
    if (value->kind == WF_N_LIST && wf_type_is(field->type, WF_T_SET)) {
        value->type = field->type;
        for (struct wf_node *item = value->kid[WF_K_LIST_ITEMS]; item; item = item->next)
            wf_check_against(&ctx, item, wf_type_plain(WF_T_TEXT, false), wf_name_span(field->decl),
                             N_("it is one text of a set: %s"));
        return;
    }
    wf_check_against(&ctx, value, field->type, wf_name_span(field->decl), N_("the field is %s"));
}

static void check_field(struct wf_sema *s, struct wf_record *record, struct wf_field *field)
{
    struct wf_node *decl = field->decl;
    struct wf_module *module = decl ? module_of(s, decl) : NULL;
    if (!module || !decl->kid[WF_K_FIELD_DECL_TYPE])
        return;
    field->type = type_of(s, module, decl->kid[WF_K_FIELD_DECL_TYPE], field->default_value != NULL);
    field->sym->type = field->type;
    if (wf_type_bad(field->type))
        return;
    enum wf_type base = (enum wf_type)field->type->base;
    if (field->format && base != WF_T_DATE && base != WF_T_TIME)
        wf_diag(s->diags, WF_E0402, attr_span(field, WF_OP_FORMAT),
                "only a date or a time has a format; `%s` is %s", field->name->text,
                wf_type_text(field->type));
    if (field->invitees && !(base == WF_T_REF && field->type->ref->kind == WF_SYM_MEMBER))
        wf_diag(s->diags, WF_E0402, attr_span(field, WF_OP_AS),
                "only a field that refers to a member takes `as`; `%s` is %s", field->name->text,
                wf_type_text(field->type));
    if (field->key && base != WF_T_TEXT && base != WF_T_INT)
        wf_diag(s->diags, WF_E0402, attr_span(field, WF_OP_KEY),
                "a key is a text (or an int), but `%s` is %s", field->name->text,
                wf_type_text(field->type));
    if (field->key && field->type->optional)
        wf_diag(s->diags, WF_E0402, decl->span, "the key `%s` can never be missing",
                field->name->text);
    if (field->key && record->key && record->key != field) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0402, decl->span, "%s has one key, and that is `%s`",
                    record->name->text, record->key->name->text);
        if (record->key->decl)
            wf_diag_label(s->diags, diag, record->key->decl->span, "the key");
    }
    if (field->key && !record->key)
        record->key = field;
    if (field->default_value)
        check_constant(s, module, field, field->default_value);
    if (field->missing_as)
        check_constant(s, module, field, field->missing_as);
}

static void check_unique(struct wf_sema *s, struct wf_record *record)
{
    struct wf_node *unique = record->unique_node;
    uint32_t room = 0;
    struct wf_node *name = unique ? unique->kid[WF_K_UNIQUE_FIELDS] : NULL;
    for (; name; name = name->next) {
        struct wf_field *field =
            wf_record_find(s, module_of(s, unique), record, name, wf_name_span(name));
        if (!field)
            continue;
        name->sym = field->sym;
        wf_sema_push(s, &record->unique, &record->n_unique, &room, &field,
                     sizeof(struct wf_field *));
    }
}

static void check_event(struct wf_sema *s, struct wf_record *event)
{
    const struct wf_str *at = wf_sema_name(s, "at");
    event->at = wf_record_field(event, at);
    struct wf_span where = event->node ? wf_name_span(event->node) : (struct wf_span){0};
    struct wf_module *module = module_of(s, event->node);
    if (!event->at) {
        if (wf_blind(module))
            return;
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0403, where, "the event `%s` does not say when it happened",
                    event->name->text);
        wf_diag_note(s->diags, diag,
                     "add a line `at time`, with `from \"column\"` if the column "
                     "is not called at");
    } else if (!wf_type_bad(event->at->type) &&
               (!wf_type_is(event->at->type, WF_T_TIME) || event->at->type->optional)) {
        struct wf_node *type = event->at->decl->kid[WF_K_FIELD_DECL_TYPE];
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0403, type->span,
                    event->at->type->optional
                        ? N_("`at` says when `%s` happened: it is a time and cannot be missing")
                        : N_("`at` says when `%s` happened: it is a time"),
                    event->name->text);
        wf_diag_edit(s->diags, diag, type->span, "time");
        wf_diag_fix(s->diags, diag, "write `at time`");
    }
    if (!event->pattern) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0403, where,
                                       "the event `%s` does not name its files", event->name->text);
        wf_diag_note(s->diags, diag, "write `event %s from \"files*.csv\" { ... }`",
                     event->name->text);
    }
    check_unique(s, event);
}

static void check_void(struct wf_sema *s, struct wf_record *event)
{
    if (!event->void_when)
        return;
    struct wf_ctx ctx = {.s = s, .module = event->void_module, .row = event, .in_void = true};
    wf_check_condition(&ctx, event->void_when->kid[WF_K_VOID_WHEN_COND]);
}

static void check_keyed(struct wf_sema *s, struct wf_record *record, const char *what)
{
    struct wf_module *module = record->node ? module_of(s, record->node) : NULL;
    if (!module || wf_blind(module))
        return;
    struct wf_span at = wf_name_span(record->node);
    if (!record->key) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0403, at, "%s has no key", what);
        wf_diag_note(s->diags, diag, "mark the field that names each row: `id text key`");
    }
    if (!record->pattern) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0403, at, "%s does not name its files", what);
        wf_diag_note(s->diags, diag, "write `from \"files*.csv\"` before the `{`");
    }
}

static void check_fields(struct wf_sema *s, struct wf_record *record)
{
    for (uint32_t i = 0; i < record->n_fields; i++)
        check_field(s, record, record->fields[i]);
}

void wf_check_records(struct wf_sema *s)
{
    struct wf_checked *c = s->checked;
    for (uint32_t i = 0; i < c->n_tables; i++)
        check_fields(s, c->tables[i]);
    if (c->member)
        check_fields(s, c->member);
    for (uint32_t i = 0; i < c->n_events; i++) {
        check_fields(s, c->events[i]);
        check_event(s, c->events[i]);
    }
    if (c->member)
        check_keyed(s, c->member, wf_word("the member"));
    for (uint32_t i = 0; i < c->n_tables; i++)
        check_keyed(s, c->tables[i], wf_word("a table"));
    for (uint32_t i = 0; i < c->n_events; i++)
        check_void(s, c->events[i]);
}

static bool has_value(const struct wf_record *record, const struct wf_str *name)
{
    for (uint32_t i = 0; record && i < record->n_fields; i++) {
        const struct wf_enum *enums = record->fields[i]->type->enums;
        for (uint32_t k = 0; enums && k < enums->n; k++) {
            if (enums->names[k] == name)
                return true;
        }
    }
    return false;
}

bool wf_record_value(struct wf_sema *s, const struct wf_str *name)
{
    struct wf_checked *c = s->checked;
    bool found = has_value(c->member, name) || wf_record_field(c->member, name);
    for (uint32_t i = 0; i < c->n_events && !found; i++)
        found = has_value(c->events[i], name);
    for (uint32_t i = 0; i < c->n_tables && !found; i++)
        found = has_value(c->tables[i], name);
    return found;
}
