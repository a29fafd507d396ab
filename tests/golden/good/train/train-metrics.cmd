bouton train small.btn --metrics m.jsonl >/dev/null 2>&1; sed -E "s/: [0-9.e-]+/: #/g; s/(true|false)/#/" m.jsonl
