bouton train formula.btn >train.out 2>/dev/null; bouton eval formula.safetensors >eval.out
sed -n "s/^test  *//p" train.out >a; sed -n "1s/accuracy \(.*\), test)/\1)/p" eval.out >b
cmp a b && echo train and eval agree; bouton draw 3 -o three.png
bouton predict formula.safetensors three.png >/dev/null && echo predicts; bouton dump formula.safetensors | head -3
