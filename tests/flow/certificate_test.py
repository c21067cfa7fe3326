"""Certificates that renew themselves, with the real programs and lives of seconds: under load, after their end, and with another CA."""
import datetime
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import Failed, System, audited, build_folder, free_ports, run, run_cases, same, small_data, true, until

build = build_folder()
BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": 1}]}
ORDER = {"wallet": {"id": "w1"}, "basket": BASKET}


def system_of(folder, device_s, server_s):
    return System(build, folder, free_ports(12), small_data(), ["nic"],
                  ledger_settings={"certificates": {"device_life_s": device_s, "server_life_s": server_s}})


def device_certificate(agent):
    return (agent.folder / "credentials" / "device.crt").read_text()


def server_certificate(system):
    return (system.ledger_folder / "credentials" / "server.crt").read_text()


def issuer_key(pem):
    """The key id of the CA that signed."""
    text = subprocess.run(["openssl", "x509", "-noout", "-ext", "authorityKeyIdentifier"], input=pem, capture_output=True, text=True).stdout
    return text.split("\n")[1].strip() if "\n" in text else text


def ended(agent):
    until = agent.status()["certificate"]["valid_until"].replace("Z", "+00:00")
    return datetime.datetime.now(datetime.timezone.utc) > datetime.datetime.fromisoformat(until)


class Load:
    """Purchases one after the other, of which none may be refused."""

    def __init__(self, agent):
        self.http, self.done, self.failures, self.stopping = agent.http(), 0, [], False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stopping:
            status, _, answer = self.http.call("POST", "/v1/purchases", ORDER)
            self.done += 1
            if status != 201:
                self.failures.append((status, answer))
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()


def F44_F45_certificates_of_both_ends_renew_themselves_under_load(folder):
    with system_of(folder, 12, 12) as system:
        agent = system.agents[0]
        device, server, devices, servers = device_certificate(agent), server_certificate(system), set(), set()
        with Load(agent) as load:
            def renewed_twice():
                devices.add(device_certificate(agent))
                servers.add(server_certificate(system))
                return len(devices - {device}) >= 2 and len(servers - {server}) >= 2
            until(renewed_twice, "both certificates are renewed twice", 90)
        same(load.failures, [], "purchases refused")
        true(load.done > 50, f"{load.done} purchases")
        system.settle()
        status = agent.status()
        same(status["certificate"]["ending"], False, "the alarm")
        same(status["certificate"].get("why"), None, "why")
        true(agent.program.log.read_text().count("the device's certificate was renewed") >= 2, "the log tells it")
        same(system.admin.get("/admin/v1/exceptions")["items"], [], "exceptions")
        print("     " + audited(system, agent))


def F45_a_certificate_that_ended_is_renewed_before_anything_else(folder):
    with system_of(folder, 6, 60) as system:
        agent = system.agents[0]
        agent.link("down")
        pos = agent.http()
        until(lambda: ended(agent), "the certificate ends", 30)
        bought = pos.post("/v1/purchases", ORDER)
        same(agent.status()["certificate"]["ending"], True, "the alarm")
        agent.link("up")
        until(lambda: not ended(agent), "it is renewed", 30)
        system.settle()
        same(agent.status()["journal"]["pending"], 0, "what was sold meanwhile is booked")
        true(bought["id"], "the purchase stands")


def F44_another_ca_is_known_to_devices_before_the_server_shows_itself_by_it(folder):
    with system_of(folder, 30, 30) as system:
        agent = system.agents[0]
        before = issuer_key(server_certificate(system))
        system.ledger.stop()
        run(system.build / "obol-ledger", "rotate-ca", "--config", system.ledger_config)
        same(issuer_key(server_certificate(system)), before, "the CA of the server's certificate")
        system.ledger.start()
        system.ledger.wait_ready(system.admin_url)
        until(lambda: (agent.folder / "credentials" / "ca.pem").read_text().count("BEGIN CERTIFICATE") == 2, "the device knows both CAs", 30)
        until(lambda: issuer_key(device_certificate(agent)) != before, "its own is of the new one", 30)
        until(lambda: issuer_key(server_certificate(system)) != before, "the server's is of the new one", 60)
        system.admin.close()
        agent.link("down")
        agent.link("up")  # by a new connection
        agent.http().post("/v1/purchases", ORDER)
        system.settle()


run_cases(F44_F45_certificates_of_both_ends_renew_themselves_under_load, F45_a_certificate_that_ended_is_renewed_before_anything_else,
          F44_another_ca_is_known_to_devices_before_the_server_shows_itself_by_it)
