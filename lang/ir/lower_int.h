/*
 * lower_int.h - what the lower_*.c files share; nobody else includes it.
 *
 * An expression lowers to a struct val: its value, and how far undecided events and the unseen past
 * put it in doubt.
 *
 *   node  the value where it is certain, else missing (bool: else unknown)
 *   lo hi the least and the most it can be (count, sum, and arithmetic of them), else WF_NONE
 *   sure  bool node: nothing puts it in doubt; WF_NONE: nothing ever does
 */
#ifndef WF_IR_LOWER_INT_H
#define WF_IR_LOWER_INT_H

#include "lang/ir/build.h"
#include "lang/ir/lower.h"

struct val {
    uint32_t node, lo, hi, sure;
};

struct def { /* a let, segment or classify that was lowered */
    bool done;
    struct val val;       /* LET, SEGMENT */
    uint32_t first_class; /* CLASSIFY: its first row of ir->classes */
};

struct lowering {
    const struct wf_checked *checked;
    const struct wf_sources *sources;
    struct wf_ir *ir;
    struct wf_irb b;
    struct def *defs; /* by index in checked->defs */
    uint32_t *files;  /* text of each source's name, WF_NONE: not yet */
    uint32_t view;    /* inside [ ] and void when: the view whose row is at hand; else WF_NONE */
    uint32_t entry_until; /* in a goal: where its `since entry` windows end; WF_NONE: they do not */
    bool enters_by_last;  /* the entry is the very time of a first or last event */
    bool clamped;         /* one of them was ended */
    bool spare;           /* in what no rule of tonight says: its columns may be absent */
    bool in_classify;     /* directly under a class's `when`: being no candidate is no match */
};

#define NOT_DOUBTFUL WF_NONE

static inline struct val exact(uint32_t node)
{
    return (struct val){node, WF_NONE, WF_NONE, NOT_DOUBTFUL};
}
static inline bool has_bounds(struct val v)
{
    return v.lo != WF_NONE;
}

/* ---- lower.c ---- */

/* The tree holds what sema should have refused. */
uint32_t refuse(struct lowering *l, const char *why);
uint32_t place_of(struct lowering *l, struct wf_span span);
uint32_t str_text(struct lowering *l, const struct wf_str *s); /* WF_NONE for NULL */
/* The node of one, two and three operands; a MEMBER operand beside an event's is lifted. */
uint32_t mk1(struct lowering *l, enum wf_ir_op op, uint32_t x);
uint32_t mk2(struct lowering *l, enum wf_ir_op op, uint32_t x, uint32_t y);
uint32_t mk3(struct lowering *l, enum wf_ir_op op, uint32_t x, uint32_t y, uint32_t z);
enum wf_type type_of(const struct lowering *l, uint32_t node);
uint32_t missing(struct lowering *l, enum wf_type type);
/* A and B where either may be WF_NONE, meaning true. */
uint32_t both(struct lowering *l, uint32_t a, uint32_t b);

/* ---- lower_schema.c ---- */

void lower_schema(struct lowering *l);
void lower_void_when(struct lowering *l); /* of events that are read, at the end */
uint32_t lower_const(struct lowering *l, const struct wf_node *literal, enum wf_type type);
/* An input of the member's record; implied: the program reads it of itself, no rule names it. */
uint32_t member_input(struct lowering *l, const struct wf_field *field, const struct wf_field *via,
                      bool implied);
/* The key of the record that a field refers to; NULL: it holds a plain value. */
const struct wf_field *referred_key(const struct wf_field *field);
uint32_t event_column(struct lowering *l, uint32_t view, const struct wf_record *record,
                      const struct wf_field *field, const struct wf_field *via);
/* The member's field of that name, NULL where the schema has none. */
const struct wf_field *member_field(const struct lowering *l, const char *name);

/* ---- lower_expr.c ---- */

struct val lower_expr(struct lowering *l, const struct wf_node *node);
uint32_t lower_cond(struct lowering *l, const struct wf_node *node);
/* A literal duration as days, months or seconds; unit WF_T_NONE for NULL. */
struct wf_ir_duration duration_of(struct lowering *l, const struct wf_node *node);
uint32_t duration_const(struct lowering *l, const struct wf_node *node, bool negative);
/* A point of time: dates are their midnight. */
struct val lower_point(struct lowering *l, const struct wf_node *node);

/* ---- lower_doubt.c: arithmetic and comparison of values in doubt ---- */

