#include "lang/code/emit.h"
#include "lang/code/encode.h"
#include "lang/code/verify.h"
#include "lang/ir/rule.h"
#include "lang/ir/verify.h"
#include "tests/tools/wild.h"

#include <stdlib.h>
#include <string.h>

/* ---- chance ---- */

uint64_t wild_next(struct wild_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t wild_below(struct wild_random *random, uint32_t n)
{
    return n ? (uint32_t)((wild_next(random) >> 32) * n >> 32) : 0;
}

bool wild_chance(struct wild_random *random, uint32_t percent)
{
    return wild_below(random, 100) < percent;
}

/* ---- values ---- */

static int64_t near_now(struct wild_random *random, int64_t now)
{
    static const int64_t spread[] = {
        0, 1, 3600, 86400, 7 * 86400, 90 * 86400, 800 * INT64_C(86400)};
    int64_t reach = spread[wild_below(random, 7)];
    return now - reach + (int64_t)wild_below(random, (uint32_t)(2 * reach + 1));
}

static int64_t any_whole(struct wild_random *random)
{
    static const int64_t extremes[] = {
        INT64_MIN,       INT64_MIN + 1,    INT64_MAX,           INT64_MAX - 1,    INT64_MAX / 100,
        INT64_MIN / 100, INT64_C(1) << 53, -(INT64_C(1) << 31), INT64_C(1) << 32, 1000000007};
    if (wild_chance(random, 4))
        return extremes[wild_below(random, 10)];
    return (int64_t)wild_below(random, wild_chance(random, 70) ? 6 : 2000) - 2;
}

static double any_number(struct wild_random *random)
{
    static const double extremes[] = {0.0,    -0.0,    1e308,  -1e308, 5e-324, 1e-300,
                                      0x1p63, -0x1p63, 0x1p53, 1e17,   0.1,    -0.1};
    if (wild_chance(random, 12))
        return extremes[wild_below(random, 12)];
    double whole = (double)((int64_t)wild_below(random, 40) - 8);
    return wild_chance(random, 40) ? whole : whole + (double)wild_below(random, 10) / 10.0;
}

static struct wf_value any_text(struct wild_random *random, enum wf_type type)
{
    static const char *const texts[] = {"",     "a",  "b",    "ab",  "ba",
                                        "明月", "明", "月光", "vip", "x*?"};
    static const char *const sets[] = {"", "a", "a;b", "b", "vip", "a;vip", "明;月", "ab;b;vip"};
    const char *text =
        type == WF_T_SET ? sets[wild_below(random, 8)] : texts[wild_below(random, 10)];
    return wf_text_value(type, text, strlen(text));
}

static int64_t any_day(struct wild_random *random, int64_t now)
{
    static const int64_t extremes[] = {WF_MIN_DAY, WF_MAX_DAY, 0, 11016 /* Feb 29 */, 19782};
    if (wild_chance(random, 8))
        return extremes[wild_below(random, 5)];
    if (wild_chance(random, 30)) /* birthdays */
        return (int64_t)wild_below(random, 20000) - 9000;
    return near_now(random, now) / 86400;
}

static int64_t any_time(struct wild_random *random, int64_t now)
{
    if (wild_chance(random, 3))
        return wild_chance(random, 50) ? WF_MIN_TIME : WF_MAX_TIME;
    return near_now(random, now);
}

struct wf_value wild_value(struct wild_random *random, enum wf_type type, int64_t now)
{
    struct wf_value near;
    if (random->near && wild_chance(random, 75) && wild_near(random, type, now, &near))
        return near;
    switch (type) {
    case WF_T_BOOL: return wf_bool_value(wild_chance(random, 50));
    case WF_T_NUMBER: return wf_number_value(any_number(random));
    case WF_T_TEXT:
    case WF_T_SET: return any_text(random, type);
    case WF_T_DATE: return wf_int_value(type, any_day(random, now));
    case WF_T_TIME: return wf_int_value(type, any_time(random, now));
    case WF_T_CLOCK: return wf_int_value(type, wild_below(random, 86400));
    case WF_T_ENUM: return wf_int_value(type, wild_below(random, 3));
    case WF_T_REF: return wf_int_value(type, wild_below(random, 4));
    default: return wf_int_value(type, any_whole(random));
    }
}

/* ---- schema ---- */

/* By column: the types a member and an event have fields of. */
static const enum wf_type member_types[] = {
    WF_T_TEXT,   WF_T_TEXT,   WF_T_TEXT,  WF_T_BOOL,  WF_T_BOOL, WF_T_INT,  WF_T_INT,
    WF_T_NUMBER, WF_T_NUMBER, WF_T_MONEY, WF_T_MONEY, WF_T_DATE, WF_T_DATE, WF_T_TIME,
    WF_T_CLOCK,  WF_T_DAYS,   WF_T_SET,   WF_T_ENUM,  WF_T_REF};
static const enum wf_type event_types[] = {WF_T_TIME, WF_T_TEXT,   WF_T_TEXT,  WF_T_BOOL,
                                           WF_T_INT,  WF_T_NUMBER, WF_T_MONEY, WF_T_MONEY,
                                           WF_T_DATE, WF_T_TIME,   WF_T_ENUM,  WF_T_SET};
enum { MEMBER_FIELDS = 19, EVENT_FIELDS = 12 };

static struct wf_ir_record record(struct wild *wild, const char *name, const enum wf_type *types,
                                  uint32_t n)
{
    struct wf_irb *b = &wild->b;
    uint32_t text = wf_irb_textz(b, name);
    uint32_t enums[3] = {wf_irb_textz(b, "silver"), wf_irb_textz(b, "gold"),
                         wf_irb_textz(b, "black")};
    struct wf_ir_field fields[MEMBER_FIELDS];
    for (uint32_t i = 0; i < n; i++) {
        fields[i] = (struct wf_ir_field){.name = text,
                                         .column = text,
                                         .type = (uint8_t)types[i],
                                         .optional = true,
                                         .default_const = WF_NONE,
                                         .missing_as = WF_NONE,
                                         .format = WF_NONE};
        if (types[i] == WF_T_ENUM) {
            fields[i].enums_first = wf_irb_add_enum_names(b, enums, 3);
            fields[i].enums_count = 3;
        }
    }
    uint32_t first = wf_irb_add_fields(b, fields, n);
    return (struct wf_ir_record){.name = text,
                                 .word = WF_NONE,
                                 .pattern = text,
                                 .encoding = WF_NONE,
                                 .fields_first = first,
                                 .fields_count = n,
                                 .void_when = WF_NONE,
                                 .at_field = WF_NONE,
                                 .member_field = WF_NONE,
                                 .complete_since = INT32_MIN,
                                 .place = WF_NONE};
}

static void columns(struct wild *wild, uint16_t domain, uint32_t of, const enum wf_type *types,
                    uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct wf_ir_input input = {.domain = domain,
                                    .type = (uint8_t)types[i],
                                    .needed = 1,
                                    .record = of,
                                    .field = i,
                                    .via_field = WF_NONE};
        wf_irb_col(&wild->b, wf_irb_input(&wild->b, &input));
    }
}

