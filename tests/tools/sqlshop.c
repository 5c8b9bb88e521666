#include "tests/tools/sqlshop.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMBERS = 400, ORDERS = 1500 };

static void cell(struct gen *g, FILE *out, const char *text, unsigned missing)
{
    fprintf(out, ",%s", gen_chance(g, missing) ? "" : text);
}

static void date_cell(struct gen *g, FILE *out, unsigned missing)
{
    char text[WF_DATE_TEXT];
    wf_date_text(NIGHT - 110 + (int64_t)gen_roll(g, 140), text);
    cell(g, out, text, missing);
}

static void number_cell(struct gen *g, FILE *out, uint64_t sides, unsigned missing)
{
    char text[24];
    snprintf(text, sizeof(text), "%u", (unsigned)gen_roll(g, sides));
    cell(g, out, text, missing);
}

static void money_cell(struct gen *g, FILE *out, unsigned missing)
{
    char text[24];
    unsigned cents = (unsigned)gen_roll(g, 200) * 250;
    snprintf(text, sizeof(text), "%u.%02u", cents / 100, cents % 100);
    cell(g, out, text, missing);
}

static void write_members(struct gen *g, FILE *out)
{
    fputs("member_id,joined,last_visit,age,visits,spent,balance,nps,city,tier,wecom,sms,tags\n",
          out);
    for (int i = 0; i < MEMBERS; i++) {
        fprintf(out, "M%03d", i);
        date_cell(g, out, 0);
        date_cell(g, out, 30);
        number_cell(g, out, 60, 30);
        number_cell(g, out, 8, 0);
        money_cell(g, out, 0);
        money_cell(g, out, 30);
        cell(g, out, gen_chance(g, 50) ? "5.5" : "8", 40);
        cell(g, out, PICK(g, cities), 20);
        cell(g, out, PICK(g, tiers), 25);
        cell(g, out, gen_chance(g, 50) ? "1" : "0", 0);
        cell(g, out, gen_chance(g, 50) ? "1" : "0", 30);
        fprintf(out, ",%s", gen_chance(g, 40) ? "" : PICK(g, tags));
        fprintf(out, "%s%s\n", gen_chance(g, 60) ? "" : ";",
                gen_chance(g, 60) ? "" : PICK(g, tags));
    }
}

/* One order of one to three lines; some lines come twice, some orders have no known member. */
static void write_order(struct gen *g, FILE *out, int i)
{
    char line[256];
    char day[WF_DATE_TEXT], clock[WF_CLOCK_TEXT];
    int member = (int)gen_roll(g, MEMBERS + 5);
    wf_date_text(NIGHT - 110 + (int64_t)gen_roll(g, 112), day);
    wf_clock_text(gen_chance(g, 25) ? 0 : (int64_t)gen_roll(g, 86400), clock);
    for (unsigned n = 1 + (unsigned)gen_roll(g, 3), k = 1; k <= n; k++) {
        unsigned cents = (unsigned)gen_roll(g, 20) * 500;
        snprintf(line, sizeof(line), "M%03d,%sT%s,A%04d,%u,%u.%02u,%u,%s,%s,%s,%s,%s\n", member,
                 day, clock, i, k, cents / 100, cents % 100, 1 + (unsigned)gen_roll(g, 3),
                 gen_chance(g, 25) ? "" : PICK(g, brands), PICK(g, channels),
                 gen_chance(g, 60) ? "" : "FIRST20",
                 gen_chance(g, 15)   ? "cancelled"
                 : gen_chance(g, 50) ? "paid"
                                     : "",
                 gen_chance(g, 40)   ? ""
                 : gen_chance(g, 50) ? "2"
                                     : "4");
        fputs(line, out);
        if (gen_chance(g, 5))
            fputs(line, out);
    }
}

const char sqlshop_schema_way[] =
    "timezone \"Asia/Shanghai\"\n"
    "member from \"members.csv\" {\n"
    "  member_id text key\n  joined date\n  last_visit date?\n  age int?\n  visits int\n"
    "  spent money\n  balance money?\n  nps number?\n  city text?\n"
    "  tier one of (silver < gold < black)?\n  wecom bool\n  sms bool?\n  tags set\n}\n"
    "event purchase as purchased from \"orders.csv\" {\n"
    "  at time\n  order text\n  line int\n  unique (order, line)\n"
    "  void when status = \"cancelled\"\n  amount money\n  qty int\n  brand text?\n"
    "  channel text\n  coupon text?\n  status text?\n  points int?\n}\n";

const char sqlshop_schema_sql[] =
    ".import --csv members.csv raw_members\n.import --csv orders.csv raw_orders\n"
    "create table members as select member_id, joined, nullif(last_visit, '') as last_visit,\n"
    " cast(nullif(age, '') as integer) as age, cast(visits as integer) as visits,\n"
    " cast(round(spent * 100) as integer) as spent,\n"
    " cast(round(nullif(balance, '') * 100) as integer) as balance,\n"
    " cast(nullif(nps, '') as real) as nps, nullif(city, '') as city,\n"
    " case tier when 'silver' then 0 when 'gold' then 1 when 'black' then 2 end as tier,\n"
    " cast(wecom as integer) as wecom, cast(nullif(sms, '') as integer) as sms, tags\n"
    " from raw_members;\n"
    "create table orders as select distinct member_id, \"at\", \"order\", line,\n"
    " cast(round(amount * 100) as integer) as amount, cast(qty as integer) as qty,\n"
    " nullif(brand, '') as brand, channel, nullif(coupon, '') as coupon,\n"
    " cast(nullif(points, '') as integer) as points from raw_orders where status <> 'cancelled';\n"
    "create index orders_member on orders (member_id);\n.mode list\n.output sql.txt\n";

FILE *sqlshop_create(const char *name)
{
    FILE *out = fopen(name, "w");
    if (!out) {
        perror(name);
        exit(1);
    }
    return out;
}

static void write_data(struct gen *g)
{
    FILE *out = sqlshop_create("members.csv");
    write_members(g, out);
    fclose(out);
    out = sqlshop_create("orders.csv");
    fputs("member_id,at,order,line,amount,qty,brand,channel,coupon,status,points\n", out);
    for (int i = 0; i < ORDERS; i++)
        write_order(g, out, i);
    fclose(out);
}

int sqlshop_sh(const char *command)
{
    int status = system(command);
    return status == -1 ? 1 : WEXITSTATUS(status);
}

unsigned sqlshop_setting(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

bool sqlshop_open(const char *program, char *folder, unsigned seed, struct gen *g)
{
    *g = (struct gen){.state = seed * UINT64_C(0x100000001)};
    if (!getenv("WAYFARE") || !mkdtemp(folder) || chdir(folder)) {
        fprintf(stderr, "%s: WAYFARE must name the program\n", program);
        return false;
    }
    write_data(g);
    return true;
}

int sqlshop_close(const char *program, const char *folder, unsigned seed, int status,
                  const char *what, unsigned count)
{
    char command[64];
    if (status) {
        printf("%s: seed %u: FAILED (%s is kept)\n", program, seed, folder);
        return 1;
    }
    printf("%s: %u %s, seed %u\n", program, count, what, seed);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return chdir("/") || sqlshop_sh(command);
}
