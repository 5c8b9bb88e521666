/*
 * check.h - what the files of sema share; nobody else includes it.
 *
 *   module.c    loads files           declare.c record.c   names and schema
 *   define.c    let segment classify  check_*.c            types, one part of the language each
 *   lint_*.c    warnings; only over programs without errors
 *
 * Memory: everything comes from checked->arena through wf_sema_alloc, which remembers a failure in
 * `nomem`; whoever gets NULL just goes on with less, and the whole check answers WF_ERR_NOMEM.
 */
#ifndef WF_SEMA_CHECK_H
#define WF_SEMA_CHECK_H

#include "lang/base/limits.h"
#include "lang/sema/front.h"
#include "lang/sema/sema.h"
#include "lang/sema/suggest.h"
#include "lang/syntax/parse.h"

enum { WF_MAX_DEPTH = 1000 }; /* of an expression, the definitions it uses included */

/* ---- scopes: names to symbols ---- */

enum wf_scope_id {
    WF_SCOPE_CONDITION,
    WF_SCOPE_CONTENT,
    WF_SCOPE_TABLE,
    WF_SCOPE_CHANNEL,
    WF_SCOPE_JOURNEY,
    WF_SCOPE_TRIGGER,
    WF_SCOPE_CLASS,
    WF_SCOPE_METRIC,
    WF_SCOPE_CALENDAR,
    WF_SCOPE_POLICY,
    WF_SCOPE_ALIAS,
    WF_SCOPE_RULE,    /* of identities: no two rules are the same */
    WF_SCOPE_SEGMENT, /* of canonical conditions */
    WF_SCOPE_COUNT_
};

struct wf_scope {
    struct wf_symbol **slots; /* by name; those of one name hang together by next */
    size_t n, room;
    struct wf_symbol **all; /* in the order declared */
    size_t n_all, room_all;
};

/* ---- a module while it is loaded ---- */

struct wf_unseen { /* a module whose names a file uses and does not import: said once */
    const struct wf_module *module;
    struct wf_unseen *next;
};

struct wf_unit {
    struct wf_module module;
    struct wf_unseen *unseen;
    struct wf_scan scan;
    struct wf_unit **imports; /* by scan.imports; NULL where one failed */
    uint32_t imported_at;     /* while it is being loaded: the import it waits for */
    uint8_t state;            /* 0 new, 1 being loaded, 2 loaded */
    bool failed;
    bool blind; /* something it imports is lacking or broken: an unknown name proves little */
    struct wf_han_names seen; /* Han names visible in it */
};

struct wf_sema {
    struct wf_checked *checked;
    struct wf_arena *arena; /* checked->arena */
    struct wf_arena *trees; /* for nodes */
    struct wf_intern *names;
    struct wf_sources *sources;
    struct wf_diags *diags;
    const struct wf_alloc *alloc;
    const struct wf_loader *loader;
    const char *root; /* the main file's folder with its '/', or "" */
    struct wf_unit **units;
    size_t n_units, room_units;
    uint32_t room_modules;
    struct wf_scope scopes[WF_SCOPE_COUNT_];
    unsigned depth;
    struct { /* the definitions being typed, each used by the one before: for cycles */
        struct wf_symbol *sym;
        struct wf_span used;
    } defining[WF_MAX_NESTING];
    unsigned n_defining;
    bool said_no_member;
    bool nomem;
};

/* ---- what surrounds an expression ---- */

struct wf_ctx {
    struct wf_sema *s;
    struct wf_module *module;
    struct wf_record *row;  /* inside [ ] and void when: the event whose row is looked at */
    const char *no_members; /* why member values cannot stand here, or NULL */
    bool entry;             /* `since entry` has a meaning */
    const char *no_entry;   /* why it has none although it stands in a journey, or NULL */
    bool figures;           /* OVER may stand here */
    bool in_void;           /* void when: the event's own fields are meant */
};

/* ---- sema.c: memory and small helpers ---- */

void *wf_sema_alloc(struct wf_sema *s, size_t size);
/* Appends to an array that lives in the arena (a grown one is copied). */
bool wf_sema_push(struct wf_sema *s, void *array, uint32_t *n, uint32_t *room, const void *item,
                  size_t size);
const struct wf_str *wf_sema_name(struct wf_sema *s, const char *text);
bool wf_is(const struct wf_str *name, const char *text);
/* Where the name of a declaration stands, or the whole construct. */
struct wf_span wf_name_span(const struct wf_node *node);
struct wf_node *wf_sema_node(struct wf_sema *s, enum wf_node_kind kind, struct wf_span span);
void wf_node_push(struct wf_sema *s, struct wf_nodes *list, struct wf_node *node);

/* ---- scope.c ---- */

struct wf_symbol *wf_symbol_new(struct wf_sema *s, enum wf_symbol_kind kind,
                                const struct wf_str *name, struct wf_node *node,
                                struct wf_module *module);
