# short names head rows and columns; long ones stand beside numbers
awk -v OFS=, 'BEGIN { split("ash beech elm", n); print "size,age,tree"; for (i = 0; i < 90; i++) print i % 3 * 20 + i % 7, i % 11, n[i % 3 + 1] }' >trees.csv
sed 's/elm/"a tree that is called by a name, and a very long one"/' trees.csv >long.csv
for name in trees long; do echo "network $name { input vector(2); layer class = dense(3); } data d { csv train \"$name.csv\" label \"tree\"; csv test \"again.csv\" label \"tree\"; values in columns; } schedule { phase learn { correct class; epochs 40; } }" >$name.btn
cp $name.csv again.csv; bouton train $name.btn >train.out 2>&1 || cat train.out
bouton eval $name.safetensors | sed -n "/^confusion/,/^$/p" | sed -E "s/  +/ /g; /correct/!s/ ([0-9.]+%?|-)/ #/g"; done
cp trees.csv again.csv; bouton eval trees.safetensors --json | sed 's/.*"classes"/"classes"/'
