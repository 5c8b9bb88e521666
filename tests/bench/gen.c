/*
 * gen.c - makes a member base for the benchmark: the same bytes for the same arguments.
 *
 *     gen MEMBERS ORDERS_A_MEMBER FOLDER
 *
 * writes FOLDER/members.csv (24 columns) and FOLDER/orders.csv (10 columns), as a shop's system
 * would export them for the night of 2026-11-22. Orders are in the order of their time, as exports
 * are; members of very different activity are mixed; cells are empty as often as in real exports.
 *
 *     gen MEMBERS ORDERS_A_MEMBER FOLDER CHANGED
 *
 * writes what the same system would export of the day after, changes alone: CHANGED members who
 * came and bought that day, one in 20 of them new, and a fiftieth as many old orders cancelled.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/calendar.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { NIGHT = 20779, HISTORY = 1000 }; /* 2026-11-22, and how many days it all began before */

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

struct dice {
    uint64_t state;
};

static uint64_t roll(struct dice *dice, uint64_t sides)
{
    dice->state += 1;
    return mix(dice->state) % sides;
}

static bool chance(struct dice *dice, unsigned percent)
{
    return roll(dice, 100) < percent;
}

/* Small values often, large ones seldom. */
static uint64_t skewed(struct dice *dice, uint64_t sides)
{
    uint64_t r = roll(dice, 1 << 20);
    return (r * r >> 20) * sides >> 20;
}

static const char *pick(struct dice *dice, const char *const *words, size_t n)
{
    return words[skewed(dice, n)];
}

static const char *const cities[] = {"上海", "北京", "广州",      "深圳",     "杭州", "苏州",
                                     "成都", "重庆", "武汉",      "西安",     "南京", "郑州",
                                     "长沙", "青岛", "大连",      "福州",     "厦门", "昆明",
                                     "贵阳", "兰州", "Hong Kong", "Singapore"};
static const char *const brands[] = {"明月",     "万新眼镜", "依视路",   "蔡司",
                                     "宝岛眼镜", "海俪恩",   "暴龙眼镜", "木九十",
                                     "Oakley",   "Ray-Ban",  "Gucci"};
static const char *const sources[] = {"store", "wechat_ad", "wechat_friend", "friend",
                                      "web",   "tmall",     "event",         "other"};
static const char *const tags[] = {"deal", "vip", "sleep", "svip", "kids", "sport", "staff"};
static const char *const tiers[] = {"silver", "gold", "black"};
static const char *const categories[] = {"frame", "lens", "sun", "contact", "kids", "care"};
static const char *const channels[] = {"store", "app", "web", "tmall"};

static void put_date(FILE *out, int64_t day)
{
    char text[WF_DATE_TEXT];
    wf_date_text(day, text);
    fputs(text, out);
}

/* ",2026-11-01" of a day up to `ago` days ago, or "," alone in `missing` of 100; `today`: of the
 * night's own day, which the dice do not know of. */
static void add_date(FILE *out, struct dice *dice, uint64_t ago, unsigned missing, bool today)
{
    fputc(',', out);
    int64_t day = NIGHT - 1 - (int64_t)skewed(dice, ago);
    if (!chance(dice, missing) || today)
        put_date(out, today ? NIGHT : day);
}

static void add_int(FILE *out, struct dice *dice, uint64_t low, uint64_t sides, unsigned missing)
{
    fputc(',', out);
    uint64_t value = low + skewed(dice, sides);
    if (!chance(dice, missing))
        fprintf(out, "%" PRIu64, value);
}

static void add_money(FILE *out, struct dice *dice, uint64_t low, uint64_t sides)
{
    uint64_t cents = low + skewed(dice, sides);
    fprintf(out, ",%" PRIu64 ".%02" PRIu64, cents / 100, cents % 100);
}

static void add_flag(FILE *out, struct dice *dice, unsigned percent)
{
    fputs(chance(dice, percent) ? ",1" : ",0", out);
}

static void add_word(FILE *out, const char *word, bool there)
{
    fputc(',', out);
    if (there)
        fputs(word, out);
}

/* One of the words, or none in `missing` of 100. (The dice are rolled in this order, whatever the
 * compiler: the bytes hang on it.) */
