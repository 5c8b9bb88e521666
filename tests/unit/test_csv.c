/* The structural scanner and the splitter, judged by libcsv and by each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <csv.h>

#include "lang/base/buf.h"
#include "lang/base/utf8.h"
#include "runtime/data/rows.h"

struct rng {
    uint64_t s;
};
static uint32_t draw(struct rng *rng, uint32_t below)
{
    rng->s = rng->s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((rng->s >> 33) % below);
}

/* ---- the two scanners agree, on anything ---- */

static void fill_hostile(struct rng *rng, char *text, size_t len)
{
    static const char likely[] = "\"\",\n\r,a\"\n;\t\0x,,\xe4";
    for (size_t i = 0; i < len; i++)
        text[i] = draw(rng, 4) ? likely[draw(rng, sizeof(likely) - 1)] : (char)draw(rng, 256);
}

static void same_index(const struct wf_index *a, const struct wf_index *b)
{
    assert_int_equal(a->n_cells, b->n_cells);
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_bare, b->n_bare);
    assert_memory_equal(a->starts, b->starts, (a->n_cells + 1) * sizeof(uint32_t));
    assert_memory_equal(a->rows, b->rows, a->n_rows * sizeof(uint32_t));
    assert_memory_equal(a->bare, b->bare, a->n_bare * sizeof(uint32_t));
    assert_int_equal(a->quote, b->quote);
    assert_int_equal(a->nul, b->nul);
    assert_int_equal(a->open, b->open);
    assert_int_equal(a->quotes, b->quotes);
    assert_int_equal(a->returns, b->returns);
}

enum { SCANNERS = 3 };

/* The scanners this machine can run, the plain one first; the best is the last. */
static unsigned all_scanners(const struct wf_scanner *scanners[SCANNERS])
{
    const struct wf_scanner *best = wf_scanner_pick(false);
    unsigned n = 0;
    scanners[n++] = wf_scanner_pick(true);
#ifdef __x86_64__
    if (best == &wf_scanner_avx512) /* which has all that the other needs */
        scanners[n++] = &wf_scanner_avx2;
#endif
    if (best != scanners[0])
        scanners[n++] = best;
    return n;
}

static void scanners_agree(void **state)
{
    const struct wf_scanner *scanners[SCANNERS] = {NULL};
    unsigned n = all_scanners(scanners);
    struct rng rng = {11};
    struct wf_index a = {0}, b = {0};
    (void)state;
    if (n == 1)
        skip(); /* this machine has the plain one only */
    for (unsigned round = 0; round < 20000; round++) {
        const struct wf_scanner *other = scanners[1 + round % (n - 1)];
        char text[700];
        size_t len = 1 + draw(&rng, 600);
        memset(text, 0, sizeof(text));
        fill_hostile(&rng, text, len);
        text[len - 1] = '\n';
        assert_int_equal(wf_index_reserve(&a, len), WF_OK);
        assert_int_equal(wf_index_reserve(&b, len), WF_OK);
        scanners[0]->index(text, len, ",;\t"[round % 3], &a);
        other->index(text, len, ",;\t"[round % 3], &b);
        same_index(&a, &b);
        struct wf_edge x = {.open = round & 1}, y = x;
        scanners[0]->edge(text, len, &x);
        other->edge(text, len, &y);
        assert_int_equal(x.open, y.open);
        assert_int_equal(x.last, y.last);
        assert_int_equal(x.lines, y.lines);
        assert_int_equal(x.upto, y.upto);
        assert_int_equal(x.opened, y.opened);
    }
    wf_index_release(&a);
    wf_index_release(&b);
}

/* What a scanner does not call odd is UTF-8, wherever it stands; plain Chinese is not odd. */
static void bytes_that_are_not_utf8_are_odd(void **state)
{
    static const char *const pieces[] = {"a",
                                         "\xc3\xa9",
                                         "\xe4\xb8\xad",
                                         "\xef\xbc\x8c",
                                         "\xe0\xa4\x85",
                                         "\xed\x9f\xbf",
                                         "\xf0\x9f\x98\x80",
                                         "\xed\xa0\x80",
                                         "\xe0\x80\x80",
                                         "\xc0\xaf",
                                         "\x80",
                                         "\xe4\xb8",
                                         "\xc3",
                                         "\xff"};
    const struct wf_scanner *scanners[SCANNERS] = {NULL};
    unsigned n_scanners = all_scanners(scanners);
    struct rng rng = {11};
    struct wf_index index = {0};
    unsigned sound = 0, trusted[SCANNERS] = {0};
    (void)state;
    for (unsigned round = 0; round < 40000; round++) {
        char text[400] = {0};
        size_t len = 0, most = 1 + draw(&rng, 200);
        unsigned kinds = round % 4 == 0 ? 14 : round % 4 == 1 ? 7 : 4;
        while (len < most) {
            const char *piece = pieces[draw(&rng, kinds)];
            size_t n = strlen(piece);
            memcpy(text + len, piece, n);
            len += n;
        }
        if (round % 8 == 2)
            text[draw(&rng, (unsigned)len)] = (char)draw(&rng, 256);
        text[len++] = '\n';
        bool valid = wf_utf8_valid(text, len) == len;
        sound += valid;
        for (unsigned k = 0; k < n_scanners; k++) {
            assert_int_equal(wf_index_reserve(&index, len), WF_OK);
            scanners[k]->index(text, len, ',', &index);
            assert_true(index.odd || valid);
            trusted[k] += !index.odd;
        }
    }
    assert_true(sound > 10000 && sound < 35000);
    for (unsigned k = 1; k < n_scanners; k++)
        assert_true(trusted[k] >= trusted[0] && trusted[k] > 10000);
    wf_index_release(&index);
}

