sed "/hold out/d; /keep best/d" small.btn >plain.btn
bouton sweep plain.btn --on validation -o runs
