/*
 * Speed of reading exports: the scan alone in GB/s, beside memchr and libcsv over the same bytes,
 * and whole loads in nanoseconds a row. `bench_csv [MEMBERS] [EVENTS]`
 */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/tools/shop.h"

#include "runtime/data/scan.h"

static double clock_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double now(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

static uint32_t draw(uint64_t *s, uint32_t below)
{
    *s = *s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*s >> 33) % below);
}

/* 24 columns, of which the program knows 14. */
static size_t make_members(char *out, uint32_t n)
{
    static const char *const cities[] = {"上海", "杭州", "北京", "Harbin", "Guangzhou"};
    static const char *const tiers[] = {"silver", "gold", "black", ""};
    uint64_t s = 1;
    char *p = out;
    p += sprintf(
        p, "member_id,joined,birthday,city,tier,points,wecom,tags,balance,score,opens,inviter,"
           "store,phone,x1,x2,x3,x4,x5,x6,x7,x8,x9,x10\n");
    for (uint32_t i = 0; i < n; i++)
        p += sprintf(p,
                     "%u,20%02u-%02u-%02u,19%02u-%02u-%02u,%s,%s,%u,%u,vip;new,%u.%02u,0.%u,,,s%u,"
                     "139%08u,aaaa,bb,2026-11-22 10:00:00,\"q, x\",,e,ff,12345,some text,z\n",
                     10000000 + i, 10 + draw(&s, 16), 1 + draw(&s, 12), 1 + draw(&s, 28),
                     50 + draw(&s, 50), 1 + draw(&s, 12), 1 + draw(&s, 28), cities[draw(&s, 5)],
                     tiers[draw(&s, 4)], draw(&s, 90000), draw(&s, 2), draw(&s, 900), draw(&s, 100),
                     draw(&s, 999), draw(&s, 50), draw(&s, 99999999));
    return (size_t)(p - out);
}

static size_t make_orders(char *out, uint32_t n, uint32_t members)
{
    uint64_t s = 2;
    char *p = out;
    p += sprintf(p, "member_id,paid_at,order,line,amount,brand,status\n");
    for (uint32_t i = 0; i < n; i++)
        p += sprintf(p, "%u,20%02u-%02u-%02u %02u:%02u:%02u,N%09u,%u,%u.%02u,brand%u,paid\n",
                     10000000 + draw(&s, members), 22 + draw(&s, 4), 1 + draw(&s, 12),
                     1 + draw(&s, 28), draw(&s, 24), draw(&s, 60), draw(&s, 60), i / 2, 1 + i % 2,
                     draw(&s, 900), draw(&s, 100), draw(&s, 40));
    return (size_t)(p - out);
}

static void ignore_cell(void *bytes, size_t len, void *ctx)
{
    (void)bytes;
    *(size_t *)ctx += len;
}
static void ignore_row(int c, void *ctx)
{
    (void)c;
    (void)ctx;
}

static void scan(const char *text, size_t len)
{
    struct wf_index index = {0};
    const size_t piece = 256 << 10;
    wf_index_reserve(&index, piece);
    for (int scalar = 1; scalar >= 0; scalar--) {
        const struct wf_scanner *scanner = wf_scanner_pick(scalar);
        size_t seps = 0;
        double start = now();
        for (size_t at = 0; at + piece < len; at += piece) {
            scanner->index(text + at, piece, ',', &index);
            seps += index.n_seps;
        }
        double took = now() - start;
        start = now();
        struct wf_edge edge = {0};
        scanner->edge(text, len, &edge);
        printf("scan %-7s %6.2f GB/s (%zu separators), edge %6.2f GB/s\n",
               scalar ? "scalar" : "best", (double)len / took * 1e-9, seps,
               (double)len / (now() - start) * 1e-9);
    }
    wf_index_release(&index);
    size_t lines = 0;
    double start = now();
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + len - p))); p++)
        lines++;
    printf("memchr lines  %6.2f GB/s (%zu)\n", (double)len / (now() - start) * 1e-9, lines);
    struct csv_parser parser;
    csv_init(&parser, 0);
    start = now();
    csv_parse(&parser, text, len, ignore_cell, ignore_row, &lines);
    printf("libcsv        %6.2f GB/s\n", (double)len / (now() - start) * 1e-9);
    csv_free(&parser);
}

static void load(struct shop *shop, const char *what, uint32_t rows)
{
    for (unsigned threads = 1; threads <= 2; threads++) {
        shop->options.threads = threads;
        double best = 1e9, cpu = 1e9;
        for (int round = 0; round < 3; round++) {
            double start = now(), busy = clock_of(CLOCK_PROCESS_CPUTIME_ID);
            if (shop_load(shop)) {
                printf("%s: %s\n", what, shop->report.error);
                return;
            }
            double took = now() - start;
            busy = clock_of(CLOCK_PROCESS_CPUTIME_ID) - busy;
            best = took < best ? took : best;
            cpu = busy < cpu ? busy : cpu;
        }
        printf("%-34s %u thread%s %7.3f s, %7.1f ns a row; of processors %7.1f ns\n", what, threads,
               threads > 1 ? "s" : " ", best, best * 1e9 / rows, cpu * 1e9 / rows);
    }
}

int main(int argc, char **argv)
{
    uint32_t members = argc > 1 ? (uint32_t)atol(argv[1]) : 500000;
    uint32_t events = argc > 2 ? (uint32_t)atol(argv[2]) : 2000000;
    size_t room = (size_t)members * 260 + (size_t)events * 90 + 4096;
    char *text = malloc(room);
    struct shop shop;
    shop_open(&shop);
    size_t len = make_members(text, members);
    printf("members: %.0f bytes a row\n", (double)len / members);
    scan(text, len);
    shop_write(&shop, "members.csv", text, len);
    len = make_orders(text, events, members);
    printf("orders: %.0f bytes a row\n", (double)len / events);
    scan(text, len);
    shop_write(&shop, "orders.csv", text, len);
    load(&shop, "members: ids", members);
    shop_member(&shop, SHOP_JOINED);
    shop_member(&shop, SHOP_POINTS);
    load(&shop, "members: joined, points", members);
    for (enum shop_field f = SHOP_BIRTHDAY; f <= SHOP_SCORE; f++)
        shop_member(&shop, f);
    load(&shop, "members: nine columns", members);
    uint32_t view = shop_use_purchases(&shop, false);
    shop_buy(&shop, view, BUY_AMOUNT);
    shop_buy(&shop, view, BUY_BRAND);
    load(&shop, "with purchases, 4 columns and key", events);
    shop_close(&shop);
    free(text);
    return 0;
}
