sed "/hold out/d; /keep best/d" small.btn >plain.btn
bouton sweep plain.btn --seeds 1..2 --set width=5,10 --jobs 1 -o runs
