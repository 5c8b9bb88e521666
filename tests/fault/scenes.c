#include "tests/fault/scene.h"

#define MEMBERS(rows)                                                                              \
    {                                                                                              \
        "members.csv", "member_id,joined,points,owner,store\n" rows, "", 0, 0                      \
    }
#define ORDERS(rows)                                                                               \
    {                                                                                              \
        "orders.csv", "member_id,at,order,line,amount\n" rows, "", 0, 0                            \
    }
/* More of them than a page of staged rows holds. */
#define BASKETS(from, to)                                                                          \
    {                                                                                              \
        "orders.csv", "member_id,at,order,line,amount\n", "m1,2026-11-19T10:00,o%d,1,15.00\n",     \
            from, to                                                                               \
    }
#define REPLIES(rows)                                                                              \
    {                                                                                              \
        "replies.jsonl",                                                                           \
            "{\"member_id\": \"m1\", \"at\": \"2026-11-20T00:00\", \"channel\": "                  \
            "\"wecom\"}\n" rows,                                                                   \
            "", 0, 0                                                                               \
    }
#define BAD_REPLY                                                                                  \
    "{\"member_id\": \"m2\", \"at\": \"yesterday\", \"channel\": \"some channel that is long\"}\n"
/* Twenty members, all of whom have points or none, and the purchases of one. */
#define WALKERS(points)                                                                            \
    {                                                                                              \
        "members.csv", "member_id,joined,points,owner,store\n",                                    \
            "m%d,2026-11-01," points ",ann,s1\n", 10, 30                                           \
    }
#define MERGES(rows)                                                                               \
    {                                                                                              \
        "merges.csv", "old,new\n" rows, "", 0, 0                                                   \
    }

#define CROSSING                                                                                   \
    "segment some is points > 0\n"                                                                 \
    "trigger a when joined + 7d then send coupon\n"                                                \
    "trigger b when member becomes some then tag \"in\"\n"                                         \
    "metric m is average of points over members by store\n"                                        \
    "metric n is median of points over members where member in some\n"

/* Three members of whom one is due each night, one crosses, and the store of the other is new. */
#define BEFORE                                                                                     \
    {                                                                                              \
        .as_of = "2026-11-20", .rules = CROSSING,                                                  \
        .feeds = {MEMBERS("m1,2026-11-13,0,,\nm2,2026-11-14,0,,\nm3,2026-11-14,0,,\n")},           \
    }
#define TONIGHT                                                                                    \
    .as_of = "2026-11-21",                                                                         \
    .feeds = {                                                                                     \
        MEMBERS("m1,2026-11-13,9,,\nm2,2026-11-14,0,,\nm3,2026-11-14,9,,\nm4,2026-11-15,0,,\n")}
#define TOMORROW                                                                                   \
    {                                                                                              \
        .as_of = "2026-11-22", .feeds = {                                                          \
            MEMBERS(                                                                               \
                "m1,2026-11-13,9,,\nm2,2026-11-14,9,,\nm3,2026-11-14,0,,\nm4,2026-11-15,9,,\n")    \
        }                                                                                          \
    }

/* Every gate that stops an action, events with keys of their own, and what was sent remembered. */
static const char GATED[] =
    "event reply from \"replies*.jsonl\" { }\n"
    "trigger g when reply + 1d and any reply[channel = \"wecom\"] then tag \"replied\"\n"
    "trigger a when on 2026-11-21 then task owner \"Call\"\n"
    "trigger b when on 2026-11-21 then send coupon at 22:00\n"
    "trigger c holdout 100% when on 2026-11-21 then send coupon, tag \"kept\"\n"
    "trigger d when joined + 1d then tag \"late\"\n"
    "trigger e when purchase[amount > 10] + 1d then send coupon\n"
    "trigger f when joined + 9d and any sent[name = \"default\"] then tag \"had one\"\n";

