# A table of three classes with names that a page must show as text: markup, quotes and an entity, a long one, and one
# that runs from right to left and turns what follows it.
BEGIN {
    srand(3)
    for (i = 0; i < 255; i++) long = long "x"
    print "<script>alert(1)</script>,\"a \"\"quoted\"\" & 'other'\"," long ",\327\251\327\234\327\225\327\235\342\200\256abc,plain,kind"
    class[0] = "<img src=x onerror=alert(1)>"
    class[1] = "\"&lt; \327\251\327\234\327\225\327\235 \342\200\256'\""
    class[2] = long
    gsub(/"/, "\"\"", class[1])
    for (n = 0; n < 400; n++) {
        k = n % 3
        for (i = 0; i < 5; i++) printf "%.3f,", (i == k) + rand()
        print "\"" class[k] "\""
    }
}
