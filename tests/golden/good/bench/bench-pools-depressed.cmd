bouton bench winners.btn --repeat 3 2>/dev/null | awk "/^layer/ {on = 1} on {print \$1, /->/ ? \$2 \" \" \$3 \" \" \$4 \" \" \$5 \" \" \$6 \" \" \$7 : \"\"}"
