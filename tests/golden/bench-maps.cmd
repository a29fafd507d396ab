bouton bench maps.btn --repeat 3 2>/dev/null | sed -n "/^layer/,\$p" | sed -E "s/([0-9]+) +[0-9.]+ .?\/s.*/\1 .../; s/  +/  /g; s/connections.*//"
