#include "tests/tools/shop.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "lang/base/value.h"
#include "lang/base/zone.h"

static void die(const char *what)
{
    fprintf(stderr, "shop: %s\n", what);
    abort();
}

static struct wf_ir_field field(struct shop *shop, const char *name, const char *column,
                                enum wf_type type, bool optional)
{
    return (struct wf_ir_field){.name = wf_irb_textz(&shop->b, name),
                                .column = wf_irb_textz(&shop->b, column),
                                .type = (uint8_t)type,
                                .optional = optional,
                                .default_const = WF_NONE,
                                .missing_as = WF_NONE,
                                .format = WF_NONE};
}

static struct wf_ir_record record(struct shop *shop, const char *name, const char *pattern,
                                  const struct wf_ir_field *fields, uint32_t n)
{
    return (struct wf_ir_record){.name = wf_irb_textz(&shop->b, name),
                                 .word = WF_NONE,
                                 .pattern = wf_irb_textz(&shop->b, pattern),
                                 .encoding = WF_NONE,
                                 .fields_first = wf_irb_add_fields(&shop->b, fields, n),
                                 .fields_count = n,
                                 .void_when = WF_NONE,
                                 .at_field = WF_NONE,
                                 .member_field = WF_NONE,
                                 .complete_since = INT32_MIN,
                                 .place = WF_NONE};
}

static void add_member(struct shop *shop)
{
    struct wf_irb *b = &shop->b;
    struct wf_ir_field f[SHOP_FIELDS] = {
        [SHOP_ID] = field(shop, "id", "member_id", WF_T_TEXT, false),
        [SHOP_JOINED] = field(shop, "joined", "joined", WF_T_DATE, false),
        [SHOP_BIRTHDAY] = field(shop, "birthday", "birthday", WF_T_DATE, true),
        [SHOP_CITY] = field(shop, "city", "city", WF_T_TEXT, true),
        [SHOP_TIER] = field(shop, "tier", "tier", WF_T_ENUM, true),
        [SHOP_POINTS] = field(shop, "points", "points", WF_T_INT, false),
        [SHOP_WECOM] = field(shop, "wecom", "wecom", WF_T_BOOL, false),
        [SHOP_TAGS] = field(shop, "tags", "tags", WF_T_SET, false),
        [SHOP_BALANCE] = field(shop, "balance", "balance", WF_T_MONEY, true),
        [SHOP_SCORE] = field(shop, "score", "score", WF_T_NUMBER, true),
        [SHOP_OPENS] = field(shop, "opens", "opens", WF_T_CLOCK, true),
        [SHOP_INVITER] = field(shop, "inviter", "inviter", WF_T_REF, true),
        [SHOP_STORE] = field(shop, "store", "store", WF_T_REF, true),
        [SHOP_PHONE] = field(shop, "phone", "phone", WF_T_TEXT, true),
    };
    uint32_t tiers[3] = {wf_irb_textz(b, "silver"), wf_irb_textz(b, "gold"),
                         wf_irb_textz(b, "black")};
    f[SHOP_ID].key = true;
    f[SHOP_TIER].enums_first = wf_irb_add_enum_names(b, tiers, 3);
    f[SHOP_TIER].enums_count = 3;
    f[SHOP_BIRTHDAY].missing_as = wf_irb_const(b, wf_int_value(WF_T_DATE, -25567));
    f[SHOP_POINTS].has_default = f[SHOP_WECOM].has_default = true;
    f[SHOP_POINTS].default_const = wf_irb_const(b, wf_int_value(WF_T_INT, 0));
    f[SHOP_WECOM].default_const = wf_irb_const(b, wf_bool_value(false));
    f[SHOP_STORE].ref = 1;
    f[SHOP_PHONE].private_ = true;
    shop->program.ir.member = record(shop, "member", "members*.csv", f, SHOP_FIELDS);
}

