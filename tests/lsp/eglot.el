;;; Emacs as a client, by eglot: BOUTON=PROGRAM FOLDER=EMPTY emacs --batch -l eglot.el  -*- lexical-binding: t -*-
;; Its positions are UTF-16. The mistakes of the tutorial, a quick fix, a rename into an open include, completion and
;; formatting, as the editor itself asks and applies them.
(require 'cl-lib)
(require 'package)
(setq package-user-dir (expand-file-name "elpa" (getenv "FOLDER")))
(package-initialize)
(unless (require 'eglot nil t)
  (princ "eglot is missing")
  (kill-emacs 77))
(require 'flymake)
(setq make-backup-files nil create-lockfiles nil eglot-sync-connect 20 eglot-connect-timeout 20
      eglot-confirm-server-initiated-edits nil eglot-events-buffer-size 0 eglot-send-changes-idle-time 0)

(define-derived-mode btn-mode prog-mode "btn"
  (setq-local indent-tabs-mode nil comment-start "// "))
(add-to-list 'auto-mode-alist '("\\.btn\\'" . btn-mode))
(add-to-list 'eglot-server-programs `(btn-mode . (,(getenv "BOUTON") "lsp")))

(defvar folder (file-name-as-directory (file-truename (getenv "FOLDER"))))

(defun check (condition &rest facts)
  (unless condition
    (message "eglot: %s" (mapconcat (lambda (fact) (if (stringp fact) fact (format "%S" fact))) facts " "))
    (kill-emacs 1)))

(defun wait-until (condition)
  (let ((until (+ (float-time) 20)))
    (while (and (not (funcall condition)) (< (float-time) until))
      (accept-process-output nil 0.05))
    (funcall condition)))

(defun open-text (name text)
  "Visits a file, replaces its text without saving it, and connects."
  (find-file (concat folder name))
  (erase-buffer)
  (insert text)
  (unless (eglot-current-server)
    (apply #'eglot (eglot--guess-contact)))
  (unless (bound-and-true-p eglot--managed-mode)
    (eglot--maybe-activate-editing-mode))
  (check (wait-until (lambda () (and (eglot-current-server) (bound-and-true-p eglot--managed-mode)))) "the server starts")
  (flymake-mode 1))

(defun diagnostics (count)
  (eglot--signal-textDocument/didChange)
  (flymake-start)
  (check (wait-until (lambda () (= (length (flymake-diagnostics)) count)))
         (format "%d diagnostics expected:" count) (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))
  (sort (flymake-diagnostics) (lambda (a b) (< (flymake-diagnostic-beg a) (flymake-diagnostic-beg b)))))

(defun go-to (text)
  (goto-char (point-min))
  (check (search-forward text nil t) text "is not in the text")
  (goto-char (match-beginning 0)))

(defun tutorial ()
  (open-text "digits.btn" "let width = 100;
network digits {
  input image(28x28);
  layer hidden = dense(width);
  /* é😀 */ layer class  = dence(10);
}
data drawn { synthetic digits(train 10_000, test 2_000); }
schedule { phase learn { correct hidden, class; /* 😀é */ batch 0; } }
")
  (cl-loop for one in (diagnostics 2)
           for word in '("dence" "0")
           for shown = (buffer-substring-no-properties (flymake-diagnostic-beg one) (flymake-diagnostic-end one))
           do (check (equal shown word) "the place of" word "is" shown))
  (cl-loop for (word better) in '(("dence" "dense") ("0; } }" "8; } }"))
           for left downfrom 1
           do (go-to word)
           (let* ((one (car (flymake-diagnostics (point))))
                  (beg (flymake-diagnostic-beg one))
                  (end (flymake-diagnostic-end one))
                  (actions (eglot-code-actions beg end "quickfix")))
             (check (= (length actions) 1) "one quick fix for" word actions)
             (eglot--apply-workspace-edit (plist-get (elt actions 0) :edit)))
           (go-to better)
           (diagnostics left)))

(defun include ()
  (open-text "parts.btn" "network n {
  input vector(3);
  /* é😀 */ layer hidden = dense(4);
  layer class = dense(2);
}
")
  (diagnostics 0)
  (open-text "main.btn" "// 😀
include \"parts.btn\";
schedule { phase p { correct hidden; } }
")
  (diagnostics 0)
  (go-to "hidden")
  (eglot-rename "h1")
  (go-to "correct h1;")
  (with-current-buffer "parts.btn"
    (go-to "/* é😀 */ layer h1 = dense(4);")
    (eglot--signal-textDocument/didChange)) ; eglot itself waits until Emacs is idle
  (diagnostics 0)
  (go-to "h1")
  (check (string-match-p "already a layer" (condition-case failure (progn (eglot-rename "class") "renamed")
                                             (error (format "%S" failure))))
         "a clash is refused"))

(defun writing ()
  (open-text "write.btn" "network  n {
 input vector(3) ;
  /* é😀 */ layer one = dense(4);
  /* é😀 */ layer two = dense(4) from 
}
")
  (go-to "from ")
  (end-of-line)
  (let* ((capf (eglot-completion-at-point))
         (items (mapcar #'substring-no-properties (all-completions "" (nth 2 capf)))))
    (check (and (member "one" items) (member "input" items)) "completion after `from ':" items))
  (delete-region (line-beginning-position) (line-end-position))
  (insert "  layer class = dense(2) from one;")
  (eglot-format-buffer)
  (check (equal (buffer-substring-no-properties (point-min) (point-max))
                "network n {
  input vector(3);
  /* é😀 */ layer one = dense(4);
  layer class        = dense(2) from one;
}
")
         (buffer-string)))

(condition-case failure
    (progn (tutorial) (include) (writing))
  (error (check nil failure)))
(eglot-shutdown (eglot-current-server) nil 10)
(kill-emacs 0)
