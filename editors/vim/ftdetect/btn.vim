autocmd BufRead,BufNewFile *.btn setfiletype btn
