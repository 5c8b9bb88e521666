/*
 * Snapshots: what is written is read, and what is not what was written is refused; nights that find
 * theirs gone, damaged, another's, or without what the rules have come to read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/data/snap.h"
#include "tests/tools/nights.h"

enum { OWNERS = 2, ROWS = 5, COLUMNS = 7 };

static enum wf_status append(void *ctx, const void *bytes, size_t len)
{
    wf_buf_add(ctx, bytes, len);
    return WF_OK;
}

static struct wf_cell cell(const char *text)
{
    return (struct wf_cell){text, (uint32_t)strlen(text), 0};
}

/* Two blocks of a feed, the later one first: numbers, wide numbers, a list, texts. */
static void write_snapshot(struct wf_buf *file, bool turned, unsigned char digest[WF_SNAP_DIGEST])
{
    static const uint64_t meanings[COLUMNS] = {0, 1, 2, 3, 4, 5, 6};
    const uint64_t rows[OWNERS] = {3, 2};
    const uint64_t small[ROWS] = {7, (uint64_t)-3, 0, 250, 9};
    const uint64_t wide[ROWS] = {(uint64_t)INT64_MIN, UINT64_MAX >> 1, 5, 6, 7};
    const uint8_t state[ROWS] = {1, 1, 0, 1, 1};
    const struct wf_cell words[ROWS] = {cell("a"), cell("bb"), cell(""), cell("a"), cell("ccc")};
    const struct wf_cell serials[ROWS] = {cell("P0000100"), cell("P0000007"), cell("nothing"),
                                          cell("P0065600"), cell("P0000008")};
    struct wf_snap_writer writer;
    struct wf_buf block;
    uint32_t feed;
    wf_buf_init(file, NULL, 0);
    wf_buf_init(&block, NULL, 0);
    assert_int_equal(wf_snap_writer_init(&writer, NULL, append, file), WF_OK);
    assert_int_equal(wf_snap_add_feed(&writer, "purchase", meanings, COLUMNS, 1, &feed), WF_OK);
    writer.feeds[feed].since_known = true;
    writer.feeds[feed].since = -77;
    assert_int_equal(wf_snap_put_numbers(&block, NULL, rows, OWNERS), WF_OK);
    assert_int_equal(wf_snap_put_numbers(&block, state, small, ROWS), WF_OK);
    assert_int_equal(wf_snap_put_numbers(&block, NULL, wide, ROWS), WF_OK);
    assert_int_equal(wf_snap_put_texts(&block, state, words, ROWS, true, NULL), WF_OK);
    assert_int_equal(wf_snap_put_texts(&block, NULL, words, ROWS, false, NULL), WF_OK);
    assert_int_equal(wf_snap_put_texts(&block, state, serials, ROWS, false, NULL), WF_OK);
    assert_int_equal(wf_snap_put_texts(&block, NULL, serials, ROWS, false, NULL), WF_OK);
    for (uint64_t i = 0; i < 2; i++)
        assert_int_equal(wf_snap_put_block(&writer, feed, turned ? 1 - i : i, &block, OWNERS, ROWS),
                         WF_OK);
    assert_int_equal(wf_snap_finish(&writer, 1234, digest), WF_OK);
    wf_snap_writer_release(&writer);
    wf_buf_release(&block);
}