/* Members at every kind of step, one who leaves by exit, one who is new. */
static const char WALKED[] = "segment some is points > 0\n"
                             "journey ask {\n"
                             "  enter when member becomes some\n"
                             "  again after 30d\n"
                             "  exit when purchased since entry\n"
                             "  goal count purchase since entry >= 1 within 5d\n"
                             "  holdout 10%\n"
                             "  send coupon\n"
                             "  wait 1d\n"
                             "  milestone asked\n"
                             "  split {\n"
                             "    50% \"tag\" { tag \"asked\" }\n"
                             "    50% \"task\" { task owner \"Ask\" due 2d }\n"
                             "  }\n"
                             "  wait for purchase up to 1d { leave } else { tag \"silent\" }\n"
                             "}\n";

static const char MERGED[] = "merges from \"merges*.csv\"\n"
                             "segment rich is points >= 100\n"
                             "trigger a when joined + 7d then tag \"x\"\n"
                             "trigger b when member becomes rich then tag \"in\"\n"
                             "trigger c when purchase + 1d then send coupon\n";

/* Enough rows that the state's pages are many and a file is written in several parts. */
#define CROWD(points)                                                                              \
    {                                                                                              \
        "members.csv", "member_id,joined,points,owner,store\n",                                    \
            "member %d,2026-11-14," points ",owner of %d,store %d\n", 100, 500                     \
    }

/* A published night, a command that changes the state, the night after it. */
#define COMMANDED(words)                                                                           \
    .nights = {BEFORE, {.as_of = "2026-11-20", .command = words}, {TONIGHT}}, .n_nights = 3
#define WALKING                                                                                    \
    {.as_of = "2026-11-18",                                                                        \
     .rules = WALKED,                                                                              \
     .feeds = {WALKERS("0"), ORDERS("m99,2026-11-01T10:00,o0,1,1.00\n")}},                         \
    {                                                                                              \
        .as_of = "2026-11-19", .feeds = {                                                          \
            WALKERS("%d"),                                                                         \
            ORDERS("m99,2026-11-01T10:00,o0,1,1.00\n")                                             \
        }                                                                                          \
    }
#define WALK_ON                                                                                    \
    {                                                                                              \
        .as_of = "2026-11-20", .rules = GONE, .feeds = {                                           \
            WALKERS("%d"),                                                                         \
            ORDERS("m12,2026-11-19T10:00,o1,1,5.00\n")                                             \
        }                                                                                          \
    }
/* The journey that members are in is no longer there. */
static const char GONE[] = "segment some is points > 0\n"
                           "trigger thanks when purchased then tag \"bought\"\n";

/* Exports of what is new: an order of the night before is corrected, one is of nobody yet. */
static const char CHANGED[] = "member delta from \"members*.csv\" { }\n"
                              "event purchase { may be empty }\n"
                              "segment loyal is sum purchase.amount in last 30d > 20.00\n"
                              "trigger c when member becomes loyal then send coupon\n"
                              "trigger d when first purchase + 2d then tag \"first\"\n";

