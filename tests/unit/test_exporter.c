/* The exporter's manifest: what it may say, and every way in which the files may not be so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "tests/tools/shop.h"

#define MEMBERS "member_id,points\nm1,1\nm2,2\n"
#define BUYS "member_id,paid_at,order,line,amount,brand,status\n"

/* A shop that reads members and purchases, both there. */
static int open_shop(void **state)
{
    int rc = shop_setup(state);
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_use_purchases(shop, false);
    shop_put(shop, "members.csv", MEMBERS);
    shop_put(shop, "orders.csv", BUYS "m1,2026-11-01T10:00,o1,1,5.00,,\n");
    return rc;
}

static void says(struct shop *shop, const char *manifest, enum wf_status want, const char *error)
{
    shop_put(shop, "manifest.json", manifest);
    shop_expect(shop, want, error);
}

static void what_it_may_say(void **state)
{
    static const struct {
        const char *manifest;
        const char *error; /* NULL: it is fine */
    } t[] = {
        {"{}", NULL},
        {"{\"complete_until\": \"2026-11-22\"}", NULL},
        {"{\"complete_until\": \"2026-11-22T00:00:00+08:00\"}", NULL},
        {"{\"files\":{\"members.csv\":{},\"orders.csv\":{\"rows\":1}}}", NULL},
        {"", "manifest.json:1: is not JSON: "},
        {"{\n\"files\": {\n", "manifest.json:3: is not JSON: "},
        {"{} {}", "manifest.json:1: is not JSON: "},
        {"{\"files\":{},\"files\":{}}", "manifest.json:1: is not JSON: "},
        {"[]", "manifest.json: what stands there is not a JSON object"},
        {"{\"until\": \"2026-11-22\"}", "it has complete_until and files, not \"until\""},
        {"{\"complete_until\": 20261122}", "complete_until is not a date or time like"},
        {"{\"complete_until\": \"22/11/2026\"}", "complete_until is not a date or time like"},
        {"{\"complete_until\": \"2026-11-31\"}", "complete_until is not a date or time like"},
        {"{\"files\": [\"members.csv\"]}", "files is not an object by file name"},
        {"{\"files\":{\"members.csv\":2}}", "members.csv is not followed by an object"},
        {"{\"files\":{\"members.csv\":{\"rows\":\"2\"}}}", "members.csv has rows that are not a"},
        {"{\"files\":{\"members.csv\":{\"rows\":-1}}}", "members.csv has rows that are not a"},
        {"{\"files\":{\"members.csv\":{\"rows\":2.0}}}", "members.csv has rows that are not a"},
        {"{\"files\":{\"members.csv\":{\"sha256\":\"12\"}}}",
         "members.csv has a sha256 that is not"},
        {"{\"files\":{\"members.csv\":{\"sha-256\":\"12\"}}}",
         "members.csv: a file has rows, sha256 and complete_since, not \"sha-256\""},
        {"{\"files\":{\"members.csv\":{\"complete_since\":1}}}", "complete_since is not a date"},
    };
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
        says(*state, t[i].manifest, t[i].error ? WF_ERR_DATA : WF_OK, t[i].error);
}

static void files_that_differ(void **state)
{
    struct shop *shop = *state;
    char manifest[300], hex[WF_HEX_SHA256];
    shop->options.sha256 = true;
    says(shop, "{\"files\":{\"members.csv\":{\"rows\":2},\"orders.csv\":{}}}", WF_OK, NULL);
    shop->options.sha256 = false; /* the manifest asks for it */
    assert_true(shop->report.vouched);
    assert_true(shop->report.until == WF_NO_UNTIL);
    wf_hex(hex, shop->report.files[0].fingerprint.sha256, WF_SHA256);
    for (size_t i = 0; i <= 2 * WF_SHA256; i++) { /* every digit but one, then all */
        snprintf(manifest, sizeof(manifest),
                 "{\"files\":{\"members.csv\":{\"sha256\":\"%s\"},\"orders.csv\":{}}}", hex);
        if (i < 2 * WF_SHA256) {
            char *digit = strstr(manifest, hex) + i;
            *digit = *digit == '0' ? '1' : '0';
        }
        says(shop, manifest, i < 2 * WF_SHA256 ? WF_ERR_DATA : WF_OK,
             i < 2 * WF_SHA256 ? "members.csv: has the sha256 " : NULL);
    }
    says(shop, "{\"files\":{\"members.csv\":{\"rows\":3},\"orders.csv\":{}}}", WF_ERR_DATA,
         "members.csv: holds 2 rows, and manifest.json counts 3");
    says(shop, "{\"files\":{\"members.csv\":{\"rows\":1},\"orders.csv\":{}}}", WF_ERR_DATA,
         "members.csv: holds 2 rows, and manifest.json counts 1");
    says(shop, "{\"files\":{\"members.csv\":{\"rows\":2}}}", WF_ERR_DATA,
         "orders.csv: is not listed in manifest.json; is it left over from another night?");
    says(shop, "{\"files\":{\"members.csv\":{},\"orders.csv\":{},\"orders-2.csv\":{\"rows\":9}}}",
         WF_ERR_MISSING, "orders-2.csv: is listed in manifest.json and is not there");
    shop_put(shop, "visits.csv", "nobody reads this\n");
    says(shop, "{\"files\":{\"members.csv\":{},\"orders.csv\":{},\"visits.csv\":{\"rows\":9}}}",
         WF_OK, NULL);
}

