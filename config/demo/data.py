"""The demo's data: a Cypriot coffee and grocery business. Made anew from a fixed seed, so that codes and PINs are the same in every
demo; only dates ("expiring soon") follow the day it is made for. Names, people and products are invented."""
import datetime
import random

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

# brand, family, [(sku, name)]
GOODS = [
    ("Kafeneio", "Coffee", [("KF01", "Κυπριακός καφές"), ("KF02", "Freddo espresso"), ("KF03", "Freddo cappuccino"), ("KF04", "Φραπές"),
                            ("KF05", "Espresso"), ("KF06", "Cappuccino"), ("KF07", "Flat white"), ("KF08", "Latte"), ("KF09", "Τσάι του βουνού"),
                            ("KF10", "Ζεστή σοκολάτα")]),
    ("Kafeneio", "Beans", [("KB01", "House beans 250 g"), ("KB02", "House beans 1 kg"), ("KB03", "Κόκκοι Αιθιοπίας 250 g"), ("KB04", "Decaf beans 250 g")]),
    ("Fournos", "Bakery", [("FB01", "Κουλούρι"), ("FB02", "Τυρόπιτα"), ("FB03", "Σπανακόπιτα"), ("FB04", "Ελιόπιτα"), ("FB05", "Χαλλουμωτή"),
                           ("FB06", "Φλαούνα"), ("FB07", "Croissant"), ("FB08", "Almond croissant"), ("FB09", "Ταχινόπιτα"), ("FB10", "Sourdough loaf")]),
    ("Fournos", "Sweets", [("FS01", "Μπακλαβάς"), ("FS02", "Γαλατομπούρεκο"), ("FS03", "Λουκούμι Γεροσκήπου"), ("FS04", "Carrot cake"), ("FS05", "Cheesecake")]),
    ("Troodos", "Dairy", [("TD01", "Χαλλούμι 250 g"), ("TD02", "Αναρή 200 g"), ("TD03", "Γιαούρτι 500 g"), ("TD04", "Fresh milk 1 l"), ("TD05", "Butter 250 g"),
                          ("TD06", "Φέτα 400 g")]),
    ("Troodos", "Grocery", [("TG01", "Ελαιόλαδο 1 l"), ("TG02", "Carob syrup 400 g"), ("TG03", "Μέλι θυμαρίσιο 450 g"), ("TG04", "Ελιές τσακιστές 500 g"),
                            ("TG05", "Tahini 300 g"), ("TG06", "Μακαρόνια 500 g"), ("TG07", "Πλιγούρι 1 kg"), ("TG08", "Rice 1 kg"), ("TG09", "Αλάτι 500 g"),
                            ("TG10", "Trahanas 500 g")]),
    ("Ambelos", "Wine", [("AW01", "Κουμανταρία 500 ml"), ("AW02", "Ξυνιστέρι 750 ml"), ("AW03", "Μαραθεύτικο 750 ml"), ("AW04", "Ζιβανία 200 ml")]),
    ("Nero", "Drinks", [("ND01", "Water 500 ml"), ("ND02", "Water 1.5 l"), ("ND03", "Λεμονάδα"), ("ND04", "Orange juice"), ("ND05", "Ayran"), ("ND06", "Kombucha")]),
    ("Kafeneio", "Gifts", [("KG01", "Travel cup"), ("KG02", "Briki"), ("KG03", "Apron"), ("KG04", "Κούπα")]),
]
FIRST = ["Μαρία", "Andreas", "Ελένη", "Giorgos", "Χριστίνα", "Nikos", "Άννα", "Costas", "Σοφία", "Marios", "Δέσποινα", "Petros", "Κατερίνα", "Sarah", "Γιάννης",
         "Emma", "Παναγιώτα", "Michael", "Ειρήνη", "Lukas"]
LAST = ["Γεωργίου", "Ioannou", "Χαραλάμπους", "Christou", "Κωνσταντίνου", "Demetriou", "Νικολάου", "Savva", "Παύλου", "Smith"]
VENUES = [("nic", "Λευκωσία Λήδρας"), ("lim", "Limassol Molos"), ("paf", "Πάφος Λιμάνι")]


def lot(pool, amount):
    return {"pool": pool, "amount": amount, "valid_from": None, "valid_until": None}