static void schema(struct wild *wild)
{
    struct wf_irb *b = &wild->b;
    wild->program->ir.timezone = wf_irb_textz(b, "UTC");
    wild->program->ir.member = record(wild, "member", member_types, MEMBER_FIELDS);
    columns(wild, WF_DOM_MEMBER, 0, member_types, MEMBER_FIELDS);
    for (uint32_t v = 0; v < wild->views; v++) {
        struct wf_ir_record event =
            record(wild, v ? "visit" : "purchase", event_types, EVENT_FIELDS);
        event.at_field = 0;
        event.member_field = 1;
        uint32_t index = wf_irb_add_events(b, &event, 1);
        uint32_t view = wf_irb_view(b, index, WF_NONE, false);
        columns(wild, (uint16_t)(WF_DOM_EVENT + view), index + 1, event_types, EVENT_FIELDS);
        wf_irb_param(b, WF_PARAM_SINCE, view);
    }
    wf_irb_param(b, WF_PARAM_NOW, 0);
    wf_irb_param(b, WF_PARAM_TODAY, 0);
    wf_irb_param(b, WF_PARAM_FLOOR, 0);
    wf_irb_bool(b, true);
}

/* ---- nodes ---- */

/* A node whose domain is `domain` or RUN, of `type` unless that is NONE; WF_NONE: none was met. */
static uint32_t pick(struct wild *wild, uint16_t domain, enum wf_type type)
{
    const struct wf_ir *ir = &wild->program->ir;
    for (int tries = 0; tries < 60; tries++) {
        /* the younger the likelier, so that expressions grow deep */
        uint32_t back = wild_below(&wild->random, ir->n_nodes);
        uint32_t id = ir->n_nodes - 1 - (wild_chance(&wild->random, 50) ? back / 4 : back);
        const struct wf_ir_node *node = &ir->nodes[id];
        if ((node->domain == domain || (node->domain == WF_DOM_RUN && tries > 5)) &&
            (type == WF_T_NONE || node->type == type))
            return id;
    }
    return WF_NONE;
}

