/*
 * pages.h - large blocks of memory that are filled from end to end, and what the system is told
 *
 * Each fresh page costs a fault, and much more than that on a virtual machine whose host has to
 * find the page first. Neither function changes what is in memory that is in use, nor can it fail:
 * a system that does not listen is only slower.
 */
#ifndef WF_DATA_PAGES_H
#define WF_DATA_PAGES_H

#include <stddef.h>

/* `size` fresh bytes will all be written: in pages as large as the system has. Not for what stays
 * empty in places: those would be paid for, too. */
void wf_pages_dense(void *bytes, size_t size);

/* Nobody needs what is in them any more; the block stays its owner's to use or to free. */
void wf_pages_drop(void *bytes, size_t size);

#endif
