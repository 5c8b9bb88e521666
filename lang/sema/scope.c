#include <string.h>

#include "lang/base/words.h"
#include "lang/sema/check.h"

struct wf_symbol *wf_symbol_new(struct wf_sema *s, enum wf_symbol_kind kind,
                                const struct wf_str *name, struct wf_node *node,
                                struct wf_module *module)
{
    struct wf_symbol *sym = wf_sema_alloc(s, sizeof(*sym));
    if (!sym)
        return NULL;
    sym->kind = (uint8_t)kind;
    sym->name = name;
    sym->node = node;
    sym->module = module;
    return sym;
}

/* Names are interned: their address is their identity, and a good enough hash. */
static size_t slot_of(const struct wf_scope *scope, const struct wf_str *name)
{
    uint64_t hash = (uint64_t)(uintptr_t)name * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash >> 20) & (scope->room - 1);
    while (scope->slots[at] && scope->slots[at]->name != name)
        at = (at + 1) & (scope->room - 1);
    return at;
}

static bool widen(struct wf_sema *s, struct wf_scope *scope)
{
    struct wf_scope wider = *scope;
    wider.room = scope->room ? scope->room * 2 : 64;
    wider.slots = wf_calloc(s->alloc, wider.room, sizeof(struct wf_symbol *));
    if (!wider.slots)
        return false;
    for (size_t i = 0; i < scope->room; i++) {
        if (scope->slots[i])
            wider.slots[slot_of(&wider, scope->slots[i]->name)] = scope->slots[i];
    }
    wf_free(s->alloc, scope->slots);
    *scope = wider;
    return true;
}

void wf_declare_quietly(struct wf_sema *s, enum wf_scope_id id, struct wf_symbol *sym)
{
    struct wf_scope *scope = &s->scopes[id];
    if (!sym || !sym->name)
        return;
    if ((2 * (scope->n + 1) > scope->room && !widen(s, scope)) ||
        wf_grow(s->alloc, &scope->all, &scope->room_all, scope->n_all + 1,
                sizeof(struct wf_symbol *))) {
        s->nomem = true;
        return;
    }
    size_t at = slot_of(scope, sym->name);
    scope->n += !scope->slots[at];
    sym->next = scope->slots[at];
    scope->slots[at] = sym;
    scope->all[scope->n_all++] = sym;
}

void wf_scopes_release(struct wf_sema *s)
{
    for (int i = 0; i < WF_SCOPE_COUNT_; i++) {
        wf_free(s->alloc, s->scopes[i].slots);
        wf_free(s->alloc, s->scopes[i].all);
    }
}

static bool sees_module(const struct wf_module *from, const struct wf_module *module)
{
    for (uint32_t i = 0; i < from->n_sees; i++) {
        if (from->sees[i] == module)
            return true;
    }
    return false;
}

bool wf_sees(const struct wf_module *from, const struct wf_symbol *sym)
{
    if (!sym->module || !from || sees_module(from, sym->module))
        return true;
    for (const struct wf_redeclared *again = sym->again; again; again = again->next) {
        if (sees_module(from, again->module))
            return true;
    }
    return false;
}

struct wf_symbol *wf_find(struct wf_sema *s, enum wf_scope_id id, const struct wf_module *from,
                          const struct wf_str *name)
{
    struct wf_scope *scope = &s->scopes[id];
    if (!scope->room || !name)
        return NULL;
    struct wf_symbol *sym = scope->slots[slot_of(scope, name)];
    while (sym && !wf_sees(from, sym))
        sym = sym->next;
    return sym;
}

struct wf_symbol *wf_class_of(struct wf_sema *s, const struct wf_enum *classes,
                              const struct wf_str *name)
{
    struct wf_symbol *sym = wf_find(s, WF_SCOPE_CLASS, NULL, name);
    while (sym && sym->type->enums != classes)
        sym = sym->next;
    return sym;
}

const struct wf_str *wf_alias_of(struct wf_sema *s, const struct wf_module *from,
                                 const struct wf_str *name)
{
    const struct wf_str *found = NULL;
    struct wf_symbol *alias = wf_find(s, WF_SCOPE_ALIAS, from, name);
    for (int steps = 0; alias && alias->node && steps < WF_MAX_NESTING; steps++) {
        alias->used = true;
        found = alias->node->kid[WF_K_ALIAS_OLD]->name;
        alias = wf_find(s, WF_SCOPE_ALIAS, alias->module, found);
    }
    return found;
}

static bool is_foreign(const char *text)
{
    return (unsigned char)text[0] >= 0x80;
}

const char *wf_name_like(struct wf_sema *s, const struct wf_module *from, struct wf_span place,
                         const struct wf_str *name)
{
    const struct wf_scope *aliases = &s->scopes[WF_SCOPE_ALIAS];
    bool foreign = is_foreign(s->sources->files[place.file].text + place.start);
    for (uint32_t i = 0; foreign != is_foreign(name->text) && i < aliases->n_all; i++) {
        const struct wf_symbol *alias = aliases->all[i];
        if (alias->node && alias->node->kid[WF_K_ALIAS_OLD]->name == name &&
            is_foreign(alias->name->text) == foreign && wf_sees(from, alias))
            return alias->name->text;
    }
    return name->text;
}

