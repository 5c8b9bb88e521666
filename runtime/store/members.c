#include "runtime/store/members.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"
#include "lang/code/wire.h"

/* A form is looked for among all: more are not worth it. Spans made since the keys are looked
 * through one by one, up to so many. */
enum { MOST_FORMS = 256, MOST_UNSORTED = 64 };

/* Spans shorter than this on average cost more than hashes. */
enum { SHORT_SPAN = 4 };

struct wf_id_key {
    uint64_t number;
    uint32_t form, span;
};

void wf_members_init(struct wf_members *members, const struct wf_alloc *alloc)
{
    *members = (struct wf_members){.alloc = alloc};
}

void wf_members_release(struct wf_members *members)
{
    const struct wf_alloc *alloc = members->alloc;
    wf_free(alloc, members->spans);
    wf_free(alloc, members->forms);
    wf_free(alloc, members->hashes);
    wf_free(alloc, members->keys);
    wf_free(alloc, members->slots);
    wf_members_init(members, alloc);
}

/* ---- ids ---- */

static struct wf_member_hash hash_of(const char *id, size_t len)
{
    XXH128_canonical_t canonical;
    struct wf_member_hash hash;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(id, len));
    memcpy(hash.bytes, canonical.digest, sizeof(hash.bytes));
    return hash;
}

/* Takes an id apart; false: it ends in no number, or begins with too much. */
static bool take_apart(const char *id, size_t len, struct wf_id_form *form, uint64_t *number_out)
{
    uint64_t number = 0, unit = 1;
    size_t digits = 0;
    for (; digits < len && digits < WF_ID_DIGITS; digits++, unit *= 10) {
        unsigned digit = (unsigned)(unsigned char)id[len - 1 - digits] - '0';
        if (digit > 9)
            break;
        number += digit * unit;
    }
    if (digits == 0 || len - digits > WF_ID_PREFIX)
        return false;
    *form =
        (struct wf_id_form){.len = (unsigned char)(len - digits), .digits = (unsigned char)digits};
    memcpy(form->prefix, id, len - digits);
    *number_out = number;
    return true;
}

static size_t put_together(const struct wf_id_form *form, uint64_t number, char *out)
{
    memcpy(out, form->prefix, form->len);
    for (size_t i = form->digits; i-- > 0; number /= 10)
        out[form->len + i] = (char)('0' + number % 10);
    return (size_t)form->len + form->digits;
}

/* Makes the number at the end of an id one more; false: so many digits have no room for it. */
static bool count_up(char *id, size_t len, size_t digits)
{
    size_t at = len;
    while (at > len - digits && id[at - 1] == '9')
        id[--at] = '0';
    if (at == len - digits)
        return false;
    id[at - 1]++;
    return true;
}

/* Whether an id is the one that was counted up to. Its last digit, which was written a moment ago,
 * is looked at by itself: a wider read would have to wait for it. */
static bool is_counted(const char *counted, const char *id, size_t len)
{
    return counted[len - 1] == id[len - 1] && memcmp(counted, id, len - 1) == 0;
}

static uint64_t numbers_of(const struct wf_id_form *form)
{
    uint64_t n = 1;
    for (unsigned i = 0; i < form->digits; i++)
        n *= 10;
    return n;
}

static bool same_form(const struct wf_id_form *a, const struct wf_id_form *b)
{
    return a->len == b->len && a->digits == b->digits && memcmp(a->prefix, b->prefix, a->len) == 0;
}

static uint32_t find_form(const struct wf_members *m, const struct wf_id_form *form)
{
    for (size_t i = m->n_forms; i-- > 0;) /* the latest is the likeliest */
        if (same_form(&m->forms[i], form))
            return (uint32_t)i;
    return WF_HASHED;
}

/* WF_HASHED: there are enough. */
static enum wf_status know_form(struct wf_members *m, const struct wf_id_form *form, uint32_t *out)
{
    *out = find_form(m, form);
    if (*out != WF_HASHED || m->n_forms == MOST_FORMS)
        return WF_OK;
    if (wf_grow(m->alloc, &m->forms, &m->room_forms, m->n_forms + 1, sizeof(*m->forms)) != 0)
        return WF_ERR_NOMEM;
    *out = (uint32_t)m->n_forms;
    m->forms[m->n_forms++] = *form;
    return WF_OK;
}

/* ---- spans ---- */

static uint32_t end_of(const struct wf_members *m, size_t span)
{
    return span + 1 < m->n_spans ? m->spans[span + 1].ordinal : (uint32_t)m->n;
}

