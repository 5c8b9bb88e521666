/*
 * scan.c - the quick look: which Han names a file declares, and what it imports.
 *
 * Where a name is declared it stands alone between spaces or signs, so the runs are taken whole
 * here, without cutting. A name that no pattern finds is only not known when runs are cut.
 */
#include <string.h>

#include "lang/syntax/token.h"

void wf_han_names_init(struct wf_han_names *names, const struct wf_alloc *alloc)
{
    *names = (struct wf_han_names){.alloc = alloc};
}

void wf_han_names_release(struct wf_han_names *names)
{
    wf_free(names->alloc, names->items);
    wf_han_names_init(names, names->alloc);
}

enum wf_status wf_han_names_add(struct wf_han_names *names, const struct wf_str *name)
{
    for (size_t i = 0; i < names->n; i++) {
        if (names->items[i] == name)
            return WF_OK;
    }
    if (wf_grow(names->alloc, &names->items, &names->room, names->n + 1, sizeof(*names->items)))
        return WF_ERR_NOMEM;
    names->items[names->n++] = name;
    if (name->len > names->longest)
        names->longest = name->len;
    return WF_OK;
}

enum wf_status wf_han_names_add_all(struct wf_han_names *names, const struct wf_han_names *more)
{
    enum wf_status status = WF_OK;
    for (size_t i = 0; i < more->n && status == WF_OK; i++)
        status = wf_han_names_add(names, more->items[i]);
    return status;
}

void wf_scan_init(struct wf_scan *scan, const struct wf_alloc *alloc)
{
    *scan = (struct wf_scan){0};
    wf_han_names_init(&scan->names, alloc);
}

void wf_scan_release(struct wf_scan *scan)
{
    const struct wf_alloc *alloc = scan->names.alloc;
    wf_free(alloc, scan->imports);
    wf_han_names_release(&scan->names);
    wf_scan_init(scan, alloc);
}

/* ---- patterns ---- */

static bool is_han(const struct wf_token *t)
{
    for (size_t i = 0; t->raw == WF_RAW_WORD && t->text && i < t->text->len; i++) {
        if ((unsigned char)t->text->text[i] >= 0x80)
            return true;
    }
    return false;
}

static bool is_sign(const struct wf_token *t, unsigned sign)
{
    return t->raw == WF_RAW_SIGN && t->sign == sign;
}

/* Words behind which a name is declared. */
static bool introduces(enum wf_keyword k)
{
    switch (k) {
    case WF_KW_EVENT:
    case WF_KW_TABLE:
    case WF_KW_COUPON:
    case WF_KW_MESSAGE:
    case WF_KW_GROUP:
    case WF_KW_COST:
    case WF_KW_CALENDAR:
    case WF_KW_LET:
    case WF_KW_SEGMENT:
    case WF_KW_CLASSIFY:
    case WF_KW_TRIGGER:
    case WF_KW_JOURNEY:
    case WF_KW_POLICY:
    case WF_KW_METRIC:
    case WF_KW_ALIAS:
    case WF_KW_AS:
    case WF_KW_STEP:
    case WF_KW_MILESTONE:
    case WF_KW_REACH:
    case WF_KW_MEMBER: return true;
    default: return false;
    }
}

/* A declaration's word begins a line or follows the end of another: `send coupon X` declares
 * nothing. */
static bool may_introduce(const struct wf_tokens *tokens, size_t at)
{
    const struct wf_token *t = &tokens->items[at];
    bool declares = wf_keyword_info((enum wf_keyword)t->keyword)->group == WF_GROUP_DECL;
    bool begins = at == 0 || t->flags & WF_TK_LINE || is_sign(t - 1, ';') || is_sign(t - 1, '}') ||
                  is_sign(t - 1, '{');
    return (begins || !declares) && !(t[1].flags & WF_TK_LINE);
}

/* Words before which, on its line, a name is declared: a field's type, a class's condition. A rule
 * that begins the next line declares nothing of the line before it. */
static bool follows_name(enum wf_keyword k)
{
    return k == WF_KW_WHEN || k == WF_KW_OTHERWISE || k == WF_KW_SET || k == WF_KW_ONE_OF ||
           (k >= WF_KW_T_BOOL && k <= WF_KW_T_SET);
}

