#include "lang/ir/desc.h"

#include "lang/base/calendar.h"

#define FIELD(s, m, kind, table, limit)                                                            \
    {#m, (uint16_t)offsetof(struct s, m), (uint8_t)sizeof(((struct s *)0)->m), kind, table, limit},
#define ROW(s) static const struct wf_ir_fd fields_##s[] = {
#define END                                                                                        \
    }                                                                                              \
    ;
#define U8(s, m, lim) FIELD(s, m, WF_FK_U8, 0, lim)
#define BOOL(s, m) FIELD(s, m, WF_FK_BOOL, 0, 0)
#define U16(s, m) FIELD(s, m, WF_FK_U16, 0, 0)
#define U32(s, m) FIELD(s, m, WF_FK_U32, 0, 0)
#define I32(s, m) FIELD(s, m, WF_FK_I32, 0, 0)
#define I64(s, m) FIELD(s, m, WF_FK_I64, 0, 0)
#define U64(s, m) FIELD(s, m, WF_FK_U64, 0, 0)
#define REF(s, m, t) FIELD(s, m, WF_FK_REF, WF_IRT_##t, 0)
#define OPT(s, m, t) FIELD(s, m, WF_FK_OPT, WF_IRT_##t, 0)
#define SPAN(s, f, c, t)                                                                           \
    FIELD(s, f, WF_FK_FIRST, WF_IRT_##t, 0) FIELD(s, c, WF_FK_COUNT, WF_IRT_##t, 0)
#include "lang/ir/ir_field.def"

/* The bare tables: the row is the index. */
static const struct wf_ir_fd fields_list_items[] = {{"const", 0, 4, WF_FK_REF, WF_IRT_consts, 0}};
static const struct wf_ir_fd fields_enum_names[] = {{"text", 0, 4, WF_FK_REF, WF_IRT_texts, 0}};
static const struct wf_ir_fd fields_uniques[] = {{"field", 0, 4, WF_FK_U32, 0, 0}};

#define PLACE_OF(t)                                                                                \
    offsetof(struct wf_ir, t), offsetof(struct wf_ir, n_##t), offsetof(struct wf_ir, room_##t)
#define TABLE(t, s)                                                                                \
    [WF_IRT_##t] = {#t, PLACE_OF(t), sizeof(struct s), sizeof(fields_##s) / sizeof(fields_##s[0]), \
                    fields_##s}
#define BARE(t) [WF_IRT_##t] = {#t, PLACE_OF(t), sizeof(uint32_t), 1, fields_##t}

const struct wf_ir_td wf_ir_td[WF_IRT_COUNT_] = {
    [WF_IRT_texts] = {"texts", PLACE_OF(texts), sizeof(const struct wf_str *), 0, NULL},
    [WF_IRT_consts] = {"consts", PLACE_OF(consts), sizeof(struct wf_value), 0, NULL},
    TABLE(lists, wf_ir_list),
    BARE(list_items),
    TABLE(places, wf_ir_place),
    TABLE(nodes, wf_ir_node),
    TABLE(inputs, wf_ir_input),
    TABLE(views, wf_ir_view),
    TABLE(aggs, wf_ir_agg),
    TABLE(pops, wf_ir_pop),
    TABLE(annivs, wf_ir_anniv),
    TABLE(follows, wf_ir_follow),
    TABLE(fields, wf_ir_field),
    BARE(enum_names),
    BARE(uniques),
    TABLE(events, wf_ir_record),
    TABLE(tables, wf_ir_record),
    TABLE(segments, wf_ir_segment),
    TABLE(classes, wf_ir_class),
    TABLE(watches, wf_ir_watch),
    TABLE(atoms, wf_ir_atom),
    TABLE(shows, wf_ir_show),
    TABLE(triggers, wf_ir_trigger),
    TABLE(actions, wf_ir_action),
    TABLE(pairs, wf_ir_pair),
    TABLE(templates, wf_ir_template),
    TABLE(text_parts, wf_ir_part_of_text),
    TABLE(contents, wf_ir_content),
    TABLE(overs, wf_ir_over),
    TABLE(figures, wf_ir_figure),
    TABLE(metrics, wf_ir_metric),
    TABLE(journeys, wf_ir_journey),
    TABLE(steps, wf_ir_step),
    TABLE(arms, wf_ir_arm),
    TABLE(migrations, wf_ir_migration),
    TABLE(migration_maps, wf_ir_migration_map),
    TABLE(holidays, wf_ir_holidays),
    TABLE(policies, wf_ir_policy),
    TABLE(channels, wf_ir_channel),
    TABLE(reaches, wf_ir_reach),
    TABLE(quiets, wf_ir_quiet),
    TABLE(caps, wf_ir_cap),
    TABLE(budgets, wf_ir_budget),
    TABLE(breakers, wf_ir_breaker),
    TABLE(freezes, wf_ir_freeze),
    TABLE(costs, wf_ir_cost),
    TABLE(catalogues, wf_ir_catalogue),
    TABLE(listed, wf_ir_listed),
};

void *wf_ir_row(const struct wf_ir *ir, enum wf_ir_table table, uint32_t row)
{
    const struct wf_ir_td *td = &wf_ir_td[table];
    if (row >= wf_ir_table_n(ir, table))
        return NULL;
    char *rows = *(char *const *)(const void *)((const char *)ir + td->rows);
    return rows + (size_t)row * td->row_size;
}
