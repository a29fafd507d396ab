bouton lsp
