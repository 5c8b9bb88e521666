# The proposal, as an edit of rules.way: a platinum card between gold and black, from 3,500 points.
s/(silver < gold < black)/(silver < gold < platinum < black)/
/^  gold   when growth/i\
  platinum when growth >= 3500
/^coupon BLACK50/i\
coupon PLAT30  "30 off, each month for platinum" { value 30.00 valid 30d }
/^trigger to_gold/i\
trigger to_platinum priority 55 when every 1d from 2026-01-01 and worth = platinum and tier < platinum\
  then set tier = platinum, set tier_since = today, send risen
/^trigger keep_gold/i\
trigger warn_platinum priority 40 when anniversary of tier_since - 30d and tier = platinum and worth in (gold, silver)\
  then task owner "{name|This member} will lose platinum in 30 days ({growth} points): ask what is wrong" due 7d
/^trigger fall_gold/i\
trigger fall_platinum priority 30 when anniversary of tier_since and tier = platinum and worth not in (platinum, black)\
  then set tier = gold, set tier_since = today, send fallen\
trigger keep_platinum priority 30 when anniversary of tier_since and tier = platinum and worth in (platinum, black)\
  then send renewed
/^trigger fall_black/,/^  then/s/set tier = gold/set tier = platinum/
/^trigger black_month/i\
trigger platinum_month when every month on 1 and tier = platinum then send coupon PLAT30