/* The same, or a new constant of the type. */
static uint32_t pick_or_make(struct wild *wild, uint16_t domain, enum wf_type type)
{
    uint32_t id = wild_chance(&wild->random, 70) ? pick(wild, domain, type) : WF_NONE;
    if (id != WF_NONE || type == WF_T_NONE)
        return id;
    if (type == WF_T_REF || wild_chance(&wild->random, 4)) /* no program knows a row */
        return wf_irb_value(&wild->b, wf_missing(type));
    return wf_irb_value(&wild->b, wild_value(&wild->random, type, wild->now));
}

static uint32_t any_agg(struct wild *wild)
{
    uint32_t view = wild_below(&wild->random, wild->views);
    uint16_t domain = (uint16_t)(WF_DOM_EVENT + view);
    struct wf_ir_agg agg = {.kind = (uint8_t)wild_below(&wild->random, WF_AGG_HOUR + 1),
                            .view = view,
                            .value = WF_NONE};
    agg.filter = pick(wild, domain, WF_T_BOOL);
    uint8_t of = WF_T_NONE;
    switch (agg.kind) {
    case WF_AGG_COUNT: agg.type = WF_T_INT; break;
    case WF_AGG_FIRST:
    case WF_AGG_LAST: agg.type = WF_T_TIME; break;
    case WF_AGG_GAP: agg.type = WF_T_DAYS; break;
    case WF_AGG_HOUR: agg.type = WF_T_CLOCK; break;
    default:
        agg.value = pick(wild, domain, WF_T_NONE);
        of = agg.value == WF_NONE ? WF_T_NONE : wild->program->ir.nodes[agg.value].type;
        agg.type = of;
    }
    bool amount = of == WF_T_INT || of == WF_T_NUMBER || of == WF_T_MONEY;
    bool ordered = of != WF_T_BOOL && of != WF_T_TEXT && of != WF_T_SET && of != WF_T_REF;
    if ((agg.kind == WF_AGG_SUM || agg.kind == WF_AGG_AVERAGE) && !amount)
        return WF_NONE;
    if ((agg.kind == WF_AGG_MIN || agg.kind == WF_AGG_MAX) && !ordered)
        return WF_NONE;
    if (agg.kind == WF_AGG_AVERAGE)
        agg.type = WF_T_NUMBER;
    if (agg.kind == WF_AGG_DISTINCT)
        agg.type = WF_T_INT;
    if (agg.filter == WF_NONE || agg.type == WF_T_NONE ||
        (agg.kind == WF_AGG_DISTINCT && of == WF_T_SET))
        return WF_NONE;
    return wf_irb_agg(&wild->b, &agg);
}

