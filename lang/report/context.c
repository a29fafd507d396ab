#include "report/context.h"

#include <stdlib.h>
#include <string.h>

bl_context *bl_context_new(void)
{
    bl_context *context = calloc(1, sizeof *context);
    if (context != NULL)
        bl_arena_init(&context->arena);
    return context;
}

void bl_context_free(bl_context *context)
{
    if (context == NULL)
        return;
    bl_arena_free(&context->arena);
    free(context);
}

int bl_guard(bl_context *context, int (*body)(bl_context *context, void *argument), void *argument)
{
    jmp_buf escape;
    if (setjmp(escape) != 0) {
        context->arena.escape = NULL;
        if (context->reading != NULL && context->reading != stdin)
            fclose(context->reading);
        context->reading = NULL;
        return -1;
    }
    context->arena.escape = &escape;
    int result = body(context, argument);
    context->arena.escape = NULL;
    return result;
}

bl_file *bl_context_file(const bl_context *context, uint32_t index)
{
    return index < context->file_count ? context->files[index] : NULL;
}

bool bl_read_at(const bl_context *context, uint32_t index, bl_read *out)
{
    const bl_file *file = bl_context_file(context, index);
    if (file == NULL)
        return false;
    *out =
        (bl_read){file->name, file->text, file->length, file->root, file->overlay == NULL ? NULL : file->overlay->name};
    return true;
}

bool bl_locate(const bl_context *context, bl_place place, bl_location *out)
{
    const bl_file *file = bl_context_file(context, place.file);
    if (file == NULL)
        return false;
    bl_position p = bl_file_position(file, place.offset);
    *out = (bl_location){p.file, p.line, p.column, p.excerpt, p.excerpt_length};
    return true;
}

uint32_t bl_context_add_file(bl_context *context, const char *name, const char *text, size_t length)
{
    bl_file *file = BL_NEW(&context->arena, bl_file);
    file->name = bl_copy_text(&context->arena, name, strlen(name));
    file->text = bl_copy_text(&context->arena, text, length);
    file->length = (uint32_t)length;
    bl_file_index_lines(&context->arena, file);
    context->files = bl_grow(&context->arena, context->files, context->file_count, sizeof *context->files);
    context->files[context->file_count] = file;
    return context->file_count++;
}
