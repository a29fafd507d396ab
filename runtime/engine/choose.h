/* The choice between the methods of a layer. */
#ifndef BR_CHOOSE_H
#define BR_CHOOSE_H

#include "model/network.h"

/* Sets the method of inference from that of training and from the measured share of live inputs. */
void br_method_settle(br_network *network, uint32_t layer);

#endif
