bouton draw 7 --seed 3 && head -c 8 digit-7.png | od -An -c
