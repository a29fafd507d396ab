quiet() { bouton train "$@" 2>&1 >/dev/null | grep -v epoch; ls small.safetensors*; }
sed 's/small {/little {/' small.btn >little.btn; quiet small.btn; cp small.safetensors first
echo "same text:"; quiet small.btn --set width=10 --seed 5; cp small.safetensors second
echo "another text:"; quiet little.btn -o small.safetensors; cmp second small.safetensors~
echo "again:"; quiet little.btn -o small.safetensors
echo "another text:"; quiet small.btn --set rounds=1; bouton info small.safetensors~ | head -1
echo "forced:"; rm small.safetensors~; quiet little.btn -o small.safetensors --force
echo 1,2,3 >small.safetensors; echo "no model:"; quiet small.btn; cat small.safetensors; quiet small.btn --force
mkdir small.safetensors~; echo "a folder:"; quiet little.btn -o small.safetensors | grep error
: >small.safetensors; echo "empty:"; quiet small.btn | head -1