static void is_read(void **unused)
{
    unsigned char digest[WF_SNAP_DIGEST], other[WF_SNAP_DIGEST];
    struct wf_snap_column columns[COLUMNS];
    struct wf_cell texts[ROWS];
    uint64_t numbers[ROWS];
    char room[ROWS * WF_SERIAL_ROOM];
    struct wf_snap snap;
    struct wf_buf file, again;
    (void)unused;
    write_snapshot(&file, false, digest);
    write_snapshot(&again, true, other);
    assert_memory_equal(digest, other, sizeof(digest)); /* wherever the blocks lie */
    assert_int_equal(wf_snap_open(NULL, file.data, file.len, &snap), WF_OK);
    assert_memory_equal(snap.digest, digest, sizeof(digest));
    assert_int_equal(snap.t, 1234);
    assert_int_equal(snap.n_blocks, 2);
    assert_int_equal(wf_snap_find(&snap, "visit"), WF_SNAP_NONE);
    assert_int_equal(wf_snap_find(&snap, "purchase"), 0);
    assert_true(snap.feeds[0].since_known && snap.feeds[0].since == -77);
    assert_int_equal(snap.feeds[0].rows, 2 * ROWS);
    assert_int_equal(wf_snap_read(&snap, &snap.blocks[1], columns), WF_OK);
    wf_snap_numbers(&columns[0], 0, OWNERS, numbers);
    assert_true(numbers[0] == 3 && numbers[1] == 2 && columns[0].span == 1);
    wf_snap_numbers(&columns[1], 0, ROWS, numbers);
    assert_true(numbers[1] == (uint64_t)-3 && numbers[2] == 0 && numbers[3] == 250);
    assert_true(!wf_snap_has(&columns[1], 2) && wf_snap_has(&columns[1], 4));
    assert_true(wf_snap_number(&columns[1], 1) == (uint64_t)-3);
    wf_snap_numbers(&columns[1], 3, 2, numbers);
    assert_true(numbers[0] == 250 && numbers[1] == 9 && columns[1].span == 253);
    wf_snap_numbers(&columns[2], 0, ROWS, numbers);
    assert_true(numbers[0] == (uint64_t)INT64_MIN && numbers[1] == INT64_MAX && numbers[4] == 7);
    wf_snap_texts(&columns[3], NULL, texts);
    assert_true(columns[3].n_texts == 3 && texts[wf_snap_above(&columns[3], 4)].len == 3);
    assert_true(wf_snap_above(&columns[3], 0) == wf_snap_above(&columns[3], 3));
    wf_snap_texts(&columns[4], NULL, texts);
    assert_true(texts[2].len == 0 && memcmp(texts[1].text, "bb", 2) == 0);
    assert_true(columns[5].kind == WF_SNAP_SERIALS && columns[5].width == 4);
    assert_true(wf_snap_texts_room(&columns[5]) <= sizeof(room));
    wf_snap_texts(&columns[5], room, texts);
    assert_true(texts[0].len == 8 && memcmp(texts[0].text, "P0000100", 8) == 0);
    assert_true(texts[2].len == 0 && memcmp(texts[3].text, "P0065600", 8) == 0);
    assert_true(memcmp(wf_snap_serial(&columns[5], 4, room).text, "P0000008", 8) == 0);
    assert_int_equal(columns[6].kind, WF_SNAP_TEXTS); /* one of them is none */
    wf_snap_release(&snap);
    wf_buf_release(&file);
    wf_buf_release(&again);
}

/* One without serial numbers, as it was written before there were any. */
static void an_older_one_is_read(void **unused)
{
    static const uint64_t meanings[1] = {0}, numbers[ROWS] = {1, 2, 3, 4, 5};
    unsigned char digest[WF_SNAP_DIGEST];
    struct wf_snap_column column;
    struct wf_snap_writer writer;
    struct wf_snap snap;
    struct wf_buf file, block;
    uint32_t feed;
    (void)unused;
    wf_buf_init(&file, NULL, 0);
    wf_buf_init(&block, NULL, 0);
    assert_int_equal(wf_snap_writer_init(&writer, NULL, append, &file), WF_OK);
    assert_int_equal(wf_snap_add_feed(&writer, "visit", meanings, 1, 0, &feed), WF_OK);
    assert_int_equal(wf_snap_put_numbers(&block, NULL, numbers, ROWS), WF_OK);
    assert_int_equal(wf_snap_put_block(&writer, feed, 0, &block, 0, ROWS), WF_OK);
    assert_int_equal(wf_snap_finish(&writer, 1234, digest), WF_OK);
    for (char version = '1'; version <= '4'; version++) {
        bool known = version == '2' || version == '3';
        file.data[7] = version;
        assert_int_equal(wf_snap_open(NULL, file.data, file.len, &snap),
                         known ? WF_OK : WF_ERR_STATE);
        if (known)
            assert_int_equal(wf_snap_read(&snap, &snap.blocks[0], &column), WF_OK);
        wf_snap_release(&snap);
    }
    wf_snap_writer_release(&writer);
    wf_buf_release(&block);
    wf_buf_release(&file);
}

