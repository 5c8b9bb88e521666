/*
 * grammar_tokens.c - which number of the generated parser a token has.
 */
#include "lang/syntax/parser.h"

#include "grammar.h"

static const short keyword_tokens[WF_KW_COUNT_] = {
#define KEYWORD(id, en, zh, group, soft) [WF_KW_##id] = TK_##id,
#define TWIN(id, of, en, zh, group) [WF_KW_##id] = TK_##id,
#include "lang/syntax/keywords.def"
};

static const short raw_tokens[] = {
    [WF_RAW_EOF] = TK_YYEOF,     [WF_RAW_WORD] = TK_WORD,       [WF_RAW_INT] = TK_INT,
    [WF_RAW_NUMBER] = TK_NUMBER, [WF_RAW_PERCENT] = TK_PERCENT, [WF_RAW_DURATION] = TK_DURATION,
    [WF_RAW_STRING] = TK_STRING, [WF_RAW_DATE] = TK_DATE,       [WF_RAW_TIME] = TK_TIME,
    [WF_RAW_CLOCK] = TK_CLOCK,   [WF_RAW_HASH] = TK_HASH,       [WF_RAW_BAD] = TK_BAD,
};

int wf_keyword_token(enum wf_keyword keyword)
{
    return keyword_tokens[keyword];
}

int wf_raw_token(enum wf_raw raw)
{
    return raw_tokens[raw];
}

int wf_parser_token(const struct wf_token *token)
{
    if (token->raw == WF_RAW_SIGN) {
        switch (token->sign) {
        case WF_SIGN_NE: return TK_NE;
        case WF_SIGN_LE: return TK_LE;
        case WF_SIGN_GE: return TK_GE;
        case WF_SIGN_ARROW: return TK_ARROW;
        case WF_SIGN_WRONG: return TK_WRONG;
        default: return token->sign;
        }
    }
    if (token->raw == WF_RAW_WORD && token->keyword)
        return keyword_tokens[token->keyword];
    return raw_tokens[token->raw];
}

int wf_parser_special(enum wf_special special)
{
    static const short specials[] = {[WF_SPECIAL_SYNC] = TK_SYNC,
                                     [WF_SPECIAL_BAD] = TK_BAD,
                                     [WF_SPECIAL_METRIC_BY] = TK_METRIC_BY,
                                     [WF_SPECIAL_WRONG] = TK_WRONG};
    return specials[special];
}