static void add_pick(FILE *out, struct dice *dice, const char *const *words, size_t n,
                     unsigned missing)
{
    bool there = !missing || !chance(dice, missing);
    add_word(out, pick(dice, words, n), there);
}

#define ADD_PICK(out, dice, words, missing) add_pick(out, dice, words, LENGTH(words), missing)

/* `word` in `percent` of 100, else the other one. */
static void add_either(FILE *out, struct dice *dice, const char *word, unsigned percent,
                       const char *other, unsigned missing)
{
    bool there = !chance(dice, missing);
    add_word(out, chance(dice, percent) ? word : other, there);
}

static void add_tags(FILE *out, struct dice *dice)
{
    fputc(',', out);
    size_t first = skewed(dice, LENGTH(tags) + 4);
    for (size_t i = first, n = 0; i < LENGTH(tags) && n < 3; i += 1 + roll(dice, 3), n++)
        fprintf(out, "%s%s", n ? ";" : "", tags[i]);
}

/* As the member was, or came and bought (`today`), or joined in doing so (`is_new`). */
static void put_member(FILE *out, uint64_t i, bool today, bool is_new)
{
    struct dice dice = {mix(i)};
    fprintf(out, "M%07" PRIu64, i);
    add_date(out, &dice, HISTORY, 0, is_new); /* joined */
    fputc(',', out);                          /* birthday */
    int64_t born = NIGHT - 15 * 365 - (int64_t)roll(&dice, 55 * 365);
    if (!chance(&dice, 15))
        put_date(out, born);
    add_either(out, &dice, "f", 60, "m", 10);
    ADD_PICK(out, &dice, cities, 5);
    fprintf(out, ",S%03" PRIu64, 1 + skewed(&dice, 400));
    ADD_PICK(out, &dice, tiers, 20);
    add_int(out, &dice, today ? 20 : 0, 8000, 0); /* points */
    add_money(out, &dice, 0, 30000);              /* balance */
    add_flag(out, &dice, 60);
    add_flag(out, &dice, 80);
    add_flag(out, &dice, 25);
    add_flag(out, &dice, 90);
    ADD_PICK(out, &dice, sources, 0);
    add_int(out, &dice, 15, 60, 30);                   /* age */
    add_int(out, &dice, today ? 2 : 1, 40, 0);         /* visits */
    add_money(out, &dice, today ? 20000 : 0, 1200000); /* spent */
    add_date(out, &dice, 700, 25, today);              /* last_visit */
    add_date(out, &dice, 200, 40, false);              /* last_open */
    fputc(',', out);                                   /* nps */
    uint64_t halves = roll(&dice, 21);
    if (!chance(&dice, 60))
        fprintf(out, "%" PRIu64 ".%c", halves / 2, halves % 2 ? '5' : '0');
    add_int(out, &dice, 0, 4, 35); /* children */
    ADD_PICK(out, &dice, brands, 12);
    add_tags(out, &dice);
    fprintf(out, ",W%04" PRIu64 "\n", roll(&dice, 2000)); /* owner: no rule reads it */
}

/* Members stand in the order of how much they buy; ids are spread over them. */
static uint64_t member_at(uint64_t rank, uint64_t members)
{
    return (rank * 7919 + 13) % members;
}

/* Whose order it is: a tenth of the members buys half of everything, a tenth never buys. */
static uint64_t buyer(struct dice *dice, uint64_t members)
{
    uint64_t active = members - members / 10;
    if (active < 10)
        return roll(dice, members);
    return chance(dice, 50) ? roll(dice, active / 10) : roll(dice, active);
}

struct order {
    uint64_t i, member;
    int64_t day;
    uint64_t second; /* of the day */
    bool cancelled;  /* later on */
};

