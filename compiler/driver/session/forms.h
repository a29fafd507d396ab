/* Forms of layers on the command line: asked for by --set plan.LAYER=FORM, and shown as data chose them. */
#ifndef BOUTON_DRIVER_FORMS_H
#define BOUTON_DRIVER_FORMS_H

#include "session/session.h"

/* Resolves what --set asks of the checked program's layers into session->forms; NULL where nothing is asked. */
int forms_resolve(session *session);

/* A table of dense layers: form, share of live inputs it was chosen by, share from which tiles are taken. */
int forms_print(const session *session, FILE *to);

#endif
