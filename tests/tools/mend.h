/*
 * mend.h - makes the checksums of a damaged compiled file right again, so that tests get past them.
 */
#ifndef WF_TESTS_MEND_H
#define WF_TESTS_MEND_H

#include <stddef.h>
#include <stdint.h>

/* The layout of the file: header, a table of sections, sections (encode.c). */
enum { MEND_HEADER = 20, MEND_ENTRY = 32 };

/* A little-endian number of n bytes. */
uint64_t mend_number(const unsigned char *bytes, unsigned n);

/* Every section's checksum, where the table of sections can be believed. */
void mend_checksums(unsigned char *file, size_t len);

#endif
