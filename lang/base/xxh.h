/*
 * xxh.h - XXH3 over many bytes: the library's, which takes the widest vectors the processor has.
 *
 * A few bytes (an id, a key) are hashed as fast by what <xxhash.h> puts inline.
 */
#ifndef WF_BASE_XXH_H
#define WF_BASE_XXH_H

#if defined(__x86_64__)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#endif
