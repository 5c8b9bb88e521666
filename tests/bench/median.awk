# median(" 3 1 2") is 2: of numbers in a text. (With -f before a program that uses it.)
function median(text,    v, n, i, j, t)
{
    n = split(text, v, " ")
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) {
            t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
        }
    return v[int((n + 1) / 2)]
}