struct val val_compare(struct lowering *l, enum wf_op op, struct val a, struct val b);
struct val val_arith(struct lowering *l, enum wf_op op, enum wf_type type, struct val a,
                     struct val b);
struct val val_neg(struct lowering *l, struct val a);
struct val val_or_else(struct lowering *l, struct val a, struct val b);
struct val val_is(struct lowering *l, struct val a, bool present);
/* The same operation over one or two values of which only certainty is asked. */
struct val val_1(struct lowering *l, enum wf_ir_op op, struct val a);
struct val val_2(struct lowering *l, enum wf_ir_op op, struct val a, struct val b);
struct val val_to_number(struct lowering *l, struct val a);

/* ---- lower_events.c ---- */

/* A set of events: rows of a view. */
struct set {
    uint32_t view;
    const struct wf_record *record;
    uint32_t user;   /* bool node: the filter as written; WF_NONE: every event */
    uint32_t window; /* bool node or WF_NONE */
    uint32_t starts; /* bool node: the window begins when the history is complete; WF_NONE: it
                        reaches back for ever */
    bool future;     /* `in next`: looks at events that are yet to happen */
};
struct set lower_set(struct lowering *l, const struct wf_node *node);
uint32_t set_filter(struct lowering *l, const struct set *set);
uint32_t set_at(struct lowering *l, const struct set *set);
/* Bool node over the set's rows: from the entry on, and not the event that entered. */
uint32_t since_entry(struct lowering *l, const struct set *set);
/* RUN bool node: the history covers the set's window. */
uint32_t set_seen(struct lowering *l, const struct set *set);
struct val lower_agg(struct lowering *l, const struct wf_node *node);
struct val any_of(struct lowering *l, const struct set *set);
uint32_t agg_row(struct lowering *l, enum wf_ir_agg_kind kind, enum wf_type type,
                 const struct set *set, uint32_t value);
struct val lower_windowed_value(struct lowering *l, const struct wf_node *node);

/* ---- lower_population.c ---- */

struct val lower_top(struct lowering *l, const struct wf_node *node);
struct val lower_quantile(struct lowering *l, const struct wf_node *node);
const struct def *lower_def(struct lowering *l, const struct wf_symbol *sym);
/* The class as a value: the position of the first that matches. */
struct val lower_classify_value(struct lowering *l, const struct wf_symbol *sym);
/* A value that people read: a class by its name. */
uint32_t lower_readable(struct lowering *l, const struct wf_node *node);
uint32_t class_match(struct lowering *l, const struct wf_symbol *sym, uint32_t position);

/* ---- lower_trigger.c, lower_watch.c, lower_atoms.c, lower_action.c ---- */

void lower_triggers(struct lowering *l);
/* The row of ir->triggers by which the journey of that number is entered. */
uint32_t lower_entry(struct lowering *l, const struct wf_rule *enter, uint32_t journey);
/* Nothing lies between the moment and the event or field it is of. */
bool is_unmoved(struct lowering *l, const struct wf_rule *rule);
int64_t signed_int(const struct wf_node *literal); /* INT, or NEG of one */
uint32_t watch_condition(struct lowering *l, const struct wf_rule *rule);
uint32_t watch_segment(struct lowering *l, const struct wf_symbol *sym);
uint32_t watch_class(struct lowering *l, const struct wf_symbol *sym, uint32_t position);
uint32_t canonical_text(struct lowering *l, const struct wf_node *node);
/* Of the structure that members in flight keep: exit, goal and steps, with all they use. */
uint64_t journey_hash(struct lowering *l, const struct wf_node *journey);
/* Atoms of a rule into ir->atoms: the moment's (node WF_NONE: none), then each guard's. */
void lower_atoms(struct lowering *l, const struct wf_rule *rule, uint32_t moment_node,
                 struct wf_ir_trigger *t);
/* An atom for each and-term of a condition; one for an event set, answering its row. */
void condition_atoms(struct lowering *l, const struct wf_node *cond, uint32_t *first_out,
                     uint32_t *count_out);
uint32_t event_atom(struct lowering *l, const struct wf_node *what, uint32_t filter,
                    const struct set *set);
uint32_t lower_action(struct lowering *l, const struct wf_node *action); /* row of ir->actions */
void lower_contents(struct lowering *l); /* all coupons and messages, after all actions */

/* ---- lower_journey.c, lower_policy.c: after lower_triggers ---- */

void lower_journeys(struct lowering *l);
void lower_policies(struct lowering *l);
void lower_metrics(struct lowering *l); /* lower_metric.c */
#endif
