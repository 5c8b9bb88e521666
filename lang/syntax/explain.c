/*
 * explain.c - what is said of a syntax error: what stood there, what could have stood there, and
 * what was probably meant.
 */
#include <string.h>

#include "lang/base/words.h"
#include "lang/syntax/parser.h"

enum { MOST_SHOWN = 8 };

struct choices {
    const char *text[64];
    int n;
};

static void choose(struct choices *c, const char *text)
{
    for (int i = 0; i < c->n; i++) {
        if (strcmp(c->text[i], text) == 0)
            return;
    }
    if (c->n < (int)(sizeof(c->text) / sizeof(c->text[0])))
        c->text[c->n++] = text;
}

static const char *const group_texts[WF_GROUP_COUNT_] = {
    [WF_GROUP_DECL] = N_("a declaration"),
    [WF_GROUP_ATTR] = N_("something about the field (`key`, `private`, `from`, `=` ...)"),
    [WF_GROUP_TYPE] = N_("a type"),
    [WF_GROUP_LOGIC] = N_("`and` / `or`"),
    [WF_GROUP_VALUE] = N_("a value"),
    [WF_GROUP_COMPARE] = N_("a comparison"),
    [WF_GROUP_ARITH] = N_("arithmetic"),
    [WF_GROUP_WINDOW] = N_("a window"),
    [WF_GROUP_WEEKDAY] = N_("a weekday"),
    [WF_GROUP_PROP] = N_("a property"),
    [WF_GROUP_HEAD] = N_("a line of the head"),
    [WF_GROUP_ACTION] = N_("an action"),
    [WF_GROUP_STEP] = N_("a step"),
    [WF_GROUP_POLICY] = N_("a policy"),
};

static void add_literals(struct choices *c, const struct wf_expected *e)
{
    static const struct {
        enum wf_raw raw;
        const char *text;
    } texts[] = {
        {WF_RAW_STRING, N_("a text in quotes")}, {WF_RAW_DURATION, N_("a duration such as 7d")},
        {WF_RAW_PERCENT, N_("a percentage")},    {WF_RAW_DATE, N_("a date")},
        {WF_RAW_CLOCK, N_("a clock time")},      {WF_RAW_INT, N_("a whole number")},
        {WF_RAW_NUMBER, N_("a number")},         {WF_RAW_HASH, N_("`@` and a hash")},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        bool days = texts[i].raw == WF_RAW_INT && e->raw[WF_RAW_DURATION];
        if (e->raw[texts[i].raw] && !days)
            choose(c, texts[i].text);
    }
}

/* Each sign as a message writes it. */
static const char *sign_text(unsigned sign)
{
    static const char *const texts[128] = {
        ['('] = "`(`", [')'] = "`)`", ['['] = "`[`", [']'] = "`]`", ['{'] = "`{`",
        ['}'] = "`}`", [','] = "`,`", [':'] = "`:`", ['='] = "`=`", ['?'] = "`?`",
        ['<'] = "`<`", ['+'] = "`+`", ['-'] = "`-`",
    };
    return sign < 128 ? texts[sign] : NULL;
}

static void add_signs(struct choices *c, const struct wf_expected *e, bool value)
{
    bool arithmetic = e->sign['*'];
    if (e->compare)
        choose(c, group_texts[WF_GROUP_COMPARE]);
    if (arithmetic)
        choose(c, group_texts[WF_GROUP_ARITH]);
    for (unsigned s = 33; s < 127; s++) {
        bool hidden = (value && (s == '(' || s == '-')) || (e->compare && (s == '=' || s == '<')) ||
                      (arithmetic && (s == '+' || s == '-')) || (s == '[' && e->compare);
        if (e->sign[s] && !hidden && sign_text(s))
            choose(c, sign_text(s));
    }
    if (e->arrow)
        choose(c, "`->`");
}

static bool shown(const struct wf_expected *e, enum wf_keyword k)
{
    const struct wf_keyword_info *info = wf_keyword_info(k);
    return e->keyword[k] && !info->twin && !(info->soft && e->raw[WF_RAW_WORD]);
}

/* Keywords that stand for themselves are quoted; the quoted texts live in the arena. */
static void add_keywords(struct wf_parser *p, struct choices *c, const struct wf_expected *e,
                         bool value)
{
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++) {
        const struct wf_keyword_info *info = wf_keyword_info((enum wf_keyword)k);
        if (!shown(e, (enum wf_keyword)k))
            continue;
        if (info->group != WF_GROUP_SELF) {
            if (!(value && info->group == WF_GROUP_VALUE))
                choose(c, group_texts[info->group]);
            continue;
        }
        size_t n = strlen(info->en);
        char *quoted = wf_arena_alloc(p->arena, n + 3);
        if (!quoted)
            return;
        quoted[0] = quoted[n + 1] = '`';
        memcpy(quoted + 1, info->en, n);
        choose(c, quoted);
    }
}

