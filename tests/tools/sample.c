#include "tests/tools/sample.h"

#include "lang/code/emit.h"
#include "lang/code/encode.h"
#include "lang/ir/build.h"
#include "lang/ir/verify.h"

enum member_field {
    ID,
    JOINED,
    POINTS,
    SCORE,
    CITY,
    TIER,
    TAGS,
    WECOM,
    BALANCE,
    SHOP,
    INVITER,
    MEMBER_FIELDS
};
enum event_field { AT, MEMBER, AMOUNT, BRAND, QTY, GIFT, EVENT_FIELDS };

struct sample {
    struct wf_irb b;
    struct wf_ir *ir;
    uint32_t view;
    uint32_t member[MEMBER_FIELDS], event[EVENT_FIELDS]; /* COL nodes */
};

static uint32_t text(struct sample *s, const char *value)
{
    return wf_irb_textz(&s->b, value);
}

static struct wf_ir_field field(struct sample *s, const char *name, enum wf_type type)
{
    uint32_t t = text(s, name);
    return (struct wf_ir_field){.name = t,
                                .column = t,
                                .type = (uint8_t)type,
                                .optional = true,
                                .default_const = WF_NONE,
                                .missing_as = WF_NONE,
                                .format = WF_NONE};
}

static struct wf_ir_record record(struct sample *s, const char *name, const char *pattern)
{
    return (struct wf_ir_record){.name = text(s, name),
                                 .word = WF_NONE,
                                 .pattern = text(s, pattern),
                                 .encoding = WF_NONE,
                                 .void_when = WF_NONE,
                                 .at_field = WF_NONE,
                                 .member_field = WF_NONE,
                                 .complete_since = INT32_MIN,
                                 .place = WF_NONE};
}

static uint32_t column(struct sample *s, uint16_t domain, uint32_t index, enum wf_type type)
{
    struct wf_ir_input input = {.domain = domain,
                                .type = (uint8_t)type,
                                .needed = 1,
                                .record = domain == WF_DOM_MEMBER ? 0 : 1,
                                .field = index,
                                .via_field = WF_NONE};
    return wf_irb_col(&s->b, wf_irb_input(&s->b, &input));
}

/* A table that members refer to: id, area. Answers its index. */
static uint32_t make_shop(struct sample *s)
{
    struct wf_ir_field fields[2] = {field(s, "id", WF_T_TEXT), field(s, "area", WF_T_TEXT)};
    fields[0].key = true;
    struct wf_ir_record shop = record(s, "shop", "shops*.csv");
    shop.fields_first = wf_irb_add_fields(&s->b, fields, 2);
    shop.fields_count = 2;
    return wf_irb_add_tables(&s->b, &shop, 1);
}

static void make_member(struct sample *s)
{
    static const struct {
        const char *name;
        enum wf_type type;
    } of[MEMBER_FIELDS] = {{"id", WF_T_TEXT},      {"joined", WF_T_DATE}, {"points", WF_T_INT},
                           {"score", WF_T_NUMBER}, {"city", WF_T_TEXT},   {"tier", WF_T_ENUM},
                           {"tags", WF_T_SET},     {"wecom", WF_T_BOOL},  {"balance", WF_T_MONEY},
                           {"shop", WF_T_REF},     {"inviter", WF_T_REF}};
    struct wf_ir_field fields[MEMBER_FIELDS];
    uint32_t tiers[2] = {text(s, "silver"), text(s, "gold")};
    for (unsigned i = 0; i < MEMBER_FIELDS; i++)
        fields[i] = field(s, of[i].name, of[i].type);
    fields[ID].key = true;
    fields[TIER].enums_first = wf_irb_add_enum_names(&s->b, tiers, 2);
    fields[TIER].enums_count = 2;
    fields[SHOP].ref = 1 + make_shop(s);
    s->ir->member = record(s, "member", "members*.csv");
    s->ir->member.fields_first = wf_irb_add_fields(&s->b, fields, MEMBER_FIELDS);
    s->ir->member.fields_count = MEMBER_FIELDS;
    for (unsigned i = 0; i < MEMBER_FIELDS; i++)
        s->member[i] = column(s, WF_DOM_MEMBER, i, of[i].type);
}

