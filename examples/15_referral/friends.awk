# Some members bring many friends, others one soon after they came; and some invite their own second number.
BEGIN {
    file = dir "/members.csv"
    for (n = 0; (getline line[n] < file) > 0; n++) ;
    close(file)
    print line[0] >file
    for (i = 1; i < n; i++) {
        split(line[i], cell, ",")
        if (cell[12] != "c" i)
            cell[13] = "m" (i - 1)
        else if (i > 1000 && chance(0.25))
            cell[13] = "m" (chance(0.4) ? 1 + int((i - 1) * random() * random() * random()) : i - 1 - int(800 * random() * random()))
        for (k = 1; k < 13; k++) printf "%s,", cell[k] >file
        print cell[13] >file
    }
    close(file)
}
