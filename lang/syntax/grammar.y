/*
 * grammar.y - the language's sentences; builds the tree of ast.def and nothing else.
 *
 * What may be a name: soft words (keywords.def) stand in for names wherever no conflict comes of
 * it.
 * Recovery: after a mistake the feed of tokens (feed.c) skips to where the next item of the
 * innermost open block begins and hands over SYNC there, so every list has one rule `error SYNC`.
 */
%code requires {
#include "lang/base/type.h"
#include "lang/syntax/parser.h"
}
%code {
#define YYLLOC_DEFAULT(cur, rhs, n)                                                                \
    ((cur) = (n) ? wf_span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n))                                \
                 : (struct wf_span){YYRHSLOC(rhs, 0).file, YYRHSLOC(rhs, 0).end,                   \
                                    YYRHSLOC(rhs, 0).end})
#define YYMAXDEPTH 10000

#include "lang/syntax/grammar_build.h"

static void yyerror(const struct wf_span *at, struct wf_parser *p, const char *message)
{
    (void)message;
    wf_parser_memory(p, at);
}
}

%require "3.8"
%define api.pure full
%define api.prefix {wf_yy}
%define api.token.prefix {TK_}
%define api.value.type {union wf_yyvalue}
%define api.location.type {struct wf_span}
%define parse.lac full
%define parse.error custom
%locations %expect 0
%parse-param {struct wf_parser *p}
%lex-param {struct wf_parser *p}
%initial-action { @$ = (struct wf_span){p->file, 0, 0}; }

%token <tok> WORD INT NUMBER PERCENT DURATION STRING DATE TIME CLOCK HASH BAD
%token SYNC NE LE GE ARROW WRONG METRIC_BY
%token <tok> IMPORT EXPORT TIMEZONE MEMBER EVENT TABLE MERGES COUPON COUPONS MESSAGE MESSAGES
%token <tok> GROUP COST CALENDAR LET SEGMENT CLASSIFY TRIGGER WHEN JOURNEY POLICY METRIC TEST
%token <tok> ALIAS FROM AS DELTA KEY PRIVATE FORMAT MISSING_AS UNIQUE VOID_WHEN MAY_BE_EMPTY
%token <tok> COMPLETE_SINCE ENCODING ONE_OF T_BOOL T_INT T_NUMBER T_MONEY T_TEXT T_DATE T_TIME
%token <tok> T_CLOCK T_DURATION OR AND NOT TRUE FALSE MISSING NOW TODAY IN NOT_IN BETWEEN
%token <tok> NOT_BETWEEN IS IS_MISSING IS_NOT_MISSING IS_PRESENT IS_NOT_PRESENT CONTAINS
%token <tok> STARTS_WITH ENDS_WITH MATCHES TAGGED OF OR_ELSE ANY NO COUNT SUM AVERAGE MIN MAX
%token <tok> DISTINCT FIRST LAST AVERAGE_GAP USUAL_HOUR DAYS_SINCE IN_LAST IN_NEXT SINCE
%token <tok> SINCE_ENTRY TO BY WITHIN_LAST WITHIN_NEXT OLDER_THAN FOLLOWED_BY WITHIN BECOMES
%token <tok> LEAVES TOP BOTTOM QUARTILE QUINTILE DECILE PERCENTILE RANK AMONG PER ANNIVERSARY
%token <tok> ON_MAR1 SKIP EVERY ON MONTH MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY
%token <tok> VALUE STOCK VALID PREFER_BY OTHERWISE WAS PRIORITY GRACE BACKFILL AGAIN_AFTER
%token <tok> AGAIN_ALWAYS ONCE HOLDOUT SALT THEN SEND GRANT POINTS TAG UNTAG SET TASK INVITE EMIT
%token <tok> WITH_COUPON VIA AT TO_INVITER OWNER STORE DUE ENTER EXIT GOAL MIGRATE_FROM WAIT
%token <tok> WAIT_UNTIL WAIT_FOR BUSINESS_DAY UP_TO IF ELSE SPLIT STEP MILESTONE LEAVE GO LOCKED
%token <tok> FOR_MEMBERS REACH QUIET CAP BUDGET PAUSE VOLUME QUIET_NONE DEFER DROP CALENDAR_DAY
%token <tok> CALENDAR_WEEK CALENDAR_MONTH AT_LEAST SHARE_OF COUNT_MEMBERS SUM_OF AVERAGE_OF
%token <tok> MEDIAN_OF OVER_MEMBERS AMONG_MEMBERS WHERE EXPECT NOTHING CLASS SUPPRESSED T_SET

%type <tok> soft attribute_word name expr_name field_name message_name test_name gate
%type <tok> type_ref written
%type <op> opt_locked weekday agg_op quantile_op opt_feb29 limit_kind percent_op quiet_end
%type <node> item import imported timezone member event table merges coupon catalogue message group
%type <node> cost calendar let segment classify class trigger journey policy metric test alias
%type <node> dotted opt_word opt_from from field_item field type type_core attr string opt_string
%type <node> property coupon_property option integer action action_mod opt_coupon coupon_ref
%type <node> message_ref opt_due pair journey_item head step if until map map_to block opt_else
%type <node> opt_within policy_item opt_scope limit plain_limit per_period period opt_via
%type <node> opt_at_least arm money metric_expr metric_sum metric_term metric_atom over opt_where
%type <node> opt_among_members opt_metric_label opt_metric_by
%type <node> path test_item expected opt_expected_action opt_to
%type <node> opt_step literal value duration point expr or_expr and_expr not_expr compare sum term
%type <node> unary or_else operand measure aggregate plain_aggregate set wset primary list_or_path
%type <node> population count among opt_per opt_among name_node percent
%type <list> items fields opt_fields attrs names enum_plain enum_ordered properties opt_properties
%type <list> coupon_properties opt_coupon_properties classes options actions mods pairs
%type <list> journey_items steps maps arms policy_items limits test_items expectations
%type <list> test_properties values

