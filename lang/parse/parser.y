/* The grammar. The parser is pure, and its places are byte offsets. An action builds one node; check/ gives it meaning.
 *
 * Nodes live in the context's arena, so that nodes dropped by error recovery need no %destructor.
 * There are no conflicts, and there must be none. After an error the parser resumes behind the next `;` or block, so
 * that one run reports every error of a file. A `}` and a statement on a new line end an unfinished statement by a
 * correction (parse/syntax_error.c). */

%define api.pure full
%define api.prefix {bl_yy}
%define api.token.prefix {T_}
%define api.location.type {bl_place}
%define parse.error custom
%define parse.lac full
%locations
%defines
%expect 0
%param {bl_parsing *parsing}

%code requires {
#include "parse/parsing.h"
}

%code provides {
int bl_scan(BL_YYSTYPE *value, BL_YYLTYPE *place, void *scanner);
}

%code {
#include <string.h>

#include "parse/syntax_error.h"
#include "parse/word.h"

/* The stack is fixed, so that the parser itself never allocates. Deeper nesting is reported as an error. */
#define YYINITDEPTH 1500
#define YYMAXDEPTH 1500

#define YYLLOC_DEFAULT(current, right, count)                                                                          \
    do {                                                                                                               \
        (current) = YYRHSLOC(right, (count) > 0 ? 1 : 0);                                                              \
        if ((count) > 0)                                                                                               \
            (current).length = YYRHSLOC(right, count).offset + YYRHSLOC(right, count).length - (current).offset;       \
        else                                                                                                           \
            (current) = (bl_place){(current).file, (current).offset + (current).length, 0};                            \
    } while (0)

/* A new node with its kind, place, text and children. */
#define N(kind, place, text, ...)                                                                                      \
    bl_node_new(parsing->arena, BL_NODE_##kind, place, text, (bl_node *[]){NULL, __VA_ARGS__},                          \
                sizeof (bl_node *[]){NULL, __VA_ARGS__} / sizeof(bl_node *))

static int scan(BL_YYSTYPE *value, BL_YYLTYPE *place, bl_parsing *parsing);
static void bl_yyerror(const bl_place *place, bl_parsing *parsing, const char *message);
static bl_node *named(bl_node *node, bl_place place);
static bl_node *more(bl_node *list, bl_node *item);
static bl_node *number(bl_parsing *parsing, bl_place place, const char *text);
static bl_node *limit_depth(bl_parsing *parsing, bl_node *node);
#define bl_yylex scan
}

%union {
    const char *text;
    bl_node *node;
}

%token <text>
  NAME "a name"
  NUMBER "a number"
  SIZE "a size such as 28x28"
  SPAN "a span such as 1..5"
  STRING "a file name in quotes"
%token AT_LEAST "`>=`"
%token CURSOR "the place asked about" /* accepted nowhere: see bl_cursor */
%token END 0 "the end of the file"
%token ';' "`;`" ',' "`,`" '=' "`=`" '(' "`(`" ')' "`)`" '[' "`[`" ']' "`]`" '{' "`{`" '}' "`}`"
%token '+' "`+`" '-' "`-`" '*' "`*`" '/' "`/`"

/* The words, as in word.def and in its order. */
%token <text>
  NETWORK INPUT IMAGE VECTOR IN LAYER DENSE CONV POOL FROM STRIDE PADDING VALID SAME GRID OPPONENT NORMALISE LOCAL WHITEN
  PATCHES OF SPLIT ON OFF LEVELS COMPLEMENT SIGNS MIXED EXCITATORY INHIBITORY SWITCHING AT TAU FIXED ALPHA UNIFORM CONSTANT
  DISTINCT FROZEN NEURON UP TO LEARNED XI LEAK SUM SCALED RAW SHARED DEPRESS OVER FILTERS PLACES WITHIN KEEP GAP
  FIRE GRADED BINARY RAMP LOGISTIC RANGE CALIBRATE MAX MEAN RGB GREY DATA IDX CSV NPY SYNTHETIC DIGITS CIFAR10 CIFAR100
  IMAGES PIXELS TRAIN TEST VALIDATION LABEL FIRST LAST HOLD OUT AS VALUES SCHEDULE SEED PHASE CORRECT COMPETE ERROR
  SOFTMAX HINGE FLOOR ETA DECAY EPOCHS BATCH SHIFT FLIPS BEST WEIGHT BY RARITY SAMPLE TARGET PATTERN STANDARD
  CONSCIENCE ALIENATE RULE REPAIRED PRINTED GRADIENT EXPECT ACCURACY LET INCLUDE
  CUTOUT JITTER
  HEADER NO MISSING WITHOUT CATEGORIES NONE NPZ COLUMNS STANDARDISED CLASSES BACKGROUND BLACK WHITE INVERT TRANSPOSE
  TURN SERIES HOMEOSTASIS CENTRED
  MOMENTUM ADAPTIVE ANNEAL COSINE LINEAR WARM STEPS WITH READOUTS SWEEP TIED EPSILON REPLICAS MERGE EVERY BATCHES
  PRUNE

%type <text> name free free_word word part pool_kind padding target rule_kind callee header course
%type <node>
  items item broken include
  network network_items network_item network_block input shape channels in_interval interval
  encoding_block encodings encoding tied epsilon
  layer operation options option layer_block properties property size_or_expr size
  signs sign_start sign_switch tau alpha alpha_in alpha_start frozen pair one
  up_to learned sum depress_clauses depress_clause fire
  data data_block sources source synthetic_parts synthetic_part string files
  csv_clauses csv_clause npz_clauses npz_clause named_columns missing colour colour_word window
  schedule schedule_block schedule_items schedule_item phase phase_block phase_items phase_item
  readouts readout_options readout_option error_kind floor rates rate follows anneals anneal to
  prunes pruned over
  expect sweep swept neuron names name_list expr term factor arguments

