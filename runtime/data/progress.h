/*
 * progress.h - how far a night is: said by whoever works, read by whoever watches, at any time.
 *
 * What it holds is for eyes; nothing is decided by it.
 */
#ifndef WF_DATA_PROGRESS_H
#define WF_DATA_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

enum wf_night_part { WF_PART_OPEN, WF_PART_READ, WF_PART_GROUP, WF_PART_DECIDE, WF_PART_WRITE };

struct wf_progress {
    atomic_int part;           /* enum wf_night_part */
    _Atomic uint64_t rows;     /* read so far, of all feeds */
    _Atomic uint64_t expected; /* as many as the last night's full feeds had; 0: nobody knows */
};

#endif
