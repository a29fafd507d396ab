mkdir here && bouton train files.btn --data here
