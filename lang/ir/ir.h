/*
 * ir.h - the program as a graph of typed nodes, and the records that hang on it.
 *
 * One struct wf_ir is a whole program: what it reads (inputs, views), what it computes (nodes,
 * aggregates, population figures) and what it is for (segments, classes, rules, actions). lower
 * fills it from the checked AST, opt_* rewrite it, emit makes code of it, and it is stored in the
 * compiled program beside that code, because `explain`, reasons, texts and the row evaluator read
 * it.
 *
 *   nodes   [0] [1] [2] ...      node i only refers to nodes < i: no cycles, one pass verifies
 *   names   every string is an index into `texts` (UTF-8, may be empty); WF_NONE means absent
 *
 * All arrays live in the owner's arena (ir->arena). Indices are uint32_t, WF_NONE = none.
 */
#ifndef WF_IR_IR_H
#define WF_IR_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/arena.h"
#include "lang/base/calendar.h"
#include "lang/base/type.h"
#include "lang/base/value.h"
#include "lang/ir/ir_metric.h"

#define WF_NONE UINT32_MAX

enum { WF_SHARE_ALL = 1000000 }; /* holdouts, arms of a split and percentages are parts of this */

enum wf_ir_op {
#define IR(name, text, args) WF_IR_##name,
#include "lang/ir/ir_op.def"
#undef IR
    WF_IR_COUNT_
};

/* The letters of ir_op.def for an operation ("nn-"), and its name in dumps. */
const char *wf_ir_op_args(uint8_t op);
const char *wf_ir_op_name(uint8_t op);

/* Domains: 0, 1, or WF_DOM_EVENT + view. */
enum { WF_DOM_RUN = 0, WF_DOM_MEMBER = 1, WF_DOM_EVENT = 2 };

/* PARAM: what the run knows before any row. */
enum wf_ir_param {
    WF_PARAM_NOW,   /* time: T */
    WF_PARAM_TODAY, /* date: T's local date */
    WF_PARAM_SINCE, /* time: views[b]'s event is complete from here; missing: from ever */
    WF_PARAM_FLOOR, /* time: the earliest due that triggers[b] may act on tonight */
    WF_PARAM_COUNT_,
};

enum wf_ir_part {
    WF_PART_VALUE, /* the aggregate over known events; missing where there is none or an undecided
                      event could change it */
    WF_PART_LO,    /* count, sum, distinct: the least it can be; missing: no bound */
    WF_PART_HI,    /* count, sum, distinct: the most it can be;  missing: no bound */
    WF_PART_SURE,  /* bool, always known: no undecided event bears on it */
    WF_PART_COUNT_,
};

struct wf_ir_node {
    uint8_t op;   /* enum wf_ir_op */
    uint8_t type; /* enum wf_type of the result */
    uint16_t domain;
    uint32_t a, b, c;
    uint32_t place; /* index into places, or WF_NONE */
};

struct wf_ir_place {
    uint32_t file; /* index into texts */
    uint32_t line, column;
};

/* The fields of the built-in event `sent` (an input of a `sent` view has record WF_NONE). */
enum wf_sent_field {
    WF_SENT_AT,   /* time */
    WF_SENT_NAME, /* text, and so the others */
    WF_SENT_KIND,
    WF_SENT_CHANNEL,
    WF_SENT_JOURNEY,
    WF_SENT_STEP,
};

/* A column that the program reads. path: field, or via.field through a table or another member. */
struct wf_ir_input {
    uint16_t domain; /* WF_DOM_MEMBER or an event view */
    uint8_t type;
    uint8_t needed;     /* 1: a condition reads it; 0: only texts and output read it */
    uint8_t implied;    /* 1: no rule names it (joined, owner ...): the column may be absent */
    uint32_t record;    /* 0: the member schema; else 1 + index of the event in the schema;
                           WF_NONE: the built-in `sent`, field is an enum wf_sent_field */
    uint32_t field;     /* index into that record's fields */
    uint32_t via_field; /* WF_NONE, or the field of the referred record that is meant */
};