/* Numbers of every width, from far below 0 on and from far above, against numbers among them. */
static void is_held_against_a_number(void **unused)
{
    static const uint64_t spans[] = {
        0, 1, 255, 256, 65535, 65536, 1u << 31, UINT32_MAX, UINT64_C(1) << 32, UINT64_C(1) << 62};
    static const int64_t bases[] = {INT64_MIN, -300, -1, 0, 7, INT64_MAX >> 1};
    enum { N = 100 };
    struct wf_buf block;
    (void)unused;
    wf_buf_init(&block, NULL, 0);
    for (size_t c = 0; c < sizeof(spans) / sizeof(*spans) * (sizeof(bases) / sizeof(*bases)); c++) {
        uint64_t span = spans[c / 6], numbers[N];
        int64_t base = bases[c % 6];
        struct wf_snap_column column = {.kind = WF_SNAP_NUMBERS};
        uint8_t out[N];
        for (uint32_t i = 0; i < N; i++)
            numbers[i] = (uint64_t)base + (uint64_t)((unsigned __int128)span * i / (N - 1));
        wf_buf_reset(&block);
        assert_int_equal(wf_snap_put_numbers(&block, NULL, numbers, N), WF_OK);
        column.width = (uint8_t)block.data[1];
        memcpy(&column.base, block.data + 8, 8);
        column.cells = (const unsigned char *)block.data + 24;
        uint8_t all = UINT8_MAX, any = 0, all_found, any_found;
        for (uint32_t i = 0; i < N; i++) {
            all &= (uint8_t)numbers[i];
            any |= (uint8_t)numbers[i];
        }
        wf_snap_bits(&column, N, &all_found, &any_found);
        assert_true(all_found == all && any_found == any);
        for (uint32_t i = 0; i < N; i++)
            for (int64_t by = -1; by <= 1; by++) {
                int64_t most = (int64_t)(numbers[i] + (uint64_t)by);
                wf_snap_at_most(&column, N, most, out);
                for (uint32_t k = 0; k < N; k++)
                    assert_int_equal(out[k], (int64_t)numbers[k] <= most);
            }
    }
    wf_buf_release(&block);
}

/* Numbers of every width, some of them missing, taken many at a time from anywhere. */
static void are_fetched(void **unused)
{
    static const uint32_t firsts[] = {0, 1, 63, 64, 65, 127, 130};
    enum { N = 200 };
    struct wf_buf block;
    (void)unused;
    wf_buf_init(&block, NULL, 0);
    for (unsigned bits = 0; bits < 64; bits += 9) {
        uint64_t numbers[N], out[N];
        uint8_t state[N];
        for (uint32_t i = 0; i < N; i++) {
            numbers[i] = (i * UINT64_C(0x9e3779b97f4a7c15)) >> (63 - bits);
            state[i] = i % 7 != 3 && (i < 64 || i >= 90);
        }
        wf_buf_reset(&block);
        assert_int_equal(wf_snap_put_numbers(&block, state, numbers, N), WF_OK);
        wf_buf_add(&block, (const char[WF_SNAP_PAD]){0}, WF_SNAP_PAD);
        struct wf_snap_column column = {.kind = WF_SNAP_NUMBERS};
        column.width = (uint8_t)block.data[1];
        memcpy(&column.base, block.data + 8, 8);
        column.present = (const unsigned char *)block.data + 24;
        column.cells = column.present + (N + 7) / 8;
        for (size_t f = 0; f < sizeof(firsts) / sizeof(*firsts); f++)
            for (uint32_t n = 0; firsts[f] + n <= N; n++) {
                wf_snap_numbers(&column, firsts[f], n, out);
                for (uint32_t i = 0; i < n; i++)
                    assert_int_equal(out[i], state[firsts[f] + i] ? numbers[firsts[f] + i] : 0);
            }
    }
    wf_buf_release(&block);
}

