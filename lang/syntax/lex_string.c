/*
 * lex_string.c - strings: what stands between the quotes, decoded and as it is spelled.
 */
#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/utf8.h"
#include "lang/syntax/lexer_state.h"

static size_t char_length(const char *text, size_t len)
{
    uint32_t ignored;
    size_t n = wf_utf8_decode(text, len, &ignored);
    return n ? n : 1;
}

/* Decodes `\u{...}` whose backslash is at text[i]; answers where it ends, 0 when it is wrong. */
static size_t decode_unicode(struct wf_buf *out, const char *text, size_t i, size_t len)
{
    uint32_t c = 0;
    size_t p = i + 2, digits = 0;
    if (p >= len || text[p] != '{')
        return 0;
    for (p++; p < len && text[p] != '}'; p++, digits++) {
        char h = text[p];
        int v = h >= '0' && h <= '9'   ? h - '0'
                : h >= 'a' && h <= 'f' ? h - 'a' + 10
                : h >= 'A' && h <= 'F' ? h - 'A' + 10
                                       : -1;
        if (v < 0 || digits >= 6)
            return 0;
        c = c * 16 + (uint32_t)v;
    }
    char utf8[4];
    size_t n = p < len && digits && c ? wf_utf8_encode(c, utf8) : 0;
    if (!n)
        return 0;
    wf_buf_add(out, utf8, n);
    return p + 1;
}

/* Decodes the escape at text[i]; answers where the next character begins. */
static size_t decode_escape(struct wf_lexer *lexer, const char *text, size_t i, size_t len,
                            size_t skew)
{
    static const char from[] = "nt\"\\", to[] = "\n\t\"\\";
    char c = i + 1 < len ? text[i + 1] : '\0';
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        wf_buf_addc(&lexer->scratch, to[at - from]);
        return i + 2;
    }
    size_t end = c == 'u' ? decode_unicode(&lexer->scratch, text, i, len) : 0;
    if (end)
        return end;
    size_t n = i + 1 < len ? 1 + char_length(text + i + 1, len - i - 1) : 1;
    WF_REPORT(lexer, WF_E0104, i + skew, n, "`%.*s` is no escape", (int)n, text + i);
    return i + n;
}

/* What stands between the quotes, as it is written between ASCII quotes. */
static const struct wf_str *respell(struct wf_lexer *lexer, const char *text, size_t len)
{
    wf_buf_reset(&lexer->scratch);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\' && i + 1 < len)
            wf_buf_addc(&lexer->scratch, text[i++]);
        else if (text[i] == '"')
            wf_buf_addc(&lexer->scratch, '\\');
        wf_buf_addc(&lexer->scratch, text[i]);
    }
    if (lexer->scratch.failed)
        lexer->status = WF_ERR_NOMEM;
    return wf_lexer_keep(lexer, wf_buf_str(&lexer->scratch), lexer->scratch.len);
}

void wf_lex_string(struct wf_lexer *lexer, const char *text, size_t len, size_t open, size_t close)
{
    const char *inner = text + open;
    size_t n = len - open - close;
    if (n > WF_MAX_STRING)
        WF_REPORT(lexer, WF_E0108, 0, len, "a string of more than %zu bytes",
                  WF_MAX_STRING);
    const struct wf_str *spell = respell(lexer, inner, n);
    wf_buf_reset(&lexer->scratch);
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)inner[i];
        if (c == '\\') {
            i = decode_escape(lexer, inner, i, n, open);
            continue;
        }
        if (c < 0x20 && c != '\t')
            WF_REPORT(lexer, WF_E0102, i + open, 1, "a control character (0x%02X) in a string", c);
        wf_buf_addc(&lexer->scratch, inner[i++]);
    }
    const struct wf_str *decoded =
        wf_lexer_keep(lexer, wf_buf_str(&lexer->scratch), lexer->scratch.len);
    if (lexer->scratch.failed)
        lexer->status = WF_ERR_NOMEM;
    struct wf_token *t = wf_lexer_add(lexer, WF_RAW_STRING, len);
    if (t) {
        t->text = decoded;
        t->spell = spell;
    }
}

/* To the end of the line, but for a block that surely opens there. The text goes on as a string, so
 * that what follows is understood. */
size_t wf_lex_open_string(struct wf_lexer *lexer, const char *text, size_t len, size_t open)
{
    size_t n = len;
    while (n > open && strchr(" \t\\", text[n - 1]))
        n--;
    if (n > open + 1 && text[n - 1] == '{' && text[n - 2] == ' ')
        for (n--; n > open && text[n - 1] == ' ';)
            n--;
    const char *close = open == 1 ? "\"" : text[1] == '\x80' ? "”" : "」";
    struct wf_diag *diag = WF_REPORT(lexer, WF_E0103, 0, n, "the string is not closed on its line");
    if (diag)
        wf_diag_fix(lexer->diags, diag, "close it: `%.*s%s`", (int)n, text, close);
    wf_lex_string(lexer, text, n, open, 0);
    return n;
}

/* 'text', as other languages quote. */
void wf_lex_single(struct wf_lexer *lexer, const char *text, size_t len)
{
    struct wf_diag *diag = WF_REPORT(lexer, WF_E0112, 0, len, "a text stands in double quotes");
    if (diag) {
        wf_diag_edit(lexer->diags, diag, wf_lexer_span(lexer, 0, 1), "\"");
        wf_diag_edit(lexer->diags, diag, wf_lexer_span(lexer, len - 1, 1), "\"");
        wf_diag_fix(lexer->diags, diag, "write `\"%.*s\"`", (int)(len - 2), text + 1);
    }
    wf_lex_string(lexer, text, len, 1, 1);
}
