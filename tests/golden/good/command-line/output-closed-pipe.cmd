{ sleep 0.3; bouton help; echo "status $?" >&2; } | true