/* Opens and reads everything; the digest must be the one that was written. */
static enum wf_status read_all(const void *bytes, size_t len,
                               const unsigned char digest[WF_SNAP_DIGEST])
{
    struct wf_snap_column columns[COLUMNS];
    struct wf_snap snap;
    enum wf_status st = wf_snap_open(NULL, bytes, len, &snap);
    if (st == WF_OK && memcmp(snap.digest, digest, WF_SNAP_DIGEST) != 0)
        st = WF_ERR_STATE;
    for (uint32_t b = 0; st == WF_OK && b < snap.n_blocks; b++)
        st = wf_snap_read(&snap, &snap.blocks[b], columns);
    wf_snap_release(&snap);
    return st;
}

/* Every bit that is turned, every length it is cut to; the bytes lie at the end of their memory, so
 * that the sanitizer sees a step too far. Only the padding between blocks and directory says
 * nothing. */
static void is_hostile(void **unused)
{
    unsigned char digest[WF_SNAP_DIGEST];
    struct wf_buf file;
    unsigned accepted = 0;
    (void)unused;
    write_snapshot(&file, false, digest);
    assert_int_equal(read_all(file.data, file.len, digest), WF_OK);
    for (size_t len = 0; len < file.len; len++) {
        char *cut = malloc(len + 1);
        memcpy(cut + 1, file.data, len);
        assert_int_equal(read_all(cut + 1, len, digest), WF_ERR_STATE);
        free(cut);
    }
    for (size_t bit = 0; bit < 8 * file.len; bit++) {
        file.data[bit / 8] = (char)(file.data[bit / 8] ^ 1 << bit % 8);
        accepted += read_all(file.data, file.len, digest) == WF_OK;
        file.data[bit / 8] = (char)(file.data[bit / 8] ^ 1 << bit % 8);
    }
    assert_int_equal(accepted, 8 * WF_SNAP_PAD + 1); /* one: an older one's magic number */
    wf_buf_release(&file);
}

/* ---- nights ---- */

#define RULES                                                                                      \
    "member delta from \"members*.csv\" { }\n"                                                     \
    "event purchase { may be empty }\n"                                                            \
    "trigger two when count purchase >= 2 then tag \"two\"\n"

static void begin(struct chain *chain)
{
    chain_open(chain);
    chain_rules(chain, RULES);
    chain_feed(chain, "members.csv", "member_id,joined,points\na,2026-01-01,1\nb,2026-01-01,1\n");
    chain_feed(chain, "orders.csv",
               "member_id,at,order,amount\na,2026-11-10T10:00,o1,5.00\n"
               "b,2026-11-10T10:00,o2,5.00\n");
    chain_night(chain, "2026-11-20", "");
    chain_feed(chain, "members.csv", "member_id,joined,points\na,2026-01-01,2\n");
    chain_feed(chain, "orders.csv", "member_id,at,order,amount\na,2026-11-20T10:00,o3,5.00\n");
}

static void snapshot_path(const struct chain *chain, int seq, char path[256])
{
    snprintf(path, 256, "%s/%s.snap-%d", chain->dir, chain->state, seq);
}

