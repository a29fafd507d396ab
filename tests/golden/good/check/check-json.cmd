bouton check small.btn --diagnostics=json