%%

file: items { parsing->items = $items; }

items: %empty { $$ = N(LIST, @$, NULL); }
     | items item { $$ = more($1, $2); }

item: network | data | schedule | expect | sweep | include | neuron | broken
    | RULE rule_kind ';'             { $$ = N(RULE, @$, $2); }
    | LET free '=' expr ';'          { $$ = named(N(LET, @$, $2, $4), @2); }
    | LET free error ';'             { yyerrok; $$ = named(N(LET, @$, $2, N(BROKEN, @3, NULL)), @2); }
    | ';'                            { $$ = NULL; }
    | '}'                            { bl_diagnose(parsing->context, BRACE_STRAY, @1, ""); $$ = N(BROKEN, @$, NULL); }

rule_kind: REPAIRED | PRINTED | GRADIENT

include: INCLUDE STRING ';'          { $$ = named(N(INCLUDE, @$, $2), @2); }

expect: EXPECT ACCURACY AT_LEAST expr ON part ';' { $$ = named(N(EXPECT, @$, $6, $4), @6); }

sweep: SWEEP free IN swept ';'       { $$ = named(N(SWEEP, @$, $2, $4), @2); }
     | SWEEP SEED IN swept ';'       { $$ = named(N(SWEEP, @$, $2, $4), @2); }

swept: expr                          { $$ = N(LIST, @$, NULL, $1); }
     | SPAN                          { $$ = N(LIST, @$, NULL, N(SPAN, @1, $1)); }
     | swept ',' expr                { $$ = more($1, $3); }
     | swept ',' SPAN                { $$ = more($1, N(SPAN, @3, $3)); }

neuron: NEURON free '(' names ')' '=' expr ';' { $$ = named(N(NEURON, @$, $2, N(PARAMETERS, @4, NULL, $4), $7), @2); }
      | NEURON free error ';'                   { yyerrok; $$ = named(N(NEURON, @$, $2, N(BROKEN, @3, NULL)), @2); }

/* Text that could not be parsed: up to the next `;`, or up to the end of a block. */
broken: error ';'                    { yyerrok; $$ = N(BROKEN, @$, NULL); }
      | error '{' junk '}'           { yyerrok; $$ = N(BROKEN, @$, NULL); }

junk: %empty | junk any | junk '{' junk '}'

any: NAME | NUMBER | SIZE | SPAN | STRING | AT_LEAST | word
   | ';' | ',' | '=' | '(' | ')' | '[' | ']' | '+' | '-' | '*' | '/'

/* ---- network ---- */

network: NETWORK name network_block       { $$ = named(N(NETWORK, @$, $2, $3), @2); }
       | NETWORK name error network_block { yyerrok; $$ = named(N(NETWORK, @$, $2, $4), @2); }

network_block: '{' network_items '}'       { $$ = N(BLOCK, @$, NULL, $2); }
             | '{' network_items error '}' { yyerrok; $$ = N(BLOCK, @$, NULL, $2, N(BROKEN, @3, NULL)); }

network_items: %empty { $$ = N(LIST, @$, NULL); }
             | network_items network_item { $$ = more($1, $2); }

network_item: input | layer | broken
            | ';' { $$ = NULL; }

input: INPUT shape in_interval ';'            { $$ = N(INPUT, @$, NULL, $2, $3); }
     | INPUT shape in_interval encoding_block { $$ = N(INPUT, @$, NULL, $2, $3, $4); }

shape: IMAGE '(' size ')'              { $$ = N(IMAGE, @$, NULL, $3); }
     | IMAGE '(' size ',' channels ')' { $$ = N(IMAGE, @$, NULL, $3, $5); }
     | VECTOR '(' expr ')'             { $$ = N(VECTOR, @$, NULL, $3); }
     | SERIES '(' expr ')'             { $$ = N(SERIES, @$, NULL, $3); }
     | SERIES '(' expr ',' expr ')'    { $$ = N(SERIES, @$, NULL, $3, $5); }

channels: RGB  { $$ = N(NAME, @$, $1); }
        | GREY { $$ = N(NAME, @$, $1); }
        | expr

in_interval: %empty { $$ = NULL; }
           | IN interval { $$ = N(IN, @$, NULL, $2); }

interval: '[' expr ',' expr ']' { $$ = N(INTERVAL, @$, NULL, $2, $4); }

encoding_block: '{' encodings '}'       { $$ = N(BLOCK, @$, NULL, $2); }
              | '{' encodings error '}' { yyerrok; $$ = N(BLOCK, @$, NULL, $2, N(BROKEN, @3, NULL)); }

encodings: %empty { $$ = N(LIST, @$, NULL); }
         | encodings encoding { $$ = more($1, $2); }

encoding: OPPONENT ';'                      { $$ = N(OPPONENT, @$, NULL); }
        | NORMALISE LOCAL size ';'           { $$ = N(NORMALISE, @$, NULL, $3); }
        | WHITEN expr PATCHES OF size epsilon ';' { $$ = N(WHITEN, @$, NULL, $2, $5, $6); }
        | SPLIT ON OFF ';'                   { $$ = N(ON_OFF, @$, NULL); }
        | LEVELS expr tied ';'               { $$ = N(LEVELS, @$, NULL, $2, $3); }
        | COMPLEMENT ';'                     { $$ = N(COMPLEMENT, @$, NULL); }
        | ';'                                { $$ = NULL; }
        | broken