/* Half a file, and every byte of it changed: never taken. */
static void flipped_bytes(void **state)
{
    struct shop *shop = *state;
    static const char manifest[] =
        "{\"files\":{\"members.csv\":{\"rows\":2,\"sha256\":\"%s\"},\"orders.csv\":{}}}";
    char text[300], hex[WF_HEX_SHA256], bytes[] = MEMBERS;
    shop->options.sha256 = true;
    shop_expect(shop, WF_OK, NULL);
    shop->options.sha256 = false;
    wf_hex(hex, shop->report.files[0].fingerprint.sha256, WF_SHA256);
    snprintf(text, sizeof(text), manifest, hex);
    shop_put(shop, "manifest.json", text);
    for (size_t i = 0; i + 1 < sizeof(bytes); i++) {
        bytes[i] ^= 1;
        shop_put(shop, "members.csv", bytes);
        assert_int_not_equal(shop_load(shop), WF_OK);
        bytes[i] ^= 1;
        shop_write(shop, "members.csv", bytes, i);
        assert_int_not_equal(shop_load(shop), WF_OK);
    }
    shop_put(shop, "members.csv", bytes);
    shop_expect(shop, WF_OK, NULL);
}

static void empty_feeds(void **state)
{
    struct shop *shop = *state;
    shop_put(shop, "orders.csv", BUYS);
    shop_expect(shop, WF_ERR_DATA,
                "orders.csv: holds no rows, and neither is purchase declared as "
                "`may be empty` nor does manifest.json count 0");
    says(shop, "{\"files\":{\"members.csv\":{\"rows\":2},\"orders.csv\":{}}}", WF_ERR_DATA,
         "orders.csv: holds no rows");
    says(shop, "{\"files\":{\"members.csv\":{\"rows\":2},\"orders.csv\":{\"rows\":0}}}", WF_OK,
         NULL);
    shop_put(shop, "orders-2.csv", BUYS);
    says(shop,
         "{\"files\":{\"members.csv\":{},\"orders.csv\":{\"rows\":0},\"orders-2.csv\":{\"rows\":0}}"
         "}",
         WF_OK, NULL);
    says(shop, "{\"files\":{\"members.csv\":{},\"orders.csv\":{\"rows\":0},\"orders-2.csv\":{}}}",
         WF_ERR_DATA, "orders-2.csv: holds no rows");
}

/* The later of the exporter's dates holds, in the zone of the rules. */
static void history(void **state)
{
    struct shop *shop = *state;
    uint32_t view = shop->purchases;
    shop_put(shop, "orders-2.csv", BUYS "m1,2026-11-01T10:00,o2,1,5.00,,\n");
    shop_expect(shop, WF_OK, NULL);
    assert_false(shop->data->since_known[view]);
    says(shop,
         "{\"complete_until\":\"2026-11-22T08:00Z\",\"files\":{\"members.csv\":{},"
         "\"orders.csv\":{\"complete_since\":\"2024-01-01\"},"
         "\"orders-2.csv\":{\"complete_since\":\"2025-02-01\"}}}",
         WF_OK, NULL);
    assert_true(shop->data->since_known[view]);
    int64_t day;
    assert_true(wf_date_parse("2025-02-01", 10, &day));
    assert_int_equal(shop->data->since[view], wf_zone_midnight(shop->options.zone, day));
    assert_true(wf_date_parse("2026-11-22", 10, &day));
    assert_int_equal(shop->report.until, day * 86400 + 8 * 3600);
}

static void not_a_file(void **state)
{
    struct shop *shop = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/manifest.json", shop->dir);
    assert_int_equal(symlink("nowhere", path), 0);
    shop_expect(shop, WF_ERR_PERM, "manifest.json: is a symbolic link");
    assert_int_equal(unlink(path), 0);
    char *big = malloc(WF_MAX_SOURCE + 2);
    memset(big, ' ', WF_MAX_SOURCE + 2);
    memcpy(big, "{}", 2);
    shop_write(shop, "manifest.json", big, WF_MAX_SOURCE);
    shop_expect(shop, WF_OK, NULL);
    shop_write(shop, "manifest.json", big, WF_MAX_SOURCE + 1);
    shop_expect(shop, WF_ERR_LIMIT, "manifest.json: is larger than WF_MAX_SOURCE");
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_it_may_say, open_shop, shop_teardown),
        cmocka_unit_test_setup_teardown(files_that_differ, open_shop, shop_teardown),
        cmocka_unit_test_setup_teardown(flipped_bytes, open_shop, shop_teardown),
        cmocka_unit_test_setup_teardown(empty_feeds, open_shop, shop_teardown),
        cmocka_unit_test_setup_teardown(history, open_shop, shop_teardown),
        cmocka_unit_test_setup_teardown(not_a_file, open_shop, shop_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
