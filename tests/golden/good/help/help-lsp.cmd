bouton help lsp
