#!/bin/sh
# Writes the editors' files that list words of the language.   sh editors/generate.sh [--check]
# --check changes nothing and fails where a file and the tables differ.
#
# The words come from lang/parse/word.def, the functions of formulas from operation.def. Three lists below say which words
# begin a statement at the top or in a block, and which are kinds of things; all other words are settings.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
words_def=$here/../lang/parse/word.def
operations_def=$here/../lang/include/bouton/operation.def
case ${1:-} in
"" | --check) ;;
*) echo "usage: sh editors/generate.sh [--check]" >&2; exit 2 ;;
esac
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM

blocks="network data schedule phase input layer neuron let include rule expect sweep"
kinds="image vector series dense conv pool idx csv npy npz synthetic digits cifar10 cifar100 images pixels"
splits="train test validation"

words=$(sed -n 's/^[A-Z_]*WORD([A-Z0-9_]*, "\([a-z0-9]*\)")$/\1/p' "$words_def")
functions=$(sed -n 's/^OPERATION([A-Z0-9]*, "\([a-z]*\)", [0-9], "[a-z].*/\1/p' "$operations_def")
[ "$(echo "$words" | wc -l)" = "$(grep -c '^[A-Z_]*WORD(' "$words_def")" ] || { echo "word.def: not understood" >&2; exit 1; }
[ -n "$functions" ] || { echo "operation.def: not understood" >&2; exit 1; }
for word in $blocks $kinds $splits; do
    echo "$words" | grep -qx "$word" || { echo "$0: $word is no word of word.def" >&2; exit 1; }
done
settings=
for word in $words; do
    case " $blocks $kinds $splits " in *" $word "*) ;; *) settings="$settings $word" ;; esac
