/*
 * columns.c - W1 and W2 by hand, as narrow columns on all cores: about what this machine can do. It
 * knows these two schemas, dense ids and clean data; it keeps nothing, checks nothing, explains
 * nothing. Built with -DORDERS it does W2.
 *
 *     columns THREADS DATA OUT
 *
 *   members.csv ─ chunks ─ positions of all separators ─ columns typed ─ a loop a rule ─ answers
 *   orders.csv  ─ chunks ─ ... ─ records, by parts of the members ─ sums a member, part by part ─┘
 *
 * RULES and the words of the columns come from the header that hand_rules.pl makes.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/bench/columns.h"

enum { MEMBER_FIELDS = 24, ORDER_FIELDS = 10, THREADS = 64 };

static const char *folder_in, *folder_out;
static struct words genders, cities, tiers, sources, brands;

#define LEARN(words, ...) learn(words, (const char *const[]){__VA_ARGS__, NULL})

/* ---- members ---- */

/* X(type, name): the columns that rules read. */
#define MEMBER_COLUMNS(X)                                                                          \
    X(uint16_t, joined)                                                                            \
    X(uint16_t, birthday)                                                                          \
    X(uint8_t, gender)                                                                             \
    X(uint8_t, city)                                                                               \
    X(uint16_t, store)                                                                             \
    X(uint8_t, tier)                                                                               \
    X(uint16_t, points)                                                                            \
    X(uint32_t, balance)                                                                           \
    X(uint8_t, wecom)                                                                              \
    X(uint8_t, sms)                                                                                \
    X(uint8_t, push)                                                                               \
    X(uint8_t, opted_in)                                                                           \
    X(uint8_t, source)                                                                             \
    X(uint8_t, age)                                                                                \
    X(uint8_t, visits)                                                                             \
    X(uint32_t, spent)                                                                             \
    X(uint16_t, last_visit)                                                                        \
    X(uint16_t, last_open)                                                                         \
    X(int8_t, nps)                                                                                 \
    X(int8_t, children)                                                                            \
    X(uint8_t, brand)                                                                              \
    X(uint8_t, tag_deal)                                                                           \
    X(uint8_t, tag_vip)                                                                            \
    X(uint8_t, tag_svip)                                                                           \
    X(uint8_t, tag_sleep)                                                                          \
    X(uint8_t, tag_staff)

/* What W2's rules read of a member's orders. */
#ifdef ORDERS
#define ORDER_COLUMNS(X)                                                                           \
    X(uint32_t, amt90)                                                                             \
    X(uint32_t, amt365)                                                                            \
    X(uint32_t, max_amt)                                                                           \
    X(uint16_t, first_at)                                                                          \
    X(uint16_t, last_at)                                                                           \
    X(uint16_t, n)                                                                                 \
    X(uint16_t, n30)                                                                               \
    X(uint16_t, n180)                                                                              \
    X(uint16_t, n365)                                                                              \
    X(uint16_t, qty90)                                                                             \
    X(uint16_t, seen) /* brands: a bit each */                                                     \
    X(uint8_t, app90)                                                                              \
    X(uint8_t, cpn180)                                                                             \
    X(uint8_t, kids365)                                                                            \
    X(uint8_t, big365)                                                                             \
    X(uint8_t, lens_n)
#else
#define ORDER_COLUMNS(X)
#endif

#define COLUMN(type, name) type name[ROWS];
#define FIELD(type, name) type name;
#define LOCAL(type, name) const type name = b->name[i];
#define GATHER(type, name) b->name[i] = sums->name;

struct sums { /* of a member's orders */
    ORDER_COLUMNS(FIELD)
};

struct batch {
    MEMBER_COLUMNS(COLUMN)
    ORDER_COLUMNS(COLUMN)
    uint8_t hit[ROWS];
};

static struct sums *sums_of;        /* by member */
static uint32_t tenth = UINT32_MAX; /* W2: the least amt365 of the top tenth */

static void type_tags(struct batch *b, size_t i, struct cell c)
{
    uint8_t found[256] = {0}; /* by first and third letter: enough to tell them apart */
    const char *tag = c.text, *end = c.text + c.len;
    while (tag < end) {
        found[(uint8_t)(tag[0] * 8 + tag[2])] = 1;
        for (tag += 3; tag < end && *tag++ != ';';)
            ;
    }
#define TAG(a, b) found[(uint8_t)((a)*8 + (b))]
    b->tag_deal[i] = TAG('d', 'a');
    b->tag_vip[i] = TAG('v', 'p');
    b->tag_svip[i] = TAG('s', 'i');
    b->tag_sleep[i] = TAG('s', 'e');
    b->tag_staff[i] = TAG('s', 'a');
}

