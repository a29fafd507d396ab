/* The choice between the methods of a layer. */
#ifndef BR_CHOOSE_H
#define BR_CHOOSE_H

#include "model/network.h"

/* Sets the method of inference from that of training and from the measured share of live inputs. */
void br_method_settle(br_network *network, uint32_t layer);

/* Chooses the methods of a dense layer for a share `live` of live inputs; other layers stay as they are. */
int br_method_choose(br_network *network, uint32_t layer, float live, br_error *error);

/* br_methods_choose, unless earlier samples have chosen the methods. Fails for samples of another shape. */
int br_methods_choose_once(br_network *network, const br_samples *samples, br_error *error);

#endif