static void put_order(FILE *out, const struct order *order, struct dice *dice)
{
    char at[WF_STAMP_TEXT];
    wf_stamp_text(order->day, (int64_t)order->second, at);
    fprintf(out, "P%09" PRIu64 ",M%07" PRIu64 ",%s", order->i, order->member, at);
    add_money(out, dice, 0, 400000);
    add_int(out, dice, 1, 4, 0);
    ADD_PICK(out, dice, brands, 3);
    ADD_PICK(out, dice, categories, 0);
    ADD_PICK(out, dice, channels, 0);
    bool coupon = chance(dice, 30);
    add_word(out, chance(dice, 50) ? "FIRST20" : "618", coupon);
    if (order->cancelled)
        add_word(out, "cancelled", true);
    else
        add_either(out, dice, "paid", 90, "cancelled", 20);
    fputc('\n', out);
}

/* The i-th of the orders, spread evenly over the history, in the order of time. */
static void put_past_order(FILE *out, uint64_t i, uint64_t orders, uint64_t members, bool cancelled)
{
    struct dice dice = {mix(i ^ UINT64_C(0x5DEECE66D) << 20)};
    uint64_t second = (uint64_t)((double)i / (double)orders * HISTORY * 86400.0);
    int64_t day = NIGHT - HISTORY + (int64_t)(second / 86400);
    struct order order = {i, member_at(buyer(&dice, members), members), day, second % 86400,
                          cancelled};
    put_order(out, &order, &dice);
}

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (!out) {
        perror(path);
        exit(74);
    }
    return out;
}

struct shop {
    uint64_t members, orders;
    const char *folder;
};

static FILE *create_members(const struct shop *shop)
{
    FILE *out = create(shop->folder, "members.csv");
    fputs("member_id,joined,birthday,gender,city,store,tier,points,balance,wecom,sms,push,opted_in,"
          "source,age,visits,spent,last_visit,last_open,nps,children,brand,tags,owner\n",
          out);
    return out;
}

static FILE *create_orders(const struct shop *shop)
{
    FILE *out = create(shop->folder, "orders.csv");
    fputs("order,member_id,at,amount,qty,brand,category,channel,coupon,status\n", out);
    return out;
}

static bool put_night(const struct shop *shop)
{
    FILE *out = create_members(shop);
    for (uint64_t i = 0; i < shop->members; i++)
        put_member(out, i, false, false);
    bool bad = fclose(out) != 0;
    out = create_orders(shop);
    for (uint64_t i = 0; i < shop->orders; i++)
        put_past_order(out, i, shop->orders, shop->members, false);
    return fclose(out) == 0 && !bad;
}

/* The n-th of those who came: evenly spread over how much members buy, then the new ones. */
static uint64_t visitor(const struct shop *shop, uint64_t n, uint64_t old)
{
    return n < old ? member_at(n * shop->members / old, shop->members) : shop->members + n - old;
}

static bool put_changes(const struct shop *shop, uint64_t changed)
{
    uint64_t old = changed - changed / 20, cancelled = changed / 50;
    if (cancelled > shop->orders)
        cancelled = shop->orders;
    FILE *out = create_members(shop);
    for (uint64_t n = 0; n < changed; n++)
        put_member(out, visitor(shop, n, old), true, n >= old);
    bool bad = fclose(out) != 0;
    out = create_orders(shop);
    for (uint64_t n = 0; n < cancelled; n++)
        put_past_order(out, n * shop->orders / cancelled, shop->orders, shop->members, true);
    for (uint64_t n = 0; n < changed; n++) {
        struct dice dice = {mix(n ^ UINT64_C(0xC0FFEE) << 24)};
        struct order order = {shop->orders + n, visitor(shop, n, old), NIGHT, n * 86400 / changed,
                              false};
        put_order(out, &order, &dice);
    }
    return fclose(out) == 0 && !bad;
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: gen MEMBERS ORDERS_A_MEMBER FOLDER [CHANGED]\n");
        return 64;
    }
    uint64_t members = strtoull(argv[1], NULL, 10), each = strtoull(argv[2], NULL, 10);
    uint64_t changed = argc == 5 ? strtoull(argv[4], NULL, 10) : 0;
    struct shop shop = {members, members * each, argv[3]};
    if (changed > members) {
        fprintf(stderr, "gen: at most all of the %" PRIu64 " members can change\n", members);
        return 64;
    }
    return (argc == 5 ? put_changes(&shop, changed) : put_night(&shop)) ? 0 : 74;
}