epsilon: %empty       { $$ = NULL; }
       | EPSILON expr { $$ = N(EPSILON, @$, NULL, $2); }

tied: %empty       { $$ = NULL; }
    | BY expr TIED { $$ = N(TIED, @$, NULL, $2); }

/* ---- layer ---- */

layer: LAYER name '=' operation options ';'         { $$ = named(N(LAYER, @$, $2, $4, $5), @2); }
     | LAYER name '=' operation options layer_block { $$ = named(N(LAYER, @$, $2, $4, $5, $6), @2); }
     | LAYER name error ';'           { yyerrok; $$ = named(N(LAYER, @$, $2, N(BROKEN, @3, NULL)), @2); }
     | LAYER name error layer_block   { yyerrok; $$ = named(N(LAYER, @$, $2, N(BROKEN, @3, NULL), $4), @2); }

operation: DENSE '(' expr ')'          { $$ = N(DENSE, @$, NULL, $3); }
         | CONV '(' size_or_expr ',' expr ')' { $$ = N(CONV, @$, NULL, $3, $5); }
         | POOL '(' pool_kind ')'      { $$ = N(POOL, @$, $3); }

pool_kind: MAX | MEAN | SUM

options: %empty { $$ = N(LIST, @$, NULL); }
       | options option { $$ = more($1, $2); }

option: STRIDE size_or_expr { $$ = N(STRIDE, @$, NULL, $2); }
      | PADDING padding     { $$ = N(PADDING, @$, $2); }
      | GRID size_or_expr   { $$ = N(GRID, @$, NULL, $2); }
      | window              { $$ = N(WINDOW, @$, NULL, $1); }
      | FROM name_list      { $$ = N(FROM, @$, NULL, $2); }

padding: VALID | SAME

size_or_expr: size | expr

size: SIZE { $$ = N(SIZE, @$, $1); }

/* One number is the length of a window on a map of one row. A name would hide the misspelt word of another option. */
window: size
      | NUMBER { $$ = number(parsing, @$, $1); }

layer_block: '{' properties '}'       { $$ = N(BLOCK, @$, NULL, $2); }
           | '{' properties error '}' { yyerrok; $$ = N(BLOCK, @$, NULL, $2, N(BROKEN, @3, NULL)); }

properties: %empty { $$ = N(LIST, @$, NULL); }
          | properties property { $$ = more($1, $2); }

property: signs | alpha | broken
        | NEURON ALPHA expr up_to learned ';'               { $$ = N(NEURON_ALPHA, @$, NULL, $3, $4, $5); }
        | LEARNED XI expr ';'                               { $$ = N(LEARN, @$, NULL, $3); }
        | LEAK expr ';'                                     { $$ = N(LEAK, @$, NULL, $2); }
        | SUM sum ';'                                       { $$ = N(SUM, @$, NULL, $2); }
        | HOMEOSTASIS ';'                                   { $$ = N(HOMEOSTASIS, @$, NULL); }
        | HOMEOSTASIS one ';'                               { $$ = N(HOMEOSTASIS, @$, NULL, $2); }
        | HOMEOSTASIS pair ';'                              { $$ = N(HOMEOSTASIS, @$, NULL, $2); }
        | DEPRESS OVER FILTERS depress_clauses ';'          { $$ = N(OVER_FILTERS, @$, NULL, $4); }
        | DEPRESS OVER PLACES window depress_clauses ';'      { $$ = N(OVER_PLACES, @$, NULL, $4, $5); }
        | FIRE fire ';'                                     { $$ = $2; $$->place = @$; }
        | RANGE interval ';'                                { $$ = N(RANGE, @$, NULL, $2); }
        | CALIBRATE expr ';'                                { $$ = N(CALIBRATE, @$, NULL, $2); }
        | JITTER expr ';'                                   { $$ = N(JITTER, @$, NULL, $2); }
        | ';'                                               { $$ = NULL; }

signs: SIGNS sign_start ';'             { $$ = N(SIGNS, @$, NULL, $2); }
     | SIGNS sign_switch ';'            { $$ = N(SIGNS, @$, NULL, $2); }
     | SIGNS sign_start sign_switch ';' { $$ = N(SIGNS, @$, NULL, $2, $3); }

sign_start: MIXED      { $$ = N(MIXED, @$, NULL); }
          | MIXED one  { $$ = N(MIXED, @$, NULL, $2); }
          | EXCITATORY { $$ = N(EXCITATORY, @$, NULL); }
          | INHIBITORY { $$ = N(INHIBITORY, @$, NULL); }

sign_switch: SWITCHING tau { $$ = N(SWITCHING, @$, NULL, $2); }
           | FIXED         { $$ = N(FIXED, @$, NULL); }

tau: %empty      { $$ = NULL; }
   | AT TAU expr { $$ = N(TAU, @$, NULL, $3); }

alpha: ALPHA alpha_in alpha_start frozen ';' { $$ = N(ALPHA, @$, NULL, $2, $3, $4); }
     | ALPHA alpha_start frozen ';'          { $$ = N(ALPHA, @$, NULL, $2, $3); }
     | ALPHA alpha_in frozen ';'             { $$ = N(ALPHA, @$, NULL, $2, $3); }
     | ALPHA FROZEN ';'                      { $$ = N(ALPHA, @$, NULL, N(FROZEN, @2, NULL)); }

alpha_in: IN interval { $$ = N(IN, @$, NULL, $2); }