static void make_purchase(struct sample *s)
{
    static const struct {
        const char *name;
        enum wf_type type;
    } of[EVENT_FIELDS] = {{"at", WF_T_TIME},    {"member", WF_T_TEXT}, {"amount", WF_T_MONEY},
                          {"brand", WF_T_TEXT}, {"qty", WF_T_INT},     {"gift", WF_T_BOOL}};
    struct wf_ir_field fields[EVENT_FIELDS];
    for (unsigned i = 0; i < EVENT_FIELDS; i++)
        fields[i] = field(s, of[i].name, of[i].type);
    struct wf_ir_record purchase = record(s, "purchase", "orders*.csv");
    purchase.fields_first = wf_irb_add_fields(&s->b, fields, EVENT_FIELDS);
    purchase.fields_count = EVENT_FIELDS;
    purchase.at_field = AT;
    purchase.member_field = MEMBER;
    uint32_t event = wf_irb_add_events(&s->b, &purchase, 1);
    s->view = wf_irb_view(&s->b, event, WF_NONE, false);
    for (unsigned i = 0; i < EVENT_FIELDS; i++)
        s->event[i] = column(s, (uint16_t)(WF_DOM_EVENT + s->view), i, of[i].type);
}

/* ---- shorthands ---- */

static uint32_t two(struct sample *s, enum wf_ir_op op, uint32_t a, uint32_t b)
{
    return wf_irb_2(&s->b, op, a, b);
}

static uint32_t one(struct sample *s, enum wf_ir_op op, uint32_t a)
{
    return wf_irb_1(&s->b, op, a);
}

static uint32_t now(struct sample *s)
{
    return wf_irb_param(&s->b, WF_PARAM_NOW, 0);
}

static uint32_t constant(struct sample *s, const char *bytes)
{
    size_t len = 0;
    while (bytes[len])
        len++;
    return wf_irb_const(&s->b, wf_text_value(WF_T_TEXT, bytes, len));
}

/* Purchases of the last `days`, rejected rows in doubt. */
static uint32_t recent(struct sample *s, int64_t days)
{
    uint32_t from = two(s, WF_IR_TIME_ADD, now(s), wf_irb_int(&s->b, WF_T_DAYS, -days));
    uint32_t window = two(s, WF_IR_AND, two(s, WF_IR_GE, s->event[AT], from),
                          two(s, WF_IR_LT, s->event[AT], now(s)));
    return one(s, WF_IR_DOUBTED, window);
}

static uint32_t aggregate(struct sample *s, enum wf_ir_agg_kind kind, enum wf_type type,
                          uint32_t filter, uint32_t value)
{
    struct wf_ir_agg agg = {.kind = (uint8_t)kind,
                            .type = (uint8_t)type,
                            .view = s->view,
                            .filter = filter,
                            .value = value};
    return wf_irb_agg(&s->b, &agg);
}

static uint32_t value_of(struct sample *s, uint32_t agg)
{
    return wf_irb_aggpart(&s->b, agg, WF_PART_VALUE);
}

/* `count` of the aggregate is at least n: WITHIN(surely, possibly). */
static uint32_t at_least(struct sample *s, uint32_t agg, int64_t n)
{
    uint32_t k = wf_irb_int(&s->b, WF_T_INT, n);
    return two(s, WF_IR_WITHIN, two(s, WF_IR_GE, wf_irb_aggpart(&s->b, agg, WF_PART_LO), k),
               two(s, WF_IR_GE, wf_irb_aggpart(&s->b, agg, WF_PART_HI), k));
}

/* ---- rules ---- */

static struct wf_ir_trigger trigger(struct sample *s, const char *name, enum wf_moment moment)
{
    uint32_t place = wf_irb_place(&s->b, text(s, "rules.way"), 3, 1);
    struct wf_ir_action send = {.kind = WF_ACT_COUPON,
                                .name = text(s, "FIRST20"),
                                .coupon = WF_NONE,
                                .channel = WF_NONE,
                                .text = WF_NONE,
                                .value = WF_NONE,
                                .at = WF_NONE,
                                .at_text = WF_NONE,
                                .place = place};
    return (struct wf_ir_trigger){.name = WF_NONE,
                                  .identity = text(s, name),
                                  .was = WF_NONE,
                                  .moment = (uint8_t)moment,
                                  .due = WF_NONE,
                                  .year = WF_NONE,
                                  .view = WF_NONE,
                                  .filter = WF_NONE,
                                  .agg_last = WF_NONE,
                                  .watch = WF_NONE,
                                  .from_watch = WF_NONE,
                                  .guard = WF_NONE,
                                  .due_le_now = WF_NONE,
                                  .due_ge_floor = WF_NONE,
                                  .salt = WF_NONE,
                                  .journey = WF_NONE,
                                  .actions_first = wf_irb_add_actions(&s->b, &send, 1),
                                  .actions_count = 1,
                                  .place = place};
}

