/*
 * query_complete.c - what could be written next. The parser is run over the declaration up to the
 * word being written, and then asked; which of the names fit, query_place.c tells.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/sema/query_int.h"

/* ---- words ---- */

static bool is_word_char(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_';
    bool sign = (c >= 0x2000 && c < 0x2070) || (c >= 0x3000 && c < 0x3040) ||
                (c >= 0xFF00 && c < 0xFF10) || (c >= 0xFF1A && c < 0xFF21) ||
                (c >= 0xFF3B && c < 0xFF41) || (c >= 0xFF5B && c < 0xFF66);
    return !sign;
}

/* Where the run of word characters begins that ends at `at`. */
static size_t run_start(const char *text, size_t at)
{
    while (at > 0) {
        size_t one = at - 1;
        uint32_t c;
        while (one > 0 && at - one < 4 && ((unsigned char)text[one] & 0xC0) == 0x80)
            one--;
        if (wf_utf8_decode(text + one, at - one, &c) != at - one || !is_word_char(c))
            break;
        at = one;
    }
    return at;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins_with(const char *text, const char *prefix, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (lower(text[i]) != lower(prefix[i])) /* a NUL differs too */
            return false;
    }
    return true;
}

/* How well a text goes with what was typed: 0 begins with it, 1 holds it, 2 not at all. */
static unsigned fit(const char *text, const char *prefix, size_t len)
{
    if (begins_with(text, prefix, len))
        return 0;
    for (text++; len > 1 && text[-1] && *text; text++) {
        if (begins_with(text, prefix, len))
            return 1;
    }
    return 2;
}

void wf_offer(struct wf_place_at *p, struct wf_candidate candidate)
{
    struct wf_completion *out = p->out;
    unsigned how = fit(candidate.text, p->prefix, p->prefix_len);
    unsigned other = candidate.filter ? fit(candidate.filter, p->prefix, p->prefix_len) : 2;
    how = other < how ? other : how;
    if (how == 2)
        return;
    candidate.rank += how ? WF_RANK_INSIDE : 0;
    if (wf_grow(out->alloc, &out->items, &out->room, out->n + 1, sizeof(*out->items)))
        p->nomem = true;
    else
        out->items[out->n++] = candidate;
}

/* ---- keywords ---- */

/* What begins something new is less likely in the middle of a line. */
static unsigned keyword_rank(const struct wf_place_at *p, const struct wf_keyword_info *info)
{
    switch (info->group) {
    case WF_GROUP_DECL:
    case WF_GROUP_STEP:
    case WF_GROUP_HEAD:
    case WF_GROUP_ACTION:
    case WF_GROUP_POLICY:
        if (p->expected.raw[WF_RAW_EOF] || p->expected.sign['}'])
            return p->line_start ? WF_RANK_MEANT : WF_RANK_AWAY;
        return WF_RANK_NEAR;
    case WF_GROUP_LOGIC: return p->line_start ? WF_RANK_NAME : WF_RANK_NEAR;
    default: return WF_RANK_WORD;
    }
}

/*
 * In Chinese text a keyword is offered in Chinese, and found by its English letters too; the
 * English one comes behind it. In English text the Chinese one is offered only to who types
 * Chinese.
 */
static void offer_keyword(struct wf_place_at *p, enum wf_keyword k)
{
    const struct wf_keyword_info *info = wf_keyword_info(k);
    bool han = p->prefix_len && (unsigned char)p->prefix[0] >= 0x80;
    struct wf_candidate one = {.kind = WF_CANDIDATE_KEYWORD,
                               .rank = keyword_rank(p, info),
                               .keyword = k,
                               .text = info->zh,
                               .filter = info->en};
    if (p->chinese || han)
        wf_offer(p, one);
    one.text = info->en;
    one.filter = NULL;
    one.rank += p->chinese;
    if (!p->chinese || p->prefix_len)
        wf_offer(p, one);
}

static void offer_keywords(struct wf_place_at *p)
{
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++) {
        if (p->expected.keyword[k] && !p->expected.name_only[k])
            offer_keyword(p, (enum wf_keyword)k);
    }
}

/* ---- the sentence so far ---- */

struct source { /* the text, and what is known of its words */
    const char *text;
    size_t len;
    struct wf_words words;
    struct wf_han_names names;
};

static enum wf_keyword declares(const struct source *s, size_t at)
{
    size_t n = at;
    uint32_t c;
    for (size_t k;
         n < s->len && (k = wf_utf8_decode(s->text + n, s->len - n, &c)) > 0 && is_word_char(c);)
        n += k;
    for (; n > at; n--) { /* the longest word that the run begins with */
        const struct wf_word *w = wf_words_find(&s->words, s->text + at, n - at);
        if (w && w->keyword && wf_keyword_info((enum wf_keyword)w->keyword)->group == WF_GROUP_DECL)
            return (enum wf_keyword)w->keyword;
        if ((unsigned char)s->text[at] < 0x80)
            break;
    }
    return WF_KW_NONE;
}