static size_t span_of(const struct wf_members *m, uint32_t ordinal)
{
    size_t low = 0, high = m->n_spans; /* begins at or before it | behind it */
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (m->spans[mid].ordinal <= ordinal)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* Whether that number goes on the last span. */
static bool goes_on(const struct wf_members *m, uint32_t form, uint64_t number)
{
    if (m->n_spans == 0)
        return false;
    const struct wf_id_span *last = &m->spans[m->n_spans - 1];
    return last->form == form && last->number + (m->n - last->ordinal) == number;
}

/* `n` members more. */
static enum wf_status add_span(struct wf_members *m, uint32_t form, uint64_t number, size_t n)
{
    if (n > WF_MAX_MEMBERS - m->n)
        return WF_ERR_LIMIT;
    if (!goes_on(m, form, number)) {
        if (wf_grow(m->alloc, &m->spans, &m->room_spans, m->n_spans + 1, sizeof(*m->spans)) != 0)
            return WF_ERR_NOMEM;
        m->spans[m->n_spans++] = (struct wf_id_span){number, (uint32_t)m->n, form};
    }
    m->n += n;
    m->next_len = 0;
    return WF_OK;
}

static enum wf_status add_hashes(struct wf_members *m, const struct wf_member_hash *hashes,
                                 size_t n)
{
    if (wf_grow(m->alloc, &m->hashes, &m->room_hashes, m->n_hashes + n, sizeof(*hashes)) != 0)
        return WF_ERR_NOMEM;
    enum wf_status st = add_span(m, WF_HASHED, m->n_hashes, n);
    if (st != WF_OK)
        return st;
    memcpy(m->hashes + m->n_hashes, hashes, n * sizeof(*hashes));
    m->n_hashes += n;
    return WF_OK;
}

/* The members of a run by their hashes. */
static enum wf_status hash_run(struct wf_members *m, const struct wf_id_form *form, uint64_t number,
                               size_t n)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < n; i++) {
        char id[WF_ID_PREFIX + WF_ID_DIGITS];
        struct wf_member_hash hash = hash_of(id, put_together(form, number + i, id));
        st = add_hashes(m, &hash, 1);
    }
    return st;
}

static enum wf_status add_run(struct wf_members *m, const struct wf_id_form *form, uint64_t number,
                              size_t n)
{
    uint32_t known;
    enum wf_status st = know_form(m, form, &known);
    if (st == WF_OK)
        st = known == WF_HASHED ? hash_run(m, form, number, n) : add_span(m, known, number, n);
    return st;
}

enum wf_status wf_members_add(struct wf_members *members, const char *id, size_t len)
{
    struct wf_id_form form;
    uint64_t number;
    enum wf_status st;
    if (members->next_len == len && len && is_counted(members->next, id, len) &&
        members->n < WF_MAX_MEMBERS) {
        members->n++; /* most go on */
        members->next_len = count_up(members->next, len, members->next_digits) ? len : 0;
        return WF_OK;
    }
    if (!take_apart(id, len, &form, &number)) {
        struct wf_member_hash hash = hash_of(id, len);
        return add_hashes(members, &hash, 1);
    }
    st = add_run(members, &form, number, 1);
    if (st == WF_OK && members->spans[members->n_spans - 1].form != WF_HASHED) {
        memcpy(members->next, id, len);
        members->next_digits = form.digits;
        members->next_len = count_up(members->next, len, form.digits) ? len : 0;
    }
    return st;
}

/* A span of another's members. */
static enum wf_status add_part(struct wf_members *m, const struct wf_members *more, size_t span,
                               bool hashed)
{
    const struct wf_id_span *s = &more->spans[span];
    size_t n = end_of(more, span) - s->ordinal;
    if (s->form == WF_HASHED)
        return add_hashes(m, more->hashes + s->number, n);
    return hashed ? hash_run(m, &more->forms[s->form], s->number, n)
                  : add_run(m, &more->forms[s->form], s->number, n);
}

enum wf_status wf_members_join(struct wf_members *members, const struct wf_members *more)
{
    size_t first = 0;
    enum wf_status st = WF_OK;
    if (more->n_spans && more->spans[0].form != WF_HASHED) {
        uint32_t form = find_form(members, &more->forms[more->spans[0].form]);
        if (form != WF_HASHED && goes_on(members, form, more->spans[0].number))
            st = add_part(members, more, first++, false);
    }
    size_t left = first < more->n_spans ? more->n - more->spans[first].ordinal : 0;
    bool hashed = (more->n_spans - first) * SHORT_SPAN > left;
    for (; st == WF_OK && first < more->n_spans; first++)
        st = add_part(members, more, first, hashed);
    return st;
}

/* ---- places ---- */

