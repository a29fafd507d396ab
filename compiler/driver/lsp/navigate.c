/* Where names are declared and used. */
#include <stdlib.h>

#include "lsp/analysis.h"
#include "lsp/handlers.h"

static void append(json_t *list, json_t *item)
{
    if (item != NULL)
        json_array_append_new(list, item);
}

/* The beginning of the file whose include covers the place; NULL: no include does. */
static json_t *included_file(lsp_state *s, const lsp_place *place)
{
    bl_includes includes;
    if (bl_list_includes(place->analysis->context, &includes) != 0)
        return lsp_made(s, NULL);
    for (uint32_t i = 0; i < includes.count; i++)
        if (lsp_covers(includes.list[i].place, place->file, place->offset) && includes.list[i].file != UINT32_MAX)
            return lsp_location(s, place->analysis, (bl_place){.file = includes.list[i].file});
    return NULL;
}

json_t *lsp_definition(lsp_state *s, const json_t *params)
{
    lsp_place place;
    bl_place at;
    if (!lsp_locate(s, params, &place))
        return NULL;
    const bl_name *name = lsp_name_at(s, &place, &at);
    json_t *location = name != NULL ? lsp_location(s, place.analysis, name->place) : included_file(s, &place);
    return location == NULL ? json_null() : location;
}

json_t *lsp_references(lsp_state *s, const json_t *params)
{
    lsp_place place;
    bl_place at;
    if (!lsp_locate(s, params, &place))
        return NULL;
    json_t *list = json_array();
    const bl_name *name = lsp_name_at(s, &place, &at);
    bool declared = json_is_true(json_object_get(json_object_get(params, "context"), "includeDeclaration"));
    if (name != NULL && declared)
        append(list, lsp_location(s, place.analysis, name->place));
    for (uint32_t i = 0; name != NULL && i < name->use_count; i++)
        append(list, lsp_location(s, place.analysis, name->uses[i]));
    return list;
}

static json_t *highlight(lsp_state *s, const lsp_place *place, bl_place at, int kind)
{
    json_t *range = at.file == place->file ? lsp_range(s, place->analysis, at) : NULL;
    return range == NULL ? NULL : json_pack("{s:o, s:i}", "range", range, "kind", kind);
}

json_t *lsp_highlights(lsp_state *s, const json_t *params)
{
    enum { READ = 2, WRITE = 3 };
    lsp_place place;
    bl_place at;
    if (!lsp_locate(s, params, &place))
        return NULL;
    json_t *list = json_array();
    const bl_name *name = lsp_name_at(s, &place, &at);
    if (name != NULL)
        append(list, highlight(s, &place, name->place, WRITE));
    for (uint32_t i = 0; name != NULL && i < name->use_count; i++)
        append(list, highlight(s, &place, name->uses[i], READ));
    return list;
}
