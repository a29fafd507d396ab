sed "s/dense(width)/conv(1x1, 20_000); layer most = pool(max) grid 1x1/; s/batch 8/batch 65_536/" small.btn >large.btn
bouton train large.btn 2>&1 | sed "s/[0-9]* MB/# MB/g"; ls large.*
sed "s/batch 65_536/adaptive 0.99; batch 65_536/" large.btn >means.btn; bouton train means.btn 2>&1 | sed "s/[0-9]* MB/# MB/g"
