/*
 * input.h - one file of a feed as a stream of UTF-8 bytes.
 *
 *   file ─ fingerprint ─ gunzip | unzstd ─ iconv ─▶ bytes
 *
 * What the name ends in decides (.gz, .zst), the declared encoding decides; nothing is guessed.
 * Only regular files are opened, never through a symlink; "-" is standard input. A file that
 * changes while it is read is refused.
 */
#ifndef WF_DATA_INPUT_H
#define WF_DATA_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"
#include "runtime/data/digest.h"
#include "runtime/data/fault.h"

struct wf_input;

/*
 * `dir` is an open folder; `encoding` is NULL for UTF-8; `sha256`: somebody asks for it. The name
 * must outlive the input.
 * WF_ERR_MISSING, WF_ERR_PERM, WF_ERR_IO, WF_ERR_RULES (unknown encoding), WF_ERR_NOMEM.
 */
enum wf_status wf_input_open(const struct wf_alloc *alloc, int dir, const char *name,
                             const char *encoding, bool sha256, struct wf_input **input_out,
                             struct wf_fault *fault);

/* A file that lies in memory: UTF-8, not packed. Name and bytes must outlive the input. */
enum wf_status wf_input_memory(const struct wf_alloc *alloc, const char *name, const char *bytes,
                               size_t len, struct wf_input **input_out);

/* How many bytes it will give; 0: nobody knows. */
uint64_t wf_input_size(const struct wf_input *input);

/* Up to `room` bytes; *got_out is 0 only at the end, when the whole file was found sound. */
enum wf_status wf_input_read(struct wf_input *input, char *bytes, size_t room, size_t *got_out,
                             struct wf_fault *fault);

/* After the end: what was read from the disk. */
void wf_input_finish(struct wf_input *input, uint64_t *bytes_out,
                     struct wf_fingerprint *fingerprint_out);

void wf_input_close(struct wf_input *input); /* NULL is fine */

/* openat, gone on with when a signal interrupts it; -1 and errno like it. */
int wf_open_again(int dir, const char *path, int flags);

#endif