const struct scene SCENES[] = {
    {.name = "first night", .nights = {{TONIGHT, .rules = CROSSING}, TOMORROW}, .n_nights = 2},
    {.name = "ordinary night", .nights = {BEFORE, {TONIGHT}, TOMORROW}, .n_nights = 3},
    {.name = "night of merges",
     .nights = {{.as_of = "2026-11-20",
                 .rules = MERGED,
                 .feeds = {MEMBERS("m1,2026-11-13,50,,\nm2,2026-11-17,50,,\nm3,2026-11-14,50,,\n"),
                           ORDERS("m1,2026-11-19T10:00,o1,1,5.00\n"), MERGES("")}},
                {.as_of = "2026-11-21",
                 .feeds = {MEMBERS("m2,2026-11-17,500,,\nm3,2026-11-14,500,,\n"),
                           ORDERS("m1,2026-11-19T10:00,o1,1,5.00\nm2,2026-11-20T00:00,o2,1,6.00\n"),
                           MERGES("m1,m2\n")}},
                {.as_of = "2026-11-22",
                 .feeds = {MEMBERS("m2,2026-11-17,50,,\nm3,2026-11-14,50,,\n"),
                           ORDERS("m2,2026-11-20T00:00,o2,1,6.00\n"), MERGES("m1,m2\n")}}},
     .n_nights = 3},
    {.name = "night of suppressions",
     .nights = {{.as_of = "2026-11-16",
                 .rules = GATED,
                 .feeds = {MEMBERS("m1,2026-11-12,0,ann,s1\n"),
                           ORDERS("m1,2026-11-14T00:00,o0,1,2.00\n"), REPLIES("")}},
                {.as_of = "2026-11-21",
                 .jsonl = true,
                 .feeds = {MEMBERS("m1,2026-11-12,0,ann,s1\nm2,2026-11-17,0,,s2\n"
                                   "m3,2026-11-20,0,,\n"),
                           ORDERS("m1,2026-11-20T00:00,o1,1,20.00\n"), REPLIES(BAD_REPLY)}},
                {.as_of = "2026-11-22",
                 .feeds = {MEMBERS("m1,2026-11-13,0,ann,s1\nm2,2026-11-17,0,,s2\n"
                                   "m3,2026-11-20,0,,\n"),
                           ORDERS("m1,2026-11-20T00:00,o1,1,20.00\n"
                                  "m2,2026-11-21T00:00,o2,1,30.00\n"),
                           REPLIES("")}}},
     .n_nights = 3},
    {.name = "night of many",
     .nights = {{.as_of = "2026-11-20", .rules = CROSSING, .feeds = {CROWD("0")}},
                {.as_of = "2026-11-21", .feeds = {CROWD("%d")}},
                {.as_of = "2026-11-22", .feeds = {CROWD("0")}}},
     .n_nights = 3},
    {.name = "night of two threads",
     .nights = {BEFORE, {TONIGHT, .threads = 2}, TOMORROW},
     .n_nights = 3},
    {.name = "night without memory",
     .nights = {{.as_of = "2026-11-20",
                 .rules = CHANGED,
                 .feeds = {MEMBERS("m1,2026-11-13,0,ann,s1\nm2,2026-11-14,0,,\n"), BASKETS(1, 40)}},
                {.as_of = "2026-11-21",
                 .event_memory = 1,
                 .feeds = {MEMBERS("m3,2026-11-15,0,,\n"), BASKETS(30, 110)}},
                {.as_of = "2026-11-22",
                 .event_memory = 1,
                 .feeds = {MEMBERS("m1,2026-11-13,9,ann,s1\n"), BASKETS(100, 180)}}},
     .n_nights = 3},
    {.name = "night of changes",
     .nights = {{.as_of = "2026-11-20",
                 .rules = CHANGED,
                 .feeds = {MEMBERS("m1,2026-11-13,0,ann,s1\nm2,2026-11-14,0,,\n"),
                           ORDERS("m1,2026-11-19T10:00,o1,1,15.00\nm3,2026-11-19T10:00,o3,1,1.00\n"
                                  "m2,2026-11-21T10:00,o2,1,30.00\n")}},
                {.as_of = "2026-11-21",
                 .feeds = {MEMBERS("m3,2026-11-15,0,,\n"),
                           ORDERS("m1,2026-11-19T10:00,o1,1,25.00\n")}},
                {.as_of = "2026-11-22",
                 .feeds = {MEMBERS("m1,2026-11-13,9,ann,s1\n"), ORDERS("")}}},
     .n_nights = 3},
    {.name = "night of journeys",
     .nights = {{.as_of = "2026-11-18",
                 .rules = WALKED,
                 .feeds = {WALKERS("0"), ORDERS("m99,2026-11-01T10:00,o0,1,1.00\n")}},
                {.as_of = "2026-11-19",
                 .feeds = {WALKERS("%d"), ORDERS("m99,2026-11-01T10:00,o0,1,1.00\n")}},
                {.as_of = "2026-11-20",
                 .feeds = {WALKERS("%d"), ORDERS("m12,2026-11-19T10:00,o1,1,5.00\n")}},
                {.as_of = "2026-11-21",
                 .feeds = {WALKERS("%d"), ORDERS("m12,2026-11-19T10:00,o1,1,5.00\n"
                                                 "m14,2026-11-20T10:00,o2,1,5.00\n")}}},
     .n_nights = 4},
    {.name = "older state",
     .nights = {{.as_of = "2026-11-20",
                 .rules = "policy { cap 2 task per 3d per owner, 1 send per 3d }\n"
                          "trigger a when joined + 7d then task owner \"Call\"\n"
                          "trigger b when joined + 7d then send coupon\n",
                 .feeds = {MEMBERS("m1,2026-11-13,0,ann,\nm2,2026-11-14,0,ann,\n")}},
                {.as_of = "2026-11-21",
                 .feeds = {MEMBERS("m2,2026-11-14,0,ann,\nm3,2026-11-14,0,,s1\n")}},
                {.as_of = "2026-11-22",
                 .feeds = {MEMBERS("m1,2026-11-13,0,bob,\nm4,2026-11-15,0,ann,\n")}}},
     .n_nights = 3,
     .format = 2},
    {.name = "night that is held",
     .nights = {BEFORE, {TONIGHT, .max_actions = 1, .ends = WF_ERR_HELD}, TOMORROW},
     .n_nights = 3},
    {.name = "held night is approved",
     .nights = {BEFORE,
                {TONIGHT, .max_actions = 1, .ends = WF_ERR_HELD},
                {.as_of = "2026-11-21", .approve = true},
                TOMORROW},
     .n_nights = 4},
    {.name = "held night is run again without the guard",
     .nights = {BEFORE,
                {TONIGHT, .max_actions = 1, .ends = WF_ERR_HELD},
                {.as_of = "2026-11-21"},
                TOMORROW},
     .n_nights = 4},
    {.name = "staging left over",
     .nights = {BEFORE, {TONIGHT}, TOMORROW},
     .n_nights = 3,
     .cut = CALL_WRITE,
     .cut_path = "manifest.json"},
    {.name = "night being published",
     .nights = {BEFORE, {TONIGHT}, TOMORROW},
     .n_nights = 3,
     .cut = CALL_RENAME,
     .cut_path = ".staging"},
    {.name = "first night being published",
     .nights = {{TONIGHT, .rules = CROSSING}, TOMORROW},
     .n_nights = 2,
     .cut = CALL_RENAME,
     .cut_path = ".staging"},
    {.name = "published without its marker",
     .nights = {BEFORE, {TONIGHT}, TOMORROW},
     .n_nights = 3,
     .cut = CALL_OPEN,
     .cut_path = "2026-11-21/PUBLISHED"},
    {.name = "state is made",
     .nights = {{.as_of = "2026-11-20", .command = "init --state STATE"},
                {TONIGHT, .rules = CROSSING}},
     .n_nights = 2,
     .bare = true,
     .alone = WF_ERR_MISSING},
    {.name = "everything is paused", COMMANDED("pause all --state STATE --why wrong")},
    {.name = "everything goes on",
     .nights = {BEFORE,
                {.as_of = "2026-11-20", .command = "pause all --state STATE"},
                {.as_of = "2026-11-20", .command = "resume all --state STATE"},
                {TONIGHT}},
     .n_nights = 4},
    {.name = "night is claimed", COMMANDED("claim --state STATE --out OUT")},
    {.name = "night is carried out", COMMANDED("claim --state STATE --out OUT --done 2026-11-20")},
    {.name = "members are dropped",
     .nights = {WALKING, {.as_of = "2026-11-19", .command = "drop ask --state STATE"}, WALK_ON},
     .n_nights = 4,
     .alone = WF_ERR_HELD},
    {.name = "members walk to the end",
     .nights = {WALKING, {.as_of = "2026-11-19", .command = "finish ask --state STATE"}, WALK_ON},
     .n_nights = 4,
     .alone = WF_ERR_HELD},
};
const unsigned N_SCENES = sizeof(SCENES) / sizeof(*SCENES);
