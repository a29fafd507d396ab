/* What bouton's public headers share. Declarations between BOUTON_BEGIN and BOUTON_END have C linkage and are all that
 * shared libraries show; nothing else does. */
#ifndef BOUTON_API_H
#define BOUTON_API_H

/* BOUTON_SHARED is defined while shared libraries are built. In static ones everything stays hidden, so that a library
 * that embeds them does not show their functions as its own. */
#ifdef BOUTON_SHARED
#define BOUTON_VISIBLE _Pragma("GCC visibility push(default)")
#define BOUTON_HIDDEN  _Pragma("GCC visibility pop")
#else
#define BOUTON_VISIBLE
#define BOUTON_HIDDEN
#endif

/* clang-format off */
#ifdef __cplusplus
#define BOUTON_BEGIN BOUTON_VISIBLE extern "C" {
#define BOUTON_END   } BOUTON_HIDDEN
#else
#define BOUTON_BEGIN BOUTON_VISIBLE
#define BOUTON_END   BOUTON_HIDDEN
#endif
/* clang-format on */

#endif