alpha_start: '=' UNIFORM       { $$ = N(UNIFORM, @$, NULL); }
           | '=' UNIFORM pair  { $$ = N(UNIFORM, @$, NULL, $3); }
           | '=' CONSTANT one  { $$ = N(CONSTANT, @$, NULL, $3); }
           | '=' DISTINCT      { $$ = N(DISTINCT, @$, NULL); }
           | '=' DISTINCT pair { $$ = N(DISTINCT, @$, NULL, $3); }
           | '=' FROM PATCHES  { $$ = N(FROM_PATCHES, @$, NULL); }

frozen: %empty { $$ = NULL; }
      | FROZEN { $$ = N(FROZEN, @$, NULL); }

one: '(' expr ')' { $$ = $2; }

pair: '(' expr ',' expr ')' { $$ = N(LIST, @$, NULL, $2, $4); }

up_to: %empty     { $$ = NULL; }
     | UP TO expr { $$ = N(UP_TO, @$, NULL, $3); }

learned: %empty          { $$ = NULL; }
       | LEARNED XI expr { $$ = N(LEARNED, @$, NULL, $3); }

sum: SCALED     { $$ = N(SCALED, @$, NULL); }
   | SCALED one { $$ = N(SCALED, @$, NULL, $2); }
   | SHARED     { $$ = N(SHARED, @$, NULL); }
   | SHARED one { $$ = N(SHARED, @$, NULL, $2); }
   | RAW        { $$ = N(RAW, @$, NULL); }

depress_clauses: %empty { $$ = N(LIST, @$, NULL); }
               | depress_clauses depress_clause { $$ = more($1, $2); }

depress_clause: WITHIN expr { $$ = N(WITHIN, @$, NULL, $2); }
              | KEEP expr   { $$ = N(KEEP, @$, NULL, $2); }
              | GAP expr    { $$ = N(GAP, @$, NULL, $2); }

fire: RAMP         { $$ = N(FIRE, @$, $1); }
    | GRADED       { $$ = N(FIRE, @$, $1); }
    | BINARY       { $$ = N(FIRE, @$, $1); }
    | LOGISTIC one { $$ = N(FIRE, @$, $1, $2); }
    | free         { $$ = N(FIRE, @$, $1); }

/* ---- data ---- */

data: DATA name data_block         { $$ = named(N(DATA, @$, $2, $3), @2); }
    | DATA name error data_block   { yyerrok; $$ = named(N(DATA, @$, $2, $4), @2); }

data_block: '{' sources '}'        { $$ = N(BLOCK, @$, NULL, $2); }
          | '{' sources error '}'  { yyerrok; $$ = N(BLOCK, @$, NULL, $2, N(BROKEN, @3, NULL)); }

sources: %empty { $$ = N(LIST, @$, NULL); }
       | sources source { $$ = more($1, $2); }

source: IDX part string ',' string ';'       { $$ = named(N(IDX, @$, $2, $3, $5), @2); }
      | NPY part string ',' string ';'       { $$ = named(N(NPY, @$, $2, $3, $5), @2); }
      | CSV part string csv_clauses ';'      { $$ = named(N(CSV, @$, $2, $3, $4), @2); }
      | NPZ part string npz_clauses ';'      { $$ = named(N(NPZ, @$, $2, $3, $4), @2); }
      | CIFAR10 part files ';'               { $$ = named(N(CIFAR10, @$, $2, $3), @2); }
      | CIFAR100 part files ';'              { $$ = named(N(CIFAR100, @$, $2, $3), @2); }
      | IMAGES part string ';'               { $$ = named(N(IMAGES, @$, $2, $3), @2); }
      | PIXELS TRAIN string ';'              { $$ = named(N(PIXELS, @$, $2, $3), @2); }
      | SYNTHETIC DIGITS '(' synthetic_parts ')' ';'      { $$ = N(SYNTHETIC, @$, NULL, $4); }
      | SYNTHETIC DIGITS '(' synthetic_parts ',' ')' ';'  { $$ = N(SYNTHETIC, @$, NULL, $4); }
      | HOLD OUT expr OF TRAIN AS VALIDATION ';'          { $$ = N(HOLD_OUT, @$, NULL, $3); }
      | HOLD OUT expr OF TRAIN AS TEST ';'                { $$ = N(HOLD_OUT_TEST, @$, NULL, $3); }
      | VALUES IN interval ';'               { $$ = N(VALUES, @$, NULL, N(IN, @2, NULL, $3)); }
      | VALUES IN COLUMNS ';'                { $$ = N(VALUES, @$, NULL, N(COLUMNS, @3, NULL)); }
      | VALUES STANDARDISED ';'              { $$ = N(VALUES, @$, NULL, N(STANDARDISED, @2, NULL)); }
      | header ';'                           { $$ = N(HEADER_ALL, @$, $1); }
      | missing ';'                          { $$ = N(MISSING_ALL, @$, NULL, $1); }
      | CLASSES files ';'                    { $$ = N(CLASSES, @$, NULL, $2); }
      | BACKGROUND colour ';'                { $$ = N(BACKGROUND, @$, NULL, $2); }
      | INVERT ';'                           { $$ = N(INVERT, @$, NULL); }
      | TRANSPOSE ';'                        { $$ = N(TRANSPOSE, @$, NULL); }
      | TURN expr ';'                        { $$ = N(TURN, @$, NULL, $2); }
      | ';'                                  { $$ = NULL; }
      | broken

files: string { $$ = N(LIST, @$, NULL, $1); }
     | files ',' string { $$ = more($1, $3); }

