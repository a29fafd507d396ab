bouton bench small.btn --set plan.hidden=dense --repeat 3 2>/dev/null | awk "/^layer/ {on = 1} on {print \$1, /->/ ? \$2 \" \" \$3 \" \" \$4 \" \" \$5 \" \" \$6 \" \" \$7 : \"\"}"
