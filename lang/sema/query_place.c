/*
 * query_place.c - which names fit at a place, by the words before it: a channel after `via`, a
 * field after a dot, the values of `tier` after `tier =`. It reads tokens, not a tree: the sentence
 * is not finished yet.
 */
#include <string.h>

#include "lang/sema/check.h"
#include "lang/sema/query_int.h"
#include "lang/sema/stdlib.h"

#define KIND(kind) (1u << WF_SYM_##kind)
enum {
    CONDITION_KINDS =
        KIND(FIELD) | KIND(EVENT) | KIND(WORD) | KIND(LET) | KIND(SEGMENT) | KIND(CLASSIFY)
};

enum { NOBODY = SIZE_MAX };

/* ---- the words before ---- */

/* The token before `at` that is the parser's; NOBODY: none. */
static size_t before(const struct wf_place_at *p, size_t at)
{
    while (at != NOBODY && at-- > 0) {
        if (!(p->tokens->items[at].flags & WF_TK_SKIP))
            return at;
    }
    return NOBODY;
}

static const struct wf_token *token(const struct wf_place_at *p, size_t at)
{
    static const struct wf_token none = {.raw = WF_RAW_EOF};
    return at == NOBODY ? &none : &p->tokens->items[at];
}

static enum wf_keyword keyword(const struct wf_place_at *p, size_t at)
{
    const struct wf_token *t = token(p, at);
    return t->raw == WF_RAW_WORD ? (enum wf_keyword)t->keyword : WF_KW_NONE;
}

static bool is_sign(const struct wf_place_at *p, size_t at, unsigned sign)
{
    const struct wf_token *t = token(p, at);
    return t->raw == WF_RAW_SIGN && t->sign == sign;
}

/* The opening bracket around items[at], or before it; NOBODY: none. */
static size_t opening(const struct wf_place_at *p, size_t at)
{
    int depth = 0;
    while ((at = before(p, at)) != NOBODY) {
        if (is_sign(p, at, ')') || is_sign(p, at, ']') || is_sign(p, at, '}'))
            depth++;
        if ((is_sign(p, at, '(') || is_sign(p, at, '[') || is_sign(p, at, '{')) && depth-- == 0)
            return at;
    }
    return NOBODY;
}

static struct wf_symbol *symbol(const struct wf_place_at *p, size_t at)
{
    const struct wf_token *t = token(p, at);
    if (t->raw != WF_RAW_WORD || !t->text)
        return NULL;
    return wf_query_name(p->front, p->file, t->text->text, t->text->len);
}

