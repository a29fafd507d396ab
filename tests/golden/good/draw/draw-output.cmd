bouton draw 3 -o nowhere/three.png
