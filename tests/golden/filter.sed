# Replaces figures that differ between runs or machines with #: times and rates, learned values, which depend in their
# last digits on the processor's vector width, and sizes that depend on them or on the version of zlib.
s/[0-9,]+ samples\/s/# samples\/s/g
s/(learned [0-9,]+ samples in) [^(]*\(/\1 # (/
s/(learned from fields alone in) .*/\1 #/
s/compiled in [^;]*; [0-9]+ threads?; .*/compiled in #/
s/(error|log-likelihood) [0-9.]+/\1 #/g
s/(accuracy|validation|test|train) +[0-9.]+%/\1 #%/g
s/: [0-9.]+% \([0-9]+ of/: #% (# of/
s/#% \([0-9]+ of/#% (# of/
s/  best$//
s/, kept epoch [0-9]+/, kept epoch #/
s/fields in .*fields\/s/fields in #/
s/[0-9]+ bytes \([0-9.]+% of the file, [0-9.]+%/# bytes (#% of the file, #%/
s/(\.png: 16x8,) [0-9]+ bytes/\1 # bytes/
s/("bytes_after":) [0-9]+/\1 #/
# the table of a sweep, whose columns are as wide as its figures
s/[0-9]+\.[0-9]+ \+- +[0-9]+\.[0-9]+%/# +- #%/g
s/n +(test|validation|train)  to the first row +95/n  \1  to the first row  95/
s/% +[-+][0-9.]+ +[-+][0-9.]+ to [-+][0-9.]+$/%  #  # to #/
s/#% +- +-$/#%  -  -/
s/  ([0-9]+ (s|min [0-9]+ s)) left$/  # left/
s/(its header promises) [0-9]+ bytes/\1 # bytes/
s/(wrote [a-z.]*\.html) \([0-9,]+ bytes\)/\1 (# bytes)/
s/validation [0-9.]+% after/validation #% after/
s/% on (test|validation): [0-9.]+% \(([0-9]+ seeds?)\)/% on \1: #% (\2)/
s/^([0-9]+ +[0-9.]+% +1) +[0-9.]+%$/\1  #%/
s/^([^ ]+ +0) +- +- +-$/\1  -  -  -/
