/*
 * limits.h - every limit of the product, each one constant, reported by this name when it is hit
 * and tested at N and N+1.
 */
#ifndef WF_BASE_LIMITS_H
#define WF_BASE_LIMITS_H

#define WF_MAX_ARENA ((size_t)1 << 31)     /* bytes of one arena */
#define WF_MAX_SOURCE ((size_t)16 << 20)   /* bytes of one rule file */
#define WF_MAX_MODULES 4096                /* files of one program */
#define WF_MAX_NESTING 200                 /* depth of parentheses and blocks */
#define WF_MAX_HEIGHT 1000                 /* nodes from a rule to its deepest part */
#define WF_MAX_NAME 128                    /* characters of a name */
#define WF_MAX_STRING ((size_t)64 << 10)   /* bytes of a string literal */
#define WF_MAX_DIAGS 1000                  /* diagnostics of one run of the compiler */
#define WF_MAX_NODES ((uint32_t)1 << 22)   /* IR nodes of one program */
#define WF_MAX_RULES 65000                 /* triggers and journeys of one program */
#define WF_MAX_PROGRAM ((size_t)256 << 20) /* bytes of a compiled program */
#define WF_MAX_REGS 60000                  /* registers, and slots, of one class */

#define WF_MIN_YEAR 1 /* the calendar's first and last year */
#define WF_MAX_YEAR 9999
#define WF_DATA_MIN_YEAR 1900 /* dates in exports outside these years are rejected */
#define WF_DATA_MAX_YEAR 9999

#define WF_MAX_FIELD ((size_t)1 << 20) /* bytes of one cell of an export */
#define WF_MAX_LINE ((size_t)16 << 20) /* bytes of one row of an export */
#define WF_MAX_SET 4096                /* members of one set */
#define WF_MAX_COLUMNS 4096            /* columns of an export's header */
#define WF_MAX_ID 256                  /* bytes of a member id */
#define WF_MAX_REJECTS_KEPT 100000     /* rejected rows of a feed that are listed */
#define WF_MAX_FEED_FILES 65535        /* files of one feed */
#define WF_MAX_MEMBERS ((uint32_t)1 << 30)
#define WF_VOLUME_ROWS 1000 /* of a feed: from here on held against the last */
#define WF_MAX_SNAPSHOTS 32 /* of a chain, then it begins anew */
#define WF_BATCH 4096       /* rows of one batch of the machine */

#endif
