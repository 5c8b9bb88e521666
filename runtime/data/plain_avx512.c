/*
 * Sixty-four cells are fetched one by one (the processor gathers slower), then read eight
 * at a time, one in each 64-bit lane of a vector. A lane's bit in an answer says that its cell has
 * the shape that is asked for. (The shapes are those of quick.h, which has them with fewer limits.)
 */
#include "runtime/data/plain.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

typedef __m512i lanes;

enum { CELLS = 64 };

/* Cells on their way: where each and the next one begin, its first bytes, and others that begin so
 * far behind its beginning. */
struct fetched {
    uint64_t starts[CELLS], first[CELLS], second[CELLS], third[CELLS];
};

struct eight {
    lanes len, first, second, third;
    __mmask8 here; /* lanes that are cells at all */
};

static inline lanes all(int64_t value)
{
    return _mm512_set1_epi64(value);
}

static inline uint64_t word_at(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof(word));
    return word;
}

/* Where the second and the third bytes begin; 0: nobody wants them. */
static inline void fetch(const struct wf_table *table, unsigned n, unsigned second, unsigned third,
                         struct fetched *out)
{
    const uint32_t *start = table->starts;
    const size_t step = table->step;
    for (unsigned i = 0; i < n; i++, start += step) {
        const char *cell = table->text + *start;
        out->starts[i] = word_at((const char *)start);
        out->first[i] = word_at(cell);
        if (second)
            out->second[i] = word_at(cell + second);
        if (third)
            out->third[i] = word_at(cell + third);
    }
}

static inline struct eight eight_at(const struct fetched *from, unsigned i, unsigned n)
{
    struct eight c = {.here = n - i < 8 ? (__mmask8)((1u << (n - i)) - 1) : 0xff};
    lanes starts = _mm512_maskz_loadu_epi64(c.here, from->starts + i);
    lanes behind = _mm512_add_epi64(_mm512_and_si512(starts, all(UINT32_MAX)), all(1));
    c.len = _mm512_sub_epi64(_mm512_srli_epi64(starts, 32), behind);
    c.first = _mm512_maskz_loadu_epi64(c.here, from->first + i);
    c.second = _mm512_maskz_loadu_epi64(c.here, from->second + i);
    c.third = _mm512_maskz_loadu_epi64(c.here, from->third + i);
    return c;
}

/* Bits to shift by so that len bytes end where the lane does. */
static inline lanes shift_of(lanes len)
{
    return _mm512_sub_epi64(all(64), _mm512_slli_epi64(len, 3));
}

static inline __mmask8 at_most(lanes value, int64_t most)
{
    return _mm512_cmple_epu64_mask(value, all(most));
}

/* ---- numbers ---- */

/* Up to eight bytes, each less '0', at the end of the lane; zeros before them. */
static inline lanes right_aligned(const struct eight *c)
{
    return _mm512_sllv_epi64(_mm512_xor_si512(c->first, all(0x3030303030303030)),
                             shift_of(c->len));
}

static inline __mmask8 are_digits(lanes x)
{
    lanes high = _mm512_or_si512(x, _mm512_add_epi64(x, all(0x0606060606060606)));
    return _mm512_testn_epi64_mask(high, all((int64_t)UINT64_C(0xf0f0f0f0f0f0f0f0)));
}

/* Eight digits, the first one lowest. */
static inline lanes number_of(lanes x)
{
    lanes pairs = _mm512_maddubs_epi16(x, _mm512_set1_epi16(10 + (1 << 8)));
    lanes fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(100 + (1 << 16)));
    return _mm512_add_epi64(_mm512_mul_epu32(fours, all(10000)), _mm512_srli_epi64(fours, 32));
}

static inline __mmask8 read_int(const struct eight *c, lanes *out)
{
    lanes x = right_aligned(c);
    *out = number_of(x);
    return are_digits(x) & at_most(_mm512_sub_epi64(c->len, all(1)), 7);
}

/* Where the point stands among the last bytes, and what is before it one place further. */
static inline lanes without_point(lanes x, unsigned decimals)
{
    uint64_t behind = ~UINT64_C(0) << (64 - 8 * decimals);
    uint64_t before = ~UINT64_C(0) >> (8 * decimals + 8);
    return _mm512_or_si512(_mm512_and_si512(x, all((int64_t)behind)),
                           _mm512_slli_epi64(_mm512_and_si512(x, all((int64_t)before)), 8));
}

