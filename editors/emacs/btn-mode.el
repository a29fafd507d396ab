;;; btn-mode.el --- Major mode for bouton's networks  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "26.1"))
;; Keywords: languages

;;; Commentary:

;; Written by editors/generate.sh.  Put this file into a folder of `load-path' and
;; (require 'btn-mode) into your init file.  With eglot, M-x eglot starts `bouton lsp'.
;; M-x compile proposes `bouton check', and \[next-error] goes to the mistakes.

;;; Code:

(defconst btn-mode-blocks
  '("network" "data" "schedule" "phase" "input" "layer" "neuron" "let" "include" "rule" "expect" "sweep")
  "Words that begin a statement or a block.")

(defconst btn-mode-kinds
  '("image" "vector" "series" "dense" "conv" "pool" "idx" "csv" "npy" "npz"
"synthetic" "digits" "cifar10" "cifar100" "images" "pixels")
  "Kinds of inputs, layers and data.")

(defconst btn-mode-splits
  '("train" "test" "validation")
  "Parts of the data.")

(defconst btn-mode-functions
  '("min" "max" "clamp" "abs" "square" "sqrt" "exp" "tanh" "logistic")
  "Functions of neuron formulas.")

(defconst btn-mode-settings
  '("in" "from" "stride" "padding" "valid" "same" "grid" "opponent"
"normalise" "local" "whiten" "patches" "of" "split" "on" "off" "levels"
"complement" "signs" "mixed" "excitatory" "inhibitory" "switching" "at" "tau"
"fixed" "alpha" "uniform" "constant" "distinct" "frozen" "up" "to" "learned"
"xi" "leak" "sum" "scaled" "raw" "shared" "depress" "over" "filters" "places"
"within" "keep" "gap" "fire" "graded" "binary" "ramp" "logistic" "range"
"calibrate" "max" "mean" "rgb" "grey" "label" "first" "last" "hold" "out"
"as" "values" "seed" "correct" "compete" "error" "softmax" "hinge" "floor"
"eta" "decay" "epochs" "batch" "shift" "flips" "best" "weight" "by" "rarity"
"sample" "target" "pattern" "standard" "conscience" "alienate" "repaired"
"printed" "gradient" "accuracy" "cutout" "jitter" "header" "no" "missing"
"without" "categories" "none" "columns" "standardised" "classes" "background"
"black" "white" "invert" "transpose" "turn" "homeostasis" "centred"
"momentum" "adaptive" "cosine" "linear" "anneal" "warm" "steps" "with"
"readouts" "tied" "epsilon" "replicas" "merge" "every" "batches" "prune")
  "All other words.")

(defvar btn-mode-font-lock-keywords
  `((,(concat "\\_<" (regexp-opt '("network" "data" "phase" "layer" "let" "neuron") t)
              "\\_>[ \t]+\\([A-Za-z_][A-Za-z0-9_]*\\)")
     (1 font-lock-keyword-face) (2 font-lock-variable-name-face))
    (,(regexp-opt btn-mode-blocks 'symbols) . font-lock-keyword-face)
    (,(regexp-opt btn-mode-kinds 'symbols) . font-lock-type-face)
    (,(regexp-opt btn-mode-splits 'symbols) . font-lock-constant-face)
    (,(concat (regexp-opt btn-mode-functions 'symbols) "(") 1 font-lock-function-name-face)
    (,(regexp-opt btn-mode-settings 'symbols) . font-lock-builtin-face))
  "What `btn-mode' highlights besides comments and strings.")

(defvar btn-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?/ ". 124b" table)
    (modify-syntax-entry ?* ". 23" table)
    (modify-syntax-entry ?\n "> b" table)
    (modify-syntax-entry ?\" "\"" table)
    table)
  "Comments and strings of bouton.")

(defun btn-mode-indent-line ()
  "Indent the line by two columns for each open brace, as `bouton fmt' does."
  (interactive)
  (let ((depth (save-excursion
                 (back-to-indentation)
                 (- (car (syntax-ppss)) (if (eq (char-after) ?}) 1 0)))))
    (if (<= (current-column) (current-indentation))
        (indent-line-to (* 2 (max 0 depth)))
      (save-excursion (indent-line-to (* 2 (max 0 depth)))))))

;;;###autoload
(define-derived-mode btn-mode prog-mode "bouton"
  "Major mode for networks of bouton."
  (setq-local font-lock-defaults '(btn-mode-font-lock-keywords))
  (setq-local comment-start "// ")
  (setq-local comment-end "")
  (setq-local comment-start-skip "\\(//+\\|/\\*+\\)[ \t]*")
  (setq-local indent-line-function #'btn-mode-indent-line)
  (setq-local indent-tabs-mode nil)
  (when buffer-file-name
    (setq-local compile-command
                (concat "bouton check " (shell-quote-argument (file-name-nondirectory buffer-file-name))))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.btn\\'" . btn-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(btn-mode . ("bouton" "lsp"))))

(provide 'btn-mode)
;;; btn-mode.el ends here
