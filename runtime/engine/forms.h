/* The inference method of each dense layer. */
#ifndef BR_FORMS_H
#define BR_FORMS_H

#include "model/network.h"

/* How a layer answers where its bounds rest, by the share of live inputs that was found. */
void br_form_settle(br_network *network, uint32_t layer);

#endif