part: TRAIN | VALIDATION | TEST

string: STRING { $$ = $1 == NULL ? N(BROKEN, @$, NULL) : N(STRING, @$, $1); }

csv_clauses: %empty { $$ = N(LIST, @$, NULL); }
           | csv_clauses csv_clause { $$ = more($1, $2); }

csv_clause: LABEL FIRST              { $$ = N(LABEL, @$, $2); }
          | LABEL LAST               { $$ = N(LABEL, @$, $2); }
          | LABEL NONE               { $$ = N(LABEL, @$, $2); }
          | LABEL string             { $$ = N(LABEL, @$, "", $2); }
          | WITHOUT named_columns    { $$ = N(WITHOUT, @$, NULL, $2); }
          | CATEGORIES               { $$ = N(CATEGORIES, @$, NULL); }
          | CATEGORIES named_columns { $$ = N(CATEGORIES, @$, NULL, $2); }
          | header                   { $$ = N(HEADER, @$, $1); }
          | missing                  { $$ = N(MISSING, @$, NULL, $1); }

named_columns: files { $$ = N(COLUMN_NAMES, @$, NULL, $1); }

header: HEADER    { $$ = "header"; }
      | NO HEADER { $$ = "no header"; }

missing: MISSING AS MEAN { $$ = N(NAME, @3, $3); }
       | MISSING AS expr { $$ = $3; }

npz_clauses: %empty { $$ = N(LIST, @$, NULL); }
           | npz_clauses npz_clause { $$ = more($1, $2); }

npz_clause: VALUES string { $$ = N(MEMBER, @$, NULL, $2); }
          | LABEL string  { $$ = N(LABEL, @$, "", $2); }

colour: colour_word
      | RGB '(' expr ',' expr ',' expr ')' { $$ = N(COLOUR, @$, NULL, $3, $5, $7); }

colour_word: BLACK { $$ = N(NAME, @$, $1); }
           | WHITE { $$ = N(NAME, @$, $1); }
           | GREY  { $$ = N(NAME, @$, $1); }

synthetic_parts: synthetic_part { $$ = N(LIST, @$, NULL, $1); }
               | synthetic_parts ',' synthetic_part { $$ = more($1, $3); }

synthetic_part: part expr { $$ = named(N(SAMPLES, @$, $1, $2), @1); }

/* ---- schedule ---- */

schedule: SCHEDULE schedule_block       { $$ = named(N(SCHEDULE, @$, NULL, $2), @1); }
        | SCHEDULE error schedule_block { yyerrok; $$ = named(N(SCHEDULE, @$, NULL, $3), @1); }

schedule_block: '{' schedule_items '}'       { $$ = N(BLOCK, @$, NULL, $2); }
              | '{' schedule_items error '}' { yyerrok; $$ = N(BLOCK, @$, NULL, $2, N(BROKEN, @3, NULL)); }

schedule_items: %empty { $$ = N(LIST, @$, NULL); }
              | schedule_items schedule_item { $$ = more($1, $2); }

schedule_item: phase | broken
             | SEED expr ';' { $$ = N(SEED, @$, NULL, $2); }
             | ';'           { $$ = NULL; }

phase: PHASE name phase_block       { $$ = named(N(PHASE, @$, $2, $3), @2); }
     | PHASE name error phase_block { yyerrok; $$ = named(N(PHASE, @$, $2, $4), @2); }

phase_block: '{' phase_items '}'       { $$ = N(BLOCK, @$, NULL, $2); }
           | '{' phase_items error '}' { yyerrok; $$ = N(BLOCK, @$, NULL, $2, N(BROKEN, @3, NULL)); }

phase_items: %empty { $$ = N(LIST, @$, NULL); }
           | phase_items phase_item { $$ = more($1, $2); }

phase_item: CORRECT names ';'               { $$ = N(CORRECT, @$, NULL, N(NAMES, @2, NULL, $2)); }
          | CORRECT name_list readouts ';'  { $$ = N(CORRECT, @$, NULL, N(NAMES, @2, NULL, $2), $3); }
          | COMPETE names ';'               { $$ = N(COMPETE, @$, NULL, $2); }
          | ERROR error_kind floor ';'      { $$ = N(ERROR, @$, NULL, $2, $3); }
          | ETA rates ';'                   { $$ = N(ETA, @$, NULL, $2); }
          | ETA rates ',' ';'               { $$ = N(ETA, @$, NULL, $2); }
          | DECAY expr ';'                  { $$ = N(DECAY, @$, NULL, $2); }
          | MOMENTUM expr ';'               { $$ = N(MOMENTUM, @$, NULL, $2); }
          | ADAPTIVE expr ';'               { $$ = N(ADAPTIVE, @$, NULL, $2); }
          | ANNEAL KEEP anneals ';'         { $$ = N(ANNEAL, @$, NULL, $3); }
          | ANNEAL KEEP anneals ',' ';'     { $$ = N(ANNEAL, @$, NULL, $3); }
          | PRUNE TO prunes over ';'        { $$ = N(PRUNE, @$, NULL, $3, $4); }
          | XI expr to ';'                  { $$ = N(XI, @$, NULL, $2, $3); }
          | CENTRED expr ';'                { $$ = N(CENTRED, @$, NULL, $2); }
          | EPOCHS expr ';'                 { $$ = N(EPOCHS, @$, NULL, $2); }
          | BATCH expr ';'                  { $$ = N(BATCH, @$, NULL, $2); }
          | REPLICAS expr MERGE EVERY expr BATCHES ';'
            { $$ = N(REPLICAS, @$, NULL, $2, $5); }
          | SHIFT expr ';'                  { $$ = N(SHIFT, @$, NULL, $2); }
          | FLIPS ';'                       { $$ = N(FLIPS, @$, NULL); }
          | CUTOUT expr ';'                 { $$ = N(CUTOUT, @$, NULL, $2); }
          | KEEP BEST ON VALIDATION ';'     { $$ = N(KEEP_BEST, @$, NULL); }
          | KEEP READOUTS ';'               { $$ = N(KEEP_READOUTS, @$, NULL); }
          | WEIGHT CLASSES BY RARITY ';'    { $$ = N(WEIGH_CLASSES, @$, NULL); }
          | SAMPLE expr PATCHES ';'         { $$ = N(SAMPLE, @$, NULL, $2); }
          | TARGET target ';'               { $$ = N(TARGET, @$, $2); }
          | CONSCIENCE expr ';'             { $$ = N(CONSCIENCE, @$, NULL, $2); }
          | ALIENATE expr ';'               { $$ = N(ALIENATE, @$, NULL, $2); }
          | ';'                             { $$ = NULL; }
          | broken