/* A set of event rows grouped by a member: the event's own, or another member's (`by invitees`). */
struct wf_ir_view {
    uint32_t event; /* index into schema events */
    uint32_t by;    /* WF_NONE: the row's own member; else the member field (of type member)
                       that refers to the member it is grouped under */
    bool sent;      /* the built-in `sent`: rows come from the ledger, event is WF_NONE */
};

enum wf_ir_agg_kind {
    WF_AGG_COUNT,   /* int */
    WF_AGG_SUM,     /* of value: int, number (exact, rounded once), money */
    WF_AGG_AVERAGE, /* of value -> number */
    WF_AGG_MIN,
    WF_AGG_MAX,
    WF_AGG_DISTINCT, /* of value -> int, missing values skipped */
    WF_AGG_FIRST,    /* the row's time; ties by the unique fields, then the row's bytes */
    WF_AGG_LAST,
    WF_AGG_FIRST_OF, /* value of that row */
    WF_AGG_LAST_OF,
    WF_AGG_GAP,  /* days: (last distinct local day - first) / (distinct days - 1), half up */
    WF_AGG_HOUR, /* clock: the local hour seen most, ties to the earlier */
    WF_AGG_COUNT_,
};

/*
 * One reduction of a view's rows to a value a member. A row counts where filter is true; it is
 * undecided where filter is unknown. Rows alike in the first unique field are one event for
 * everything but SUM, AVERAGE, MIN, MAX and DISTINCT (which are over rows).
 */
struct wf_ir_agg {
    uint8_t kind, type;
    uint32_t view;
    uint32_t filter; /* event-domain bool node; holds the window and DOUBTED */
    uint32_t value;  /* event-domain node, or WF_NONE */
};

enum wf_ir_pop_kind { WF_POP_TOP, WF_POP_BOTTOM, WF_POP_QUANTILE, WF_POP_RANK, WF_POP_COUNT_ };

struct wf_ir_pop {
    uint8_t kind, type;
    bool percent;   /* TOP, BOTTOM: n is a percentage, else a number of members */
    bool no_match;  /* outside `among` or lacking X: false instead of unknown (classify) */
    int64_t n;      /* TOP, BOTTOM: members, or hundredths of a percent; QUANTILE: the parts */
    uint32_t x;     /* MEMBER node */
    uint32_t among; /* MEMBER bool node or WF_NONE */
    uint32_t per;   /* MEMBER node or WF_NONE */
};

/* ANNIVERSARY: the offset added to each anniversary, and where Feb 29 falls in a common year. */
struct wf_ir_anniv {
    int64_t months, days, seconds;
    uint8_t feb29; /* enum wf_feb29 (calendar.h) */
};

/* FOLLOWED: some row of `view` for which filter is true, strictly later than this row's time, by at
 * most within. */
struct wf_ir_follow {
    uint32_t view, filter;
    uint8_t unit; /* WF_T_DAYS, WF_T_MONTHS or WF_T_SECONDS */
    int64_t within;
};

/* ---- schema ---- */

struct wf_ir_field {
    uint32_t name, column; /* texts; column: the header to look for */
    uint8_t type;
    bool optional, private_, key, has_default;
    uint32_t default_const, missing_as; /* consts or WF_NONE */
    uint32_t format;                    /* texts or WF_NONE: "%d/%m/%Y" */
    uint32_t enums_first, enums_count;  /* ENUM: texts in `enum_names` */
    uint32_t ref;                       /* REF: 0 = the member, else 1 + table index */
};