static uint32_t any_pop(struct wild *wild)
{
    struct wild_random *random = &wild->random;
    struct wf_ir_pop pop = {.kind = (uint8_t)wild_below(random, WF_POP_RANK + 1),
                            .type = WF_T_INT,
                            .among = WF_NONE,
                            .per = WF_NONE};
    pop.x = pick(wild, WF_DOM_MEMBER, WF_T_NONE);
    if (wild_chance(random, 40))
        pop.among = pick(wild, WF_DOM_MEMBER, WF_T_BOOL);
    if (wild_chance(random, 30))
        pop.per = pick(wild, WF_DOM_MEMBER, WF_T_NONE);
    uint8_t of = pop.x == WF_NONE ? WF_T_NONE : wild->program->ir.nodes[pop.x].type;
    if (of == WF_T_NONE || of == WF_T_BOOL || of == WF_T_TEXT || of == WF_T_SET || of == WF_T_REF)
        return WF_NONE;
    if (pop.kind == WF_POP_TOP || pop.kind == WF_POP_BOTTOM) {
        pop.type = WF_T_BOOL;
        pop.percent = wild_chance(random, 50);
        pop.no_match = wild_chance(random, 30);
        pop.n = pop.percent ? wild_below(random, 10001) : wild_below(random, 20);
    } else if (pop.kind == WF_POP_QUANTILE) {
        pop.n = 2 + wild_below(random, 9);
    }
    return wf_irb_pop(&wild->b, &pop);
}

static uint32_t any_follow(struct wild *wild)
{
    struct wf_ir_follow follow = {.view = wild_below(&wild->random, wild->views)};
    static const uint8_t units[] = {WF_T_DAYS, WF_T_MONTHS, WF_T_SECONDS};
    follow.unit = units[wild_below(&wild->random, 3)];
    follow.within = wild_below(&wild->random, follow.unit == WF_T_SECONDS ? 900000 : 40);
    if (wild_chance(&wild->random, 3))
        follow.within = INT64_MAX;
    follow.filter = pick(wild, (uint16_t)(WF_DOM_EVENT + follow.view), WF_T_BOOL);
    return follow.filter == WF_NONE ? WF_NONE : wf_irb_follow(&wild->b, &follow);
}

static uint32_t any_anniv(struct wild *wild)
{
    struct wf_ir_anniv anniv = {.feb29 = (uint8_t)wild_below(&wild->random, 3)};
    if (wild_chance(&wild->random, 60))
        anniv.days = (int64_t)wild_below(&wild->random, 60) - 30;
    if (wild_chance(&wild->random, 20))
        anniv.months = (int64_t)wild_below(&wild->random, 30) - 15;
    if (wild_chance(&wild->random, 20))
        anniv.seconds = (int64_t)wild_below(&wild->random, 200000) - 100000;
    return wf_irb_anniv(&wild->b, &anniv);
}

static uint32_t any_list(struct wild *wild, uint32_t of)
{
    struct wf_value values[6];
    enum wf_type type = (enum wf_type)wild->program->ir.nodes[of].type;
    uint32_t n = wild_below(&wild->random, 6);
    if (type == WF_T_REF || type == WF_T_SET)
        return WF_NONE;
    for (uint32_t i = 0; i < n; i++)
        values[i] = wild_value(&wild->random, type, wild->now);
    return wf_irb_list(&wild->b, values, n);
}

/* What stands at index i of the operation when it is no node; WF_NONE: nothing could be made. */
static uint32_t other_argument(struct wild *wild, enum wf_ir_op op, int i, uint32_t first)
{
    switch (op) {
    case WF_IR_AGG: return i == 0 ? any_agg(wild) : wild_below(&wild->random, 4);
    case WF_IR_POP: return any_pop(wild);
    case WF_IR_IN: return any_list(wild, first);
    case WF_IR_ANNIVERSARY:
    case WF_IR_ANNIV_YEAR: return any_anniv(wild);
    case WF_IR_FOLLOWED: return any_follow(wild);
    case WF_IR_LIFT: return wild_below(&wild->random, wild->views);
    default: { /* the constant of a text test */
        struct wf_value text = wild_value(&wild->random, WF_T_TEXT, wild->now);
        return wf_irb_const(&wild->b, text);
    }
    }
}