#define EACH(field, ...)                                                                           \
    for (size_t i = 0; i < c->rows; i++) {                                                         \
        struct cell x = cell_at(c, i, field);                                                      \
        __VA_ARGS__;                                                                               \
    }

/* Column by column: each loop is a short one. */
static void type_members(const struct chunk *c, struct batch *b)
{
    EACH(1, b->joined[i] = day(x))
    EACH(2, b->birthday[i] = (uint16_t)(x.len ? two(x.text + 5) * 100 + two(x.text + 8) : 0))
    EACH(3, b->gender[i] = word(&genders, x))
    EACH(4, b->city[i] = word(&cities, x))
    EACH(5, b->store[i] = (uint16_t)eight(digits_before(x.text + x.len, x.len - 1)))
    EACH(6, b->tier[i] = word(&tiers, x))
    EACH(7, b->points[i] = (uint16_t)number(x))
    EACH(8, b->balance[i] = cents(x))
    EACH(9, b->wecom[i] = *x.text == '1')
    EACH(10, b->sms[i] = *x.text == '1')
    EACH(11, b->push[i] = *x.text == '1')
    EACH(12, b->opted_in[i] = *x.text == '1')
    EACH(13, b->source[i] = word(&sources, x))
    EACH(14, b->age[i] = (uint8_t)number(x))
    EACH(15, b->visits[i] = (uint8_t)number(x))
    EACH(16, b->spent[i] = cents(x))
    EACH(17, b->last_visit[i] = day(x))
    EACH(18, b->last_open[i] = day(x))
    EACH(19, uint32_t whole = eight(digits_before(x.text + x.len - 2, x.len - 2 & 7));
         b->nps[i] = (int8_t)(x.len ? (int)whole * 2 + (x.text[x.len - 1] == '5') : -1))
    EACH(20, b->children[i] = (int8_t)(x.len ? *x.text - '0' : -1))
    EACH(21, b->brand[i] = word(&brands, x))
    EACH(22, type_tags(b, i, x))
#ifdef ORDERS
    EACH(0, const struct sums *sums = &sums_of[eight(digits_before(x.text + x.len, x.len - 1))];
         ORDER_COLUMNS(GATHER))
#endif
}

/* ---- a thread's members ---- */

struct worker {
    pthread_t thread;
    unsigned index, of;
    uint64_t sizes[SEGMENTS];
    char *answers;
    size_t len, room;
    struct parts *parts;
};

static void add_answer(struct worker *w, struct cell id, const char *rule)
{
    if (w->len + 64 > w->room) {
        w->room = w->room ? 2 * w->room : CHUNK;
        w->answers = realloc(w->answers, w->room);
        if (!w->answers)
            exit(70);
    }
    memcpy(w->answers + w->len, id.text, id.len + 1); /* with its ',' */
    w->len += id.len + 1;
    w->len += (size_t)sprintf(w->answers + w->len, "%s\n", rule);
}

static void add_hits(struct worker *w, const struct chunk *c, const struct batch *b,
                     const char *rule)
{
    for (size_t i = 0; i < c->rows; i += 8)
        for (uint64_t eight_hits = load((const char *)b->hit + i); eight_hits;
             eight_hits &= eight_hits - 1) {
            size_t row = i + (size_t)__builtin_ctzll(eight_hits) / 8;
            add_answer(w, cell_at(c, row, 0), rule);
        }
}

#ifdef ORDERS
#define BRANDS const int brands = __builtin_popcount(seen), top_tenth = amt365 >= tenth;
#else
#define BRANDS
#endif
#define TEST(test)                                                                                 \
    for (size_t i = 0; i < rows; i++) {                                                            \
        MEMBER_COLUMNS(LOCAL) ORDER_COLUMNS(LOCAL) BRANDS b->hit[i] = (uint8_t)(test);             \
    }
#define SEGMENT(k, test)                                                                           \
    TEST(test)                                                                                     \
    for (size_t i = 0; i < rows; i++)                                                              \
        w->sizes[k] += b->hit[i];