/* A window, filter or field belongs to the nearest event set. */
%precedence LOOSE
%precedence IN_LAST IN_NEXT SINCE SINCE_ENTRY FROM BY OLDER_THAN WITHIN_LAST WITHIN_NEXT '.' '['

%%

module: items  { p->module = N1(MODULE, NONE, @$, $1.first); }

items:
  %empty            { $$ = NO_LIST; }
| items item        { $$ = ADD($1, $2); }
| items ';'         { $$ = $1; }
| items SYNC        { $$ = $1; }
| items error SYNC  { $$ = $1; yyerrok; }

item: import | timezone | member | event | table | merges | coupon | catalogue | message | group
| cost | calendar | let | segment | classify | trigger | journey | policy | metric | test | alias

/* ---- names ---- */

soft: IMPORT | EXPORT | TIMEZONE | EVENT | TABLE | MERGES | COUPONS | MESSAGE | MESSAGES | GROUP
| COST | CALENDAR | LET | SEGMENT | CLASSIFY | TRIGGER | JOURNEY | POLICY | METRIC | TEST | ALIAS
| DELTA | UNIQUE | ENCODING | T_BOOL | T_INT | T_NUMBER | T_MONEY | T_TEXT | T_DATE | T_TIME
| T_CLOCK | T_DURATION | T_SET | TOP | BOTTOM | MONTH | MONDAY | TUESDAY | WEDNESDAY | THURSDAY
| FRIDAY | SATURDAY | SUNDAY | VALUE | STOCK | VALID | WAS | PRIORITY | GRACE | BACKFILL | ONCE
| HOLDOUT | SALT | SEND | GRANT | POINTS | TAG | UNTAG | SET | TASK | INVITE | EMIT | AT | OWNER
| STORE | DUE | ENTER | EXIT | GOAL | WAIT | SPLIT | STEP | MILESTONE | LEAVE | GO | LOCKED | REACH
| QUIET | CAP | BUDGET | PAUSE | VOLUME | QUIET_NONE | DEFER | DROP | NOTHING | CLASS | SUPPRESSED

attribute_word: KEY | PRIVATE | FORMAT

name: WORD | soft | attribute_word | COUPON | MEMBER | EXPECT
expr_name: WORD | soft | attribute_word | COUPON | EXPECT
field_name: WORD | soft | COUPON | EXPECT
message_name: WORD | soft | attribute_word | MEMBER | EXPECT
test_name: WORD | soft | attribute_word | COUPON | MEMBER

name_node: name { $$ = NAME_AT($1, @1); }
string: STRING  { $$ = LIT($1); }
| BAD           { $$ = N0(ERROR, NONE, @$); }
opt_string: %empty { $$ = NULL; } | string
integer: INT    { $$ = LIT($1); }
| '-' INT       { $$ = N1(NEG, NONE, @$, LIT($2)); }
percent: PERCENT { $$ = LIT($1); }
duration: DURATION { $$ = LIT($1); }
| INT { $$ = wf_build_unitless(p, $1); }
| BAD { $$ = N0(ERROR, NONE, @$); }
path: expr_name { $$ = NAME_AT($1, @1); }
| path '.' name { $$ = NAMED(N1(FIELD, NONE, @$, $1), $3); }

written: INT | NUMBER | PERCENT | DURATION | STRING | DATE | TIME | CLOCK
literal: written { $$ = LIT($1); }
| TRUE    { $$ = NUM(N0(BOOL, NONE, @$), 1); }
| FALSE   { $$ = NUM(N0(BOOL, NONE, @$), 0); }
| BAD     { $$ = N0(ERROR, NONE, @$); }

/* What a default, a property or a test gives: no expression. */
value:
  literal
| '-' INT         { $$ = N1(NEG, NONE, @$, LIT($2)); }
| '-' NUMBER      { $$ = N1(NEG, NONE, @$, LIT($2)); }
| MISSING         { $$ = N0(MISSING, NONE, @$); }
| expr_name       { $$ = NAME_AT($1, @1); }
| '(' values ')'  { $$ = N1(LIST, NONE, @$, $2.first); }
values: value     { $$ = ADD(NO_LIST, $1); }
| values ',' value { $$ = ADD($1, $3); }

/* ---- the file ---- */

import: imported        { $$ = $1; if ($$) $$->span = @$; }
| EXPORT imported       { $$ = FLAG($2, WF_F_EXPORT); if ($$) $$->span = @$; }
imported: IMPORT dotted { $$ = wf_build_take(N0(IMPORT, NONE, @$), $2); }
| IMPORT string         { $$ = FLAG(wf_build_take(N0(IMPORT, NONE, @$), $2), WF_F_PATH); }
dotted: name                    { $$ = NAME_AT($1, @1); }
| dotted '.' name               { $$ = wf_build_dotted(p, $1, $3); }
timezone: TIMEZONE string       { $$ = wf_build_take(N0(TIMEZONE, NONE, @$), $2); }
alias: ALIAS name '=' name_node { $$ = NAMED(N1(ALIAS, NONE, @$, $4), $2); }

/* ---- data ---- */

from: FROM string    { $$ = $2; }
opt_from: %empty     { $$ = NULL; } | from
member: MEMBER from opt_fields      { $$ = N2(MEMBER, NONE, @$, $2, $3.first); }
| MEMBER '{' fields '}'             { $$ = N2(MEMBER, NONE, @$, NULL, $3.first); }
| MEMBER DELTA opt_from opt_fields  { $$ = FLAG(N2(MEMBER, NONE, @$, $3, $4.first), WF_F_DELTA); }
event: EVENT name opt_word opt_from opt_fields
                                    { $$ = NAMED(N3(EVENT, NONE, @$, $3, $4, $5.first), $2); }
