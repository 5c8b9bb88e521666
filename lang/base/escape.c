#include "lang/base/escape.h"

#include <stdint.h>
#include <string.h>

#include "lang/base/utf8.h"

static const char replacement[] = "\xef\xbf\xbd";

void wf_json_string(struct wf_buf *out, const char *text, size_t len)
{
    wf_buf_addc(out, '"');
    for (size_t i = 0, n; i < len; i += n) {
        unsigned char c = (unsigned char)text[i];
        n = 1;
        if (c == '"' || c == '\\') {
            wf_buf_addc(out, '\\');
            wf_buf_addc(out, (char)c);
        } else if (c < 0x20 || c == 0x7f) {
            wf_buf_addf(out, "\\u%04x", c);
        } else if (c < 0x80) {
            wf_buf_addc(out, (char)c);
        } else {
            uint32_t rune;
            n = wf_utf8_decode(text + i, len - i, &rune);
            if (n)
                wf_buf_add(out, text + i, n);
            else
                wf_buf_adds(out, "\\ufffd");
            n = n ? n : 1;
        }
    }
    wf_buf_addc(out, '"');
}

static bool xml_has(uint32_t rune)
{
    return rune >= 0x20 ? rune != 0xfffe && rune != 0xffff : rune == '\t' || rune == '\n';
}

void wf_xml_text(struct wf_buf *out, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t rune;
        size_t n = wf_utf8_decode(text + i, len - i, &rune);
        if (!n || !xml_has(rune))
            wf_buf_adds(out, replacement);
        else if (rune == '&')
            wf_buf_adds(out, "&amp;");
        else if (rune == '<')
            wf_buf_adds(out, "&lt;");
        else if (rune == '>')
            wf_buf_adds(out, "&gt;");
        else if (rune == '"')
            wf_buf_adds(out, "&quot;");
        else
            wf_buf_add(out, text + i, n);
        i += n ? n : 1;
    }
}

void wf_workflow_text(struct wf_buf *out, const char *text, bool property)
{
    for (; *text; text++) {
        bool mark = *text == '%' || *text == '\r' || *text == '\n' ||
                    (property && (*text == ':' || *text == ','));
        if (mark)
            wf_buf_addf(out, "%%%02X", (unsigned)*text);
        else
            wf_buf_addc(out, *text);
    }
}

void wf_uri_path(struct wf_buf *out, const char *path)
{
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~/", c);
        if (plain)
            wf_buf_addc(out, (char)c);
        else
            wf_buf_addf(out, "%%%02X", c);
    }
}
