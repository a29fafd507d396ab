bouton train encoded.btn >/dev/null 2>&1; bouton draw 0 -o zero.png
bouton predict encoded.safetensors zero.png --why | sed -E "s/[0-9]+\.[0-9]+/#/g; s/(row|column|next) [0-9]+/\1 #/g; s/: [0-9]  /: #  /; s/why [0-9]/why #/" | uniq | head -3
bouton predict encoded.safetensors zero.png --why --json | grep -o '"after": "[a-z]*"'
sed 's/normalise local 7x7; //' encoded.btn >plain.btn; bouton train plain.btn -o plain.safetensors >/dev/null 2>&1; bouton predict plain.safetensors zero.png --why --json | grep -c after
