schema='schema 1\nmissing mean\nscaling columns\npictures 9 8 7 1 1 0 3\nclass oak\nclass lime tree\ncolumn label 0 kind\ncolumn number 2.5 height\ncolumn category 0 wet\nword no\nword yes\ncolumn unused 0 id\nrange 0.5 12\nrange 0 1\nrange 0 1\n'
facts='"format":"bouton","bouton.version":"0.1.0","bouton.interface":"1","bouton.network":"tree","bouton.seed":"1","bouton.data_hash":"0a","bouton.phase":"0","bouton.epoch":"0"'
text='network tree { input vector(3); layer kind = dense(2); }'
tensors='"kind.alpha":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"kind.theta":{"dtype":"F32","shape":[2],"data_offsets":[24,32]},"kind.sharpness":{"dtype":"F32","shape":[1],"data_offsets":[32,36]},"kind.sign":{"dtype":"I8","shape":[2,3],"data_offsets":[36,42]}'
write() {
    printf '\000\004\000\000\000\000\000\000%-1024s' "{\"__metadata__\":{$facts,\"bouton.source\":\"$text\",\"bouton.schema\":\"$1\"},$tensors}"
    head -c 32 /dev/zero
    printf '\000\000\200\077'
    printf '\001\001\001\001\001\001'
}
write "$schema" >tree.safetensors
bouton info tree.safetensors | sed '/^layer/,$d'
bouton info tree.safetensors --json | sed '1,/"schema"/d' | tr -d ' \n'; echo
write "${schema}range 0 1\n" >ranges.safetensors
write "${schema}class ash\n" >classes.safetensors
write "${schema}column number 0\n" >columns.safetensors
write "${schema}class \\\\q\n" >damaged.safetensors
for model in ranges classes columns damaged; do bouton info $model.safetensors; echo "status $?"; done
bouton info tree.safetensors --json --data folder
