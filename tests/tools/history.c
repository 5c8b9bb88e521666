#include "tests/tools/history.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_DAY = 20458 /* 2026-01-05 */, NEVER = 1000, NOBODY = HISTORY_MEMBERS };

int history_roll(uint64_t *dice, int below)
{
    *dice = *dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((*dice >> 33) % (uint64_t)below);
}

static int roll(struct history *h, int below)
{
    return history_roll(&h->dice, below);
}

static bool one_in(struct history *h, int n)
{
    return roll(h, n) == 0;
}

int64_t history_day(int night)
{
    return FIRST_DAY + night;
}

void history_date(int night, char out[WF_DATE_TEXT])
{
    wf_date_text(history_day(night), out);
}

/* ---- rules ---- */

static const char *const ALWAYS =
    "import std.retail\n"
    "table shops from \"shops.csv\" { code text key  kind text? }\n"
    "member delta from \"members*.csv\" { home shops? }\n"
    "event purchase { may be empty  shop shops?  ships date?  gift bool = false\n"
    "  void when status = \"cancelled\" }\n"
    "event visit { may be empty  stay int? }\n"
    "event optout { may be empty }\n"
    "merges from \"merges*.csv\"\n"
    "coupon A \"a\" { value 5.00  stock 40  valid 14d }\n"
    "let spend = sum purchase.amount in last 30d\n"
    "trigger t when joined + 3d and not purchased then send coupon A\n"
    "segment regular is count purchase in last 20d >= 2\n";

static const char *const SOMETIMES[] = {
    "segment gone is last purchase older than 10d and count purchase >= 1\n",
    "segment rich is spend > 300.00\n",
    "segment varied is distinct purchase.brand in last 25d >= 2\n",
    "segment brisk is average gap purchase < 6d\n",
    "segment late is usual hour of purchase >= 15:00\n",
    "segment follower is any purchase followed by visit within 3d\n",
    "segment friends is any purchase by invitees in last 20d\n",
    "segment app is any visit[channel = \"app\"] in last 7d and no optout\n",
    "segment fifth is quintile of points >= 4\n",
    "segment malls is home.kind = \"mall\" or any purchase[shop.kind = \"mall\"]\n",
    "segment big is first purchase.amount > 100.00\n",
    "segment tagged_a is tagged \"a\" and not wecom\n",
    "classify value { super when top 20% by spend  mid when top 60% by spend  rest otherwise }\n"
    "trigger t9 when value becomes super then tag \"super\"\n",
    "trigger t1 when first purchase + 2d then points +10\n",
    "trigger t2 when last purchase + average gap purchase then tag \"gap\"\n",
    "trigger t3 when purchase[amount > 100.00] + 1d and not opted_out then send coupon A\n",
    "trigger t4 when member becomes regular then tag \"often\"\n",
    "trigger t5 when visit + 1d then tag \"visit\"\n",
    "trigger t6 when purchase[shop.kind = \"mall\"] + 1d then tag \"mall\"\n",
    "trigger t7 when points >= 50 then tag \"p\"\n",
    "trigger t8 when every 7d from 2026-01-05 and city = \"c1\" then points +1\n",
    "trigger t10 when count visit since last purchase >= 2 then tag \"since\"\n",
    "trigger t11 when last purchase + 4d and last purchase.brand = \"b1\" then tag \"b1\"\n",
    "journey j { enter when purchase + 1d  again after 10d  exit when opted_out\n"
    "  goal purchased since entry within 8d  tag \"in\"\n"
    "  wait for visit up to 3d { tag \"came\" } else { send coupon A } }\n",
    "policy { cap 2 send per 7d }\n",
    "metric m1 \"m1\" is share of members where count purchase in last 20d >= 1\n",
    "metric m2 \"m2\" is average of spend over members by city\n",
    "segment unseen is no purchase in last 40d\n",
    "trigger t12 when every 3d from 2026-01-06 and count purchase in last 25d >= 1\n"
    "  and days since last purchase > 2 then tag \"often\"\n",
    "segment lately is count purchase in last 3d >= 1 and count purchase in last 9d < 3\n",
    "segment hourly is any purchase in last 36h or sum visit.stay in last 100h > 1\n",
    "segment monthly is sum purchase.amount in last 1mo > 150.00\n",
    "segment dear is max purchase.amount in last 15d > 2 * min purchase.amount in last 15d\n",
    "segment mean is average purchase.amount in last 12d > 90.00\n",
    "segment newest is last purchase.amount > 120.00 and last purchase.gift\n",
    "segment fresh is any purchase[ships >= today - 4d] or any purchase[ships = today]\n",
    "segment older is count purchase[at < now - 6d and brand = \"b2\"] >= 1\n",
    "segment steady is distinct purchase.order in last 14d >= 2\n",
    "segment mine is any purchase[brand = city] in last 18d\n",
    "segment third is quartile of (count purchase in last 11d) = 4\n",
    "event purchase { complete since 2026-01-01 }\n",
};

