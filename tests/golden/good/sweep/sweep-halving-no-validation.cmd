sed "/hold out/d; /keep best/d" small.btn >plain.btn
bouton sweep plain.btn --set width=5,10 -o runs --halving