opt_word: %empty { $$ = NULL; } | AS name_node { $$ = $2; }
table: TABLE name from '{' fields '}'
                                    { $$ = NAMED(N2(TABLE, NONE, @$, $3, $5.first), $2); }
merges: MERGES from                 { $$ = N1(MERGES, NONE, @$, $2); }

opt_fields: %empty { $$ = NO_LIST; } | '{' fields '}' { $$ = $2; }
fields: %empty         { $$ = NO_LIST; }
| fields field_item    { $$ = ADD($1, $2); }
| fields ';'           { $$ = $1; }
| fields error SYNC    { $$ = $1; yyerrok; }
field_item: field
| MEMBER FROM string
      { $$ = WORDED(N2(FIELD_DECL, NONE, @$, NULL, N1(ATTR, FROM, @3, $3)), $1); }
| UNIQUE '(' names ')'      { $$ = N1(UNIQUE, NONE, @$, $3.first); }
| VOID_WHEN expr            { $$ = N1(VOID_WHEN, NONE, @$, $2); }
| MAY_BE_EMPTY              { $$ = N0(RECORD_OPTION, MAY_BE_EMPTY, @$); }
| COMPLETE_SINCE DATE       { $$ = N1(RECORD_OPTION, COMPLETE_SINCE, @$, LIT($2)); }
| ENCODING STRING           { $$ = N1(RECORD_OPTION, ENCODING, @$, LIT($2)); }
names: name_node            { $$ = ADD(NO_LIST, $1); }
| names ',' name_node       { $$ = ADD($1, $3); }
field: field_name type attrs { $$ = NAMED(N2(FIELD_DECL, NONE, @$, $2, $3.first), $1); }
attrs: %empty { $$ = NO_LIST; } | attrs attr { $$ = ADD($1, $2); }
attr: KEY             { $$ = N0(ATTR, KEY, @$); }
| PRIVATE             { $$ = N0(ATTR, PRIVATE, @$); }
| FROM string         { $$ = N1(ATTR, FROM, @$, $2); }
| FORMAT string       { $$ = N1(ATTR, FORMAT, @$, $2); }
| '=' value           { $$ = N1(ATTR, DEFAULT, @$, $2); }
| MISSING_AS value    { $$ = N1(ATTR, MISSING_AS, @$, $2); }
| AS name_node        { $$ = N1(ATTR, AS, @$, $2); }
type: type_core | type_core '?' { $$ = FLAG($1, WF_F_OPTIONAL); if ($$) $$->span = @$; }
type_core: T_BOOL  { $$ = TYPE(BOOL, @$); }
| T_INT            { $$ = TYPE(INT, @$); }
| T_NUMBER         { $$ = TYPE(NUMBER, @$); }
| T_MONEY          { $$ = TYPE(MONEY, @$); }
| T_TEXT           { $$ = TYPE(TEXT, @$); }
| T_DATE           { $$ = TYPE(DATE, @$); }
| T_TIME           { $$ = TYPE(TIME, @$); }
| T_CLOCK          { $$ = TYPE(CLOCK, @$); }
| T_DURATION       { $$ = TYPE(DAYS, @$); }
| T_SET            { $$ = TYPE(SET, @$); }
| SET { $$ = TYPE(SET, @$); p->tokens->items[$1].keyword = WF_KW_T_SET; }
| MEMBER           { $$ = WORDED(TYPE(REF, @$), $1); }
| type_ref         { $$ = NAMED(TYPE(REF, @$), $1); }
| ONE_OF '(' enum_plain ')' { $$ = NUM(N1(TYPE, NONE, @$, $3.first), WF_T_ENUM); }
| ONE_OF '(' enum_ordered ')'
      { $$ = FLAG(NUM(N1(TYPE, NONE, @$, $3.first), WF_T_ENUM), WF_F_ORDERED); }
type_ref: WORD | STORE | OWNER | GROUP
enum_plain: name_node             { $$ = ADD(NO_LIST, $1); }
| enum_plain ',' name_node        { $$ = ADD($1, $3); }
enum_ordered: name_node '<' name_node { $$ = ADD(ADD(NO_LIST, $1), $3); }
| enum_ordered '<' name_node      { $$ = ADD($1, $3); }

/* ---- content ---- */

coupon: COUPON name opt_string opt_coupon_properties
                    { $$ = NAMED(N2(COUPON, NONE, @$, $3, $4.first), $2); }
| COUPON STRING opt_string opt_coupon_properties
      { $$ = FLAG(wf_build_take(N2(COUPON, NONE, @$, $3, $4.first), LIT($2)), WF_F_PATH); }
catalogue: COUPONS from { $$ = N1(CATALOGUE, COUPONS, @$, $2); }
| MESSAGES from         { $$ = N1(CATALOGUE, MESSAGES, @$, $2); }
message: MESSAGE name opt_string opt_properties
                    { $$ = NAMED(N2(MESSAGE, NONE, @$, $3, $4.first), $2); }
group: GROUP name opt_string opt_properties
                    { $$ = NAMED(N2(GROUP, NONE, @$, $3, $4.first), $2); }
cost: COST name money       { $$ = NAMED(N1(COST, NONE, @$, $3), $2); }
money: INT { $$ = LIT($1); } | NUMBER { $$ = LIT($1); } | BAD { $$ = N0(ERROR, NONE, @$); }
calendar: CALENDAR name from { $$ = NAMED(N1(CALENDAR, NONE, @$, $3), $2); }

