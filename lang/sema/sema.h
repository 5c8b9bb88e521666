/*
 * sema.h - a checked program: what every name means, what type every expression has.
 *
 *   modules ─▶ symbols, merged schema ─▶ types on the nodes ─▶ lists in the order they are needed
 *
 * The nodes of the syntax tree carry the result: node->type (every expression), node->sym (every
 * name), node->form (which reading of several, enum wf_form). Everything points into the arena of
 * struct wf_checked. Nothing here may be used when there were errors.
 */
#ifndef WF_SEMA_SEMA_H
#define WF_SEMA_SEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/arena.h"
#include "lang/base/intern.h"
#include "lang/base/type.h"
#include "lang/base/value.h"
#include "lang/syntax/ast.h"

/* ---- types ---- */

enum wf_sort {
    WF_SORT_NONE,         /* an error was reported; whatever holds one says no more */
    WF_SORT_VALUE,        /* a value of type base */
    WF_SORT_EVENTS,       /* a set of events */
    WF_SORT_EVENT_VALUES, /* one field of each event of a set: the operand of sum, last ... */
    WF_SORT_MOMENT,       /* ANNIVERSARY (also moved by durations), CROSSING, EVERY */
    WF_SORT_MEMBER,       /* the word `member` */
    WF_SORT_FIGURE, /* of a metric: OVER, or arithmetic of such; base: INT, NUMBER or MONEY */
};

struct wf_enum {
    const struct wf_str **names; /* in the order declared: the position is the value */
    uint32_t n;
    bool ordered;               /* one of (a < b) */
    struct wf_symbol *classify; /* whose classes these are, or NULL */
};

struct wf_type_info {
    uint8_t sort;                /* enum wf_sort */
    uint8_t base;                /* enum wf_type of a VALUE or of EVENT_VALUES; else WF_T_NONE */
    bool optional;               /* may be missing (a bool: may be unknown for a missing value) */
    const struct wf_enum *enums; /* ENUM */
    struct wf_symbol *ref;       /* REF: the table's symbol, or the member's */
    struct wf_symbol *event;     /* EVENTS, EVENT_VALUES: the event's symbol */
};

/*
 * Conversions that lower makes: an INT operand beside a NUMBER becomes a number; of = and != with a
 * BOOL literal the other operand or its `not` remains. INT and NUMBER literals are already retyped
 * to what they meet (a literal of type MONEY: hundredths are num * 100 of an INT, num of a NUMBER).
 * A date where a window wants an instant (since, from ... to, older than, within) is its midnight.
 */

/* ---- readings of a node ---- */

enum wf_form {
    WF_FORM_NONE,
    WF_FORM_ANY,        /* NAME WINDOWED FILTER BY FOLLOWED: a condition, `any` of the event set
                           whose root is an `as` word (sym of that NAME: WF_SYM_WORD), or `sent` */
    WF_FORM_ENUM_VALUE, /* NAME: a value of its type's enum; num = the position */
    WF_FORM_ROW_FIELD,  /* NAME, FIELD: field of the event row at hand, inside [ ] and void when */
    WF_FORM_EVENT_VALUES, /* FIELD of an event set */
    WF_FORM_VIA_TABLE,    /* FIELD: base is a REF to a table; sym: the table's field */
    WF_FORM_VIA_MEMBER,   /* FIELD: base is a REF to another member; sym: the member field */
    WF_FORM_OWN_FIELD,    /* FIELD: `member.store`; sym: the member field */
    WF_FORM_IN_SET,       /* IN: SET is a value of type set, VALUE a text */
    WF_FORM_IN_SEGMENT,   /* IN: `member in lapsed`; the SET's sym is the segment */
    WF_FORM_IN_LIST,      /* IN: SET is a LIST of constants of the value's type */
    WF_FORM_TEMPLATE,     /* STRING with holes: kid[0] = its parts: STRING (literal text) or PROP
                             (a hole: VALUE = the expression, name = the fallback or NULL) */
    WF_FORM_SEGMENT_MOVE, /* CROSSING of `member`: TO's sym is the segment */
    WF_FORM_CLASS_MOVE,   /* CROSSING of a classify: TO's (and FROM's) num = the class's position */
    WF_FORM_WAIT_EVENT,   /* WAIT_FOR an event set */
    WF_FORM_WAIT_COND,    /* WAIT_FOR a condition */
};

/* ---- names ---- */

