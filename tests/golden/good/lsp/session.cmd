send() { printf 'Content-Length: %s\r\n\r\n%s' "$(printf %s "$1" | wc -c)" "$1"; }
{ send '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{"general":{"positionEncodings":["utf-8"]}}}}'
send '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"untitled:one","languageId":"btn","version":1,"text":"network n { input vector(3); layer class = dence(2); }\n"}}}'
send '{"jsonrpc":"2.0","id":2,"method":"textDocument/codeAction","params":{"textDocument":{"uri":"untitled:one"},"range":{"start":{"line":0,"character":0},"end":{"line":1,"character":0}},"context":{"diagnostics":[]}}}'
send '{"jsonrpc":"2.0","id":3,"method":"textDocument/hover","params":{"textDocument":{"uri":"untitled:one"},"position":{"line":0,"character":20}}}'
send '{"jsonrpc":"2.0","id":4,"method":"shutdown"}'; send '{"jsonrpc":"2.0","method":"exit"}'; } | bouton lsp --stdio | tr -d '\r' | sed 's/}Content/}\nContent/g; $s/$/\n/' | grep '^{' | grep -v publishDiagnostics
