#include "lang/syntax/token.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/utf8.h"

enum { SOFT = 1, HARD = 0 };

static const struct wf_keyword_info keywords[WF_KW_COUNT_] = {
#define KEYWORD(id, en, zh, group, soft) [WF_KW_##id] = {en, zh, WF_GROUP_##group, soft, false},
#define TWIN(id, of, en, zh, group) [WF_KW_##id] = {en, zh, WF_GROUP_##group, true, true},
#include "lang/syntax/keywords.def"
};

const struct wf_unit_info wf_units[] = {
#define UNIT(id, en, zh) {en, zh, WF_OP_UNIT_##id},
#include "lang/syntax/keywords.def"
};
const size_t wf_n_units = sizeof(wf_units) / sizeof(wf_units[0]);

const struct wf_keyword_info *wf_keyword_info(enum wf_keyword keyword)
{
    return &keywords[keyword];
}

const struct wf_unit_info *wf_unit_find(const char *text, size_t len, size_t *len_out)
{
    const struct wf_unit_info *found = NULL;
    *len_out = 0;
    for (size_t i = 0; i < wf_n_units; i++) {
        const char *names[] = {wf_units[i].en, wf_units[i].zh};
        for (int k = 0; k < 2; k++) {
            size_t n = strlen(names[k]);
            if (n > *len_out && n <= len && memcmp(text, names[k], n) == 0) {
                found = &wf_units[i];
                *len_out = n;
            }
        }
    }
    return found;
}

/* ---- the table ---- */

static size_t slot_of(const struct wf_word *slots, size_t room, const char *text, size_t len)
{
    size_t at = (size_t)XXH3_64bits(text, len) & (room - 1);
    while (slots[at].text && (slots[at].len != len || memcmp(slots[at].text, text, len) != 0))
        at = (at + 1) & (room - 1);
    return at;
}

static enum wf_status widen(struct wf_words *words)
{
    size_t room = words->room ? words->room * 2 : 512;
    struct wf_word *slots = wf_calloc(words->alloc, room, sizeof(*slots));
    if (!slots)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < words->room; i++) {
        const struct wf_word *w = &words->slots[i];
        if (w->text)
            slots[slot_of(slots, room, w->text, w->len)] = *w;
    }
    wf_free(words->alloc, words->slots);
    words->slots = slots;
    words->room = room;
    return WF_OK;
}

/* The entry of a word, new when there was none; NULL when out of memory. */
static struct wf_word *enter(struct wf_words *words, const char *text, size_t len)
{
    if (2 * (words->n + 1) > words->room && widen(words))
        return NULL;
    struct wf_word *w = &words->slots[slot_of(words->slots, words->room, text, len)];
    if (!w->text) {
        *w = (struct wf_word){.text = text, .len = (uint32_t)len};
        words->n++;
        if (len > words->longest)
            words->longest = len;
    }
    return w;
}

static enum wf_status enter_keyword(struct wf_words *words, enum wf_keyword keyword)
{
    const struct wf_keyword_info *info = &keywords[keyword];
    struct wf_word *w = enter(words, info->zh, strlen(info->zh));
    if (!w)
        return WF_ERR_NOMEM;
    w->keyword = (uint16_t)keyword;
    if (info->twin)
        return WF_OK;
    size_t first = strcspn(info->en, " ");
    w = enter(words, info->en, first);
    if (!w)
        return WF_ERR_NOMEM;
    if (info->en[first])
        w->begins_phrase = true;
    else
        w->keyword = (uint16_t)keyword;
    return WF_OK;
}

enum wf_status wf_words_init(struct wf_words *words, const struct wf_alloc *alloc)
{
    *words = (struct wf_words){.alloc = alloc};
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++) {
        if (enter_keyword(words, (enum wf_keyword)k)) {
            wf_words_release(words);
            return WF_ERR_NOMEM;
        }
    }
    return WF_OK;
}

void wf_words_release(struct wf_words *words)
{
    wf_free(words->alloc, words->slots);
    *words = (struct wf_words){.alloc = words->alloc};
}