/* Members are in journeys; what cannot be read in a column that nobody reads any more is fine in a
 * whole export, and stays wrong where only changes come. */
static bool must_stay(const char *rule)
{
    return strncmp(rule, "journey", 7) == 0 || strstr(rule, "points") || strstr(rule, "amount") ||
           strstr(rule, "spend");
}

/* The rows of every member are wanted then: none of them sleeps. */
static bool wakes_all(const char *rule)
{
    return strstr(rule, "when purchase") || strstr(rule, "when visit") ||
           strstr(rule, "followed by") || strstr(rule, "by invitees") || strstr(rule, "shop.kind");
}

const char *history_zone(uint64_t seed)
{
    return seed % 5 == 2 ? "Africa/Casablanca" : "Asia/Shanghai"; /* the first one's clocks turn */
}

void history_rules(uint64_t seed, bool fewer, struct wf_buf *out)
{
    uint64_t dice = seed + 77, fall = seed + 78;
    bool calm = seed % 2; /* there is sleep */
    wf_buf_adds(out, ALWAYS);
    wf_buf_addf(out, "timezone \"%s\"\n", history_zone(seed));
    for (size_t i = 0; i < sizeof(SOMETIMES) / sizeof(*SOMETIMES); i++)
        if (history_roll(&dice, 4) == 0 && !(calm && wakes_all(SOMETIMES[i])) &&
            !(fewer && !must_stay(SOMETIMES[i]) && history_roll(&fall, 3) == 0))
            wf_buf_adds(out, SOMETIMES[i]);
}

/* ---- life ---- */

void history_begin(struct history *h, uint64_t seed)
{
    *h = (struct history){.dice = seed * 2654435761u + 1, .night = -1, .n_shops = 2};
    h->kind_of_ids = (int)(seed / 2 % 3);
    for (int m = 0; m < HISTORY_MEMBERS; m++) {
        struct history_member *member = &h->members[m];
        bool old = m < HISTORY_MEMBERS / 2;
        *member = (struct history_member){.joins = old ? 0 : m * 5 / 2 + roll(h, 3),
                                          .merged = NEVER,
                                          .points = roll(h, 60),
                                          .city = roll(h, 3),
                                          .tags = roll(h, 4),
                                          .shop = roll(h, 6),
                                          .inviter = roll(h, HISTORY_MEMBERS + 6),
                                          .wecom = one_in(h, 2)};
        if (m && !old && member->joins < h->members[m - 1].joins)
            member->joins = h->members[m - 1].joins; /* new ones come in their order */
        member->changed = member->joins;
    }
}

static void change_member(struct history *h)
{
    struct history_member *member = &h->members[roll(h, HISTORY_MEMBERS)];
    if (member->joins > h->night || member->merged != NEVER)
        return;
    member->changed = h->night;
    switch (roll(h, 6)) {
    case 0: member->points = roll(h, 80); break;
    case 1: member->city = roll(h, 3); break;
    case 2: member->tags = roll(h, 4); break;
    case 3: member->shop = roll(h, 6); break;
    case 4: member->inviter = roll(h, HISTORY_MEMBERS + 6); break;
    default: member->wecom = !member->wecom; break;
    }
}

static void break_or_mend(struct history *h)
{
    for (int m = 0; m < HISTORY_MEMBERS; m++) {
        struct history_member *member = &h->members[m];
        if (member->joins > h->night || member->merged != NEVER ||
            !one_in(h, member->broken ? 4 : 400))
            continue;
        member->broken = !member->broken;
        member->changed = h->night;
    }
}

/* Whom a member has become. */
static int now_of(const struct history *h, int member)
{
    while (member < HISTORY_MEMBERS && h->members[member].merged <= h->night)
        member = h->members[member].into;
    return member;
}

/* Have two members orders of one number? */
static bool share_orders(const struct history *h, int a, int b)
{
    for (int i = 0; i < h->n_events; i++)
        for (int j = 0; j < i; j++) {
            const struct history_event *x = &h->events[i], *y = &h->events[j];
            int p = now_of(h, x->member), q = now_of(h, y->member);
            if (x->feed == HISTORY_PURCHASE && y->feed == HISTORY_PURCHASE &&
                x->number == y->number && ((p == a && q == b) || (p == b && q == a)))
                return true;
        }
    return false;
}

