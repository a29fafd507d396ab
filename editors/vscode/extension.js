// Starts `bouton lsp`. The client library is optional: without it, highlighting and snippets still work.
const vscode = require("vscode");

let client;

function library() {
  try {
    return require("vscode-languageclient/node");
  } catch {
    return null;
  }
}

async function activate() {
  const lsp = library();
  if (lsp === null) return;
  const command = vscode.workspace.getConfiguration("bouton").get("path", "bouton");
  const server = { command, args: ["lsp"] };
  client = new lsp.LanguageClient("bouton", "bouton", server, { documentSelector: [{ language: "btn" }] });
  try {
    await client.start();
  } catch (error) {
    vscode.window.showWarningMessage(`${command} lsp does not start: ${error.message}. Set bouton.path to the program.`);
  }
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