/* Adds to a scope; a name that the module sees twice is reported (both places) and not added. */
bool wf_declare(struct wf_sema *s, enum wf_scope_id scope, struct wf_symbol *sym);
/* Adds without looking for others of the name. */
void wf_declare_quietly(struct wf_sema *s, enum wf_scope_id scope, struct wf_symbol *sym);
bool wf_sees(const struct wf_module *from, const struct wf_symbol *sym);
struct wf_symbol *wf_find(struct wf_sema *s, enum wf_scope_id scope, const struct wf_module *from,
                          const struct wf_str *name);
/* The same for a node's name; follows an alias (node->name becomes what it stands for). */
struct wf_symbol *wf_find_node(struct wf_sema *s, enum wf_scope_id scope,
                               const struct wf_module *from, struct wf_node *node);
/* The class of this name of one classify. */
struct wf_symbol *wf_class_of(struct wf_sema *s, const struct wf_enum *classes,
                              const struct wf_str *name);
/* The name, or the alias of it that suits the place: Chinese where Chinese stands. */
const char *wf_name_like(struct wf_sema *s, const struct wf_module *from, struct wf_span place,
                         const struct wf_str *name);

/* What the alias of this name stands for, to the end; NULL: no alias. */
const struct wf_str *wf_alias_of(struct wf_sema *s, const struct wf_module *from,
                                 const struct wf_str *name);
/* Reports every name that two imports of one module bring along. */
void wf_check_clashes(struct wf_sema *s);
void wf_scopes_release(struct wf_sema *s);

/* Adds "did you mean", if something is near. */
void wf_suggest_fix(struct wf_sema *s, struct wf_diag *diag, const struct wf_suggest *suggest);
void wf_suggest_scope(struct wf_sema *s, struct wf_suggest *suggest, enum wf_scope_id scope,
                      const struct wf_module *from);

/* ---- type.c ---- */

extern const struct wf_type_info wf_type_none;
const struct wf_type_info *wf_type_plain(enum wf_type base, bool optional);
const struct wf_type_info *wf_type_optional(struct wf_sema *s, const struct wf_type_info *type,
                                            bool optional);
const struct wf_type_info *wf_type_events(struct wf_sema *s, struct wf_symbol *event);
const struct wf_type_info *wf_type_of_events(struct wf_sema *s, const struct wf_type_info *value,
                                             struct wf_symbol *event);
const struct wf_type_info *wf_type_sort(enum wf_sort sort); /* not FIGURE */
const struct wf_type_info *wf_type_figure(enum wf_type base); /* INT, NUMBER, MONEY */
bool wf_type_is(const struct wf_type_info *type, enum wf_type base);
bool wf_type_duration(const struct wf_type_info *type);
bool wf_type_numeric(const struct wf_type_info *type); /* int number money */
bool wf_type_bad(const struct wf_type_info *type);     /* NULL or NONE: said already */
bool wf_type_same(const struct wf_type_info *a, const struct wf_type_info *b);

/* ---- module.c ---- */

enum wf_status wf_modules_load(struct wf_sema *s, const char *path);
void wf_modules_release(struct wf_sema *s);
bool wf_blind(const struct wf_module *module);

/* ---- declare.c, record.c ---- */

void wf_declare_all(struct wf_sema *s);
void wf_check_aliases(struct wf_sema *s);
void wf_declare_record(struct wf_sema *s, struct wf_module *module, struct wf_node *node);
void wf_declare_sent(struct wf_sema *s);
void wf_check_records(struct wf_sema *s);
/* Some field is `one of` this name among others. */
bool wf_record_value(struct wf_sema *s, const struct wf_str *name);
struct wf_field *wf_record_field(const struct wf_record *record, const struct wf_str *name);
/* The field that a node names, aliases followed; NULL: reported with a suggestion. */
struct wf_field *wf_record_find(struct wf_sema *s, struct wf_module *module,
                                const struct wf_record *record, struct wf_node *node,
                                struct wf_span span);

/* ---- define.c ---- */

void wf_check_definitions(struct wf_sema *s);
/* Types a LET, SEGMENT or CLASSIFY if that was not done yet. */
const struct wf_type_info *wf_define(struct wf_sema *s, struct wf_symbol *sym, struct wf_span used);

/* ---- expressions ---- */

/* Types an expression; `wanted` (or NULL) is what it meets: names of enum values, literals. */
const struct wf_type_info *wf_check_expr(struct wf_ctx *ctx, struct wf_node *node,
                                         const struct wf_type_info *wanted);
/* The same, but it must be a value (not events, not a moment); else reported and NONE. */
const struct wf_type_info *wf_check_value(struct wf_ctx *ctx, struct wf_node *node,
                                          const struct wf_type_info *wanted);
/* It must be a condition. */
const struct wf_type_info *wf_check_condition(struct wf_ctx *ctx, struct wf_node *node);
/* A value that must be of this type; `why` is the label at `because`: %s stands for the type. */
bool wf_check_against(struct wf_ctx *ctx, struct wf_node *node, const struct wf_type_info *type,
                      struct wf_span because, const char *why);
