/*
 * memory.h - every allocation of the process, the libraries' as well, passes here: the program
 * defines malloc and its kin in front of the C library's.
 */
#ifndef WF_TESTS_MEMORY_H
#define WF_TESTS_MEMORY_H

#include <stdbool.h>

/* From now on allocations are counted, and the nth (from 1; 0: none) fails, or it and all after. */
void memory_watch(long fail_at, bool for_ever);

/* How many there were. */
long memory_unwatch(void);

/* How many blocks of those allocated since memory_watch have not been freed. */
long memory_held(void);

#endif
