/*
 * known.h - what a row of events is known by: its unique fields, or its bytes.
 */
#ifndef WF_DATA_KNOWN_H
#define WF_DATA_KNOWN_H

#include "runtime/data/chunk.h"

/*
 * Fills chunk->first, full and key of row i as far as they are there. chunk->hash[i] is that of
 * the row's bytes, and stands for the key where a unique field is lacking; `columns` tells by slot
 * the column of the export, WF_NONE: it has none. A unique field without a column shortens the key,
 * but never from its front. `dicts` are those of the chunk's worker.
 *
 * columns NULL: a row of an earlier night, whose key is in chunk->key where it has no first unique
 * field; any other that is missing had no column.
 */
void wf_known_row(const struct wf_feed *feed, const struct wf_names *dicts, const uint32_t *columns,
                  const char *row, size_t row_len, uint32_t i, struct wf_chunk *chunk);

/* The key of an event by its first unique field: a text, or (text NULL) a number. */
void wf_known_key(const struct wf_cell *text, uint64_t number, unsigned char key_out[16]);

#endif