struct wf_ir_record {    /* member, event or table */
    uint32_t name, word; /* word: the `as` name or WF_NONE */
    uint32_t pattern;    /* from "..." */
    uint32_t encoding;   /* WF_NONE: UTF-8 */
    uint32_t fields_first, fields_count;
    uint32_t unique_first, unique_count; /* into `uniques`: field indices, in order */
    uint32_t void_when;              /* event-domain node of the record's own view, or WF_NONE */
    uint32_t at_field, member_field; /* events: the field of type time called at; the member's id */
    int32_t complete_since;          /* events: days, INT32_MIN: not declared */
    bool may_be_empty, delta;
    uint32_t place;
};

/* ---- what the program is for ---- */

struct wf_ir_segment {
    uint32_t name, cond;
    uint32_t atoms_first, atoms_count; /* its and-terms, for `test` and `explain` */
    uint32_t place;
};
struct wf_ir_class {                   /* one value of a classify */
    uint32_t classify, name;           /* texts */
    uint32_t match;                    /* bool node: unknown if an earlier one is unknown */
    uint32_t atoms_first, atoms_count; /* of its own `when` */
    uint32_t place;
};

enum wf_moment {
    WF_MOMENT_TIME,        /* due: MEMBER node (time); key: the member */
    WF_MOMENT_ANNIVERSARY, /* due: MEMBER ANNIVERSARY node, year: ANNIV_YEAR node; key: the year */
    WF_MOMENT_EVENT,       /* view, filter, due: event-domain nodes; key: first unique field */
    WF_MOMENT_LAST,        /* due: MEMBER node; key: the last event of agg_last (kind LAST) */
    WF_MOMENT_CROSSING,    /* watch; key: the run */
    WF_MOMENT_CALENDAR,    /* calendar; key: the date */
    WF_MOMENT_COUNT_,
};

enum wf_calendar_kind {
    WF_CAL_WEEKDAY,
    WF_CAL_MONTH_DAY,
    WF_CAL_EVERY_DAYS,
    WF_CAL_ON_DATE,
    WF_CAL_COUNT_,
};
struct wf_ir_calendar {
    uint8_t kind;
    uint8_t weekdays; /* bit 0 = Monday */
    int32_t n;        /* MONTH_DAY: 1..31, clamped to the month's end; EVERY_DAYS: how many */
    int32_t from;     /* EVERY_DAYS, ON_DATE: days since 1970-01-01 */
};

/* A condition whose crossing is watched; its meaning is its hash: another hash only records. */
struct wf_ir_watch {
    uint32_t name; /* texts: "lapsed", "value=super", or the canonical condition */
    uint32_t cond; /* MEMBER bool node */
    uint64_t hash; /* of the definition, everything it uses included */
};

/* A named part of a condition, for reasons and explain. */
struct wf_ir_atom {
    uint32_t text;                     /* the source, canonical English */
    uint32_t node;                     /* its bool node (MEMBER; or the moment's due node) */
    uint32_t shows_first, shows_count; /* into `shows`: values worth showing */
    uint32_t place;
};
struct wf_ir_show {
    uint32_t label, node; /* "joined", its node */
};

struct wf_ir_duration {
    int64_t count;
    uint8_t unit; /* WF_T_NONE: not given; else WF_T_DAYS, WF_T_MONTHS, WF_T_SECONDS */
};

struct wf_ir_trigger {
    uint32_t name;     /* texts; WF_NONE when unnamed */
    uint32_t identity; /* texts: what names the rule for ever (its name and what its moment is of,
                          or its canonical text) */
    uint32_t was;      /* texts: the identity it had before, or WF_NONE */
    uint8_t moment;    /* enum wf_moment */
    bool due_is_date;  /* due at a local midnight */
    bool missed_after; /* grace counts from the midnight after due (an event, or offset >= 0) */
    bool leaves;       /* CROSSING: true -> false */
    uint32_t due, year, view, filter, agg_last;
    uint32_t watch, from_watch; /* from_watch: `value becomes lapsed from super`, or WF_NONE */
    struct wf_ir_calendar calendar;
    uint32_t guard; /* bool node: MEMBER, or of the event's view (LIFTed); WF_NONE: none */
    uint32_t due_le_now, due_ge_floor; /* bool nodes of due's domain: due <= NOW, due >= FLOOR;
                                          WF_NONE for CROSSING and CALENDAR */
    struct wf_ir_duration grace, backfill, again_after; /* grace not given = 1d */
    int32_t holdout;                                    /* parts of 1,000,000; 0: none */
    int64_t priority;
    uint32_t salt; /* texts or WF_NONE */
    uint32_t atoms_first, atoms_count;
    uint32_t actions_first, actions_count;
    uint32_t journey; /* the journey that this occurrence enters: then there are no actions, and
                         once, again, holdout and priority are the journey's; else WF_NONE */
    uint32_t place;
};

