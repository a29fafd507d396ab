bouton train small.btn >/dev/null 2>&1; sed 's/dense(20)/dense(5)/' small.btn >less.btn; bouton train less.btn -o less.safetensors >/dev/null 2>&1
bouton compare small.safetensors less.safetensors >text; echo "status $?"; grep -n . text | cut -c1-22 | sed 's/[0-9.]* samples are/# samples are/; s/[-+.0-9]*[0-9] *p/# p/; s/\(right\) [0-9]*.*/\1 #/; s/sample [0-9].*/sample #/' | head -15
bouton compare small.safetensors small.safetensors | tail -4
