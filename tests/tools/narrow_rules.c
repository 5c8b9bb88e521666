#include "tests/tools/narrow_rules.h"

#include "tests/tools/wild.h"

static const char *pick(struct wild_random *random, const char *const *list, uint32_t n)
{
    return list[wild_below(random, n)];
}

#define PICK(random, ...)                                                                          \
    pick(random, (const char *const[]){__VA_ARGS__},                                               \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static const char *compare(struct wild_random *random)
{
    return PICK(random, "=", "!=", "<", "<=", ">", ">=");
}

static const char *length(struct wild_random *random)
{
    return PICK(random, "1d", "7d", "8d", "1w", "30d", "31d", "1mo", "2mo", "60d", "48h", "240h");
}

static void write_set(struct wild_random *random, struct wf_buf *out, const char *noun)
{
    wf_buf_adds(out, noun);
    if (wild_chance(random, 40))
        wf_buf_addf(out, "[%s]",
                    PICK(random, "amount > 100", "amount > 300", "amount <= 100", "brand = \"a\"",
                         "brand in (\"a\", \"b\")", "amount > 200 and brand = \"a\"",
                         "points > 3"));
    if (wild_chance(random, 50))
        wf_buf_addf(out, " in last %s", length(random));
    else if (wild_chance(random, 15))
        wf_buf_adds(out, PICK(random, " since 2026-11-01", " since 2026-10-01",
                              " from 2026-10-01 to 2026-11-01"));
}

static void write_events(struct wild_random *random, struct wf_buf *out)
{
    unsigned k = wild_below(random, 4);
    switch (wild_below(random, 8)) {
    case 0: wf_buf_adds(out, "not "); /* fall through */
    case 1: write_set(random, out, "purchased"); break;
    case 2:
        wf_buf_adds(out, "no ");
        write_set(random, out, "purchase");
        break;
    case 3:
    case 4:
        wf_buf_adds(out, "count ");
        write_set(random, out, "purchase");
        wf_buf_addf(out, " %s %u", compare(random), k);
        break;
    case 5:
        wf_buf_addf(out, "sum purchase.amount in last %s %s %u", length(random), compare(random),
                    k * 100);
        break;
    case 6:
        wf_buf_adds(out, PICK(random, "last ", "first "));
        write_set(random, out, "purchase");
        wf_buf_addf(out, " %s %s", PICK(random, "older than", "within last"), length(random));
        break;
    default:
        wf_buf_adds(out, PICK(random, "last purchase is missing", "last purchase is present",
                              "days since last purchase > 30", "days since last purchase <= 7",
                              "max purchase.amount > 200", "average gap purchase < 1d",
                              "distinct purchase.brand > 1", "last purchase.brand = \"a\"",
                              "last purchase >= now - 8d", "first purchase < 2026-11-01T00:00"));
    }
}

static void write_field(struct wild_random *random, unsigned about, struct wf_buf *out)
{
    unsigned k = wild_below(random, 5);
    switch (about) {
    case 0:
    case 1: wf_buf_addf(out, "points %s %u", compare(random), k); break;
    case 2: wf_buf_addf(out, "score %s %u", compare(random), k); break;
    case 3: wf_buf_addf(out, "rate %s %u.%u", compare(random), k, 5 * wild_below(random, 2)); break;
    case 4:
        wf_buf_addf(out, "level %s %s", compare(random), PICK(random, "low", "mid", "high"));
        break;
    case 5:
        wf_buf_addf(out, "level %s (%s, %s)", PICK(random, "in", "not in"),
                    PICK(random, "low", "mid"), PICK(random, "mid", "high"));
        break;
    case 6:
        wf_buf_adds(out, PICK(random, "city = \"a\"", "city != \"a\"", "city in (\"a\", \"ab\")",
                              "city starts with \"a\"", "city contains \"b\"", "city is missing",
                              "city = \"b\"", "(city or else \"b\") = \"b\"", "city is present"));
        break;
    case 7:
        wf_buf_addf(out, "%s %s %s", PICK(random, "joined", "joined", "seen", "birthday"),
                    PICK(random, "older than", "within last", "within next"), length(random));
        break;
    case 8:
        wf_buf_addf(out, "days since %s %s %s", PICK(random, "joined", "seen"), compare(random),
                    PICK(random, "7", "8", "30", "31"));
        break;
    case 9:
        wf_buf_addf(out, "joined %s %s", compare(random),
                    PICK(random, "today", "today - 7d", "today - 30d", "2026-11-01", "2026-10-31"));
        break;
    default:
        wf_buf_adds(out, PICK(random, "wecom", "tagged \"a\"", "\"b\" in tags", "points > score",
                              "points <= score", "birthday is missing", "seen is present",
                              "score is missing", "(score or else 2) > 1", "points > 1.5",
                              "quintile of points >= 5", "quintile of points > 5",
                              "top 10% by points", "top 30% by points", "seen >= now - 240h"));
    }
}

enum { FIELD_TOPICS = 11, DATE_TOPIC = 7, TOPICS = 18 };

struct writer {
    struct wild_random random;
    struct wf_buf *out;
    unsigned topic;    /* what the condition is about, mostly: limits that meet are worth more */
    unsigned segments; /* named so far */
    bool classes;
};

static void write_atom(struct writer *w)
{
    struct wild_random *random = &w->random;
    if (w->segments && wild_chance(random, 8))
        wf_buf_addf(w->out, "s%u", wild_below(random, w->segments));
    else if (w->classes && wild_chance(random, 6))
        wf_buf_addf(w->out, "value %s", PICK(random, "= a", "= b", "!= a", "in (a, c)"));
    else if (w->topic >= FIELD_TOPICS || wild_chance(random, 25))
        write_events(random, w->out);
    else if (w->topic == DATE_TOPIC)
        write_field(random, 7 + wild_below(random, 3), w->out);
    else
        write_field(random, wild_chance(random, 70) ? w->topic : wild_below(random, FIELD_TOPICS),
                    w->out);
}

static void write_condition(struct writer *w, unsigned depth)
{
    if (!depth || wild_chance(&w->random, 25)) {
        write_atom(w);
        return;
    }
    wf_buf_adds(w->out, wild_chance(&w->random, 15) ? "not (" : "(");
    write_condition(w, depth - 1);
    wf_buf_adds(w->out, wild_chance(&w->random, 70) ? " and " : " or ");
    write_condition(w, depth - 1);
    wf_buf_adds(w->out, ")");
}

static void write_segments(struct writer *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        w->topic = wild_below(&w->random, TOPICS);
        wf_buf_addf(w->out, "segment s%u is ", w->segments);
        write_condition(w, 1 + wild_below(&w->random, 3));
        wf_buf_adds(w->out, "\n");
        w->segments++;
    }
}

