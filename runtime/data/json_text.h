/*
 * json_text.h - a JSON value as text and a text as a value, whole or not at all.
 *
 * When jansson's buffer cannot grow, json_dumps forgets pieces of strings and json_loadb forgets
 * bytes of what it reads or calls it invalid, and both answer that all is well. So here the room is
 * measured before anything is written, and what is read is read twice.
 */
#ifndef WF_DATA_JSON_TEXT_H
#define WF_DATA_JSON_TEXT_H

#include <stdbool.h>

#include <jansson.h>

#include "lang/base/buf.h"
#include "lang/base/status.h"

/* Appends the text (flags of json_dumps); WF_ERR_NOMEM, and the buffer as it was. */
enum wf_status wf_json_text(const json_t *value, size_t flags, struct wf_buf *out);

/* Sets a member, or adds to an array, whose the value is then, or gone; a failed allocation leaves
 * NULL somewhere and shows in *bad. */
void wf_json_put(json_t *object, const char *key, json_t *value, bool *bad);
void wf_json_append(json_t *array, json_t *value, bool *bad);

/* Reads one value; *value_out is NULL for a text that is not JSON or has a name twice. */
enum wf_status wf_json_read(const char *text, size_t len, json_t **value_out);

#endif
