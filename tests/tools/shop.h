/*
 * shop.h - a small program over exports in a scratch folder, for the tests of runtime/data.
 *
 *   member   id, joined date, birthday date? (1900-01-01 is missing), city text?, tier one of
 *            (silver, gold, black)?, points int = 0, wecom bool = false, tags set, balance money?,
 *            score number?, opens clock?, inviter member?, store stores?, phone text? (private)
 *   purchase at time from "paid_at", order text?, line int = 1, amount money, brand text?,
 *            status text?; unique (order, line); void when status = "cancelled"
 *   visit    at time, shop text?; may be empty; no unique
 *   stores   id, city text?
 */
#ifndef WF_TESTS_SHOP_H
#define WF_TESTS_SHOP_H

#include "lang/code/program.h"
#include "lang/ir/build.h"
#include "runtime/data/load.h"

enum shop_field {
    SHOP_ID,
    SHOP_JOINED,
    SHOP_BIRTHDAY,
    SHOP_CITY,
    SHOP_TIER,
    SHOP_POINTS,
    SHOP_WECOM,
    SHOP_TAGS,
    SHOP_BALANCE,
    SHOP_SCORE,
    SHOP_OPENS,
    SHOP_INVITER,
    SHOP_STORE,
    SHOP_PHONE,
    SHOP_FIELDS
};

enum shop_purchase {
    BUY_MEMBER,
    BUY_AT,
    BUY_ORDER,
    BUY_LINE,
    BUY_AMOUNT,
    BUY_BRAND,
    BUY_STATUS,
    BUY_FIELDS
};

struct shop {
    char dir[64];
    struct wf_arena arena;
    struct wf_irb b;
    struct wf_program program;
    struct wf_zone *zone;
    struct wf_load_options options;
    struct wf_dataset *data; /* of the last shop_load */
    struct wf_load_report report;
    uint32_t purchases, visits, invited, sent; /* views, WF_NONE until asked for */
    uint32_t n_consts;
};

void shop_open(struct shop *shop);
void shop_close(struct shop *shop); /* removes the folder */

/* Inputs; the columns become needed. */
uint32_t shop_member(struct shop *shop, enum shop_field field);
uint32_t shop_member_via(struct shop *shop, enum shop_field field, uint32_t via);
uint32_t shop_buy(struct shop *shop, uint32_t view, enum shop_purchase field);
uint32_t shop_visit(struct shop *shop, uint32_t field); /* 0 member, 1 at, 2 shop */
uint32_t shop_sent(struct shop *shop, enum wf_sent_field field);

/* Makes a view used (and with keys, an event trigger's). */
uint32_t shop_use_purchases(struct shop *shop, bool keys);
uint32_t shop_use_visits(struct shop *shop);
uint32_t shop_use_invited(struct shop *shop);
uint32_t shop_use_sent(struct shop *shop);

/* Files of the folder. */
void shop_write(const struct shop *shop, const char *name, const void *bytes, size_t len);
void shop_put(const struct shop *shop, const char *name, const char *text);
void shop_remove(const struct shop *shop, const char *name);

/* Loads, freeing what was loaded before. */
enum wf_status shop_load(struct shop *shop);

/* The value of an input at a row as text ("-" when missing), in a static-free buffer of the caller.
 */
const char *shop_text(const struct shop *shop, uint32_t input, uint64_t row, char *out,
                      size_t room);

/* The row of a member, WF_NONE if it is not there. */
uint32_t shop_row(const struct shop *shop, const char *id);

/* cmocka's setup and teardown: *state is a fresh, open shop. */
int shop_setup(void **state);
int shop_teardown(void **state);

/* Loads; the error must contain `says` (NULL: nothing is asked of it). */
void shop_expect(struct shop *shop, enum wf_status want, const char *says);
void shop_expect_text(const struct shop *shop, uint32_t input, uint64_t row, const char *want);
const struct wf_load_feed *shop_feed(const struct shop *shop, size_t i);

#endif
