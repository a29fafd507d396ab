" Editing bouton's networks: comments, indentation as `bouton fmt` lays it out, :make and =.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1
setlocal comments=s1:/*,mb:*,ex:*/,:// commentstring=//\ %s
setlocal shiftwidth=2 softtabstop=2 expandtab cindent cinoptions=+2
setlocal suffixesadd=.btn include=^\\s*include
if executable('bouton')
  setlocal equalprg=bouton\ fmt\ -
endif
compiler bouton
let b:undo_ftplugin = 'setlocal comments< commentstring< shiftwidth< softtabstop< expandtab< cindent< cinoptions<'
      \ . ' suffixesadd< include< equalprg<'
