/*
 * utf8.h - strict UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF).
 */
#ifndef WF_BASE_UTF8_H
#define WF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/status.h"

struct wf_buf;

/* How many bytes at the beginning are valid: len when all are. */
size_t wf_utf8_valid(const char *text, size_t len);

/* Reads one character; answers its bytes (1..4), or 0 where the bytes are not valid or len is 0. */
size_t wf_utf8_decode(const char *text, size_t len, uint32_t *codepoint_out);

/* Writes one character; answers its bytes, or 0 for what is no character. */
size_t wf_utf8_encode(uint32_t codepoint, char out[4]);

/* Of valid text: how many characters, and how many columns of a terminal it takes (East Asian wide
 * ones two, combining marks and controls none). */
size_t wf_utf8_count(const char *text, size_t len);
size_t wf_utf8_width(const char *text, size_t len);

/* Whether valid text is surely in NFC already, by a look at its ranges (ASCII, Latin, Han, kana).
 */
bool wf_utf8_is_plain_nfc(const char *text, size_t len);

/* Appends the NFC form of valid text to out. WF_ERR_NOMEM, WF_ERR_DATA (not valid). */
enum wf_status wf_utf8_nfc(struct wf_buf *out, const char *text, size_t len);

#endif