static enum wf_type second_type(struct wild *wild, enum wf_ir_op op, enum wf_type first)
{
    static const enum wf_type units[] = {WF_T_DAYS, WF_T_MONTHS, WF_T_SECONDS};
    switch (op) {
    case WF_IR_DATE_ADD:
    case WF_IR_TIME_ADD: return units[wild_below(&wild->random, 3)];
    case WF_IR_MUL:
    case WF_IR_DIV:
        return wild_chance(&wild->random, 40)   ? first
               : wild_chance(&wild->random, 50) ? WF_T_NUMBER
                                                : WF_T_INT;
    case WF_IR_LOCAL_TIME: return WF_T_CLOCK;
    case WF_IR_SELECT: return WF_T_NONE;
    default: return first;
    }
}

/* Types that an operation takes first, for those that take one only. */
static enum wf_type first_type(enum wf_ir_op op)
{
    switch (op) {
    case WF_IR_NOT:
    case WF_IR_AND:
    case WF_IR_OR:
    case WF_IR_KNOWN_IF:
    case WF_IR_WITHIN:
    case WF_IR_DOUBTED:
    case WF_IR_SELECT:
    case WF_IR_FOLLOWED: return WF_T_BOOL;
    case WF_IR_DATE_ADD:
    case WF_IR_DATE_DIFF:
    case WF_IR_DAYS_BETWEEN:
    case WF_IR_MIDNIGHT:
    case WF_IR_LOCAL_TIME:
    case WF_IR_ANNIVERSARY:
    case WF_IR_ANNIV_YEAR: return WF_T_DATE;
    case WF_IR_TIME_ADD:
    case WF_IR_TIME_DIFF:
    case WF_IR_DATE_OF:
    case WF_IR_CLOCK_OF: return WF_T_TIME;
    case WF_IR_DAYS_INT: return WF_T_DAYS;
    case WF_IR_CONTAINS:
    case WF_IR_STARTS:
    case WF_IR_ENDS:
    case WF_IR_MATCHES: return WF_T_TEXT;
    case WF_IR_TAGGED: return WF_T_SET;
    default: return WF_T_NONE;
    }
}

static uint32_t any_instant(struct wild *wild)
{
    if (wild_chance(&wild->random, 30))
        return wf_irb_param(&wild->b, WF_PARAM_NOW, 0);
    if (wild_chance(&wild->random, 30))
        return wf_irb_param(&wild->b, WF_PARAM_FLOOR, 0);
    return wf_irb_value(&wild->b, wild_value(&wild->random, WF_T_TIME, wild->now));
}

/* What rules are made of and chance alone seldom makes: dues against the run, counts in doubt,
 * amounts in proportion. */
static void idiom(struct wild *wild, uint16_t domain)
{
    struct wf_irb *b = &wild->b;
    enum wf_ir_op cmp = (enum wf_ir_op)(WF_IR_LT + wild_below(&wild->random, 4));
    if (wild_chance(&wild->random, 25)) {
        wild_amounts(wild, domain);
        return;
    }
    if (wild_chance(&wild->random, 30)) {
        struct wf_ir_agg agg = {.kind = WF_AGG_COUNT,
                                .type = WF_T_INT,
                                .view = wild_below(&wild->random, wild->views),
                                .value = WF_NONE};
        agg.filter = pick(wild, (uint16_t)(WF_DOM_EVENT + agg.view), WF_T_BOOL);
        if (agg.filter == WF_NONE)
            return;
        uint32_t count = wf_irb_agg(b, &agg), low = wf_irb_aggpart(b, count, WF_PART_LO);
        uint32_t high = wf_irb_aggpart(b, count, WF_PART_HI);
        uint32_t k = wf_irb_int(b, WF_T_INT, wild_below(&wild->random, 5));
        low = wf_irb_2(b, cmp, low, k);
        high = wf_irb_2(b, cmp, high, k);
        wf_irb_2(b, WF_IR_WITHIN, low, high);
        return;
    }
    uint32_t due = pick(wild, domain, WF_T_DATE), instant = any_instant(wild);
    if (due == WF_NONE)
        return;
    if (wild_chance(&wild->random, 50))
        due = wf_irb_2(b, WF_IR_ANNIVERSARY, due, any_anniv(wild));
    else
        due = wf_irb_1(b, WF_IR_MIDNIGHT, due);
    bool turned = wild_chance(&wild->random, 20);
    wf_irb_2(b, cmp, turned ? instant : due, turned ? due : instant);
}

