/* The libraries that a program may be built without: those that a foreign machine lacks. `bouton build` defines
 * BR_WITHOUT_PNG and the like, and leaves out the reader; without.c then takes its place. The words are for --help. */
#ifndef BR_WITHOUT_H
#define BR_WITHOUT_H

#ifdef BR_WITHOUT_PNG
#define BR_PNG_WORD ""
#else
#define BR_PNG_WORD "PNG, "
#endif
#ifdef BR_WITHOUT_JPEG
#define BR_JPEG_WORD ""
#else
#define BR_JPEG_WORD "JPEG, "
#endif
#ifdef BR_WITHOUT_WEBP
#define BR_WEBP_WORD ""
#else
#define BR_WEBP_WORD "WebP, "
#endif
#ifdef BR_WITHOUT_GIF
#define BR_GIF_WORD ""
#else
#define BR_GIF_WORD "GIF, "
#endif
#ifdef BR_WITHOUT_ZIP
#define BR_ZIP_WORD ""
#else
#define BR_ZIP_WORD "NPZ, "
#endif

#endif