opt_properties: %empty  { $$ = NO_LIST; } | '{' properties '}' { $$ = $2; }
properties: %empty      { $$ = NO_LIST; }
| properties property   { $$ = ADD($1, $2); }
| properties ','        { $$ = $1; }
| properties ';'        { $$ = $1; }
| properties error SYNC { $$ = $1; yyerrok; }
property: name value    { $$ = NAMED(N1(PROP, NONE, @$, $2), $1); }
opt_coupon_properties: %empty { $$ = NO_LIST; } | '{' coupon_properties '}' { $$ = $2; }
coupon_properties: %empty { $$ = NO_LIST; }
| coupon_properties coupon_property { $$ = ADD($1, $2); }
| coupon_properties ','   { $$ = $1; }
| coupon_properties ';'   { $$ = $1; }
| coupon_properties error SYNC { $$ = $1; yyerrok; }
coupon_property: WORD value { $$ = NAMED(N1(PROP, NONE, @$, $2), $1); }
| VALUE value             { $$ = WORDED(N1(PROP, NONE, @$, $2), $1); }
| STOCK value             { $$ = WORDED(N1(PROP, NONE, @$, $2), $1); }
| VALID value             { $$ = WORDED(N1(PROP, NONE, @$, $2), $1); }
| PREFER_BY operand       { $$ = WORDED(N1(PROP, NONE, @$, $2), $1); }

/* ---- definitions ---- */

let: LET name '=' expr          { $$ = NAMED(N1(LET, NONE, @$, $4), $2); }
segment: SEGMENT name IS expr   { $$ = NAMED(N1(SEGMENT, NONE, @$, $4), $2); }
classify: CLASSIFY name '{' classes '}' { $$ = NAMED(N1(CLASSIFY, NONE, @$, $4.first), $2); }
classes: %empty          { $$ = NO_LIST; }
| classes class          { $$ = ADD($1, $2); }
| classes ';'            { $$ = $1; }
| classes error SYNC     { $$ = $1; yyerrok; }
class: name WHEN expr { $$ = NAMED(N1(CLASS, NONE, @$, $3), $1); }
| name OTHERWISE      { $$ = NAMED(N0(CLASS, NONE, @$), $1); }

/* ---- rules and actions ---- */

trigger: TRIGGER name options WHEN expr THEN actions
                    { $$ = NAMED(N3(TRIGGER, NONE, @$, $3.first, $5, $7.first), $2); }
| WHEN expr THEN actions { $$ = N3(TRIGGER, NONE, @$, NULL, $2, $4.first); }
options: %empty { $$ = NO_LIST; } | options option { $$ = ADD($1, $2); }
option: WAS name_node   { $$ = N1(OPTION, WAS, @$, $2); }
| PRIORITY integer      { $$ = N1(OPTION, PRIORITY, @$, $2); }
| GRACE duration        { $$ = N1(OPTION, GRACE, @$, $2); }
| BACKFILL duration     { $$ = N1(OPTION, BACKFILL, @$, $2); }
| AGAIN_AFTER duration  { $$ = N1(OPTION, AGAIN_AFTER, @$, $2); }
| AGAIN_ALWAYS          { $$ = N0(OPTION, AGAIN_ALWAYS, @$); }
| ONCE                  { $$ = N0(OPTION, ONCE, @$); }
| HOLDOUT percent       { $$ = N1(OPTION, HOLDOUT, @$, $2); }
| SALT string           { $$ = N1(OPTION, SALT, @$, $2); }

actions: action { $$ = ADD(NO_LIST, $1); } | actions ',' action { $$ = ADD($1, $3); }
action: SEND COUPON opt_coupon mods
      { wf_warn_next_line(p, $3); $$ = wf_build_action(p, WF_OP_DO_COUPON, @$, $3, $4); }
| SEND message_ref mods         { $$ = wf_build_action(p, WF_OP_DO_SEND, @$, $2, $3); }
| GRANT COUPON coupon_ref       { $$ = N1(ACTION, DO_GRANT, @$, $3); }
| POINTS '+' unary              { $$ = N2(ACTION, DO_POINTS, @$, NULL, $3); }
| POINTS '-' unary              { $$ = N2(ACTION, DO_POINTS, @$, NULL, N1(NEG, NONE, @3, $3)); }
| TAG string                    { $$ = N1(ACTION, DO_TAG, @$, $2); }
| UNTAG string                  { $$ = N1(ACTION, DO_UNTAG, @$, $2); }
| SET name_node '=' expr        { $$ = N2(ACTION, DO_SET, @$, $2, $4); }
| TASK OWNER string opt_due     { $$ = N2(ACTION, DO_OWNER, @$, $3, $4); }
| TASK STORE string opt_due     { $$ = N2(ACTION, DO_STORE, @$, $3, $4); }
| INVITE message_ref mods       { $$ = wf_build_action(p, WF_OP_DO_INVITE, @$, $2, $3); }
| EMIT string '{' pairs '}'     { $$ = N2(ACTION, DO_EMIT, @$, $2, N1(LIST, NONE, @4, $4.first)); }
opt_coupon: %empty { $$ = NULL; } | WORD { $$ = NAME_AT($1, @1); } | STRING { $$ = LIT($1); }
coupon_ref: name_node | string
message_ref: message_name { $$ = NAME_AT($1, @1); } | string
mods: %empty { $$ = NO_LIST; } | mods action_mod { $$ = ADD($1, $2); }
action_mod: VIA name_node       { $$ = N1(ATTR, CHANNEL, @$, $2); }
| AT sum                        { $$ = N1(ATTR, AS, @$, $2); }
| TO_INVITER                    { $$ = N0(ATTR, NONE, @$); }
| WITH_COUPON coupon_ref        { $$ = N1(ATTR, COUPONS, @$, $2); }
opt_due: %empty { $$ = NULL; } | DUE duration { $$ = $2; }
pairs: %empty { $$ = NO_LIST; }
| pairs pair  { $$ = ADD($1, $2); }
| pairs ','   { $$ = $1; }
| pairs error SYNC { $$ = $1; yyerrok; }
pair: name '=' expr { $$ = NAMED(N1(PROP, NONE, @$, $3), $1); }

