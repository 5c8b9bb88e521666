#!/usr/bin/env perl
# The SQL conditions of a .tsv as C or awk, for the programs by hand: hand_rules.pl c|awk < FILE.tsv
#
# What their authors know beforehand is in here: the words of each column (codes from 1, 0: missing),
# days as (year - 1900) * 372 + (month - 1) * 31 + day - 1, money in cents, nps in halves, birthdays
# as 100 * month + day; -1 is a missing nps or number of children, 0 any other missing value.
use strict;
use warnings;

my %words = (
    gender => [qw(f m)],
    tier   => [qw(silver gold black)],
    city   => [qw(上海 北京 广州 深圳 杭州 苏州 成都 重庆 武汉 西安 南京 郑州 长沙 青岛 大连 福州 厦门
                  昆明 贵阳 兰州), "Hong Kong", "Singapore"],
    brand  => [qw(明月 万新眼镜 依视路 蔡司 宝岛眼镜 海俪恩 暴龙眼镜 木九十 Oakley Ray-Ban Gucci)],
    source => [qw(store wechat_ad wechat_friend friend web tmall event other)],
);
my $c = $ARGV[0] eq 'c';
my ($and, $or) = $c ? ('&', '|') : ('&&', '||'); # comparisons are 0 or 1: no branch is wanted

sub code {
    my ($column, $word) = @_;
    my @at = grep { $words{$column}[$_ - 1] eq $word } 1 .. @{$words{$column}};
    die "$column has no word $word\n" unless @at;
    return $at[0];
}

sub any {
    my ($column, @codes) = @_;
    return '(' . join(" $or ", map { "$column == $_" } @codes) . ')';
}

sub like {
    my ($column, $pattern) = @_;
    return "$column % 10 == $1" if $column eq 'store' && $pattern =~ /^%(\d)$/;
    my $regex = join '.*', map { quotemeta } split /%/, $pattern, -1;
    return any($column, grep { $words{$column}[$_ - 1] =~ /^$regex$/ } 1 .. @{$words{$column}});
}

sub missing { return $_[0] =~ /^(nps|children)$/ ? -1 : 0 }

sub known { return "$_[0] != " . missing($_[0]) }

sub day { return ($_[0] - 1900) * 372 + ($_[1] - 1) * 31 + $_[2] - 1 }

# SQL says "> 4.995" of 5.00 and more, and "< 4.995" of less.
sub cents {
    my ($op, $yuan) = @_;
    return $op eq '>' ? sprintf('> %d', 100 * $yuan) : sprintf('< %d', 100 * $yuan + 1);
}

sub by_hand {
    local $_ = $_[0];
    s/';' \|\| coalesce\(tags, ''\) \|\| ';' like '%;(\w+);%'/tag_$1/g;
    s/(\w+) like '([^']*)'/like($1, $2)/ge;
    s/MONTHDAY\((\w+)\) = '(\d+)-(\d+)'/"$1 == " . (100 * $2 + $3)/ge;
    s/'(\d{4})-(\d\d)-(\d\d)(T00:00:00)?'/day($1, $2, $3)/ge;
    s/(\w+) in \(([^)]*)\)/my $of = $1; any($of, map { code($of, $_) } $2 =~ m{'([^']*)'}g)/ge;
    s/(\w+) <> '([^']*)'/"$1 != 0 $and $1 != " . code($1, $2)/ge;
    s/(\w+) = '([^']*)'/"$1 = " . code($1, $2)/ge;
    s/1 \+ \(ten_before - ten_before % everyone\) \/ everyone = 10/top_tenth/;
    s/avg365 (>=|<) ([\d.]+)/"n365 > 0 $and amt365 * 100.0 $1 " . 1e4 * $2 . ' * n365'/ge;
    s/spent > 20 \* balance - 0.005/spent >= 20 * balance/;
    s/\b(spent|balance|amt90|amt365|max_amt) ([<>]) (\d+\.\d+)/"$1 " . cents($2, $3)/ge;
    s/nps (<=|>=) ([\d.]+)/"nps $1 " . 2 * $2/ge;
    s/(\w+) between (\d+) and (\d+)/($1 >= $2 $and $1 <= $3)/g;
    s/\b(last_visit|last_open|age|nps|last_at|first_at) (<=?) (\d+)/known($1) . " $and $1 $2 $3"/ge;
    s/(\w+) is (not )?null/"$1 " . ($2 ? '!' : '=') . '= ' . missing($1)/ge;
    s/coalesce\((\w+), (\d+)\)/"($1 == " . missing($1) . " ? $2 : $1)"/ge;
    s/\band\b/$and/g;
    s/\bor\b/$or/g;
    s/\bnot\b/!/g;
    s/ = / == /g;
    return $_;
}

for my $column (sort keys %words) {
    my @words = @{$words{$column}};
    print $c ? "#define \U$column\E_WORDS " . join(', ', map { "\"$_\"" } @words) . "\n"
             : join('', map { "BEGIN { codes[\"$column\", \"$words[$_ - 1]\"] = $_ }\n" } 1 .. @words);
}
my $segments = 0;
print $c ? "#define RULES \\\n" : "{\n";
while (<STDIN>) {
    chomp;
    my ($kind, $name, $way, $sql) = split /\t/;
    next if $kind =~ /^#/;
    my $test = by_hand($sql);
    my $n = $segments++ if $kind eq 'segment';
    if ($kind eq 'segment') {
        print $c ? "    SEGMENT($n, $test) \\\n" : "    size[$n] += $test\n";
    } else {
        print $c ? "    TRIGGER(\"$name\", $test) \\\n" : "    if ($test) print \$1 \",$name\"\n";
    }
}
print $c ? "\n#define SEGMENTS $segments\n"
         : "}\nEND { for (i = 0; i < $segments; i++) print size[i] + 0 > sizes }\n";