/* ---- against a byte-by-byte reading of the rules ---- */

struct plain {
    uint32_t starts[700], n_cells, rows[700], n_rows, bare[700], n_bare;
    bool wrong; /* some quote stands where none may */
    bool open;
};

static void read_plainly(const char *text, size_t len, char delimiter, struct plain *out)
{
    bool inside = false, may_open = true, closed = false;
    memset(out, 0, sizeof(*out));
    for (uint32_t i = 0; i < len; i++) {
        char c = text[i];
        bool sep = !inside && (c == delimiter || c == '\n');
        if (closed && !sep && c != '"' && c != '\r')
            out->wrong = true;
        bool was_closed = closed;
        closed = false;
        if (c == '"') {
            if (inside)
                closed = true;
            else if (!may_open && !was_closed)
                out->wrong = true;
            inside = !inside;
        } else if (sep) {
            out->starts[++out->n_cells] = i + 1;
            if (c == '\n')
                out->rows[out->n_rows++] = out->n_cells;
        } else if (c == '\r' && !inside && text[i + 1] != '\n') {
            out->bare[out->n_bare++] = i;
        }
        may_open = sep;
    }
    out->open = inside;
}

static void the_index_follows_the_rules(void **state)
{
    const struct wf_scanner *scanner = wf_scanner_pick(false);
    struct rng rng = {5};
    struct wf_index index = {0};
    struct plain want;
    (void)state;
    unsigned sound = 0;
    for (unsigned round = 0; round < 30000; round++) {
        static const char letters[] = "\",\n\rab";
        char text[700] = {0};
        size_t len = 1 + draw(&rng, round % 2 ? 12 : 300);
        for (size_t i = 0; i < len; i++)
            text[i] = letters[draw(&rng, round % 3 ? 6 : 3)];
        text[len - 1] = '\n';
        read_plainly(text, len, ',', &want);
        assert_int_equal(wf_index_reserve(&index, len), WF_OK);
        scanner->index(text, len, ',', &index);
        assert_int_equal(index.n_cells, want.n_cells);
        assert_memory_equal(index.starts, want.starts, (want.n_cells + 1) * 4);
        assert_int_equal(index.n_rows, want.n_rows);
        assert_memory_equal(index.rows, want.rows, want.n_rows * 4);
        assert_int_equal(index.open, want.open);
        assert_int_equal(index.quote != WF_NOWHERE, want.wrong);
        if (!want.wrong && !want.open) {
            sound++;
            assert_int_equal(index.n_bare, want.n_bare);
            assert_memory_equal(index.bare, want.bare, want.n_bare * 4);
        }
    }
    assert_true(sound > 1000);
    wf_index_release(&index);
}

/* ---- against libcsv ---- */

/* Cells are written one after another, each with \x1f behind it, rows with \x1e. */
static void on_cell(void *bytes, size_t len, void *out)
{
    wf_buf_add(out, bytes, len);
    wf_buf_addc(out, '\x1f');
}
static void on_row(int c, void *out)
{
    (void)c;
    wf_buf_addc(out, '\x1e');
}

/* Spaces are part of a cell (RFC 4180); libcsv strips them unless told otherwise. */
static int never(unsigned char c)
{
    (void)c;
    return 0;
}

static void by_libcsv(const char *text, size_t len, char delimiter, struct wf_buf *out)
{
    struct csv_parser parser;
    assert_int_equal(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI), 0);
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_space_func(&parser, never);
    assert_int_equal(csv_parse(&parser, text, len, on_cell, on_row, out), len);
    assert_int_equal(csv_fini(&parser, on_cell, on_row, out), 0);
    csv_free(&parser);
}