#define TRIGGER(name, test)                                                                        \
    TEST(test)                                                                                     \
    add_hits(w, c, b, name);

static void judge(struct worker *w, const struct chunk *c, struct batch *b)
{
    const size_t rows = c->rows;
    memset(b->hit, 0, sizeof(b->hit)); /* also behind the last row */
    RULES
}

static void *do_members(void *arg)
{
    struct worker *w = arg;
    struct chunk c = share(open_in(folder_in, "members.csv"), MEMBER_FIELDS, w->index, w->of);
    struct batch *b = take(sizeof(*b) + PAD);
    while (next_chunk(&c)) {
        type_members(&c, b);
        judge(w, &c, b);
    }
    return NULL;
}

/* ---- orders ---- */

#ifdef ORDERS
enum {
    PART = 1 << 14, /* members whose sums fit the cache */
    BLOCK = 1020,   /* records */
    MAX_PARTS = 1 << 16,
    APP = 1,
    IN_STORE = 2,
    COUPON = 4,
    KIDS = 8,
};

#define DAY(y, m, d) (((y)-1900) * 372 + ((m)-1) * 31 + (d)-1)

struct record {
    uint32_t member, cents;
    uint16_t day;
    uint8_t flags;
    uint8_t brand_qty; /* brand * 16 + qty */
};

struct block {
    struct block *next;
    size_t n;
    struct record records[BLOCK];
};

struct parts { /* of one thread */
    struct block *first[MAX_PARTS];
};

static uint32_t n_members;
static atomic_uint next_part;
static struct words categories, channels;

static struct record *new_record(struct parts *parts, uint32_t member)
{
    struct block **first = &parts->first[member / PART], *block = *first;
    if (!block || block->n == BLOCK) {
        block = malloc(sizeof(*block));
        if (!block)
            exit(70);
        block->next = *first;
        block->n = 0;
        *first = block;
    }
    return &block->records[block->n++];
}

static void *do_orders(void *arg)
{
    struct worker *w = arg;
    struct chunk c = share(open_in(folder_in, "orders.csv"), ORDER_FIELDS, w->index, w->of);
    w->parts = take(sizeof(*w->parts));
    while (next_chunk(&c))
        for (size_t i = 0; i < c.rows; i++) {
            struct cell id = cell_at(&c, i, 1), at = cell_at(&c, i, 2), x = cell_at(&c, i, 9);
            if (x.len && *x.text == 'c') /* cancelled */
                continue;
            uint32_t member = eight(digits_before(id.text + id.len, id.len - 1));
            uint8_t channel = word(&channels, cell_at(&c, i, 7));
            uint8_t kids = word(&categories, cell_at(&c, i, 6));
            *new_record(w->parts, member) = (struct record){
                .member = member,
                .cents = cents(cell_at(&c, i, 3)),
                .day = day(at),
                .flags = (uint8_t)(channel | kids * KIDS | (cell_at(&c, i, 8).len ? COUPON : 0)),
                .brand_qty = (uint8_t)(word(&brands, cell_at(&c, i, 5)) * 16 +
                                       (*cell_at(&c, i, 4).text - '0')),
            };
        }
    return NULL;
}

static inline void add_order(struct sums *s, const struct record *r)
{
    bool in30 = r->day >= DAY(2026, 10, 23), in90 = r->day >= DAY(2026, 8, 24);
    bool in180 = r->day >= DAY(2026, 5, 26), in365 = r->day >= DAY(2025, 11, 22);
    unsigned brand = r->brand_qty / 16;
    s->n++;
    s->n30 += in30;
    s->n180 += in180;
    s->n365 += in365;
    s->amt90 += in90 ? r->cents : 0;
    s->amt365 += in365 ? r->cents : 0;
    s->max_amt = s->max_amt > r->cents ? s->max_amt : r->cents;
    s->first_at = s->first_at && s->first_at < r->day ? s->first_at : r->day;
    s->last_at = s->last_at > r->day ? s->last_at : r->day;
    s->app90 += in90 && r->flags & APP;
    s->cpn180 += in180 && r->flags & COUPON;
    s->kids365 += in365 && r->flags & KIDS;
    s->qty90 += in90 ? r->brand_qty % 16 : 0;
    s->big365 += in365 && r->flags & IN_STORE && r->cents > 50000;
    s->lens_n += brand == 1 || brand == 4;
    s->seen |= (uint16_t)(1u << brand >> 1);
}

