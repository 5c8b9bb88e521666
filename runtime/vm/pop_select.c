#include "runtime/vm/pop_select.h"

#include <string.h>

#include "runtime/data/parallel.h"
#include "runtime/vm/bits.h"

enum { STEP_BITS = 15, DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };
enum { A_PART = 256 /* words of members: fewer are not worth a thread */ };

/* Keys of a step: how many (then, where the next one goes), and how far they are beyond its
 * beginning together: less than 2^32 of them, each less than 2^32. */
struct step {
    uint64_t n, sum;
};

/* A step that has places. */
struct asked {
    struct wf_pop_place *places;
    uint32_t n_places, step;
    size_t first, n;          /* its keys among those that are looked at */
    size_t before;            /* keys of the steps before it */
    unsigned __int128 so_far; /* those added up, each less `low` */
};

struct selecting {
    const struct wf_pop_keys *keys;
    unsigned shift; /* of a key beyond the least: its step is left */
    uint32_t n_steps, n_parts;
    struct step *steps; /* by part and step */
    bool *is_asked;     /* by step */
    struct asked *asked;
    uint32_t n_asked;
    uint64_t *some, *spare; /* the keys of the steps that are asked for */
    size_t n_some;
};

static unsigned bits_of(uint64_t number)
{
    return number ? 64u - (unsigned)__builtin_clzll(number) : 0;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The bits of a key that tell its step: few keys need few. */
static unsigned step_bits(const struct wf_pop_keys *keys)
{
    return least(bits_of(keys->high - keys->low), least(STEP_BITS, bits_of(keys->n)));
}

bool wf_pop_selects(const struct wf_pop_keys *keys)
{
    unsigned bits = bits_of(keys->high - keys->low);
    return keys->n && bits <= WF_POP_SELECT_BITS && bits - step_bits(keys) <= 32;
}

/* ---- all keys ---- */

static size_t first_word(const struct selecting *s, uint32_t part)
{
    return wf_bit_words(s->keys->n_members) * part / s->n_parts;
}

static enum wf_status count_part(void *ctx, unsigned thread, uint32_t part)
{
    const struct selecting *s = ctx;
    const struct wf_pop_input *input = s->keys->input;
    struct step *steps = s->steps + (size_t)part * s->n_steps;
    uint64_t mask = (UINT64_C(1) << s->shift) - 1;
    (void)thread;
    for (size_t w = first_word(s, part); w < first_word(s, part + 1); w++)
        for (uint64_t left = wf_pop_counted(input, w); left; left &= left - 1) {
            uint64_t far = input->key[w * 64 + (size_t)__builtin_ctzll(left)] - s->keys->low;
            struct step *step = &steps[far >> s->shift];
            step->n++;
            step->sum += far & mask;
        }
    return WF_OK;
}

static enum wf_status gather_part(void *ctx, unsigned thread, uint32_t part)
{
    const struct selecting *s = ctx;
    const struct wf_pop_input *input = s->keys->input;
    struct step *steps = s->steps + (size_t)part * s->n_steps;
    (void)thread;
    for (size_t w = first_word(s, part); w < first_word(s, part + 1); w++)
        for (uint64_t left = wf_pop_counted(input, w); left; left &= left - 1) {
            uint64_t far = input->key[w * 64 + (size_t)__builtin_ctzll(left)] - s->keys->low;
            if (s->is_asked[far >> s->shift])
                s->some[steps[far >> s->shift].n++] = far;
        }
    return WF_OK;
}

/* ---- the steps of the places ---- */

/* What all parts have of a step; the parts' counts become where their keys go. */
static struct step join(const struct selecting *s, uint32_t step)
{
    struct step all = {0, 0};
    for (uint32_t p = 0; p < s->n_parts; p++) {
        struct step *of = &s->steps[(size_t)p * s->n_steps + step];
        uint64_t n = of->n;
        of->n = s->n_some + all.n;
        all.n += n;
        all.sum += of->sum;
    }
    return all;
}

static void find_steps(struct selecting *s, struct wf_pop_place *places, uint32_t n_places)
{
    size_t before = 0;
    unsigned __int128 so_far = 0;
    uint32_t next = 0;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        struct step all = join(s, i);
        struct asked *asked = &s->asked[s->n_asked];
        *asked = (struct asked){places + next, 0, i, s->n_some, all.n, before, so_far};
        while (next < n_places && places[next].at < before + all.n)
            next++, asked->n_places++;
        s->is_asked[i] = asked->n_places > 0;
        s->n_asked += s->is_asked[i];
        s->n_some += s->is_asked[i] ? all.n : 0;
        before += all.n;
        so_far += all.sum + ((unsigned __int128)i << s->shift) * all.n;
    }
    for (; next < n_places; next++) { /* behind the last one */
        places[next].key = 0;
        places[next].before = so_far;
    }
}

/* ---- one of them ---- */