/* Adds the trigger once its due is known: the two comparisons every due has. */
static void add_trigger(struct sample *s, struct wf_ir_trigger *t)
{
    uint32_t number = s->ir->n_triggers;
    t->due_le_now = two(s, WF_IR_LE, t->due, now(s));
    t->due_ge_floor = two(s, WF_IR_GE, t->due, wf_irb_param(&s->b, WF_PARAM_FLOOR, number));
    wf_irb_add_triggers(&s->b, t, 1);
}

static void add_seventh_day(struct sample *s)
{
    uint32_t day = two(s, WF_IR_DATE_ADD, s->member[JOINED], wf_irb_int(&s->b, WF_T_DAYS, 7));
    uint32_t doubted = one(s, WF_IR_DOUBTED, two(s, WF_IR_LT, s->event[AT], now(s)));
    uint32_t count = aggregate(s, WF_AGG_COUNT, WF_T_INT, doubted, WF_NONE);
    struct wf_ir_trigger t = trigger(s, "seventh day", WF_MOMENT_TIME);
    t.due = one(s, WF_IR_MIDNIGHT, day);
    t.due_is_date = true;
    t.guard = one(s, WF_IR_NOT, at_least(s, count, 1));
    add_trigger(s, &t);
}

static void add_third_day_of_purchase(struct sample *s)
{
    struct wf_ir_trigger t = trigger(s, "third day of purchase", WF_MOMENT_EVENT);
    t.view = s->view;
    t.filter = wf_irb_bool(&s->b, true);
    t.due = two(s, WF_IR_TIME_ADD, s->event[AT], wf_irb_int(&s->b, WF_T_DAYS, 3));
    t.guard = wf_irb_node(&s->b, WF_IR_LIFT, s->member[WECOM], s->view, 0);
    add_trigger(s, &t);
}

static void add_segment(struct sample *s, const char *name, uint32_t cond)
{
    struct wf_ir_segment segment = {text(s, name), cond, 0, 0, WF_NONE};
    wf_irb_add_segments(&s->b, &segment, 1);
}

static void add_texts(struct sample *s)
{
    struct wf_value cities[2] = {wf_text_value(WF_T_TEXT, "上海", 6),
                                 wf_text_value(WF_T_TEXT, "北京", 6)};
    uint32_t list = wf_irb_list(&s->b, cities, 2);
    uint32_t city = s->member[CITY];
    uint32_t home = two(s, WF_IR_OR_ELSE, city, wf_irb_str(&s->b, "elsewhere"));
    uint32_t all = two(s, WF_IR_OR, two(s, WF_IR_IN, city, list),
                       two(s, WF_IR_MATCHES, city, constant(s, "外*")));
    all = two(s, WF_IR_OR, all, two(s, WF_IR_EQ, city, wf_irb_str(&s->b, "杭州")));
    all = two(s, WF_IR_OR, all, two(s, WF_IR_TAGGED, s->member[TAGS], constant(s, "vip")));
    all = two(s, WF_IR_AND, all, two(s, WF_IR_CONTAINS, home, constant(s, "e")));
    all = two(s, WF_IR_AND, all, two(s, WF_IR_NE, home, wf_irb_str(&s->b, "nowhere")));
    all = two(s, WF_IR_AND, all, one(s, WF_IR_PRESENT, city));
    add_segment(s, "texts", all);
}