static inline __mmask8 has_point(lanes x, unsigned decimals)
{
    lanes byte = _mm512_and_si512(_mm512_srli_epi64(x, 56 - 8 * decimals), all(0xff));
    return _mm512_cmpeq_epi64_mask(byte, all('.' ^ '0'));
}

static inline __mmask8 read_money(const struct eight *c, lanes *out)
{
    lanes x = right_aligned(c), digits = without_point(x, 2);
    *out = number_of(digits);
    return has_point(x, 2) & are_digits(digits) & at_most(_mm512_sub_epi64(c->len, all(4)), 4);
}

static inline __mmask8 read_number(const struct eight *c, lanes *out)
{
    lanes x = right_aligned(c), digits = without_point(x, 1), whole;
    __mmask8 plain = read_int(c, &whole);
    __mmask8 tenths =
        has_point(x, 1) & are_digits(digits) & at_most(_mm512_sub_epi64(c->len, all(3)), 5);
    __m512d value = _mm512_cvtepi64_pd(_mm512_mask_mov_epi64(whole, tenths, number_of(digits)));
    value = _mm512_mask_div_pd(value, tenths, value, _mm512_set1_pd(10));
    *out = _mm512_castpd_si512(value);
    return plain | tenths;
}

static inline __mmask8 read_bool(const struct eight *c, lanes *out)
{
    *out = _mm512_and_si512(_mm512_xor_si512(c->first, all('0')), all(0xff));
    return at_most(*out, 1) & _mm512_cmpeq_epi64_mask(c->len, all(1));
}

/* ---- dates ---- */

static inline lanes byte_of(lanes x, unsigned i)
{
    return _mm512_and_si512(_mm512_srli_epi64(x, 8 * i), all(0xff));
}

/* Each byte ten times, and the next one. */
static inline lanes pairs_of(lanes x)
{
    return _mm512_add_epi64(_mm512_add_epi64(_mm512_slli_epi64(x, 3), _mm512_slli_epi64(x, 1)),
                            _mm512_srli_epi64(x, 8));
}

/* Days since 1970 of a day of the years 1901 to 2099: those have a leap year every fourth. Years
 * begin in March here, so that the leap day is the last. */
static inline lanes day_of(lanes year, lanes month, lanes day)
{
    __mmask8 early = _mm512_cmplt_epi64_mask(month, all(3));
    year = _mm512_mask_sub_epi64(year, early, year, all(1));
    month = _mm512_sub_epi64(month, all(3));
    month = _mm512_mask_add_epi64(month, early, month, all(12));
    lanes days = _mm512_add_epi64(_mm512_mul_epu32(year, all(365)), _mm512_srli_epi64(year, 2));
    /* (153 m + 2) / 5, as a multiplication that is exact for m < 12 */
    lanes before = _mm512_add_epi64(_mm512_mul_epu32(month, all(153)), all(2));
    before = _mm512_srli_epi64(_mm512_mul_epu32(before, all(52429)), 18);
    days = _mm512_add_epi64(_mm512_add_epi64(days, before), day);
    return _mm512_sub_epi64(days, all(25509)); /* 1900-02-28 is day 0 here */
}

static inline __mmask8 is_day(lanes year, lanes month, lanes day)
{
    lanes most = _mm512_add_epi64(month, _mm512_srli_epi64(month, 3));
    most = _mm512_add_epi64(_mm512_and_si512(most, all(1)), all(30));
    __mmask8 leap = _mm512_testn_epi64_mask(year, all(3));
    lanes short_month = _mm512_mask_mov_epi64(all(28), leap, all(29));
    most =
        _mm512_mask_mov_epi64(most, _mm512_cmpeq_epi64_mask(month, all(2)), short_month);
    return at_most(_mm512_sub_epi64(month, all(1)), 11) &
           _mm512_cmplt_epu64_mask(_mm512_sub_epi64(day, all(1)), most) &
           _mm512_cmpgt_epu64_mask(year, _mm512_setzero_si512());
}

/* The second bytes are YY-MM-DD. */
static inline __mmask8 read_date(const struct eight *c, lanes *out)
{
    __mmask8 good = _mm512_cmpeq_epi64_mask(c->len, all(10));
    lanes x = _mm512_xor_si512(c->second, all(0x30302d30302d3030));
    lanes high = _mm512_or_si512(x, _mm512_add_epi64(x, all(0x0606000606000606)));
    good &= _mm512_testn_epi64_mask(high, all((int64_t)UINT64_C(0xf0f0fff0f0fff0f0)));
    lanes century = _mm512_and_si512(c->first, all(0xffff));
    __mmask8 twenty = _mm512_cmpeq_epi64_mask(century, all('2' + ('0' << 8)));
    good &= twenty | _mm512_cmpeq_epi64_mask(century, all('1' + ('9' << 8)));
    x = pairs_of(x);
    lanes year = byte_of(x, 0), month = byte_of(x, 3), day = byte_of(x, 6);
    year = _mm512_mask_add_epi64(year, twenty, year, all(100));
    *out = day_of(year, month, day);
    return good & is_day(year, month, day);
}

