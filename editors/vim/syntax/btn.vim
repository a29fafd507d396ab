" Words of bouton's networks. Written by editors/generate.sh.
if exists('b:current_syntax')
  finish
endif
syntax case match
syntax keyword btnBlock network data schedule phase input layer neuron let include rule expect sweep
syntax keyword btnKind image vector series dense conv pool idx csv npy npz synthetic digits cifar10 cifar100 images pixels
syntax keyword btnSplit train test validation
syntax keyword btnSetting in from stride padding valid same grid opponent normalise local whiten patches of split
syntax keyword btnSetting on off levels complement signs mixed excitatory inhibitory switching at tau fixed alpha
syntax keyword btnSetting uniform constant distinct frozen up to learned xi leak sum scaled raw shared depress over
syntax keyword btnSetting filters places within keep gap fire graded binary ramp logistic range calibrate max mean
syntax keyword btnSetting rgb grey label first last hold out as values seed correct compete error softmax hinge
syntax keyword btnSetting floor eta decay epochs batch shift flips best weight by rarity sample target pattern
syntax keyword btnSetting standard conscience alienate repaired printed gradient accuracy cutout jitter header no
syntax keyword btnSetting missing without categories none columns standardised classes background black white
syntax keyword btnSetting invert transpose turn homeostasis centred momentum adaptive cosine linear anneal warm
syntax keyword btnSetting steps with readouts tied epsilon replicas merge every batches prune
syntax match btnFunction /\<\(min\|max\|clamp\|abs\|square\|sqrt\|exp\|tanh\|logistic\)\ze(/
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
