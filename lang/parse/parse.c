/* Parses the text of a file into statements. Each round of parsing applies the corrections of the rounds
 * before. */
#include "parse/parse.h"

#include "parser.h"

/* Limits on rounds of parsing, and on the bytes that all rounds scan. */
enum { MAX_ROUNDS = 64, MAX_SCANNED = 2 * BL_MAX_TEXT };

static void parse_once(bl_parsing *parsing, bl_context *context, uint32_t file, bl_recovery *recovery)
{
    bl_cursor *cursor = parsing->cursor;
    *parsing = (bl_parsing){
        .context = context, .arena = &context->arena, .file = file, .recovery = recovery, .cursor = cursor};
    if (cursor != NULL)
        *cursor = (bl_cursor){0};
    parsing->items = bl_node_new(parsing->arena, BL_NODE_LIST, (bl_place){.file = file}, NULL, NULL, 0);
    recovery->changed = recovery->blocks = recovery->gave_up = false;
    for (uint32_t i = 0; i < recovery->count; i++)
        recovery->list[i]->fresh = false;
    recovery->cursor = 0;
    recovery->suspect = NULL;
    bl_scan_open(parsing);
    bool whole = bl_yyparse(parsing) == 0 && !parsing->comment_open;
    uint32_t length = bl_context_file(context, file)->length;
    if (!whole || (recovery->count > 0 && recovery->list[recovery->count - 1]->offset == length))
        bl_node_add(parsing->items,
                    bl_node_new(parsing->arena, BL_NODE_BROKEN, (bl_place){.file = file}, NULL, NULL, 0));
    bl_scan_close(parsing);
}

/* `parsing` is new, apart from its cursor. */
static void parse_rounds(bl_parsing *parsing, bl_context *context, uint32_t file)
{
    const bl_collector before = context->diagnostics;
    bl_recovery recovery = {.arena = &context->arena};
    uint64_t scanned = 0;
    for (uint32_t round = 0;; round++) {
        bl_collector *told = &context->diagnostics; /* each round reports its errors anew */
        *told = (bl_collector){told->kept, before.kept_count, before.errors, before.warnings, before.dropped};
        parse_once(parsing, context, file, &recovery);
        scanned += bl_context_file(context, file)->length;
        if (recovery.changed && round < MAX_ROUNDS && scanned < MAX_SCANNED)
            continue;
        for (uint32_t i = 0; i < recovery.count; i++)
            if (!recovery.list[i]->silent && !recovery.list[i]->rejected && !recovery.list[i]->fresh)
                bl_report_correction(context, recovery.list[i]);
        return;
    }
}

void bl_parse_text(bl_parsing *parsing, bl_context *context, uint32_t file)
{
    parsing->cursor = NULL;
    parse_rounds(parsing, context, file);
}

void bl_parse_to(bl_parsing *parsing, bl_context *context, uint32_t file, bl_cursor *cursor)
{
    parsing->cursor = cursor;
    parse_rounds(parsing, context, file);
}