def demo_data(today):
    chance = random.Random(20251121)
    soon = (today + datetime.timedelta(days=3)).isoformat()
    business = "kafeneio"

    def pool(id, name, **conditions):
        return {"id": id, "business": business, "name": name, "time": [], "locations": {"venues": [], "businesses": []},
                "products": {"brands": [], "families": [], "skus": [], "types": []}, "spend_on": "basket",
                "validity": {"from": None, "until": None, "period": None}} | conditions

    def products(**kinds):
        return {"brands": [], "families": [], "skus": [], "types": []} | kinds

    pools = [
        pool("anywhere", "Spend anywhere within a year", validity={"from": None, "until": None, "period": "P1Y"}),
        pool("free", "Χωρίς όρους · No restriction"),
        pool("happy", "Happy hour 22:00–02:00", time=[{"days": ["thu", "fri", "sat"], "months": [], "from": "22:00", "to": "02:00"}]),
        pool("weekend", "Σαββατοκύριακο · Weekends", time=[{"days": ["sat", "sun"], "months": [], "from": "00:00", "to": "24:00"}]),
        pool("paphos", "Only at Πάφος Λιμάνι", locations={"venues": ["paf"], "businesses": []}),
        pool("fournos", "Fournos brand", products=products(brands=["Fournos"]), spend_on="matching_lines"),
        pool("coffee", "Καφέδες · Coffee", products=products(families=["Coffee"]), spend_on="matching_lines"),
        pool("soon", "Expiring in three days", validity={"from": None, "until": soon, "period": None}),
        pool("beans", "Buy beans, pay for anything", products=products(families=["Beans"])),
        pool("mornings", "Weekday mornings, bakery", time=[{"days": ["mon", "tue", "wed", "thu", "fri"], "months": [], "from": "07:00", "to": "11:30"}],
             products=products(families=["Bakery", "Sweets"]), spend_on="matching_lines"),
        # Of the beach bar next door, to be spent with us too: the two are a network.
        pool("sea", "Θάλασσα · Beach bar and us", locations={"venues": [], "businesses": ["thalassa", business]}) | {"business": "thalassa"},
    ]
    own_pools = pools[:-1]

    def offer(id, name, claim, reward, pool, **more):
        return {"id": id, "business": business, "name": name, "currency": "EUR", "claim": claim, "reward": reward, "pool": pool} | more

    offers = [
        offer("cashback", "Coffee cashback 5 %", "automatic", {"basis_points": 500, "cap": 300}, "anywhere", products=products(families=["Coffee"]),
              segments=["regular"], least_spend=1000),
        offer("spring", "Γλυκιά άνοιξη · Two euro off sweets", "code", {"amount": 200}, "free", code="GLYKO2", products=products(families=["Sweets", "Bakery"]),
              least_spend=1000, instant=True, uses=50, uses_per_contact=2),
        offer("first", "First of the day", "code", {"amount": 100}, "free", code="FIRST22", instant=True, uses=1),
        offer("welcome", "Καλώς ήρθες · Three euro off", "passes", {"amount": 300}, "free", least_spend=500, instant=True),
    ]

    def plan(id, name, kind, value, length, alphabet="alphanumeric", pin=False, pool=None, **more):
        return {"id": id, "business": business, "name": name, "type": kind, "printed": True, "currency": "EUR", "value": value, "redeem_by": {"period": "P1Y"},
                "code": {"alphabet": alphabet, "prefix": "", "suffix": "", "length": length}, "pin": pin, "pool": pool} | more

    plans = [
        plan("gift25", "Gift 25", "gift", {"fixed": 2500}, 13, pool="anywhere", pin=True),
        plan("gift10", "Δώρο 10 · Gift 10", "gift", {"fixed": 1000}, 14, pool="free"),
        plan("coffee15", "Coffee 15", "gift", {"fixed": 1500}, 13, pool="coffee"),
        plan("topup20", "Top-up 20", "topup", {"fixed": 2000}, 13),
        plan("giftany", "Gift of your choice", "gift", {"min": 500, "max": 20000}, 15, pool="anywhere", pin=True),
        {"id": "promo3", "business": business, "name": "Welcome promotion", "type": "promotion", "printed": False, "currency": "EUR", "offer": "welcome",
         "redeem_by": {"period": "P1Y"}, "code": {"alphabet": "alphanumeric", "prefix": "", "suffix": "", "length": 14}},
        plan("beach10", "Beach bar 10", "gift", {"fixed": 1000}, 13, pool="sea") | {"business": "thalassa"},
        plan("number10", "Numeric 10 (online only)", "gift", {"fixed": 1000}, 12, alphabet="numeric", pool="free"),
    ]

    passes, seen = [], set()

    def add(plan_id, count, length, letters, state="active", pin=False, value=None, venue=None):
        for n in range(count):
            code = "".join(chance.choice(letters) for _ in range(length))
            assert code not in seen
            seen.add(code)
            entry = {"plan": plan_id, "code": code, "state": state, "venue": venue if venue is not None else VENUES[n % 3][0]}
            if pin:
                entry["pin"] = f"{chance.randrange(10000):04d}"
            if value is not None:
                entry["value"] = value
            passes.append(entry)

    add("gift25", 70, 13, CODE_LETTERS, pin=True, value=2500)
    add("gift25", 20, 13, CODE_LETTERS, state="draft", pin=True)
    add("gift10", 70, 14, CODE_LETTERS, value=1000)
    add("coffee15", 50, 13, CODE_LETTERS, value=1500)
    add("topup20", 40, 13, CODE_LETTERS, value=2000)
    add("giftany", 20, 15, CODE_LETTERS, state="draft", pin=True)
    add("number10", 30, 12, "0123456789", value=1000)

    # One of each state that a till can refuse, under codes that a person can type; agent/api/README.md shows each.
    long_ago = "2020-01-01T00:00:00+02:00"
    passes += [
        {"plan": "gift10", "code": "BARRED23456789", "state": "blocked", "value": 1000, "venue": "nic"},
        {"plan": "gift10", "code": "CANCE223456789", "state": "cancelled", "value": 1000, "venue": "nic"},
        {"plan": "gift10", "code": "SPENT223456789", "state": "redeemed", "value": 1000, "venue": "nic"},
        {"plan": "gift10", "code": "PASTD223456789", "state": "active", "value": 1000, "redeem_by": long_ago, "venue": "nic"},
        {"plan": "gift10", "code": "DRAFT223456789", "state": "draft", "venue": "nic"},
        {"plan": "gift10", "code": "GUEST223456789", "state": "active", "value": 1000, "venue": "nic"},
        {"plan": "gift25", "code": "GUESS22345678", "pin": "2468", "state": "active", "value": 2500, "venue": "nic"},
        {"plan": "topup20", "code": "TPUP223456789", "state": "active", "value": 2000, "venue": "nic"},
        {"plan": "promo3", "code": "WEKCME23456789", "state": "active", "venue": "nic"},
        {"plan": "beach10", "code": "BEACH22345678", "state": "active", "value": 1000, "venue": "sea"},
    ]

    # Of their own, so that the codes before them and the wallets after them stay what they were.
    promotions = random.Random(20260321)
    for n in range(12):
        code = "".join(promotions.choice(CODE_LETTERS) for _ in range(14))
        assert code not in seen
        seen.add(code)
        passes.append({"plan": "promo3", "code": code, "state": "active", "venue": VENUES[n % 3][0]})

    contacts, wallets = [], []
    for n in range(40):
        first, last = FIRST[n % len(FIRST)], LAST[(n * 7) % len(LAST)]
        contacts.append({"id": f"c{n + 1}", "name": f"{first} {last}", "phone": f"+3579900{n + 1:04d}", "email": f"guest{n + 1}@example.com" if n % 2 else None,
                         "card": f"77{n + 1:010d}" if n % 3 == 0 else None, "segments": ["regular"] if n % 4 == 0 else []})
        lots = [lot(p["id"], chance.randrange(3, 13) * 250) for p in chance.sample(own_pools, 2 + n % 4)]
        wallets.append({"id": f"w{n + 1}", "contact": f"c{n + 1}", "currency": "EUR", "home": VENUES[n % 3][0], "personal": 0,
                        "pockets": [{"business": business, "open": chance.randrange(0, 9) * 500, "lots": lots}]})
    # The first wallet has one of everything, so that a quote shows every kind of refusal.
    wallets[0]["pockets"] = [{"business": business, "open": 1200, "lots": [lot(p["id"], 500) for p in own_pools]}]

    # One that is blocked, and one whose money is over or yet to come.
    contacts += [{"id": f"c{n}", "name": name, "phone": f"+3579900{n:04d}", "email": None, "card": None, "segments": []}
                 for n, name in ((41, "Zoe Blocked"), (42, "Tina Timely"))]
    wallets += [
        {"id": "w41", "contact": "c41", "currency": "EUR", "home": "nic", "personal": 0, "blocked": True,
         "pockets": [{"business": business, "open": 1000, "lots": []}]},
        {"id": "w42", "contact": "c42", "currency": "EUR", "home": "nic", "personal": 0,
         "pockets": [{"business": business, "open": 0, "lots": [
             lot("free", 500) | {"valid_until": long_ago},
             lot("free", 600) | {"valid_from": f"{today.year + 1}-01-01T00:00:00+02:00"}]}]},
    ]

    # For everybody what no customer meets in a day; and for one wallet two purchases a day, of ten euros in all.
    limits = [
        {"id": "debits-a-day", "business": business, "kind": "debit", "period": "day", "most_count": 10000},
        {"id": "w38-at-once", "business": business, "wallet": "w38", "kind": "debit", "period": "transaction", "least_amount": 500, "most_amount": 3000},
        {"id": "w37-a-day", "business": business, "wallet": "w37", "kind": "debit", "period": "day", "most_count": 2, "most_amount": 1000},
    ]

    return {
        "businesses": [{"id": business, "name": "Kafeneio & Pantopoleio", "currency": "EUR", "zone": "Asia/Nicosia", "cutoff": "04:00", "refund_grace": "P30D"},
                       {"id": "thalassa", "name": "Thalassa Beach Bar", "currency": "EUR", "zone": "Asia/Nicosia", "cutoff": "04:00", "refund_grace": "P30D"}],
        "venues": [{"id": id, "business": business, "name": name, "zone": "Asia/Nicosia"} for id, name in VENUES] +
                  [{"id": "sea", "business": "thalassa", "name": "Fig Tree Bay", "zone": "Asia/Nicosia"}],
        "products": [{"business": business, "sku": sku, "name": name, "brand": brand, "family": family, "type": "goods"}
                     for brand, family, items in GOODS for sku, name in items],
        "pools": pools, "offers": offers, "plans": plans, "passes": passes, "contacts": contacts, "wallets": wallets, "limits": limits,
    }


if __name__ == "__main__":
    import json
    print(json.dumps(demo_data(datetime.date.today()), ensure_ascii=False, indent=1))
