/*
 * naive.h - Wayfare's nights once more, the obvious way: no compiler, no batches, no bitmaps; every
 * night looks at the full history of every member, one at a time. What it says and what the real
 * night publishes must be the same.
 *
 *   seed ─ generate ─▶ nv_case ─ write ─▶ rules and exports ─▶ wayfare ─┐
 *                         └───── model ─────────────────────────────────┴─ the same lines?
 *
 * A case is a small shop: a few rules, some members, sixty nights of which some are lost, events
 * that come late. Its zone has no daylight saving, so that a day is 86,400 seconds; zones have
 * tests of their own.
 */
#ifndef TESTS_NAIVE_NAIVE_H
#define TESTS_NAIVE_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/buf.h"

enum {
    NV_MEMBERS = 8,
    NV_NIGHTS = 60,
    NV_EVENTS = 96,
    NV_RULES = 6,
    NV_CONDS = 160,
    NV_STEPS = 40,
    NV_ACTIONS = 3,
    NV_NUMBERS = NV_RULES * NV_ACTIONS + NV_STEPS + 1,
};
#define NV_DAY ((int64_t)86400)
#define NV_ZONE (8 * (int64_t)3600) /* Asia/Shanghai */
#define NV_NONE INT64_MIN

enum nv_kind { NV_PURCHASE, NV_OPTOUT, NV_REPLY, NV_KINDS };

/* `number` is unique and names the event; `seen`: the first night whose exports hold it. */
struct nv_event {
    enum nv_kind kind;
    int member, number, seen, amount;
    int64_t at;
};

/* Who else is concerned by what a member gets; whom a cap counts. */
enum nv_who { NV_CONTACT, NV_OWNER, NV_STORE, NV_WHO };

struct nv_member {
    char id[8];
    int64_t joined, birthday; /* days since 1970; birthday may be NV_NONE */
    int city[NV_NIGHTS];      /* 0: missing, else 1 or 2 */
    int points[NV_NIGHTS];
    bool wecom[NV_NIGHTS];
    int who[NV_WHO][NV_NIGHTS]; /* contact, owner and store: 0: missing, else 1 or 2 */
    bool here[NV_NIGHTS]; /* in that night's export */
};

enum nv_op {
    NV_CITY,        /* city = "A" or "B": n */
    NV_CITY_KNOWN,  /* city is present */
    NV_POINTS,      /* points >= n */
    NV_WECOM,       /* wecom */
    NV_EVER,        /* purchased */
    NV_IN_LAST,     /* purchased in last `days` */
    NV_NO_IN_LAST,  /* no purchase in last `days` */
    NV_COUNT,       /* count purchase in last `days` >= n */
    NV_BIG,         /* any purchase[amount > n] in last `days` */
    NV_OLDER,       /* last purchase older than `days` */
    NV_SINCE_ENTRY, /* purchased since entry */
    NV_AND,
    NV_OR,
    NV_NOT,
};

struct nv_cond {
    enum nv_op op;
    enum nv_kind kind;
    int n, days;
    int a, b; /* conditions */
};

enum nv_moment {
    NV_JOINED,
    NV_ANNIVERSARY,
    NV_EACH,  /* purchase + offset */
    NV_FIRST, /* first purchase + offset */
    NV_LAST,
    NV_BECOMES, /* member becomes the rule's own segment, whose condition is `watch` */
    NV_LEAVES,
    NV_BARE, /* the condition `watch` itself */
    NV_WEEKDAY,
    NV_MONTH_DAY,
    NV_MOMENTS,
};

enum nv_do { NV_COUPON, NV_POINTS_UP, NV_TAG, NV_TASK, NV_DOS };
struct nv_action {
    enum nv_do what;
    int number;  /* unique in the case: it is in the action's name or amount */
    int at;      /* COUPON: seconds since midnight, or -1 */
    int usual;   /* COUPON with `at`: an event kind, at whose usual hour it asks to leave; -1 */
    int channel; /* COUPON: 0 any, 1 wecom, 2 sms */
};

enum nv_step_kind {
    NV_ACT,
    NV_WAIT,        /* days */
    NV_UNTIL_DAY,   /* weekday: n, 0 = Monday */
    NV_UNTIL_CLOCK, /* n: seconds since midnight */
    NV_FOR_EVENT,   /* kind, up to days (0: for ever); then, other */
    NV_FOR_COND,    /* cond, up to days */
    NV_IF,          /* cond; then, other */
    NV_SPLIT,       /* n% "one" then, the rest "two" other */
    NV_LEAVE,
};