/* Tries one random operation over rows of `domain`; what no rule allows is not built. */
static void step(struct wild *wild, uint16_t domain)
{
    const struct wf_ir *ir = &wild->program->ir;
    enum wf_ir_op op =
        (enum wf_ir_op)(WF_IR_LIFT + wild_below(&wild->random, WF_IR_COUNT_ - WF_IR_LIFT));
    if (op == WF_IR_ENTRY || op == WF_IR_ENTERED)
        return;                         /* a journey's, and no code is made of those */
    if (wild_chance(&wild->random, 25)) /* the ones rules are made of */
        op = wild_chance(&wild->random, 60)   ? WF_IR_AGG
             : wild_chance(&wild->random, 50) ? WF_IR_OR
                                              : WF_IR_LE;
    uint16_t of = op == WF_IR_LIFT ? WF_DOM_MEMBER : domain;
    const char *args = wf_ir_op_args((uint8_t)op);
    uint32_t arg[3] = {0, 0, 0};
    enum wf_type type = first_type(op);
    for (int i = 0; i < 3; i++) {
        if (args[i] == '-')
            continue;
        if (args[i] != 'n')
            arg[i] = other_argument(wild, op, i, arg[0]);
        else if (i == 0)
            arg[i] = pick(wild, of, type);
        else
            arg[i] = pick_or_make(wild, of, type);
        if (arg[i] == WF_NONE)
            return;
        if (args[i] == 'n')
            type = i == 0 ? second_type(wild, op, (enum wf_type)ir->nodes[arg[0]].type)
                          : (enum wf_type)ir->nodes[arg[i]].type;
    }
    struct wf_ir_node node = {.op = (uint8_t)op, .a = arg[0], .b = arg[1], .c = arg[2]};
    if (wf_ir_rule(ir, ir->n_nodes, &node) == NULL)
        wf_irb_node(&wild->b, op, arg[0], arg[1], arg[2]);
}

bool wild_begin(struct wild *wild, uint64_t seed, uint32_t steps)
{
    *wild = (struct wild){.random = {seed}};
    wild->program = wf_calloc(NULL, 1, sizeof(*wild->program));
    if (!wild->program)
        return false;
    wf_arena_init(&wild->program->arena, NULL);
    wf_ir_init(&wild->program->ir, &wild->program->arena);
    wf_irb_init(&wild->b, &wild->program->ir, NULL);
    wild->now = INT64_C(1795276800) + (int64_t)wild_below(&wild->random, 400 * 86400);
    wild->views = 1 + wild_below(&wild->random, 2);
    schema(wild);
    for (uint32_t i = 0; i < steps; i++) {
        uint16_t domain = (uint16_t)(WF_DOM_MEMBER + wild_below(&wild->random, wild->views + 1));
        if (wild_chance(&wild->random, 10))
            idiom(wild, domain);
        else
            step(wild, domain);
    }
    return wild->b.status == WF_OK;
}

/* ---- outputs ---- */

/* A bool to ask for: one of the nodes, or whether one of them is present. */
static uint32_t question(struct wild *wild, uint16_t domain)
{
    uint32_t id = wild_chance(&wild->random, 60) ? pick(wild, domain, WF_T_BOOL) : WF_NONE;
    if (id == WF_NONE && (id = pick(wild, domain, WF_T_NONE)) != WF_NONE)
        id = wf_irb_1(&wild->b, WF_IR_PRESENT, id);
    return id == WF_NONE ? wf_irb_bool(&wild->b, true) : id;
}

