{ cat small.btn; echo "sweep width in (5),10, 2*20;sweep seed in 1,3..4;"; } >many.btn
bouton dump many.btn --stage=ast | tail -n 3; bouton dump many.btn --stage=model | grep sweep; bouton fmt many.btn; tail -n 1 many.btn
