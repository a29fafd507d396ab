# Prints the table of ratios. Standard input is goals.txt, which explains its columns; `rates` names a file of lines
# "KEY VALUE", one for each round. The two values of one round are divided by each other, so that a longer disturbance
# affects both. The median ratio counts.
BEGIN {
    unit["ns"] = 1e-9
    unit["ms"] = 1e-3
    unit["/s"] = 1
    while ((getline line < rates) > 0) {
        split(line, field, " ")
        value[field[1], ++count[field[1]]] = field[2]
    }
    print "| goal | bouton | peer | asked | reached | least to most | other peer: ratio | live | |"
    print "|---|---|---|---|---|---|---|---|---|"
}

function is_time(key) { return key ~ /\.seconds$/ }

function scaled(x, key) {
    if (is_time(key))
        return (x < 1e-6) ? sprintf("%.2f ns", x * 1e9) : sprintf("%.0f ms", x * 1e3)
    if (x >= 1e9)
        return sprintf("%.3g G/s", x / 1e9)
    if (x >= 1e6)
        return sprintf("%.3g M/s", x / 1e6)
    return (x >= 1e3) ? sprintf("%.3g k/s", x / 1e3) : sprintf("%.3g /s", x)
}

function sort(v, n,   i, j, t) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j] < v[j - 1]; j--) {
            t = v[j]
            v[j] = v[j - 1]
            v[j - 1] = t
        }
}

# The median of a key's values, or 0 if it has none.
function median(key,   n, i, v) {
    n = count[key]
    for (i = 1; i <= n; i++)
        v[i] = value[key, i] + 0
    sort(v, n)
    return n ? v[int((n + 1) / 2)] : 0
}

function middle(key) {
    if (key ~ /^[0-9]/)
        return key
    return count[key] ? scaled(median(key), key) : "-"
}

# Fills ratio[1..n], sorted, and returns n. A peer that begins with a digit is a fixed value.
function ratios(key, peer, ratio,   n, i, x, y, part) {
    n = count[key]
    if (peer !~ /^[0-9]/ && count[peer] < n)
        n = count[peer]
    split(peer, part, " ")
    for (i = 1; i <= n; i++) {
        x = value[key, i]
        y = (peer ~ /^[0-9]/) ? part[1] * unit[part[2]] : value[peer, i]
        ratio[i] = is_time(key) ? y / x : x / y
    }
    sort(ratio, n)
    return n
}

# "1.8 or KEY" asks for the lesser of 1.8 and the median of KEY.
function least_asked(asked,   part) {
    split(asked, part, " or ")
    return (part[2] && count[part[2]] && median(part[2]) < part[1]) ? median(part[2]) : part[1] + 0
}

function other_peer(key, peer,   n, ratio) {
    n = ratios(key, peer, ratio)
    if (!n)
        return peer ? "-" : ""
    return sprintf("%s %s: %.2f", (peer ~ /^torch/) ? "PyTorch" : "OpenBLAS", middle(peer), ratio[int((n + 1) / 2)])
}

# Sets live_text to the measured shares of a network, and starved to 1 if one of them, rounded to whole percents, is
# below what its line `live` asks for, or not measured.
function check_live(network,   n, i, item, part, percent) {
    live_text = ""
    starved = 0
    n = split(live[network], item, ", ")
    for (i = 1; i <= n; i++) {
        split(item[i], part, " ")
        percent = 100 * median("live." network "." part[1])
        live_text = live_text (i > 1 ? ", " : "") sprintf("%s %.1f%%", part[1], percent)
        if (int(percent + 0.5) < part[2] + 0)
            starved = 1
    }
}

/^#/ || NF < 3 { next }

$1 == "live" {
    live[$2] = $3
    next
}

{
    if ($6 && !($6 in live)) {
        print "goals.txt: no line `live` for " $6 >"/dev/stderr"
        exit 1
    }
    check_live($6)
    asked = least_asked($4)
    printf "| %s | %s | %s | %s ", $1, middle($2), middle($3), ($4 == "-") ? "" : sprintf("%.3g", asked)
    n = ratios($2, $3, ratio)
    if (!n) {
        printf "| | | | %s | not measured |\n", live_text
        next
    }
    middling = ratio[int((n + 1) / 2)]
    verdict = starved ? "starved" : ($4 == "-") ? "" : (middling >= asked) ? "reached" : "short"
    printf "| %.2f | %.2f-%.2f | %s | %s | %s |\n", middling, ratio[1], ratio[n], other_peer($2, $5), live_text, verdict
}
