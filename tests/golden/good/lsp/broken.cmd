printf 'Content-Length: 8589934592\r\n\r\n{"jsonrpc":' | bouton lsp | tr -d '\r'
