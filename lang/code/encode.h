/*
 * encode.h - a program as bytes, and back.
 *
 *   "WAYC" version sections        little-endian throughout, never a pointer
 *   section: id, offset, size, xxh3-64 of its bytes
 *
 * Encoding is canonical: equal programs give equal bytes, and decoding a file of this version and
 * encoding it again gives the same file. Decoding believes nothing: every count is checked against
 * limits.h and against the bytes that remain. What it answers is well-formed memory, not yet a
 * program to run: wf_verify.
 */
#ifndef WF_CODE_ENCODE_H
#define WF_CODE_ENCODE_H

#include "lang/base/buf.h"
#include "lang/base/status.h"
#include "lang/code/program.h"

#define WF_FORMAT_VERSION 5

/* Read too: the journeys that a state keeps for members on their way were written so. It lacks the
 * tables from `catalogues` on. */
#define WF_FORMAT_VERSION_READ 4

/* Appends the whole file to `out`. */
enum wf_status wf_encode(const struct wf_program *program, struct wf_buf *out);

/*
 * A new program of these bytes; the caller frees it with wf_program_free. WF_ERR_FORMAT when they
 * are not one that this version reads; *why_out (may be NULL) then is a static English phrase.
 */
enum wf_status wf_decode(const struct wf_alloc *alloc, const void *bytes, size_t len,
                         struct wf_program **program_out, const char **why_out);

/* The hash of a well-formed ir: of what the rules mean and are called, not of where they stand. */
void wf_program_hash(const struct wf_program *program, unsigned char hash_out[16]);

#endif
