# Makes a manual page's source (scdoc) of a manual in Markdown: headings one level up, code in bold,
# tables and lists as they are. -v head= the first line, -v name= the NAME section's heading,
# -v what= its line, -v description= the next heading.

function escaped(text) {
    gsub(/[\\_*]/, "\\\\&", text)
    return text
}

# `code`, **bold**, *emphasis* and [text](link); no one inside another.
function inline(text,    out, code, rest) {
    out = ""
    while (match(text, /`[^`]*`|\*\*[^*]*\*\*|\*[^*]+\*|\[[^]]*\]\([^)]*\)/)) {
        rest = substr(text, RSTART + RLENGTH)
        code = substr(text, RSTART, RLENGTH)
        out = out escaped(substr(text, 1, RSTART - 1))
        if (code ~ /^`/)
            out = out "*" escaped(substr(code, 2, length(code) - 2)) "*"
        else if (code ~ /^\*\*/) {
            gsub(/[*`]/, "", code)
            out = out "*" escaped(code) "*"
        } else if (code ~ /^\[/) {
            sub(/\]\(.*/, "", code)
            out = out escaped(substr(code, 2))
        } else {
            gsub(/[*`]/, "", code)
            out = out "_" escaped(code) "_"
        }
        text = rest
    }
    return out escaped(text)
}

function row(line,    n, cells, i, lead) {
    sub(/^\| ?/, "", line)
    sub(/ ?\|$/, "", line)
    gsub(/\\\|/, "\001", line)
    n = split(line, cells, / *\| */)
    for (i = 1; i <= n; i++) {
        gsub(/\001/, "|", cells[i])
        lead = i == 1 ? "|" : ":"
        print lead (table == 1 ? "[" : " ") " " inline(cells[i])
    }
}

FNR == 1 {
    printf "%s\n\n# %s\n\n%s\n\n# %s\n", head, name, what, description
    next
}
/^```/ { literal = !literal; print "```"; next }
literal { gsub(/\\/, "&&"); print; next }
/^\|[-|]+$/ { next }
/^\|/ { table++; row($0); next }
{ table = 0 }
/^##+ / { sub(/^#/, ""); print; next }
/^[-*] / { print "- " inline(substr($0, 3)); next }
/^  [^ ]/ { print "  " inline(substr($0, 3)); next }
{ print inline($0) }
