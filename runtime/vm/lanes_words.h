/*
 * lanes_words.h - what is done to words of bits, written once for all three sets of lanes.
 *
 * A file says, before it includes this, WORDS_WITH (what its functions are compiled with), `wide`
 * (so many words as it takes at once), COUNT_wide (their bits, counted word by word) and SOME_wide
 * (a bit for each word that is not zero). Words beyond the last whole `wide` go one by one.
 */
#ifndef WF_VM_LANES_WORDS_H
#define WF_VM_LANES_WORDS_H

#include "runtime/vm/bits.h"
#include "runtime/vm/lanes.h"

#ifndef WORDS_WITH
#define WORDS_WITH
#define COUNT_wide COUNT_uint64_t
#define SOME_wide SOME_uint64_t
typedef uint64_t wide;
#endif

#define COUNT_uint64_t(word) wf_bit_count(word)
#define SOME_uint64_t(word) ((word) != 0)

#define LOADED(TYPE, from) (*(const TYPE *)(const void *)((from) + w))
#define STORE(TYPE, to, what) (*(TYPE *)(void *)((to) + w) = (what))

/* STEP(TYPE, ...) for all words, with `w` the word that it begins at. */
#define ALL_WORDS(STEP, ...)                                                                       \
    do {                                                                                           \
        size_t w = 0;                                                                              \
        for (; w + sizeof(wide) / sizeof(uint64_t) <= words; w += sizeof(wide) / sizeof(uint64_t)) \
            STEP(wide, __VA_ARGS__);                                                               \
        for (; w < words; w++)                                                                     \
            STEP(uint64_t, __VA_ARGS__);                                                           \
    } while (0)

#define COMBINE(TYPE, IS_TRUE, IS_KNOWN)                                                           \
    do {                                                                                           \
        TYPE at = LOADED(TYPE, a.t), ak = LOADED(TYPE, a.k);                                       \
        TYPE bt = LOADED(TYPE, b.t), bk = LOADED(TYPE, b.k), t = IS_TRUE;                          \
        (void)ak, (void)bt, (void)bk;                                                              \
        STORE(TYPE, t_out, t);                                                                     \
        STORE(TYPE, k_out, IS_KNOWN);                                                              \
    } while (0)

WORDS_WITH static inline void logic(enum wf_logic op, struct wf_pair a, struct wf_pair b,
                                    size_t words, uint64_t *t_out, uint64_t *k_out)
{
    switch (op) {
    case WF_LOGIC_NOT: ALL_WORDS(COMBINE, ak & ~at, ak); break;
    case WF_LOGIC_AND: ALL_WORDS(COMBINE, at & bt, t | (ak & ~at) | (bk & ~bt)); break;
    case WF_LOGIC_OR: ALL_WORDS(COMBINE, at | bt, t | (ak & bk)); break;
    case WF_LOGIC_KNOWN_IF: ALL_WORDS(COMBINE, at & bt, at & bk); break;
    case WF_LOGIC_WITHIN: ALL_WORDS(COMBINE, at, at | (bk & ~bt)); break;
    case WF_LOGIC_OR_ELSE: ALL_WORDS(COMBINE, at | (bt & ~ak), ak | bk); break;
    case WF_LOGIC_EXACT: ALL_WORDS(COMBINE, at & bt, ak & bk & ~(at ^ bt)); break;
    }
}
#undef COMBINE

#define SPLIT(TYPE, ...)                                                                           \
    do {                                                                                           \
        TYPE t = LOADED(TYPE, a.t), k = LOADED(TYPE, a.k);                                         \
        STORE(TYPE, yes, t);                                                                       \
        STORE(TYPE, no, k & ~t);                                                                   \
    } while (0)

WORDS_WITH static inline void split(struct wf_pair a, size_t words, uint64_t *yes, uint64_t *no)
{
    ALL_WORDS(SPLIT, 0);
}
#undef SPLIT

#define SIFT(TYPE, BEFORE)                                                                         \
    do {                                                                                           \
        TYPE fresh = LOADED(TYPE, sift->due) BEFORE(TYPE), reach = LOADED(TYPE, sift->reach);      \
        TYPE guard = LOADED(TYPE, sift->guard), hits = fresh & reach & guard;                      \
        STORE(TYPE, sift->fresh, fresh);                                                           \
        STORE(TYPE, sift->hits, hits);                                                             \
        ADD_COUNT(TYPE, sift->early, fresh & ~reach);                                              \
        ADD_COUNT(TYPE, sift->barred, fresh &reach & ~guard);                                      \
        hit |= (uint64_t)SOME_##TYPE(hits) << w;                                                   \
    } while (0)
#define ADD_COUNT(TYPE, to, what) *(TYPE *)(void *)(to) += COUNT_##TYPE(what)
#define NOT_DECIDED(TYPE) &~LOADED(TYPE, sift->decided)
#define WHATEVER(TYPE)

WORDS_WITH static inline uint64_t sift_words(const struct wf_sift *sift, size_t words)
{
    uint64_t hit = 0;
    if (sift->decided)
        ALL_WORDS(SIFT, NOT_DECIDED);
    else
        ALL_WORDS(SIFT, WHATEVER);
    return hit;
}
#undef SIFT
#undef ADD_COUNT
#undef NOT_DECIDED
#undef WHATEVER
#undef ALL_WORDS
#undef LOADED
#undef STORE

#endif