static void write_triggers(struct writer *w, unsigned n)
{
    static const char *const moments[] = {"joined + 7d",
                                          "purchase + 3d",
                                          "last purchase + 30d",
                                          "seen + 2d",
                                          "joined + 1mo",
                                          "anniversary of birthday",
                                          "purchase[amount > 100]",
                                          "first purchase + 8d",
                                          "value becomes b"};
    for (unsigned i = 0; i < n; i++) {
        w->topic = wild_chance(&w->random, 50) ? DATE_TOPIC : FIELD_TOPICS;
        wf_buf_addf(w->out, "trigger t%u when %s and ", i, moments[wild_below(&w->random, 9)]);
        write_condition(w, 1);
        wf_buf_adds(w->out, " then tag \"x\"\n");
    }
}

static const char schema[] = "import std.retail\n"
                             "member { score int?  level one of (low < mid < high)?  "
                             "rate number?  seen time? }\n";

static void write_program(struct writer *w)
{
    wf_buf_adds(w->out, schema);
    write_segments(w, 10);
    wf_buf_adds(w->out, "classify value {\n");
    w->topic = wild_below(&w->random, TOPICS);
    for (const char *name = "abcd"; *name; name++) {
        wf_buf_addf(w->out, "  %c when ", *name);
        write_condition(w, 1);
        wf_buf_adds(w->out, "\n");
    }
    wf_buf_adds(w->out, "  e otherwise\n}\n");
    w->classes = true;
    write_segments(w, 10);
    write_triggers(w, 8);
}

void narrow_rules(uint64_t seed, struct wf_buf *out)
{
    struct writer w = {.random = {.state = seed}, .out = out};
    write_program(&w);
}

void narrow_settings(uint64_t seed, unsigned rules, struct wf_buf *out)
{
    struct writer w = {.random = {.state = seed}, .out = out};
    wf_buf_adds(out, schema);
    for (unsigned r = 0; r < rules; r++) {
        w.topic = wild_below(&w.random, TOPICS);
        wf_buf_addf(out, "trigger t%u when wecom and ", r);
        write_condition(&w, 2);
        wf_buf_addf(out, " then set city = \"c%u\"\n", r);
    }
}
