#include "lang/ir/slice.h"

#include <string.h>

#include "lang/ir/desc.h"
#include "lang/ir/opt.h"

struct slicing {
    const struct wf_ir *from;
    struct wf_ir *out;
    uint32_t *map[WF_IRT_COUNT_]; /* taken tables: by old row, the new one or WF_NONE */
    bool nomem;
};

/* Rows that are taken one by one. The schema and what nodes index stays as it is: the tidying drops
 * what nothing needs. */
static const uint8_t TAKEN[] = {
    WF_IRT_journeys, WF_IRT_steps,     WF_IRT_arms,       WF_IRT_holidays, WF_IRT_actions,
    WF_IRT_pairs,    WF_IRT_templates, WF_IRT_text_parts, WF_IRT_atoms,    WF_IRT_shows,
};

/* Other rules' rows: a journey refers to none of them. */
static const uint8_t DROPPED[] = {
    WF_IRT_segments, WF_IRT_classes,  WF_IRT_watches, WF_IRT_triggers,   WF_IRT_contents,
    WF_IRT_overs,    WF_IRT_figures,  WF_IRT_metrics, WF_IRT_migrations, WF_IRT_migration_maps,
    WF_IRT_policies, WF_IRT_channels, WF_IRT_reaches, WF_IRT_quiets,     WF_IRT_caps,
    WF_IRT_budgets,  WF_IRT_breakers, WF_IRT_freezes, WF_IRT_costs,      WF_IRT_catalogues,
    WF_IRT_listed,
};

static uint32_t *count_of(struct wf_ir *ir, uint8_t table)
{
    return (uint32_t *)(void *)((char *)ir + wf_ir_td[table].n);
}

/* An empty table with room for all of the old one's rows. */
static void empty(struct slicing *s, uint8_t table, bool taken)
{
    const struct wf_ir_td *td = &wf_ir_td[table];
    uint32_t n = wf_ir_table_n(s->from, (enum wf_ir_table)table);
    void *rows = NULL;
    if (taken && n) {
        rows = wf_arena_alloc(s->out->arena, (size_t)n * td->row_size);
        s->map[table] = wf_arena_alloc(s->out->arena, (size_t)n * sizeof(uint32_t));
        if (!rows || !s->map[table]) {
            s->nomem = true;
            return;
        }
        for (uint32_t i = 0; i < n; i++)
            s->map[table][i] = WF_NONE;
    }
    memcpy((char *)s->out + td->rows, &rows, sizeof(rows));
    *count_of(s->out, table) = 0;
    *(uint32_t *)(void *)((char *)s->out + td->room) = taken ? n : 0;
}

static void fix(struct slicing *s, uint8_t table, uint32_t row);

/* Takes rows that hang together, and what they refer to. A row is taken once. */
static uint32_t take(struct slicing *s, uint8_t table, uint32_t first, uint32_t count)
{
    uint32_t *n = count_of(s->out, table), at = *n;
    if (count == 0)
        return 0;
    if (s->map[table][first] != WF_NONE)
        return s->map[table][first];
    *n += count;
    for (uint32_t i = 0; i < count; i++) {
        s->map[table][first + i] = at + i;
        memcpy(wf_ir_row(s->out, (enum wf_ir_table)table, at + i),
               wf_ir_row(s->from, (enum wf_ir_table)table, first + i), wf_ir_td[table].row_size);
    }
    for (uint32_t i = 0; i < count; i++)
        fix(s, table, at + i);
    return at;
}

static void fix(struct slicing *s, uint8_t table, uint32_t row)
{
    const struct wf_ir_td *td = &wf_ir_td[table];
    void *at = wf_ir_row(s->out, (enum wf_ir_table)table, row);
    for (int f = 0; f < td->n_fields; f++) {
        const struct wf_ir_fd *fd = &td->fields[f];
        if (fd->kind < WF_FK_REF || fd->kind == WF_FK_COUNT || !s->map[fd->table])
            continue;
        uint32_t *index = wf_ir_index(at, fd);
        if (fd->kind == WF_FK_FIRST)
            *index = take(s, fd->table, *index, *wf_ir_index(at, fd + 1));
        else if (*index != WF_NONE)
            *index = take(s, fd->table, *index, 1);
    }
}

enum wf_status wf_ir_slice(const struct wf_ir *from, uint32_t journey, const struct wf_alloc *alloc,
                           struct wf_ir *out)
{
    struct slicing s = {.from = from, .out = out};
    struct wf_arena *arena = out->arena;
    const struct wf_ir_journey *old = &from->journeys[journey];
    *out = *from;
    out->arena = arena;
    out->merges = WF_NONE;
    for (size_t i = 0; i < sizeof(TAKEN); i++)
        empty(&s, TAKEN[i], true);
    for (size_t i = 0; i < sizeof(DROPPED); i++)
        empty(&s, DROPPED[i], false);
    if (s.nomem)
        return WF_ERR_NOMEM;
    take(&s, WF_IRT_actions, old->actions_first, old->actions_count); /* before its steps do */
    take(&s, WF_IRT_journeys, journey, 1);
    struct wf_ir_journey *row = &out->journeys[0];
    row->trigger = row->was = WF_NONE;
    row->pinned = true;
    row->migrations_first = row->migrations_count = 0;
    return wf_ir_tidy(out, alloc);
}
