bouton train encoded.btn >train.out && bouton eval encoded.safetensors >eval.out
sed -n "s/^test  *//p" train.out >a; sed -n "1s/accuracy \(.*\), test)/\1)/p" eval.out >b
cmp a b && echo train and eval agree; bouton info encoded.safetensors | head -4
bouton draw 3 -o three.png; bouton predict encoded.safetensors three.png --csv | sed -E "s/,[0-9.]+/,#/g"