static struct choices gather(struct wf_parser *p, const struct wf_expected *e)
{
    struct choices c = {.n = 0};
    bool value = e->raw[WF_RAW_WORD] && e->raw[WF_RAW_INT];
    if (value)
        choose(&c, N_("a value"));
    else if (e->raw[WF_RAW_WORD])
        choose(&c, N_("a name"));
    if (!value)
        add_literals(&c, e);
    add_keywords(p, &c, e, value);
    add_signs(&c, e, value);
    if (e->raw[WF_RAW_EOF])
        choose(&c, N_("the end of the file"));
    return c;
}

static void write_choices(struct wf_buf *buf, const struct choices *c)
{
    int n = c->n < MOST_SHOWN ? c->n : MOST_SHOWN;
    for (int i = 0; i < n; i++) {
        bool last = i == n - 1 && n == c->n;
        wf_buf_adds(buf, i == 0 ? "" : last ? wf_word(" or ") : wf_word(", "));
        wf_buf_adds(buf, wf_word(c->text[i]));
    }
    if (n < c->n)
        wf_buf_adds(buf, " ...");
}

/* ---- what was meant ---- */

enum { MAX_WORD = 32 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Edit distance by bytes, two neighbours changed about counting as one; capital letters are as
 * small ones. Texts longer than MAX_WORD are far.
 */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t rows[3][MAX_WORD + 1];
    if (n > MAX_WORD || m > MAX_WORD)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *up = rows[(i + 2) % 3], *above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = least(least(up[j] + 1, row[j - 1] + 1), up[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], above[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

/* How far a word is from the nearer spelling of a keyword of one word. */
static size_t keyword_distance(enum wf_keyword k, const struct wf_str *word, const char **text_out)
{
    const struct wf_keyword_info *info = wf_keyword_info(k);
    const char *names[] = {info->en, info->zh};
    size_t best = SIZE_MAX;
    for (int i = 0; i < 2; i++) {
        size_t d = strchr(names[i], ' ')
                       ? SIZE_MAX
                       : distance(word->text, word->len, names[i], strlen(names[i]));
        if (d < best) {
            best = d;
            *text_out = names[i];
        }
    }
    return best;
}

static size_t tolerance(const struct wf_str *word)
{
    return word->len / 3 > 1 ? word->len / 3 : 1;
}

/* The keyword, of those that may stand here, that a word is nearest to; NULL: none is near. */
static const char *nearest(const struct wf_expected *e, const struct wf_str *word)
{
    const char *best = NULL, *text = NULL;
    size_t most = tolerance(word) + 1;
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++) {
        if (!shown(e, (enum wf_keyword)k))
            continue;
        size_t d = keyword_distance((enum wf_keyword)k, word, &text);
        if (d < most && d < word->len) {
            most = d;
            best = text;
        }
    }
    return best;
}

bool wf_near_declaration(const struct wf_str *word)
{
    const char *text;
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++) {
        if (wf_keyword_info((enum wf_keyword)k)->group == WF_GROUP_DECL && word->len > 2 &&
            keyword_distance((enum wf_keyword)k, word, &text) <= tolerance(word))
            return true;
    }
    return false;
}

static struct wf_span span_of(const struct wf_parser *p, const struct wf_token *t)
{
    return (struct wf_span){p->file, t->start, t->end};
}

/* `count int`: a reserved word where only a name can stand. */
static bool is_reserved(const struct wf_expected *e, const struct wf_token *t)
{
    return t->raw == WF_RAW_WORD && t->keyword && e->raw[WF_RAW_WORD] && !e->raw[WF_RAW_INT] &&
           !wf_keyword_info((enum wf_keyword)t->keyword)->soft && t->text &&
           t->end - t->start == t->text->len;
}

static void hint(struct wf_parser *p, struct wf_diag *d, const struct wf_expected *e,
                 const struct wf_token *t, const struct wf_token *before)
{
    if (t->raw == WF_RAW_WORD && !t->keyword && t->text) {
        const char *meant = nearest(e, t->text);
        if (meant) {
            wf_diag_edit(p->diags, d, span_of(p, t), "%s", meant);
            wf_diag_fix(p->diags, d, "did you mean `%s`?", meant);
        }
    } else if (t->keyword == WF_KW_MISSING && before && before->raw == WF_RAW_SIGN) {
        wf_diag_note(p->diags, d,
                     "nothing equals a missing value: write `is missing` or `is present`");
    } else if (e->keyword[WF_KW_THEN] && t->raw == WF_RAW_WORD && t->keyword &&
               wf_keyword_info((enum wf_keyword)t->keyword)->group == WF_GROUP_ACTION) {
        wf_diag_note(p->diags, d, "`then` begins the actions");
    }
}

/* Behind a window's word stands a length written out; what is of events may be multiplied. */
static bool is_behind_window(const struct wf_parser *p, uint32_t tok, bool of_events)
{
    const struct wf_token *items = p->tokens->items;
    uint32_t before = tok;
    while (before > 0 && (before == tok || items[before].flags & WF_TK_SKIP))
        before--;
    uint16_t word = before < tok ? items[before].keyword : WF_KW_NONE;
    return word == WF_KW_OLDER_THAN || word == WF_KW_WITHIN_LAST || word == WF_KW_WITHIN_NEXT ||
           (of_events && (word == WF_KW_IN_LAST || word == WF_KW_IN_NEXT));
}

bool wf_parser_own_window(struct wf_parser *p, uint32_t tok)
{
    const struct wf_token *t = &p->tokens->items[tok], *next = t + (t->raw != WF_RAW_EOF);
    bool number = t->raw == WF_RAW_INT || t->raw == WF_RAW_NUMBER || t->raw == WF_RAW_DURATION;
    bool reckoned = number ? next->raw == WF_RAW_SIGN && next->sign == '*'
                           : t->keyword || (t->raw == WF_RAW_SIGN && t->sign == '(');
    if (!reckoned || !is_behind_window(p, tok, !number))
        return false;
    struct wf_diag *d = wf_diag(p->diags, WF_E0110, span_of(p, t),
                                "a window has one length for everybody, such as 90d");
    wf_diag_note(p->diags, d,
                 "where each member has a length of their own, compare dates: last purchase + "
                 "2 * average gap purchase < now");
    return true;
}

void wf_parser_error(struct wf_parser *p, const struct wf_expected *expected)
{
    const struct wf_token *t = &p->tokens->items[p->handed];
    const struct wf_token *before = p->handed ? &p->tokens->items[p->handed - 1] : NULL;
    p->panic = true;
    if (p->told_unclosed || t->flags & WF_TK_REPORTED)
        return;
    if (wf_parser_own_window(p, (uint32_t)p->handed))
        return;
    if (is_reserved(expected, t)) {
        struct wf_diag *r =
            wf_diag(p->diags, WF_E0114, span_of(p, t),
                    "`%s` is a word of the language and cannot be a name", t->text->text);
        if (t->flags & WF_TK_LINE || (before && before->raw == WF_RAW_SIGN)) /* a field's name */
            wf_diag_note(p->diags, r,
                         "a field may have another name than its column: visits int from \"%s\"",
                         t->text->text);
        return;
    }
    struct choices choices = gather(p, expected);
    bool new_sentence = expected->raw[WF_RAW_EOF] && t->flags & WF_TK_LINE && t->column == 0;
    if (new_sentence && t->raw != WF_RAW_EOF)
        choices = (struct choices){.text = {group_texts[WF_GROUP_DECL]}, .n = 1};
    struct wf_buf list;
    wf_buf_init(&list, p->tokens->alloc, 0);
    write_choices(&list, &choices);
    const char *text = p->sources->files[p->file].text;
    struct wf_diag *d;
    if (t->raw == WF_RAW_EOF)
        d = wf_diag(p->diags, WF_E0110, span_of(p, t), "the file ends here; expected %s",
                    wf_buf_str(&list));
    else
        d = wf_diag(p->diags, WF_E0110, span_of(p, t), "`%.*s` cannot stand here; expected %s",
                    (int)(t->end - t->start < 60 ? t->end - t->start : 60), text + t->start,
                    wf_buf_str(&list));
    hint(p, d, expected, t, before);
    wf_buf_release(&list);
}

void wf_parser_memory(struct wf_parser *p, const struct wf_span *span)
{
    enum { SURELY_NOT_DEEP = 5000 };
    if (p->handed < SURELY_NOT_DEEP) {
        p->status = WF_ERR_NOMEM;
        return;
    }
    wf_diag(p->diags, WF_E0108, *span, "the sentence is nested too deep");
}