/* ---- journeys ---- */

journey: JOURNEY name '{' journey_items '}' { $$ = wf_build_journey(p, @$, $2, $4); }
journey_items: %empty              { $$ = NO_LIST; }
| journey_items journey_item       { $$ = wf_list_add($1, $2); }
| journey_items ';'                { $$ = $1; }
| journey_items ','                { $$ = $1; }
| journey_items error SYNC         { $$ = $1; yyerrok; }
journey_item: head | step
head: option
| ENTER WHEN expr                  { $$ = N1(ENTER, NONE, @$, $3); }
| EXIT WHEN expr                   { $$ = N1(EXIT, NONE, @$, $3); }
| GOAL expr opt_within             { $$ = N2(GOAL, NONE, @$, $2, $3); }
| MIGRATE_FROM name HASH '{' maps '}'
      { $$ = wf_build_text(NAMED(N1(MIGRATE, NONE, @$, $5.first), $2), TEXT_OF($3)); }
opt_within: %empty { $$ = NULL; } | WITHIN duration { $$ = $2; }
maps: %empty { $$ = NO_LIST; }
| maps map { $$ = ADD($1, $2); }
| maps ',' { $$ = $1; }
| maps error SYNC { $$ = $1; yyerrok; }
map: name ARROW map_to { $$ = NAMED(N1(MAP, NONE, @$, $3), $1); }
map_to: WORD { $$ = NAME_AT($1, @1); } | LEAVE { $$ = N0(LEAVE, NONE, @$); }

block: '{' steps '}'  { $$ = N1(BLOCK, NONE, @$, $2.first); }
steps: %empty         { $$ = NO_LIST; }
| steps step          { $$ = ADD($1, $2); }
| steps ';'           { $$ = $1; }
| steps ','           { $$ = $1; }
| steps error SYNC    { $$ = $1; yyerrok; }
step: action
| WAIT duration            { $$ = N1(WAIT, NONE, @$, $2); }
| WAIT_UNTIL until         { $$ = $2; if ($$) $$->span = @$; }
| WAIT_FOR expr UP_TO duration            { $$ = N2(WAIT_FOR, NONE, @$, $2, $4); }
| WAIT_FOR expr UP_TO duration block opt_else { $$ = N4(WAIT_FOR, NONE, @$, $2, $4, $5, $6); }
| if
| SPLIT '{' arms '}'       { $$ = N1(SPLIT, NONE, @$, $3.first); }
| STEP name ':'            { $$ = NAMED(N0(STEP, NONE, @$), $2); }
| MILESTONE name           { $$ = NAMED(N0(MILESTONE, NONE, @$), $2); }
| LEAVE                    { $$ = N0(LEAVE, NONE, @$); }
| GO name                  { $$ = NAMED(N0(GO, NONE, @$), $2); }
opt_else: %empty { $$ = NULL; } | ELSE block { $$ = $2; }
if: IF expr block          { $$ = N2(IF, NONE, @$, $2, $3); }
| IF expr block ELSE block { $$ = N3(IF, NONE, @$, $2, $3, $5); }
| IF expr block ELSE if    { $$ = N3(IF, NONE, @$, $2, $3, $5); }
until: CLOCK       { $$ = N1(WAIT_UNTIL, UNTIL_POINT, @$, LIT($1)); }
| DATE             { $$ = N1(WAIT_UNTIL, UNTIL_POINT, @$, LIT($1)); }
| TIME             { $$ = N1(WAIT_UNTIL, UNTIL_POINT, @$, LIT($1)); }
| BAD              { $$ = N0(ERROR, NONE, @$); }
| weekday          { $$ = NUM(N0(WAIT_UNTIL, WEEKDAY, @$), $1); }
| BUSINESS_DAY     { $$ = N0(WAIT_UNTIL, BUSINESS_DAY, @$); }
| BUSINESS_DAY OF name_node { $$ = N1(WAIT_UNTIL, BUSINESS_DAY, @$, $3); }
arms: %empty       { $$ = NO_LIST; }
| arms arm         { $$ = ADD($1, $2); }
| arms ','         { $$ = $1; }
| arms error SYNC  { $$ = $1; yyerrok; }
arm: percent string block { $$ = N3(ARM, NONE, @$, $1, $2, $3); }

/* ---- policies ---- */

policy: POLICY opt_locked opt_scope '{' policy_items '}'
      { $$ = FLAG(N2(POLICY, NONE, @$, $3, $5.first), $2); }
| POLICY WORD opt_locked opt_scope '{' policy_items '}'
      { $$ = NAMED(FLAG(N2(POLICY, NONE, @$, $4, $6.first), $3), $2); }