static void add_events(struct shop *shop)
{
    struct wf_irb *b = &shop->b;
    struct wf_ir_field f[BUY_FIELDS] = {
        [BUY_MEMBER] = field(shop, "member", "member_id", WF_T_TEXT, false),
        [BUY_AT] = field(shop, "at", "paid_at", WF_T_TIME, false),
        [BUY_ORDER] = field(shop, "order", "order", WF_T_TEXT, true),
        [BUY_LINE] = field(shop, "line", "line", WF_T_INT, false),
        [BUY_AMOUNT] = field(shop, "amount", "amount", WF_T_MONEY, false),
        [BUY_BRAND] = field(shop, "brand", "brand", WF_T_TEXT, true),
        [BUY_STATUS] = field(shop, "status", "status", WF_T_TEXT, true),
    };
    f[BUY_LINE].has_default = true;
    f[BUY_LINE].default_const = wf_irb_const(b, wf_int_value(WF_T_INT, 1));
    uint32_t unique[2] = {BUY_ORDER, BUY_LINE};
    struct wf_ir_record events[2] = {record(shop, "purchase", "orders*.csv", f, BUY_FIELDS)};
    events[0].at_field = BUY_AT;
    events[0].member_field = BUY_MEMBER;
    events[0].unique_first = wf_irb_add_uniques(b, unique, 2);
    events[0].unique_count = 2;
    struct wf_ir_field v[3] = {
        field(shop, "member", "member_id", WF_T_TEXT, false),
        field(shop, "at", "at", WF_T_TIME, false),
        field(shop, "shop", "shop", WF_T_TEXT, true),
    };
    events[1] = record(shop, "visit", "visits*.csv", v, 3);
    events[1].at_field = 1;
    events[1].member_field = 0;
    events[1].may_be_empty = true;
    wf_irb_add_events(b, events, 2);
    struct wf_ir_field s[2] = {field(shop, "id", "store_id", WF_T_TEXT, false),
                               field(shop, "city", "city", WF_T_TEXT, true)};
    s[0].key = true;
    struct wf_ir_record stores = record(shop, "table stores", "stores.csv", s, 2);
    wf_irb_add_tables(b, &stores, 1);
}

void shop_open(struct shop *shop)
{
    memset(shop, 0, sizeof(*shop));
    strcpy(shop->dir, "/tmp/wf_shop_XXXXXX");
    if (!mkdtemp(shop->dir))
        die("no scratch folder");
    wf_arena_init(&shop->arena, NULL);
    wf_ir_init(&shop->program.ir, &shop->arena);
    wf_irb_init(&shop->b, &shop->program.ir, NULL);
    shop->program.ir.merges = WF_NONE;
    shop->purchases = shop->visits = shop->invited = shop->sent = WF_NONE;
    add_member(shop);
    add_events(shop);
    if (shop->b.status || wf_zone_fixed(NULL, 8 * 3600, &shop->zone))
        die("the program cannot be built");
    int64_t now;
    struct wf_stamp stamp;
    wf_stamp_parse("2026-11-22T00:00", 16, &stamp);
    now = wf_zone_instant(shop->zone, stamp.day, stamp.clock);
    shop->options = (struct wf_load_options){.dir = shop->dir,
                                             .now = now,
                                             .zone = shop->zone,
                                             .threads = 2,
                                             .max_rejects = 1000000,
                                             .accept_unreadable = 0};
}

static void forget(struct shop *shop)
{
    wf_dataset_free(shop->data);
    wf_load_report_release(&shop->report);
    shop->data = NULL;
}

void shop_remove(const struct shop *shop, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", shop->dir, name);
    unlink(path);
}

void shop_close(struct shop *shop)
{
    forget(shop);
    DIR *dir = opendir(shop->dir);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            shop_remove(shop, entry->d_name);
    if (dir)
        closedir(dir);
    rmdir(shop->dir);
    wf_zone_free(shop->zone);
    wf_irb_release(&shop->b);
    wf_arena_release(&shop->arena);
}

/* ---- inputs and views ---- */

static uint32_t input(struct shop *shop, uint16_t domain, uint32_t rec, uint32_t f, uint32_t via,
                      enum wf_type type)
{
    struct wf_ir_input in = {.domain = domain,
                             .type = (uint8_t)type,
                             .needed = 1,
                             .record = rec,
                             .field = f,
                             .via_field = via};
    uint32_t made = wf_irb_input(&shop->b, &in);
    if (made == WF_NONE)
        die("no input");
    return made;
}

static enum wf_type type_of(const struct shop *shop, const struct wf_ir_record *rec, uint32_t f)
{
    return shop->program.ir.fields[rec->fields_first + f].type;
}

uint32_t shop_member(struct shop *shop, enum shop_field f)
{
    return input(shop, WF_DOM_MEMBER, 0, f, WF_NONE, type_of(shop, &shop->program.ir.member, f));
}

uint32_t shop_member_via(struct shop *shop, enum shop_field f, uint32_t via)
{
    const struct wf_ir *ir = &shop->program.ir;
    const struct wf_ir_record *to =
        ir->fields[ir->member.fields_first + f].ref ? &ir->tables[0] : &ir->member;
    return input(shop, WF_DOM_MEMBER, 0, f, via, type_of(shop, to, via));
}

uint32_t shop_buy(struct shop *shop, uint32_t view, enum shop_purchase f)
{
    return input(shop, (uint16_t)(WF_DOM_EVENT + view), 1, f, WF_NONE,
                 type_of(shop, &shop->program.ir.events[0], f));
}

uint32_t shop_visit(struct shop *shop, uint32_t f)
{
    return input(shop, (uint16_t)(WF_DOM_EVENT + shop->visits), 2, f, WF_NONE,
                 type_of(shop, &shop->program.ir.events[1], f));
}