static void go_to(const struct wf_members *m, struct wf_member_place *place, uint32_t ordinal)
{
    bool on = place->next == ordinal && ordinal > 0;
    if (on && ordinal < end_of(m, place->span)) {
        if (place->len)
            (void)count_up(place->id, place->len, place->len); /* the span has it */
    } else {
        place->span = on ? place->span + 1 : span_of(m, ordinal);
        const struct wf_id_span *span = &m->spans[place->span];
        place->len = span->form == WF_HASHED
                         ? 0
                         : put_together(&m->forms[span->form],
                                        span->number + (ordinal - span->ordinal), place->id);
    }
    place->next = ordinal + 1;
}

bool wf_members_is(const struct wf_members *members, struct wf_member_place *place,
                   uint32_t ordinal, const char *id, size_t len)
{
    go_to(members, place, ordinal);
    if (place->len)
        return place->len == len && is_counted(place->id, id, len);
    const struct wf_id_span *span = &members->spans[place->span];
    struct wf_member_hash hash = hash_of(id, len);
    return memcmp(&members->hashes[span->number + (ordinal - span->ordinal)], &hash,
                  sizeof(hash)) == 0;
}

uint32_t wf_members_count(const struct wf_members *members, uint32_t ordinal)
{
    size_t span = span_of(members, ordinal);
    return members->spans[span].form == WF_HASHED ? 1 : end_of(members, span) - ordinal;
}

/* ---- finding ---- */

static int compare_keys(const void *a, const void *b)
{
    const struct wf_id_key *x = a, *y = b;
    if (x->form != y->form)
        return x->form < y->form ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static enum wf_status make_keys(struct wf_members *m)
{
    bool sorted = true;
    if (m->n_spans - m->n_keys <= MOST_UNSORTED && m->n_keys)
        return WF_OK;
    struct wf_id_key *keys = wf_realloc(m->alloc, m->keys, (m->n_spans + 1) * sizeof(*keys));
    if (!keys)
        return WF_ERR_NOMEM;
    m->keys = keys;
    m->n_keys = m->n_spans;
    for (size_t i = 0; i < m->n_spans; i++) {
        keys[i] = (struct wf_id_key){m->spans[i].number, m->spans[i].form, (uint32_t)i};
        sorted &= i == 0 || compare_keys(&keys[i - 1], &keys[i]) < 0;
    }
    if (!sorted)
        qsort(keys, m->n_keys, sizeof(*keys), compare_keys);
    return WF_OK;
}

static bool in_span(const struct wf_members *m, size_t span, uint32_t form, uint64_t number,
                    uint32_t *out)
{
    const struct wf_id_span *s = &m->spans[span];
    if (s->form != form || number < s->number || number - s->number >= end_of(m, span) - s->ordinal)
        return false;
    *out = s->ordinal + (uint32_t)(number - s->number);
    return true;
}

/* Needs the keys. */
static uint32_t ordinal_of(const struct wf_members *m, uint32_t form, uint64_t number)
{
    const struct wf_id_key wanted = {number, form, 0};
    size_t low = 0, high = m->n_keys; /* not behind what is wanted | behind it */
    uint32_t ordinal = WF_NO_MEMBER;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare_keys(&m->keys[mid], &wanted) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low && in_span(m, m->keys[low - 1].span, form, number, &ordinal))
        return ordinal;
    for (size_t i = m->n_keys; i < m->n_spans; i++)
        if (in_span(m, i, form, number, &ordinal))
            break;
    return ordinal;
}

static size_t slot_of(const struct wf_members *m, const struct wf_member_hash *hash)
{
    uint64_t h;
    memcpy(&h, hash->bytes, sizeof(h));
    return (size_t)h & (m->n_slots - 1);
}

/* Half full at most, so that a search always ends. */
static enum wf_status make_slots(struct wf_members *m)
{
    size_t want = 64;
    while (want < 2 * (m->n_hashes + 1))
        want *= 2;
    if (want > m->n_slots) {
        uint32_t *slots = wf_calloc(m->alloc, want, sizeof(*slots));
        if (!slots)
            return WF_ERR_NOMEM;
        wf_free(m->alloc, m->slots);
        m->slots = slots;
        m->n_slots = want;
        m->n_slotted = 0;
    }
    for (; m->n_slotted < m->n_hashes; m->n_slotted++) {
        size_t at = slot_of(m, &m->hashes[m->n_slotted]);
        while (m->slots[at])
            at = (at + 1) & (m->n_slots - 1);
        m->slots[at] = (uint32_t)m->n_slotted + 1;
    }
    return WF_OK;
}