static bool same(const struct wf_str *a, const struct wf_str *b)
{
    return a && b && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* The field of this name; an alias of it will do. */
static const struct wf_field *field_named(const struct wf_place_at *p,
                                          const struct wf_record *record, size_t at)
{
    const struct wf_token *t = token(p, at);
    const struct wf_checked *c = &p->front->checked;
    const struct wf_str *name = t->raw == WF_RAW_WORD ? t->text : NULL;
    for (uint32_t i = 0; record && i < c->n_names; i++) {
        if (c->names[i]->kind == WF_SYM_ALIAS && same(c->names[i]->name, name))
            name = c->names[i]->node->kid[WF_K_ALIAS_OLD]->name;
    }
    for (uint32_t i = 0; record && i < record->n_fields; i++) {
        if (same(record->fields[i]->name, name))
            return record->fields[i];
    }
    return NULL;
}

static const struct wf_record *record_at(const struct wf_place_at *p, size_t at);

/* The event in whose [ ] the place is; NULL: in none. */
static const struct wf_record *row_at(const struct wf_place_at *p, size_t at)
{
    size_t open = opening(p, at);
    while (open != NOBODY && is_sign(p, open, '('))
        open = opening(p, open);
    return is_sign(p, open, '[') ? record_at(p, before(p, open)) : NULL;
}

/* The type of the name, or path of names, that ends at items[at]. */
static const struct wf_type_info *type_at(const struct wf_place_at *p, size_t at)
{
    size_t dot = before(p, at);
    const struct wf_field *field;
    if (is_sign(p, dot, '.'))
        field = field_named(p, record_at(p, before(p, dot)), at);
    else
        field = field_named(p, row_at(p, at), at);
    if (field)
        return field->type;
    const struct wf_symbol *sym = symbol(p, at);
    return sym ? sym->type : NULL;
}

/* The record whose fields may follow what ends at items[at]; NULL: none, or not known. */
static const struct wf_record *record_at(const struct wf_place_at *p, size_t at)
{
    if (is_sign(p, at, ']'))
        return record_at(p, before(p, opening(p, at)));
    if (keyword(p, at) == WF_KW_MEMBER)
        return p->front->checked.member;
    const struct wf_type_info *type = type_at(p, at);
    if (type && type->ref)
        return type->ref->record;
    const struct wf_symbol *sym = symbol(p, at);
    return sym && sym->kind == WF_SYM_EVENT ? sym->record : NULL;
}

/* ---- offering ---- */

static void offer_symbol(struct wf_place_at *p, const struct wf_symbol *sym, const char *text,
                         unsigned rank)
{
    wf_offer(p, (struct wf_candidate){
                    .kind = WF_CANDIDATE_NAME, .rank = rank, .text = text, .sym = sym});
}

static void offer_word(struct wf_place_at *p, const char *text)
{
    wf_offer(p,
             (struct wf_candidate){.kind = WF_CANDIDATE_NAME, .rank = WF_RANK_MEANT, .text = text});
}

/* In a Chinese sentence the Chinese name of a thing comes first. */
static unsigned alias_rank(const struct wf_place_at *p, const char *alias, unsigned rank)
{
    bool han = (unsigned char)alias[0] >= 0x80;
    return han == p->chinese ? rank - 1 : rank + 1;
}

/* Names of these kinds that the file sees, by themselves and by their aliases. */
static void offer_kinds(struct wf_place_at *p, unsigned kinds, unsigned rank)
{
    const struct wf_checked *c = &p->front->checked;
    for (uint32_t i = 0; i < c->n_names; i++) {
        const struct wf_symbol *sym = c->names[i], *meant = sym;
        if (!wf_sees(p->module, sym))
            continue;
        if (sym->kind == WF_SYM_ALIAS)
            meant = wf_query_name(p->front, p->file, sym->name->text, sym->name->len);
        if (meant && kinds & (1u << meant->kind))
            offer_symbol(p, meant, sym->name->text,
                         meant == sym ? rank : alias_rank(p, sym->name->text, rank));
    }
}

static void offer_fields(struct wf_place_at *p, const struct wf_record *record, unsigned rank)
{
    const struct wf_checked *c = &p->front->checked;
    for (uint32_t i = 0; record && i < record->n_fields; i++)
        offer_symbol(p, record->fields[i]->sym, record->fields[i]->name->text, rank);
    for (uint32_t i = 0; record && i < c->n_names; i++) {
        const struct wf_symbol *alias = c->names[i];
        if (alias->kind != WF_SYM_ALIAS || !wf_sees(p->module, alias))
            continue;
        for (uint32_t k = 0; k < record->n_fields; k++) {
            if (same(alias->node->kid[WF_K_ALIAS_OLD]->name, record->fields[k]->name))
                offer_symbol(p, record->fields[k]->sym, alias->name->text,
                             alias_rank(p, alias->name->text, rank));
        }
    }
}

/* The values of an enumeration, the classes of a classify. */
static bool offer_values(struct wf_place_at *p, const struct wf_type_info *type)
{
    const struct wf_enum *enums = type ? type->enums : NULL;
    const struct wf_checked *c = &p->front->checked;
    for (uint32_t i = 0; enums && i < enums->n; i++) {
        const struct wf_symbol *class = NULL;
        for (uint32_t k = 0; enums->classify && k < c->n_names && !class; k++) {
            if (c->names[k]->kind == WF_SYM_CLASS && c->names[k]->name == enums->names[i] &&
                c->names[k]->type->enums == enums)
                class = c->names[k];
        }
        if (enums->names[i])
            offer_symbol(p, class, enums->names[i]->text, WF_RANK_MEANT + i);
    }
    if (type && type->base == WF_T_BOOL && p->expected.keyword[WF_KW_TRUE]) {
        enum wf_keyword words[] = {WF_KW_TRUE, WF_KW_FALSE};
        for (int i = 0; i < 2; i++) {
            const struct wf_keyword_info *info = wf_keyword_info(words[i]);
            wf_offer(p, (struct wf_candidate){.kind = WF_CANDIDATE_KEYWORD,
                                              .rank = WF_RANK_MEANT,
                                              .keyword = words[i],
                                              .text = p->chinese ? info->zh : info->en,
                                              .filter = info->en});
        }
    }
    return enums != NULL;
}

static void offer_expression(struct wf_place_at *p)
{
    const struct wf_record *row = row_at(p, p->tokens->n - 1);
    offer_fields(p, row, WF_RANK_NEAR);
    offer_kinds(p, CONDITION_KINDS, WF_RANK_NAME);
}

static void offer_steps_of(struct wf_place_at *p, const struct wf_node *list)
{
    for (; list; list = list->next) {
        if (list->kind == WF_N_STEP && list->sym)
            offer_symbol(p, list->sym, list->name->text, WF_RANK_MEANT);
        for (int i = 0; i < WF_MAX_KIDS; i++)
            offer_steps_of(p, list->kid[i]);
    }
}

/* The steps of the journey being written, as it was when it was checked last. */
static void offer_steps(struct wf_place_at *p)
{
    const struct wf_checked *c = &p->front->checked;
    const struct wf_token *name = token(p, 1);
    for (uint32_t i = 0; i < c->journeys.n; i++) {
        if (p->tokens->n > 1 && same(c->journeys.items[i]->name, name->text))
            offer_steps_of(p, c->journeys.items[i]->kid[WF_K_JOURNEY_STEPS]);
    }
}

static void offer_modules(struct wf_place_at *p, size_t first)
{
    if (first != NOBODY && token(p, first)->raw == WF_RAW_WORD) { /* `std.` is written again */
        uint32_t start = token(p, first)->start;
        p->prefix -= p->len - start;
        p->prefix_len += p->len - start;
        p->out->start -= (uint32_t)(p->len - start);
    }
    for (const struct wf_stdlib_file *f = wf_stdlib_files; f->name; f++)
        wf_offer(p, (struct wf_candidate){
                        .kind = WF_CANDIDATE_MODULE, .rank = WF_RANK_MEANT, .text = f->name});
}

/* ---- tests ---- */

static void offer_test_members(struct wf_place_at *p)
{
    const struct wf_tokens *t = p->tokens;
    for (size_t i = 0; i + 1 < t->n; i++) {
        const struct wf_token *name = &t->items[i + 1];
        if (t->items[i].keyword != WF_KW_MEMBER || !(t->items[i].flags & WF_TK_LINE) ||
            name->raw != WF_RAW_WORD || !name->text)
            continue;
        const char *copy = wf_arena_copy(&p->out->arena, name->text->text, name->text->len);
        if (copy)
            offer_word(p, copy);
        else
            p->nomem = true;
    }
}

static bool names_a_property(const struct wf_place_at *p, size_t last)
{
    return p->expected.raw[WF_RAW_WORD] && !p->expected.raw[WF_RAW_INT] && last != NOBODY;
}

/* In the braces of a test's member, or of what happens to one: fields and their values. */
static bool in_test_braces(struct wf_place_at *p, size_t open, size_t last)
{
    size_t name = before(p, open), who = before(p, name);
    const struct wf_record *record = NULL;
    if (keyword(p, who) == WF_KW_MEMBER || token(p, who)->raw == WF_RAW_DATE)
        record = p->front->checked.member;
    else if (token(p, before(p, who))->raw == WF_RAW_DATE)
        record = record_at(p, name);
    if (!record)
        return false;
    const struct wf_field *field = field_named(p, record, last);
    if (names_a_property(p, last))
        offer_fields(p, record, WF_RANK_MEANT);
    else if (field && p->expected.raw[WF_RAW_INT])
        offer_values(p, field->type);
    return true;
}

static bool in_test(struct wf_place_at *p, size_t open, size_t last)
{
    size_t label = before(p, open);
    if (keyword(p, before(p, label)) != WF_KW_TEST)
        return in_test_braces(p, open, last);
    enum wf_keyword k = keyword(p, last);
    if (k == WF_KW_IN) {
        offer_kinds(p, KIND(SEGMENT), WF_RANK_MEANT);
    } else if (is_sign(p, last, '.')) {
        offer_fields(p, p->front->checked.member, WF_RANK_MEANT);
    } else if (token(p, last)->raw == WF_RAW_DATE || k == WF_KW_TO || k == WF_KW_EXPECT ||
               is_sign(p, last, ',')) {
        offer_test_members(p);
    } else if (token(p, before(p, last))->raw == WF_RAW_DATE) {
        offer_kinds(p, KIND(EVENT), WF_RANK_MEANT);
    } else {
        return false;
    }
    return true;
}

/* ---- by the word before ---- */

/* Where a new name is to be made up, nothing is offered. */
static bool is_new_name(const struct wf_place_at *p, size_t last)
{
    bool begins = token(p, last)->flags & WF_TK_LINE;
    switch (keyword(p, last)) {
    case WF_KW_LET:
    case WF_KW_SEGMENT:
    case WF_KW_CLASSIFY:
    case WF_KW_TRIGGER:
    case WF_KW_METRIC:
    case WF_KW_ALIAS:
    case WF_KW_CALENDAR:
    case WF_KW_TABLE:
    case WF_KW_MESSAGE:
    case WF_KW_GROUP:
    case WF_KW_COUPON:
    case WF_KW_POLICY:
    case WF_KW_JOURNEY:
    case WF_KW_STEP:
    case WF_KW_MILESTONE: return begins && names_a_property(p, last);
    case WF_KW_AS:
    case WF_KW_WAS: return true;
    default: return false;
    }
}

/* The kinds of name that belong behind a word; 0: it does not tell. */
static unsigned kinds_behind(const struct wf_place_at *p, size_t last)
{
    enum wf_keyword k = keyword(p, last), earlier = keyword(p, before(p, last));
    switch (k) {
    case WF_KW_VIA:
    case WF_KW_COST:
    case WF_KW_REACH:
    case WF_KW_BUDGET: return KIND(CHANNEL);
    case WF_KW_COUPON:
        return earlier == WF_KW_SEND || earlier == WF_KW_GRANT || earlier == WF_KW_BUDGET
                   ? KIND(COUPON)
                   : 0;
    case WF_KW_WITH_COUPON: return KIND(COUPON);
    case WF_KW_SEND: return p->expected.raw[WF_RAW_STRING] ? KIND(MESSAGE) : 0;
    case WF_KW_INVITE: return p->expected.raw[WF_RAW_STRING] ? KIND(GROUP) : 0;
    case WF_KW_BECOMES:
    case WF_KW_LEAVES:
    case WF_KW_IN:
    case WF_KW_NOT_IN: return earlier == WF_KW_MEMBER ? KIND(SEGMENT) : 0;
    case WF_KW_JOURNEY: return earlier == WF_KW_IN || earlier == WF_KW_PAUSE ? KIND(JOURNEY) : 0;
    case WF_KW_CLASS: return earlier == WF_KW_IN ? KIND(CLASS) : 0;
    case WF_KW_SET: return KIND(FIELD);
    case WF_KW_EVENT: return KIND(EVENT);
    case WF_KW_AMONG: return KIND(SEGMENT);
    case WF_KW_PER: return KIND(FIELD);
    case WF_KW_OF: return earlier == WF_KW_BUSINESS_DAY ? KIND(CALENDAR) : 0;
    case WF_KW_BY: return p->expected.raw[WF_RAW_INT] ? 0 : KIND(INVITEES) | KIND(FIELD);
    default: return 0;
    }
}

/* The `in` of the list, `city in (a, b`, that the place is in; NOBODY: in none. */
static size_t list_at(const struct wf_place_at *p, size_t last)
{
    size_t open = is_sign(p, last, '(') ? last : opening(p, last), in = before(p, open);
    bool list = open != NOBODY && is_sign(p, open, '(') &&
                (keyword(p, in) == WF_KW_IN || keyword(p, in) == WF_KW_NOT_IN);
    return list ? in : NOBODY;
}

/* The type that what stands here is compared with: `tier =`, `tier in (`, `value becomes`. */
static const struct wf_type_info *compared(const struct wf_place_at *p, size_t last)
{
    static const unsigned signs[] = {'=', '<', '>', WF_SIGN_NE, WF_SIGN_LE, WF_SIGN_GE};
    enum wf_keyword k = keyword(p, last);
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (is_sign(p, last, signs[i]))
            return type_at(p, before(p, last));
    }
    if (k == WF_KW_BECOMES || k == WF_KW_LEAVES || k == WF_KW_BETWEEN)
        return type_at(p, before(p, last));
    size_t to = before(p, last), becomes = before(p, to);
    if (k == WF_KW_FROM && keyword(p, becomes) == WF_KW_BECOMES)
        return type_at(p, before(p, becomes));
    size_t in = list_at(p, last);
    return in == NOBODY ? NULL : type_at(p, before(p, in));
}

