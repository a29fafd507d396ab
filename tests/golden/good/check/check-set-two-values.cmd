bouton check small.btn --set 'width=1; let more = 2'