static enum wf_status find_hash(struct wf_members *m, const char *id, size_t len, uint32_t *out)
{
    enum wf_status st = make_slots(m);
    if (st != WF_OK)
        return st;
    struct wf_member_hash hash = hash_of(id, len);
    for (size_t at = slot_of(m, &hash); m->slots[at]; at = (at + 1) & (m->n_slots - 1))
        if (memcmp(&m->hashes[m->slots[at] - 1], &hash, sizeof(hash)) == 0) {
            *out = ordinal_of(m, WF_HASHED, m->slots[at] - 1);
            break;
        }
    return WF_OK;
}

enum wf_status wf_members_find(struct wf_members *members, const char *id, size_t len,
                               uint32_t *out)
{
    struct wf_id_form form;
    uint64_t number;
    *out = WF_NO_MEMBER;
    enum wf_status st = make_keys(members);
    if (st == WF_OK && take_apart(id, len, &form, &number)) {
        uint32_t known = find_form(members, &form);
        if (known != WF_HASHED)
            *out = ordinal_of(members, known, number);
    }
    if (st == WF_OK && *out == WF_NO_MEMBER && members->n_hashes)
        st = find_hash(members, id, len, out);
    return st;
}

/* ---- as bytes ----
 *
 *   1 byte 0 | members, 4 | their hashes, 16 each
 *   1 byte 1 | members, 4 | first number, 8 | digits, 1 | length of the prefix, 1 | prefix
 */
enum { OF_HASHES, OF_RUN };
enum { AT_ONCE = 1 << 16, ENOUGH = 1 << 20 };

size_t wf_members_write(const struct wf_members *members, size_t from, struct wf_buf *out)
{
    size_t span = span_of(members, (uint32_t)from);
    while (from < members->n && out->len < ENOUGH && !out->failed) {
        const struct wf_id_span *s = &members->spans[span];
        size_t n = end_of(members, span) - from, skipped = from - s->ordinal;
        bool hashed = s->form == WF_HASHED;
        n = hashed && n > AT_ONCE ? AT_ONCE : n;
        wf_put(out, hashed ? OF_HASHES : OF_RUN, 1);
        wf_put(out, n, 4);
        if (hashed) {
            wf_buf_add(out, members->hashes + s->number + skipped, n * sizeof(*members->hashes));
        } else {
            const struct wf_id_form *form = &members->forms[s->form];
            wf_put(out, s->number + skipped, 8);
            wf_put(out, form->digits, 1);
            wf_put(out, form->len, 1);
            wf_buf_add(out, form->prefix, form->len);
        }
        from += n;
        span += from == end_of(members, span);
    }
    return from;
}

static enum wf_status read_run(struct wf_members *m, struct wf_reader *in, size_t n)
{
    struct wf_id_form form = {0};
    uint64_t number = wf_get(in, 8);
    form.digits = (unsigned char)wf_get(in, 1);
    form.len = (unsigned char)wf_get(in, 1);
    const char *prefix = wf_get_bytes(in, form.len);
    if (!prefix || form.len > WF_ID_PREFIX || !form.digits || form.digits > WF_ID_DIGITS)
        return WF_ERR_STATE;
    memcpy(form.prefix, prefix, form.len);
    uint64_t numbers = numbers_of(&form);
    bool more_digits = form.len && prefix[form.len - 1] >= '0' && prefix[form.len - 1] <= '9' &&
                       form.digits < WF_ID_DIGITS;
    if (more_digits || number >= numbers || n > numbers - number)
        return WF_ERR_STATE;
    return add_run(m, &form, number, n);
}

enum wf_status wf_members_read(struct wf_members *members, const void *bytes, size_t len)
{
    struct wf_reader in = {.at = bytes, .left = len};
    enum wf_status st = WF_OK;
    while (st == WF_OK && in.left) {
        uint64_t kind = wf_get(&in, 1);
        size_t n = (size_t)wf_get(&in, 4);
        if (in.why || n == 0 || kind > OF_RUN || n > WF_MAX_MEMBERS - members->n) {
            st = WF_ERR_STATE;
        } else if (kind == OF_RUN) {
            st = read_run(members, &in, n);
        } else {
            const void *hashes = wf_get_bytes(&in, n * sizeof(*members->hashes));
            st = hashes ? add_hashes(members, hashes, n) : WF_ERR_STATE;
        }
    }
    members->n_stored = members->n;
    return st;
}

enum wf_status wf_members_read_hashes(struct wf_members *members, const void *bytes, size_t len)
{
    size_t n = len / sizeof(*members->hashes);
    if (len % sizeof(*members->hashes) != 0 || n > WF_MAX_MEMBERS - members->n)
        return WF_ERR_STATE;
    enum wf_status st = add_hashes(members, bytes, n);
    members->n_stored = members->n;
    return st;
}