/* Eight bytes of 'HH:MM:SS' as seconds. */
static inline __mmask8 read_clock(lanes text, lanes *out)
{
    lanes x = _mm512_xor_si512(text, all(0x30303a30303a3030));
    lanes high = _mm512_or_si512(x, _mm512_add_epi64(x, all(0x0606000606000606)));
    __mmask8 good = _mm512_testn_epi64_mask(high, all((int64_t)UINT64_C(0xf0f0fff0f0fff0f0)));
    x = pairs_of(x);
    lanes hour = byte_of(x, 0), minute = byte_of(x, 3), second = byte_of(x, 6);
    *out = _mm512_add_epi64(_mm512_mul_epu32(hour, all(3600)),
                            _mm512_add_epi64(_mm512_mul_epu32(minute, all(60)), second));
    return good & at_most(hour, 23) & at_most(minute, 59) & at_most(second, 59);
}

/* The second bytes are Y-MM-DDT, the third HH:MM:SS. */
static inline __mmask8 read_time(const struct eight *c, lanes *out)
{
    lanes mark = byte_of(c->second, 7), day, clock;
    __mmask8 good = _mm512_cmpeq_epi64_mask(c->len, all(19));
    good &= _mm512_cmpeq_epi64_mask(mark, all('T')) | _mm512_cmpeq_epi64_mask(mark, all(' '));
    struct eight date = *c;
    date.len = all(10);
    date.second = _mm512_or_si512(_mm512_slli_epi64(c->second, 8), byte_of(c->first, 2));
    good &= read_date(&date, &day) & read_clock(c->third, &clock);
    *out = _mm512_add_epi64(_mm512_mul_epi32(day, all(86400)), clock);
    return good;
}

/* ---- words and texts ---- */

/* The first `len` bytes of a lane, zeros behind them; len may be 0 or more than 8. */
static inline lanes cut(lanes word, lanes len)
{
    lanes by = shift_of(_mm512_min_epi64(_mm512_max_epi64(len, _mm512_setzero_si512()), all(8)));
    return _mm512_srlv_epi64(_mm512_sllv_epi64(word, by), by);
}

static inline __mmask8 read_word(const struct wf_plain_job *job, const struct eight *c, lanes *out)
{
    lanes word = cut(c->first, c->len), place = _mm512_setzero_si512();
    __mmask8 good = 0;
    for (uint32_t w = 0; w < job->n_words; w++) {
        __mmask8 hit = _mm512_cmpeq_epi64_mask(word, all((int64_t)job->words[w]));
        place = _mm512_mask_mov_epi64(place, hit, all(w));
        good |= hit;
    }
    *out = place;
    return good & at_most(c->len, 8);
}

/* Words of eight texts met lately, each counted in words from the first one's beginning. */
static inline lanes words_at(const struct wf_recent *recent, size_t offset, __mmask8 which,
                             lanes at)
{
    const char *from = (const char *)recent + offset;
    return _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), which, at, from, 8);
}

/* A text of up to 16 bytes is the one that stands in its place, if that has its bytes. */
static inline __mmask8 read_text(const struct wf_plain_job *job, const struct eight *c, lanes *out)
{
    const lanes times = all((int64_t)WF_RECENT_TIMES);
    const struct wf_recent *recent = job->recent;
    _Static_assert(sizeof(*recent) == 5 * 8 && WF_RECENT_WORDS == 4, "a place is five words");
    __mmask8 good = c->here & at_most(_mm512_sub_epi64(c->len, all(1)), 15);
    __mmask8 longer = _mm512_mask_cmpgt_epu64_mask(good, c->len, all(8));
    lanes word = cut(c->first, c->len), sum = _mm512_mullo_epi64(word, times);
    lanes rest = _mm512_setzero_si512();
    if (longer) {
        rest = _mm512_maskz_mov_epi64(longer, cut(c->second, _mm512_sub_epi64(c->len, all(8))));
        sum = _mm512_mask_mullo_epi64(sum, longer, _mm512_xor_si512(sum, rest), times);
    }
    lanes place = _mm512_srli_epi64(sum, 64 - WF_RECENT_BITS);
    lanes at = _mm512_add_epi64(place, _mm512_slli_epi64(place, 2));
    lanes len_code = words_at(recent, offsetof(struct wf_recent, len), good, at);
    lanes len = _mm512_and_si512(len_code, all(UINT32_MAX));
    good &= _mm512_cmpeq_epi64_mask(len, c->len);
    good &= _mm512_cmpeq_epi64_mask(words_at(recent, 0, good, at), word);
    if (longer) /* a shorter one has nothing there, nor has another of its length */
        good &= _mm512_cmpeq_epi64_mask(words_at(recent, 8, good, at), rest);
    *out = _mm512_srli_epi64(len_code, 32);
    return good;
}

