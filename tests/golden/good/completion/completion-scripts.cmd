bouton completion bash && bouton completion zsh && bouton completion fish
