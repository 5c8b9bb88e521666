/*
 * row_bits.h - bitmaps by row that threads fill side by side: a word may hold rows of two of them.
 */
#ifndef WF_DATA_ROW_BITS_H
#define WF_DATA_ROW_BITS_H

#include <stdint.h>

/* A bit for each of n <= 64 bytes: whether it is other than 0. */
uint64_t wf_row_bits_gather(const uint8_t *bytes, uint32_t n);

/* A byte of 0 or 1 for each of n <= 64 bits. */
void wf_row_bits_spread(uint64_t bits, uint8_t *bytes, uint32_t n);

/* Sets the bits of n rows from `at` on, of a byte each (0 or 1); they must be zero. */
void wf_row_bits_put(uint64_t *bits, uint64_t at, const uint8_t *bytes, uint32_t n);

/* n bits that stood at `from` stand at `to` <= from. */
void wf_row_bits_shift(uint64_t *bits, uint64_t from, uint64_t to, uint64_t n);

/* Bits at .. upto - 1 become zero; upto is a multiple of 64. */
void wf_row_bits_clear(uint64_t *bits, uint64_t at, uint64_t upto);

#endif
