/* The differences between versions of LLVM's C API (16 and newer). No other file depends on the version. */
#ifndef BC_LLVM_VERSION_H
#define BC_LLVM_VERSION_H

#include <llvm-c/Orc.h>
#include <llvm/Config/llvm-config.h>

/* LLVM 16 is the first version with opaque pointers and a C API for the new pass manager. */
#if LLVM_VERSION_MAJOR < 16
#error "bouton needs LLVM 16 or newer"
#endif

#define BC_LLVM_VERSION LLVM_VERSION_STRING

/* From version 18 on, instcombine aborts if one round does not reach a fixed point, unless this check is disabled. */
#if LLVM_VERSION_MAJOR >= 18
#define BC_INSTCOMBINE "instcombine<no-verify-fixpoint>"
#else
#define BC_INSTCOMBINE "instcombine"
#endif

#endif
