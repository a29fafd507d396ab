bouton xylophone
