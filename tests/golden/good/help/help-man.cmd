bouton help --man pages && cat pages/bouton-draw.1 && bouton help --man small.btn/pages
