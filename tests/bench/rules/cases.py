"""The cases of the rules benchmark, the same for every side: a place, a moment, a wallet of lots under pools, and baskets. Nothing here
depends on the day or on chance: a linear congruential generator with a fixed seed chooses."""
import csv
import datetime
import decimal
import zoneinfo

ZONE = "Asia/Nicosia"
NOW = datetime.datetime(2026, 11, 24, 12, 30, tzinfo=zoneinfo.ZoneInfo(ZONE))  # a Tuesday
FAMILIES = ["Coffee", "Tea", "Bakery", "Sandwiches", "Salads", "Sweets", "Juices", "Gifts", "Beans", "Mugs", "Syrups", "Ice cream"]
BRANDS = ["Aroma", "Kafes", "Mikel", "Lipton", "Twinings", "Oatly", "Barista", "Monin", "Lotus", "Ion", "Evergreen", "Ellinas"]
TYPES = ["goods", "service", "deposit", "voucher"]


class Dice:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def some(self, words, n):
        """n different words."""
        left = list(words)
        return [left.pop(self.below(len(left))) for _ in range(min(n, len(left)))]

    def id(self):
        return f"019ab{self.below(4096):03x}-{self.below(65536):04x}-7{self.below(4096):03x}-8{self.below(4096):03x}-{self.below(2**31):012x}"


def stamp(**ahead):
    return int((NOW + datetime.timedelta(**ahead)).timestamp())


def window(opens, closes, days=(), months=()):
    return {"days": list(days), "months": list(months), "from": opens * 60, "to": closes * 60}


def pool(dice, n, words):
    """Conditions of four habits in turn; of twenty pools two are elsewhere and two are shut now."""
    made = {"id": f"pool-{n}", "time": [], "venues": [], "businesses": [], "brands": [], "families": [], "skus": [], "types": [],
            "spend_on": "matching_lines" if n % 2 else "basket"}
    habit = n % 4
    if habit == 0:
        made["skus"] = dice.some(words["skus"], 24)
    elif habit == 1:
        made["families"], made["brands"] = dice.some(words["families"], 5), dice.some(words["brands"], 5)
    elif habit == 2:
        made["families"] = dice.some(words["families"], 6)
        made["time"] = [window(17, 22, days=[4, 5])] if n % 10 == 2 else [window(7, 11), window(12, 16, days=[0, 1, 2, 3])]
    else:
        made["brands"], made["types"] = dice.some(words["brands"], 8), ["goods", "service"]
        made["venues"] = [f"venue-{k}" for k in (range(2, 8) if n % 10 == 3 else range(6))]
    return made


def wallet(dice, lots, pools, words, least, most):
    """Lots under pools in turn; one in twenty is over, one in twenty has not begun, one in five has no end."""
    kinds = [pool(dice, n, words) for n in range(pools)]
    made = []
    for n in range(lots):
        until = None if n % 5 == 4 else stamp(days=-1) if n % 20 == 7 else stamp(days=20 + dice.below(300))
        made.append({"id": dice.id(), "pool": n % pools, "amount": least + dice.below(most - least), "from": stamp(days=1) if n % 20 == 12 else None,
                     "until": until, "credited": stamp(days=-10 - dice.below(300))})
    return kinds, made


def shop(dice, lines):
    """A basket of one shop; one line in ten lowers the price."""
    made = []
    for n in range(lines):
        amount = -50 if n % 10 == 9 else 120 + dice.below(900)
        made.append({"id": str(n + 1), "sku": f"SKU-{dice.below(200):04d}", "brand": BRANDS[dice.below(len(BRANDS))],
                     "family": FAMILIES[dice.below(len(FAMILIES))], "type": TYPES[dice.below(2)], "amount": amount})
    return made


SHOP_WORDS = {"skus": [f"SKU-{n:04d}" for n in range(200)], "brands": BRANDS, "families": FAMILIES}


def case(name, kinds, lots, baskets):
    return {"name": name, "zone": ZONE, "now": stamp(), "venue": "venue-0", "business": "aroma", "weekday": NOW.weekday(), "month": NOW.month - 1,
            "minute": NOW.hour * 60 + NOW.minute, "pools": kinds, "lots": lots, "baskets": baskets}


def shop_case(name, lots, lines, pools=None):
    dice = Dice(7)
    kinds, made = wallet(dice, lots, pools or lots, SHOP_WORDS, 200, 900)
    return case(name, kinds, made, [shop(dice, lines)])


def real_lines(path):
    invoices = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            exact = decimal.Decimal(row["Quantity"]) * decimal.Decimal(row["UnitPrice"]) * 100
            lines = invoices.setdefault(row["InvoiceNo"], [])
            lines.append({"id": str(len(lines) + 1), "sku": row["StockCode"], "brand": row["StockCode"][:2],
                          "family": row["Description"].split(" ")[0] or "OTHER", "type": "goods", "amount": int(exact.to_integral_value(decimal.ROUND_HALF_UP))})
    return list(invoices.values())


def real_words(baskets):
    """What the baskets hold, in order of first sight."""
    seen = {}
    for lines in baskets:
        for line in lines:
            for kind in ("sku", "brand", "family"):
                seen.setdefault(kind, {})[line[kind]] = None
    return {"skus": list(seen["sku"]), "brands": list(seen["brand"]), "families": list(seen["family"])[:60]}


def real_case(path):
    baskets = real_lines(path)
    dice = Dice(11)
    kinds, lots = wallet(dice, 20, 20, real_words(baskets), 500, 4000)
    return case("real baskets, 20 lots", kinds, lots, baskets)


def real_growth(path, lots, lines):
    """A basket of so many real lines, the longest real basket first; lots under as many pools."""
    baskets = sorted(real_lines(path), key=len, reverse=True)
    flat = [dict(line) for basket in baskets for line in basket if line["amount"] > 0][:lines]
    for n, line in enumerate(flat):
        line["id"] = str(n + 1)
    dice = Dice(13)
    kinds, made = wallet(dice, lots, lots, real_words(baskets[:20]), 100, 2000)
    return case(f"{lots} lots x {lines} real lines", kinds, made, [flat])