static void goes_on(void **unused)
{
    struct chain chain;
    char path[256];
    (void)unused;
    begin(&chain);
    chain_night(&chain, "2026-11-21", "a:two");
    snapshot_path(&chain, 1, path);
    assert_int_equal(access(path, F_OK), 0); /* the first of a chain */
    chain_feed(&chain, "orders.csv", "member_id,at,order,amount\n");
    chain_feed(&chain, "members.csv", "member_id,joined,points\nc,2026-01-01,2\n");
    chain_night(&chain, "2026-11-22", "");
    chain_close(&chain);
}

static void is_gone(void **unused)
{
    struct chain chain;
    char path[256];
    (void)unused;
    begin(&chain);
    snapshot_path(&chain, 1, path);
    assert_int_equal(remove(path), 0);
    chain_night(&chain, "2026-11-21", "refused 66");
    assert_non_null(strstr(wf_buf_str(&chain.why), "--full"));
    chain_feed(&chain, "members.csv", "member_id,joined,points\na,2026-01-01,1\nb,2026-01-01,1\n");
    chain_feed(&chain, "orders.csv",
               "member_id,at,order,amount\na,2026-11-10T10:00,o1,5.00\na,2026-11-20T10:00,o3,5.00\n"
               "b,2026-11-10T10:00,o2,5.00\n");
    chain.full = true;
    chain_night(&chain, "2026-11-21", "a:two");
    chain.full = false;
    chain_feed(&chain, "orders.csv", "member_id,at,order,amount\nb,2026-11-21T10:00,o4,5.00\n");
    chain_night(&chain, "2026-11-22", "b:two");
    chain_close(&chain);
}

static void is_damaged(void **unused)
{
    struct chain chain;
    char path[256];
    (void)unused;
    begin(&chain);
    snapshot_path(&chain, 1, path);
    for (long at = 8; at < 60; at += 17) { /* in its blocks: found out when they are read */
        FILE *file = fopen(path, "r+");
        assert_non_null(file);
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 4, file);
        fclose(file);
        chain_night(&chain, "2026-11-21", "refused 78");
        assert_non_null(strstr(wf_buf_str(&chain.why), "--full"));
        file = fopen(path, "r+");
        fseek(file, at, SEEK_SET);
        fputc(byte, file);
        fclose(file);
    }
    chain_night(&chain, "2026-11-21", "a:two");
    chain_close(&chain);
}

/* The snapshot of another night of the same state, under its name. */
static void is_anothers(void **unused)
{
    struct chain chain;
    char path[256], now[256], kept[512];
    (void)unused;
    begin(&chain);
    snapshot_path(&chain, 1, path);
    snprintf(kept, sizeof(kept), "%s.kept", path);
    assert_int_equal(link(path, kept), 0);
    chain_night(&chain, "2026-11-21", "a:two");
    snapshot_path(&chain, 2, now);
    assert_int_equal(rename(kept, now), 0);
    chain_feed(&chain, "orders.csv", "member_id,at,order,amount\nb,2026-11-21T10:00,o4,5.00\n");
    chain_night(&chain, "2026-11-22", "refused 78");
    chain_close(&chain);
}

/* A member who is said to be gone is, until they are said to be there again. */
static void members_are_deleted(void **unused)
{
    struct chain chain;
    (void)unused;
    chain_open(&chain);
    chain_rules(&chain, "member delta from \"members*.csv\" { deleted bool = false }\n"
                        "trigger each when every 1d from 2026-01-01 then tag \"here\"\n");
    chain_feed(&chain, "members.csv", "member_id,joined,deleted\na,2026-01-01,\nb,2026-01-01,no\n");
    chain_night(&chain, "2026-11-20", "a:here b:here");
    chain_feed(&chain, "members.csv", "member_id,joined,deleted\na,2026-01-01,yes\n");
    chain_night(&chain, "2026-11-21", "b:here");
    chain_feed(&chain, "members.csv", "member_id,joined,deleted\nc,2026-11-21,\n");
    chain_night(&chain, "2026-11-22", "b:here c:here");
    chain_feed(&chain, "members.csv", "member_id,joined,deleted\na,2026-01-01,no\n");
    chain_night(&chain, "2026-11-23", "a:here b:here c:here");
    chain_close(&chain);
}