enum wf_symbol_kind {
    /* one scope: they meet in conditions */
    WF_SYM_FIELD, /* of a member */
    WF_SYM_EVENT,
    WF_SYM_WORD, /* of an event: `purchased`; event = the event's symbol */
    WF_SYM_LET,
    WF_SYM_SEGMENT,
    WF_SYM_CLASSIFY,
    WF_SYM_INVITEES, /* the `as` name of a member field of type member; field = that field */
    /* one scope: content */
    WF_SYM_MESSAGE,
    WF_SYM_COUPON,
    WF_SYM_GROUP,
    /* a scope each */
    WF_SYM_TABLE,
    WF_SYM_CHANNEL,
    WF_SYM_JOURNEY,
    WF_SYM_TRIGGER,
    WF_SYM_CLASS, /* of a classify */
    WF_SYM_METRIC,
    WF_SYM_CALENDAR,
    WF_SYM_STEP, /* of a journey */
    /* found through something else */
    WF_SYM_MEMBER,      /* the word `member` */
    WF_SYM_EVENT_FIELD, /* record = the event's */
    WF_SYM_TABLE_FIELD, /* record = the table's */
    WF_SYM_TEST_MEMBER, /* of one test */
    WF_SYM_POLICY,
    WF_SYM_ALIAS, /* never on a node: aliases are followed */
};

struct wf_module;
struct wf_record;
struct wf_field;

/* A module that declares a record, or a field of one, once more. */
struct wf_redeclared {
    struct wf_module *module;
    struct wf_node *node;
    struct wf_redeclared *next;
};

struct wf_symbol {
    uint8_t kind;  /* enum wf_symbol_kind */
    uint8_t state; /* while sema looks for cycles */
    bool used;
    bool tested; /* SEGMENT, CLASSIFY: a test asks for it */
    const struct wf_str *name;
    struct wf_node *node;            /* the declaration; NULL: built in */
    struct wf_module *module;        /* where it was declared first; NULL: built in, seen by all */
    const struct wf_type_info *type; /* VALUE names; CLASSIFY: the ENUM of its classes */
    struct wf_record *record;    /* EVENT, TABLE, MEMBER, and the fields: the record they are of */
    struct wf_field *field;      /* FIELD, EVENT_FIELD, TABLE_FIELD, INVITEES */
    struct wf_symbol *event;     /* WORD: its event */
    uint32_t index;              /* in its list of struct wf_checked; CLASS: its position */
    struct wf_redeclared *again; /* other modules that declare it (records, fields) */
    struct wf_symbol *next;      /* of the same scope and name, other modules */
};

/* ---- the merged schema ---- */

struct wf_field {
    const struct wf_str *name;
    const struct wf_str *column; /* the header to look for */
    const struct wf_str *format; /* or NULL */
    const struct wf_type_info *type;
    struct wf_symbol *sym;
    struct wf_node *decl;          /* the last FIELD_DECL; NULL: built in */
    struct wf_node *default_value; /* literal, typed; or NULL */
    struct wf_node *missing_as;    /* literal, typed; or NULL */
    const struct wf_str *invitees; /* the `as` name, or NULL */
    bool key, private_;
    uint32_t index; /* in record->fields */
};

struct wf_record {
    struct wf_symbol *sym;
    const struct wf_str *name;
    const struct wf_str *word;     /* EVENT: or NULL */
    const struct wf_str *pattern;  /* from "..."; NULL: `sent` */
    const struct wf_str *encoding; /* or NULL */
    struct wf_field **fields;
    uint32_t n_fields, room_fields;
    struct wf_node *unique_node; /* EVENT: the last UNIQUE, or NULL */
    struct wf_field **unique;    /* EVENT: in order */
    uint32_t n_unique;
    struct wf_field *key;               /* MEMBER, TABLE */
    struct wf_field *at;                /* EVENT: the field of type time called at */
    const struct wf_str *member_column; /* EVENT: `member_id` unless declared */
    struct wf_node *void_when;          /* VOID_WHEN or NULL */
    struct wf_node *node;               /* its last declaration; NULL: `sent` */
    struct wf_module *void_module;      /* whose void_when it is */
    int32_t complete_since;             /* days; INT32_MIN: not declared */
    bool may_be_empty, delta;
    bool sent;      /* the built-in event over the ledger */
    uint32_t index; /* in checked->events or tables; `sent`: UINT32_MAX */
};

/* ---- what the program is for ---- */

enum wf_rule_moment {
    WF_RULE_TIME,        /* moment: an expression of type date or time; one per member */
    WF_RULE_LAST,        /* the same, but it moves a `last E`: one per distinct last event */
    WF_RULE_ANNIVERSARY, /* moment: ANNIVERSARY, moved by durations (ADD, SUB round it) */
    WF_RULE_EVENT,       /* moment: an event set, moved by durations */
    WF_RULE_CROSSING,    /* moment: CROSSING */
    WF_RULE_CALENDAR,    /* moment: EVERY */
    WF_RULE_CONDITION,   /* no moment: `becomes` of the whole condition; moment = NULL */
};