enum wf_action_kind {
    WF_ACT_SEND,   /* name: a message (or WF_NONE), coupon: WF_NONE or one */
    WF_ACT_COUPON, /* send coupon */
    WF_ACT_GRANT,
    WF_ACT_POINTS,
    WF_ACT_TAG,
    WF_ACT_UNTAG,
    WF_ACT_SET,
    WF_ACT_TASK,
    WF_ACT_INVITE,
    WF_ACT_EMIT,
    WF_ACT_COUNT_,
};

struct wf_ir_action {
    uint8_t kind;
    bool to_inviter, to_store; /* to_store: task store */
    uint32_t name;             /* message, coupon code, tag, field, group, topic: texts */
    uint32_t coupon;           /* texts or WF_NONE */
    uint32_t channel;          /* texts or WF_NONE: any */
    uint32_t text;             /* templates: what the member or the staff member reads; WF_NONE */
    uint32_t value;            /* MEMBER node: points, set; WF_NONE */
    uint32_t at, at_text;      /* not before: a MEMBER clock of the receiver, its words; WF_NONE */
    struct wf_ir_duration due; /* task */
    uint32_t pairs_first, pairs_count; /* EMIT: into `pairs` */
    uint32_t place;
};
struct wf_ir_pair {
    uint32_t key, node;
};

/* A text with holes: parts in order; a part is literal text or a node with its fallback. */
struct wf_ir_part_of_text {
    uint32_t text;     /* texts, or WF_NONE when it is a hole */
    uint32_t node;     /* MEMBER node of a hole */
    uint32_t fallback; /* texts or WF_NONE */
};
struct wf_ir_template {
    uint32_t language; /* texts: "", "zh", "en" */
    uint32_t parts_first, parts_count;
    uint32_t next; /* the same text in the next language, or WF_NONE */
};

struct wf_ir_content { /* a coupon or a message */
    uint32_t name, label;
    bool coupon;
    int64_t value; /* coupon: hundredths */
    int64_t stock; /* -1: unlimited */
    struct wf_ir_duration valid;
    uint32_t text;   /* template or WF_NONE */
    uint32_t prefer; /* coupon `prefer by X`: MEMBER node, the largest first; WF_NONE: not said */
};

/* ---- journeys: a state machine per member; jumps are resolved, `go` is gone ---- */

enum wf_step_kind {
    WF_STEP_ACT,            /* actions[action] */
    WF_STEP_WAIT,           /* wait: from when the step was reached */
    WF_STEP_UNTIL_CLOCK,    /* n: seconds of the day */
    WF_STEP_UNTIL_WEEKDAY,  /* n: 0 = Monday */
    WF_STEP_UNTIL_POINT,    /* node: RUN time (a date is its midnight) */
    WF_STEP_UNTIL_BUSINESS, /* holidays */
    WF_STEP_FOR_EVENT,      /* view, filter, wait: up to (unit NONE: for ever) */
    WF_STEP_FOR_COND,       /* node, wait: likewise */
    WF_STEP_IF,             /* node */
    WF_STEP_SPLIT,          /* arms */
    WF_STEP_MILESTONE,      /* name */
    WF_STEP_LABEL,          /* name: `step NAME:` */
    WF_STEP_LEAVE,
    WF_STEP_COUNT_,
};