static void rules_read_more_of_members(void **unused)
{
    struct chain chain;
    (void)unused;
    begin(&chain);
    chain_rules(&chain, RULES "segment rich is points > 5\n");
    chain_night(&chain, "2026-11-21", "refused 78");
    assert_non_null(strstr(wf_buf_str(&chain.why), "points"));
    chain_close(&chain);
}

/* What was kept without the column is in doubt; what comes with it is not. */
static void rules_read_more_of_events(void **unused)
{
    struct chain chain;
    (void)unused;
    begin(&chain);
    chain_rules(&chain, RULES "trigger none when no purchase[amount > 100.00] then tag \"none\"\n");
    chain_night(&chain, "2026-11-21", "");
    chain_feed(&chain, "orders.csv",
               "member_id,at,order,amount\nb,2026-11-10T10:00,o2,500.00\n"
               "a,2026-11-10T10:00,o1,5.00\n");
    chain_night(&chain, "2026-11-22", "");
    chain_feed(&chain, "orders.csv", "member_id,at,order,amount\nb,2026-11-22T10:00,o4,5.00\n");
    chain_night(&chain, "2026-11-23", "b:two");
    chain_close(&chain);
}

/* Rules that need nothing of nights before leave nothing beside the state, but it knows so. */
static void nothing_is_kept(void **unused)
{
    struct chain chain;
    char path[256];
    (void)unused;
    chain_open(&chain);
    chain_rules(&chain, "trigger each when every 1d from 2026-01-01 then tag \"here\"\n");
    chain_feed(&chain, "members.csv", "member_id,joined,points\na,2026-01-01,1\n");
    chain_night(&chain, "2026-11-20", "a:here");
    snapshot_path(&chain, 1, path);
    assert_int_not_equal(access(path, F_OK), 0);
    chain_rules(&chain, "event purchase { may be empty }\n"
                        "trigger none when every 1d from 2026-01-01 and no purchase in last 30d\n"
                        "  then tag \"none\"\n");
    chain_feed(&chain, "orders.csv", "member_id,at,order\n");
    chain_night(&chain, "2026-11-21", ""); /* who knows what was before? */
    snapshot_path(&chain, 2, path);
    assert_int_equal(access(path, F_OK), 0);
    chain.full = true;
    chain_night(&chain, "2026-11-22", "a:none");
    chain.full = false;
    chain_rules(&chain, "trigger back when every 1d from 2026-01-01 then tag \"back\"\n");
    chain_night(&chain, "2026-11-23", "a:back");
    chain_rules(&chain, "member delta from \"members*.csv\" { }\n"
                        "trigger back when every 1d from 2026-01-01 then tag \"back\"\n");
    chain_night(&chain, "2026-11-24", "refused 78");
    chain_close(&chain);
}

/* ---- many ---- */

enum { CROWD = 3000 };

/* What member m bought until a night: m % 12 orders, one more each night for some, one of them for
 * tomorrow; member 77's first order is cancelled in the end; 40 became 41. */
static void crowd_orders(struct wf_buf *out, int night, bool full)
{
    wf_buf_adds(out, "member_id,at,order,line,amount,status\n");
    for (int m = 0; m < CROWD; m++) {
        for (int o = 0; o < m % 12 && (full || night == 0); o++)
            if (m != 77 || o || night < 2)
                wf_buf_addf(out, "m%04d,2026-%02d-%02dT10:00,o%d-%d,1,%d.00,%s\n", m, 1 + o,
                            1 + m % 28, m, o, 1 + (m * 31 + o * 7) % 400, "paid");
        for (int n = full ? 1 : night; n > 0 && n <= night; n++)
            if (m % (50 * n) == n)
                wf_buf_addf(out, "m%04d,2026-11-%dT09:00,x%d-%d,1,500.00,paid\n", m,
                            19 + n + (m % 100 == 1), m, n);
    }
    if (night == 2)
        wf_buf_adds(out, "m0077,2026-01-22T10:00,o77-0,1,9.00,cancelled\n");
}

