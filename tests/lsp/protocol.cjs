// Typed requests by Microsoft's vscode-languageserver-protocol: protocol.cjs BOUTON
// Each answer must be of the type that the package declares, by the checks that it has for its types.
const { spawn } = require("child_process");
const p = require("vscode-languageserver-protocol/node");

const text = "let wide = 4; // é😀\nneuron f(x, a) = clamp(x - a, 0, 1);\nnetwork n {\n  input vector(3);\n" +
  "  layer hidden = dense(wide) { fire f; }\n  /* é😀 */ layer class  = dence(2);\n}\n" +
  "schedule { phase p { correct hidden, class; } }\n";
const uri = "file:///nowhere/é.btn";
const document = { uri };

function check(condition, ...facts) {
  if (condition) return;
  console.log("protocol:", ...facts.map((fact) => (typeof fact === "string" ? fact : JSON.stringify(fact))));
  process.exit(1);
}

const all = (list, type) => Array.isArray(list) && list.every((one) => type.is(one));
const at = (mark, inside = 0) => {
  const offset = text.indexOf(mark) + inside;
  const before = text.slice(0, offset).split("\n"); // JavaScript's strings are UTF-16
  return { line: before.length - 1, character: before[before.length - 1].length };
};

async function main() {
  const child = spawn(process.argv[2], ["lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const connection = p.createProtocolConnection(new p.StreamMessageReader(child.stdout), new p.StreamMessageWriter(child.stdin));
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const published = new Promise((resolve) => connection.onNotification(p.PublishDiagnosticsNotification.type, resolve));
  connection.onError((error) => check(false, "a connection error", String(error)));
  connection.listen();
  const started = await connection.sendRequest(p.InitializeRequest.type, {
    processId: process.pid, rootUri: null, workspaceFolders: null,
    capabilities: { textDocument: { documentSymbol: { hierarchicalDocumentSymbolSupport: true },
      publishDiagnostics: { relatedInformation: true }, hover: { contentFormat: ["markdown"] } } } });
  check(started.capabilities.positionEncoding === p.PositionEncodingKind.UTF16, started);
  check(started.capabilities.textDocumentSync.change === p.TextDocumentSyncKind.Full, started);
  await connection.sendNotification(p.InitializedNotification.type, {});
  await connection.sendNotification(p.DidOpenTextDocumentNotification.type,
    { textDocument: p.TextDocumentItem.create(uri, "btn", 1, text) });
  const { diagnostics } = await published;
  check(all(diagnostics, p.Diagnostic) && diagnostics.length === 1, "diagnostics", diagnostics);
  const { start, end } = diagnostics[0].range;
  check(text.split("\n")[start.line].slice(start.character, end.character) === "dence", "the place", diagnostics);

  const ask = (type, more) => connection.sendRequest(type, { textDocument: document, ...more });
  const whole = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  const actions = await ask(p.CodeActionRequest.type, { range: diagnostics[0].range, context: { diagnostics } });
  check(all(actions, p.CodeAction) && actions.length > 0 && p.WorkspaceEdit.is(actions[0].edit), "actions", actions);
  const completion = await ask(p.CompletionRequest.type, { position: at("hidden, class") });
  check(completion.items.length > 0 && all(completion.items.map((item) => item.textEdit), p.TextEdit), "items", completion);
  check(p.Hover.is(await ask(p.HoverRequest.type, { position: at("vector") })), "hover");
  const help = await ask(p.SignatureHelpRequest.type, { position: at("clamp(", 6) });
  check(help.signatures.length === 1 && help.activeParameter === 0, "signature", help);
  check(p.Location.is(await ask(p.DefinitionRequest.type, { position: at("hidden, class") })), "definition");
  const uses = await ask(p.ReferencesRequest.type, { position: at("hidden"), context: { includeDeclaration: true } });
  check(all(uses, p.Location) && uses.length === 2, "references", uses);
  const lights = await ask(p.DocumentHighlightRequest.type, { position: at("hidden") });
  check(all(lights.map((one) => one.range), p.Range) && lights.length === 2, "highlights", lights);
  const prepared = await ask(p.PrepareRenameRequest.type, { position: at("hidden") });
  check(p.Range.is(prepared.range) && prepared.placeholder === "hidden", "prepareRename", prepared);
  check(p.WorkspaceEdit.is(await ask(p.RenameRequest.type, { position: at("hidden"), newName: "h1" })), "rename");
  check(all(await ask(p.DocumentSymbolRequest.type, {}), p.DocumentSymbol), "symbols");
  check(all(await ask(p.FoldingRangeRequest.type, {}), p.FoldingRange), "folding");
  check(p.SemanticTokens.is(await ask(p.SemanticTokensRequest.type, {})), "semantic tokens");
  check(all(await ask(p.InlayHintRequest.type, { range: whole }), p.InlayHint), "hints");
  await connection.sendNotification(p.DidChangeTextDocumentNotification.type,
    { textDocument: { uri, version: 2 }, contentChanges: [{ text: text.replace("dence", "dense") }] });
  const options = { tabSize: 2, insertSpaces: true };
  check(all(await ask(p.DocumentFormattingRequest.type, { options }), p.TextEdit), "formatting");
  check(all(await ask(p.DocumentRangeFormattingRequest.type, { options, range: whole }), p.TextEdit), "range formatting");
  const refused = await connection.sendRequest("textDocument/none", {}).catch((error) => error);
  check(refused.code === p.ErrorCodes.MethodNotFound, "an unknown method", refused);
  await connection.sendRequest(p.ShutdownRequest.type);
  await connection.sendNotification(p.ExitNotification.type);
  check((await ended) === 0, "the exit status");
  console.log("every answer has the type that vscode-languageserver-protocol declares");
}

main().then(() => process.exit(0), (error) => check(false, String(error)));