struct wf_symbol *wf_find_node(struct wf_sema *s, enum wf_scope_id id, const struct wf_module *from,
                               struct wf_node *node)
{
    struct wf_symbol *sym = wf_find(s, id, from, node->name);
    const struct wf_str *other = sym ? NULL : wf_alias_of(s, from, node->name);
    if (other && (sym = wf_find(s, id, from, other)))
        node->name = other;
    return sym;
}

const char *wf_symbol_kind_text(enum wf_symbol_kind kind)
{
    static const char *const texts[] = {
        [WF_SYM_FIELD] = N_("a field of the member"),
        [WF_SYM_EVENT] = N_("an event"),
        [WF_SYM_WORD] = N_("the word of an event"),
        [WF_SYM_LET] = N_("a `let`"),
        [WF_SYM_SEGMENT] = N_("a segment"),
        [WF_SYM_CLASSIFY] = N_("a classify"),
        [WF_SYM_INVITEES] = N_("the members who refer to one"),
        [WF_SYM_MESSAGE] = N_("a message"),
        [WF_SYM_COUPON] = N_("a coupon"),
        [WF_SYM_GROUP] = N_("a group"),
        [WF_SYM_TABLE] = N_("a table"),
        [WF_SYM_CHANNEL] = N_("a channel"),
        [WF_SYM_JOURNEY] = N_("a journey"),
        [WF_SYM_TRIGGER] = N_("a trigger"),
        [WF_SYM_CLASS] = N_("a class"),
        [WF_SYM_METRIC] = N_("a metric"),
        [WF_SYM_CALENDAR] = N_("a calendar"),
        [WF_SYM_STEP] = N_("a step"),
        [WF_SYM_MEMBER] = N_("the member"),
        [WF_SYM_EVENT_FIELD] = N_("a field of an event"),
        [WF_SYM_TABLE_FIELD] = N_("a field of a table"),
        [WF_SYM_TEST_MEMBER] = N_("a member of the test"),
        [WF_SYM_POLICY] = N_("a policy"),
        [WF_SYM_ALIAS] = N_("an alias"),
    };
    return wf_word(texts[kind]);
}

static void report_twice(struct wf_sema *s, const struct wf_symbol *first,
                         const struct wf_symbol *second)
{
    struct wf_diag *diag;
    struct wf_span at = wf_name_span(second->node);
    if (!first->node) {
        wf_diag(s->diags, WF_E0202, at, "`%s` is built in as %s; choose another name",
                second->name->text, wf_symbol_kind_text((enum wf_symbol_kind)first->kind));
        return;
    }
    if (first->kind == second->kind)
        diag = wf_diag(s->diags, WF_E0202, at, "`%s` is declared twice", second->name->text);
    else
        diag = wf_diag(s->diags, WF_E0202, at, "`%s` is already %s", second->name->text,
                       wf_symbol_kind_text((enum wf_symbol_kind)first->kind));
    wf_diag_label(s->diags, diag, wf_name_span(first->node), "first declared here");
    if (diag && first->module != second->module)
        wf_diag_note(s->diags, diag,
                     "the first one is in %s, whose names this file sees; choose "
                     "another name here",
                     first->module->name->text);
}

bool wf_declare(struct wf_sema *s, enum wf_scope_id id, struct wf_symbol *sym)
{
    if (!sym || !sym->name)
        return false;
    struct wf_symbol *first = wf_find(s, id, sym->module, sym->name);
    if (first) {
        report_twice(s, first, sym);
        return false;
    }
    wf_declare_quietly(s, id, sym);
    return true;
}

static void check_clash(struct wf_sema *s, const struct wf_module *module, struct wf_symbol *one)
{
    for (struct wf_symbol *other = one->next; other; other = other->next) {
        if (other->module == one->module || !one->node || !other->node || !wf_sees(module, one) ||
            !wf_sees(module, other))
            continue;
        struct wf_diag *diag = wf_diag(s->diags, WF_E0202, wf_name_span(one->node),
                                       "`%s` would mean two things in %s, which imports both",
                                       one->name->text, module->name->text);
        wf_diag_label(s->diags, diag, wf_name_span(other->node), "the other `%s`", one->name->text);
        wf_diag_note(s->diags, diag, "rename one of them, or import only one of the two files");
    }
}

void wf_check_clashes(struct wf_sema *s)
{
    for (int id = 0; id < WF_SCOPE_COUNT_; id++) {
        for (size_t i = 0; i < s->scopes[id].n_all && id != WF_SCOPE_CLASS; i++) {
            struct wf_symbol *sym = s->scopes[id].all[i];
            for (uint32_t m = 0; sym->next && m < s->checked->n_modules; m++) {
                struct wf_module *module = s->checked->modules[m];
                /* a module's own names were looked at when they were declared */
                if (module != sym->module && module != sym->next->module)
                    check_clash(s, module, sym);
            }
        }
    }
}

void wf_suggest_scope(struct wf_sema *s, struct wf_suggest *suggest, enum wf_scope_id id,
                      const struct wf_module *from)
{
    for (size_t i = 0; i < s->scopes[id].n_all; i++) {
        if (wf_sees(from, s->scopes[id].all[i]))
            wf_suggest_offer(suggest, s->scopes[id].all[i]->name);
    }
}

/* No edit goes with it: a guess must not be applied by a machine. */
void wf_suggest_fix(struct wf_sema *s, struct wf_diag *diag, const struct wf_suggest *suggest)
{
    if (!suggest->best)
        return;
    wf_diag_fix(s->diags, diag, "did you mean `%s`?", suggest->best->text);
    if (diag)
        diag->guess = suggest->best->text;
}