static void add_numbers(struct sample *s)
{
    uint32_t score = s->member[SCORE], points = s->member[POINTS];
    uint32_t ratio = two(s, WF_IR_DIV, score, one(s, WF_IR_TO_NUMBER, points));
    uint32_t half = wf_irb_value(&s->b, wf_number_value(0.5));
    uint32_t share = two(s, WF_IR_MUL, s->member[BALANCE], ratio);
    uint32_t doubled = two(s, WF_IR_MUL, points, wf_irb_int(&s->b, WF_T_INT, 2));
    uint32_t all = two(s, WF_IR_AND, two(s, WF_IR_GT, ratio, half),
                       two(s, WF_IR_LE, share, wf_irb_int(&s->b, WF_T_MONEY, 10000)));
    all = two(s, WF_IR_AND, all, two(s, WF_IR_LT, points, doubled));
    struct wf_value tens[2] = {wf_int_value(WF_T_INT, 10), wf_int_value(WF_T_INT, 20)};
    all = two(s, WF_IR_OR, all, two(s, WF_IR_IN, points, wf_irb_list(&s->b, tens, 2)));
    uint32_t gold = two(s, WF_IR_EQ, s->member[TIER], wf_irb_int(&s->b, WF_T_ENUM, 1));
    all = two(s, WF_IR_KNOWN_IF, gold, all);
    uint32_t today = wf_irb_param(&s->b, WF_PARAM_TODAY, 0);
    uint32_t age = one(s, WF_IR_DAYS_INT, two(s, WF_IR_DATE_DIFF, today, s->member[JOINED]));
    uint32_t old = two(s, WF_IR_GT, age, points);
    add_segment(s, "numbers", wf_irb_node(&s->b, WF_IR_SELECT, old, all, s->member[WECOM]));
}

static void add_history(struct sample *s)
{
    uint32_t spend = aggregate(s, WF_AGG_SUM, WF_T_MONEY, recent(s, 90), s->event[AMOUNT]);
    uint32_t brand = aggregate(s, WF_AGG_LAST_OF, WF_T_TEXT, recent(s, 90), s->event[BRAND]);
    uint32_t gift = aggregate(s, WF_AGG_LAST_OF, WF_T_BOOL, recent(s, 90), s->event[GIFT]);
    uint32_t lifted = wf_irb_node(&s->b, WF_IR_LIFT, value_of(s, spend), s->view, 0);
    uint32_t half = two(s, WF_IR_MUL, s->event[AMOUNT], wf_irb_int(&s->b, WF_T_INT, 2));
    uint32_t large = one(s, WF_IR_DOUBTED, two(s, WF_IR_GT, half, lifted));
    uint32_t larges = aggregate(s, WF_AGG_COUNT, WF_T_INT, large, WF_NONE);
    struct wf_ir_follow again = {s->view, recent(s, 30), WF_T_DAYS, 14};
    uint32_t followed = two(s, WF_IR_FOLLOWED, recent(s, 365), wf_irb_follow(&s->b, &again));
    uint32_t followeds = aggregate(s, WF_AGG_COUNT, WF_T_INT, followed, WF_NONE);
    uint32_t all = two(s, WF_IR_AND, at_least(s, larges, 1), at_least(s, followeds, 1));
    all = two(s, WF_IR_AND, all, two(s, WF_IR_EQ, value_of(s, brand), wf_irb_str(&s->b, "明月")));
    all = two(s, WF_IR_AND, all, two(s, WF_IR_NE, value_of(s, brand), s->member[CITY]));
    all = two(s, WF_IR_AND, all, value_of(s, gift));
    all = two(s, WF_IR_AND, all, wf_irb_aggpart(&s->b, brand, WF_PART_SURE));
    add_segment(s, "history", all);
}

static void add_population(struct sample *s)
{
    uint32_t spend = aggregate(s, WF_AGG_SUM, WF_T_MONEY, recent(s, 365), s->event[AMOUNT]);
    struct wf_ir_pop top = {.kind = WF_POP_TOP,
                            .type = WF_T_BOOL,
                            .percent = true,
                            .n = 700,
                            .x = value_of(s, spend),
                            .among = s->member[WECOM],
                            .per = s->member[CITY]};
    uint32_t best = one(s, WF_IR_POP, wf_irb_pop(&s->b, &top));
    struct wf_ir_pop quintile = {.kind = WF_POP_QUANTILE,
                                 .type = WF_T_INT,
                                 .n = 5,
                                 .x = s->member[JOINED],
                                 .among = best,
                                 .per = WF_NONE};
    uint32_t fifth = one(s, WF_IR_POP, wf_irb_pop(&s->b, &quintile));
    uint32_t super =
        two(s, WF_IR_AND, best, two(s, WF_IR_EQ, fifth, wf_irb_int(&s->b, WF_T_INT, 5)));
    struct wf_ir_class classes[2] = {
        {text(s, "value"), text(s, "super"), super, 0, 0, WF_NONE},
        {text(s, "value"), text(s, "regular"), one(s, WF_IR_NOT, super), 0, 0, WF_NONE}};
    wf_irb_add_classes(&s->b, classes, 2);
    struct wf_ir_watch watch = {text(s, "value=super"), super, 42};
    wf_irb_add_watches(&s->b, &watch, 1);
}