static void crowd_night(struct chain *chain, int night, bool full, struct wf_buf *out)
{
    char as_of[16];
    struct wf_buf members, orders;
    wf_buf_init(&members, NULL, 0);
    wf_buf_init(&orders, NULL, 0);
    wf_buf_adds(&members, "member_id,joined,points\n");
    for (int m = 0; m < CROWD; m++)
        if ((m != 40 || night < 2) && (full || night == 0 || m % 90 == night))
            wf_buf_addf(&members, "m%04d,2025-01-01,%d\n", m, m % 90 <= night ? m % 90 : 0);
    crowd_orders(&orders, night, full);
    snprintf(as_of, sizeof(as_of), "2026-11-%d", 20 + night);
    chain_feed(chain, "members.csv", wf_buf_str(&members));
    chain_feed(chain, "orders.csv", wf_buf_str(&orders));
    chain_feed(chain, "merges.csv", night < 2 ? "old,new\n" : "old,new\nm0040,m0041\n");
    chain->full = full;
    chain->accept_volume = true; /* the first night has all, the others what is new */
    assert_int_equal(chain_run(chain, as_of, out), WF_OK);
    wf_buf_release(&members);
    wf_buf_release(&orders);
}

/* Of most members nothing is new: their rows lie in several blocks, and are copied in runs. */
static void crowds_are_the_same(void **unused)
{
    struct chain by_change, in_full;
    struct wf_buf one, other;
    char path[256];
    (void)unused;
    chain_open(&by_change);
    chain_open(&in_full);
    wf_buf_init(&one, NULL, 0);
    wf_buf_init(&other, NULL, 0);
    for (int c = 0; c < 2; c++)
        chain_rules(c ? &in_full : &by_change,
                    "member delta from \"members*.csv\" { }\n"
                    "merges from \"merges*.csv\"\n"
                    "event purchase { may be empty  void when status = \"cancelled\" }\n"
                    "trigger a when count purchase >= 11 and points >= 1 then tag \"a\"\n"
                    "trigger b when purchase[amount > 300.00] + 1d then tag \"b\"\n"
                    "trigger c when last purchase.amount = 500.00 then tag \"c\"\n"
                    "trigger d when every 1d from 2026-01-01 and sum purchase.amount > 1500.00\n"
                    "  and last purchase within last 90d then tag \"d\"\n");
    for (int night = 0; night < 4; night++) {
        wf_buf_reset(&one);
        wf_buf_reset(&other);
        crowd_night(&by_change, night, false, &one);
        crowd_night(&in_full, night, true, &other);
        assert_string_equal(wf_buf_str(&one), wf_buf_str(&other));
        assert_true(one.len > 100);
    }
    snapshot_path(&by_change, 1, path); /* the chain began with it, and goes on */
    assert_int_equal(access(path, F_OK), 0);
    chain_close(&by_change);
    chain_close(&in_full);
    wf_buf_release(&one);
    wf_buf_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read),
        cmocka_unit_test(an_older_one_is_read),
        cmocka_unit_test(is_held_against_a_number),
        cmocka_unit_test(are_fetched),
        cmocka_unit_test(is_hostile),
        cmocka_unit_test(goes_on),
        cmocka_unit_test(is_gone),
        cmocka_unit_test(is_damaged),
        cmocka_unit_test(is_anothers),
        cmocka_unit_test(members_are_deleted),
        cmocka_unit_test(rules_read_more_of_members),
        cmocka_unit_test(rules_read_more_of_events),
        cmocka_unit_test(nothing_is_kept),
        cmocka_unit_test(crowds_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
