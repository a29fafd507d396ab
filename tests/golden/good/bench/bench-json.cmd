bouton bench small.btn --repeat 3 --json 2>/dev/null | sed -nE "1,/}/p; /network/,\$p" | sed -E "s/([0-9.]+(e-?[0-9]+)?|\"[^\"]*\"|true|false),?\$/#/"
