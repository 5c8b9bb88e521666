# 会员在什么场合戴眼镜（标签），和活动之前核销过的券。
function occasions(    list) {
    list = (chance(0.25) ? "看书;" : "") (chance(0.2) ? "开车;" : "") (chance(0.3) ? "户外;" : "") (chance(0.3) ? "电脑;" : "")
    sub(";$", "", list)
    return list
}

BEGIN {
    for (i = 1; i <= members; i++) more[i] = occasions()
    widen_members("tags", more)
    for (day = start; day <= last; day++)
        note("redeems", day, "m" (1 + below(members)) "," time_on(day) ",SAVE20,S0" (1 + below(9)))
    write_table("redeems", "member_id,at,coupon,store")
}
