/*
 * columns.h - for columns.c: a file's rows in chunks of whole rows, and cells with a type. What is
 * in here takes no branch where data decides, and reads some bytes more than it needs.
 */
#ifndef WF_BENCH_COLUMNS_H
#define WF_BENCH_COLUMNS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __AVX512VBMI2__
#include <immintrin.h>
#endif

enum {
    CHUNK = 1 << 18, /* bytes read at a time: text and columns stay in the cache */
    PAD = 64,        /* readable bytes before and after it */
    ROWS = CHUNK / 48,
};

static inline void *take(size_t bytes)
{
    void *memory = calloc(1, bytes ? bytes : 1);
    if (!memory) {
        perror("columns");
        exit(70);
    }
    return memory;
}

/* ---- a file's rows, in chunks of whole rows ---- */

struct chunk {
    char *text;    /* PAD bytes are there before it, and behind */
    uint32_t *end; /* of each field, row by row: where its ',' or newline stands */
    size_t fields, rows;
    int fd;
    off_t at, until; /* the next bytes to read; the last row to take begins before `until` */
    size_t len, rest;
};

static inline int open_in(const char *folder_in, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder_in, name);
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        perror(path);
        exit(66);
    }
    return fd;
}

/* Where the row after the one at `at` begins. */
static inline off_t next_row(int fd, off_t at)
{
    char text[4096];
    ssize_t n = pread(fd, text, sizeof(text), at);
    const char *line = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
    return line ? at + (line - text) + 1 : at + (n > 0 ? n : 0);
}

/* The t-th of `threads` shares of a file, the header left out. */
static inline struct chunk share(int fd, size_t fields, unsigned t, unsigned threads)
{
    struct stat st;
    fstat(fd, &st);
    struct chunk c = {.fields = fields, .fd = fd};
    c.at = next_row(fd, st.st_size / threads * t);
    c.until = t + 1 == threads ? st.st_size : next_row(fd, st.st_size / threads * (t + 1));
    c.text = (char *)take(PAD + CHUNK + PAD) + PAD;
    c.end = take((CHUNK + PAD) * sizeof(*c.end));
    return c;
}

/* The positions of all ',' and newlines. */
static inline size_t separators(const char *text, size_t len, uint32_t *at)
{
    size_t n = 0, i = 0;
#ifdef __AVX512VBMI2__
    const __m512i comma = _mm512_set1_epi8(','), line = _mm512_set1_epi8('\n');
    __m512i lanes = _mm512_setzero_si512();
    for (int k = 0; k < 64; k++)
        ((char *)&lanes)[k] = (char)k;
    for (; i + 64 <= len; i += 64) {
        __m512i bytes = _mm512_loadu_si512(text + i), base = _mm512_set1_epi32((int)i);
        uint64_t mask = _mm512_cmpeq_epi8_mask(bytes, comma) | _mm512_cmpeq_epi8_mask(bytes, line);
        __m512i found = _mm512_maskz_compress_epi8(mask, lanes);
        size_t count = (size_t)__builtin_popcountll(mask);
        for (size_t k = 0; k < count; k += 16) {
            __m128i part = _mm_loadu_si128((const __m128i *)((const char *)&found + k));
            _mm512_storeu_si512(at + n + k, _mm512_add_epi32(_mm512_cvtepu8_epi32(part), base));
        }
        n += count;
    }
#endif
    for (; i < len; i++) {
        at[n] = (uint32_t)i;
        n += text[i] == ',' || text[i] == '\n';
    }
    return n;
}

/* The next whole rows; false: there are none. */
static inline bool next_chunk(struct chunk *c)
{
    memmove(c->text, c->text + c->len, c->rest);
    size_t room = CHUNK - c->rest;
    if (c->at + (off_t)room > c->until)
        room = (size_t)(c->until - c->at);
    ssize_t got = room ? pread(c->fd, c->text + c->rest, room, c->at) : 0;
    size_t len = c->rest + (size_t)(got > 0 ? got : 0);
    c->at += got > 0 ? got : 0;
    const char *last = len ? memrchr(c->text, '\n', len) : NULL;
    c->len = last ? (size_t)(last - c->text) + 1 : 0;
    c->rest = len - c->len;
    c->rows = separators(c->text, c->len, c->end) / c->fields;
    return c->rows > 0;
}

/* ---- cells ---- */

struct cell {
    const char *text;
    size_t len;
};

static inline struct cell cell_at(const struct chunk *c, size_t row, size_t field)
{
    const uint32_t *end = c->end + row * c->fields + field;
    size_t from = row || field ? end[-1] + 1 : 0;
    return (struct cell){c->text + from, *end - from};
}

static inline uint64_t load(const char *text)
{
    uint64_t bytes;
    memcpy(&bytes, text, sizeof(bytes));
    return bytes;
}

/* Eight digits, the first in the lowest byte, each as its value. */
static inline uint32_t eight(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8);
    return (
        uint32_t)(((digits & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
                   (digits >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001)) >>
                  32);
}

/* The last `len` of the 8 bytes before `end`, as values of digits; the others 0. */
static inline uint64_t digits_before(const char *end, size_t len)
{
    uint64_t bytes = load(end - 8) ^ UINT64_C(0x3030303030303030);
    return len ? bytes & ~UINT64_C(0) << (64 - 8 * len) : 0;
}

static inline uint32_t number(struct cell c)
{
    return eight(digits_before(c.text + c.len, c.len));
}

/* "12.50": the digits before the point move over it. */
static inline uint32_t cents(struct cell c)
{
    uint64_t bytes = digits_before(c.text + c.len, c.len);
    return eight((bytes & UINT64_C(0xFFFF000000000000)) | (bytes & UINT64_C(0x000000FFFFFFFFFF))
                                                              << 8);
}

static inline uint32_t two(const char *text)
{
    return (uint32_t)(text[0] * 10 + text[1] - '0' * 11);
}

/* "2026-11-22" */
static inline uint16_t day(struct cell c)
{
    const char *t = c.text;
    uint32_t code =
        (two(t) * 100 + two(t + 2) - 1900) * 372 + (two(t + 5) - 1) * 31 + two(t + 8) - 1;
    return (uint16_t)(c.len ? code : 0);
}

/* Codes of words by a hash without collisions of their first 8 bytes and their length. */
struct words {
    uint64_t factor;
    uint8_t code[256];
};

static inline size_t slot(const struct words *w, struct cell c)
{
    uint64_t key = load(c.text);
    if (c.len < 8)
        key &= (UINT64_C(1) << 8 * c.len) - 1;
    return (key + c.len) * w->factor >> 56;
}

static inline void learn(struct words *w, const char *const *words)
{
    for (w->factor = UINT64_C(0x9E3779B97F4A7C15);; w->factor += 2) {
        bool good = true;
        memset(w->code, 0, sizeof(w->code));
        for (uint8_t i = 0; good && words[i]; i++) {
            char text[64] = {0};
            snprintf(text, sizeof(text), "%s", words[i]);
            uint8_t *code = &w->code[slot(w, (struct cell){text, strlen(text)})];
            good = *code == 0;
            *code = (uint8_t)(i + 1);
        }
        if (good && w->code[slot(w, (struct cell){(const char[8]){0}, 0})] == 0)
            return;
    }
}

static inline uint8_t word(const struct words *w, struct cell c)
{
    return w->code[slot(w, c)];
}

#endif
