/*
 * quick.h - the shapes that nearly all cells have, read without a loop. A quick reader answers
 * false for anything else, and cell.h decides; where it answers true, cell.h would say the same.
 *
 * WF_CELL_PAD bytes behind a cell can be read: words are taken whole.
 */
#ifndef WF_DATA_QUICK_H
#define WF_DATA_QUICK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WF_CELL_PAD 8

/* The first bytes of a text, the first one lowest; zeros where it is shorter. */
static inline uint64_t wf_quick_word(const char *text, uint32_t len)
{
    uint64_t word;
    memcpy(&word, text, 8);
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        word = __builtin_bswap64(word);
    return len >= 8 ? word : word & ((UINT64_C(1) << (8 * len)) - 1);
}

/* The first n (1 to 8) bytes of a word of text as a number. */
static inline bool wf_quick_digits(uint64_t word, uint32_t n, int64_t *out)
{
    word = (word ^ UINT64_C(0x3030303030303030)) << (64 - 8 * n);
    if ((word | (word + UINT64_C(0x0606060606060606))) & UINT64_C(0xf0f0f0f0f0f0f0f0))
        return false;
    const uint64_t low = UINT64_C(0x000000ff000000ff);
    word = word * 10 + (word >> 8); /* pairs, then all four of them at once */
    word = ((word & low) * (100 + (UINT64_C(1000000) << 32)) +
            (word >> 16 & low) * (1 + (UINT64_C(10000) << 32))) >>
           32;
    *out = (int64_t)(uint32_t)word;
    return true;
}

/* 1 to 8 digits. */
static inline bool wf_quick_int(const char *text, uint32_t len, int64_t *out)
{
    return len - 1 <= 7 && wf_quick_digits(wf_quick_word(text, len), len, out);
}

/* 1 to 8 digits, a point, two digits. */
static inline bool wf_quick_money(const char *text, uint32_t len, int64_t *out)
{
    if (len - 4 > 7 || text[len - 3] != '.')
        return false;
    unsigned tens = (unsigned)(unsigned char)text[len - 2] - '0';
    unsigned ones = (unsigned)(unsigned char)text[len - 1] - '0';
    if (tens > 9 || ones > 9 || !wf_quick_int(text, len - 3, out))
        return false;
    *out = *out * 100 + tens * 10 + ones;
    return true;
}

/* YYYY-MM-DD of a day of the calendar since 1900, as days since 1970. */
static inline bool wf_quick_date(const char *text, uint32_t len, int64_t *out)
{
    static const uint16_t before[14] = {0,   0,   31,  59,  90,  120, 151,
                                        181, 212, 243, 273, 304, 334, 365};
    if (len != 10)
        return false;
    uint64_t word = wf_quick_word(text, 8) ^ UINT64_C(0x2d30302d30303030);
    unsigned tens = (unsigned)(unsigned char)text[8] - '0';
    unsigned ones = (unsigned)(unsigned char)text[9] - '0';
    uint64_t odd = (word | (word + UINT64_C(0x0006060006060606))) & UINT64_C(0xfff0f0fff0f0f0f0);
    if (odd || tens > 9 || ones > 9)
        return false;
    unsigned year = (unsigned)((word & 15) * 1000 + (word >> 8 & 15) * 100 +
                               (word >> 16 & 15) * 10 + (word >> 24 & 15));
    unsigned month = (unsigned)((word >> 40 & 15) * 10 + (word >> 48 & 15));
    unsigned day = tens * 10 + ones, past = year - 1;
    if (year < 1900 || month - 1 > 11)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day - 1 >= before[month + 1] - before[month] + (unsigned)(month == 2 && leap))
        return false;
    unsigned days = past * 365 + past / 4 - past / 100 + past / 400;
    *out = (int64_t)days + before[month] + (month > 2 && leap) + day - 1 - 719162;
    return true;
}

/* HH:MM or HH:MM:SS as seconds. */
static inline bool wf_quick_clock(const char *text, uint32_t len, int64_t *out)
{
    uint64_t word = wf_quick_word(text, len) ^ UINT64_C(0x30303a30303a3030);
    if (len == 5)
        word &= UINT64_C(0xffffffffff); /* no seconds are none */
    else if (len != 8)
        return false;
    uint64_t odd = (word | (word + UINT64_C(0x0606000606000606))) & UINT64_C(0xf0f0fff0f0fff0f0);
    unsigned hour = (unsigned)((word & 15) * 10 + (word >> 8 & 15));
    unsigned minute = (unsigned)((word >> 24 & 15) * 10 + (word >> 32 & 15));
    unsigned second = (unsigned)((word >> 48 & 15) * 10 + (word >> 56));
    *out = hour * 3600 + minute * 60 + second;
    return !odd && hour < 24 && minute < 60 && second < 60;
}

/* A date, a T or a space, and a clock: the day and the seconds of it. */
static inline bool wf_quick_stamp(const char *text, uint32_t len, int64_t *day, int64_t *clock)
{
    return len > 11 && (text[10] == 'T' || text[10] == ' ') && wf_quick_date(text, 10, day) &&
           wf_quick_clock(text + 11, len - 11, clock);
}

/* 0 or 1. */
static inline bool wf_quick_bool(const char *text, uint32_t len, int64_t *out)
{
    *out = *text & 1;
    return len == 1 && (*text == '0' || *text == '1');
}

/* 1 to 8 digits, alone or with a point and one or two digits. The division is of two numbers that a
 * double holds exactly, so it rounds as strtod does. */
static inline bool wf_quick_number(const char *text, uint32_t len, double *out)
{
    int64_t value, tenths;
    if (wf_quick_int(text, len, &value)) {
        *out = (double)value;
        return true;
    }
    if (len >= 3 && text[len - 2] == '.' && wf_quick_int(text, len - 2, &value) &&
        wf_quick_int(text + len - 1, 1, &tenths)) {
        *out = (double)(value * 10 + tenths) / 10;
        return true;
    }
    if (!wf_quick_money(text, len, &value))
        return false;
    *out = (double)value / 100;
    return true;
}

#endif
