# A row of members.csv as the variables that hand_rules.pl speaks of.
function day(text) {
    return text == "" ? 0 : (substr(text, 1, 4) - 1900) * 372 + (substr(text, 6, 2) - 1) * 31 + substr(text, 9, 2) - 1
}
function code(column, word) { return word == "" ? 0 : codes[column, word] }
FNR == 1 { next }
{
    joined = day($2); birthday = $3 == "" ? 0 : substr($3, 6, 2) * 100 + substr($3, 9, 2)
    gender = code("gender", $4); city = code("city", $5); store = substr($6, 2) + 0
    tier = code("tier", $7); points = $8 + 0; balance = int($9 * 100 + 0.5)
    wecom = $10 + 0; sms = $11 + 0; push = $12 + 0; opted_in = $13 + 0
    source = code("source", $14); age = $15 + 0; visits = $16 + 0; spent = int($17 * 100 + 0.5)
    last_visit = day($18); last_open = day($19); nps = $20 == "" ? -1 : $20 * 2
    children = $21 == "" ? -1 : $21 + 0; brand = code("brand", $22)
    set = ";" $23 ";"
    tag_deal = index(set, ";deal;") > 0; tag_vip = index(set, ";vip;") > 0
    tag_svip = index(set, ";svip;") > 0; tag_sleep = index(set, ";sleep;") > 0
    tag_staff = index(set, ";staff;") > 0
}
