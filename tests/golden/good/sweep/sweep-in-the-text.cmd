{ cat small.btn; echo "sweep width in 5, 2 * 5;"; echo "sweep seed in 1..2;"; } >many.btn
bouton sweep many.btn --jobs 1 -o runs