/* Steps are numbered within their journey from 0, where members begin; every jump leads to a later
 * one, or to WF_NONE: the end, which is as LEAVE. */
struct wf_ir_step {
    uint8_t kind;   /* enum wf_step_kind */
    uint32_t name;  /* LABEL, MILESTONE: texts; else WF_NONE */
    uint32_t label; /* the LABEL at or before it in the text: texts; WF_NONE: none yet, "start" */
    uint32_t text;  /* the step in canonical English, without its blocks: texts */
    uint32_t next;  /* FOR_EVENT, FOR_COND: it came; IF: known true; SPLIT, LEAVE: WF_NONE */
    uint32_t other; /* FOR_EVENT, FOR_COND: it did not come in time; IF: known false */
    uint32_t after; /* IF: unknown */
    uint32_t node, view, filter;
    struct wf_ir_duration wait;
    int64_t n;
    uint32_t action, position; /* ACT: row of `actions`; its number among the journey's */
    uint32_t holidays;         /* UNTIL_BUSINESS: row of `holidays` */
    uint32_t arms_first, arms_count;
    uint32_t atoms_first, atoms_count; /* of its condition */
    uint32_t place;
};

struct wf_ir_arm {
    uint32_t label; /* texts */
    int32_t share;  /* parts of 1,000,000; the arms of a split add up to that */
    uint32_t next;
};

enum wf_again { WF_AGAIN_ONCE, WF_AGAIN_AFTER, WF_AGAIN_ALWAYS, WF_AGAIN_COUNT_ };

enum wf_goal_kind {
    WF_GOAL_NONE,
    WF_GOAL_EVENT, /* view, filter: the first such event from the entry on (but for the one that
                      entered), its own time tells when */
    WF_GOAL_COND,  /* node: bool, tested each night */
    WF_GOAL_VALUE, /* node: int, number or money */
    WF_GOAL_COUNT_,
};

struct wf_ir_journey {
    uint32_t name;
    uint32_t identity; /* texts: what names it for ever: its module and name */
    uint32_t was;      /* texts: the identity it had before, or WF_NONE */
    uint32_t salt;     /* texts or WF_NONE: its identity at birth */
    uint32_t trigger;  /* its entry; WF_NONE: pinned, nobody enters */
    uint32_t entered;  /* the view whose events enter (moment EVENT), WF_NONE: none does */
    uint8_t again_kind;
    struct wf_ir_duration again;     /* AFTER: calendar days from leaving */
    uint32_t exit;                   /* MEMBER bool node or WF_NONE */
    uint32_t exit_first, exit_count; /* atoms */
    uint8_t goal_kind;
    bool goal_clamped; /* COND, VALUE: its `since entry` windows end with goal_within, so a later
                          night still answers for that span */
    uint32_t goal_view, goal_filter, goal_node;
    struct wf_ir_duration goal_within; /* unit NONE: while the member is in the journey */
    uint32_t goal_text;                /* canonical, or WF_NONE */
    int32_t holdout;                   /* parts of 1,000,000 */
    int64_t priority;
    struct wf_ir_duration grace; /* of each action; not given = 1d */
    uint32_t steps_first, steps_count;
    uint32_t actions_first, actions_count;
    uint64_t hash; /* of the structure: steps, exit and goal with everything they use */
    bool pinned;   /* a version that only members in flight still walk */
    uint32_t migrations_first, migrations_count;
    uint32_t place;
};

/* migrate from NAME@HASH { ... }: where the members of an older structure go on. */
struct wf_ir_migration {
    uint32_t name, hash; /* texts, as written */
    uint32_t maps_first, maps_count;
    uint32_t place;
};
struct wf_ir_migration_map {
    uint32_t from; /* texts: the old label, or "start" */
    uint32_t to;   /* a step of the new structure; WF_NONE: leave */
};

/* Which days are business days: a file of holidays and working weekends. */
struct wf_ir_holidays {
    uint32_t name, pattern; /* texts */
    uint32_t place;
};