opt_locked: %empty { $$ = 0; } | LOCKED { $$ = WF_F_LOCKED; }
opt_scope: %empty { $$ = NULL; } | FOR_MEMBERS expr { $$ = $2; }
policy_items: %empty      { $$ = NO_LIST; }
| policy_items policy_item { $$ = ADD($1, $2); }
| policy_items ';'        { $$ = $1; }
| policy_items error SYNC { $$ = $1; yyerrok; }
policy_item: REACH name WHEN expr   { $$ = NAMED(N1(REACH, NONE, @$, $4), $2); }
| QUIET CLOCK TO CLOCK quiet_end    { $$ = OP2(QUIET, $5, @$, LIT($2), LIT($4)); }
| QUIET QUIET_NONE                  { $$ = N0(QUIET, NONE, @$); }
| CAP limits                        { $$ = N1(CAP, NONE, @$, $2.first); }
| CAP limits ELSE DROP              { $$ = N1(CAP, DROP, @$, $2.first); }
| CAP limits ELSE DEFER duration    { $$ = N2(CAP, DEFER, @$, $2.first, $5); }
| BUDGET COUPON opt_coupon money PER period { $$ = N3(BUDGET, COUPONS, @$, $3, $4, $6); }
| BUDGET message_name money PER period { $$ = N3(BUDGET, CHANNEL, @$, NAME_AT($2, @2), $3, $5); }
| PAUSE WHEN expr opt_at_least      { $$ = N2(PAUSE, NONE, @$, $3, $4); }
| PAUSE JOURNEY name                { $$ = NAMED(N0(PAUSE, NONE, @$), $3); }
| PAUSE JOURNEY name WHEN expr opt_at_least { $$ = NAMED(N2(PAUSE, NONE, @$, $5, $6), $3); }
| HOLDOUT percent                   { $$ = N1(HOLDOUT, NONE, @$, $2); }
| VOLUME INT                        { $$ = N1(VOLUME, NONE, @$, LIT($2)); }
quiet_end: DEFER { $$ = WF_OP_DEFER; } | DROP { $$ = WF_OP_DROP; }
opt_at_least: %empty { $$ = NULL; } | AT_LEAST INT { $$ = LIT($2); }
limits: limit { $$ = ADD(NO_LIST, $1); } | limits ',' limit { $$ = ADD($1, $3); }
limit: plain_limit
| plain_limit PER OWNER { $$ = FLAG($1, WF_F_PER_OWNER); if ($$) $$->span = @$; }
| plain_limit PER STORE { $$ = FLAG($1, WF_F_PER_STORE); if ($$) $$->span = @$; }
plain_limit: INT limit_kind PER per_period opt_via
      { $$ = NUM(OP2(LIMIT, $2, @$, $4, $5), COUNT_OF($1)); }
limit_kind: SEND { $$ = WF_OP_KIND_SEND; } | COUPON { $$ = WF_OP_KIND_COUPON; }
| TASK { $$ = WF_OP_KIND_TASK; } | INVITE { $$ = WF_OP_KIND_INVITE; }
per_period: duration | period
period: CALENDAR_DAY { $$ = N0(PERIOD, UNIT_D, @$); }
| CALENDAR_WEEK      { $$ = N0(PERIOD, UNIT_W, @$); }
| CALENDAR_MONTH     { $$ = N0(PERIOD, UNIT_MO, @$); }
opt_via: %empty { $$ = NULL; } | VIA name_node { $$ = $2; }

/* ---- metrics ---- */

metric: METRIC name opt_metric_label IS metric_expr opt_among_members opt_metric_by
                        { $$ = NAMED(N4(METRIC, NONE, @$, $3, $5, $6, $7), $2); }
opt_metric_label: opt_string | string IN string { $$ = ADD(ADD(NO_LIST, $1), $3).first; }
opt_among_members: %empty { $$ = NULL; } | AMONG_MEMBERS expr { $$ = $2; }
opt_metric_by: %empty { $$ = NULL; } | METRIC_BY path { $$ = $2; }
metric_expr: over | metric_sum
metric_sum: metric_term
| metric_sum '+' metric_term  { $$ = BIN(ADD, @$, $1, $3); }
| metric_sum '-' metric_term  { $$ = BIN(SUB, @$, $1, $3); }
metric_term: metric_atom
| metric_term '*' metric_atom { $$ = BIN(MUL, @$, $1, $3); }
| metric_term '/' metric_atom { $$ = BIN(DIV, @$, $1, $3); }
metric_atom: '(' metric_expr ')' { $$ = FLAG($2, WF_F_PAREN); }
| INT { $$ = LIT($1); } | NUMBER { $$ = LIT($1); } | PERCENT { $$ = LIT($1); }
over: SHARE_OF expr            { $$ = N2(OVER, SHARE, @$, NULL, $2); }
| COUNT_MEMBERS opt_where      { $$ = N2(OVER, COUNT, @$, NULL, $2); }
| SUM_OF sum OVER_MEMBERS opt_where     { $$ = N2(OVER, SUM, @$, $2, $4); }
| SUM_OF sum                   { $$ = N2(OVER, TOTAL, @$, $2, NULL); }
| AVERAGE_OF sum OVER_MEMBERS opt_where { $$ = N2(OVER, AVERAGE, @$, $2, $4); }
| MEDIAN_OF sum OVER_MEMBERS opt_where  { $$ = N2(OVER, MEDIAN, @$, $2, $4); }
opt_where: %empty { $$ = NULL; } | WHERE expr { $$ = $2; }

/* ---- tests ---- */

test: TEST string '{' test_items '}' { $$ = N2(TEST, NONE, @$, $2, $4.first); }
test_items: %empty      { $$ = NO_LIST; }
| test_items test_item  { $$ = ADD($1, $2); }
| test_items ';'        { $$ = $1; }
| test_items error SYNC { $$ = $1; yyerrok; }
test_item: MEMBER name test_properties
                        { $$ = NAMED(N1(TEST_MEMBER, NONE, @$, $3.first), $2); }
| ON DATE test_name name test_properties
      { $$ = NAMED(N3(TEST_EVENT, NONE, @$, LIT($2), NAME_AT($3, @3), $5.first), $4); }
| ON DATE test_name test_properties
      { $$ = N3(TEST_CHANGE, NONE, @$, LIT($2), NAME_AT($3, @3), $4.first); }