/* A month before each anniversary of joining, with a text that has a hole, and why it was sent. */
static void add_anniversary(struct sample *s)
{
    struct wf_ir_anniv before = {.months = -1, .days = 2, .seconds = 3600, .feb29 = WF_FEB28};
    uint32_t anniv = wf_irb_anniv(&s->b, &before);
    struct wf_ir_part_of_text parts[2] = {{WF_NONE, s->member[CITY], text(s, "afar")},
                                          {text(s, " misses you"), WF_NONE, WF_NONE}};
    struct wf_ir_template words = {text(s, "en"), 0, 2, WF_NONE};
    words.parts_first = wf_irb_add_text_parts(&s->b, parts, 2);
    struct wf_ir_trigger t = trigger(s, "anniversary", WF_MOMENT_ANNIVERSARY);
    s->ir->actions[t.actions_first].kind = WF_ACT_TASK;
    s->ir->actions[t.actions_first].text = wf_irb_add_templates(&s->b, &words, 1);
    t.due = wf_irb_node(&s->b, WF_IR_ANNIVERSARY, s->member[JOINED], anniv, 0);
    t.year = wf_irb_node(&s->b, WF_IR_ANNIV_YEAR, s->member[JOINED], anniv, 0);
    t.guard = two(s, WF_IR_GT, t.year, wf_irb_int(&s->b, WF_T_INT, 2000));
    struct wf_ir_show show = {text(s, "tier"), s->member[TIER]};
    struct wf_ir_atom atom = {text(s, "anniversary of joined - 1mo"), t.guard, 0, 1, WF_NONE};
    atom.shows_first = wf_irb_add_shows(&s->b, &show, 1);
    t.atoms_first = wf_irb_add_atoms(&s->b, &atom, 1);
    t.atoms_count = 1;
    add_trigger(s, &t);
}

/* The last purchase, a month and the personal cycle later, at an hour of the day. */
static void add_last(struct sample *s)
{
    uint32_t filter = recent(s, 365);
    uint32_t last = aggregate(s, WF_AGG_LAST, WF_T_TIME, filter, WF_NONE);
    uint32_t first = value_of(s, aggregate(s, WF_AGG_FIRST, WF_T_TIME, filter, WF_NONE));
    uint32_t gap = value_of(s, aggregate(s, WF_AGG_GAP, WF_T_DAYS, filter, WF_NONE));
    uint32_t hour = value_of(s, aggregate(s, WF_AGG_HOUR, WF_T_CLOCK, filter, WF_NONE));
    uint32_t later = two(s, WF_IR_TIME_ADD, value_of(s, last), gap);
    struct wf_ir_trigger t = trigger(s, "last purchase", WF_MOMENT_LAST);
    t.agg_last = last;
    t.due = two(s, WF_IR_TIME_ADD, later, wf_irb_int(&s->b, WF_T_MONTHS, 1));
    uint32_t span = two(s, WF_IR_TIME_DIFF, value_of(s, last), first);
    uint32_t long_ago = two(s, WF_IR_GT, span, wf_irb_int(&s->b, WF_T_SECONDS, 86400));
    uint32_t usual = two(s, WF_IR_LE, one(s, WF_IR_CLOCK_OF, first), hour);
    uint32_t day = two(s, WF_IR_GE, one(s, WF_IR_DATE_OF, first), s->member[JOINED]);
    t.guard = two(s, WF_IR_AND, two(s, WF_IR_OR, long_ago, usual), day);
    add_trigger(s, &t);
}

