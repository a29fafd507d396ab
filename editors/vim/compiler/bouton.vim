" :make checks the file; :cnext goes from mistake to mistake.
if exists('current_compiler')
  finish
endif
let current_compiler = 'bouton'
CompilerSet makeprg=bouton\ check\ --color\ never\ %:S\ 2>&1
CompilerSet errorformat=%f:%l:%c:\ %trror[%*[EWN]%n]:\ %m,%f:%l:%c:\ %tarning[%*[EWN]%n]:\ %m,%f:%l:%c:\ %tote[%*[EWN]%n]:\ %m,%-G%.%#
