/* The one place that knows how LLVM's C API differs from version to version (16 and newer). */
#ifndef BC_LLVM_VERSION_H
#define BC_LLVM_VERSION_H

#include <llvm-c/Orc.h>
#include <llvm/Config/llvm-config.h>

/* The new pass manager's C API and opaque pointers are there since 16; nothing older is tried. */
#if LLVM_VERSION_MAJOR < 16
#error "bouton needs LLVM 16 or newer"
#endif

#define BC_LLVM_VERSION LLVM_VERSION_STRING

/* From 18 on, instcombine stops the program where one round does not reach a fixed point, unless told not to look. */
#if LLVM_VERSION_MAJOR >= 18
#define BC_INSTCOMBINE "instcombine<no-verify-fixpoint>"
#else
#define BC_INSTCOMBINE "instcombine"
#endif

#endif
