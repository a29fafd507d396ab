-- Neovim as a client: BOUTON=PROGRAM FOLDER=EMPTY nvim --headless --clean -u neovim.lua
-- Its positions are UTF-16. The mistakes of the tutorial, a quick fix, a rename into an open include, completion and
-- formatting, as the editor itself asks and applies them.
local bouton = os.getenv("BOUTON")
local folder = vim.loop.fs_realpath(os.getenv("FOLDER"))

local function check(condition, ...)
  if condition then return end
  local facts = vim.tbl_map(function(fact) return type(fact) == "string" and fact or vim.inspect(fact) end, { ... })
  io.stderr:write("neovim: " .. table.concat(facts, " ") .. "\n")
  vim.cmd("cquit 1")
end

local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") end

local client

-- Opens a file as a user does, with a text that is not saved.
local function open(name, lines)
  vim.cmd("edit! " .. folder .. "/" .. name)
  vim.bo.swapfile = false
  vim.bo.expandtab, vim.bo.shiftwidth = true, 2
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  if not client then
    client = vim.lsp.start_client({ name = "bouton", cmd = { bouton, "lsp" }, root_dir = folder })
  end
  check(vim.lsp.buf_attach_client(0, client), "the client attaches")
  check(vim.wait(20000, function() return vim.lsp.buf_is_attached(0, client) and vim.lsp.get_client_by_id(client).initialized end),
    "the server starts")
end

local function diagnostics(count)
  vim.wait(20000, function() return #vim.diagnostic.get(0) == count end, 20)
  local found = vim.diagnostic.get(0)
  table.sort(found, function(a, b) return a.lnum < b.lnum end)
  check(#found == count, count .. " diagnostics expected:", found)
  return found
end

local function ask(method, params)
  local answers, failure = vim.lsp.buf_request_sync(0, method, params, 20000)
  check(answers and answers[client], method, failure or "no answer")
  return answers[client].result, answers[client].err or answers[client].error
end

local function put_cursor(pattern)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local at = line:find(pattern, 1, true)
    if at then
      vim.api.nvim_win_set_cursor(0, { number, at - 1 })
      return
    end
  end
  check(false, pattern, "is not in the text")
end

local function tutorial()
  open("digits.btn", {
    "let width = 100;", "network digits {", "  input image(28x28);", "  layer hidden = dense(width);",
    "  /* é😀 */ layer class  = dence(10);", "}",
    "data drawn { synthetic digits(train 10_000, test 2_000); }",
    "schedule { phase learn { correct hidden, class; /* 😀é */ batch 0; } }",
  })
  local found = diagnostics(2)
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  for index, word in ipairs({ "dence", "0" }) do -- Neovim turns UTF-16 into bytes
    local one = found[index]
    local shown = lines[one.lnum + 1]:sub(one.col + 1, one.end_col)
    check(shown == word, "the cells of " .. word .. ":", one)
  end
  for count, word in ipairs({ "dence", "batch 0" }) do
    put_cursor(word)
    if word == "batch 0" then vim.cmd("normal! w") end
    local params = vim.lsp.util.make_range_params()
    params.context = { diagnostics = {}, only = { "quickfix" } }
    local actions = ask("textDocument/codeAction", params)
    check(#actions == 1, "a quick fix for " .. word .. ":", actions)
    vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
    diagnostics(2 - count)
  end
  check(text():find("dense(10)", 1, true) and text():find("batch 8", 1, true), text())
end

local function include()
  open("parts.btn", { "network n {", "  input vector(3);", "  /* é😀 */ layer hidden = dense(4);", "  layer class = dense(2);", "}" })
  local parts = vim.api.nvim_get_current_buf()
  open("main.btn", { "// 😀", 'include "parts.btn";', "schedule { phase p { correct hidden; } }" })
  diagnostics(0)
  put_cursor("hidden")
  local params = vim.lsp.util.make_position_params()
  params.newName = "h1"
  local edit, failure = ask("textDocument/rename", params)
  check(edit, "the rename", failure)
  vim.lsp.util.apply_workspace_edit(edit, "utf-16")
  check(text():find("correct h1;", 1, true), text())
  local other = table.concat(vim.api.nvim_buf_get_lines(parts, 0, -1, false), "\n")
  check(other:find("/* é😀 */ layer h1 = dense(4);", 1, true), other)
  vim.wait(400, function() return false end) -- Neovim sends changes of other buffers after a while
  diagnostics(0)
  params.newName = "class"
  edit, failure = ask("textDocument/rename", params)
  check(failure and failure.message:find("already a layer"), "a clash is refused:", failure)
end

local function writing()
  open("write.btn", { "network  n {", " input vector(3) ;", "  /* é😀 */ layer one = dense(4);", "  /* é😀 */ layer two = dense(4) from ", "}" })
  put_cursor("two = dense(4) from ")
  vim.api.nvim_win_set_cursor(0, { 4, #vim.api.nvim_buf_get_lines(0, 3, 4, false)[1] })
  local params = vim.lsp.util.make_position_params()
  params.position.character = vim.str_utfindex(vim.api.nvim_get_current_line(), nil) + 1 -- 😀 takes two units
  local result = ask("textDocument/completion", params)
  local items = vim.tbl_map(function(item) return item.label end, result.items)
  check(vim.tbl_contains(items, "one") and vim.tbl_contains(items, "input"), "completion after `from `:", items)
  vim.api.nvim_buf_set_lines(0, 3, 4, false, { "  layer class = dense(2) from one;" })
  vim.lsp.buf.formatting_sync(nil, 20000)
  check(text() == "network n {\n  input vector(3);\n  /* é😀 */ layer one = dense(4);\n  layer class        = dense(2) from one;\n}", text())
end

for _, part in ipairs({ tutorial, include, writing }) do
  local fine, failure = pcall(part)
  check(fine, failure)
end
vim.lsp.stop_client(client)
check(vim.wait(10000, function() return vim.lsp.client_is_stopped(client) end), "the server ends")
vim.cmd("qall!")