static struct worker workers[THREADS];

/* Part by part, whoever is free. */
static void *do_sums(void *arg)
{
    const struct worker *w = arg;
    for (uint32_t p; (p = atomic_fetch_add(&next_part, 1)) <= n_members / PART;)
        for (unsigned t = 0; t < w->of; t++)
            for (struct block *b = workers[t].parts->first[p], *next; b; b = next) {
                for (size_t i = 0; i < b->n; i++)
                    add_order(&sums_of[b->records[i].member], &b->records[i]);
                next = b->next;
                free(b);
            }
    return NULL;
}

/* The least amount with 9 tenths of the members below it: by its high digits, then by its low. */
static void find_tenth(void)
{
    enum { LOW = 1 << 12, HIGH = 1 << 20 };
    uint32_t *high = take(HIGH * sizeof(*high)), low[LOW] = {0};
    uint64_t below = 0, wanted = ((uint64_t)n_members * 9 + 9) / 10;
    for (uint32_t m = 0; m < n_members; m++)
        high[sums_of[m].amt365 / LOW]++;
    uint32_t h = 0, l = 0;
    for (; h + 1 < HIGH && below + high[h] < wanted; h++)
        below += high[h];
    for (uint32_t m = 0; m < n_members; m++)
        if (sums_of[m].amt365 / LOW == h)
            low[sums_of[m].amt365 % LOW]++;
    for (; l < LOW && below < wanted; l++)
        below += low[l];
    tenth = h * LOW + l;
    free(high);
}

static uint32_t count_members(void)
{
    char text[4096];
    struct stat st;
    int fd = open_in(folder_in, "members.csv");
    fstat(fd, &st);
    off_t from = st.st_size > 4000 ? st.st_size - 4000 : 0;
    ssize_t n = pread(fd, text, 4000, from);
    const char *last = n > 1 ? memrchr(text, '\n', (size_t)n - 1) : NULL;
    close(fd);
    return last ? (uint32_t)atoi(last + 2) + 1 : 0; /* "\nM0000123,..." */
}
#else
static struct worker workers[THREADS];
#endif

/* ---- all of it ---- */

static void on_all(unsigned threads, void *(*work)(void *))
{
    for (unsigned t = 0; t < threads; t++) {
        workers[t].index = t;
        workers[t].of = threads;
        if (pthread_create(&workers[t].thread, NULL, work, &workers[t]) != 0)
            exit(70);
    }
    for (unsigned t = 0; t < threads; t++)
        pthread_join(workers[t].thread, NULL);
}

static FILE *create_out(const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder_out, name);
    FILE *out = fopen(path, "w");
    if (!out) {
        perror(path);
        exit(74);
    }
    return out;
}

static bool write_out(unsigned threads)
{
    FILE *answers = create_out("answers.csv"), *sizes = create_out("sizes.txt");
    for (unsigned t = 0; t < threads; t++)
        fwrite(workers[t].answers, 1, workers[t].len, answers);
    for (size_t k = 0; k < SEGMENTS; k++) {
        uint64_t size = 0;
        for (unsigned t = 0; t < threads; t++)
            size += workers[t].sizes[k];
        fprintf(sizes, "%llu\n", (unsigned long long)size);
    }
    bool failed = ferror(answers) || ferror(sizes);
    return fclose(answers) == 0 && fclose(sizes) == 0 && !failed;
}

int main(int argc, char **argv)
{
    unsigned threads = argc == 4 ? (unsigned)atoi(argv[1]) : 0;
    if (threads < 1 || threads > THREADS)
        return 64;
    folder_in = argv[2];
    folder_out = argv[3];
    LEARN(&genders, GENDER_WORDS);
    LEARN(&cities, CITY_WORDS);
    LEARN(&tiers, TIER_WORDS);
    LEARN(&sources, SOURCE_WORDS);
    LEARN(&brands, BRAND_WORDS);
#ifdef ORDERS
    LEARN(&categories, "kids"); /* the others: 0 */
    LEARN(&channels, "app", "store");
    n_members = count_members();
    sums_of = take(n_members * sizeof(*sums_of));
    on_all(threads, do_orders);
    on_all(threads, do_sums);
    find_tenth();
#endif
    on_all(threads, do_members);
    return write_out(threads) ? 0 : 74;
}