readouts: WITH READOUTS readout_options { $$ = N(READOUTS, @$, NULL, $3); }

readout_options: %empty { $$ = N(LIST, @$, NULL); }
               | readout_options readout_option { $$ = more($1, $2); }

readout_option: GRID size_or_expr { $$ = N(GRID, @$, NULL, $2); }
              | MIXED             { $$ = N(MIXED_ERRORS, @$, NULL); }
              | LAYER BY LAYER    { $$ = N(BY_LAYER, @$, NULL); }

target: PATTERN | STANDARD | LINEAR

error_kind: SOFTMAX     { $$ = N(SOFTMAX, @$, NULL); }
          | SOFTMAX one { $$ = N(SOFTMAX, @$, NULL, $2); }
          | HINGE       { $$ = N(HINGE, @$, NULL); }
          | HINGE one   { $$ = N(HINGE, @$, NULL, $2); }

floor: %empty     { $$ = NULL; }
     | FLOOR expr { $$ = N(FLOOR, @$, NULL, $2); }

rates: rate { $$ = N(LIST, @$, NULL, $1); }
     | rates ',' rate { $$ = more($1, $3); }

rate: expr follows         { $$ = N(RATE, @$, NULL, $1, $2); }
    | expr ON name follows { $$ = N(RATE, @$, NULL, $1, N(ON, @3, $3), $4); }
    | DECAY expr           { $$ = N(RATE_DECAY, @$, NULL, $2); }
    | course               { $$ = N(RATE_COURSE, @$, $1); }
    | WARM UP expr STEPS   { $$ = N(WARM_UP, @$, NULL, $3); }

follows: %empty { $$ = NULL; }
       | course { $$ = N(COURSE, @$, $1); }

anneals: anneal { $$ = N(LIST, @$, NULL, $1); }
       | anneals ',' anneal { $$ = more($1, $3); }

anneal: expr TO expr OVER expr         { $$ = N(ANNEALED, @$, NULL, $1, N(TO, @3, NULL, $3), N(OVER, @5, NULL, $5)); }
      | expr TO expr OVER expr ON name
        { $$ = N(ANNEALED, @$, NULL, $1, N(TO, @3, NULL, $3), N(OVER, @5, NULL, $5), N(ON, @7, $7)); }

prunes: pruned { $$ = N(PRUNED_LAYERS, @$, NULL, $1); }
      | prunes ',' pruned { $$ = more($1, $3); }

pruned: expr         { $$ = N(PRUNED, @$, NULL, $1); }
      | expr ON name { $$ = N(PRUNED, @$, NULL, $1, N(ON, @3, $3)); }

over: %empty    { $$ = NULL; }
    | OVER expr { $$ = N(OVER, @$, NULL, $2); }

course: CONSTANT | COSINE | LINEAR

to: %empty  { $$ = NULL; }
  | TO expr { $$ = N(TO, @$, NULL, $2); }

/* ---- names and expressions ---- */

names: name_list | name_list ','

name_list: name { $$ = N(LIST, @$, NULL, N(NAME, @1, $1)); }
         | name_list ',' name { $$ = more($1, N(NAME, @3, $3)); }

/* A name may be a word of the language: a layer may be called `sum`. */
name: NAME | word

/* The name of a constant or of a neuron formula. */
free: NAME | free_word

free_word:
  CUTOUT | JITTER |
  HEADER | NO | MISSING | WITHOUT | CATEGORIES | NONE | NPZ | COLUMNS | STANDARDISED | CLASSES | BACKGROUND | BLACK |
  WHITE | INVERT | TRANSPOSE | TURN | SERIES | HOMEOSTASIS | CENTRED
  | MOMENTUM | ADAPTIVE | ANNEAL | WARM | STEPS | WITH | READOUTS | SWEEP | TIED | EPSILON
  | REPLICAS | MERGE | EVERY | BATCHES | PRUNE

