/* The inference method of each dense layer. */
#ifndef BR_FORMS_H
#define BR_FORMS_H

#include "model/network.h"

/* Chooses between the packed method and the others for inference, from the measured share of live inputs. */
void br_form_settle(br_network *network, uint32_t layer);

#endif
