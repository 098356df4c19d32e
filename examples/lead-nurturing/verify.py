#!/usr/bin/env python3
"""Checks after the demonstration that nothing was lost and nothing was done twice.

usage: verify.py URL MAILS CALLS | --show MAIL | --recipient MAIL
Reads the history of every contact from the daemon at URL and compares it with the events that were sent, the mails in
the folder MAILS and the calls that the receiver wrote to CALLS. Exit code 1 when a check fails.
"""

import csv
import email
import email.policy
import http.client
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import quote, urlsplit

HERE = Path(__file__).resolve().parent


class Daemon:
    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"verify: {path}: {answer.status} {body.decode()}")
        return json.loads(body)

    def timeline(self, contact):
        page = ""
        while page is not None:
            more = f"&page={quote(page)}" if page else ""
            record = self.get(f"/v1/records/contact/{quote(contact)}?limit=1000{more}")
            yield from record["timeline"]
            page = record["next"]


class Checks:
    failed = 0

    def that(self, holds, what, wrong=()):
        print(f"  {'ok ' if holds else 'NO '} {what}")
        for line in list(wrong)[:5]:
            print(f"        {line}")
        self.failed += not holds


def file_name(key):
    """As the folder channel names the mail of a key."""
    return re.sub(":", "-", key) + ".eml"


def show(path, what):
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    if what == "--recipient":
        print(mail["to"].addresses[0].addr_spec)
        return
    for header in ("Date", "From", "To", "Subject", "Message-ID", "List-Unsubscribe"):
        print(f"  {header}: {mail[header]}")
    text = mail.get_body(("plain", "html")).get_content()
    print("\n" + "\n".join("  " + line for line in text.splitlines()))


def main():
    if sys.argv[1] in ("--show", "--recipient"):
        show(sys.argv[2], sys.argv[1])
        return
    url, mails, calls = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    daemon, checks = Daemon(url), Checks()
    sent = [json.loads(line) for line in open(HERE / "events.ndjson", encoding="utf-8")]
    contacts = [row["email"] for row in csv.DictReader(open(HERE / "contacts.csv", encoding="utf-8"))]
    contacts = sorted(set(contacts) | {event["subject"] for event in sent})

    wanted, found = Counter(), Counter()
    for event in sent:
        if event["type"] != "record.set":
            wanted[event["subject"], event["type"]] += 1
    keys, made = Counter(), Counter()
    for contact in contacts:
        for entry in daemon.timeline(contact):
            if entry["what"] == "event":
                found[contact, entry["subject"].removeprefix("event.")] += 1
            elif entry["what"] == "mail_sent":
                keys[entry["detail"]] += 1
            elif entry["what"] == "call_made":
                made[contact] += 1

    wrong = [f"{c}: {kind} sent {wanted[c, kind]}, in the history {found[c, kind]}"
             for c, kind in sorted(wanted | found) if wanted[c, kind] != found[c, kind]]
    checks.that(not wrong, f"{sum(found.values())} of {sum(wanted.values())} events are in their contact's history, "
                "each once", wrong)

    files = {path.name for path in mails.glob("*.eml")}
    twice = [key for key, n in keys.items() if n > 1]
    checks.that(not twice, f"{len(keys)} mails were sent, no key twice", twice)
    names = {file_name(key) for key in keys}
    checks.that(files == names, f"{len(files)} mails are in the folder, one per key", sorted(files ^ names))

    received = defaultdict(list)
    for line in open(calls, encoding="utf-8"):
        call = json.loads(line)
        received[call["id"]].append(call["body"])
    repeated = sum(len(bodies) - 1 for bodies in received.values())
    differing = [key for key, bodies in received.items() if any(body != bodies[0] for body in bodies)]
    per_contact = Counter(bodies[0]["email"] for bodies in received.values())
    checks.that(per_contact == made and not differing,
                f"{len(received)} calls reached the receiver, one key each; {repeated} of them came again with the "
                "same key and body", differing or sorted((per_contact - made) + (made - per_contact)))

    status = daemon.get("/v1/status")
    checks.that(status["accepted"] == status["consumed"] and status["backlog"] == 0,
                f"{status['accepted']} inputs were acknowledged and worked off")
    left = {name: status[name] for name in ("effects", "in_flight", "held", "dead") if status[name]}
    checks.that(not left, "no mail or call waits, is held or was given up", [str(left)] if left else [])
    rows = daemon.get("/v1/report")["rows"]
    engine = {(row["metric"], row["detail"]): row["count"] for row in rows if row["subject"] == "engine"}
    duplicates = engine.pop(("duplicates", ""), 0)
    imported = sum(1 for _ in open(HERE / "contacts.csv", encoding="utf-8")) - 1
    listed = sum(1 for _ in open(HERE / "customers.ndjson", encoding="utf-8"))
    expected = status["accepted"] - len(sent) - imported - listed
    checks.that(duplicates == expected, f"{duplicates} inputs were repetitions, recognised by their ids",
                [] if duplicates == expected else [f"expected {expected}"])
    checks.that(not engine, "no input was ignored", [f"{key}: {n}" for key, n in engine.items()])
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