static void merge(struct history *h)
{
    int from = roll(h, HISTORY_MEMBERS), into = roll(h, HISTORY_MEMBERS);
    struct history_member *a = &h->members[from], *b = &h->members[into];
    if (from == into || a->joins >= h->night || b->joins >= h->night || a->merged != NEVER ||
        b->merged != NEVER || a->broken || b->broken || share_orders(h, from, into))
        return;
    for (int m = 0; m < HISTORY_MEMBERS; m++)
        if (h->members[m].into == from && h->members[m].merged != NEVER)
            return;
    a->merged = h->night;
    a->into = into;
    a->stays = one_in(h, 2);
}

/* An order of another member gets the number of one there was: it is another one all the same. */
static void take_number(struct history *h, struct history_event *event)
{
    const struct history_event *other = &h->events[roll(h, h->n_events + 1)];
    if (other == event || other->feed != HISTORY_PURCHASE)
        return;
    for (int i = 0; i < h->n_events; i++)
        if (h->events[i].number == other->number &&
            now_of(h, h->events[i].member) == now_of(h, event->member))
            return;
    event->number = other->number;
}

/* Mostly of the day before; some weeks late, some of days to come. */
static void happen(struct history *h)
{
    static const enum history_feed feeds[] = {HISTORY_PURCHASE, HISTORY_PURCHASE, HISTORY_PURCHASE,
                                              HISTORY_VISIT,    HISTORY_VISIT,    HISTORY_OPTOUT};
    if (h->n_events == HISTORY_EVENTS)
        return;
    struct history_event *event = &h->events[h->n_events];
    *event = (struct history_event){.feed = feeds[roll(h, 6)],
                                    .member = roll(h, HISTORY_MEMBERS + 1),
                                    .number = h->n_events,
                                    .line = 1,
                                    .first = h->night,
                                    .changed = h->night,
                                    .hour = roll(h, 24),
                                    .amount = 1 + roll(h, 200),
                                    .brand = roll(h, 4),
                                    .shop = roll(h, 6)};
    if (event->feed == HISTORY_OPTOUT && !one_in(h, 3))
        event->feed = HISTORY_VISIT;
    event->day = history_day(h->night) - 1;
    if (one_in(h, 6))
        event->day -= roll(h, 35);
    else if (one_in(h, 12))
        event->day += 1 + roll(h, 3);
    if (event->feed == HISTORY_PURCHASE) {
        event->broken = one_in(h, 25);
        event->twin = one_in(h, 30);
        if (one_in(h, 5) && h->n_events && event[-1].feed == HISTORY_PURCHASE) {
            event->member = event[-1].member; /* another line of the order before */
            event->number = event[-1].number;
            event->line = event[-1].line + 1;
        }
    }
    event->doubled = one_in(h, 20);
    if (event->feed == HISTORY_PURCHASE && event->line == 1 && one_in(h, 10))
        take_number(h, event);
    h->n_events++;
}

/* Orders are mended, cancelled, changed. */
static void correct(struct history *h)
{
    for (int i = 0; i < h->n_events; i++) {
        struct history_event *event = &h->events[i];
        bool wrong = event->broken || event->twin;
        if (event->feed != HISTORY_PURCHASE || !one_in(h, wrong ? 6 : 60))
            continue;
        event->changed = h->night;
        event->broken = event->twin = false;
        if (one_in(h, 2))
            event->cancelled = !event->cancelled;
        else
            event->amount = 1 + roll(h, 200);
    }
}

void history_live(struct history *h)
{
    h->night++;
    for (int n = roll(h, 3); n > 0; n--)
        change_member(h);
    break_or_mend(h);
    if (one_in(h, 20))
        merge(h);
    for (int n = h->night ? roll(h, 9) : 60; n > 0; n--)
        happen(h);
    correct(h);
    h->n_shops += h->n_shops < 6 && one_in(h, 12);
    h->shops_turn = roll(h, 6);
}

/* ---- exports ---- */

/* Ids are short ones, or serial numbers, or such as grow a digit on the way. */
static const struct {
    const char *member, *order; /* heads */
    int member_digits, order_digits, first;
} KINDS_OF_IDS[] = {{"m", "o", 2, 1, 0}, {"M", "P", 7, 9, 0}, {"", "2026-", 4, 4, 9980}};

static void put_id(const struct history *h, int m, struct wf_buf *out)
{
    int kind = h->kind_of_ids;
    wf_buf_addf(out, "%s%0*d", KINDS_OF_IDS[kind].member, KINDS_OF_IDS[kind].member_digits,
                KINDS_OF_IDS[kind].first + m);
}

static void put_order(const struct history *h, int number, struct wf_buf *out)
{
    int kind = h->kind_of_ids;
    wf_buf_addf(out, "%s%0*d", KINDS_OF_IDS[kind].order, KINDS_OF_IDS[kind].order_digits,
                KINDS_OF_IDS[kind].first + number);
}

