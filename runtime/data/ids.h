/*
 * ids.h - the ids of members or of a table's rows, and the row each one stands for.
 *
 * Most shops number their members: M0000001, 1000042. Where every id is one prefix and a number,
 * an id is found by its number: no hash, and no look at the bytes of the names. Behind M9999999 may
 * come M10000000.
 */
#ifndef WF_DATA_IDS_H
#define WF_DATA_IDS_H

#include "lang/code/program.h"
#include "runtime/data/names.h"
#include "runtime/data/serial.h"

enum { WF_IDS_PREFIX = 16 };

struct wf_ids {
    struct wf_names names; /* may be left empty where they are numbered */
    uint32_t *row;         /* by name; NULL: the number of the name itself */

    bool numbered; /* all that follows holds */
    char prefix[WF_IDS_PREFIX];
    uint32_t prefix_len;
    uint32_t digits;           /* of a number at least; one of more does not begin with a zero */
    uint64_t lowest;           /* number */
    uint64_t span;             /* highest - lowest + 1 */
    uint64_t straight;         /* so many numbers from the lowest on are their own names */
    uint32_t *names_by_number; /* of those behind them, WF_NO_NAME: none; NULL: there are none */
};

void wf_ids_init(struct wf_ids *ids, const struct wf_alloc *alloc, uint64_t seed);
void wf_ids_release(struct wf_ids *ids);

/* Ids as they come, for several threads. *near, 0 at first, is left for the next call of the same
 * thread, which mostly asks for the id behind. */
struct wf_id_list {
    const void *ctx;
    struct wf_cell (*get)(const void *ctx, uint32_t *near, uint32_t i);
    /* So many from the i-th on, which was got last, are known to count up by one in texts of one
     * length; at least 1. NULL: nothing is known. */
    uint32_t (*count)(const void *ctx, uint32_t near, uint32_t i);
    uint32_t n;
    unsigned threads;
    uint32_t shortest; /* bytes; 0: nobody has looked */
};

/* Sees whether the ids, which are distinct and in the order of their names, are numbered.
 * WF_ERR_NOMEM. */
enum wf_status wf_ids_number(struct wf_ids *ids, const struct wf_id_list *list);

/* The same of ids of which some may be alike. The first `straight` of the list have their places
 * there for names; wf_ids_name gives the others theirs. */
enum wf_status wf_ids_number_any(struct wf_ids *ids, const struct wf_id_list *list);

/* The name of one of these: `next`, if it had none. Threads may name different ids. */
uint32_t wf_ids_name(struct wf_ids *ids, const char *text, uint32_t len, uint32_t next);

/* The same for those that ids->names holds. */
enum wf_status wf_ids_number_names(struct wf_ids *ids);

/* The row of a name, WF_NONE for none. */
static inline uint32_t wf_ids_row(const struct wf_ids *ids, uint32_t code)
{
    if (code == WF_NO_NAME)
        return WF_NONE;
    return ids->row ? ids->row[code] : code;
}

/* The row of an id, WF_NONE for none. WF_CELL_PAD bytes behind the text can be read. */
uint32_t wf_ids_find(const struct wf_ids *ids, const char *text, uint32_t len);

/* The same for many, with the memory fetched ahead. */
void wf_ids_find_many(const struct wf_ids *ids, const struct wf_cell *cells, size_t n,
                      uint32_t *rows_out);

/* The same for ids that are all one head and a number. False: they are to be asked for as texts. */
bool wf_ids_find_serials(const struct wf_ids *ids, const struct wf_serial_head *head,
                         const uint64_t *numbers, size_t n, uint32_t *rows_out);

#endif