/* ---- a column ---- */

static inline __mmask8 read_eight(enum wf_plain_kind kind, const struct wf_plain_job *job,
                                  const struct eight *c, lanes *out)
{
    switch (kind) {
    case WF_PLAIN_INT: return read_int(c, out);
    case WF_PLAIN_MONEY: return read_money(c, out);
    case WF_PLAIN_DATE: return read_date(c, out);
    case WF_PLAIN_BOOL: return read_bool(c, out);
    case WF_PLAIN_NUMBER: return read_number(c, out);
    case WF_PLAIN_TIME: return read_time(c, out);
    case WF_PLAIN_WORD: return read_word(job, c, out);
    default: return read_text(job, c, out);
    }
}

static inline void put(void *values, unsigned width, unsigned i, __mmask8 here, lanes value)
{
    switch (width) {
    case 1: _mm512_mask_cvtepi64_storeu_epi8((char *)values + i, here, value); break;
    case 4: _mm512_mask_cvtepi64_storeu_epi32((char *)values + 4 * i, here, value); break;
    default: _mm512_mask_storeu_epi64((char *)values + 8 * i, here, value); break;
    }
}

/* Inlined once for each kind. */
static inline __attribute__((always_inline)) uint64_t
read_cells(enum wf_plain_kind kind, const struct wf_plain_job *job, const struct fetched *from,
           unsigned n, void *values, uint64_t *empty_out)
{
    uint64_t odd = 0, empty = 0;
    for (unsigned i = 0; i < n; i += 8) {
        struct eight c = eight_at(from, i, n);
        lanes value;
        __mmask8 none = _mm512_mask_testn_epi64_mask(c.here, c.len, c.len);
        __mmask8 good = (__mmask8)(read_eight(kind, job, &c, &value) & c.here & ~none);
        put(values, job->width, i, c.here, _mm512_maskz_mov_epi64(good, value));
        empty |= (uint64_t)none << i;
        odd |= (uint64_t)(__mmask8)(c.here & ~(good | none)) << i;
    }
    *empty_out = empty;
    return odd;
}

uint64_t wf_plain_avx512(const struct wf_plain_job *job, const struct wf_table *table, unsigned n,
                         void *values, uint64_t *empty_out)
{
    struct fetched from;
    if (job->kind == WF_PLAIN_DATE)
        fetch(table, n, 2, 0, &from);
    else if (job->kind == WF_PLAIN_TIME)
        fetch(table, n, 3, 11, &from);
    else if (job->kind == WF_PLAIN_TEXT)
        fetch(table, n, 8, 0, &from);
    else
        fetch(table, n, 0, 0, &from);
    switch (job->kind) {
    case WF_PLAIN_INT: return read_cells(WF_PLAIN_INT, job, &from, n, values, empty_out);
    case WF_PLAIN_MONEY: return read_cells(WF_PLAIN_MONEY, job, &from, n, values, empty_out);
    case WF_PLAIN_DATE: return read_cells(WF_PLAIN_DATE, job, &from, n, values, empty_out);
    case WF_PLAIN_BOOL: return read_cells(WF_PLAIN_BOOL, job, &from, n, values, empty_out);
    case WF_PLAIN_NUMBER: return read_cells(WF_PLAIN_NUMBER, job, &from, n, values, empty_out);
    case WF_PLAIN_TIME: return read_cells(WF_PLAIN_TIME, job, &from, n, values, empty_out);
    case WF_PLAIN_WORD: return read_cells(WF_PLAIN_WORD, job, &from, n, values, empty_out);
    default: return read_cells(WF_PLAIN_TEXT, job, &from, n, values, empty_out);
    }
}

#endif