static void by_us(const char *text, size_t len, char delimiter, uint32_t columns, bool scalar,
                  struct wf_buf *out)
{
    struct wf_feed_file file = {.name = (char *)(uintptr_t) "x.csv"};
    struct wf_fault fault = {0};
    struct wf_rows rows;
    struct wf_segment segment = {.len = len, .line = 1};
    file.header.delimiter = delimiter;
    file.header.n_columns = columns;
    segment.text = calloc(len + WF_SCAN_PAD, 1);
    memcpy(segment.text, text, len);
    wf_rows_init(&rows, NULL, wf_scanner_pick(scalar));
    assert_int_equal(wf_rows_split(&rows, &segment, &file, &fault), WF_OK);
    for (uint32_t r = 0; r < rows.n; r++) {
        assert_null(wf_rows_row(&rows, r).broken);
        for (uint32_t c = 0; c < columns; c++) {
            struct wf_cell cell;
            wf_rows_cells(&rows, c, &r, 1, &cell);
            on_cell((void *)(uintptr_t)cell.text, cell.len, out);
        }
        on_row(0, out);
    }
    wf_rows_release(&rows);
    free(segment.text);
}

static void put_cell(struct rng *rng, struct wf_buf *text, char delimiter)
{
    bool quoted = draw(rng, 3) == 0;
    uint32_t len = draw(rng, draw(rng, 8) ? 9 : 90);
    if (quoted)
        wf_buf_addc(text, '"');
    for (uint32_t i = 0; i < len; i++) {
        char c = "abc ,;\t\n\r\"xyz0123\xe4\xb8\xad"[draw(rng, 20)];
        if (quoted && c == '"')
            wf_buf_adds(text, "\"\"");
        else if (quoted || (c != '"' && c != '\n' && c != '\r' && c != delimiter))
            wf_buf_addc(text, (unsigned char)c < 0x80 ? c : '~');
    }
    if (quoted)
        wf_buf_addc(text, '"');
    else if (len == 0 && delimiter == ',')
        wf_buf_addc(text, 'e'); /* libcsv drops rows of nothing */
}

static void cells_are_those_of_libcsv(void **state)
{
    struct rng rng = {3};
    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct wf_buf text, want, got;
        char delimiter = ",;\t"[round % 3];
        uint32_t columns = 2 + draw(&rng, 9), n = 1 + draw(&rng, 12);
        wf_buf_init(&text, NULL, 0);
        wf_buf_init(&want, NULL, 0);
        wf_buf_init(&got, NULL, 0);
        for (uint32_t r = 0; r < n; r++) {
            wf_buf_addc(&text, 'k'); /* the first cell is never empty */
            for (uint32_t c = 1; c < columns; c++) {
                wf_buf_addc(&text, delimiter);
                put_cell(&rng, &text, delimiter);
            }
            wf_buf_adds(&text, round & 1 ? "\r\n" : "\n");
        }
        by_libcsv(text.data, text.len, delimiter, &want);
        by_us(text.data, text.len, delimiter, columns, round & 4, &got);
        assert_int_equal(got.len, want.len);
        assert_memory_equal(got.data, want.data, want.len);
        wf_buf_release(&text);
        wf_buf_release(&want);
        wf_buf_release(&got);
    }
}

/* ---- rows and their lines ---- */

static void lines_are_physical(void **state)
{
    static const char text[] = "a,\"1\n2\n3\"\n\n\r\nb,\"x\"\nc\nd,\"\n\"\ne,1\n";
    static const uint64_t lines[] = {10, 15, 16, 17, 19};
    struct wf_feed_file file = {.name = (char *)(uintptr_t) "x.csv"};
    struct wf_fault fault = {0};
    struct wf_rows rows;
    char padded[sizeof(text) + WF_SCAN_PAD] = {0};
    struct wf_segment segment = {.text = padded, .len = sizeof(text) - 1, .line = 10};
    (void)state;
    memcpy(padded, text, sizeof(text) - 1);
    file.header.delimiter = ',';
    file.header.n_columns = 2;
    wf_rows_init(&rows, NULL, wf_scanner_pick(false));
    assert_int_equal(wf_rows_split(&rows, &segment, &file, &fault), WF_OK);
    assert_int_equal(rows.n, 5);
    for (uint32_t r = 0; r < 5; r++)
        assert_int_equal(wf_rows_line(&rows, r), lines[r]);
    assert_non_null(rows.rows[2].broken);
    wf_rows_release(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scanners_agree),
        cmocka_unit_test(bytes_that_are_not_utf8_are_odd),
        cmocka_unit_test(the_index_follows_the_rules),
        cmocka_unit_test(cells_are_those_of_libcsv),
        cmocka_unit_test(lines_are_physical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