| ON DATE EXPECT expectations { $$ = N2(EXPECT, NONE, @$, LIT($2), $4.first); }
test_properties: '{' properties '}' { $$ = $2; }
expectations: expected { $$ = ADD(NO_LIST, $1); } | expectations ',' expected { $$ = ADD($1, $3); }
expected: action TO name_node      { $$ = N2(EXPECTED, EX_ACTION, @$, $3, $1); }
| NOTHING opt_to                   { $$ = N1(EXPECTED, EX_NOTHING, @$, $2); }
| SUPPRESSED gate opt_expected_action opt_to
      { $$ = WORDED(N2(EXPECTED, EX_SUPPRESSED, @$, $4, $3), $2); }
| WORD IN WORD
      { $$ = NAMED(N1(EXPECTED, EX_SEGMENT, @$, NAME_AT($1, @1)), $3); }
| WORD IN JOURNEY name opt_step
      { $$ = NAMED(N2(EXPECTED, EX_JOURNEY, @$, NAME_AT($1, @1), $5), $4); }
| WORD IN CLASS name { $$ = NAMED(N1(EXPECTED, EX_CLASS, @$, NAME_AT($1, @1)), $4); }
| WORD '.' name '=' value
      { $$ = NAMED(N2(EXPECTED, EX_VALUE, @$, NAME_AT($1, @1), $5), $3); }
gate: WORD | VALID | HOLDOUT | REACH | CAP | STOCK | BUDGET | QUIET
opt_expected_action: %empty { $$ = NULL; } | action
opt_to: %empty { $$ = NULL; } | TO name_node { $$ = $2; }
opt_step: %empty { $$ = NULL; } | AT name_node { $$ = $2; }

/* ---- expressions, loosest first ---- */

expr: or_expr
or_expr: and_expr | or_expr OR and_expr   { $$ = BIN(OR, @$, $1, $3); }
and_expr: not_expr | and_expr AND not_expr { $$ = BIN(AND, @$, $1, $3); }
not_expr: compare | NOT not_expr          { $$ = N1(NOT, NONE, @$, $2); }
compare: sum
| sum '=' sum          { $$ = BIN(EQ, @$, $1, $3); }
| sum NE sum           { $$ = BIN(NE, @$, $1, $3); }
| sum '<' sum          { $$ = BIN(LT, @$, $1, $3); }
| sum LE sum           { $$ = BIN(LE, @$, $1, $3); }
| sum '>' sum          { $$ = BIN(GT, @$, $1, $3); }
| sum GE sum           { $$ = BIN(GE, @$, $1, $3); }
| sum CONTAINS sum     { $$ = BIN(CONTAINS, @$, $1, $3); }
| sum STARTS_WITH sum  { $$ = BIN(STARTS, @$, $1, $3); }
| sum ENDS_WITH sum    { $$ = BIN(ENDS, @$, $1, $3); }
| sum MATCHES sum      { $$ = BIN(MATCHES, @$, $1, $3); }
| sum IN list_or_path      { $$ = N2(IN, NONE, @$, $1, $3); }
| sum NOT_IN list_or_path  { $$ = FLAG(N2(IN, NONE, @$, $1, $3), WF_F_NOT); }
| sum BETWEEN sum AND sum  { $$ = N3(BETWEEN, NONE, @$, $1, $3, $5); }
| sum NOT_BETWEEN sum AND sum { $$ = FLAG(N3(BETWEEN, NONE, @$, $1, $3, $5), WF_F_NOT); }
| sum IS_MISSING       { $$ = N1(IS, MISSING, @$, $1); }
| sum IS_NOT_MISSING   { $$ = FLAG(N1(IS, MISSING, @$, $1), WF_F_NOT); }
| sum IS_PRESENT       { $$ = N1(IS, PRESENT, @$, $1); }
| sum IS_NOT_PRESENT   { $$ = FLAG(N1(IS, PRESENT, @$, $1), WF_F_NOT); }
| sum OLDER_THAN duration  { $$ = N2(WINDOWED, OLDER, @$, $1, $3); }
| sum WITHIN_LAST duration { $$ = N2(WINDOWED, WITHIN_LAST, @$, $1, $3); }
| sum WITHIN_NEXT duration { $$ = N2(WINDOWED, WITHIN_NEXT, @$, $1, $3); }
| sum FOLLOWED_BY sum WITHIN duration { $$ = N3(FOLLOWED, NONE, @$, $1, $3, $5); }
| sum BECOMES name_node    { $$ = N2(CROSSING, BECOMES, @$, $1, $3); }
| sum BECOMES name_node FROM name_node { $$ = N3(CROSSING, BECOMES, @$, $1, $3, $5); }
| sum LEAVES name_node     { $$ = N2(CROSSING, LEAVES, @$, $1, $3); }
| TAGGED string            { $$ = N1(TAGGED, NONE, @$, $2); }
| population
| EVERY weekday            { $$ = NUM(N0(EVERY, WEEKDAY, @$), $2); }
| EVERY MONTH ON INT       { $$ = NUM(N0(EVERY, MONTH_DAY, @$), COUNT_OF($4)); }
| EVERY duration FROM DATE { $$ = N2(EVERY, EVERY_DAYS, @$, $2, LIT($4)); }
| ON DATE                  { $$ = N2(EVERY, ON_DATE, @$, NULL, LIT($2)); }
weekday: MONDAY { $$ = 0; } | TUESDAY { $$ = 1; } | WEDNESDAY { $$ = 2; } | THURSDAY { $$ = 3; }
| FRIDAY { $$ = 4; } | SATURDAY { $$ = 5; } | SUNDAY { $$ = 6; }
list_or_path: path | '(' values ')' { $$ = N1(LIST, NONE, @$, $2.first); }

population: percent_op count BY measure opt_among opt_per
                { $$ = OP4(TOP, $1, @$, $2, $4, $5, $6); }