/* Where the declaration begins that holds `at`: its word stands in the first column. */
static size_t declaration_start(const struct source *s, size_t at)
{
    for (size_t line = at;;) {
        while (line > 0 && s->text[line - 1] != '\n')
            line--;
        if (line < at && declares(s, line))
            return line;
        if (line == 0)
            return 0;
        line--;
    }
}

static bool cuts(const struct source *s, const char *run, size_t len)
{
    size_t tie;
    const struct wf_word *w = wf_words_find(&s->words, run, len);
    return len == 0 || (w && (w->keyword || w->declared)) ||
           wf_words_cut(&s->words, run, len, &tie) < len;
}

/* Whether some known word begins with these bytes and is longer. */
static bool begins_a_word(const struct source *s, const char *text, size_t len)
{
    for (size_t i = 0; i < s->words.room; i++) {
        const struct wf_word *w = &s->words.slots[i];
        if (w->text && w->len > len && memcmp(w->text, text, len) == 0)
            return true;
    }
    return false;
}

/* Where the word begins that is being written: Chinese runs hold whole words before it. */
static size_t word_start(const struct source *s, size_t at)
{
    size_t start = run_start(s->text, at);
    bool han = false;
    for (size_t i = start; i < at; i++)
        han |= (unsigned char)s->text[i] >= 0x80;
    if (!han)
        return start;
    for (size_t i = start; i < at; i++) {
        bool middle = ((unsigned char)s->text[i] & 0xC0) == 0x80;
        if (!middle && cuts(s, s->text + start, i - start) && begins_a_word(s, s->text + i, at - i))
            return i;
    }
    return cuts(s, s->text + start, at - start) ? at : start;
}

/* ---- asking ---- */

struct question {
    struct wf_sources sources;
    struct wf_intern intern;
    struct wf_arena trees;
    struct wf_tokens tokens;
    struct wf_expected expected;
};

/* What may follow s->text[from .. to)? Release the question, whatever the answer. */
static enum wf_status pose(struct question *q, const struct source *s, size_t from, size_t to)
{
    const struct wf_alloc *alloc = s->names.alloc;
    uint32_t file;
    wf_sources_init(&q->sources, alloc);
    wf_intern_init(&q->intern, alloc, 0);
    wf_arena_init(&q->trees, alloc);
    wf_tokens_init(&q->tokens, alloc);
    enum wf_status status =
        wf_sources_add(&q->sources, "", s->text + from, to - from, false, &file);
    if (status)
        return status;
    return wf_parse_expected(&q->trees, &q->intern, &q->sources, file, &s->names, &q->tokens,
                             &q->expected);
}

static void question_release(struct question *q)
{
    wf_tokens_release(&q->tokens);
    wf_arena_release(&q->trees);
    wf_intern_release(&q->intern);
    wf_sources_release(&q->sources);
}

static enum wf_status ask(struct wf_place_at *p, const struct source *s, size_t from, size_t to)
{
    struct question q;
    enum wf_status status = pose(&q, s, from, to);
    p->text = s->text + from;
    p->len = to - from;
    p->tokens = &q.tokens;
    p->expected = q.expected;
    if (status == WF_OK && wf_offer_names(p))
        offer_keywords(p);
    question_release(&q);
    return status;
}

/* Of a phrase some words stand already: `in` before the word being written, `last` is to come. */
static enum wf_status ask_for_rest(struct wf_place_at *p, const struct source *s, size_t from,
                                   size_t to, size_t end)
{
    struct question q;
    const char *words = s->text + to;
    size_t len = end - to;
    enum wf_status status = pose(&q, s, from, to);
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_ && status == WF_OK; k++) {
        const char *en = wf_keyword_info((enum wf_keyword)k)->en;
        if (q.expected.keyword[k] && strncmp(en, words, len) == 0 && en[len] == ' ')
            wf_offer(p, (struct wf_candidate){.kind = WF_CANDIDATE_KEYWORD,
                                              .rank = WF_RANK_MEANT,
                                              .keyword = (enum wf_keyword)k,
                                              .text = en + len + 1});
    }
    question_release(&q);
    return status;
}

static bool begins_phrase(const char *words, size_t len)
{
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++) {
        const char *en = wf_keyword_info((enum wf_keyword)k)->en;
        if (strncmp(en, words, len) == 0 && en[len] == ' ')
            return true;
    }
    return false;
}