enum wf_status wf_words_declare(struct wf_words *words, const struct wf_han_names *names)
{
    for (size_t i = 0; names && i < names->n; i++) {
        struct wf_word *w = enter(words, names->items[i]->text, names->items[i]->len);
        if (!w)
            return WF_ERR_NOMEM;
        w->declared = true;
    }
    return WF_OK;
}

const struct wf_word *wf_words_find(const struct wf_words *words, const char *text, size_t len)
{
    if (!words->room)
        return NULL;
    const struct wf_word *w = &words->slots[slot_of(words->slots, words->room, text, len)];
    return w->text ? w : NULL;
}

/* ---- cutting ---- */

static bool is_ascii_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t char_len(const char *text, size_t len)
{
    uint32_t ignored;
    size_t n = wf_utf8_decode(text, len, &ignored);
    return n ? n : 1;
}

/* Best cuts of run[at..]: pieces needed, length of the first piece, and of a rival. */
struct cut {
    uint16_t pieces, first, rival; /* pieces 0: cannot be cut */
};

/* A piece of `n` bytes at `at` is possible: take it if it is the best so far. */
static void offer(struct cut *cuts, size_t at, size_t n)
{
    const struct cut *rest = &cuts[at + n];
    if (rest->pieces == 0)
        return;
    struct cut *c = &cuts[at];
    unsigned pieces = rest->pieces + 1u;
    if (c->pieces == 0 || pieces < c->pieces) {
        c->pieces = (uint16_t)pieces;
        c->first = (uint16_t)n;
        c->rival = 0;
    } else if (pieces == c->pieces && n != c->first && !c->rival) {
        c->rival = (uint16_t)n;
    }
}

/* A stretch of ASCII is one piece; one that begins with a digit may have a Chinese unit behind. */
static void offer_ascii(struct cut *cuts, const char *run, size_t at, size_t len)
{
    if (at > 0 && is_ascii_word((unsigned char)run[at - 1]))
        return;
    size_t n = 0;
    while (at + n < len && is_ascii_word((unsigned char)run[at + n]))
        n++;
    bool number = run[at] >= '0' && run[at] <= '9';
    size_t unit = 0;
    if (number && at + n < len)
        wf_unit_find(run + at + n, len - at - n, &unit);
    if (unit)
        offer(cuts, at, n + unit);
    offer(cuts, at, n);
}

enum { MAX_RUN = 4096 };

size_t wf_words_cut(const struct wf_words *words, const char *run, size_t len, size_t *tie_out)
{
    *tie_out = 0;
    if (len > MAX_RUN || words->whole)
        return len;
    struct cut cuts[MAX_RUN + 1];
    memset(cuts, 0, (len + 1) * sizeof(*cuts));
    cuts[len].pieces = 1; /* nothing left: counted as one so that 0 can mean impossible */
    for (size_t at = len; at-- > 0;) {
        if (((unsigned char)run[at] & 0xC0) == 0x80)
            continue;
        size_t ascii = 0;
        while (at + ascii < len && is_ascii_word((unsigned char)run[at + ascii]))
            ascii++;
        size_t most = len - at < words->longest ? len - at : words->longest;
        for (size_t n = char_len(run + at, len - at); n <= most;
             n += char_len(run + at + n, len - at - n)) {
            const struct wf_word *w = wf_words_find(words, run + at, n);
            bool inside_ascii = at + n < len && is_ascii_word((unsigned char)run[at + n]) &&
                                is_ascii_word((unsigned char)run[at + n - 1]);
            bool after_ascii = at > 0 && is_ascii_word((unsigned char)run[at]) &&
                               is_ascii_word((unsigned char)run[at - 1]);
            bool own = n > ascii; /* a stretch of ASCII alone is offered below */
            if (w && (w->keyword || w->declared) && !inside_ascii && !after_ascii && own)
                offer(cuts, at, n);
            if (at + n >= len)
                break;
        }
        if (is_ascii_word((unsigned char)run[at]))
            offer_ascii(cuts, run, at, len);
    }
    if (cuts[0].pieces == 0)
        return len;
    /* A rival anywhere on the best way makes the cut ambiguous; it is reported where it begins. */
    *tie_out = cuts[0].rival;
    return cuts[0].first;
}
