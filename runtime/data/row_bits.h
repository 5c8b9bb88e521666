/*
 * row_bits.h - bitmaps by row that threads fill side by side: a word may hold rows of two of them.
 */
#ifndef WF_DATA_ROW_BITS_H
#define WF_DATA_ROW_BITS_H

#include <stdint.h>

/* Sets the bits of n rows from `at` on, of a byte each (0 or 1); they must be zero. */
void wf_row_bits_put(uint64_t *bits, uint64_t at, const uint8_t *bytes, uint32_t n);

/* n bits that stood at `from` stand at `to` <= from. */
void wf_row_bits_shift(uint64_t *bits, uint64_t from, uint64_t to, uint64_t n);

/* Bits at .. upto - 1 become zero; upto is a multiple of 64. */
void wf_row_bits_clear(uint64_t *bits, uint64_t at, uint64_t upto);

#endif
