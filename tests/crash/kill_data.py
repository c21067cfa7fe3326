"""The demo with one wallet that has money enough for any test."""
import datetime

from data import demo_data


def data_with_money():
    data = demo_data(datetime.date.today())
    data["passes"] = data["passes"][:2]  # a PIN verifier takes its time
    business = data["businesses"][0]["id"]
    data["wallets"].append({"id": "till", "contact": "c1", "currency": "EUR", "home": "nic", "personal": 0,
                            "pockets": [{"business": business, "open": 1_000_000, "lots": []}]})
    return data


def pocket(agent):
    found = agent.http().post("/v1/wallets/lookup", {"id": "till"}, key=False)
    return found.get("wallet", found)["pockets"]["business"]
