bouton dump small.btn --all out && ls out && grep -c "^define" out/llvm.ll
