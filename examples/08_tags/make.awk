# What is known of the members besides: the tags they came with (some set long ago, by other rules), and the score
# that the data team's model gave them.
BEGIN {
    for (i = 1; i <= members; i++)
        more[i] = (chance(0.06) ? "dry_eyes;" : "") (chance(0.04) ? "regular;" : "") (chance(0.03) ? "loyal" : "") "," \
            (chance(0.9) ? sprintf("%.2f", random() * random()) : "")
    widen_members("tags,churn_risk", more)
}
