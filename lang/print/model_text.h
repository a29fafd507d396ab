/* A checked network as .btn text with every default written out. */
#ifndef BL_MODEL_TEXT_H
#define BL_MODEL_TEXT_H

#include "base/text.h"
#include "bouton/lang.h"

/* The text that bl_dump_model writes. */
bl_text bl_program_text(bl_arena *arena, const bl_program *program);

#endif