/* Lists hang together by next; -1 ends them. */
struct nv_step {
    enum nv_step_kind kind;
    int next, then, other, up; /* up: the step whose block it stands in, -1: none */
    int cond, days, n;
    enum nv_kind event;
    struct nv_action action;
    int position; /* of the action in its journey */
};

struct nv_rule {
    bool journey;
    int from; /* the first night whose rules hold it */
    enum nv_moment moment;
    int offset;       /* days */
    int watch, guard; /* conditions, -1: none */
    int weekday, month_day;
    int grace, backfill; /* days, -1: unsaid */
    int again;           /* days; 0: always (journeys); -1: once */
    int holdout;         /* percent */
    int priority;
    int n_actions;
    struct nv_action actions[NV_ACTIONS];
    int exit;           /* condition or -1 */
    int first, n_steps; /* steps or -1; all of them are first .. first + n_steps - 1 */
};

struct nv_quiet {
    int from, to; /* seconds since midnight */
    bool drop;
};

enum nv_capped { NV_SENDS, NV_COUPONS, NV_TASKS };
enum nv_period { NV_SPAN, NV_PER_DAY, NV_PER_WEEK, NV_PER_MONTH };
struct nv_cap {
    enum nv_capped what;
    enum nv_period period;
    int n, days, channel;
    enum nv_who per;
    int defer; /* days; 0: drop */
};

/* What the house never allows. */
struct nv_policy {
    bool declared, quiet_none;
    int n_quiets, n_caps;
    struct nv_quiet quiets[2];
    struct nv_cap caps[3];
    int scope;    /* condition of who is concerned by the last cap, or -1: everybody */
    int reach[2]; /* conditions of wecom and sms, -1: not declared */
    int holdout;  /* percent */
    int budget;   /* of all coupons in a calendar month, in units of 1.00; 0: none */
};

struct nv_case {
    uint64_t seed, random;
    int64_t day0; /* the date of night 0 */
    int n_members, n_events, n_rules, n_conds, n_steps, n_numbers;
    bool lost[NV_NIGHTS];
    struct nv_member members[NV_MEMBERS];
    struct nv_event events[NV_EVENTS];
    struct nv_rule rules[NV_RULES];
    struct nv_cond conds[NV_CONDS];
    struct nv_policy policy;
    int stock[NV_NUMBERS]; /* of the coupon of that number; 0: as many as you like */
    struct nv_step steps[NV_STEPS];
};

static inline int64_t nv_midnight(int64_t day)
{
    return day * NV_DAY - NV_ZONE;
}
static inline int64_t nv_day(int64_t time)
{
    int64_t local = time + NV_ZONE;
    return local / NV_DAY - (local % NV_DAY < 0);
}
static inline int64_t nv_now(const struct nv_case *c, int night)
{
    return nv_midnight(c->day0 + night);
}

void nv_generate(struct nv_case *c, uint64_t seed);
/* What a rule asks for in that place. */
const struct nv_action *nv_action_at(const struct nv_case *c, int rule, int position);

/* The rules of a night, and its exports. */
void nv_write_rules(const struct nv_case *c, int night, struct wf_buf *out);
void nv_write_members(const struct nv_case *c, int night, struct wf_buf *out);
void nv_write_events(const struct nv_case *c, int night, enum nv_kind kind, struct wf_buf *out);

/* ---- the model ---- */

/* A decision as it is compared: "m1 r0 coupon c3 05-02T09:00" and, where it was stopped, " !gate".
 */
struct nv_model;
struct nv_model *nv_model_new(const struct nv_case *c);
void nv_model_free(struct nv_model *m);

/* Appends the night's decisions, a line each, sorted. Nights come in order; lost ones are left out.
 */
void nv_model_night(struct nv_model *m, int night, struct wf_buf *out);

/* "m1 r0 coupon c3 05-02T09:00 !gate" and its end of line; `from`: when it may leave, or NV_NONE.
 */
void nv_line(const struct nv_case *c, int member, int rule, const struct nv_action *action,
             int64_t from, int channel, const char *gate, char out[80]);
void nv_sort_lines(char lines[][80], int n, struct wf_buf *out);

/* ---- both, side by side ---- */

/*
 * Plays a case through the model and through the real night. Answers whether every night said the
 * same; if not, `why` tells the night, both answers and the rules.
 */
bool nv_agree(const struct nv_case *c, struct wf_buf *why);

#endif