static void add_figures(struct sample *s)
{
    uint32_t filter = recent(s, 180), amount = s->event[AMOUNT];
    uint32_t mean = value_of(s, aggregate(s, WF_AGG_AVERAGE, WF_T_NUMBER, filter, amount));
    uint32_t least = value_of(s, aggregate(s, WF_AGG_MIN, WF_T_MONEY, filter, amount));
    uint32_t most = value_of(s, aggregate(s, WF_AGG_MAX, WF_T_MONEY, filter, amount));
    uint32_t brands = aggregate(s, WF_AGG_DISTINCT, WF_T_INT, filter, s->event[BRAND]);
    uint32_t first = value_of(s, aggregate(s, WF_AGG_FIRST_OF, WF_T_INT, filter, s->event[QTY]));
    uint32_t spread = two(s, WF_IR_DIV, two(s, WF_IR_SUB, most, least), most);
    uint32_t all = two(s, WF_IR_LT, spread, mean);
    all = two(s, WF_IR_AND, all, two(s, WF_IR_GT, value_of(s, brands), first));
    uint32_t same = two(s, WF_IR_EXACT, least, s->member[BALANCE]);
    all = two(s, WF_IR_OR, all, one(s, WF_IR_MISSING, same));
    uint32_t debt = one(s, WF_IR_NEG, two(s, WF_IR_DIV, s->member[BALANCE], s->member[SCORE]));
    add_segment(s, "figures", two(s, WF_IR_OR, all, two(s, WF_IR_LT, debt, least)));
}

static uint32_t input_column(struct sample *s, struct wf_ir_input input)
{
    input.needed = 1;
    return wf_irb_col(&s->b, wf_irb_input(&s->b, &input));
}

/* What others did: the purchases of those whom a member invited, and what was sent. */
static void add_references(struct sample *s)
{
    uint32_t by = wf_irb_view(&s->b, 0, INVITER, false),
             sent = wf_irb_view(&s->b, WF_NONE, WF_NONE, true);
    struct wf_ir_input at = {.domain = (uint16_t)(WF_DOM_EVENT + by),
                             .type = WF_T_TIME,
                             .record = 1,
                             .field = AT,
                             .via_field = WF_NONE};
    struct wf_ir_input name = {.domain = (uint16_t)(WF_DOM_EVENT + sent),
                               .type = WF_T_TEXT,
                               .record = WF_NONE,
                               .field = WF_SENT_NAME,
                               .via_field = WF_NONE};
    struct wf_ir_input area = {
        .domain = WF_DOM_MEMBER, .type = WF_T_TEXT, .field = SHOP, .via_field = 1};
    uint32_t theirs = two(s, WF_IR_LT, input_column(s, at), now(s));
    uint32_t first = two(s, WF_IR_EQ, input_column(s, name), wf_irb_str(&s->b, "FIRST20"));
    struct wf_ir_agg count = {.type = WF_T_INT, .view = by, .filter = theirs, .value = WF_NONE};
    uint32_t bought = wf_irb_agg(&s->b, &count);
    count.view = sent;
    count.filter = first;
    uint32_t got = wf_irb_agg(&s->b, &count);
    uint32_t all =
        two(s, WF_IR_AND, at_least(s, bought, 3), one(s, WF_IR_NOT, at_least(s, got, 1)));
    uint32_t near = two(s, WF_IR_STARTS, input_column(s, area), constant(s, "外"));
    add_segment(s, "references", two(s, WF_IR_AND, all, near));
}

static bool build(struct wf_program *program, enum sample_kind kind)
{
    struct sample s = {.ir = &program->ir};
    wf_ir_init(&program->ir, &program->arena);
    wf_irb_init(&s.b, &program->ir, NULL);
    program->ir.timezone = text(&s, "Asia/Shanghai");
    make_member(&s);
    make_purchase(&s);
    add_seventh_day(&s);
    if (kind >= SAMPLE_FULL) {
        add_third_day_of_purchase(&s);
        add_anniversary(&s);
        add_last(&s);
        add_figures(&s);
        add_texts(&s);
        add_numbers(&s);
        add_history(&s);
        add_population(&s);
    }
    if (kind == SAMPLE_WIDE)
        add_references(&s);
    struct wf_ir_fault fault;
    bool ok = s.b.status == WF_OK && wf_ir_verify(&program->ir, &fault) == WF_OK;
    wf_irb_release(&s.b);
    return ok;
}

struct wf_program *sample_graph(enum sample_kind kind)
{
    struct wf_program *program = wf_calloc(NULL, 1, sizeof *program);
    if (!program)
        return NULL;
    wf_arena_init(&program->arena, NULL);
    if (build(program, kind))
        return program;
    wf_program_free(program);
    return NULL;
}

struct wf_program *sample_program(enum sample_kind kind)
{
    struct wf_program *program = sample_graph(kind);
    if (!program)
        return NULL;
    if (wf_emit(program)) {
        wf_program_free(program);
        return NULL;
    }
    wf_program_hash(program, program->hash);
    return program;
}
