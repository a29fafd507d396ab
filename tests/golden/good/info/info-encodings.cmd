for network in pixels thresholds; do bouton info encodings.btn --network $network | grep ^encoded; done
