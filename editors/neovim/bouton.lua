-- Starts `bouton lsp` for every network. Put this file into ~/.config/nvim/plugin/, and the folder ../vim into the
-- runtime path for highlighting.
vim.api.nvim_create_autocmd("FileType", {
  pattern = "btn",
  callback = function(event)
    if vim.fn.executable("bouton") == 0 then
      return
    end
    local root = vim.fn.fnamemodify(event.file, ":p:h")
    if vim.lsp.start then -- Neovim 0.8 and later
      vim.lsp.start({ name = "bouton", cmd = { "bouton", "lsp" }, root_dir = root })
    else
      local id = vim.lsp.start_client({ name = "bouton", cmd = { "bouton", "lsp" }, root_dir = root })
      if id then
        vim.lsp.buf_attach_client(event.buf, id)
      end
    end
  end,
})