/* The declaration word that opened this brace; WF_KW_NONE: another kind of block. */
static enum wf_keyword owner_of(const struct wf_place_at *p, size_t open)
{
    enum wf_keyword k = keyword(p, 0);
    bool outer = open != NOBODY && is_sign(p, open, '{') && opening(p, open) == NOBODY;
    return outer ? k : WF_KW_NONE;
}

static bool in_record(struct wf_place_at *p, enum wf_keyword owner)
{
    const struct wf_expected *e = &p->expected;
    if (e->keyword[WF_KW_T_INT] && !e->name_only[WF_KW_T_INT])
        offer_kinds(p, KIND(TABLE), WF_RANK_NAME);
    else if (owner == WF_KW_MEMBER && p->line_start)
        offer_fields(p, p->front->checked.member, WF_RANK_NAME);
    else if (owner == WF_KW_EVENT && p->line_start)
        offer_fields(p, record_at(p, 1), WF_RANK_NAME);
    else if (e->raw[WF_RAW_INT] && e->raw[WF_RAW_WORD])
        offer_expression(p);
    return true;
}

/* ---- texts and comments ---- */

static bool in_comment(const struct wf_place_at *p)
{
    const struct wf_tokens *t = p->tokens;
    return t->n_comments && t->comments[t->n_comments - 1].end == p->len && p->len &&
           p->text[p->len - 1] != '\n';
}

