sed "s/dense(width)/dense(width) { alpha = constant(0.5); }/; s/correct .*/correct class;/; s/eta .*/eta 0.3;/" small.btn >silent.btn; bouton train silent.btn 2>&1 >/dev/null | grep -v "^learn "