static enum wf_status offer_rests(struct wf_place_at *p, const struct source *s, size_t from,
                                  size_t start)
{
    enum wf_status status = WF_OK;
    size_t end = start;
    while (end > from && s->text[end - 1] == ' ')
        end--;
    for (size_t at = end; end < start && status == WF_OK;) {
        size_t word = run_start(s->text, at);
        if (word == at || word < from || !begins_phrase(s->text + word, end - word))
            break;
        status = ask_for_rest(p, s, from, word, end);
        at = word;
        while (at > from && s->text[at - 1] == ' ')
            at--;
    }
    return status;
}

/* ---- what is known ---- */

static bool is_han(const struct wf_str *name)
{
    for (size_t i = 0; i < name->len; i++) {
        if ((unsigned char)name->text[i] >= 0x80)
            return true;
    }
    return false;
}

static void know(struct wf_han_names *names, const struct wf_str *name, enum wf_status *status)
{
    if (*status != WF_OK || !name || !is_han(name))
        return;
    if (wf_grow(names->alloc, &names->items, &names->room, names->n + 1, sizeof(*names->items)))
        *status = WF_ERR_NOMEM;
    else
        names->items[names->n++] = name; /* twice does no harm, looking for it would cost more */
}

static void know_record(struct wf_han_names *names, const struct wf_record *record,
                        enum wf_status *status)
{
    for (uint32_t i = 0; record && i < record->n_fields; i++) {
        const struct wf_field *field = record->fields[i];
        know(names, field->name, status);
        const struct wf_enum *enums = field->type ? field->type->enums : NULL;
        for (uint32_t k = 0; enums && k < enums->n; k++)
            know(names, enums->names[k], status);
    }
}

enum wf_status wf_query_han_names(const struct wf_front *front, struct wf_han_names *names)
{
    const struct wf_checked *c = &front->checked;
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; i < c->n_names; i++)
        know(names, c->names[i]->name, &status);
    know_record(names, c->member, &status);
    for (uint32_t i = 0; i < c->n_events; i++)
        know_record(names, c->events[i], &status);
    for (uint32_t i = 0; i < c->n_tables; i++)
        know_record(names, c->tables[i], &status);
    return status;
}

static int by_text(const void *left, const void *right)
{
    const struct wf_candidate *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

static int by_rank(const void *left, const void *right)
{
    const struct wf_candidate *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->text, b->text);
}

/* Each text once, in its best meaning. */
static void arrange(struct wf_completion *c)
{
    size_t kept = 0;
    if (!c->n)
        return;
    qsort(c->items, c->n, sizeof(*c->items), by_text);
    for (size_t i = 0; i < c->n; i++) {
        if (kept == 0 || strcmp(c->items[kept - 1].text, c->items[i].text) != 0)
            c->items[kept++] = c->items[i];
    }
    c->n = kept;
    qsort(c->items, c->n, sizeof(*c->items), by_rank);
}

static bool only_spaces(const char *text, size_t at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    return at == 0 || text[at - 1] == '\n';
}

static enum wf_status complete(struct wf_place_at *p, struct source *s, size_t at)
{
    size_t start = word_start(s, at), from = declaration_start(s, start);
    p->prefix = s->text + start;
    p->prefix_len = at - start;
    p->line_start = only_spaces(s->text, start);
    p->chinese = from < s->len && (unsigned char)s->text[from] >= 0x80;
    p->out->start = (uint32_t)start;
    bool number = p->prefix_len && p->prefix[0] >= '0' && p->prefix[0] <= '9';
    enum wf_status status = number ? WF_OK : ask(p, s, from, start);
    if (status == WF_OK && !number)
        status = offer_rests(p, s, from, start);
    return status == WF_ERR_RULES ? WF_OK : status;
}

enum wf_status wf_query_complete(const struct wf_front *front, uint32_t file, const char *text,
                                 size_t len, uint32_t at, struct wf_completion *out)
{
    const struct wf_alloc *alloc = front->sources.alloc;
    *out = (struct wf_completion){.alloc = alloc, .start = at};
    wf_arena_init(&out->arena, alloc);
    struct wf_place_at p = {.front = front, .file = file, .out = out};
    p.module = wf_query_module(front, file);
    if (!p.module || at > len)
        return WF_OK;
    struct source s = {.text = text, .len = len};
    wf_han_names_init(&s.names, alloc);
    enum wf_status status = wf_words_init(&s.words, alloc);
    if (status == WF_OK)
        status = wf_query_han_names(front, &s.names);
    if (status == WF_OK)
        status = wf_words_declare(&s.words, &s.names);
    if (status == WF_OK)
        status = complete(&p, &s, at);
    wf_words_release(&s.words);
    wf_han_names_release(&s.names);
    arrange(out);
    return p.nomem ? WF_ERR_NOMEM : status;
}

void wf_completion_release(struct wf_completion *completion)
{
    wf_free(completion->alloc, completion->items);
    wf_arena_release(&completion->arena);
    *completion = (struct wf_completion){0};
}
