echo 'network n { input image(28x28) in [0, 0.4]; layer edges = conv(5x5, 8) stride 2 { homeostasis(4); } layer bests = pool(max) 2x2; layer class = dense(10) { sum scaled(6); } } data d { synthetic digits(train 1_000, test 200); hold out 20% of train as validation; } schedule { phase p { correct edges, class; prune to 20%, 50% on edges over 60%; adaptive 0.99; eta 0.01; epochs 4; batch 16; keep best on validation; } }' >n.btn
bouton fmt n.btn; grep prune n.btn; bouton dump n.btn | grep prune; bouton train n.btn --threads 2 >train.out 2>train.err; grep -h epoch train.err train.out | sed 's/ *[0-9,]* samples.s.*//'; tr -d '\n' <n.run.json | grep -c prune
cp n.safetensors whole.safetensors; bouton train n.btn --threads 1 >/dev/null 2>&1; cmp n.safetensors whole.safetensors && echo the same bytes
bouton info n.safetensors | sed -n '/trained state/,$p'
bouton eval n.safetensors | sed -n 1p; bouton build n.safetensors --emit=c --quantize --quantize-loss 9 -v | grep layer
bouton draw 3 -o three.png; bouton predict n.safetensors three.png --csv >a; bouton build n.safetensors -o n >/dev/null && ./n three.png --csv >b; cmp a b && echo the same answers
