/*
 * Any bytes as an export: loading answers, and says why where it refuses. The first byte picks the
 * feed and the container.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct shop *open_shop(void)
{
    static struct shop shop;
    shop_open(&shop);
    uint32_t view = shop_use_purchases(&shop, true);
    for (uint32_t f = SHOP_JOINED; f < SHOP_STORE; f++)
        shop.program.ir.inputs[shop_member(&shop, f)].implied = 1; /* any column may be absent */
    shop_buy(&shop, view, BUY_AMOUNT);
    shop_buy(&shop, view, BUY_BRAND);
    shop_buy(&shop, shop_use_invited(&shop), BUY_ORDER);
    shop_use_visits(&shop);
    shop_visit(&shop, 2);
    shop.options.accept_unreadable = 1000000;
    return &shop;
}

static const char *const names[] = {"members-x.csv",   "orders-x.csv",     "visits-x.csv",
                                    "orders-x.csv.gz", "visits-x.csv.zst", "members-x.jsonl.csv"};
enum { KINDS = sizeof(names) / sizeof(names[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct shop *shop;
    if (!shop) {
        shop = open_shop();
        shop_put(
            shop, "members.csv",
            "member_id,joined,birthday,city,tier,points,wecom,tags,balance,score,opens,inviter\n"
            "m1,2026-11-15,,x,gold,1,1,vip;a,1.5,2,09:30,m2\nm2,2020-01-01,,,,,,,,,,\n");
        shop_put(shop, "orders.csv",
                 "member_id,paid_at,order,line,amount,brand,status\n"
                 "m1,2026-11-01 10:00,a,1,1,b,paid\n");
        shop_put(shop, "visits.csv", "member_id,at,shop\nm1,2026-11-01 10:00,a\n");
    }
    if (!len)
        return 0;
    const char *name = names[bytes[0] % KINDS];
    shop->program.ir.events[1].encoding =
        bytes[0] & 0x80 ? wf_irb_textz(&shop->b, "gb18030") : WF_NONE;
    shop->options.threads = 1 + (bytes[0] >> 6 & 1);
    shop_write(shop, name, bytes + 1, len - 1);
    enum wf_status status = shop_load(shop);
    if ((status == WF_OK) != (shop->data != NULL) ||
        (status != WF_OK) != (shop->report.error != NULL))
        abort();
    if (status == WF_ERR_INTERNAL || status == WF_ERR_USAGE)
        abort(); /* bytes of a file are never our fault */
    shop_remove(shop, name);
    return 0;
}
