bouton help train | head -1