uint32_t shop_sent(struct shop *shop, enum wf_sent_field f)
{
    return input(shop, (uint16_t)(WF_DOM_EVENT + shop->sent), WF_NONE, f, WF_NONE,
                 f == WF_SENT_AT ? WF_T_TIME : WF_T_TEXT);
}

static void use(struct shop *shop, uint32_t view)
{
    struct wf_ir_agg agg = {.kind = WF_AGG_COUNT, .type = WF_T_INT, .view = view};
    agg.filter = wf_irb_bool(&shop->b, true);
    agg.value = WF_NONE;
    wf_irb_add_aggs(&shop->b, &agg, 1);
    if (shop->b.status)
        die("no view");
}

uint32_t shop_use_purchases(struct shop *shop, bool keys)
{
    shop->purchases = wf_irb_view(&shop->b, 0, WF_NONE, false);
    use(shop, shop->purchases);
    uint32_t status = wf_irb_col(&shop->b, shop_buy(shop, shop->purchases, BUY_STATUS));
    shop->program.ir.events[0].void_when =
        wf_irb_2(&shop->b, WF_IR_EQ, status, wf_irb_str(&shop->b, "cancelled"));
    struct wf_ir_trigger trigger = {.moment = WF_MOMENT_EVENT, .view = shop->purchases};
    if (keys)
        wf_irb_add_triggers(&shop->b, &trigger, 1);
    return shop->purchases;
}

uint32_t shop_use_visits(struct shop *shop)
{
    shop->visits = wf_irb_view(&shop->b, 1, WF_NONE, false);
    use(shop, shop->visits);
    return shop->visits;
}

uint32_t shop_use_invited(struct shop *shop)
{
    shop->invited = wf_irb_view(&shop->b, 0, SHOP_INVITER, false);
    use(shop, shop->invited);
    return shop->invited;
}

uint32_t shop_use_sent(struct shop *shop)
{
    shop->sent = wf_irb_view(&shop->b, WF_NONE, WF_NONE, true);
    use(shop, shop->sent);
    return shop->sent;
}

/* ---- files and results ---- */

void shop_write(const struct shop *shop, const char *name, const void *bytes, size_t len)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", shop->dir, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, len, file) != len || fclose(file))
        die("cannot write");
}

void shop_put(const struct shop *shop, const char *name, const char *text)
{
    shop_write(shop, name, text, strlen(text));
}

enum wf_status shop_load(struct shop *shop)
{
    forget(shop);
    return wf_load(&shop->program, &shop->options, &shop->data, &shop->report);
}

const char *shop_text(const struct shop *shop, uint32_t in, uint64_t row, char *out, size_t room)
{
    struct wf_value value = wf_dataset_value(shop->data, in, row);
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    if (value.type == WF_T_ENUM || value.type == WF_T_REF)
        wf_buf_addf(&buf, "#%lld", (long long)value.i);
    else
        wf_value_print(&buf, shop->zone, value);
    snprintf(out, room, "%s", value.present ? wf_buf_str(&buf) : "-");
    wf_buf_release(&buf);
    return out;
}

uint32_t shop_row(const struct shop *shop, const char *id)
{
    for (uint32_t m = 0; m < shop->data->n_members; m++)
        if (shop->data->ids[m].len == strlen(id) &&
            memcmp(shop->data->id_heap + shop->data->ids[m].at, id, strlen(id)) == 0)
            return m;
    return WF_NONE;
}

/* ---- what a test says of it ---- */

int shop_setup(void **state)
{
    struct shop *shop = calloc(1, sizeof(*shop));
    shop_open(shop);
    *state = shop;
    return 0;
}

int shop_teardown(void **state)
{
    shop_close(*state);
    free(*state);
    return 0;
}

/* Loads and says what the error must contain; NULL: it must succeed. */
void shop_expect(struct shop *shop, enum wf_status want, const char *says)
{
    enum wf_status got = shop_load(shop);
    if (got != want)
        fail_msg("status %d, not %d: %s", got, want, shop->report.error ? shop->report.error : "");
    if (says && !strstr(shop->report.error, says))
        fail_msg("\"%s\" does not say \"%s\"", shop->report.error, says);
    assert_true((shop->data != NULL) == (want == WF_OK));
    assert_true((shop->report.error != NULL) == (want != WF_OK));
}

void shop_expect_text(const struct shop *shop, uint32_t input, uint64_t row, const char *want)
{
    char got[256];
    assert_string_equal(shop_text(shop, input, row, got, sizeof(got)), want);
}

const struct wf_load_feed *shop_feed(const struct shop *shop, size_t i)
{
    assert_true(i < shop->report.n_feeds);
    return &shop->report.feeds[i];
}