/* Keys of which all but the lowest bits are the same: `base`. */
struct alike {
    struct asked of; /* how the places, `before` and `so_far` stand */
    uint64_t *list, *spare;
    size_t n;
    uint64_t base;
    unsigned bits;
};

/* The places before `end`: they leave `from`. */
static struct asked cut_places(struct asked *from, size_t end)
{
    struct asked some = *from;
    for (some.n_places = 0; from->n_places && from->places->at < end; some.n_places++) {
        from->places++;
        from->n_places--;
    }
    return some;
}

static void tell(const struct alike *a, uint64_t low)
{
    for (uint32_t i = 0; i < a->of.n_places; i++) {
        struct wf_pop_place *place = &a->of.places[i];
        place->key = low + a->base;
        place->before = a->of.so_far + (unsigned __int128)a->base * (place->at - a->of.before);
    }
}

/* Sets the keys out by their next digit, and goes on where places are. At most 32 / 8 deep. */
static void look_within(struct alike *a, uint64_t low)
{
    struct step digits[DIGITS] = {{0, 0}};
    size_t at[DIGITS], first = 0;
    unsigned shift = a->bits > DIGIT_BITS ? a->bits - DIGIT_BITS : 0;
    if (!a->bits) {
        tell(a, low);
        return;
    }
    for (size_t i = 0; i < a->n; i++) {
        struct step *digit = &digits[(a->list[i] - a->base) >> shift];
        digit->n++;
        digit->sum += a->list[i] - a->base;
    }
    for (unsigned d = 0; d < DIGITS; d++) {
        at[d] = first;
        first += digits[d].n;
    }
    for (size_t i = 0; i < a->n; i++)
        a->spare[at[(a->list[i] - a->base) >> shift]++] = a->list[i];
    first = 0;
    for (unsigned d = 0; d < DIGITS && a->of.n_places; d++) {
        struct alike within = {cut_places(&a->of, a->of.before + digits[d].n),
                               a->spare + first,
                               a->list + first,
                               digits[d].n,
                               a->base + ((uint64_t)d << shift),
                               shift};
        if (within.of.n_places)
            look_within(&within, low);
        first += digits[d].n;
        a->of.before += digits[d].n;
        a->of.so_far += digits[d].sum + (unsigned __int128)a->base * digits[d].n;
    }
}

static enum wf_status look_in_step(void *ctx, unsigned thread, uint32_t task)
{
    const struct selecting *s = ctx;
    const struct asked *asked = &s->asked[task];
    struct alike all = {
        .of = *asked, .n = asked->n, .base = (uint64_t)asked->step << s->shift, .bits = s->shift};
    (void)thread;
    if (s->shift) {
        all.list = s->some + asked->first;
        all.spare = s->spare + asked->first;
    }
    look_within(&all, s->keys->low);
    return WF_OK;
}

/* ---- all of it ---- */

static enum wf_status look_in_steps(struct selecting *s, unsigned threads,
                                    const struct wf_alloc *alloc)
{
    if (!s->shift) /* all keys of a step are the same */
        return wf_parallel(1, s->n_asked, s, look_in_step);
    s->some = wf_calloc(alloc, s->n_some, sizeof(*s->some));
    s->spare = wf_calloc(alloc, s->n_some, sizeof(*s->spare));
    if (!s->some || !s->spare)
        return WF_ERR_NOMEM;
    enum wf_status status = wf_parallel(threads, s->n_parts, s, gather_part);
    return status ? status : wf_parallel(threads, s->n_asked, s, look_in_step);
}

enum wf_status wf_pop_select(const struct wf_pop_keys *keys, struct wf_pop_place *places,
                             uint32_t n_places, unsigned threads, const struct wf_alloc *alloc)
{
    unsigned bits = bits_of(keys->high - keys->low), of_step = step_bits(keys);
    size_t parts = wf_bit_words(keys->n_members) / A_PART + 1;
    struct selecting s = {.keys = keys, .shift = bits - of_step, .n_steps = UINT32_C(1) << of_step};
    s.n_parts = parts < threads ? (uint32_t)parts : threads;
    s.steps = wf_calloc(alloc, (size_t)s.n_parts * s.n_steps, sizeof(*s.steps));
    s.is_asked = wf_calloc(alloc, s.n_steps, sizeof(*s.is_asked));
    s.asked = wf_calloc(alloc, (size_t)n_places + 1, sizeof(*s.asked));
    enum wf_status status = s.steps && s.is_asked && s.asked ? WF_OK : WF_ERR_NOMEM;
    if (!status)
        status = wf_parallel(threads, s.n_parts, &s, count_part);
    if (!status) {
        find_steps(&s, places, n_places);
        status = look_in_steps(&s, threads, alloc);
    }
    wf_free(alloc, s.steps);
    wf_free(alloc, s.is_asked);
    wf_free(alloc, s.asked);
    wf_free(alloc, s.some);
    wf_free(alloc, s.spare);
    return status;
}
