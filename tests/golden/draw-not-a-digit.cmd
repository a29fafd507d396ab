bouton draw 17