static void put_member(const struct history *h, int m, struct wf_buf *out)
{
    static const char *const tags[] = {"", "a", "b", "a;b"};
    const struct history_member *member = &h->members[m];
    char joined[WF_DATE_TEXT];
    history_date(member->joins - (m < HISTORY_MEMBERS / 2 ? 10 + m : 1), joined);
    put_id(h, m, out);
    wf_buf_addf(out, ",%s,%d%s,c%d,%s,s%d,", joined, member->points, member->broken ? "?" : "",
                member->city, tags[member->tags], member->shop);
    if (member->inviter < HISTORY_MEMBERS)
        put_id(h, member->inviter, out);
    wf_buf_adds(out, member->wecom ? ",true\n" : ",false\n");
}

static void put_members(const struct history *h, bool full, int since, uint64_t *dice,
                        struct wf_buf *out)
{
    wf_buf_adds(out, "member_id,joined,points,city,tags,home,inviter,wecom\n");
    for (int m = 0; m < HISTORY_MEMBERS; m++) {
        const struct history_member *member = &h->members[m];
        bool gone = member->merged <= h->night && !member->stays;
        if (member->joins > h->night || gone)
            continue;
        if (full || member->changed > since || history_roll(dice, 12) == 0)
            put_member(h, m, out);
    }
}

static void put_event(const struct history *h, const struct history_event *event,
                      struct wf_buf *out)
{
    char day[WF_DATE_TEXT];
    wf_date_text(event->day, day);
    put_id(h, event->member, out);
    wf_buf_addf(out, ",%sT%02d:30,", day, event->hour);
}

static void put_purchase(const struct history *h, const struct history_event *event, int amount,
                         struct wf_buf *out)
{
    char ships[WF_DATE_TEXT] = "";
    if (event->brand)
        wf_date_text(event->day + event->brand, ships);
    put_event(h, event, out);
    put_order(h, event->number, out);
    wf_buf_addf(out, ",%d,%d.00%s,b%d,s%d,%s,%s,%s\n", event->line, amount,
                event->broken ? "x" : "", event->brand, event->shop,
                event->cancelled ? "cancelled" : "paid", ships, event->hour & 1 ? "true" : "false");
}

static void put_other(const struct history *h, const struct history_event *event,
                      struct wf_buf *out)
{
    put_event(h, event, out);
    wf_buf_addf(out, "%s,%d\n", event->brand & 1 ? "app" : "shop", event->hour % 3);
}

static void put_events(const struct history *h, enum history_feed feed, bool full, int since,
                       uint64_t *dice, struct wf_buf *out)
{
    static const char *const purchases =
        "member_id,at,order,line,amount,brand,shop,status,ships,gift\n";
    wf_buf_adds(out, feed == HISTORY_PURCHASE ? purchases : "member_id,at,channel,stay\n");
    for (int i = 0; i < h->n_events; i++) {
        const struct history_event *event = &h->events[i];
        if (event->feed != feed || !(full || event->changed > since || history_roll(dice, 30) == 0))
            continue;
        for (int copies = event->doubled ? 2 : 1; copies > 0; copies--)
            if (feed == HISTORY_PURCHASE)
                put_purchase(h, event, event->amount, out);
            else
                put_other(h, event, out);
        if (event->twin)
            put_purchase(h, event, event->amount + 1, out);
    }
}

static void put_shops(const struct history *h, struct wf_buf *out)
{
    wf_buf_adds(out, "code,kind\n");
    for (int i = 0; i < h->n_shops; i++) {
        int shop = (i + h->shops_turn) % h->n_shops;
        wf_buf_addf(out, "s%d,%s\n", shop, shop & 1 ? "mall" : "street");
    }
}

static void put_merges(const struct history *h, bool full, int since, struct wf_buf *out)
{
    wf_buf_adds(out, "old,new\n");
    for (int m = 0; m < HISTORY_MEMBERS; m++)
        if (h->members[m].merged <= h->night && (full || h->members[m].merged > since)) {
            put_id(h, m, out);
            wf_buf_addc(out, ',');
            put_id(h, h->members[m].into, out);
            wf_buf_addc(out, '\n');
        }
}

void history_export(const struct history *h, enum history_feed feed, bool full, int since,
                    uint64_t *dice, struct wf_buf *out)
{
    switch (feed) {
    case HISTORY_MEMBER: put_members(h, full, since, dice, out); break;
    case HISTORY_MERGES: put_merges(h, full, since, out); break;
    case HISTORY_SHOPS: put_shops(h, out); break;
    default: put_events(h, feed, full, since, dice, out); break;
    }
}