static enum wf_status add_name(struct wf_scan *scan, const struct wf_token *t)
{
    return is_han(t) ? wf_han_names_add(&scan->names, t->text) : WF_OK;
}

/* The names in `one of ( ... )`. */
static enum wf_status add_values(struct wf_scan *scan, const struct wf_tokens *tokens, size_t at)
{
    enum wf_status status = WF_OK;
    if (!is_sign(&tokens->items[at], '('))
        return WF_OK;
    for (at++; status == WF_OK && tokens->items[at].raw != WF_RAW_EOF; at++) {
        if (is_sign(&tokens->items[at], ')'))
            break;
        status = add_name(scan, &tokens->items[at]);
    }
    return status;
}

static enum wf_status add_import(struct wf_scan *scan, struct wf_intern *intern,
                                 const struct wf_tokens *tokens, size_t at, uint32_t file)
{
    const struct wf_token *t = &tokens->items[at + 1];
    struct wf_scan_import import = {.span = {file, t->start, t->end},
                                    .path = t->raw == WF_RAW_STRING,
                                    .exported =
                                        at > 0 && tokens->items[at - 1].keyword == WF_KW_EXPORT};
    struct wf_buf buf;
    wf_buf_init(&buf, scan->names.alloc, 0);
    if (import.path) {
        import.name = t->text;
    } else if (t->raw == WF_RAW_WORD) {
        wf_buf_add(&buf, t->text->text, t->text->len);
        for (; is_sign(t + 1, '.') && t[2].raw == WF_RAW_WORD; t += 2) {
            wf_buf_addc(&buf, '.');
            wf_buf_add(&buf, t[2].text->text, t[2].text->len);
            import.span.end = t[2].end;
        }
        import.name = buf.failed ? NULL : wf_intern(intern, wf_buf_str(&buf), buf.len);
    } else {
        return WF_OK;
    }
    wf_buf_release(&buf);
    if (!import.name || wf_grow(scan->names.alloc, &scan->imports, &scan->room_imports,
                                scan->n_imports + 1, sizeof(*scan->imports)))
        return WF_ERR_NOMEM;
    scan->imports[scan->n_imports++] = import;
    return WF_OK;
}

static enum wf_status look(struct wf_scan *scan, struct wf_intern *intern,
                           const struct wf_tokens *tokens, uint32_t file)
{
    enum wf_status status = WF_OK;
    for (size_t i = 0; i + 1 < tokens->n && status == WF_OK; i++) {
        const struct wf_token *t = &tokens->items[i], *next = t + 1;
        enum wf_keyword k = t->raw == WF_RAW_WORD ? (enum wf_keyword)t->keyword : WF_KW_NONE;
        if (k == WF_KW_IMPORT)
            status = add_import(scan, intern, tokens, i, file);
        else if (k == WF_KW_ONE_OF)
            status = add_values(scan, tokens, i + 1);
        else if (introduces(k) && may_introduce(tokens, i))
            status = add_name(scan, next);
        if (status == WF_OK && next->raw == WF_RAW_WORD && !(next->flags & WF_TK_LINE) &&
            follows_name((enum wf_keyword)next->keyword))
            status = add_name(scan, t);
    }
    return status;
}

enum wf_status wf_scan(struct wf_intern *intern, const struct wf_sources *sources, uint32_t file,
                       struct wf_scan *scan)
{
    struct wf_words words;
    struct wf_tokens tokens;
    enum wf_status status = wf_words_init(&words, scan->names.alloc);
    if (status)
        return status;
    words.whole = true;
    wf_tokens_init(&tokens, scan->names.alloc);
    status = wf_lex(intern, sources, file, &words, NULL, &tokens);
    if (status == WF_OK) {
        wf_filter(&tokens, file, NULL);
        status = look(scan, intern, &tokens, file);
    } else if (status == WF_ERR_RULES) {
        status = WF_OK; /* not UTF-8: wf_parse says so */
    }
    wf_tokens_release(&tokens);
    wf_words_release(&words);
    return status;
}