word:
  NETWORK | INPUT | IMAGE | VECTOR | IN | LAYER | DENSE | CONV | POOL | FROM | STRIDE | PADDING | VALID | SAME
  | GRID | OPPONENT | NORMALISE | LOCAL | WHITEN | PATCHES | OF | SPLIT | ON | OFF | LEVELS | COMPLEMENT | SIGNS | MIXED | EXCITATORY |
  INHIBITORY | SWITCHING | AT | TAU | FIXED | ALPHA | UNIFORM | CONSTANT | DISTINCT | FROZEN | NEURON | UP |
  TO | LEARNED | XI | LEAK | SUM | SCALED | RAW | SHARED | DEPRESS | OVER | FILTERS | PLACES | WITHIN | KEEP |
  GAP | FIRE | GRADED | BINARY | RAMP | LOGISTIC | RANGE | CALIBRATE | MAX | MEAN | RGB | GREY | DATA | IDX |
  CSV | NPY | SYNTHETIC | DIGITS | CIFAR10 | CIFAR100 | IMAGES | PIXELS | TRAIN | TEST | VALIDATION | LABEL | FIRST | LAST | HOLD |
  OUT | AS | VALUES | SCHEDULE | SEED | PHASE | CORRECT | COMPETE | ERROR | SOFTMAX | HINGE | FLOOR | ETA |
  DECAY | EPOCHS | BATCH | SHIFT | FLIPS | BEST | WEIGHT | BY | RARITY | SAMPLE | TARGET | PATTERN | STANDARD |
  CONSCIENCE | ALIENATE | RULE | REPAIRED | PRINTED | GRADIENT | EXPECT | ACCURACY | LET | INCLUDE | free_word
  | COSINE | LINEAR

expr: term
    | expr '+' term { $$ = limit_depth(parsing, N(ADD, @$, NULL, $1, $3)); }
    | expr '-' term { $$ = limit_depth(parsing, N(SUBTRACT, @$, NULL, $1, $3)); }

term: factor
    | term '*' factor { $$ = limit_depth(parsing, N(MULTIPLY, @$, NULL, $1, $3)); }
    | term '/' factor { $$ = limit_depth(parsing, N(DIVIDE, @$, NULL, $1, $3)); }

factor: NUMBER                   { $$ = number(parsing, @$, $1); }
      | free                     { $$ = N(NAME, @$, $1); }
      | ALPHA                    { $$ = N(NAME, @$, $1); }
      | callee '(' arguments ')' { $$ = limit_depth(parsing, N(CALL, @$, $1, $3)); }
      | '(' expr ')'             { $$ = limit_depth(parsing, N(GROUP, @$, NULL, $2)); }
      | '-' factor               { $$ = limit_depth(parsing, N(NEGATE, @$, NULL, $2)); }

callee: NAME | MAX | LOGISTIC

arguments: expr { $$ = N(LIST, @$, NULL, $1); }
         | arguments ',' expr { $$ = more($1, $3); }

%%

/* Scans the next token and holds it, because corrections may be read before it or instead of it. */
static void hold(bl_parsing *parsing)
{
    BL_YYSTYPE value;
    if (parsing->holds)
        return;
    parsing->held = bl_scan(&value, &parsing->held_place, parsing->scanner);
    parsing->held_text = value.text;
    parsing->holds = true;
}

static void suspect(bl_recovery *recovery, bl_correction *correction, const bl_place *place, const bl_file *file)
{
    bool brace = correction->token == '}';
    if (correction->token == ';' || place->offset == file->length)
        return;
    recovery->suspect = correction;
    recovery->brief = brace;
}

static void count_braces(bl_parsing *parsing, int token, bl_place place)
{
    if (token == '}')
        parsing->brace_count -= parsing->brace_count > 0;
    if (token == '{' && parsing->brace_count < BL_OPEN_BRACES)
        parsing->braces[parsing->brace_count] = place;
    parsing->brace_count += token == '{';
}

/* Gives the next token to the parser. Records the places of the last two tokens for messages. */
static int scan(BL_YYSTYPE *value, BL_YYLTYPE *place, bl_parsing *parsing)
{
    bl_recovery *recovery = parsing->recovery;
    hold(parsing);
    if (parsing->cursor != NULL && parsing->held == T_END && !parsing->cursor->reached) {
        parsing->cursor->reached = true;
        *place = parsing->held_place;
        return T_CURSOR;
    }
    bl_correction *correction = bl_recovery_next(recovery, parsing->held_place.offset);
    int token = correction != NULL ? correction->token : parsing->held;
    parsing->inserted = correction != NULL && correction->inserted;
    if (!parsing->inserted && (parsing->ended || recovery->brief) && !parsing->waits)
        recovery->suspect = NULL;
    *place = parsing->held_place;
    value->text = correction != NULL && correction->text != NULL ? correction->text : parsing->held_text;
    if (parsing->inserted)
        *place = (bl_place){place->file, parsing->token.offset + parsing->token.length, 0};
    if (correction != NULL)
        suspect(recovery, correction, &parsing->held_place, bl_context_file(parsing->context, parsing->file));
    parsing->holds = parsing->waits = parsing->inserted;
    count_braces(parsing, token, *place);
    parsing->previous_begins = parsing->fresh;
    parsing->fresh = parsing->ended;
    parsing->ended = token == ';' || token == '{' || token == '}';
    parsing->previous = parsing->token;
    parsing->token = *place;
    return token;
}

static bl_node *named(bl_node *node, bl_place place)
{
    node->name_place = place;
    return node;
}

static bl_node *more(bl_node *list, bl_node *item)
{
    bl_node_add(list, item);
    return list;
}

/* A number without text is malformed, and the scanner has reported it. */
static bl_node *number(bl_parsing *parsing, bl_place place, const char *text)
{
    return text == NULL ? N(BROKEN, place, NULL) : N(NUMBER, place, text);
}

