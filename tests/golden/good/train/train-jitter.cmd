echo 'network n { input image(28x28); layer edges = conv(5x5, 8) { alpha frozen; } layer cells = pool(sum) grid 4x4 { jitter 2; } layer class = dense(10); } data d { synthetic digits(train 500, test 200); } schedule { phase p { correct class; epochs 2; } }' >n.btn
bouton fmt n.btn; bouton dump n.btn | sed -n '/cells/,/}/p' | head -4; bouton train n.btn >train.out 2>/dev/null; sed 's/jitter 2/jitter 1/' n.btn >o.btn; bouton train o.btn -o o.safetensors >/dev/null 2>&1
cmp -s n.safetensors o.safetensors || echo different bytes
bouton eval n.safetensors >eval.out; sed -n "s/^test  *//p" train.out >a; sed -n "1s/accuracy \(.*\), test)/\1)/p" eval.out >b; cmp a b && echo train and eval agree
bouton draw 3 -o three.png; bouton predict n.safetensors three.png --csv >a; bouton build n.safetensors -o n >/dev/null && ./n three.png --csv >b; cmp a b && echo the same bytes
