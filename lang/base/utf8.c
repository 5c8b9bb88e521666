#include "lang/base/utf8.h"

#include <string.h>
#include <utf8proc.h>

#include "lang/base/buf.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* How many ASCII bytes stand at the beginning, eight at a time. */
static size_t ascii_run(const char *text, size_t len)
{
    size_t at = 0;
    for (uint64_t word; len - at >= 8; at += 8) {
        memcpy(&word, text + at, 8);
        word &= HIGH_BITS;
        if (word && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
            return at + (size_t)__builtin_ctzll(word) / 8;
        if (word)
            break;
    }
    while (at < len && (unsigned char)text[at] < 0x80)
        at++;
    return at;
}

size_t wf_utf8_decode(const char *text, size_t len, uint32_t *codepoint_out)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    if (!len)
        return 0;
    if (p[0] < 0x80) {
        *codepoint_out = p[0];
        return 1;
    }
    size_t n = p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (!n || n > len)
        return 0;
    uint32_t c = p[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *codepoint_out = c;
    return n;
}

/* The three bytes of most Chinese characters: U+1000 to U+CFFF need no look at their value. */
static bool is_common_triple(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    return p[0] - 0xE1u < 12 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80;
}

size_t wf_utf8_valid(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        at += ascii_run(text + at, len - at);
        while (len - at >= 3 && is_common_triple(text + at))
            at += 3;
        if (at < len && (unsigned char)text[at] < 0x80)
            continue;
        uint32_t c;
        size_t n = wf_utf8_decode(text + at, len - at, &c);
        if (!n)
            return at;
        at += n;
    }
    return at;
}

size_t wf_utf8_encode(uint32_t codepoint, char out[4])
{
    if (codepoint > 0x10FFFF || (codepoint >= 0xD800 && codepoint <= 0xDFFF))
        return 0;
    if (codepoint < 0x80) {
        out[0] = (char)codepoint;
        return 1;
    }
    size_t n = codepoint < 0x800 ? 2 : codepoint < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, codepoint >>= 6)
        out[i] = (char)(0x80 | (codepoint & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xFF) | codepoint);
    return n;
}

size_t wf_utf8_count(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

size_t wf_utf8_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t at = 0; at < len;) {
        uint32_t c;
        size_t n = wf_utf8_decode(text + at, len - at, &c);
        if (!n)
            return width;
        width += (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
        at += n;
    }
    return width;
}

/* Characters that are in NFC whatever stands beside them: none of them combines or decomposes. */
static bool plain(uint32_t c)
{
    return c < 0x300 || (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x3000 && c <= 0x3029) ||
           (c >= 0x3030 && c <= 0x3098) || (c >= 0x309B && c <= 0x312F) ||
           (c >= 0xFF00 && c <= 0xFF9F) || (c >= 0x2010 && c <= 0x2027);
}

bool wf_utf8_is_plain_nfc(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        at += ascii_run(text + at, len - at);
        uint32_t c = 0;
        size_t n = wf_utf8_decode(text + at, len - at, &c);
        if (at < len && (!n || !plain(c)))
            return false;
        at += n;
    }
    return true;
}

enum wf_status wf_utf8_nfc(struct wf_buf *out, const char *text, size_t len)
{
    if (wf_utf8_valid(text, len) != len || len > PTRDIFF_MAX / 8)
        return WF_ERR_DATA;
    if (wf_utf8_is_plain_nfc(text, len)) {
        wf_buf_add(out, text, len);
        return out->failed ? WF_ERR_NOMEM : WF_OK;
    }
    const utf8proc_uint8_t *in = (const utf8proc_uint8_t *)text;
    const utf8proc_option_t options = UTF8PROC_COMPOSE | UTF8PROC_STABLE;
    utf8proc_ssize_t need = utf8proc_decompose(in, (utf8proc_ssize_t)len, NULL, 0, options);
    if (need < 0)
        return WF_ERR_DATA;
    /* One more word: utf8proc_reencode writes a NUL behind its bytes. */
    utf8proc_int32_t *points = wf_calloc(out->alloc, (size_t)need + 1, sizeof(*points));
    if (!points)
        return WF_ERR_NOMEM;
    enum wf_status status = WF_OK;
    utf8proc_ssize_t n = utf8proc_decompose(in, (utf8proc_ssize_t)len, points, need, options);
    if (n >= 0)
        n = utf8proc_reencode(points, n, options);
    if (n < 0)
        status = WF_ERR_DATA;
    else
        wf_buf_add(out, points, (size_t)n);
    wf_free(out->alloc, points);
    return status ? status : out->failed ? WF_ERR_NOMEM : WF_OK;
}
