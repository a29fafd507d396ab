/* file: URIs and paths. */
#ifndef BOUTON_DRIVER_URI_H
#define BOUTON_DRIVER_URI_H

/* The path of a file: URI, or a copy of any other URI: an editor's unsaved text has a name of its own. NULL: out of
 * memory. The caller frees it. */
char *uri_path(const char *uri);

/* The file: URI of a path. NULL: out of memory. The caller frees it. */
char *uri_of(const char *path);

#endif
