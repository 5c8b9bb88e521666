/*
 * abs.h - what the conditions of a checked program can mean, without any data: is there a member,
 * or an event's row, for whom all of these hold?
 *
 *   condition ─▶ formula over literals ─▶ search for a state in which all hold
 *                a literal: a variable is in a set of values, or has none
 *
 * A variable is what two places say something about: `points`, `count purchase in last 30d`,
 * `last purchase` measured back from now. What is not understood becomes a variable of its own that
 * may be anything. An answer of "impossible" is therefore a proof; "possible" proves nothing.
 *
 * Truth has three values, so a condition is asked in four ways (enum wf_abs_mode). A value in doubt
 * (counts and sums over events that could not be read, or were not yet seen) is an interval: what
 * is known true of it is true of all that it may be, so each state below stands for one of these.
 * Only "not known true" is different: it holds for some of them, each time perhaps for another.
 * Such a literal is lone: it is held against the known ones, never against another lone one.
 *
 * Work is bounded: one question visits at most so many literals, all of them together so many;
 * beyond that the answer is "undecided", which is silence.
 */
#ifndef WF_SEMA_ABS_H
#define WF_SEMA_ABS_H

#include "lang/base/value.h"
#include "lang/sema/check.h"
#include "lang/sema/ranges.h"

enum wf_abs_mode {
    WF_ABS_TRUE, /* known true */
    WF_ABS_FALSE,
    WF_ABS_NOT_TRUE, /* false or unknown */
    WF_ABS_NOT_FALSE,
    WF_ABS_MODES_
};

enum { WF_ABS_MISSING = 1, WF_ABS_UNSURE = 2 }; /* how a value may not be there */

/* What a variable may be: one of the values, or, by the bits of `without`, none. */
struct wf_states {
    struct wf_ranges values;
    uint8_t without;
};

/* The line on which a point of time is measured. A mark m of the first four is the number 2m, what
 * lies between two marks is odd. */
enum wf_axis {
    WF_AXIS_VALUE,  /* the value itself; of a time: local seconds */
    WF_AXIS_DAYS,   /* from now, in days */
    WF_AXIS_MONTHS, /* from now, in months */
    WF_AXIS_SECONDS,
    WF_AXIS_TODAY, /* its date from today, in whole days: 0, -1 ... without gaps */
};

enum wf_role {
    WF_ROLE_PLAIN,
    WF_ROLE_COUNT,  /* of a set of events; `any` and `no` ask whether it is 0 */
    WF_ROLE_SUM,    /* nothing there: 0; also distinct */
    WF_ROLE_PICKED, /* min, max, average, gap, hour, last E.f: there only if there are events */
    WF_ROLE_FIRST,  /* the time of the first event of a set */
    WF_ROLE_LAST,
    WF_ROLE_ORDER, /* of two others: -1 a < b, 0, 1 */
    WF_ROLE_TEXT,  /* a test of the text a: 0, 1 */
};

struct wf_var {
    uint32_t term; /* what it is the value of; ORDER: the comparison */
    uint8_t axis, role;
    uint8_t type;
    bool ranged;            /* its value may be in doubt between two ends */
    struct wf_states whole; /* before anything is said */
    uint32_t set;           /* of events, by role */
    uint32_t a, b;          /* ORDER, TEXT: of what; else b: the same point on the axis of days,
                               UINT32_MAX: none */
    const struct wf_node *node;
    uint32_t next; /* of the same hash */
    /* in a search */
    struct wf_states now;
    struct wf_ranges said; /* by literals alone, without what others say of it */
    bool spoken;           /* a literal did */
    uint32_t stamp;        /* of the search that last said something about it */
};

enum wf_formula_op { WF_F_HOLDS, WF_F_FAILS, WF_F_LITERAL, WF_F_BOTH, WF_F_EITHER };

struct wf_formula {
    uint8_t op;
    bool lone;
    uint32_t var;
    struct wf_states states;
    const struct wf_formula *a, *b;
    const struct wf_node *at; /* the condition that a literal stands for */
};

struct wf_term; /* an expression, the same wherever it is written: abs_term.c */
struct wf_set;  /* of events */
struct wf_memo {
    uint32_t term; /* 1 + index; 0: not yet */
    const struct wf_formula *formula[WF_ABS_MODES_];
    bool never; /* reported: users of the name hear no more of it */
};

struct wf_abs {
    struct wf_sema *s;
    struct wf_arena arena, scratch; /* of the analysis; of a search */
    struct wf_term *terms;
    size_t n_terms, room_terms;
    uint32_t *term_slots, *var_slots; /* by hash: 1 + index */
    uint32_t n_term_slots, n_var_slots;
    struct wf_var *vars;
    size_t n_vars, room_vars;
    struct wf_set *sets;
    size_t n_sets, room_sets;
    struct wf_memo *memos;     /* by index in checked->defs */
    struct wf_subset *subsets; /* answered already: abs_event.c */
    size_t room_subsets;
    /* in a search */
    uint32_t stamp, stamps; /* of this one; given so far */
    unsigned asking;        /* questions under way, each inside the one before */
    uint32_t *touched;
    size_t n_touched, room_touched;
    struct wf_saved *trail;
    size_t n_trail, room_trail;
    uint32_t steps;
    uint64_t work; /* steps of all searches */
};

void wf_abs_init(struct wf_abs *a, struct wf_sema *s);
void wf_abs_release(struct wf_abs *a);

static inline struct wf_room wf_abs_room(struct wf_abs *a)
{
    return (struct wf_room){&a->arena, &a->s->nomem};
}

/* ---- abs_term.c ---- */