/* Types a set of events (or one field of each); WORDs become events too, *word_out says so. */
const struct wf_type_info *wf_check_events(struct wf_ctx *ctx, struct wf_node *node,
                                           bool *word_out);
const struct wf_type_info *wf_check_name(struct wf_ctx *ctx, struct wf_node *node,
                                         const struct wf_type_info *wanted);
const struct wf_type_info *wf_check_field(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_field_of(struct wf_ctx *ctx, struct wf_node *node,
                                             const struct wf_type_info *base);
/* Says that an `as` word stands where the event's noun is needed; answers NONE. */
const struct wf_type_info *wf_report_word(struct wf_ctx *ctx, struct wf_node *node);
/* An unknown name that a module declares which this one does not import: says so once for each such
 * module. False: no module has it. */
bool wf_report_unseen(struct wf_sema *s, struct wf_module *module, const struct wf_str *name,
                      struct wf_span at);
/* A name that a condition knows here (not as the value of an enum). */
bool wf_name_known(struct wf_ctx *ctx, struct wf_node *node);
const char *wf_enum_words(struct wf_sema *s, const struct wf_enum *enums); /* "a, b, c" */
/* A date or a point in time of the member: what `since` takes. */
bool wf_check_point(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_binary(struct wf_ctx *ctx, struct wf_node *node,
                                           const struct wf_type_info *wanted);
const struct wf_type_info *wf_check_compare(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_in(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_between(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_agg(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_windowed(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_followed(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_days_since(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_population(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_figure(struct wf_ctx *ctx, struct wf_node *node);
const struct wf_type_info *wf_check_moment(struct wf_ctx *ctx, struct wf_node *node);

/* A literal duration, longer than nothing; a bare number is reported with its mend. */
bool wf_check_duration(struct wf_ctx *ctx, struct wf_node *node);
/* PERCENT from 0 to 100. */
bool wf_check_percent(struct wf_sema *s, const struct wf_node *node);
/* A literal where it meets a type: money, number. False when it cannot be that. */
bool wf_adapt_literal(struct wf_ctx *ctx, struct wf_node *node, const struct wf_type_info *type);
bool wf_is_number_literal(const struct wf_node *node);
/* Makes the two of one type, literals adapted; false when they cannot be. */
bool wf_unify(struct wf_ctx *ctx, struct wf_node *a, struct wf_node *b);
/* `what` takes four %s: the words of the two, and what each is. */
void wf_report_mismatch(struct wf_ctx *ctx, struct wf_span span, struct wf_node *a,
                        struct wf_node *b, const char *what);
/* What the text of a node is, for messages; shortened. */
const char *wf_words(struct wf_sema *s, const struct wf_node *node);

/* ---- rules, actions, the rest ---- */

bool wf_check_rule(struct wf_ctx *ctx, struct wf_node *node, struct wf_node *when,
                   struct wf_rule *rule_out);
/* The node in canonical English, interned. */
const struct wf_str *wf_identity_of_text(struct wf_sema *s, const struct wf_node *node);
void wf_check_options(struct wf_ctx *ctx, struct wf_node *options);
/* Those that depend on the kind of moment. */
void wf_check_rule_options(struct wf_ctx *ctx, const struct wf_rule *rule, struct wf_node *options);
/* Fills identity and was; name NULL: the canonical text of rule->node. */
void wf_rule_identity(struct wf_sema *s, struct wf_rule *rule, const struct wf_str *name,
                      const struct wf_node *options);
void wf_check_trigger(struct wf_sema *s, struct wf_module *module, struct wf_node *node);
void wf_check_action(struct wf_ctx *ctx, struct wf_node *node);
/* NAME or STRING that must mean a coupon. */
void wf_check_coupon_name(struct wf_ctx *ctx, struct wf_node *name);
/* `node` carries the name (an alias is replaced there) and gets the symbol. */
bool wf_check_channel(struct wf_ctx *ctx, struct wf_node *node, const struct wf_str *channel,
                      struct wf_span at);
void wf_check_text(struct wf_ctx *ctx, struct wf_node *string);
void wf_check_content(struct wf_sema *s, struct wf_module *module, struct wf_node *node);
void wf_check_journey(struct wf_sema *s, struct wf_module *module, struct wf_node *node);
void wf_check_policy(struct wf_sema *s, struct wf_module *module, struct wf_node *node);
/* Over a program without errors: what policies are together, and with what rules use. */
void wf_check_locked(struct wf_sema *s);
void wf_check_budgets(struct wf_sema *s);
void wf_check_metric(struct wf_sema *s, struct wf_module *module, struct wf_node *node);
void wf_check_test(struct wf_sema *s, struct wf_module *module, struct wf_node *node);

/* ---- warnings ---- */

void wf_lint_unused(struct wf_sema *s);
void wf_lint_missing(struct wf_sema *s);
void wf_lint_rules(struct wf_sema *s);
void wf_lint_truth(struct wf_sema *s); /* what can never, or must always, hold */

#endif
