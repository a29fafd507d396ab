/* Code for one processor, and which processor the code runs on. */
#ifndef BC_DISPATCH_H
#define BC_DISPATCH_H

#include "emit/emit.h"
#include "plan/target.h"

/* Attributes that compile a function for a processor. */
void bc_set_target_attributes(bc_emit *e, bc_value function, const bc_target *target);

/* i32 NAME(void): the level of the running processor: 1 is x86-64, 4 is x86-64-v4. */
bc_value bc_emit_level(bc_emit *e, const char *name);

#endif