/* What tells a term from others; kids are terms. */
struct wf_term {
    uint8_t kind, op;
    uint16_t flags;
    const void *ref; /* symbol or string */
    int64_t num;
    uint32_t kid[WF_MAX_KIDS];
    bool ranged;
    const struct wf_node *node; /* one place where it is written */
    uint32_t set;               /* 1 + index; 0: none made */
    uint32_t next;              /* of the same hash: 1 + index */
};

uint32_t wf_abs_term(struct wf_abs *a, const struct wf_node *node);
/* The number that stands for a text where texts are compared. */
uint32_t wf_abs_text(struct wf_abs *a, const struct wf_str *text);
/* A let stands for its value. */
const struct wf_node *wf_abs_through(const struct wf_node *node);
/* A term that is not written anywhere as such; kids are terms, UINT32_MAX: none. */
uint32_t wf_abs_made_term(struct wf_abs *a, const struct wf_term *term);
/* The variable; made if need be. `like` says all but the id, `whole` what it may be at all. */
uint32_t wf_abs_var(struct wf_abs *a, const struct wf_var *like);

/* ---- abs_event.c: sets of events ---- */

/* Conditions that all rows of a set meet; windows apart. */
struct wf_set {
    const struct wf_symbol *event;
    const struct wf_symbol *by;                         /* by invitees, or NULL */
    const struct wf_node **filters, **windows, **pairs; /* FILTER's COND; WINDOWED; FOLLOWED */
    uint32_t n_filters, n_windows, n_pairs;
    bool future; /* in next */
    bool odd;    /* not understood: equal only to itself */
};

/* The set that a node is of: the chain under `any`, count, sum, a field ...; UINT32_MAX: none. */
uint32_t wf_abs_set(struct wf_abs *a, const struct wf_node *node);
/*
 * Every event of `inner` is one of `outer`. With least_days: windows `in last W` of outer are not
 * asked; *least_days is the shortest of them, in days from now on (INT64_MAX: there is none).
 */
bool wf_abs_within(struct wf_abs *a, uint32_t inner, uint32_t outer, int64_t *least_days);
/* The longest that `in last W` of a set lets events lie back, in days; INT64_MAX: for ever. */
int64_t wf_abs_reach(struct wf_abs *a, uint32_t set);
/* A duration in whole days, at least and at most; false: not a duration. */
bool wf_abs_days(const struct wf_node *duration, int64_t *least, int64_t *most);

/* ---- abs_atom.c ---- */

/* left = right, left < right ...: `at` is the condition it stands in. */
const struct wf_formula *wf_abs_compare(struct wf_abs *a, const struct wf_node *at,
                                        const struct wf_node *left, enum wf_op op,
                                        const struct wf_node *right, enum wf_abs_mode mode);
/* A condition without and, or, not. */
const struct wf_formula *wf_abs_atom(struct wf_abs *a, const struct wf_node *node,
                                     enum wf_abs_mode mode, bool in_class);
/* There is an event of the set. */
const struct wf_formula *wf_abs_any(struct wf_abs *a, const struct wf_node *node, uint32_t set,
                                    enum wf_abs_mode mode);
/* A variable is in `values` where it has one: as the mode wants it. */
const struct wf_formula *wf_abs_literal(struct wf_abs *a, const struct wf_node *at, uint32_t var,
                                        struct wf_ranges values, enum wf_abs_mode mode);
/* It is known to be there (MISSING: known not to be). */
const struct wf_formula *wf_abs_there(struct wf_abs *a, const struct wf_node *at, uint32_t var,
                                      bool missing, enum wf_abs_mode mode);
/* The variable of an expression on an axis; of a point of time on any. */
uint32_t wf_abs_operand(struct wf_abs *a, const struct wf_node *node, enum wf_axis axis);
/* The point lies so many whole days back, or longer. */
const struct wf_formula *wf_abs_days_back(struct wf_abs *a, const struct wf_node *point,
                                          int64_t days);

/* ---- abs_formula.c ---- */

extern const struct wf_formula wf_formula_holds, wf_formula_fails;
const struct wf_formula *wf_abs_formula(struct wf_abs *a, const struct wf_node *cond,
                                        enum wf_abs_mode mode, bool in_class);
/* What a segment or a let stands for. */
const struct wf_formula *wf_abs_named(struct wf_abs *a, const struct wf_symbol *sym,
                                      enum wf_abs_mode mode);
const struct wf_formula *wf_abs_both(struct wf_abs *a, const struct wf_formula *x,
                                     const struct wf_formula *y);
const struct wf_formula *wf_abs_either(struct wf_abs *a, const struct wf_formula *x,
                                       const struct wf_formula *y);
/* A member is of the class. */
const struct wf_formula *wf_abs_class(struct wf_abs *a, const struct wf_node *at,
                                      const struct wf_symbol *classify, uint32_t position,
                                      enum wf_abs_mode mode);
enum wf_abs_mode wf_abs_opposite(enum wf_abs_mode mode); /* what is asked under a `not` */

/* ---- abs_solve.c ---- */

enum wf_abs_answer { WF_ABS_IMPOSSIBLE, WF_ABS_POSSIBLE, WF_ABS_UNDECIDED };

/* Can all of them hold together? After "possible" the variables hold one state (wf_var.now). */
enum wf_abs_answer wf_abs_solve(struct wf_abs *a, const struct wf_formula *const *all, uint32_t n);
/* Puts a variable into these states too, by a literal or by what others say of it; false: nothing
 * is left of it. */
bool wf_abs_meet(struct wf_abs *a, uint32_t var, struct wf_states states, bool literal);

/* ---- abs_link.c: what one variable says of another ---- */

/* Applies it to all that were touched, until nothing changes. False: they contradict. */
bool wf_abs_settle(struct wf_abs *a);

#endif
