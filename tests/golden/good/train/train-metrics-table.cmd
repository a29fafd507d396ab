bouton train small.btn --metrics m.csv >/dev/null 2>&1; head -1 m.csv; tail -n +2 m.csv | awk -F, '{ print $1, $2, $3, NF, ($4 > 0) + ($5 > 0) + ($6 > 0) + ($7 > 0) + ($8 > 0), "[" $10 "]" }'
bouton train small.btn --metrics m.csv --resume >/dev/null 2>&1; wc -l <m.csv
printf 'network n { input image(28x28); layer c = conv(5x5, 4) { depress over filters keep 1; } layer class = dense(10); }\ndata d { synthetic digits(train 200, test 20); }\nschedule { phase find { compete c; sample 500 patches; } phase learn { correct class; epochs 1; } }\n' >n.btn
bouton train n.btn --metrics n.csv >/dev/null 2>&1; sed 's/[0-9.]*[0-9],[0-9.]*,false/#,#,false/; s/learn,1,200,[0-9.]*,[0-9.]*/learn,1,200,#,#/' n.csv
echo 1,2,3 >rows.csv; bouton train small.btn --metrics rows.csv 2>&1 | tail -1; cat rows.csv