/* ---- policies: several blocks combine to the strictest ---- */

struct wf_ir_policy {
    uint32_t name; /* texts or WF_NONE */
    bool locked;
    uint32_t scope;  /* MEMBER bool node; WF_NONE: everyone. It applies unless known false */
    int32_t holdout; /* the house's: parts of 1,000,000; 0: none */
    int64_t volume;  /* the most actions of one night; -1: not said */
    uint32_t place;
};

struct wf_ir_channel { /* in the order their `reach` was declared */
    uint32_t name, place;
};

/* Every item names its policy's row. text: the item in canonical English. */
struct wf_ir_reach {
    uint32_t policy, channel; /* row of `channels` */
    uint32_t cond;            /* MEMBER bool node: reached where known true */
    uint32_t text, place;
};

enum wf_quiet_kind { WF_QUIET_DEFER, WF_QUIET_DROP, WF_QUIET_NONE, WF_QUIET_COUNT_ };
struct wf_ir_quiet {
    uint32_t policy;
    uint8_t kind;
    int32_t from, to; /* seconds of the day, from != to; over midnight where from > to */
    uint32_t text, place;
};

enum wf_capped {
    WF_CAPPED_SEND,
    WF_CAPPED_COUPON,
    WF_CAPPED_TASK,
    WF_CAPPED_INVITE,
    WF_CAPPED_COUNT_
};
/* SPAN: a duration; else the calendar's, in the program's zone; a week begins on Monday. */
enum wf_period { WF_PER_SPAN, WF_PER_DAY, WF_PER_WEEK, WF_PER_MONTH, WF_PER_COUNT_ };
enum wf_on_full { WF_FULL_DROP, WF_FULL_DEFER, WF_FULL_COUNT_ };
struct wf_ir_cap {
    uint32_t policy;
    uint8_t kind; /* enum wf_capped */
    int64_t n;    /* 0 forbids */
    uint8_t period;
    struct wf_ir_duration span; /* SPAN */
    uint32_t channel;           /* texts or WF_NONE: by any */
    bool per_owner, per_store;  /* else per member (per `contact` where there is one) */
    uint8_t on_full;
    struct wf_ir_duration defer; /* DEFER */
    uint32_t text, place;
};

enum wf_spent { WF_SPENT_COUPON, WF_SPENT_CHANNEL, WF_SPENT_COUNT_ };
struct wf_ir_budget {
    uint32_t policy;
    uint8_t kind;   /* enum wf_spent: a coupon's value, a channel's cost */
    uint32_t name;  /* texts: the coupon (WF_NONE: all of them) or the channel */
    int64_t amount; /* hundredths */
    uint8_t period; /* enum wf_period, never SPAN */
    uint32_t text, place;
};

/*
 * pause [journey J] when count E > p% of count F [at least n]: left > right trips it. The counts
 * are over all members: the events of `view` for which `filter` (an output of the program) is true,
 * those for which it is unknown are undecided. seen: RUN bool node, true where the history covers
 * the window (WF_NONE: it does); elsewhere the count has no upper bound.
 */
struct wf_ir_side {
    uint32_t view, filter; /* WF_NONE: no count, the number `constant` */
    uint32_t seen;
    int64_t times; /* millionths that it is multiplied by; 1,000,000: once */
    int64_t constant;
};
struct wf_ir_breaker {
    uint32_t policy;
    uint32_t journey; /* row of `journeys`; WF_NONE: everything */
    bool or_equal;    /* >= */
    bool base_left;   /* at_least is asked of the left count, not of the right one */
    struct wf_ir_side left, right;
    int64_t at_least; /* it trips only where the base (a plain count) is that much; 0: not said */
    uint32_t text, place;
};
struct wf_ir_freeze { /* pause journey J */
    uint32_t policy, journey;
    uint32_t place;
};