/* A trigger's `when`, or a journey's `enter when`. */
struct wf_rule {
    struct wf_node *node;      /* TRIGGER or ENTER */
    struct wf_node *journey;   /* JOURNEY of an ENTER; NULL: a trigger */
    struct wf_node *condition; /* the whole `when` */
    struct wf_node *moment;    /* its leftmost and-term, or NULL */
    struct wf_node *core;   /* the moment without the durations that move it: the ANNIVERSARY, the
                               event set, `last E`, the field ...; through `let` names */
    struct wf_node **guard; /* the other and-terms in order (all of them for CONDITION) */
    uint32_t n_guard;
    uint8_t kind; /* enum wf_rule_moment */
    struct wf_module *module;
    const struct wf_str *identity; /* "module:name" (name alone in the main file), or an unnamed
                                      trigger's canonical text */
    const struct wf_str *was;      /* the identity it had before, or NULL */
};

struct wf_module {
    const struct wf_str *name; /* "std.retail", or the path as given to the loader */
    struct wf_node *node;      /* MODULE */
    uint32_t file;             /* index into the sources */
    struct wf_module **sees;   /* the modules whose names are visible here, itself included */
    uint32_t n_sees;
    bool embedded;
};

/* A growing list of one kind of declaration; each in dependency order of the modules. */
struct wf_nodes {
    struct wf_node **items;
    uint32_t n, room;
};

/* A condition that a warning is about, and what is said of it. */
struct wf_fact {
    const struct wf_node *node; /* RULE: its `when` */
    uint8_t mode;               /* enum wf_abs_mode (abs.h): known true, known false ... */
    bool in_class;              /* stands directly in a class's `when` */
    const struct wf_rule *rule; /* the moment of this rule has come, instead; or NULL */
};

/* What a warning rests on: of no member, or of no row of an event, all of these hold together
 * (W0507: of the member that its note shows, they do). */
struct wf_claim {
    uint32_t code; /* enum wf_code */
    struct wf_span span;
    const struct wf_fact *facts;
    uint32_t n_facts;
    const struct wf_record *row; /* the event whose rows are meant, or NULL: members */
    bool entered;                /* in a journey: `since entry` may be asked */
};

struct wf_checked {
    struct wf_arena arena;      /* owns everything but the strings */
    struct wf_module **modules; /* imported before importing; the main file last */
    uint32_t n_modules;
    bool testing; /* set by who compiles tests: what they ask of the library is lowered too */
    const struct wf_str *timezone;
    struct wf_node *merges;   /* MERGES or NULL */
    struct wf_record *member; /* NULL: none declared */
    struct wf_record **events, **tables;
    uint32_t n_events, room_events, n_tables, room_tables;
    struct wf_record *sent;
    struct wf_symbol *member_symbol;
    /* lets, segments and classifies: one that another one uses comes before it */
    struct wf_symbol **defs; /* LET SEGMENT CLASSIFY */
    uint32_t n_defs, room_defs;
    struct wf_nodes coupons, messages, groups, catalogues, costs, calendars;
    struct wf_nodes journeys, policies, metrics, tests;
    struct wf_symbol **channels; /* in the order their `reach` was declared */
    uint32_t n_channels, room_channels;
    struct wf_rule *rules; /* triggers, in dependency order of modules, then as written */
    uint32_t n_rules, room_rules;
    struct wf_rule *enters; /* by journey: enters[i] is of journeys.items[i] */
    uint32_t n_enters, room_enters;
    struct wf_symbol **names; /* all but fields of events and tables, steps, members of tests */
    uint32_t n_names, room_names;
    struct wf_claim *claims; /* of the warnings: tests judge them */
    uint32_t n_claims, room_claims;
};

/* The value of a literal (numbers, texts, dates, clocks, durations, names of an enumeration, NEG of
 * one) where a value of this type is wanted; missing for anything else, also a TIME (no zone).
 */
struct wf_value wf_literal(const struct wf_node *node, enum wf_type type);

/* "an amount of money", "a date", "a set of `purchase` events": for messages. */
const char *wf_type_text(const struct wf_type_info *type);
const char *wf_symbol_kind_text(enum wf_symbol_kind kind); /* "a segment" */

/* A private field has a part in a checked expression, also through a `let`; a segment or a class
 * says no more than its own name. */
bool wf_names_private(const struct wf_node *node);

#endif
