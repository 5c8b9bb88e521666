#!/usr/bin/env perl
# As many rules as wanted: vary.pl RULES < FILE.tsv. Fewer than there are: the first ones, segments
# and triggers in their proportion. More (hundreds): the lines again and again, each time with other
# numbers, the same in the language and in SQL; copies refer to copies.
use strict;
use warnings;
use POSIX qw(mktime strftime);

my ($wanted) = @ARGV;
my @lines = map { chomp; [split /\t/] } grep { !/^#/ } <STDIN>;

sub later { # a day, by some days; the year is left out where it was
    my ($days, $year, $month, $day) = @_;
    my $time = mktime(0, 0, 12, $day + $days, $month - 1, ($year || 2026) - 1900);
    return strftime($year ? '%F' : '%m-%d', localtime $time);
}

my %pointed; # segments without a number of their own: their copies ask for points

sub vary {
    my ($c, $kind, $name, $way, $sql) = @_;
    my ($before, $more) = ($way, ' and points >= ' . 13 * $c);
    my ($refers) = $way =~ /\b(s\d+)\b/;
    for ($way) {
        s/(joined|last_visit) \+ (\d+)d/"$1 + " . ($2 + $c) . 'd'/ge;
        s/anniversary of birthday( - (\d+)d)?/'anniversary of birthday - ' . (($2 || 0) + $c) . 'd'/e;
        s/\bs(\d+)\b/s$1_$c/g;
    }
    for ($sql) {
        s/(joined|last_visit) = '(\d+)-(\d+)-(\d+)'/"$1 = '" . later(-$c, $2, $3, $4) . q(')/ge;
        s/MONTHDAY\(birthday\) = '(\d+)-(\d+)'/q(MONTHDAY(birthday) = ') . later($c, 0, $1, $2) . q(')/e;
    }
    for ($way, $sql) {
        s/points (>=|<|>) (\d+)/"points $1 " . ($2 + 13 * $c)/ge;
        s/visits (>=|>) (\d+)/"visits $1 " . ($2 + $c)/ge;
        s/age (>=|<) (\d+)/"age $1 " . ($2 + $c)/ge;
        s/age between (\d+) and (\d+)/'age between ' . ($1 + $c) . ' and ' . ($2 + $c)/ge;
        s/spent (>=|<|>) (\d+)\./"spent $1 " . ($2 + 7 * $c) . '.'/ge;
    }
    $sql = "($sql)$more" if $refers && $pointed{$refers};
    if ($way eq $before) {
        $_ = "($_)$more" for $way, $sql;
        $pointed{$name} = 1;
    }
    return ($kind, "${name}_$c", $way, $sql);
}

if ($wanted < @lines) {
    my $share = $wanted / @lines;
    for my $kind (qw(segment trigger)) {
        my @some = grep { $_->[0] eq $kind } @lines;
        print map { join("\t", @$_) . "\n" } @some[0 .. $share * @some - 1];
    }
    exit;
}
for my $c (0 .. $wanted / @lines - 1) {
    print map { join("\t", $c ? vary($c, @$_) : @$_) . "\n" } @lines;
}