static bool in_text(const struct wf_place_at *p, size_t last)
{
    const struct wf_token *t = token(p, last);
    if (t->raw != WF_RAW_BAD || t->end != p->len)
        return false;
    const char *open = p->text + t->start;
    return open[0] == '"' || strncmp(open, "“", 3) == 0 || strncmp(open, "「", 3) == 0;
}

static bool in_hole(const struct wf_place_at *p, size_t last)
{
    const struct wf_token *t = token(p, last);
    bool hole = false;
    for (uint32_t i = t->start; i < p->len; i++) {
        hole = p->text[i] == '{' || hole;
        hole = hole && p->text[i] != '}' && p->text[i] != '|';
    }
    return hole;
}

/* ---- all together ---- */

/* The first word of the dotted name of an import that ends here; NOBODY: it is none. */
static bool import_at(const struct wf_place_at *p, size_t last, size_t *first_out)
{
    *first_out = NOBODY;
    if (keyword(p, last) == WF_KW_IMPORT)
        return true;
    while (is_sign(p, last, '.')) {
        *first_out = before(p, last);
        last = before(p, *first_out);
    }
    return *first_out != NOBODY && keyword(p, last) == WF_KW_IMPORT;
}

static void offer_by_sentence(struct wf_place_at *p, size_t last)
{
    const struct wf_expected *e = &p->expected;
    bool value = e->raw[WF_RAW_WORD] && (e->raw[WF_RAW_INT] || e->raw[WF_RAW_DATE]);
    const struct wf_type_info *type = compared(p, last);
    size_t open = opening(p, p->tokens->n - 1);
    enum wf_keyword owner = owner_of(p, open);
    if (type)
        offer_values(p, type);
    if (list_at(p, last) != NOBODY)
        return;
    if (keyword(p, 0) == WF_KW_TEST && open != NOBODY && in_test(p, open, last))
        return;
    if (owner == WF_KW_MEMBER || owner == WF_KW_EVENT || owner == WF_KW_TABLE) {
        in_record(p, owner);
    } else if (owner == WF_KW_MESSAGE && names_a_property(p, last)) {
        offer_word(p, "zh");
        offer_word(p, "en");
    } else if (value || (e->skipped && !p->line_start)) {
        offer_expression(p);
    }
}

bool wf_offer_names(struct wf_place_at *p)
{
    size_t last = before(p, p->tokens->n - 1), first;
    if (in_comment(p))
        return false;
    if (in_text(p, last)) {
        if (in_hole(p, last))
            offer_kinds(p, CONDITION_KINDS, WF_RANK_NAME);
        return false;
    }
    if (import_at(p, last, &first)) {
        offer_modules(p, first);
        return false;
    }
    if (is_sign(p, last, '.')) {
        offer_fields(p, record_at(p, before(p, last)), WF_RANK_MEANT);
        if (keyword(p, 0) == WF_KW_TEST)
            offer_by_sentence(p, last);
        return false;
    }
    if (is_new_name(p, last))
        return false;
    unsigned kinds = kinds_behind(p, last);
    if (kinds)
        offer_kinds(p, kinds, WF_RANK_MEANT);
    else if (keyword(p, last) == WF_KW_GO)
        offer_steps(p);
    else
        offer_by_sentence(p, last);
    return !p->expected.skipped || p->line_start; /* else nobody knows how it goes on */
}