static void event_trigger(struct wild *wild, uint32_t view)
{
    struct wf_ir_trigger t = {.name = WF_NONE,
                              .was = WF_NONE,
                              .moment = WF_MOMENT_EVENT,
                              .year = WF_NONE,
                              .agg_last = WF_NONE,
                              .watch = WF_NONE,
                              .from_watch = WF_NONE,
                              .salt = WF_NONE,
                              .journey = WF_NONE,
                              .place = WF_NONE};
    uint16_t domain = (uint16_t)(WF_DOM_EVENT + view);
    t.identity = wf_irb_textz(&wild->b, "t");
    t.view = view;
    t.due = pick(wild, domain, WF_T_TIME);
    if (t.due == WF_NONE)
        t.due = wf_irb_param(&wild->b, WF_PARAM_NOW, 0);
    t.filter = question(wild, domain);
    t.due_le_now = question(wild, domain);
    t.due_ge_floor = question(wild, domain);
    t.guard = question(wild, domain);
    wf_irb_add_triggers(&wild->b, &t, 1);
}

/* A sum by something: the two values are handed to the sink beside the conditions. */
static void any_metric(struct wild *wild)
{
    static const uint8_t quantities[] = {WF_T_INT, WF_T_NUMBER, WF_T_MONEY};
    static const uint8_t groups[] = {WF_T_BOOL, WF_T_INT,  WF_T_TEXT,  WF_T_DATE,
                                     WF_T_TIME, WF_T_ENUM, WF_T_NUMBER};
    uint8_t type = quantities[wild_below(&wild->random, 3)];
    struct wf_ir_over over = {
        .kind = WF_OVER_SUM, .type = type, .where = WF_NONE, .table = WF_NONE};
    over.of = pick(wild, WF_DOM_MEMBER, type);
    if (over.of == WF_NONE)
        return;
    if (wild_chance(&wild->random, 50))
        over.where = question(wild, WF_DOM_MEMBER);
    struct wf_ir_metric metric = {.name = wf_irb_textz(&wild->b, "m"),
                                  .label = WF_NONE,
                                  .figures_count = 1,
                                  .overs_count = 1,
                                  .section = WF_NONE,
                                  .among = WF_NONE,
                                  .by_key = WF_NONE,
                                  .by_class = WF_NONE,
                                  .by_text = WF_NONE,
                                  .place = WF_NONE};
    metric.text = metric.name;
    metric.by = pick(wild, WF_DOM_MEMBER, groups[wild_below(&wild->random, sizeof(groups))]);
    if (metric.by != WF_NONE)
        metric.by_text = metric.name;
    metric.overs_first = wf_irb_add_overs(&wild->b, &over, 1);
    struct wf_ir_figure figure = {WF_FIGURE_OVER, type,    metric.overs_first,
                                  WF_NONE,        WF_NONE, WF_NONE};
    metric.figures_first = wf_irb_add_figures(&wild->b, &figure, 1);
    wf_irb_add_metrics(&wild->b, &metric, 1);
}

void wild_outputs(struct wild *wild, uint32_t members, uint32_t events)
{
    uint32_t name = wf_irb_textz(&wild->b, "s");
    for (uint32_t i = 0; i < members; i++) {
        struct wf_ir_segment segment = {name, question(wild, WF_DOM_MEMBER), 0, 0, WF_NONE};
        wf_irb_add_segments(&wild->b, &segment, 1);
    }
    for (uint32_t i = 0; i < events || i == 0; i++) /* FLOOR speaks of trigger 0 */
        event_trigger(wild, wild_below(&wild->random, wild->views));
    any_metric(wild);
}

const char *wild_finish(struct wild *wild)
{
    struct wf_ir_fault fault;
    const char *why = NULL;
    if (wild->b.status)
        return wild->b.why ? wild->b.why : "the builder failed";
    if (wf_ir_verify(&wild->program->ir, &fault))
        return fault.rule;
    if (wf_emit(wild->program))
        return "wf_emit failed";
    wf_program_hash(wild->program, wild->program->hash);
    return wf_verify(wild->program, &why) ? why : NULL;
}

void wild_release(struct wild *wild)
{
    wf_irb_release(&wild->b);
    wf_program_free(wild->program);
}