measure: plain_aggregate | set %prec LOOSE
percent_op: TOP { $$ = WF_OP_TOP; } | BOTTOM { $$ = WF_OP_BOTTOM; }
count: INT { $$ = LIT($1); } | PERCENT { $$ = LIT($1); }
opt_among: %empty %prec LOOSE { $$ = NULL; } | among
among: AMONG expr_name     { $$ = NAME_AT($2, @2); }
| AMONG '(' expr ')'       { $$ = FLAG($3, WF_F_PAREN); }
opt_per: %empty %prec LOOSE { $$ = NULL; } | PER path { $$ = $2; }

sum: term
| sum '+' term { $$ = BIN(ADD, @$, $1, $3); }
| sum '-' term { $$ = BIN(SUB, @$, $1, $3); }
term: unary
| term '*' unary { $$ = BIN(MUL, @$, $1, $3); }
| term '/' unary { $$ = BIN(DIV, @$, $1, $3); }
unary: or_else
| '-' unary              { $$ = N1(NEG, NONE, @$, $2); }
| PERCENT OF unary       { $$ = N2(PERCENT_OF, NONE, @$, LIT($1), $3); }
or_else: operand | or_else OR_ELSE operand { $$ = BIN(OR_ELSE, @$, $1, $3); }

operand: aggregate | set %prec LOOSE
aggregate: plain_aggregate
| quantile_op measure opt_among opt_per { $$ = OP3(QUANTILE, $1, @$, $2, $3, $4); }
plain_aggregate: agg_op wset { $$ = OP1(AGG, $1, @$, $2); }
| FIRST set %prec LOOSE      { $$ = N1(AGG, FIRST, @$, $2); }
| LAST set %prec LOOSE       { $$ = N1(AGG, LAST, @$, $2); }
| AVERAGE_GAP set %prec LOOSE { $$ = N1(AGG, GAP, @$, $2); }
| USUAL_HOUR set %prec LOOSE { $$ = N1(AGG, HOUR, @$, $2); }
| DAYS_SINCE set %prec LOOSE { $$ = N1(DAYS_SINCE, NONE, @$, $2); }
| DAYS_SINCE plain_aggregate { $$ = N1(DAYS_SINCE, NONE, @$, $2); }
| ANNIVERSARY set opt_feb29  { $$ = OP1(ANNIVERSARY, $3, @$, $2); }
agg_op: ANY { $$ = WF_OP_ANY; } | NO { $$ = WF_OP_NO; } | COUNT { $$ = WF_OP_COUNT; }
| SUM { $$ = WF_OP_SUM; } | AVERAGE { $$ = WF_OP_AVERAGE; } | MIN { $$ = WF_OP_MIN; }
| MAX { $$ = WF_OP_MAX; } | DISTINCT { $$ = WF_OP_DISTINCT; }
quantile_op: QUARTILE { $$ = WF_OP_QUARTILE; } | QUINTILE { $$ = WF_OP_QUINTILE; }
| DECILE { $$ = WF_OP_DECILE; } | PERCENTILE { $$ = WF_OP_PERCENTILE; } | RANK { $$ = WF_OP_RANK; }
opt_feb29: %empty %prec LOOSE { $$ = WF_OP_FEB28; }
| ON_MAR1 { $$ = WF_OP_MAR1; }
| SKIP { $$ = WF_OP_SKIP; }

wset: set %prec LOOSE
| set OLDER_THAN duration  { $$ = N2(WINDOWED, OLDER, @$, $1, $3); }
| set WITHIN_LAST duration { $$ = N2(WINDOWED, WITHIN_LAST, @$, $1, $3); }
| set WITHIN_NEXT duration { $$ = N2(WINDOWED, WITHIN_NEXT, @$, $1, $3); }
set: primary
| set '.' name             { $$ = NAMED(N1(FIELD, NONE, @$, $1), $3); }
| set '[' expr ']'         { $$ = N2(FILTER, NONE, @$, $1, $3); }
| set IN_LAST duration     { $$ = N2(WINDOWED, IN_LAST, @$, $1, $3); }
| set IN_NEXT duration     { $$ = N2(WINDOWED, IN_NEXT, @$, $1, $3); }
| set SINCE point          { $$ = N2(WINDOWED, SINCE, @$, $1, $3); }
| set SINCE_ENTRY          { $$ = N2(WINDOWED, SINCE, @$, $1, N0(ENTRY, NONE, @2)); }
| set FROM point TO point  { $$ = N3(WINDOWED, FROM_TO, @$, $1, $3, $5); }
| set BY name              { $$ = NAMED(N1(BY, NONE, @$, $1), $3); }
point: DATE { $$ = LIT($1); } | TIME { $$ = LIT($1); } | BAD { $$ = N0(ERROR, NONE, @$); }
| NOW                      { $$ = N0(NOW, NONE, @$); }
| TODAY                    { $$ = N0(TODAY, NONE, @$); }
| expr_name                { $$ = NAME_AT($1, @1); }
| FIRST set %prec LOOSE    { $$ = N1(AGG, FIRST, @$, $2); }
| LAST set %prec LOOSE     { $$ = N1(AGG, LAST, @$, $2); }
| '(' expr ')'             { $$ = FLAG($2, WF_F_PAREN); }
primary: literal
| expr_name                { $$ = NAME_AT($1, @1); }
| MEMBER                   { $$ = WORDED(N0(NAME, NONE, @$), $1); }
| NOW                      { $$ = N0(NOW, NONE, @$); }
| TODAY                    { $$ = N0(TODAY, NONE, @$); }
| '(' expr ')'             { $$ = FLAG($2, WF_F_PAREN); }

%%

#include "lang/syntax/grammar_expect.inc"