struct wf_ir_cost {
    uint32_t channel; /* texts */
    int64_t amount;   /* hundredths for each send */
    uint32_t place;
};

/* A list of coupons or of messages among the exports. */
struct wf_ir_catalogue {
    uint32_t name, pattern; /* texts */
    bool coupon;
};
struct wf_ir_listed { /* what actions name and nothing declares: a catalogue must have it */
    uint32_t name;
    bool coupon;
};

struct wf_ir_list {        /* IN: constants */
    uint32_t first, count; /* into `list_items`, which index consts */
};

/* Declares `type *name; uint32_t n_name; uint32_t room_name;` for each growing table below. */
#define WF_IR_TABLES(X)                                                                            \
    X(const struct wf_str *, texts)                                                                \
    X(struct wf_value, consts)                                                                     \
    X(struct wf_ir_list, lists)                                                                    \
    X(uint32_t, list_items)                                                                        \
    X(struct wf_ir_place, places)                                                                  \
    X(struct wf_ir_node, nodes)                                                                    \
    X(struct wf_ir_input, inputs)                                                                  \
    X(struct wf_ir_view, views)                                                                    \
    X(struct wf_ir_agg, aggs)                                                                      \
    X(struct wf_ir_pop, pops)                                                                      \
    X(struct wf_ir_anniv, annivs)                                                                  \
    X(struct wf_ir_follow, follows)                                                                \
    X(struct wf_ir_field, fields)                                                                  \
    X(uint32_t, enum_names)                                                                        \
    X(uint32_t, uniques)                                                                           \
    X(struct wf_ir_record, events)                                                                 \
    X(struct wf_ir_record, tables)                                                                 \
    X(struct wf_ir_segment, segments)                                                              \
    X(struct wf_ir_class, classes)                                                                 \
    X(struct wf_ir_watch, watches)                                                                 \
    X(struct wf_ir_atom, atoms)                                                                    \
    X(struct wf_ir_show, shows)                                                                    \
    X(struct wf_ir_trigger, triggers)                                                              \
    X(struct wf_ir_action, actions)                                                                \
    X(struct wf_ir_pair, pairs)                                                                    \
    X(struct wf_ir_template, templates)                                                            \
    X(struct wf_ir_part_of_text, text_parts)                                                       \
    X(struct wf_ir_content, contents)                                                              \
    X(struct wf_ir_over, overs)                                                                    \
    X(struct wf_ir_figure, figures)                                                                \
    X(struct wf_ir_metric, metrics)                                                                \
    X(struct wf_ir_journey, journeys)                                                              \
    X(struct wf_ir_step, steps)                                                                    \
    X(struct wf_ir_arm, arms)                                                                      \
    X(struct wf_ir_migration, migrations)                                                          \
    X(struct wf_ir_migration_map, migration_maps)                                                  \
    X(struct wf_ir_holidays, holidays)                                                             \
    X(struct wf_ir_policy, policies)                                                               \
    X(struct wf_ir_channel, channels)                                                              \
    X(struct wf_ir_reach, reaches)                                                                 \
    X(struct wf_ir_quiet, quiets)                                                                  \
    X(struct wf_ir_cap, caps)                                                                      \
    X(struct wf_ir_budget, budgets)                                                                \
    X(struct wf_ir_breaker, breakers)                                                              \
    X(struct wf_ir_freeze, freezes)                                                                \
    X(struct wf_ir_cost, costs)                                                                    \
    X(struct wf_ir_catalogue, catalogues)                                                          \
    X(struct wf_ir_listed, listed)

struct wf_ir {
    struct wf_arena *arena; /* not owned */
    uint32_t timezone;      /* texts */
    uint32_t merges;        /* texts: pattern of the merges feed, or WF_NONE */
    struct wf_ir_record member;
#define X(type, name)                                                                              \
    type *name;                                                                                    \
    uint32_t n_##name, room_##name;
    WF_IR_TABLES(X)
#undef X
};

#endif