/* Reports a tree that is too deep and replaces it by a broken node. */
static bl_node *limit_depth(bl_parsing *parsing, bl_node *node)
{
    if (node->depth <= BL_MAX_DEPTH)
        return node;
    bl_diagnose(parsing->context, NESTED_DEEP, node->place, "");
    return bl_node_new(parsing->arena, BL_NODE_BROKEN, node->place, NULL, NULL, 0);
}

/* bison's skeleton calls this only when its stack is full. */
static void bl_yyerror(const bl_place *place, bl_parsing *parsing, const char *message)
{
    (void)message;
    bl_diagnose(parsing->context, NESTED_DEEP, *place, "");
}

static const char *word_spelling(yysymbol_kind_t symbol)
{
    switch (symbol) {
#define WORD(token, spelling)                                                                                          \
    case YYSYMBOL_##token:                                                                                             \
        return spelling;
#define FREE_WORD WORD
#include "parse/word.def"
#undef WORD
#undef FREE_WORD
    default:
        return NULL;
    }
}

/* The name of a symbol in messages. */
static const char *symbol_text(bl_parsing *parsing, yysymbol_kind_t symbol)
{
    const char *word = word_spelling(symbol);
    if (word == NULL)
        return yysymbol_name(symbol);
    bl_text text = bl_text_new(parsing->arena);
    bl_text_format(&text, "`%s`", word);
    return text.data;
}

/* The character of a sign, else 0. Signs are named `;`, `{` and so on. */
static int sign_of(yysymbol_kind_t symbol)
{
    const char *name = yysymbol_name(symbol);
    return name[0] == '`' && name[1] != '\0' && name[2] == '`' ? (unsigned char)name[1] : 0;
}

static const char *found_text(bl_parsing *parsing, const yypcontext_t *at)
{
    yysymbol_kind_t symbol = yypcontext_token(at);
    const bl_place *place = yypcontext_location(at);
    if (symbol == YYSYMBOL_YYEOF)
        return yysymbol_name(symbol);
    const bl_file *file = bl_context_file(parsing->context, place->file);
    bl_text text = bl_text_new(parsing->arena);
    uint32_t length = place->length > 60 ? 60 : place->length;
    bl_text_format(&text, "`%.*s%s`", (int)length, file->text + place->offset, length < place->length ? "..." : "");
    return text.data;
}

/* Adds a symbol to those that would fit. Where any name would, a free word is nothing more than a name. */
static void expect(bl_parsing *parsing, bl_syntax_error *error, yysymbol_kind_t kind)
{
    const char *word = word_spelling(kind);
    if (word != NULL && error->name_expected && !error->any_word_expected && bl_is_free_word(word))
        return;
    error->expected[error->count] = symbol_text(parsing, kind);
    error->words[error->count++] = word;
    error->semicolon_expected |= sign_of(kind) == ';';
    error->number_expected |= kind == YYSYMBOL_NUMBER && error->name_expected; /* an expression, not a window */
    error->brace_expected |= sign_of(kind) == '}';
    if (sign_of(kind) == ')' || sign_of(kind) == ']')
        error->bracket_expected = sign_of(kind);
}

/* Tells the cursor what would fit in its place. */
static int answer_cursor(const yypcontext_t *at, bl_parsing *parsing)
{
    yysymbol_kind_t kinds[YYNTOKENS];
    bl_cursor *cursor = parsing->cursor;
    uint32_t words = 0;
    int count = yypcontext_expected_tokens(at, kinds, YYNTOKENS);
    cursor->words = BL_ARRAY(parsing->arena, const char *, YYNTOKENS);
    cursor->answered = true;
    for (int i = 0; i < count; i++) {
        words += word_spelling(kinds[i]) != NULL;
        cursor->name |= kinds[i] == YYSYMBOL_NAME;
        cursor->number |= kinds[i] == YYSYMBOL_NUMBER;
        cursor->size |= kinds[i] == YYSYMBOL_SIZE;
        cursor->string |= kinds[i] == YYSYMBOL_STRING;
    }
    cursor->any_word = words == bl_word_count;
    for (int i = 0; i < count && !cursor->any_word; i++) {
        const char *word = word_spelling(kinds[i]);
        if (word != NULL && !(cursor->name && bl_is_free_word(word)))
            cursor->words[cursor->count++] = word;
    }
    return 0;
}

static int yyreport_syntax_error(const yypcontext_t *at, bl_parsing *parsing)
{
    yysymbol_kind_t kinds[YYNTOKENS], symbol = yypcontext_token(at);
    if (symbol == YYSYMBOL_CURSOR)
        return answer_cursor(at, parsing);
    if (bl_diagnostics_full(parsing->context)) {
        bl_diagnose(parsing->context, UNEXPECTED, *yypcontext_location(at), "");
        return 0;
    }
    int count = yypcontext_expected_tokens(at, kinds, YYNTOKENS);
    bl_syntax_error error = {.end = symbol == YYSYMBOL_YYEOF,
                            .name = symbol == YYSYMBOL_NAME,
                            .word = word_spelling(symbol) != NULL,
                            .sign = sign_of(symbol),
                            .found = found_text(parsing, at),
                            .expected = BL_ARRAY(parsing->arena, const char *, YYNTOKENS),
                            .words = BL_ARRAY(parsing->arena, const char *, YYNTOKENS)};
    uint32_t words = 0;
    for (int i = 0; i < count; i++) {
        words += word_spelling(kinds[i]) != NULL;
        error.name_expected |= kinds[i] == YYSYMBOL_NAME;
    }
    error.any_word_expected = words == bl_word_count;
    for (int i = 0; i < count; i++)
        expect(parsing, &error, kinds[i]);
    bl_report_syntax_error(parsing, &error);
    return 0;
}
