{ cat small.btn; echo "sweep width in 5, 10; sweep rounds in 1, 2; sweep seed in 1..20;"; } >many.btn
bouton sweep many.btn --set width=6 --seeds 4..5 --jobs 1 -o runs
