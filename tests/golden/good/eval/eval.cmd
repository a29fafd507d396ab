bouton train small.btn >train.out 2>/dev/null; bouton eval small.safetensors >eval.out
sed -n "s/^test  *//p" train.out >a; sed -n "1s/accuracy \(.*\), test)/\1)/p" eval.out >b
cmp a b && echo train and eval agree; sed "s/[0-9.]/#/g" eval.out | sed "s/#\(#\| \)*/#/g"
