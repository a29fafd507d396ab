# Prints the table of ratios. Standard input is goals.txt; `rates` names a file of lines "KEY VALUE", one for each
# round. The two rates of one round are divided by each other, so that a longer disturbance affects both. The median
# ratio counts.
BEGIN {
    while ((getline line < rates) > 0) {
        split(line, field, " ")
        value[field[1], ++count[field[1]]] = field[2]
    }
    print "| goal | bouton | peer | asked | reached | least to most | |"
    print "|---|---|---|---|---|---|---|"
}

function scaled(x) {
    if (x >= 1e9)
        return sprintf("%.3g G/s", x / 1e9)
    if (x >= 1e6)
        return sprintf("%.3g M/s", x / 1e6)
    return sprintf("%.3g k/s", x / 1e3)
}

function sort(v, n,   i, j, t) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j] < v[j - 1]; j--) {
            t = v[j]
            v[j] = v[j - 1]
            v[j - 1] = t
        }
}

function middle(key,   n, i, v) {
    n = count[key]
    if (!n)
        return "-"
    for (i = 1; i <= n; i++)
        v[i] = value[key, i] + 0
    sort(v, n)
    return scaled(v[int((n + 1) / 2)])
}

/^#/ || NF < 4 { next }

{
    printf "| %s | %s | %s | %s ", $1, middle($2), middle($3), $4
    n = (count[$2] < count[$3]) ? count[$2] : count[$3]
    if (!n) {
        print "| | | not measured |"
        next
    }
    for (i = 1; i <= n; i++)
        ratio[i] = value[$2, i] / value[$3, i]
    sort(ratio, n)
    middling = ratio[int((n + 1) / 2)]
    printf "| %.2f | %.2f-%.2f | %s |\n", middling, ratio[1], ratio[n], (middling >= $4 + 0) ? "reached" : "short"
}