done
settings=${settings# }
functions=$(echo $functions)

bar() { echo "$*" | sed 's/ /|/g'; }
each() { # FORMAT WORD...: printf for each word
    format=$1
    shift
    # shellcheck disable=SC2059
    for word in "$@"; do printf "$format\n" "$word"; done
}

# ---- TextMate: VS Code and others ----

mkdir -p "$new/vscode/syntaxes" "$new/vim/syntax" "$new/emacs" "$new/gtksourceview" "$new/kate" "$new/nano"
cat >"$new/vscode/syntaxes/btn.tmLanguage.json" <<END
{
  "\$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
  "name": "bouton",
  "scopeName": "source.btn",
  "fileTypes": ["btn"],
  "patterns": [
    { "name": "comment.line.double-slash.btn", "match": "//.*\$" },
    { "name": "comment.block.btn", "begin": "/\\\\*", "end": "\\\\*/" },
    { "name": "string.quoted.double.btn", "begin": "\\"", "end": "\\"|\$",
      "patterns": [{ "name": "constant.character.escape.btn", "match": "\\\\\\\\[\\"\\\\\\\\nt]" }] },
    { "match": "\\\\b(network|data|phase|layer|let|neuron)\\\\s+([A-Za-z_][A-Za-z0-9_]*)",
      "captures": { "1": { "name": "keyword.control.btn" }, "2": { "name": "entity.name.btn" } } },
    { "name": "constant.numeric.size.btn", "match": "\\\\b[0-9][0-9_]*x[0-9][0-9_]*(x[0-9][0-9_]*)?\\\\b" },
    { "name": "constant.numeric.btn", "match": "\\\\b[0-9][0-9_]*(\\\\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?\\\\b%?" },
    { "name": "keyword.control.btn", "match": "\\\\b($(bar $blocks))\\\\b" },
    { "name": "storage.type.btn", "match": "\\\\b($(bar $kinds))\\\\b" },
    { "name": "constant.language.btn", "match": "\\\\b($(bar $splits))\\\\b" },
    { "name": "support.function.btn", "match": "\\\\b($(bar $functions))(?=\\\\()" },
    { "name": "keyword.other.btn", "match": "\\\\b($(bar $settings))\\\\b" }
  ]
}
END

# ---- Vim ----

{
    cat <<'END'
" Words of bouton's networks. Written by editors/generate.sh.
if exists('b:current_syntax')
  finish
endif
syntax case match
END
    echo "$blocks" | sed 's/^/syntax keyword btnBlock /'
    echo "$kinds" | sed 's/^/syntax keyword btnKind /'
    echo "$splits" | sed 's/^/syntax keyword btnSplit /'
    echo "$settings" | fold -s -w 90 | sed 's/^/syntax keyword btnSetting /; s/ $//'
    echo "syntax match btnFunction /\\<\\($(echo "$functions" | sed 's/ /\\|/g')\\)\\ze(/"
    cat <<'END'
syntax match btnNumber /\<\d[0-9_]*\(\.\d[0-9_]*\)\?\([eE][+-]\?\d\+\)\?%\?/
syntax match btnSize /\<\d[0-9_]*x\d[0-9_]*\(x\d[0-9_]*\)\?\>/
syntax match btnEscape /\\["\\nt]/ contained
syntax region btnString start=/"/ end=/"/ oneline contains=btnEscape
syntax keyword btnTodo TODO FIXME XXX contained
syntax match btnComment /\/\/.*$/ contains=btnTodo,@Spell
syntax region btnComment start=/\/\*/ end=/\*\// contains=btnTodo,@Spell
highlight default link btnBlock Statement
highlight default link btnKind Type
highlight default link btnSplit Constant
highlight default link btnSetting Identifier
highlight default link btnFunction Function
highlight default link btnNumber Number
highlight default link btnSize Number
highlight default link btnEscape SpecialChar
highlight default link btnString String
highlight default link btnTodo Todo
highlight default link btnComment Comment
let b:current_syntax = 'btn'
END
} >"$new/vim/syntax/btn.vim"

# ---- Emacs ----

{
    cat <<'END'
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
END
    echo "  '($(each '"%s"' $blocks | tr '\n' ' ' | sed 's/ $//'))"
    echo '  "Words that begin a statement or a block.")'
    echo
    echo '(defconst btn-mode-kinds'
    echo "  '($(each '"%s"' $kinds | tr '\n' ' ' | sed 's/ $//'))" | fold -s -w 78 | sed 's/ $//'
    echo '  "Kinds of inputs, layers and data.")'
    echo
    echo '(defconst btn-mode-splits'
    echo "  '($(each '"%s"' $splits | tr '\n' ' ' | sed 's/ $//'))"
    echo '  "Parts of the data.")'
    echo
    echo '(defconst btn-mode-functions'
    echo "  '($(each '"%s"' $functions | tr '\n' ' ' | sed 's/ $//'))"
    echo '  "Functions of neuron formulas.")'
    echo
    echo '(defconst btn-mode-settings'
    echo "  '($(each '"%s"' $settings | tr '\n' ' ' | sed 's/ $//'))" | fold -s -w 78 | sed 's/ $//'
    echo '  "All other words.")'
    cat <<'END'

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
END
} >"$new/emacs/btn-mode.el"

# ---- GtkSourceView: gedit, GNOME Builder and others ----

{
    cat <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by editors/generate.sh. -->
<language id="btn" name="bouton" version="2.0" _section="Source">
  <metadata>
    <property name="mimetypes">text/x-bouton</property>
    <property name="globs">*.btn</property>
    <property name="line-comment-start">//</property>
    <property name="block-comment-start">/*</property>
    <property name="block-comment-end">*/</property>
  </metadata>
  <styles>
    <style id="block" name="Block" map-to="def:keyword"/>
    <style id="kind" name="Kind" map-to="def:type"/>
    <style id="split" name="Split" map-to="def:constant"/>
    <style id="setting" name="Setting" map-to="def:identifier"/>
    <style id="function" name="Function" map-to="def:function"/>
    <style id="number" name="Number" map-to="def:number"/>
    <style id="string" name="String" map-to="def:string"/>
    <style id="comment" name="Comment" map-to="def:comment"/>
  </styles>
  <definitions>
    <context id="btn" class="no-spell-check">
      <include>
        <context style-ref="comment" end-at-line-end="true" class="comment"><start>//</start></context>
        <context style-ref="comment" class="comment"><start>/\*</start><end>\*/</end></context>
        <context style-ref="string" end-at-line-end="true" class="string"><start>"</start><end>"</end>
          <include><context><match>\\.</match></context></include></context>
        <context style-ref="number"><match>\b[0-9][0-9_]*(x[0-9][0-9_]*)+\b</match></context>
        <context style-ref="number"><match>\b[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?\b%?</match></context>
END
    for list in block:"$blocks" kind:"$kinds" split:"$splits" function:"$functions" setting:"$settings"; do
        echo "        <context style-ref=\"${list%%:*}\">"
        # shellcheck disable=SC2086
        each '          <keyword>%s</keyword>' ${list#*:}
        echo "        </context>"
    done
    printf '      </include>\n    </context>\n  </definitions>\n</language>\n'
} >"$new/gtksourceview/btn.lang"

# ---- Kate, and everything that uses KSyntaxHighlighting ----

{
    cat <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by editors/generate.sh. -->
<!DOCTYPE language>
<language name="bouton" section="Sources" version="1" kateversion="5.0" extensions="*.btn" mimetype="text/x-bouton" license="Apache-2.0">
  <highlighting>
END
    for list in blocks:"$blocks" kinds:"$kinds" splits:"$splits" functions:"$functions" settings:"$settings"; do
        echo "    <list name=\"${list%%:*}\">"
        # shellcheck disable=SC2086
        each '      <item>%s</item>' ${list#*:}
        echo "    </list>"
    done
    cat <<'END'
    <contexts>
      <context name="Normal" attribute="Normal" lineEndContext="#stay">
        <Detect2Chars char="/" char1="/" attribute="Comment" context="Line"/>
        <Detect2Chars char="/" char1="*" attribute="Comment" context="Block" beginRegion="comment"/>
        <DetectChar char="&quot;" attribute="String" context="String"/>
        <DetectChar char="{" attribute="Normal" beginRegion="brace"/>
        <DetectChar char="}" attribute="Normal" endRegion="brace"/>
        <RegExpr String="\b[0-9][0-9_]*(x[0-9][0-9_]*)+\b" attribute="Number"/>
        <RegExpr String="\b[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?%?" attribute="Number"/>
        <RegExpr String="\b(abs|FUNCTIONS)(?=\()" attribute="Function"/>
        <keyword String="blocks" attribute="Block"/>
        <keyword String="kinds" attribute="Kind"/>
        <keyword String="splits" attribute="Split"/>
        <keyword String="settings" attribute="Setting"/>
      </context>
      <context name="Line" attribute="Comment" lineEndContext="#pop"/>
      <context name="Block" attribute="Comment" lineEndContext="#stay">
        <Detect2Chars char="*" char1="/" attribute="Comment" context="#pop" endRegion="comment"/>
      </context>
      <context name="String" attribute="String" lineEndContext="#pop">
        <Detect2Chars char="\" char1="&quot;" attribute="String"/>
        <DetectChar char="&quot;" attribute="String" context="#pop"/>
      </context>
    </contexts>
    <itemDatas>
      <itemData name="Normal" defStyleNum="dsNormal"/>
      <itemData name="Comment" defStyleNum="dsComment"/>
      <itemData name="String" defStyleNum="dsString"/>
      <itemData name="Number" defStyleNum="dsDecVal"/>
      <itemData name="Function" defStyleNum="dsFunction"/>
      <itemData name="Block" defStyleNum="dsKeyword"/>
      <itemData name="Kind" defStyleNum="dsDataType"/>
      <itemData name="Split" defStyleNum="dsConstant"/>
      <itemData name="Setting" defStyleNum="dsAttribute"/>
    </itemDatas>
  </highlighting>
  <general>
    <comments>
      <comment name="singleLine" start="//"/>
      <comment name="multiLine" start="/*" end="*/" region="comment"/>
    </comments>
    <keywords casesensitive="true"/>
  </general>
</language>
END
} | sed "s/abs|FUNCTIONS/$(bar $functions)/" >"$new/kate/btn.xml"

# ---- nano ----

cat >"$new/nano/btn.nanorc" <<END
## Words of bouton's networks. Written by editors/generate.sh.
syntax btn "\\.btn\$"
comment "//"
tabgives "  "
linter bouton check
color brightblue "\\<($(bar $blocks))\\>"
color green "\\<($(bar $kinds))\\>"
color magenta "\\<($(bar $splits))\\>"
color cyan "\\<($(bar $settings))\\>"
color brightcyan "\\<($(bar $functions))\\("
color yellow "\\<[0-9][0-9_]*(x[0-9][0-9_]*)*(\\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?%?"
color brightyellow "\"([^\"\\]|\\\\.)*\""
color brightblack "//.*"
color brightblack start="/\\*" end="\\*/"
END

# ---- compare or replace ----

stale=0
for file in vscode/syntaxes/btn.tmLanguage.json vim/syntax/btn.vim emacs/btn-mode.el gtksourceview/btn.lang kate/btn.xml \
    nano/btn.nanorc; do
    if [ "${1:-}" != --check ]; then
        cp "$new/$file" "$here/$file"
    elif ! diff -u "$here/$file" "$new/$file"; then
        echo "editors/$file is stale: run sh editors/generate.sh" >&2
        stale=1
    fi
done
[ "$stale" = 0 ]
